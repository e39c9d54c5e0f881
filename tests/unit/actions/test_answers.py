"""Answers that depend on the policy, the time and who asks; knowledge first; yes and no; erasing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.locales import LANGUAGES
from bot.store.conversations import get_conversation
from tests.unit.actions.conftest import Desk

QUESTION = "How do I void a printed check?"
NONSENSE = "Which pizza do you recommend for the birthday of my dog?"


# Contact


async def test_the_region_is_asked_for_taken_from_the_message_or_from_the_company(desk: Desk) -> None:
    talk = await desk.talk()
    assert await talk.hear("action_answer_contact", "your phone number?", "ask_contact") == ["utter_contact_ask_region"]
    assert "GB" in talk.buttons
    await talk.hear("action_answer_contact", "United Kingdom", "ask_contact", choice="GB")
    assert talk.card("contact")["region"] == "GB" and "+44 (0)19 1479 5990" in talk.text
    await talk.hear("action_answer_contact", "and in South Africa?", "ask_contact")
    assert talk.card("contact")["region"] == "ZA"
    fleur = await desk.talk("fleur@lumiere.example", "fr")
    await fleur.hear("action_answer_contact", "Téléphone et horaires", "ask_contact", choice="contact")
    assert fleur.card("contact")["region"] == "FR" and "01 70 73 16 40" in fleur.text


async def test_hours_are_told_in_the_users_own_zone(desk: Desk) -> None:
    dana = await desk.talk("dana@acme.example")
    await dana.hear("action_answer_contact", "phone number", "ask_contact")
    assert dana.card("contact")["timezone"] == "America/Chicago"
    await dana.hear("action_answer_contact", "phone number in Germany", "ask_contact")
    assert dana.card("contact")["timezone"] == "Europe/Berlin"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_country_without_a_line_gets_all_of_them(desk: Desk, language: str) -> None:
    talk = await desk.talk("ines@iberia.example", language)
    assert await talk.hear("action_answer_contact", "?", "ask_contact") == ["utter_contact"]
    assert talk.card("contact")["phone"] is None
    assert "+49 69 500076297" in talk.text and "+61 1300 729 330" in talk.text


async def test_on_a_sunday_it_is_told_when_the_line_opens(desk: Desk) -> None:
    desk.clock.now = datetime(2026, 3, 15, 12, tzinfo=UTC)
    talk = await desk.talk("uma@thames.example")
    await talk.hear("action_answer_contact", "phone", "ask_contact")
    assert "Monday, March 16, 6:00\u00a0AM" in talk.text


# Policy


@pytest.mark.parametrize(
    ("email", "told"),
    [
        ("dana@acme.example", "You may open cases"),
        ("nick@acme.example", "dana@acme.example can open cases"),
        ("otto@acme.example", "not active"),
        ("vera@prairie.example", "supported by Summit Partners"),
    ],
)
async def test_who_asks_who_may_call_is_told_about_themselves(desk: Desk, email: str, told: str) -> None:
    talk = await desk.talk(email)
    assert await talk.hear("action_explain_authorization", "who may call?", "ask_authorization") == [
        "utter_authorization_info"
    ]
    assert told in talk.text


async def test_an_anonymous_visitor_hears_the_rule_and_nobodys_name(desk: Desk) -> None:
    talk = await desk.talk()
    await talk.hear("action_explain_authorization", "who are the DSUs of Acme?", "ask_authorization")
    assert "example" not in talk.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_answer_of_the_policy_can_be_given_in_every_language(desk: Desk, language: str) -> None:
    answers = {
        "action_explain_response_times": "utter_response_times",
        "action_explain_case_process": "utter_case_process",
        "action_explain_maintenance": "utter_maintenance",
        "action_explain_self_service": "utter_self_service",
        "action_explain_partner_support": "utter_partner_support",
        "action_fall_back": "utter_fallback",
    }
    for email in (None, "greta@nordwind.example"):
        talk = await desk.talk(email, language)
        for action, response in answers.items():
            assert await talk.hear(action, "?") == [response]
            assert "{" not in talk.text


async def test_response_times_name_the_own_plan(desk: Desk) -> None:
    talk = await desk.talk("greta@nordwind.example")
    await talk.hear("action_explain_response_times", "how fast?", "ask_response_time")
    assert "Your plan is Platinum." in talk.text
    assert "P2: 4 h" in talk.text and "2 h (Gold, Platinum)" in talk.text


async def test_the_meaning_of_a_state_is_told_when_it_is_named(desk: Desk) -> None:
    talk = await desk.talk()
    text = "what does pending customer action mean?"
    assert await talk.hear("action_explain_case_process", text, "ask_case_process") == ["utter_case_state_info"]


async def test_maintenance_that_is_on_now_is_told_in_the_browsers_zone(desk: Desk) -> None:
    desk.clock.now = datetime(2026, 3, 21, 3, 0, tzinfo=UTC)  # Friday evening in California
    talk = await desk.talk()
    await talk.hear("action_explain_maintenance", "is it down?", "ask_maintenance", timezone="Europe/Berlin")
    assert "right now, until 7:30\u00a0AM" in talk.text
    await talk.hear("action_explain_maintenance", "is it down?", "ask_maintenance")
    assert "right now, until 11:30\u00a0PM" in talk.text


async def test_a_partners_customer_hears_the_partners_name(desk: Desk) -> None:
    talk = await desk.talk("vera@prairie.example")
    assert await talk.hear("action_explain_partner_support", "who supports us?", "ask_partner_support") == [
        "utter_partner_support_yours"
    ]
    assert "Summit Partners" in talk.text


async def test_a_language_that_was_named_is_confirmed_and_else_asked_for(desk: Desk) -> None:
    talk = await desk.talk(language="fr")
    named = await talk.hear("action_change_language", "en français", "change_language", language_pinned=True)
    assert named == ["utter_language_changed"]
    assert await talk.hear("action_change_language", "autre langue", "change_language") == ["utter_language_ask"]
    assert talk.buttons == list(LANGUAGES)


# Knowledge first


async def test_a_question_shows_articles_more_shows_others_and_then_a_case_is_offered(desk: Desk) -> None:
    talk = await desk.talk()
    assert await talk.hear("action_search_knowledge", QUESTION) == ["utter_kb_results"]
    first = [a["id"] for a in talk.card("articles")]
    assert first[0] == "void-a-check" and talk.slots["question"] == QUESTION
    seen = list(first)
    for _ in range(5):
        response = await talk.hear("action_search_knowledge", "Show me more", choice="more")
        if response == ["utter_kb_no_more"]:
            break
        more = [a["id"] for a in talk.card("articles")]
        assert not set(more) & set(seen)
        seen += more
    assert response == ["utter_kb_no_more"]
    assert talk.buttons == ["open_case", "no"]


async def test_what_the_help_center_does_not_know_offers_a_case(desk: Desk) -> None:
    talk = await desk.talk("dana@acme.example")
    assert await talk.hear("action_search_knowledge", NONSENSE, confidence=0.5) == ["utter_kb_no_results"]
    assert await talk.hear("action_affirm", "yes", "affirm") == ["utter_case_form_started"]


async def test_what_was_not_understood_and_finds_nothing_is_said_so_and_is_no_question(desk: Desk) -> None:
    talk = await desk.talk()
    assert await talk.hear("action_search_knowledge", NONSENSE, "out_of_scope", confidence=0.1) == ["utter_fallback"]
    assert "question" not in talk.slots


async def test_more_without_a_question_asks_for_one(desk: Desk) -> None:
    talk = await desk.talk()
    assert await talk.hear("action_search_knowledge", "Show me more", choice="more") == ["utter_kb_ask_question"]


async def test_yes_and_no_after_articles_say_whether_they_helped(desk: Desk) -> None:
    talk = await desk.talk()
    await talk.hear("action_search_knowledge", QUESTION)
    assert await talk.hear("action_deny", "that didn't help", "deny") == ["utter_kb_not_helpful"]
    assert talk.buttons == ["more", "open_case"]
    await talk.hear("action_search_knowledge", QUESTION)
    assert await talk.hear("action_affirm", "That solved it", "affirm", choice="solved") == ["utter_kb_solved"]


async def test_an_anonymous_yes_to_a_case_asks_who_is_speaking(desk: Desk) -> None:
    talk = await desk.talk()
    await talk.hear("action_search_knowledge", NONSENSE, confidence=0.5)
    assert await talk.hear("action_affirm", "yes", "affirm") == []
    assert talk.slots["next_step"] == "verify_form"


# Erasing


async def test_only_a_yes_to_the_question_erases_the_conversation(desk: Desk) -> None:
    talk = await desk.talk("dana@acme.example")
    assert await talk.hear("action_affirm", "yes", "affirm") == ["utter_anything_else"]
    assert desk.forgotten == []
    talk.events.append({"event": "bot", "text": "?", "metadata": {"utter_action": "utter_erase_confirm"}})
    assert await talk.hear("action_affirm", "yes", "affirm", choice="yes") == ["utter_data_erased"]
    assert desk.forgotten == [talk.id]
    async with desk.database.session(read_only=True) as session:
        assert await get_conversation(session, talk.id) is None


async def test_a_no_keeps_the_conversation(desk: Desk) -> None:
    talk = await desk.talk()
    talk.events.append({"event": "bot", "text": "?", "metadata": {"utter_action": "utter_erase_confirm"}})
    assert await talk.hear("action_deny", "no", "deny") == ["utter_anything_else"]
    assert desk.forgotten == []
