"""A turn: answered once whatever is repeated, refused without a trace, kept while the engine is away."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.desk.identity import IdentityError
from bot.gateway.engine import EngineAnswer
from bot.gateway.messages import InboundMessage, Tap, TurnRefused
from bot.gateway.turn import EngineDown, Gateway, OpenedConversation
from bot.store import conversations as queries
from bot.store.engine import Database
from bot.store.models import Conversation, Message, Turn
from tests.fakes.engine import Call, FakeEngine, answer, message
from tests.support.client import identity_token
from tests.unit.gateway.conftest import MakeGateway, both_databases


def text(said: str, id: str | None = None) -> InboundMessage:
    return InboundMessage(id, text=said)


async def opened(gateway: Gateway, **terms: Any) -> OpenedConversation:
    return await gateway.open_conversation(channel="web", **terms)


async def said_in(gateway: Gateway, conversation: OpenedConversation) -> list[tuple[str, str]]:
    """(author, text) of everything after the greeting."""
    return [(m.author, m.text) for m in await gateway.history(conversation.id, conversation.messages[0].id)]


async def count(database: Database, table: type[Conversation] | type[Turn] | type[Message]) -> int:
    async with database.session(read_only=True) as session:
        return int((await session.execute(select(func.count()).select_from(table))).scalar_one())


async def refusal(gateway: Gateway, conversation: OpenedConversation, inbound: InboundMessage) -> tuple[str, int]:
    with pytest.raises(TurnRefused) as refused:
        await gateway.handle_turn(conversation.id, inbound)
    return refused.value.code, refused.value.status


# A turn


@both_databases
async def test_a_message_reaches_the_engine_once_and_its_answer_is_stored(
    gateway: Gateway, engine: FakeEngine, database: Database
) -> None:
    conversation = await opened(gateway, timezone="Europe/Berlin")
    result = await gateway.handle_turn(conversation.id, text("  My bank reconciliation does not balance  ", "m1"))
    assert [m.text for m in result.messages] == ["echo: My bank reconciliation does not balance"]
    assert result.state.public() == {
        "language": "en",
        "verified": False,
        "form": None,
        "awaiting": None,
        "intent": "greet",
        "confidence": 0.9877,
    }
    (call,) = engine.calls
    assert call.conversation_id == conversation.id
    assert call.metadata == {"timezone": "Europe/Berlin", "language": "en", "language_pinned": False}
    assert await said_in(gateway, conversation) == [
        ("user", "My bank reconciliation does not balance"),
        ("bot", "echo: My bank reconciliation does not balance"),
    ]
    async with database.session(read_only=True) as session:
        turn = (await session.execute(select(Turn))).scalar_one()
    assert (turn.id, turn.client_message_id, turn.state) == (call.message_id, "m1", result.state.public())


async def test_the_engine_never_gets_a_command_that_a_user_typed(gateway: Gateway, engine: FakeEngine) -> None:
    conversation = await opened(gateway)
    for typed in ("/restart", "/ /restart", "\x00/restart", "/\uff0f/restart"):
        await gateway.handle_turn(conversation.id, text(typed))
    assert [call.text for call in engine.calls] == ["restart"] * 4
    assert [call.metadata.get("intent") for call in engine.calls] == ["out_of_scope"] * 4
    assert (await said_in(gateway, conversation))[0] == ("user", "/restart")


async def test_a_path_that_answers_a_question_keeps_its_slash(gateway: Gateway, engine: FakeEngine) -> None:
    conversation = await opened(gateway)
    engine.reply = lambda call: _asks("error_message")
    await gateway.handle_turn(conversation.id, text("open a case"))
    await gateway.handle_turn(conversation.id, text("/var/log/posting.log says BL03000076"))
    assert engine.calls[-1].text == "var/log/posting.log says BL03000076"
    assert engine.calls[-1].metadata["text"] == "/var/log/posting.log says BL03000076"
    assert "intent" not in engine.calls[-1].metadata


async def test_cards_travel_with_their_message_and_a_button_shows_no_more_than_title_and_value(
    gateway: Gateway, engine: FakeEngine
) -> None:
    case = {"number": "100001"}
    engine.reply = lambda call: answer(
        [message("Here", "utter_case_status", ("my_cases", "check_case_status"), case=case)]
    )
    conversation = await opened(gateway)
    result = await gateway.handle_turn(conversation.id, text("my case"))
    (stored,) = [m for m in await gateway.history(conversation.id, None) if m.author == "bot"][1:]
    for shown in (result.messages[0].public(), stored.public()):
        assert shown["case"] == case
        assert shown["buttons"] == [{"title": "MY_CASES", "value": "my_cases"}]
        assert shown["response"] == "utter_case_status"


async def test_messages_without_an_id_are_each_a_turn_of_their_own(gateway: Gateway, engine: FakeEngine) -> None:
    conversation = await opened(gateway)
    await gateway.handle_turn(conversation.id, text("hello"))
    await gateway.handle_turn(conversation.id, text("hello"))
    assert len({call.message_id for call in engine.processed}) == 2


# Repeats


@both_databases
async def test_the_same_message_again_gets_the_same_answer_and_runs_nothing(
    gateway: Gateway, engine: FakeEngine, database: Database
) -> None:
    conversation = await opened(gateway)
    first = await gateway.handle_turn(conversation.id, text("hello", "m1"))
    await gateway.handle_turn(conversation.id, text("and now?", "m2"))
    again = await gateway.handle_turn(conversation.id, text("hello", "m1"))
    assert [m.public() for m in again.messages] == [m.public() for m in first.messages]
    assert again.state == first.state
    assert len(engine.calls) == 2
    assert await count(database, Message) == 5


async def test_the_id_counts_and_not_the_text(gateway: Gateway, engine: FakeEngine) -> None:
    conversation = await opened(gateway)
    first = await gateway.handle_turn(conversation.id, text("hello", "m1"))
    again = await gateway.handle_turn(conversation.id, text("something else", "m1"))
    assert again == first
    assert len(engine.calls) == 1


async def test_the_same_id_in_another_conversation_is_another_message(gateway: Gateway, engine: FakeEngine) -> None:
    for _ in range(2):
        await gateway.handle_turn((await opened(gateway)).id, text("hello", "m1"))
    assert len(engine.processed) == 2


@both_databases
async def test_a_message_sent_twice_at_once_is_answered_alike_and_processed_once(
    gateway: Gateway, engine: FakeEngine, database: Database
) -> None:
    conversation = await opened(gateway)
    one, two = await asyncio.gather(*(gateway.handle_turn(conversation.id, text("hello", "m1")) for _ in range(2)))
    assert [m.id for m in one.messages] == [m.id for m in two.messages]
    assert len(engine.processed) == 1
    assert await count(database, Message) == 3


@both_databases
async def test_a_message_sent_twice_at_once_to_two_workers_is_stored_once(
    make_gateway: MakeGateway, engine: FakeEngine, database: Database
) -> None:
    workers = [make_gateway(), make_gateway()]
    conversation = await opened(workers[0])
    engine.gate = asyncio.Event()
    turns = [asyncio.create_task(worker.handle_turn(conversation.id, text("hello", "m1"))) for worker in workers]
    while len(engine.calls) < 2:
        await asyncio.sleep(0.01)
    engine.gate.set()
    one, two = await asyncio.gather(*turns)
    assert len(engine.processed) == 1
    assert [m.text for m in one.messages] == [m.text for m in two.messages]
    assert await said_in(workers[0], conversation) == [("user", "hello"), ("bot", "echo: hello")]
    assert [m.id for m in one.messages] == [m.id for m in two.messages]


@both_databases
async def test_messages_of_one_conversation_are_handled_one_after_the_other(
    gateway: Gateway, engine: FakeEngine
) -> None:
    async def slow(call: Call) -> None:
        await asyncio.sleep(0.01)

    engine.during_turn = slow
    conversation = await opened(gateway)
    await asyncio.gather(*(gateway.handle_turn(conversation.id, text(f"message {n}")) for n in range(5)))
    assert engine.most_at_once == 1
    said = await said_in(gateway, conversation)
    assert said == [line for call in engine.calls for line in (("user", call.text), ("bot", f"echo: {call.text}"))]


@both_databases
async def test_one_slow_conversation_does_not_keep_another_waiting(gateway: Gateway, engine: FakeEngine) -> None:
    engine.gate = asyncio.Event()
    slow = asyncio.create_task(gateway.handle_turn((await opened(gateway)).id, text("slow")))
    while not engine.calls:
        await asyncio.sleep(0.01)
    engine.gate, waiting = None, engine.gate
    result = await gateway.handle_turn((await opened(gateway)).id, text("quick"))
    assert result.messages[0].text == "echo: quick"
    assert not slow.done()
    waiting.set()
    await slow


# Refusals


@pytest.mark.parametrize(
    ("inbound", "code", "status"),
    [
        (text("x" * 4001, "m1"), "text_too_long", 413),
        (text("  ", "m1"), "text_empty", 422),
        (text("/ /", "m1"), "text_empty", 422),
        (InboundMessage("m1", tap=Tap("no such message", 0)), "button_unknown", 404),
        (InboundMessage("m1", tap=Tap("\0", 0)), "button_unknown", 404),
        (InboundMessage("m1", form={"environment": "moon"}), "form_invalid", 422),
        (InboundMessage("m1", form={"review": "confirmed"}), "form_invalid", 422),
    ],
)
async def test_what_is_refused_leaves_nothing_behind_and_the_same_id_can_be_used_again(
    gateway: Gateway, engine: FakeEngine, database: Database, inbound: InboundMessage, code: str, status: int
) -> None:
    conversation = await opened(gateway)
    assert await refusal(gateway, conversation, inbound) == (code, status)
    assert engine.calls == []
    assert await count(database, Turn) == 0
    assert await said_in(gateway, conversation) == []
    result = await gateway.handle_turn(conversation.id, text("hello", "m1"))
    assert result.messages[0].text == "echo: hello"


@both_databases
async def test_one_message_too_many_in_a_minute_leaves_nothing_behind(
    make_gateway: MakeGateway, engine: FakeEngine, database: Database
) -> None:
    gateway = make_gateway(per_minute=2)
    conversation = await opened(gateway)
    first = await gateway.handle_turn(conversation.id, text("one", "m1"))
    await gateway.handle_turn(conversation.id, text("two", "m2"))
    assert await refusal(gateway, conversation, text("three", "m3")) == ("rate_limited", 429)
    assert len(engine.calls) == 2
    assert await count(database, Turn) == 2
    # A repeat costs nothing, and another conversation has a share of its own.
    assert await gateway.handle_turn(conversation.id, text("one", "m1")) == first
    await gateway.handle_turn((await opened(gateway)).id, text("hello"))


@both_databases
async def test_a_message_to_no_conversation_is_refused(gateway: Gateway, database: Database) -> None:
    for id in ("no such conversation", "\0", ""):
        with pytest.raises(TurnRefused) as refused:
            await gateway.handle_turn(id, text("hello", "m1"))
        assert (refused.value.code, refused.value.status) == ("conversation_unknown", 404)
    assert await count(database, Turn) == 0


@both_databases
async def test_a_message_id_with_a_nul_is_no_failure_of_the_desk(gateway: Gateway) -> None:
    conversation = await opened(gateway)
    try:
        await gateway.handle_turn(conversation.id, text("hello", "m\x001"))
    except TurnRefused as refused:
        assert 400 <= refused.status < 500


# The engine is away


@both_databases
async def test_a_message_is_kept_while_the_engine_is_away_and_answered_when_it_is_sent_again(
    gateway: Gateway, engine: FakeEngine
) -> None:
    conversation = await opened(gateway)
    engine.down = True
    for _ in range(2):
        with pytest.raises(EngineDown):
            await gateway.handle_turn(conversation.id, text("hello", "m1"))
        assert await said_in(gateway, conversation) == [("user", "hello")]
    engine.down = False
    result = await gateway.handle_turn(conversation.id, text("hello", "m1"))
    assert [m.text for m in result.messages] == ["echo: hello"]
    assert await said_in(gateway, conversation) == [("user", "hello"), ("bot", "echo: hello")]
    assert len({call.message_id for call in engine.calls}) == 1


@both_databases
async def test_a_turn_whose_answer_was_lost_is_not_run_twice(gateway: Gateway, engine: FakeEngine) -> None:
    conversation = await opened(gateway)
    engine.loses_answers = True
    with pytest.raises(EngineDown):
        await gateway.handle_turn(conversation.id, text("open the case", "m1"))
    engine.loses_answers = False
    result = await gateway.handle_turn(conversation.id, text("open the case", "m1"))
    assert [m.text for m in result.messages] == ["echo: open the case"]
    assert len(engine.processed) == 1
    assert await said_in(gateway, conversation) == [("user", "open the case"), ("bot", "echo: open the case")]


@pytest.mark.parametrize(
    ("said", "begins"), [("Seit gestern stimmt der Bankabgleich nicht mehr", "Der"), ("hello there", "The desk")]
)
async def test_the_user_is_told_in_the_language_they_wrote(
    gateway: Gateway, engine: FakeEngine, catalogues: Any, said: str, begins: str
) -> None:
    conversation = await opened(gateway)
    engine.down = True
    with pytest.raises(EngineDown) as down:
        await gateway.handle_turn(conversation.id, text(said))
    language = "de" if begins == "Der" else "en"
    assert down.value.text == catalogues[language].response("utter_engine_unavailable")[0]


async def test_sending_again_while_the_engine_is_away_does_not_use_up_the_minutes_share(
    make_gateway: MakeGateway, engine: FakeEngine
) -> None:
    gateway = make_gateway(per_minute=1)
    conversation = await opened(gateway)
    engine.down = True
    for _ in range(3):
        with pytest.raises(EngineDown):
            await gateway.handle_turn(conversation.id, text("hello", "m1"))


async def test_what_goes_wrong_in_the_engine_of_one_turn_does_not_block_the_next(
    gateway: Gateway, engine: FakeEngine
) -> None:
    conversation = await opened(gateway)
    engine.down = True
    with pytest.raises(EngineDown):
        await gateway.handle_turn(conversation.id, text("hello", "m1"))
    engine.down = False
    result = await gateway.handle_turn(conversation.id, text("are you there?", "m2"))
    assert result.messages[0].text == "echo: are you there?"


# Erased conversations


@both_databases
async def test_a_conversation_that_is_erased_by_its_own_turn_still_gets_the_last_answer_and_is_gone(
    gateway: Gateway, engine: FakeEngine, database: Database
) -> None:
    conversation = await opened(gateway)

    async def erase(call: Call) -> None:
        await engine.forget(call.conversation_id)
        async with database.session() as session:
            await queries.delete_conversation(session, call.conversation_id)

    engine.during_turn = erase
    engine.reply = lambda call: answer([message("Done: erased.", "utter_data_erased")])
    result = await gateway.handle_turn(conversation.id, text("yes, erase it", "m1"))
    assert [m.response for m in result.messages] == ["utter_data_erased"]
    assert await count(database, Message) == await count(database, Turn) == 0
    assert not engine.knows(conversation.id)
    assert await refusal(gateway, conversation, text("yes, erase it", "m1")) == ("conversation_unknown", 404)


# Opening and proving


async def test_a_conversation_opens_with_a_greeting_in_its_language(gateway: Gateway) -> None:
    conversation = await opened(gateway, language="es-MX")
    assert (conversation.language, conversation.verified) == ("es", False)
    (greeting,) = conversation.messages
    assert greeting.text.startswith("¡Hola!")
    assert [b["value"] for b in greeting.buttons] == ["open_case", "my_cases", "contact"]
    assert [m.public() for m in await gateway.history(conversation.id, None)] == [greeting.public()]


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"language": "xx"}, "language_unknown"),
        ({"language": "english"}, "language_unknown"),
        ({"timezone": "Mars/Olympus"}, "timezone_unknown"),
        ({"timezone": "../../etc/passwd"}, "timezone_unknown"),
        ({"timezone": ""}, "timezone_unknown"),
        ({"timezone": "\0"}, "timezone_unknown"),
    ],
)
async def test_a_conversation_on_wrong_terms_is_not_opened(
    gateway: Gateway, database: Database, terms: dict[str, str], code: str
) -> None:
    with pytest.raises(TurnRefused) as refused:
        await opened(gateway, **terms)
    assert (refused.value.code, refused.value.status) == (code, 422)
    assert await count(database, Conversation) == 0


@both_databases
async def test_a_page_address_with_a_nul_is_no_failure_of_the_desk(gateway: Gateway) -> None:
    try:
        await opened(gateway, page_url="https://help.example/\x00")
    except TurnRefused as refused:
        assert 400 <= refused.status < 500


async def test_a_signed_token_says_who_is_speaking(gateway: Gateway) -> None:
    conversation = await opened(gateway, identity_token=identity_token("dana@acme.example"))
    assert conversation.verified
    result = await gateway.handle_turn(conversation.id, text("hello"))
    assert result.state.verified


@both_databases
async def test_a_token_that_was_used_leaves_no_conversation(gateway: Gateway, database: Database) -> None:
    token = identity_token("dana@acme.example")
    await opened(gateway, identity_token=token)
    with pytest.raises(IdentityError):
        await opened(gateway, identity_token=token)
    assert await count(database, Conversation) == 1


@both_databases
async def test_only_the_conversations_own_token_opens_it(gateway: Gateway, database: Database) -> None:
    mine, theirs = await opened(gateway), await opened(gateway)
    assert (await gateway.authenticate(mine.id, mine.token)).id == mine.id
    assert (await gateway.conversation_of(mine.token)).id == mine.id
    for token in (theirs.token, "", mine.id, mine.token[:-1], mine.token + "x", "ü"):
        with pytest.raises(TurnRefused) as refused:
            await gateway.authenticate(mine.id, token)
        assert (refused.value.code, refused.value.status) == ("conversation_token", 401)
    for token in ("no such.conversation", "", "\0"):
        with pytest.raises(TurnRefused) as refused:
            await gateway.conversation_of(token)
        assert (refused.value.code, refused.value.status) == ("conversation_unknown", 404)
    async with database.session(read_only=True) as session:
        stored = (await session.execute(select(Conversation.token_hash))).scalars().all()
    assert not [hash for hash in stored if mine.token in hash]


# Taps


async def test_a_tap_tells_the_engine_what_was_offered_and_never_what_the_client_says(
    gateway: Gateway, engine: FakeEngine
) -> None:
    conversation = await opened(gateway, language="fr")
    greeting = conversation.messages[0]
    await gateway.handle_turn(conversation.id, InboundMessage("m1", tap=Tap(greeting.id, 0)))
    (call,) = engine.calls
    assert call.text == greeting.buttons[0]["title"]
    assert (call.metadata["choice"], call.metadata["intent"]) == ("open_case", "open_case")
    assert call.metadata["language"] == "fr"
    assert (await said_in(gateway, conversation))[0] == ("user", call.text)


@pytest.mark.parametrize(
    ("language", "said", "choice"),
    [
        ("en", "Open", "open"),
        ("en", " MORE!", "more"),
        ("de", "Weitere Artikel", "more"),
        ("fr", "autres articles", "more"),
    ],
)
async def test_a_button_may_be_typed(
    gateway: Gateway, engine: FakeEngine, language: str, said: str, choice: str
) -> None:
    found = message("Found.", "utter_kb_results", ("more", "ask_question"), ("open", "open_case"))
    engine.reply = lambda call: answer([found])
    conversation = await opened(gateway, language=language)
    await gateway.handle_turn(conversation.id, text("GW-0011"))
    await gateway.handle_turn(conversation.id, text(said))
    assert engine.calls[-1].metadata["choice"] == choice


async def test_what_is_typed_is_no_button_when_it_says_more_or_was_not_offered_last(
    gateway: Gateway, engine: FakeEngine
) -> None:
    conversation = await opened(gateway, language="en")
    engine.reply = lambda call: answer([message("Found.", "utter_kb_results", ("more", "ask_question"))])
    await gateway.handle_turn(conversation.id, text("GW-0011"))
    await gateway.handle_turn(conversation.id, text("more than one user sees it"))
    engine.reply = lambda call: _asks("error_message")
    await gateway.handle_turn(conversation.id, text("open a case"))
    await gateway.handle_turn(conversation.id, text("more"))
    assert all("choice" not in call.metadata for call in engine.calls)


@both_databases
async def test_a_button_that_was_not_offered_in_this_conversation_is_unknown(
    gateway: Gateway, engine: FakeEngine
) -> None:
    mine, theirs = await opened(gateway), await opened(gateway)
    await gateway.handle_turn(mine.id, text("hello"))
    own = (await gateway.history(mine.id, mine.messages[0].id))[0]
    for tap in (
        Tap(mine.messages[0].id, 3),
        Tap(mine.messages[0].id, -1),
        Tap(theirs.messages[0].id, 0),
        Tap(own.id, 0),
        Tap("", 0),
    ):
        assert await refusal(gateway, mine, InboundMessage(None, tap=tap)) == ("button_unknown", 404)
    assert len(engine.calls) == 1


def _asks(slot: str, *choices: str) -> EngineAnswer:
    asked = message(f"{slot}?", f"utter_ask_{slot}", *((c, "affirm") for c in choices))
    noted = message("Noted.", "utter_corrected", ("my_cases", "check_case_status"))
    return answer([noted, asked], "case_form", slot, "affirm", 1.0)


async def test_a_button_of_a_question_that_was_answered_is_stale(gateway: Gateway, engine: FakeEngine) -> None:
    conversation = await opened(gateway)
    engine.reply = lambda call: _asks("environment", "production", "sandbox")
    first = await gateway.handle_turn(conversation.id, text("open a case"))
    assert (first.state.form, first.state.awaiting) == ("case_form", "environment")
    engine.reply = lambda call: _asks("case_reason", "other")
    tap = InboundMessage("m1", tap=Tap(first.messages[-1].id, 0))
    answered = await gateway.handle_turn(conversation.id, tap)
    assert await gateway.handle_turn(conversation.id, tap) == answered
    late = InboundMessage(None, tap=Tap(first.messages[-1].id, 1))
    assert await refusal(gateway, conversation, late) == ("button_stale", 409)
    # What does not belong to the question stays good.
    await gateway.handle_turn(conversation.id, InboundMessage(None, tap=Tap(first.messages[0].id, 0)))


async def test_a_question_that_is_asked_again_can_be_answered_with_the_buttons_of_the_first_time(
    gateway: Gateway, engine: FakeEngine
) -> None:
    conversation = await opened(gateway)
    engine.reply = lambda call: _asks("environment", "production", "sandbox")
    first = await gateway.handle_turn(conversation.id, text("open a case"))
    await gateway.handle_turn(conversation.id, text("what does that mean?"))
    await gateway.handle_turn(conversation.id, InboundMessage(None, tap=Tap(first.messages[-1].id, 1)))
    assert engine.calls[-1].metadata["choice"] == "sandbox"


# Language


async def test_the_language_is_settled_before_the_turn_and_kept_for_the_next(
    gateway: Gateway, engine: FakeEngine
) -> None:
    conversation = await opened(gateway)
    await gateway.handle_turn(conversation.id, text("Seit gestern stimmt der Bankabgleich nicht mehr"))
    result = await gateway.handle_turn(conversation.id, text("ok"))
    assert [call.metadata["language"] for call in engine.calls] == ["de", "de"]
    assert result.state.language == "de"


async def test_the_wish_for_a_language_is_told_to_the_engine(gateway: Gateway, engine: FakeEngine) -> None:
    await gateway.handle_turn((await opened(gateway)).id, text("en español por favor"))
    assert engine.calls[0].metadata["intent"] == "change_language"


async def test_a_language_that_was_asked_for_stays(gateway: Gateway, engine: FakeEngine) -> None:
    conversation = await opened(gateway)
    await gateway.handle_turn(conversation.id, text("can we speak French?"))
    await gateway.handle_turn(conversation.id, text("My bank reconciliation does not balance since yesterday"))
    assert [(c.metadata["language"], c.metadata["language_pinned"]) for c in engine.calls] == [("fr", True)] * 2


async def test_a_tap_on_a_language_pins_it(gateway: Gateway, engine: FakeEngine) -> None:
    engine.reply = lambda call: answer([message("Which?", "utter_language_ask", ("de", "change_language"))])
    conversation = await opened(gateway)
    asked = await gateway.handle_turn(conversation.id, text("another language"))
    await gateway.handle_turn(conversation.id, InboundMessage(None, tap=Tap(asked.messages[0].id, 0)))
    await gateway.handle_turn(conversation.id, text("My bank reconciliation does not balance since yesterday"))
    assert [(c.metadata["language"], c.metadata["language_pinned"]) for c in engine.calls[1:]] == [("de", True)] * 2


async def test_a_quoted_error_does_not_switch_the_language(gateway: Gateway, engine: FakeEngine) -> None:
    conversation = await opened(gateway, language="de")
    engine.reply = lambda call: _asks("error_message")
    await gateway.handle_turn(conversation.id, text("Fall"))
    await gateway.handle_turn(conversation.id, text("The transaction could not be posted, the period is closed"))
    assert engine.calls[-1].metadata["language"] == "de"


# Forms and history


async def test_a_form_filled_in_at_once_reaches_the_engine_checked(gateway: Gateway, engine: FakeEngine) -> None:
    conversation = await opened(gateway, language="de")
    form = {"issue_summary": " Der Bankabgleich geht nicht auf. ", "environment": "production", "issue_time": ""}
    await gateway.handle_turn(conversation.id, InboundMessage("m1", form=form))
    (call,) = engine.calls
    assert call.metadata["answers"] == {
        "issue_summary": "Der Bankabgleich geht nicht auf.",
        "environment": "production",
        "issue_time": "__skipped__",
    }
    assert call.metadata["intent"] == "open_case"
    assert call.metadata["language"] == "de"


@both_databases
async def test_history_goes_on_after_a_message_and_knows_no_foreign_ones(gateway: Gateway) -> None:
    mine, theirs = await opened(gateway), await opened(gateway)
    result = await gateway.handle_turn(mine.id, text("hello"))
    assert await gateway.history(mine.id, result.messages[-1].id) == []
    assert len(await gateway.history(mine.id, None)) == 3
    assert len(await gateway.history(mine.id, None, limit=2)) == 2
    for after in (theirs.messages[0].id, "nope", "\0"):
        with pytest.raises(TurnRefused) as refused:
            await gateway.history(mine.id, after)
        assert (refused.value.code, refused.value.status) == ("message_unknown", 404)
