"""Conversations, their turns and messages, also when two requests race."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from bot.store import conversations as queries
from bot.store.engine import Database
from bot.store.models import Conversation, Message
from tests.support.rows import NOW, add_conversation

LATER = NOW + timedelta(minutes=5)


def said(id: str, author: str = "bot", **values: Any) -> dict[str, Any]:
    return {"id": id, "author": author, "response": None, "text": f"text of {id}", "content": {}, **values}


async def load(database: Database, conversation_id: str) -> Conversation:
    async with database.session(read_only=True) as session:
        conversation = await queries.get_conversation(session, conversation_id)
    assert conversation is not None
    return conversation


async def say(database: Database, conversation_id: str, *messages: dict[str, Any]) -> list[Message]:
    async with database.session() as session:
        return await queries.add_messages(session, conversation_id, None, messages, LATER)


async def test_a_new_conversation_is_anonymous_and_keeps_what_it_was_given(database: Database) -> None:
    async with database.session() as session:
        made = await queries.create_conversation(
            session,
            token_hash="a" * 64,
            channel="web",
            language="fr",
            now=NOW,
            timezone="Europe/Paris",
            page_url="https://help.example/x",
        )
    loaded = await load(database, made.id)
    assert (loaded.token_hash, loaded.channel, loaded.language) == ("a" * 64, "web", "fr")
    assert (loaded.timezone, loaded.page_url) == ("Europe/Paris", "https://help.example/x")
    assert (loaded.language_pinned, loaded.verified_email, loaded.state) == (False, None, {})
    assert (loaded.created_at, loaded.updated_at) == (NOW, NOW)


async def test_an_id_is_given_once(database: Database) -> None:
    conversation_id = await add_conversation(database)
    with pytest.raises(IntegrityError):
        await add_conversation(database, conversation_id)


async def test_an_unknown_conversation_is_none(database: Database) -> None:
    async with database.session(read_only=True) as session:
        for name in ("nobody", "", "\0"):
            assert await queries.get_conversation(session, name) is None
            assert await queries.get_message(session, name, name) is None


async def test_state_language_and_zone_change_without_touching_the_rest(database: Database) -> None:
    conversation_id = await add_conversation(database)
    async with database.session() as session:
        await queries.set_state(session, conversation_id, {"form": "case_form"}, LATER)
        await queries.set_language(session, conversation_id, "de", LATER, pinned=True)
        await queries.set_language(session, conversation_id, "es", LATER)
        await queries.set_timezone(session, conversation_id, "Europe/Madrid", LATER)
    loaded = await load(database, conversation_id)
    assert (loaded.state, loaded.language, loaded.language_pinned) == ({"form": "case_form"}, "es", True)
    assert (loaded.timezone, loaded.page_url) == ("Europe/Madrid", "https://help.example/")
    assert (loaded.created_at, loaded.updated_at) == (NOW, LATER)


async def test_changing_an_erased_conversation_is_told(database: Database) -> None:
    with pytest.raises(queries.ConversationNotFound):
        async with database.session() as session:
            await queries.set_state(session, "gone", {}, NOW)
    with pytest.raises(queries.ConversationNotFound):
        await say(database, "gone", said("m1"))
    with pytest.raises(queries.ConversationNotFound):
        async with database.session() as session:
            await queries.add_turn(session, conversation_id="gone", client_message_id="c", now=NOW)


async def test_a_message_sent_again_gets_the_turn_of_the_first_time(database: Database) -> None:
    conversation_id = await add_conversation(database)
    async with database.session() as session:
        first, created = await queries.add_turn(
            session, conversation_id=conversation_id, client_message_id="c1", now=NOW
        )
        assert created
        assert first.state is None
    async with database.session() as session:
        await queries.finish_turn(session, first.id, {"intent": "greet"})
    async with database.session() as session:
        again, created = await queries.add_turn(
            session, conversation_id=conversation_id, client_message_id="c1", now=LATER
        )
    assert not created
    assert (again.id, again.state) == (first.id, {"intent": "greet"})


async def test_the_same_message_id_in_two_conversations_makes_two_turns(database: Database) -> None:
    one, other = await add_conversation(database), await add_conversation(database)
    async with database.session() as session:
        for conversation_id in (one, other):
            _, created = await queries.add_turn(
                session, conversation_id=conversation_id, client_message_id="c1", now=NOW
            )
            assert created


async def test_of_ten_racing_sends_of_a_message_one_makes_the_turn(database: Database) -> None:
    conversation_id = await add_conversation(database)
    start = asyncio.Event()

    async def send() -> tuple[str, bool]:
        await start.wait()
        async with database.session() as session:
            turn, created = await queries.add_turn(
                session, conversation_id=conversation_id, client_message_id="c1", now=NOW
            )
            await asyncio.sleep(0.005)
            return turn.id, created

    tasks = [asyncio.create_task(send()) for _ in range(10)]
    await asyncio.sleep(0)
    start.set()
    outcomes = await asyncio.gather(*tasks)
    assert len({turn_id for turn_id, _ in outcomes}) == 1
    assert sum(created for _, created in outcomes) == 1


async def test_a_turn_that_loses_the_race_does_not_undo_other_work_of_its_session(database: Database) -> None:
    conversation_id = await add_conversation(database)
    first_stored = asyncio.Event()

    async def first() -> None:
        async with database.session() as session:
            await queries.add_turn(session, conversation_id=conversation_id, client_message_id="c1", now=NOW)
            first_stored.set()
            await asyncio.sleep(0.05)

    async def second() -> bool:
        await first_stored.wait()
        async with database.session() as session:
            await queries.set_language(session, conversation_id, "de", LATER)
            _, created = await queries.add_turn(
                session, conversation_id=conversation_id, client_message_id="c1", now=NOW
            )
            return created

    _, created = await asyncio.gather(first(), second())
    assert (await load(database, conversation_id)).language == "de"
    assert not created


async def test_two_turns_at_once_do_not_wait_for_each_other_for_ever(database: Database) -> None:
    conversation_id = await add_conversation(database)

    async def turn(name: str) -> None:
        async with database.session() as session:
            added, _ = await queries.add_turn(session, conversation_id=conversation_id, client_message_id=name, now=NOW)
            await asyncio.sleep(0.02)
            await queries.add_messages(session, conversation_id, added.id, [said(name)], NOW)

    await asyncio.wait_for(asyncio.gather(*(turn(f"c{i}") for i in range(6))), timeout=20)
    async with database.session(read_only=True) as session:
        assert len(await queries.messages_after(session, conversation_id)) == 6


async def test_finishing_a_turn_that_does_not_exist_is_told(database: Database) -> None:
    with pytest.raises(LookupError, match="no turn"):
        async with database.session() as session:
            await queries.finish_turn(session, "nothing", {})


async def test_messages_come_back_in_order_with_all_they_held(database: Database) -> None:
    conversation_id = await add_conversation(database)
    buttons = {"buttons": [{"title": "Ja, größer", "value": "yes"}]}
    async with database.session() as session:
        turn, _ = await queries.add_turn(session, conversation_id=conversation_id, client_message_id="c", now=NOW)
        await queries.add_messages(
            session,
            conversation_id,
            turn.id,
            [said("m1", "user"), said("m2", response="utter_greet", content=buttons), said("m3", "staff")],
            LATER,
        )
    async with database.session(read_only=True) as session:
        messages = await queries.messages_of_turn(session, turn.id)
    assert [(m.id, m.author, m.response, m.text, m.content) for m in messages] == [
        ("m1", "user", None, "text of m1", {}),
        ("m2", "bot", "utter_greet", "text of m2", buttons),
        ("m3", "staff", None, "text of m3", {}),
    ]
    assert (await load(database, conversation_id)).updated_at == LATER


async def test_history_goes_on_after_a_message_and_stops_at_the_limit(database: Database) -> None:
    conversation_id, other = await add_conversation(database), await add_conversation(database)
    await say(database, conversation_id, *(said(f"m{i}") for i in range(5)))
    await say(database, other, said("foreign"))
    async with database.session(read_only=True) as session:

        async def ids(*arguments: Any) -> list[str]:
            return [m.id for m in await queries.messages_after(session, conversation_id, *arguments)]

        assert await ids() == ["m0", "m1", "m2", "m3", "m4"]
        assert await ids("m2") == ["m3", "m4"]
        assert await ids("m4") == []
        assert await ids("m0", 2) == ["m1", "m2"]
        with pytest.raises(LookupError, match="foreign"):
            await ids("foreign")


async def test_a_message_is_found_in_its_own_conversation_only(database: Database) -> None:
    conversation_id, other = await add_conversation(database), await add_conversation(database)
    await say(database, conversation_id, said("m1"))
    async with database.session(read_only=True) as session:
        assert (await queries.get_message(session, conversation_id, "m1")) is not None
        assert (await queries.get_message(session, other, "m1")) is None


async def test_the_latest_bot_messages_come_newest_first(database: Database) -> None:
    conversation_id = await add_conversation(database)
    await say(database, conversation_id, said("b1"), said("u1", "user"), said("b2"), said("s1", "staff"), said("b3"))
    async with database.session(read_only=True) as session:
        latest = await queries.latest_bot_messages(session, conversation_id, 2)
    assert [m.id for m in latest] == ["b3", "b2"]


async def test_a_reader_never_misses_a_message_when_writers_race(database: Database) -> None:
    conversation_id = await add_conversation(database)

    async def write(writer: int) -> None:
        for number in range(5):
            async with database.session() as session:
                await queries.add_messages(session, conversation_id, None, [said(f"{writer}.{number}")], NOW)
                await asyncio.sleep(0.001 * writer)

    async def read() -> list[str]:
        seen: list[str] = []
        while len(seen) < 20:
            async with database.session(read_only=True) as session:
                after = seen[-1] if seen else None
                seen += [m.id for m in await queries.messages_after(session, conversation_id, after)]
            await asyncio.sleep(0)
        return seen

    reader = asyncio.create_task(read())
    await asyncio.gather(*(write(writer) for writer in range(4)))
    seen = await asyncio.wait_for(reader, timeout=10)
    assert sorted(seen) == sorted(f"{w}.{n}" for w in range(4) for n in range(5))


async def test_deleting_a_conversation_takes_its_turns_and_messages_along(database: Database) -> None:
    conversation_id = await add_conversation(database)
    await say(database, conversation_id, said("m1"))
    async with database.session() as session:
        await queries.add_turn(session, conversation_id=conversation_id, client_message_id="c", now=NOW)
    async with database.session() as session:
        assert await queries.delete_conversation(session, conversation_id)
        assert not await queries.delete_conversation(session, conversation_id)
    async with database.session(read_only=True) as session:
        assert await queries.get_message(session, conversation_id, "m1") is None
