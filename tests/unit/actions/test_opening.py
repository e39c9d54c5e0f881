"""Opening a case: who may, what is asked, what is shown, and that it is opened once."""

from __future__ import annotations

import pytest

from bot.desk.case_fields import CANCELLED, CONFIRMED, FIELDS, REVIEW, SKIPPED
from bot.locales import LANGUAGES
from tests.support import sample_files as files
from tests.unit.actions.conftest import CASE, CATALOGUES, Desk, Talk

PERSONAS = {
    "dana@acme.example": "utter_case_form_started",
    "nick@acme.example": "utter_denied_not_designated",
    "otto@acme.example": "utter_denied_inactive",
    "beth@bayou.example": "utter_case_form_started",
    "vera@prairie.example": "utter_denied_partner_supported",
    "pat@summit.example": "utter_case_form_started",
    "chris@maple.example": "utter_case_form_started",
    "uma@thames.example": "utter_case_form_started",
    "omar@iberia.example": "utter_denied_inactive",
    "ruby@outback.example": "utter_case_form_started",
    "stranger@nowhere.example": "utter_denied_unknown",
}


@pytest.mark.parametrize(("email", "response"), PERSONAS.items())
async def test_everybody_is_told_whether_they_may_open_a_case(desk: Desk, email: str, response: str) -> None:
    talk = await desk.talk(email)
    assert await talk.hear("action_start_case", "open a case", "open_case") == [response]
    may = response == "utter_case_form_started"
    assert talk.slots["next_step"] == ("case_form" if may else "none")


async def test_a_us_user_who_is_not_designated_is_told_who_can_open_the_case(desk: Desk) -> None:
    talk = await desk.talk("nick@acme.example")
    await talk.hear("action_start_case", "open a case", "open_case")
    assert "dana@acme.example" in talk.text
    assert "otto@acme.example" not in talk.text, "otto is designated but not active"


async def test_a_customer_of_a_partner_is_told_which_one(desk: Desk) -> None:
    talk = await desk.talk("vera@prairie.example")
    await talk.hear("action_start_case", "open a case", "open_case")
    assert "Summit Partners" in talk.text


async def test_an_anonymous_visitor_is_asked_who_they_are_and_their_wish_is_remembered(desk: Desk) -> None:
    talk = await desk.talk()
    assert await talk.hear("action_start_case", "open a case please", "open_case") == []
    assert talk.slots["next_step"] == "verify_form"
    assert (talk.slots["pending_intent"]["intent"], talk.slots["pending_intent"]["text"]) == (
        "open_case",
        "open a case please",
    )


async def started(desk: Desk, email: str = "dana@acme.example", language: str = "en") -> Talk:
    talk = await desk.talk(email, language)
    await talk.hear("action_start_case", "open a case", "open_case")
    # The form begins with the message that started it, which is no answer.
    await talk.run("validate_case_form", form="case_form")
    assert talk.slots["requested_slot"] == "issue_summary"
    return talk


async def answered(talk: Talk, **answers: str) -> Talk:
    """Answers until the review comes."""
    answers = {**CASE, **answers}
    for _ in range(len(FIELDS)):
        asked = talk.slots["requested_slot"]
        if asked in answers:
            choice = answers[asked] if asked in ("case_reason", "application_area") or asked in CHOICES else None
            await talk.form("validate_case_form", answers[asked], "out_of_scope", choice=choice)
        else:
            await talk.form("validate_case_form", "skip", "skip", choice="skip")
    assert talk.slots["requested_slot"] == REVIEW
    return talk


