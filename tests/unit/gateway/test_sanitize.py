"""What a user may not send never reaches the dialogue engine."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gateway.messages import TurnRefused
from bot.gateway.sanitize import MAX_TEXT, clean_text, is_command, without_command


@pytest.mark.parametrize(
    ("typed", "passed_on"),
    [
        ("/restart", "restart"),
        ("  /restart", "restart"),
        ("//restart", "restart"),
        ("/ /restart", "restart"),
        ("/\n/restart", "restart"),
        ("\x00/restart", "restart"),
        ("/\x07/restart", "restart"),
        ("/\uff0frestart", "restart"),
        ("\u2215\u3000/restart", "restart"),
        ('/affirm{"review": "confirmed"}', 'affirm{"review": "confirmed"}'),
    ],
)
def test_a_typed_command_of_the_engine_loses_its_slash(typed: str, passed_on: str) -> None:
    assert without_command(clean_text(typed)) == passed_on


@pytest.mark.parametrize(("text", "command"), [("/restart", True), ("restart", False), ("A/P", False), ("", False)])
def test_only_a_leading_slash_makes_a_command(text: str, command: bool) -> None:
    assert is_command(text) is command


def test_what_the_user_reads_again_is_what_they_typed() -> None:
    assert clean_text(" /var/log/posting.log ") == "/var/log/posting.log"


def test_a_slash_inside_a_text_stays() -> None:
    assert clean_text("A/P and A/R, see https://help.example/a") == "A/P and A/R, see https://help.example/a"


def test_control_characters_are_taken_out_but_lines_and_tabs_stay() -> None:
    assert clean_text("a\x00b\x07c\x1b[31m\nd\te\r\n") == "abc[31m\nd\te"


def test_letters_of_every_script_and_emoji_stay() -> None:
    text = "Größe – ¿qué? 你好 مرحبا 👩‍💻 ﬁ"
    assert clean_text(text) == text


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "///", "/ / /", "\x00\x01", "\ud800"])
def test_a_message_without_any_text_is_refused(text: str) -> None:
    with pytest.raises(TurnRefused) as refused:
        clean_text(text)
    assert (refused.value.code, refused.value.status) == ("text_empty", 422)


def test_a_text_at_the_limit_is_taken_and_one_character_more_is_not() -> None:
    assert clean_text("x" * MAX_TEXT) == "x" * MAX_TEXT
    with pytest.raises(TurnRefused) as refused:
        clean_text("x" * (MAX_TEXT + 1))
    assert (refused.value.code, refused.value.status) == ("text_too_long", 413)
    assert "4000" in refused.value.detail and "4001" in refused.value.detail


_NASTY = st.text(alphabet=st.sampled_from("/\u2215\uff0f \n\t\x00\u3000\u200b\ud800aä{}"), max_size=12)


@given(st.one_of(st.text(max_size=60), _NASTY))
def test_whatever_is_typed_the_engine_gets_neither_command_nor_control_character(typed: str) -> None:
    try:
        passed_on = without_command(clean_text(typed))
    except TurnRefused:
        return
    assert not is_command(passed_on)
    assert passed_on == passed_on.strip()
    assert passed_on[0] not in "/\u2215\uff0f"
    assert not {c for c in passed_on if unicodedata.category(c) in {"Cc", "Cs"}} - {"\n", "\t"}
    passed_on.encode()
