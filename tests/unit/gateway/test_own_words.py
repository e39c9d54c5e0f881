"""What a writer only passes on, such as an error or a name, is not taken for their own words."""

from __future__ import annotations

import pytest

from bot.gateway.own_words import own_words, reported, without_quotes


def nothing_known(word: str) -> bool:
    return False


def all_known(word: str) -> bool:
    return True


@pytest.mark.parametrize(
    "quoted",
    ['"no access"', "“no access”", "„no access“", "„no access”", "«no access»", "« no access »", "'no access'"],
)
def test_a_quoted_text_is_left_out_in_the_marks_of_every_language(quoted: str) -> None:
    assert own_words(without_quotes(f"es steht {quoted} da"), all_known) == ["es", "steht", "da"]


def test_apostrophes_are_no_quotation_marks() -> None:
    assert without_quotes("it's the team's fault") == "it's the team's fault"
    assert without_quotes("c’est l’écran d’accueil") == "c’est l’écran d’accueil"


@pytest.mark.parametrize(
    "code",
    ["GW-0011", "4711", "ERR_PERIOD_CLOSED", "java.lang.Exception", "C:\\reports", "SuiteScript", "10:30", "n/a"],
)
def test_codes_and_technical_names_are_left_out(code: str) -> None:
    assert own_words(f"beim Buchen kommt {code}", all_known) == ["beim", "Buchen", "kommt"]


def test_addresses_are_left_out() -> None:
    said = without_quotes("schau mal https://desk.example/en/open-items an, dana@acme.example")
    assert own_words(said, all_known) == ["schau", "mal", "an"]


def test_capitals_are_left_out_unless_all_is_in_capitals() -> None:
    assert own_words("der Status ist PENDING APPROVAL", all_known) == ["der", "Status", "ist"]
    assert own_words("RECHNUNG FEHLT", all_known) == ["rechnung", "fehlt"]


def test_names_of_several_words_are_left_out() -> None:
    assert own_words("factura de Los Hermanos Comercial", all_known) == ["factura", "de"]
    assert own_words("María José", nothing_known) == []


def test_a_text_that_begins_with_two_capitals_is_no_name_when_its_words_are_known() -> None:
    assert own_words("Guten Morgen", all_known) == ["Guten", "Morgen"]


def test_what_follows_a_code_or_the_word_error_and_a_colon_is_passed_on() -> None:
    assert reported("GW-0011: posting failed") == ("GW-0011", " posting failed")
    assert reported("Fehler GW-0011: posting failed") == ("Fehler GW-0011", " posting failed")
    assert reported("bitte um Hilfe: nichts geht") == ("bitte um Hilfe: nichts geht", "")
