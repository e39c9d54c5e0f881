"""Existing cases: seen and moved by people of their company only, named or asked for, never guessed in silence."""

from __future__ import annotations

import pytest

from actions.cases import number_in
from bot.locales import LANGUAGES
from tests.unit.actions.conftest import Desk

ACTIONS = {
    "action_show_cases": "check_case_status",
    "action_start_comment": "comment_on_case",
    "action_escalate_case": "escalate_case",
    "action_close_case": "close_case",
    "action_reopen_case": "reopen_case",
}


@pytest.mark.parametrize(("action", "intent"), ACTIONS.items())
async def test_a_case_of_another_company_is_not_there_for_anybody_else(desk: Desk, action: str, intent: str) -> None:
    number = await desk.open_case("dana@acme.example")
    await desk.open_case("uma@thames.example", "turn 2")
    talk = await desk.talk("uma@thames.example")
    assert await talk.hear(action, f"case {number}", intent) == ["utter_case_not_found"]
    assert "vendor bills" not in talk.text
    assert await talk.hear(action, number, intent, choice=number) == ["utter_case_not_found"]
    assert await desk.state(number) == "open"


@pytest.mark.parametrize(("action", "intent"), ACTIONS.items())
async def test_who_is_not_known_sees_nothing_of_any_case(desk: Desk, action: str, intent: str) -> None:
    number = await desk.open_case("dana@acme.example")
    anonymous = await desk.talk()
    assert await anonymous.hear(action, f"case {number}", intent) == []
    assert anonymous.slots["next_step"] == "verify_form"
    stranger = await desk.talk("stranger@nowhere.example")
    assert await stranger.hear(action, f"case {number}", intent) == ["utter_denied_unknown"]
    inactive = await desk.talk("otto@acme.example")
    assert await inactive.hear(action, f"case {number}", intent) == ["utter_denied_inactive"]
    assert await desk.state(number) == "open"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_status_is_told_in_plain_words_to_every_colleague(desk: Desk, language: str) -> None:
    number = await desk.open_case("dana@acme.example")
    talk = await desk.talk("nick@acme.example", language)
    assert await talk.hear("action_show_cases", f"case {number}?", "check_case_status") == ["utter_case_status"]
    assert talk.card("case")["number"] == number
    assert "vendor bills" in talk.text
    assert talk.slots["case_number"] == number


async def test_a_waiting_case_says_when_it_closes_and_a_closed_one_until_when_it_reopens(desk: Desk) -> None:
    number = await desk.open_case("dana@acme.example")
    talk = await desk.talk("dana@acme.example")
    await desk.put(number, "verify_resolution")
    await talk.hear("action_show_cases", f"case {number}", "check_case_status")
    assert "Wednesday, March 25, 9:00\u00a0AM" in talk.text
    await desk.put(number, "closed")
    await talk.hear("action_show_cases", f"case {number}", "check_case_status")
    assert "Thursday, March 19, 9:00\u00a0AM" in talk.text


async def test_a_list_shows_the_companys_cases_newest_first_as_buttons(desk: Desk) -> None:
    numbers = []
    for turn in range(3):
        numbers.append(await desk.open_case("dana@acme.example", f"turn {turn}"))
        desk.clock.move(minutes=1)
    await desk.open_case("uma@thames.example", "turn 9")
    talk = await desk.talk("nick@acme.example")
    assert await talk.hear("action_show_cases", "my cases", "check_case_status") == ["utter_case_list"]
    assert talk.buttons == numbers[::-1]


async def test_who_has_no_cases_is_offered_one(desk: Desk) -> None:
    talk = await desk.talk("uma@thames.example")
    assert await talk.hear("action_show_cases", "my cases", "check_case_status") == ["utter_no_cases"]
    assert talk.buttons == ["open_case"]


async def test_a_comment_is_asked_for_kept_whole_and_added_once(desk: Desk) -> None:
    number = await desk.open_case("dana@acme.example")
    talk = await desk.talk("nick@acme.example")
    assert await talk.hear("action_start_comment", "add something to my case", "comment_on_case") == []
    assert (talk.slots["next_step"], talk.slots["case_number"]) == ("comment_form", number)
    assert await talk.run("validate_comment_form", form="comment_form") == ["utter_ask_comment_text"]
    text = "I pressed cancel, then the phone rang, and since then it never works: please do not close it and call me"
    await talk.form("validate_comment_form", text, "cancel", confidence=1.0)
    assert talk.slots["comment_text"] == text
    before = dict(talk.slots)
    for _ in range(2):
        talk.slots = dict(before)
        assert await talk.run("action_submit_comment") == ["utter_comment_added"]
        assert [c["text"] for c in talk.card("case")["comments"]] == [text]


async def test_a_comment_can_be_called_off_and_a_question_is_answered_in_between(desk: Desk) -> None:
    await desk.open_case("dana@acme.example")
    talk = await desk.talk("dana@acme.example")
    await talk.hear("action_start_comment", "add a comment", "comment_on_case")
    await talk.run("validate_comment_form", form="comment_form")
    assert await talk.form("validate_comment_form", "what are your hours?", "ask_contact") == []
    assert talk.changed == {}
    await talk.form("validate_comment_form", "never mind", "cancel")
    assert talk.slots["requested_slot"] is None
    assert await talk.run("action_submit_comment") == ["utter_comment_cancelled"]


