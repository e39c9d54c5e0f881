"""Known expressions are found whatever the case, the accents and the punctuation, as whole words only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.locales.wording import Vocabulary, normalise

PLACES = Vocabulary(
    {
        "production": ["production", "live"],
        "sandbox": ["sandbox", "test system"],
        "demo": ["demo", "live demo"],
    }
)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Größe", " grosse "),
        ("  ¿Qué   PASÓ?  ", " que paso "),
        ("l'été – déjà", " l ete deja "),
        ("U.S.A.", " u s a "),
        ("ﬁle №5", " file no5 "),
        ("", "  "),
        ("?!", "  "),
        ("你好", " 你好 "),
    ],
)
def test_case_accents_and_punctuation_do_not_count(text: str, plain: str) -> None:
    assert normalise(text) == plain


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing_and_leaves_single_spaces(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert once.startswith(" ") and once.endswith(" ")
    assert "  " not in once.strip()


@given(st.text(max_size=40))
def test_capitals_never_matter(text: str) -> None:
    assert normalise(text) == normalise(text.casefold())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("it is in PRODUCTION!", "production"),
        ("the test-system", "sandbox"),
        ("on the live demo", "demo"),
        ("live", "production"),
        ("reproduction steps", None),
        ("delivered", None),
        ("test", None),
        ("", None),
        ("?", None),
    ],
)
def test_the_longest_expression_of_whole_words_counts(text: str, value: str | None) -> None:
    assert PLACES.find(text) == value


def test_two_values_of_equal_length_are_not_guessed_between() -> None:
    places = Vocabulary({"a": ["north"], "b": ["south"]})
    assert places.find("north or south") is None
    assert places.find("south") == "b"


def test_two_expressions_of_one_value_are_no_contradiction() -> None:
    assert Vocabulary({"a": ["north", "polar"]}).find("polar, far north") == "a"


@pytest.mark.parametrize(
    ("text", "value"), [("Sandbox.", "sandbox"), ("TEST  SYSTEM", "sandbox"), ("the sandbox", None), ("", None)]
)
def test_exact_means_that_nothing_else_was_said(text: str, value: str | None) -> None:
    assert PLACES.exact(text) == value


@given(st.text(max_size=60))
def test_what_is_exact_is_found_too(text: str) -> None:
    exact = PLACES.exact(text)
    assert exact is None or PLACES.find(text) == exact


def test_an_empty_vocabulary_finds_nothing() -> None:
    assert Vocabulary({}).find("anything") is None
