"""What came of every question that the desk searched, whichever way the user told it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.store.models import Search
from tests.unit.actions.conftest import CATALOGUES, Desk, Talk
from tests.unit.actions.test_opening import answered

QUESTION = "How do I void a printed check?"
# No article of the small help center is about it.
UNKNOWN = "Which pizza do you recommend for the birthday of my dog?"


async def kept(desk: Desk) -> list[tuple[str, str | None]]:
    """(question, what came of it) of every search, the oldest first."""
    async with desk.database.session(read_only=True) as session:
        found = await session.execute(select(Search.query, Search.outcome).order_by(Search.id))
        return [(query, outcome) for query, outcome in found]


async def asked(desk: Desk, question: str = QUESTION, email: str | None = None, confidence: float = 0.95) -> Talk:
    talk = await desk.talk(email)
    await talk.hear("action_search_knowledge", question, confidence=confidence)
    return talk


def shown(talk: Talk) -> set[str]:
    return {article["id"] for article in talk.card("articles")}


async def test_a_question_that_nothing_follows_has_no_outcome(desk: Desk) -> None:
    talk = await asked(desk)
    assert [s["utter_action"] for s in talk.said] == ["utter_kb_results"]
    assert await kept(desk) == [(QUESTION, None)]


async def test_a_tap_on_solved_and_words_for_it_solve_the_question(desk: Desk) -> None:
    tapped = await asked(desk)
    assert await tapped.hear("action_affirm", "That solved it", "affirm", choice="solved") == ["utter_kb_solved"]
    typed = await asked(desk)
    assert await typed.hear("action_affirm", "that helped", "affirm") == ["utter_kb_solved"]
    assert await kept(desk) == [(QUESTION, "solved")] * 2


async def test_words_for_no_reject_the_articles(desk: Desk) -> None:
    talk = await asked(desk)
    assert await talk.hear("action_deny", "no, that didn't help", "deny") == ["utter_kb_not_helpful"]
    assert await kept(desk) == [(QUESTION, "rejected")]


async def test_more_rejects_what_was_shown_and_belongs_to_the_same_question(desk: Desk) -> None:
    talk = await asked(desk)
    first = shown(talk)
    await talk.hear("action_search_knowledge", "Show me more", choice="more")
    assert not first & shown(talk)
    assert await kept(desk) == [(QUESTION, "rejected")]
    await talk.hear("action_affirm", "That solved it", "affirm", choice="solved")
    assert await kept(desk) == [(QUESTION, "solved")]


async def test_another_question_leaves_the_first_without_an_outcome(desk: Desk) -> None:
    talk = await asked(desk)
    await talk.hear("action_search_knowledge", "run depreciation for fixed assets")
    await talk.hear("action_affirm", "thanks, that helped", "affirm")
    assert await kept(desk) == [(QUESTION, None), ("run depreciation for fixed assets", "solved")]


async def test_who_wants_a_case_after_articles_was_not_helped_even_if_none_is_opened(desk: Desk) -> None:
    for text, choice in (("Open a case", "open_case"), ("please open a case", None)):
        for email in (None, "nick@acme.example", "dana@acme.example"):
            talk = await asked(desk, email=email)
            await talk.hear("action_start_case", text, "open_case", choice=choice)
            assert (await kept(desk))[-1] == (QUESTION, "rejected"), (text, email)


async def test_a_case_that_is_cancelled_leaves_the_articles_rejected(desk: Desk) -> None:
    talk = await asked(desk, email="dana@acme.example")
    await talk.hear("action_start_case", "Open a case", "open_case", choice="open_case")
    assert await talk.run("action_submit_case") == ["utter_case_cancelled"]
    assert await kept(desk) == [(QUESTION, "rejected")]


async def test_a_case_opened_for_the_question_is_what_came_of_it_and_not_of_others(desk: Desk) -> None:
    talk = await desk.talk("dana@acme.example")
    await talk.hear("action_search_knowledge", "run depreciation for fixed assets")
    await talk.hear("action_search_knowledge", "printed check void does not work")
    await talk.hear("action_search_knowledge", QUESTION)
    await talk.hear("action_start_case", "Open a case", "open_case", choice="open_case")
    await talk.run("validate_case_form", form="case_form")
    await answered(talk, issue_summary="A printed check cannot be voided, the void action is missing")
    await talk.form("validate_case_form", "yes", "affirm", choice="confirm")
    assert await talk.run("action_submit_case") == ["utter_case_opened"]
    assert await kept(desk) == [
        ("run depreciation for fixed assets", None),
        ("printed check void does not work", "case"),
        (QUESTION, "case"),
    ]


async def test_yes_to_the_case_that_was_offered_when_nothing_was_found_says_nothing_of_articles(desk: Desk) -> None:
    talk = await asked(desk, UNKNOWN, "dana@acme.example", confidence=0.5)
    assert [s["utter_action"] for s in talk.said] == ["utter_kb_no_results"]
    assert await talk.hear("action_affirm", "yes please", "affirm") == ["utter_case_form_started"]
    assert await kept(desk) == [(UNKNOWN, None)]


async def test_yes_to_the_case_that_was_offered_after_the_last_article_leaves_them_rejected(desk: Desk) -> None:
    talk = await asked(desk, email="dana@acme.example")
    for _ in range(5):
        await talk.hear("action_search_knowledge", "Show me more", choice="more")
    assert [s["utter_action"] for s in talk.said] == ["utter_kb_no_more"]
    assert talk.buttons == ["open_case", "no"]
    assert await talk.hear("action_affirm", "yes", "affirm") == ["utter_case_form_started"]
    assert await kept(desk) == [(QUESTION, "rejected")]


async def test_what_was_not_understood_at_all_is_marked_so(desk: Desk) -> None:
    talk = await desk.talk()
    assert await talk.hear("action_search_knowledge", UNKNOWN, "ask_question", confidence=0.2) == ["utter_fallback"]
    assert await kept(desk) == [(UNKNOWN, "unclear")]


async def test_articles_that_did_not_help_do_not_come_again_for_another_question(desk: Desk) -> None:
    talk = await asked(desk)
    first = shown(talk)
    await talk.hear("action_deny", "didn't help", "deny")
    await talk.hear("action_search_knowledge", "void a printed check")
    assert not first & shown(talk)


async def test_when_everything_that_fits_did_not_help_the_desk_says_so_and_offers_a_case(desk: Desk) -> None:
    talk = await asked(desk, email="dana@acme.example")
    for _ in range(5):
        if [s["utter_action"] for s in talk.said] != ["utter_kb_results"]:
            break
        await talk.hear("action_deny", "didn't help", "deny")
        await talk.hear("action_search_knowledge", QUESTION)
    assert [s["utter_action"] for s in talk.said] == ["utter_kb_no_more"]
    assert talk.buttons == ["open_case", "no"]
    assert await talk.hear("action_start_case", "Open a case", "open_case", choice="open_case") == [
        "utter_case_form_started"
    ]
    assert talk.slots["question"] == QUESTION, "it is proposed as the summary"


@pytest.mark.parametrize(
    ("language", "note"), [("en", None), ("de", "auf Englisch"), ("fr", "en anglais"), ("es", "en inglés")]
)
async def test_an_article_in_another_language_names_it_in_the_users(
    desk: Desk, language: str, note: str | None
) -> None:
    talk = await desk.talk(language=language)
    assert await talk.hear("action_search_knowledge", QUESTION) == ["utter_kb_results"]
    assert {article["language_note"] for article in talk.card("articles")} == {note}
    assert talk.text == CATALOGUES[language].response("utter_kb_results")[0]


async def test_small_talk_is_told_what_the_desk_is_for_and_leaves_no_gap(desk: Desk) -> None:
    talk = await desk.talk()
    said = await talk.hear("action_out_of_scope", "who won the football match on sunday", "out_of_scope")
    assert said == ["utter_out_of_scope"]
    assert await desk.services.knowledge.shown_in(talk.id) == []


async def test_what_the_help_center_answers_is_shown_even_if_it_looked_like_small_talk(desk: Desk) -> None:
    talk = await desk.talk()
    said = await talk.hear("action_out_of_scope", "void a printed check in the check register", "out_of_scope")
    assert said == ["utter_kb_results"]
    assert talk.slots["question"] == "void a printed check in the check register"


async def test_what_may_have_been_a_question_is_searched_and_a_case_is_offered(desk: Desk) -> None:
    talk = await desk.talk()
    said = await talk.hear("action_out_of_scope", "can I pay my vendors with bitcoin", "out_of_scope", confidence=0.5)
    assert said == ["utter_kb_no_results"]
