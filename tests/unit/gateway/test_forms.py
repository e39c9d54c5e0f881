"""A case form that was filled in at once is checked by the rules of the conversation's questions."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.desk.case_fields import DONE, FIELDS, SKIPPED, Kind
from bot.gateway.forms import checked_answers
from bot.gateway.messages import TurnRefused
from bot.gateway.sanitize import MAX_TEXT
from bot.locales import LANGUAGES, Catalogue

SUMMARY = "Posting a batch of bills stops half-way."


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_complete_form_is_taken_in_every_language_by_the_same_values(
    catalogues: Mapping[str, Catalogue], language: str
) -> None:
    form = {
        "issue_summary": f"  {SUMMARY} ",
        "error_message": "BL03000076",
        "issue_time": "",
        "affected_users": None,
        "impact_scope": "company",
        "business_impact": "degraded",
        "environment": "sandbox",
        "case_reason": "error_or_defect",
        "application_area": "accounts_payable",
        "attachments": [],
    }
    assert checked_answers(form, catalogues[language]) == {
        **form,
        "issue_summary": SUMMARY,
        "issue_time": SKIPPED,
        "affected_users": SKIPPED,
        "attachments": DONE,
    }


def test_an_empty_form_answers_nothing(catalogues: Mapping[str, Catalogue]) -> None:
    assert checked_answers({}, catalogues["en"]) == {}


def test_every_wrong_field_is_named_at_once_with_what_is_expected(catalogues: Mapping[str, Catalogue]) -> None:
    with pytest.raises(TurnRefused) as refused:
        checked_answers(
            {"environment": "moon", "issue_summary": "broken", "colour": "red", "error_message": 7}, catalogues["en"]
        )
    assert (refused.value.code, refused.value.status) == ("form_invalid", 422)
    for part in ("environment: expected one of production, sandbox, demo, got 'moon'", "issue_summary", "colour"):
        assert part in refused.value.detail
    assert "error_message: expected some text, got 7" in refused.value.detail


@pytest.mark.parametrize("name", [name for name, f in FIELDS.items() if f.kind is Kind.CHOICE])
@pytest.mark.parametrize("value", ["", None, "Production", 3, ["production"], {"a": 1}, "__skipped__"])
def test_a_choice_that_is_not_one_of_the_values_is_refused(
    catalogues: Mapping[str, Catalogue], name: str, value: object
) -> None:
    with pytest.raises(TurnRefused, match=name):
        checked_answers({name: value}, catalogues["en"])


def test_a_text_beyond_the_limit_is_refused_and_one_at_the_limit_is_kept_whole(
    catalogues: Mapping[str, Catalogue],
) -> None:
    longest = "word " * (MAX_TEXT // 5 - 1) + "words"
    assert checked_answers({"replication_steps": longest}, catalogues["en"]) == {"replication_steps": longest}
    with pytest.raises(TurnRefused, match="at most 4000 characters"):
        checked_answers({"replication_steps": "x" * (MAX_TEXT + 1)}, catalogues["en"])


@pytest.mark.parametrize(
    "slot", ["review", "correction", "cancellation", "language", "requested_slot", "pending_intent"]
)
def test_nothing_but_a_field_of_a_case_can_be_set_through_a_form(
    catalogues: Mapping[str, Catalogue], slot: str
) -> None:
    with pytest.raises(TurnRefused, match="there is no such field"):
        checked_answers({slot: "confirmed"}, catalogues["en"])


def test_control_characters_are_taken_out_of_a_form_too(catalogues: Mapping[str, Catalogue]) -> None:
    """PostgreSQL stores no NUL: the case could not be opened at the very end."""
    form = {"issue_summary": "Posting\x00 a batch\x07 of bills stops\x1b.", "error_message": "line 1\nline 2"}
    assert checked_answers(form, catalogues["en"]) == {
        "issue_summary": "Posting a batch of bills stops.",
        "error_message": "line 1\nline 2",
    }