CHOICES = ("impact_scope", "business_impact", "environment")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_whole_case_is_asked_for_shown_and_opened_in_the_users_language(desk: Desk, language: str) -> None:
    talk = await answered(await started(desk, language=language))
    assert talk.said[-1]["utter_action"] == "utter_case_review"
    assert talk.buttons == ["confirm", "edit", "cancel"]
    for value in (CASE["issue_summary"], CATALOGUES[language].label("environment", "production")):
        assert value in talk.text
    shown = {f["slot"]: f["value"] for f in talk.card("form")["fields"]}
    assert list(shown) == list(FIELDS)
    assert shown["error_message"] == ""
    await talk.form("validate_case_form", "yes", "affirm", choice="confirm")
    assert (talk.slots[REVIEW], talk.slots["requested_slot"]) == (CONFIRMED, None)
    assert await talk.run("action_submit_case") == ["utter_case_opened"]
    case = talk.card("case")
    assert case.items() >= {**CASE, "priority": "P1", "state": "open", "opened_by": "dana@acme.example"}.items()
    assert case["error_message"] is None
    assert case["number"] in talk.text
    assert [name for name in FIELDS if talk.slots[name] is not None] == []
    assert talk.slots["case_number"] == case["number"]


async def test_the_same_turn_run_twice_opens_one_case(desk: Desk) -> None:
    talk = await answered(await started(desk))
    await talk.form("validate_case_form", "yes", "affirm", choice="confirm")
    before = dict(talk.slots)
    await talk.run("action_submit_case")
    first = talk.card("case")["number"]
    talk.slots = before
    assert await talk.run("action_submit_case") == ["utter_case_opened"]
    assert talk.card("case")["number"] == first
    dana = await desk.directory.person_by_email("dana@acme.example")
    assert dana is not None
    assert [c.number for c in await desk.cases.of_company(dana)] == [first]


async def test_nothing_is_opened_without_a_confirmed_review(desk: Desk) -> None:
    for review in (None, CANCELLED, "yes", SKIPPED):
        talk = await answered(await started(desk))
        talk.slots[REVIEW] = review
        assert await talk.run("action_submit_case") == ["utter_case_cancelled"]
        assert talk.slots["issue_summary"] is None
    dana = await desk.directory.person_by_email("dana@acme.example")
    assert dana is not None
    assert await desk.cases.of_company(dana) == []


async def test_who_lost_the_right_meanwhile_opens_nothing(desk: Desk) -> None:
    talk = await answered(await started(desk))
    await talk.form("validate_case_form", "yes", "affirm", choice="confirm")
    stranger = await desk.talk("nick@acme.example")
    stranger.slots, stranger.events = talk.slots, talk.events
    assert await stranger.run("action_submit_case") == ["utter_denied_not_designated"]


async def test_a_digression_changes_nothing_and_the_question_comes_again(desk: Desk) -> None:
    talk = await answered_until(await started(desk), "environment")
    before = dict(talk.slots)
    assert await talk.form("validate_case_form", "What are your phone hours?", "ask_contact") == []
    assert talk.changed == {}
    # Rasa answers by a rule and then validates again, with the message that was answered already.
    talk.events.append({"event": "action", "name": "action_answer_contact"})
    assert await talk.run("validate_case_form", form="case_form") == ["utter_ask_environment"]
    assert {**talk.slots, "requested_slot": None} == {**before, "requested_slot": None}


async def answered_until(talk: Talk, name: str) -> Talk:
    while talk.slots["requested_slot"] != name:
        asked = talk.slots["requested_slot"]
        choice = CASE[asked] if asked in CHOICES else None
        if asked in CASE:
            await talk.form("validate_case_form", CASE[asked], "out_of_scope", choice=choice)
        else:
            await talk.form("validate_case_form", "skip", "skip", choice="skip")
    return talk


async def test_the_searched_question_is_proposed_as_summary_and_taken_on_yes(desk: Desk) -> None:
    talk = await desk.talk("dana@acme.example")
    talk.slots["question"] = "The printed check cannot be voided after it cleared"
    await talk.hear("action_start_case", "open a case", "open_case")
    assert await talk.run("validate_case_form", form="case_form") == [
        "utter_case_summary_draft",
        "utter_ask_issue_summary",
    ]
    assert "The printed check cannot be voided" in talk.text and talk.buttons == ["yes"]
    await talk.form("validate_case_form", "Use this summary", "affirm", choice="yes")
    assert talk.slots["issue_summary"] == "The printed check cannot be voided after it cleared"