async def test_a_closed_case_takes_no_comment_but_can_be_reopened(desk: Desk) -> None:
    number = await desk.open_case("dana@acme.example")
    await desk.put(number, "closed")
    talk = await desk.talk("dana@acme.example")
    for action in ("action_start_comment", "action_escalate_case"):
        assert await talk.hear(action, f"case {number}", ACTIONS[action]) == ["utter_comment_on_closed"]
        assert "reopen_case" in talk.buttons
    assert await talk.hear("action_reopen_case", "Reopen it", "reopen_case", choice="reopen_case") == ["utter_reopened"]
    assert await desk.state(number) == "open"


async def test_escalating_says_first_what_usually_helps_and_then_asks_support(desk: Desk) -> None:
    number = await desk.open_case("dana@acme.example")
    talk = await desk.talk("dana@acme.example")
    assert await talk.hear("action_escalate_case", "escalate it", "escalate_case") == ["utter_escalate_first"]
    assert await talk.hear("action_affirm", "yes", "affirm", choice="yes") == ["utter_escalated"]
    (comment,) = talk.card("case")["comments"]
    assert (comment["kind"], comment["from"]) == ("escalation", "customer")
    assert await desk.state(number) == "open"


async def test_no_to_the_escalation_escalates_nothing(desk: Desk) -> None:
    await desk.open_case("dana@acme.example")
    talk = await desk.talk("dana@acme.example")
    await talk.hear("action_escalate_case", "escalate it", "escalate_case")
    assert await talk.hear("action_deny", "no", "deny", choice="no") == ["utter_anything_else"]
    assert await talk.hear("action_affirm", "yes", "affirm") == ["utter_anything_else"]


async def test_a_yes_to_an_escalation_of_a_case_that_was_closed_meanwhile_is_answered(desk: Desk) -> None:
    number = await desk.open_case("dana@acme.example")
    talk = await desk.talk("dana@acme.example")
    await talk.hear("action_escalate_case", "escalate it", "escalate_case")
    await desk.put(number, "closed")
    assert await talk.hear("action_affirm", "yes", "affirm") == ["utter_comment_on_closed"]


async def test_a_case_that_was_named_is_closed_and_one_that_is_guessed_only_after_a_question(desk: Desk) -> None:
    first = await desk.open_case("dana@acme.example", "turn 1")
    talk = await desk.talk("dana@acme.example")
    assert await talk.hear("action_close_case", "you can close it", "close_case") == ["utter_close_confirm"]
    assert await desk.state(first) == "open"
    assert await talk.hear("action_affirm", "yes", "affirm") == ["utter_case_closed"]
    assert await desk.state(first) == "closed"
    second = await desk.open_case("dana@acme.example", "turn 2")
    assert await talk.hear("action_close_case", f"close case {second}", "close_case") == ["utter_case_closed"]
    assert await talk.hear("action_close_case", f"close case {second}", "close_case") == ["utter_case_already_closed"]


async def test_with_several_cases_it_is_asked_which_one_is_meant(desk: Desk) -> None:
    numbers = {await desk.open_case("dana@acme.example", f"turn {turn}") for turn in range(2)}
    talk = await desk.talk("dana@acme.example")
    for action in ("action_close_case", "action_escalate_case", "action_start_comment"):
        assert await talk.hear(action, "that case", ACTIONS[action]) == ["utter_case_ask_number"]
        assert set(talk.buttons) == numbers
    assert {await desk.state(number) for number in numbers} == {"open"}


async def test_solved_after_articles_is_about_the_question_and_closes_no_case(desk: Desk) -> None:
    number = await desk.open_case("dana@acme.example")
    talk = await desk.talk("dana@acme.example")
    assert await talk.hear("action_search_knowledge", "How do I void a printed check?") == ["utter_kb_results"]
    assert await talk.hear("action_close_case", "great, that solved it", "close_case") == ["utter_kb_solved"]
    assert await desk.state(number) == "open"


async def test_reopening_too_late_offers_a_new_case(desk: Desk) -> None:
    number = await desk.open_case("dana@acme.example")
    await desk.put(number, "closed")
    desk.clock.move(days=3, seconds=1)
    talk = await desk.talk("dana@acme.example")
    assert await talk.hear("action_reopen_case", f"reopen case {number}", "reopen_case") == ["utter_reopen_too_late"]
    assert await talk.hear("action_affirm", "yes", "affirm") == ["utter_case_form_started"]


async def test_what_is_not_closed_cannot_be_reopened(desk: Desk) -> None:
    number = await desk.open_case("dana@acme.example")
    talk = await desk.talk("dana@acme.example")
    assert await talk.hear("action_reopen_case", f"reopen case {number}", "reopen_case") == ["utter_reopen_not_closed"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("case 100001", "100001"),
        ("#100001", "100001"),
        ("100001?", "100001"),
        ("caso número 100001", "100001"),
        ("Fall Nr. 100001", "100001"),
        ("dossier no 123", "123"),
        ("12 people since 2026", None),
        ("BL03000076", None),
        ("it costs 1,100001", None),
        ("my case", None),
    ],
)
def test_a_case_number_is_found_where_it_is_one(text: str, number: str | None) -> None:
    class Said:
        choice = None

    said = Said()
    said.text = text  # type: ignore[attr-defined]
    assert number_in(said) == number  # type: ignore[arg-type]
