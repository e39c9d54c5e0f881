"""A correction names a new value: instead of an old one, or behind the name of a field."""

from __future__ import annotations

import pytest

from bot.desk.case_fields import SKIPPED
from bot.desk.corrections import named_value, replaced
from bot.locales import load_catalogues

CATALOGUES = load_catalogues()
VALUES = {
    "issue_summary": "Posting stops with GW-11 for Acme West",
    "error_message": "GW-11: period closed",
    "affected_users": "3 people in Leeds",
    "replication_steps": SKIPPED,
    "environment": "production",
}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "the error was GW-12 not GW-11"),
        ("en", "not GW-11 but GW-12"),
        ("en", "GW-12 instead of GW-11, sorry"),
        ("es", "el error era GW-12, no GW-11"),
        ("es", "no GW-11 sino GW-12"),
        ("fr", "c'est GW-12 et non GW-11"),
        ("fr", "pas GW-11 mais GW-12"),
        ("de", "GW-12 statt GW-11"),
        ("de", "nicht GW-11, sondern GW-12"),
        ("de", "the error was GW-12 not GW-11"),
    ],
)
def test_the_right_word_replaces_the_wrong_one_wherever_it_was_written(language: str, text: str) -> None:
    assert replaced(text, VALUES, CATALOGUES[language]) == {
        "error_message": "GW-12: period closed",
        "issue_summary": "Posting stops with GW-12 for Acme West",
    }


def test_several_words_are_replaced_by_as_many() -> None:
    changes = replaced("it is Acme East not Acme West", VALUES, CATALOGUES["en"])
    assert changes == {"issue_summary": "Posting stops with GW-11 for Acme East"}


@pytest.mark.parametrize(
    "text",
    [
        "the total should be 500 not 450",
        "GW-11 not",
        "not GW-11",
        "it was GW-11 not GW-11",
        "I do not see it",
        "not in Leeds",
        "",
    ],
)
def test_nothing_is_replaced_where_no_answer_holds_what_is_rejected_or_nothing_replaces_it(text: str) -> None:
    assert replaced(text, VALUES, CATALOGUES["en"]) == {}


def test_a_part_of_a_longer_word_is_not_replaced() -> None:
    values = {"error_message": "GW-110 and GW-11"}
    assert replaced("GW-12 not GW-11", values, CATALOGUES["en"]) == {"error_message": "GW-110 and GW-12"}


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "change affected users to 12", {"affected_users": "12"}),
        ("en", "Affected users: 12 in London", {"affected_users": "12 in London"}),
        ("en", "error message = GW-12", {"error_message": "GW-12"}),
        ("en", "the environment should be the sandbox", {"environment": "sandbox"}),
        ("es", "cambie los usuarios afectados a 12", {"affected_users": "12"}),
        ("es", "entorno: sandbox", {"environment": "sandbox"}),
        ("fr", "le message d'erreur est GW-12", {"error_message": "GW-12"}),
        ("fr", "utilisateurs concernés : 12 à Lyon", {"affected_users": "12 à Lyon"}),
        ("de", "ändern Sie die Umgebung auf Sandbox", {"environment": "sandbox"}),
        ("de", "Fehlermeldung ist GW-12", {"error_message": "GW-12"}),
        ("fr", "Fehlermeldung ist GW-12", {"error_message": "GW-12"}),
    ],
)
def test_a_field_takes_the_value_behind_its_name(language: str, text: str, expected: dict[str, str]) -> None:
    assert named_value(text, CATALOGUES[language]) == expected


@pytest.mark.parametrize("text", ["the error message is wrong", "error message", "environment: purple", "change it"])
def test_a_name_without_a_value_changes_nothing(text: str) -> None:
    assert named_value(text, CATALOGUES["en"]) == {}