async def test_files_are_shown_on_the_review_and_go_with_the_case(desk: Desk) -> None:
    talk = await started(desk)
    await desk.attachments.save(talk.id, "screen.png", files.chunks(files.PNG))
    await answered(talk)
    assert "screen.png" in talk.text
    await talk.form("validate_case_form", "yes", "affirm", choice="confirm")
    await talk.run("action_submit_case")
    assert [a["name"] for a in talk.card("case")["attachments"]] == ["screen.png"]


async def test_a_form_filled_in_at_once_leads_straight_to_the_review(desk: Desk) -> None:
    skipped = {name: SKIPPED for name in FIELDS if name not in CASE}
    talk = await desk.talk("uma@thames.example")
    await talk.hear("action_start_case", "Form filled in", "open_case", answers={**skipped, **CASE})
    await talk.run("validate_case_form", form="case_form")
    assert (talk.slots["requested_slot"], talk.said[-1]["utter_action"]) == (REVIEW, "utter_case_review")


async def test_the_likely_areas_come_first_and_all_can_be_chosen(desk: Desk) -> None:
    talk = await answered_until(await started(desk), "case_reason")
    await talk.form("validate_case_form", "Error", "out_of_scope", choice="error_or_defect")
    assert "accounts_payable" in talk.buttons[:3]
    assert sorted(talk.buttons) == sorted(CATALOGUES["en"].labels("application_area"))


async def test_a_p1_case_outside_the_hours_is_told_to_call_too(desk: Desk) -> None:
    desk.clock.move(hours=12)
    talk = await answered(await started(desk))
    await talk.form("validate_case_form", "yes", "affirm", choice="confirm")
    await talk.run("action_submit_case")
    assert "(877) 704-3700" in talk.text
    assert "7:00\u00a0AM" in talk.text  # P1, Gold: one business hour after six in the morning


# What the first message says


async def test_a_wish_that_tells_the_problem_is_proposed_as_the_summary(desk: Desk) -> None:
    talk = await desk.talk("dana@acme.example")
    wish = "Please open a case: the bank feed has been empty since Monday"
    await talk.hear("action_start_case", wish, "open_case")
    said = await talk.run("validate_case_form", form="case_form")
    assert said == ["utter_case_summary_draft", "utter_ask_issue_summary"]
    await talk.form("validate_case_form", "yes", "affirm", choice="yes")
    assert talk.slots["issue_summary"] == wish


async def test_a_mere_wish_is_no_summary(desk: Desk) -> None:
    talk = await desk.talk("dana@acme.example")
    await talk.hear("action_start_case", "could you please raise a support ticket for me?", "open_case")
    assert await talk.run("validate_case_form", form="case_form") == ["utter_ask_issue_summary"]


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en", "Vendor bills have not posted since yesterday around nine.", "yesterday around nine"),
        ("es", "Las facturas no se contabilizan desde ayer a las nueve de la mañana.", "desde ayer"),
        ("fr", "Les factures ne se comptabilisent plus depuis hier vers 9 h.", "depuis hier"),
        ("de", "Rechnungen werden seit gestern gegen neun nicht mehr gebucht.", "seit gestern gegen neun"),
    ],
)
async def test_the_time_that_the_summary_tells_is_noted_with_its_date(
    desk: Desk, language: str, text: str, said: str
) -> None:
    talk = await started(desk, "uma@thames.example", language)
    await talk.form("validate_case_form", text, "ask_question")
    assert said in talk.slots["issue_time"]
    assert str(desk.clock().year) in talk.slots["issue_time"]
    assert talk.slots["requested_slot"] == "error_message"


# One problem per case


TWO = "The bank feed has been empty for two days. Another problem: nobody can print purchase orders any more."


