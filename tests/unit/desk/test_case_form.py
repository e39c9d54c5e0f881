"""The questions of a case: what is said is kept, digressions are let through, nothing is lost, and there is an end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.desk.case_fields import (
    CANCELLATION,
    CANCELLED,
    CONFIRMED,
    CORRECTION,
    DONE,
    FIELDS,
    MEMORY,
    REVIEW,
    SKIPPED,
    SLOTS,
    Kind,
    case_values,
    check_value,
    next_question,
)
from bot.desk.case_form import ONLY_THE_CODE, answer
from bot.desk.form_outcome import Outcome
from bot.desk.listening import Moment, problem_in
from bot.desk.said import DIGRESSIONS, SHORT_MESSAGE_WORDS, Said
from bot.locales import LANGUAGES, Catalogue, load_catalogues

CATALOGUES = load_catalogues()
EN = CATALOGUES["en"]
TEXTS = [name for name, f in FIELDS.items() if f.kind is Kind.TEXT]
CHOICES = [name for name, f in FIELDS.items() if f.kind is Kind.CHOICE]
OPTIONAL = [name for name, f in FIELDS.items() if f.optional]
SUMMARY = "Posting a batch of vendor bills stops half-way."
ANSWERS = {
    **dict.fromkeys(TEXTS, "a short answer to this"),
    "issue_summary": SUMMARY,
    "impact_scope": "department",
    "business_impact": "degraded",
    "environment": "production",
    "case_reason": "error_or_defect",
    "application_area": "accounts_payable",
    "attachments": DONE,
}
NO_DIGRESSIONS = {
    "greet", "goodbye", "thank", "affirm", "deny", "ask_question", "open_case", "comment_on_case", "escalate_case",
    "reopen_case", "close_case", "cancel", "skip", "correct_answer", "delete_my_data", "out_of_scope",
}  # fmt: skip
INTENTS = sorted(DIGRESSIONS | NO_DIGRESSIONS)


def typed(text: str, intent: str | None = "ask_question", confidence: float = 0.95) -> Said:
    return Said(text, intent, confidence)


def tapped(value: str, intent: str = "affirm") -> Said:
    return Said(value.title(), intent, 1.0, choice=value)


class Form:
    """The form as the action drives it: what is asked next, and what is known."""

    def __init__(self, catalogue: Catalogue = EN, draft: str | None = None, **values: Any) -> None:
        self.catalogue, self.draft = catalogue, draft
        self.values: dict[str, Any] = {**dict.fromkeys((*SLOTS, *MEMORY)), **values}
        self.asked = next_question(self.values)
        self.said: list[str] = []
        self.stepped_aside = False

    @classmethod
    def at(cls, name: str, catalogue: Catalogue = EN) -> Form:
        """With every question before that one answered."""
        form = cls(catalogue)
        for earlier in FIELDS:
            if earlier == name:
                break
            form.values[earlier] = ANSWERS[earlier]
        form.asked = next_question(form.values)
        assert form.asked == name
        return form

    def hear(self, *messages: Said) -> Form:
        for message in messages:
            assert self.asked is not None, "the form has ended"
            outcome = answer(self.asked, message, self.values, self.draft, self.catalogue)
            self.stepped_aside = outcome.digression
            if outcome.digression:
                assert outcome == Outcome(digression=True)
                continue
            self.said = [response for response, _ in outcome.utterances]
            self.values |= outcome.values
            self.asked = None if outcome.ended else outcome.request or next_question(self.values)
        return self

    @property
    def result(self) -> str | None:
        return self.values[REVIEW] if self.asked is None else None


def good_answer(name: str) -> Said:
    """A valid answer to whatever is asked."""
    if name in TEXTS:
        return typed(ANSWERS[name], "out_of_scope", 0.2)
    taps = {
        "attachments": tapped("done"),
        REVIEW: tapped("confirm"),
        CORRECTION: tapped("environment", "correct_answer"),
        CANCELLATION: tapped("no", "deny"),
    }
    return taps.get(name) or tapped(ANSWERS[name])


# The way through


def test_all_questions_are_asked_in_their_order_and_then_everything_is_shown() -> None:
    form, asked = Form(), []
    while form.asked is not None:
        asked.append(form.asked)
        form.hear(good_answer(form.asked))
    assert asked == [*FIELDS, REVIEW]
    assert form.result == CONFIRMED
    assert case_values(form.values) == {name: ANSWERS[name] for name in FIELDS if name != "attachments"}


def test_an_impatient_user_skips_what_may_be_skipped() -> None:
    form = Form()
    while form.asked is not None:
        optional = form.asked in OPTIONAL
        form.hear(tapped("skip", "skip") if optional else good_answer(form.asked))
    assert form.result == CONFIRMED
    kept = case_values(form.values)
    assert {name for name, value in kept.items() if value is None} == set(OPTIONAL) - {"attachments"}


@pytest.mark.parametrize("name", [name for name in FIELDS if name not in OPTIONAL])
def test_what_a_case_cannot_do_without_is_asked_again_when_it_is_skipped(name: str) -> None:
    form = Form.at(name).hear(typed("skip", "skip"))
    assert (form.asked, form.said, form.values[name]) == (name, [f"utter_invalid_{name}"], None)


def test_what_was_filled_in_at_once_is_not_asked_again() -> None:
    form = Form().hear(Said("Form filled in", "open_case", 1.0, answers={k: v for k, v in ANSWERS.items()}))
    assert form.asked == REVIEW
    form = Form().hear(Said("Form filled in", "open_case", 1.0, answers={"environment": "demo", "review": CONFIRMED}))
    assert (form.values["environment"], form.values[REVIEW], form.asked) == ("demo", None, "issue_summary")


def test_the_question_that_was_searched_is_the_summary_when_the_user_agrees() -> None:
    for yes in (tapped("yes"), typed("yes", "affirm"), typed("Ja, genau", "affirm")):
        form = Form(draft="Bank reconciliation does not balance").hear(yes)
        assert form.values["issue_summary"] == "Bank reconciliation does not balance"
        assert form.asked == "error_message"


def test_the_user_rewrites_the_summary_that_was_proposed() -> None:
    form = Form(draft="bank rec").hear(typed(SUMMARY))
    assert form.values["issue_summary"] == SUMMARY


def test_without_a_proposal_yes_is_no_summary() -> None:
    form = Form().hear(typed("yes", "affirm"))
    assert (form.asked, form.said) == ("issue_summary", ["utter_invalid_issue_summary"])


@pytest.mark.parametrize(
    "text", ["broken", "help!!!", "it broke", "??????????????", "🙈🙈🙈🙈🙈🙈🙈🙈🙈🙈🙈", "............. . ."]
)
def test_a_summary_that_tells_nothing_is_asked_again(text: str) -> None:
    form = Form().hear(typed(text))
    assert (form.asked, form.said) == ("issue_summary", ["utter_invalid_issue_summary"])


def test_wanting_a_case_once_more_is_not_the_summary_of_it() -> None:
    form = Form().hear(typed("I want to open a case", "open_case"))
    assert (form.asked, form.values["issue_summary"]) == ("issue_summary", None)


# What the summary says already


def test_what_the_summary_says_is_not_asked_again() -> None:
    text = 'Since noon, in production, "BL03000076: period closed" is shown to 12 angry users.'
    form = Form().hear(typed(text))
    assert form.values["issue_summary"] == text
    assert form.values["error_message"] == "BL03000076: period closed"
    assert form.values["affected_users"] == "12 angry users"
    assert (form.values["environment"], form.asked) == ("production", "replication_steps")


@pytest.mark.parametrize(
    ("language", "text", "heard"),
    [
        (
            "en",
            "Error GW-0011: the period is closed. 12 users in production cannot work at all.",
            {
                "error_message": "GW-0011: the period is closed",
                "affected_users": "12 users",
                "business_impact": "work_stopped",
                "environment": "production",
            },
        ),
        ("es", "sale el error GW-99, no podemos trabajar", {"business_impact": "work_stopped"}),
        ("fr", "erreur GL-204 depuis ce matin, toute l’entreprise est bloquée",
         {"impact_scope": "company"}),
        ("de", "Fehler BL03000076 beim Buchen im Testsystem", {"environment": "sandbox"}),
    ],
)  # fmt: skip
def test_what_is_heard_is_told(language: str, text: str, heard: dict[str, str]) -> None:
    form = Form(CATALOGUES[language]).hear(typed(text))
    assert {name: form.values[name] for name in FIELDS if form.values[name] is not None} == {
        "issue_summary": text,
        **heard,
    }
    assert form.said == ["utter_noted"]


def test_a_code_without_its_text_is_offered_as_an_answer_and_the_text_is_asked_for() -> None:
    form = Form().hear(typed("Bank reconciliation shows error GW-0011 when we post."))
    assert (form.asked, form.values["error_message"]) == ("error_message", None)
    form.hear(tapped(ONLY_THE_CODE))
    assert (form.asked, form.values["error_message"]) == ("replication_steps", "GW-0011")


def test_a_button_for_a_code_that_nobody_told_answers_nothing() -> None:
    form = Form.at("error_message").hear(tapped(ONLY_THE_CODE))
    assert (form.asked, form.values["error_message"]) == ("error_message", None)


def test_a_number_with_letters_that_nobody_calls_an_error_is_none() -> None:
    form = Form().hear(typed("Order PO-4711 is not shown in the list any more"))
    assert form.values["error_message"] is None


def test_a_time_is_written_as_a_date_beside_the_words_that_were_said() -> None:
    def hears(text: str) -> Moment | None:
        return Moment("yesterday", "Monday, 23 November 2026") if "yesterday" in text else None

    values = {**dict.fromkeys(SLOTS), "issue_summary": SUMMARY}
    outcome = answer("issue_time", typed("since yesterday or so"), values, None, EN, hears)
    assert outcome.values == {"issue_time": "since yesterday or so (Monday, 23 November 2026)"}
    outcome = answer("issue_time", typed("after the update"), values, None, EN, hears)
    assert outcome.values == {"issue_time": "after the update"}
    summed = answer("issue_summary", typed("Since yesterday nothing posts"), {}, None, EN, lambda _: hears("yesterday"))
    assert summed.values["issue_time"] == "yesterday (Monday, 23 November 2026)"


@pytest.mark.parametrize(
    ("language", "text", "tells"),
    [
        ("en", "I want to open a case", False),
        ("en", "could you raise a support ticket for me, it is urgent", False),
        ("en", "Please open a case: the bank feed has been empty since May", True),
        ("es", "quiero abrir un caso con soporte por favor", False),
        ("es", "abra un caso: la conciliación no cuadra", True),
        ("fr", "je voudrais ouvrir un dossier svp", False),
        ("fr", "ouvrez un dossier, les factures ne se comptabilisent plus", True),
        ("de", "Ich möchte gerne ein neues Ticket eröffnen bitte", False),
        ("de", "Ticket bitte, Zahlungslauf hängt", True),
    ],
)
def test_the_wish_for_a_case_may_tell_the_problem(language: str, text: str, tells: bool) -> None:
    assert problem_in(text, CATALOGUES[language]) is tells


@pytest.mark.parametrize("text", ["Since noon 12 users in Leeds see an error.", "Posting stops for 3 people, always."])
def test_a_number_of_people_is_heard_wherever_it_stands(text: str) -> None:
    assert Form().hear(typed(text)).values["affected_users"] in ("12 users", "3 people")


def test_what_was_answered_before_is_not_changed_by_what_a_new_summary_says() -> None:
    form = Form(**{**ANSWERS, "environment": "sandbox"}).hear(tapped("edit", "correct_answer"))
    form.hear(tapped("issue_summary", "correct_answer"), typed("Posting bills stops in production since noon today."))
    assert (form.values["environment"], form.values["error_message"]) == ("sandbox", ANSWERS["error_message"])


@pytest.mark.parametrize(
    "text", ["It works in the sandbox system but stops in production.", "The test of 12 bills stops."]
)
def test_what_the_summary_does_not_say_clearly_is_asked(text: str) -> None:
    values = Form().hear(typed(text)).values
    assert (values["environment"], values["affected_users"]) == (None, None)


# Long answers


LONG = [
    "I pressed cancel and then the phone number field stopped working so I could not skip to the next step at all",
    "no, it is not the sandbox, it is production, and we never mind waiting but please stop the posting before noon",
    "Can you tell me who to call when the batch stops because nobody here knows what the phone hours of support are?",
    "Ich wollte abbrechen, aber der Knopf zum Überspringen ging nicht und danach war die ganze Umgebung nicht mehr da",
    "Quise cancelar, pero no me dejó saltar el paso y luego pregunté por el teléfono de soporte en inglés",
    "J'ai voulu annuler, mais le bouton passer ne répondait pas et nous avons parlé en anglais avec un collègue",
]


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("text", LONG)
def test_a_long_answer_is_kept_whole_whatever_it_mentions(name: str, text: str) -> None:
    for intent in INTENTS:
        form = Form.at(name).hear(typed(text, intent, 1.0))
        assert form.values[name] == text, intent
        assert form.said == []


_WORDS = st.lists(
    st.sampled_from(sorted({word.strip(",.?") for text in LONG for word in text.split()})),
    min_size=SHORT_MESSAGE_WORDS + 1,
)


@settings(max_examples=200, deadline=None)
@given(
    name=st.sampled_from(TEXTS),
    words=_WORDS,
    joint=st.sampled_from([" ", "\n", ", ", " – "]),
    intent=st.one_of(st.none(), st.sampled_from(INTENTS)),
    confidence=st.floats(0, 1),
    language=st.sampled_from(LANGUAGES),
    draft=st.sampled_from([None, SUMMARY]),
)
def test_any_text_of_more_than_twelve_words_is_stored_whole_whatever_the_intent(
    name: str, words: list[str], joint: str, intent: str | None, confidence: float, language: str, draft: str | None
) -> None:
    text = joint.join(words)
    outcome = answer(name, typed(text, intent, confidence), {**ANSWERS, name: None}, draft, CATALOGUES[language])
    assert outcome == Outcome(values={name: text})


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from([t for t in TEXTS if t != "issue_summary"]),
    text=st.text(min_size=26),
    intent=st.sampled_from(INTENTS),
)
def test_any_long_text_of_any_characters_is_stored_whole(name: str, text: str, intent: str) -> None:
    if len(text.split()) <= SHORT_MESSAGE_WORDS:
        text = " ".join(text[i : i + 2].strip() or "x" for i in range(0, 2 * SHORT_MESSAGE_WORDS + 2, 2)) + text.strip()
    outcome = answer(name, typed(text, intent, 1.0), {**ANSWERS, name: None}, None, EN)
    assert outcome == Outcome(values={name: text.strip()})


# Digressions


@pytest.mark.parametrize("name", [*TEXTS, *CHOICES, "attachments", REVIEW])
def test_a_short_question_is_answered_in_between_and_the_same_one_is_asked_again(name: str) -> None:
    form = Form.at(name) if name != REVIEW else Form(**ANSWERS)
    before = dict(form.values)
    form.hear(typed("What is the phone number of support?", "ask_contact"))
    assert form.stepped_aside
    assert (form.asked, form.values) == (name, before)


@pytest.mark.parametrize("intent", sorted(DIGRESSIONS))
def test_every_digression_steps_aside_when_it_is_worded_as_a_question(intent: str) -> None:
    for name in ("error_message", "environment"):
        assert Form.at(name).hear(typed("could you tell me that?", intent)).stepped_aside


def test_an_answer_that_looks_like_a_digression_but_asks_nothing_is_an_answer() -> None:
    form = Form.at("affected_users").hear(typed("12 people in London", "ask_contact"))
    assert (form.values["affected_users"], form.asked) == ("12 people in London", "worked_before")


def test_an_unsure_digression_is_an_answer() -> None:
    form = Form.at("error_message").hear(typed("When is the period closed?", "ask_maintenance", 0.3))
    assert form.values["error_message"] == "When is the period closed?"


def test_a_greeting_is_returned_where_a_button_is_asked_for_and_kept_where_text_is() -> None:
    assert Form.at("environment").hear(typed("hello", "greet")).stepped_aside
    assert (
        Form.at("error_message").hear(typed("Hello World failed", "greet")).values["error_message"]
        == "Hello World failed"
    )


def test_a_button_of_another_message_does_not_become_an_answer() -> None:
    form = Form.at("error_message").hear(tapped("solved"))
    assert (form.asked, form.values["error_message"]) == ("error_message", None)
    assert Form.at("error_message").hear(tapped("contact", "ask_contact")).stepped_aside


# Choices


@pytest.mark.parametrize(
    ("language", "name", "text", "value"),
    [
        ("en", "environment", "it's in the sandbox", "sandbox"),
        ("en", "environment", "not production but the sandbox", "sandbox"),
        ("en", "impact_scope", "the whole company!", "company"),
        ("en", "business_impact", "we can't work", "work_stopped"),
        ("es", "environment", "no es producción, es el sandbox", "sandbox"),
        ("es", "impact_scope", "varios usuarios", "multiple_users"),
        ("fr", "environment", "en production", "production"),
        ("fr", "impact_scope", "toute l’entreprise", "company"),
        ("de", "environment", "Testsystem, nicht die Produktion", "sandbox"),
        ("de", "impact_scope", "nur ich", "single_user"),
        ("de", "impact_scope", "the whole company", "company"),
    ],
)
def test_a_choice_is_understood_in_words(language: str, name: str, text: str, value: str) -> None:
    form = Form.at(name, CATALOGUES[language]).hear(typed(text, "out_of_scope", 0.4))
    assert form.values[name] == value


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CHOICES)
def test_every_choice_can_be_tapped_and_typed_as_it_reads(language: str, name: str) -> None:
    catalogue = CATALOGUES[language]
    for value, label in catalogue.labels(name).items():
        for said in (tapped(value), typed(label, "out_of_scope", 0.3)):
            assert Form.at(name, catalogue).hear(said).values[name] == value


@pytest.mark.parametrize("said", [typed("blue"), typed("🙈"), tapped("blue"), tapped("solved"), tapped("US")])
def test_what_is_no_choice_is_asked_again_with_the_choices(said: Said) -> None:
    form = Form.at("environment").hear(said)
    assert (form.asked, form.said, form.values["environment"]) == ("environment", ["utter_invalid_environment"], None)


@pytest.mark.parametrize("intent", ["correct_answer", "out_of_scope", "ask_question"])
def test_an_answer_in_words_is_no_correction_of_what_was_not_answered(intent: str) -> None:
    form = Form.at("environment", CATALOGUES["fr"]).hear(typed("en production", intent))
    assert (form.values["environment"], form.said, form.asked) == ("production", [], "case_reason")


def test_files_are_done_when_the_user_says_so() -> None:
    words = ("fini", "c'est bon", "fertig", "keine Dateien", "ya está, gracias", "no files, thanks")
    said_so = [typed(text, "out_of_scope", 0.3) for text in words]
    for said in (tapped("done"), typed("that's all", "affirm"), typed("no", "deny"), *said_so):
        assert Form.at("attachments").hear(said).asked == REVIEW
    assert Form.at("attachments").hear(typed("screenshot follows", "out_of_scope")).said == [
        "utter_invalid_attachments"
    ]


# Corrections


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "no, it is the sandbox"),
        ("es", "no, es el sandbox"),
        ("fr", "non, c'est le sandbox"),
        ("de", "nein, es ist die Sandbox"),
    ],
)
@pytest.mark.parametrize("asked", ["case_reason", "application_area", "attachments", REVIEW])
@pytest.mark.parametrize("intent", ["correct_answer", "deny", "affirm", "ask_question"])
def test_no_it_is_the_sandbox_changes_the_environment_and_goes_on(
    language: str, text: str, asked: str, intent: str
) -> None:
    form = Form.at(asked, CATALOGUES[language]) if asked != REVIEW else Form(CATALOGUES[language], **ANSWERS)
    form.hear(typed(text, intent))
    assert (form.values["environment"], form.said, form.asked) == ("sandbox", ["utter_corrected"], asked)


def test_change_something_on_the_review_asks_for_that_field_only_and_comes_back() -> None:
    form = Form(**ANSWERS).hear(tapped("edit", "correct_answer"))
    assert form.asked == CORRECTION
    form.hear(tapped("error_message", "correct_answer"))
    assert (form.asked, form.values["error_message"]) == ("error_message", ANSWERS["error_message"])
    form.hear(typed("GL-0042 period closed"))
    assert (form.asked, form.values["error_message"]) == (REVIEW, "GL-0042 period closed")


def test_a_field_that_was_asked_again_can_stay_as_it_is() -> None:
    form = Form(**ANSWERS).hear(tapped("edit", "correct_answer"), tapped("error_message", "correct_answer"))
    form.hear(tapped("skip", "skip"))
    assert (form.asked, form.values["error_message"]) == (REVIEW, ANSWERS["error_message"])


def test_going_back_asks_the_question_before_and_keeps_its_answer_until_there_is_another() -> None:
    form = Form.at("expected_result").hear(typed("go back", "correct_answer"))
    assert (form.asked, form.values["replication_steps"]) == ("replication_steps", ANSWERS["replication_steps"])
    form.hear(typed("first open the register, then post"))
    assert (form.asked, form.values["replication_steps"]) == ("expected_result", "first open the register, then post")


def test_a_field_can_be_named_in_words() -> None:
    form = Form(**ANSWERS).hear(typed("the error message is wrong", "correct_answer"))
    assert form.asked == "error_message"


def test_a_correction_that_names_nothing_known_goes_on_with_the_form() -> None:
    form = Form(**ANSWERS).hear(tapped("edit", "correct_answer"), typed("hm, never heard of it", "out_of_scope"))
    assert (form.asked, form.result) == (REVIEW, None)


@pytest.mark.parametrize("asked", ["environment", "case_reason", "attachments", REVIEW, CORRECTION])
@pytest.mark.parametrize("intent", ["correct_answer", "deny", "ask_question", "out_of_scope"])
def test_an_error_code_is_corrected_at_any_question_and_what_changed_is_said(asked: str, intent: str) -> None:
    values = {**ANSWERS, "error_message": "GW-11: closed", asked: None}
    outcome = answer(asked, typed("the error was GW-12 not GW-11", intent), values, None, EN)
    assert outcome.values["error_message"] == "GW-12: closed"
    assert outcome.utterances == [("utter_corrected", {"field": "Error message", "value": "GW-12: closed"})]


def test_an_answer_that_rejects_a_value_is_an_answer_where_text_is_asked_for() -> None:
    form = Form.at("expected_result")
    form.values["issue_summary"] = "The total of the report is 450 today."
    form.hear(typed("the total should be 500 not 450"))
    assert form.values["expected_result"] == "the total should be 500 not 450"
    assert form.values["issue_summary"] == "The total of the report is 450 today."


@pytest.mark.parametrize("text", ["sorry, wrong: GW-12 not GW-11", "no, GW-12 not GW-11"])
def test_with_a_word_for_correcting_it_is_a_correction_there_too(text: str) -> None:
    form = Form.at("expected_result")
    form.values["error_message"] = "GW-11"
    form.hear(typed(text))
    assert (form.values["error_message"], form.values["expected_result"]) == ("GW-12", None)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("affected users: 12", "affected_users", "12"),
        ("change affected users to 12 in Leeds", "affected_users", "12 in Leeds"),
        ("environment: sandbox", "environment", "sandbox"),
    ],
)
def test_the_review_takes_a_new_value_at_once(text: str, name: str, value: str) -> None:
    for asked in (REVIEW, CORRECTION):
        outcome = answer(asked, typed(text, "out_of_scope", 0.4), ANSWERS, None, EN)
        assert (outcome.values[name], outcome.utterances[0][0]) == (value, "utter_corrected")


# Why, and not knowing


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Why do you ask?"),
        ("es", "¿Para qué lo necesita?"),
        ("fr", "Pourquoi vous me demandez ça ?"),
        ("de", "Wozu brauchen Sie das denn?"),
    ],
)
def test_why_a_question_is_asked_is_told_and_it_is_asked_again(name: str, language: str, text: str) -> None:
    form = Form.at(name, CATALOGUES[language])
    before = dict(form.values)
    form.hear(typed(text))
    assert (form.said, form.asked, form.values) == ([f"utter_why_{name}"], name, before)


def test_a_why_that_tells_something_is_an_answer() -> None:
    form = Form.at("troubleshooting_done").hear(typed("asked a colleague why it fails, no idea either"))
    assert form.values["troubleshooting_done"] == "asked a colleague why it fails, no idea either"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I don't know, sorry"),
        ("en", "no idea"),
        ("es", "la verdad no lo sé"),
        ("fr", "je ne sais pas du tout"),
        ("de", "Keine Ahnung"),
        ("de", "weiß ich leider nicht"),
    ],
)
def test_who_does_not_know_skips_what_may_be_skipped(language: str, text: str) -> None:
    for name in OPTIONAL:
        form = Form.at(name, CATALOGUES[language]).hear(typed(text, "out_of_scope", 0.3))
        assert form.values[name] == SKIPPED
    for name in ("case_reason", "application_area"):
        assert Form.at(name, CATALOGUES[language]).hear(typed(text)).values[name] == "other"
    assert Form.at("environment", CATALOGUES[language]).hear(typed(text)).said == ["utter_invalid_environment"]


# A way out


@pytest.mark.parametrize("name", [*CHOICES, "attachments", REVIEW])
def test_who_is_not_understood_twice_is_offered_a_way_out(name: str) -> None:
    form = Form.at(name) if name != REVIEW else Form(**ANSWERS)
    form.hear(typed("blorp", "out_of_scope", 0.1))
    assert form.said == [f"utter_invalid_{name}"]
    form.hear(typed("🙈", "out_of_scope", 0.1))
    may_skip = name in ("attachments", "case_reason", "application_area")
    assert form.said == ["utter_way_out" if may_skip else "utter_way_out_required"]
    assert form.asked == name


def test_an_answer_in_between_starts_counting_again() -> None:
    form = Form.at("business_impact").hear(typed("blorp"), tapped("minor"), typed("blorp"))
    assert (form.asked, form.said) == ("environment", ["utter_invalid_environment"])


@pytest.mark.parametrize("text", ["...", "?", "🙈", "--"])
def test_punctuation_answers_no_question(text: str) -> None:
    for name in TEXTS[2:]:
        form = Form.at(name).hear(typed(text))
        assert (form.asked, form.said, form.values[name]) == (name, ["utter_invalid_answer"], None)


def test_keys_hit_at_random_answer_nothing_but_may_be_an_error() -> None:
    mashed = Said("qwrtzp xkcvb", "out_of_scope", 0.2, plausible=False)
    assert Form.at("replication_steps").hear(mashed).said == ["utter_invalid_answer"]
    assert Form.at("error_message").hear(mashed).values["error_message"] == "qwrtzp xkcvb"


def test_the_way_out_can_be_taken() -> None:
    form = Form.at("case_reason").hear(typed("blorp"), typed("blorp"), tapped("skip", "skip"))
    assert (form.values["case_reason"], form.asked) == ("other", "application_area")
    assert Form.at("case_reason").hear(typed("blorp"), typed("blorp"), tapped("contact", "ask_contact")).stepped_aside


# Cancelling


def test_few_answers_are_thrown_away_at_once_and_many_only_after_a_question() -> None:
    few = Form.at("replication_steps").hear(typed("cancel", "cancel"))
    assert few.result == CANCELLED
    many = Form.at("environment").hear(typed("cancel", "cancel"))
    assert (many.asked, many.result) == (CANCELLATION, None)
    assert many.hear(tapped("yes", "cancel")).result == CANCELLED


@pytest.mark.parametrize("no", [tapped("no", "deny"), typed("no", "deny"), typed("wait", "out_of_scope", 0.3)])
def test_who_does_not_confirm_the_cancellation_goes_on_where_they_were(no: Said) -> None:
    form = Form.at("environment")
    before = dict(form.values)
    form.hear(typed("cancel", "cancel"), no)
    assert (form.asked, form.values) == ("environment", before)


@pytest.mark.parametrize(
    ("language", "text"), [("en", "never mind"), ("es", "cancelar"), ("fr", "annuler"), ("de", "abbrechen bitte")]
)
def test_cancelling_is_understood_in_every_language_and_from_every_question(language: str, text: str) -> None:
    for name in (*FIELDS, REVIEW):
        form = Form.at(name, CATALOGUES[language]) if name != REVIEW else Form(CATALOGUES[language], **ANSWERS)
        form.hear(typed(text, "cancel"))
        assert form.asked in (CANCELLATION, None), name


def test_a_mistaken_intent_alone_throws_nothing_away() -> None:
    form = Form.at("error_message").hear(typed("GL posting rejected", "cancel", 1.0))
    assert form.values["error_message"] == "GL posting rejected"


# The review


@pytest.mark.parametrize("yes", [tapped("confirm"), typed("yes, open it", "affirm")])
def test_the_case_is_opened_only_after_a_yes(yes: Said) -> None:
    assert Form(**ANSWERS).hear(yes).result == CONFIRMED


@pytest.mark.parametrize(
    "said",
    [
        typed("yes", "affirm", 0.4),
        typed("I am not sure whether yes is right here, let me first ask my colleague", "affirm"),
        typed("hm", "out_of_scope"),
        tapped("solved"),
        tapped("yes"),
        tapped("done"),
        tapped("no", "deny"),
        typed("open a case", "open_case"),
    ],
)
def test_anything_but_a_clear_yes_opens_nothing(said: Said) -> None:
    form = Form(**ANSWERS).hear(said)
    assert form.values[REVIEW] is None
    assert form.asked is not None


# Promises about everything that can be said


_VALUES = st.fixed_dictionaries(
    {name: st.sampled_from([None, ANSWERS[name], *([SKIPPED] if name in OPTIONAL else [])]) for name in FIELDS}
)
_SHORT = [
    "yes", "no", "skip", "cancel", "go back", "no, it is the sandbox", "change the summary", "the error", "production",
    "never mind", "I want to open a case", "what are your hours?", "nein, Demo", "tous", "other", "__skipped__",
    "𝓬𝓪𝓷𝓬𝓮𝓵", "100001",
]  # fmt: skip
_TAPS = [
    "yes", "no", "skip", "done", "confirm", "edit", "cancel", "solved", "more", "open_case", "US", "100001", *FIELDS,
    *(value for name in CHOICES for value in EN.labels(name)),
]  # fmt: skip
_TYPED = st.builds(
    Said,
    text=st.one_of(st.sampled_from(_SHORT), st.text(max_size=30)),
    intent=st.one_of(st.none(), st.sampled_from(INTENTS)),
    confidence=st.sampled_from([0.2, 0.6, 1.0]),
)
_TAPPED = st.builds(tapped, st.sampled_from(_TAPS), st.sampled_from(INTENTS))
_SAID = st.one_of(_TYPED, _TAPPED)


def _lost(before: dict[str, Any], outcome: Outcome) -> list[str]:
    return [n for n in FIELDS if before.get(n) is not None and outcome.values.get(n, before[n]) is None]


@settings(max_examples=400, deadline=None)
@given(asked=st.sampled_from(SLOTS), said=_SAID, values=_VALUES, language=st.sampled_from(LANGUAGES))
def test_no_outcome_loses_an_answer_that_was_given(
    asked: str, said: Said, values: dict[str, Any], language: str
) -> None:
    outcome = answer(asked, said, values, None, CATALOGUES[language])
    assert _lost(values, outcome) == []


@settings(max_examples=300, deadline=None)
@given(asked=st.sampled_from(SLOTS), said=_SAID, values=_VALUES, language=st.sampled_from(LANGUAGES))
def test_every_value_that_is_stored_is_a_valid_one(
    asked: str, said: Said, values: dict[str, Any], language: str
) -> None:
    catalogue = CATALOGUES[language]
    outcome = answer(asked, said, values, None, catalogue)
    assert set(outcome.values) <= {*SLOTS, *MEMORY}
    for name, value in outcome.values.items():
        if name in CHOICES:
            assert value is None or value in catalogue.labels(name)
        if name in FIELDS and value == SKIPPED:
            assert name in OPTIONAL
    for response, filled in outcome.utterances:
        catalogue.response(response, **filled)
    assert outcome.request is None or outcome.request in SLOTS


@settings(max_examples=100, deadline=None)
@given(messages=st.lists(_SAID, max_size=12), language=st.sampled_from(LANGUAGES))
def test_whatever_was_said_before_the_form_ends_once_every_question_is_answered(
    messages: Iterable[Said], language: str
) -> None:
    form = Form(CATALOGUES[language])
    for message in messages:
        if form.asked is None:
            assert form.result in (CONFIRMED, CANCELLED)
            return
        form.hear(message)
    # Each field once, the review, and one that a correction or a cancellation had in hand.
    for _ in range(len(FIELDS) + 3):
        if form.asked is None:
            break
        form.hear(good_answer(form.asked))
    assert form.result in (CONFIRMED, CANCELLED)


@settings(max_examples=150, deadline=None)
@given(messages=st.lists(_SAID, max_size=20), language=st.sampled_from(LANGUAGES))
def test_a_case_is_confirmed_only_when_nothing_that_it_needs_is_missing(
    messages: Iterable[Said], language: str
) -> None:
    form = Form(CATALOGUES[language])
    for message in messages:
        if form.asked is None:
            break
        form.hear(message)
    if form.result == CONFIRMED:
        values = case_values(form.values)
        assert not [name for name in values if values[name] is None and name not in OPTIONAL]


# Values


@pytest.mark.parametrize("name", FIELDS)
def test_a_checked_value_stays_what_it_is(name: str) -> None:
    checked = check_value(name, ANSWERS[name], EN)
    assert checked == ANSWERS[name]
    assert check_value(name, checked, EN) == checked


@pytest.mark.parametrize("value", [7, 1.5, True, [], {}, object()])
def test_what_is_no_text_is_no_value(value: object) -> None:
    for name in (*TEXTS, *CHOICES):
        assert check_value(name, value, EN) is None


@pytest.mark.parametrize(
    "text",
    [
        "It does not happen in production, we only saw it elsewhere.",
        "Our production manager cannot log in since today.",
        "La orden de producción no se puede cerrar hoy.",
    ],
)
def test_an_environment_that_is_not_the_place_of_the_problem_is_asked_for(text: str) -> None:
    assert Form().hear(typed(text)).values.get("environment") is None


def test_a_button_in_quotes_is_no_error_message() -> None:
    form = Form().hear(typed('When I click "Post batch now" nothing happens any more.'))
    assert form.asked == "error_message"


@pytest.mark.parametrize(
    "text", ["that I can cancel it", "No deja salir", "dass ich abbrechen kann", "que ça s'arrête"]
)
def test_an_answer_that_holds_a_word_for_cancelling_cancels_nothing(text: str) -> None:
    form = Form(issue_summary="Posting bills stops half-way.", error_message="x", replication_steps="y")
    form.hear(typed(text, "cancel", 0.9))
    assert form.values["expected_result"] == text


@pytest.mark.parametrize(
    "text", ["cancel", "please cancel this", "on arrête, annulez tout", "abbrechen bitte", "déjalo"]
)
def test_words_for_cancelling_and_nothing_else_cancel(text: str) -> None:
    assert Form(issue_summary="Posting bills stops half-way.").hear(typed(text, "cancel", 0.9)).values["review"]