async def test_of_two_problems_the_first_is_taken_and_the_second_is_offered_afterwards(desk: Desk) -> None:
    talk = await started(desk)
    assert (await talk.form("validate_case_form", TWO, "ask_question"))[0] == "utter_one_issue_per_case"
    assert talk.slots["issue_summary"] == "The bank feed has been empty for two days."
    await answered(talk, issue_summary=talk.slots["issue_summary"])
    await talk.form("validate_case_form", "Open the case", "affirm", choice="confirm")
    assert await talk.run("action_submit_case") == ["utter_case_opened", "utter_second_problem"]
    assert "print purchase orders" in talk.text
    await talk.hear("action_affirm", "yes please", "affirm")
    assert talk.slots["next_step"] == "case_form"
    said = await talk.run("validate_case_form", form="case_form")
    assert said == ["utter_case_summary_draft", "utter_ask_issue_summary"]
    await talk.form("validate_case_form", "yes", "affirm", choice="yes")
    assert "print purchase orders" in talk.slots["issue_summary"]
    assert talk.slots["second_problem"] is None


async def test_of_two_problems_in_a_question_that_is_taken_as_the_summary_the_first_is_kept(desk: Desk) -> None:
    talk = await desk.talk("dana@acme.example")
    talk.slots["question"] = TWO
    await talk.hear("action_start_case", "open a case", "open_case", choice="open_case")
    await talk.run("validate_case_form", form="case_form")
    said = await talk.form("validate_case_form", "Use this summary", "affirm", choice="yes")
    assert said[0] == "utter_one_issue_per_case"
    assert talk.slots["issue_summary"] == "The bank feed has been empty for two days."
    assert "print purchase orders" in talk.slots["second_problem"]


async def test_of_two_problems_in_a_form_filled_in_at_once_the_first_is_kept(desk: Desk) -> None:
    talk = await started(desk)
    answers = {**CASE, "issue_summary": TWO}
    said = await talk.form("validate_case_form", "Form filled in", "open_case", answers=answers)
    assert "utter_one_issue_per_case" in said
    assert talk.slots["issue_summary"] == "The bank feed has been empty for two days."
    assert talk.slots["environment"] == CASE["environment"]


async def test_what_the_second_problem_says_is_not_noted_for_the_first(desk: Desk) -> None:
    talk = await started(desk)
    text = "The bank feed is empty. Another problem: 12 users cannot print orders, error GW-0012: printer is missing."
    await talk.form("validate_case_form", text, "ask_question")
    assert talk.slots["issue_summary"] == "The bank feed is empty."
    assert (talk.slots["affected_users"], talk.slots["error_message"]) == (None, None)


# Scope


BUILD_A_REPORT = "Please build us a custom report of sales by region for the board."


async def test_work_that_support_does_not_do_is_named_and_the_user_may_insist(desk: Desk) -> None:
    talk = await started(desk)
    said = await talk.form("validate_case_form", BUILD_A_REPORT, "ask_question")
    assert said == ["utter_out_of_support_scope"]
    assert CATALOGUES["en"].label("scope_topic", "reports") in talk.text
    assert talk.slots["requested_slot"] == "scope"
    await talk.form("validate_case_form", "Open it anyway", "affirm", choice="insist")
    assert (talk.slots["requested_slot"], talk.slots["issue_summary"]) == ("error_message", BUILD_A_REPORT)


@pytest.mark.parametrize(("text", "intent", "choice"), [("No, leave it", "cancel", "cancel"), ("no", "deny", None)])
async def test_who_does_not_insist_leaves_the_form(desk: Desk, text: str, intent: str, choice: str | None) -> None:
    talk = await started(desk)
    await talk.form("validate_case_form", BUILD_A_REPORT, "ask_question")
    await talk.form("validate_case_form", text, intent, choice=choice)
    assert (talk.slots[REVIEW], talk.slots["requested_slot"]) == (CANCELLED, None)


async def test_what_the_help_center_documents_is_shown_and_the_form_goes_on(desk: Desk) -> None:
    talk = await started(desk)
    text = "Please void several printed checks for us in the check register"
    said = await talk.form("validate_case_form", text, "ask_question")
    assert said == ["utter_scope_documented", "utter_ask_error_message"]
    articles = [article["id"] for message in talk.said for article in message.get("articles", [])]
    assert articles and articles[0] in ("void-many-checks", "void-a-check")
    assert CATALOGUES["en"].label("scope_topic", "data_changes") in talk.text
