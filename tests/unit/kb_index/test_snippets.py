from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from kb_index.lexical import terms
from kb_index.snippets import MAX_SNIPPET, shorten, snippet


def words(text: str) -> frozenset[str]:
    return frozenset(terms(text, "en"))


FILLER = "This sentence speaks about nothing in particular. "


def test_a_short_passage_is_shown_whole() -> None:
    assert snippet("1. Open it.\n2. Close it.", words("close"), "en") == "1. Open it.\n2. Close it."


def test_the_sentence_with_the_questions_words_is_shown_wherever_it_stands() -> None:
    text = FILLER * 12 + "Voided checks keep their number. " + FILLER * 12
    shown = snippet(text, words("void a check number"), "en")
    assert "Voided checks keep their number." in shown
    assert len(shown) <= MAX_SNIPPET


def test_steps_are_kept_whole_with_their_numbers() -> None:
    text = "\n".join(f"{n}. Step number {n} tells what has to be done in this place." for n in range(1, 15))
    lines = snippet(text, words("step"), "en").splitlines()
    assert lines == text.splitlines()[: len(lines)]
    assert len(lines) > 2


def test_without_a_shared_word_the_beginning_is_shown() -> None:
    text = "First. " + FILLER * 20
    assert snippet(text, words("zebra"), "en").startswith("First. This sentence")


def test_a_long_sentence_ends_between_words_with_an_ellipsis() -> None:
    text = "word " * 100
    shown = snippet(text, words("word"), "en")
    assert shown.endswith("word…")
    assert len(shown) <= MAX_SNIPPET


def test_one_endless_word_is_cut_because_there_is_no_other_way() -> None:
    assert shorten("x" * 1000, 300) == "x" * 299 + "…"


@given(st.text(alphabet="abc .\n1-", max_size=900), st.integers(20, 300))
def test_it_is_never_longer_than_the_limit_and_never_ends_inside_a_word(text: str, limit: int) -> None:
    shown = snippet(text, words("abc"), "en", limit)
    assert len(shown) <= limit
    kept = shown.removesuffix("…")
    assert kept in text
    if kept != shown and len(kept.split()) > 1:
        assert any(after in " \n,;:" for after in re.findall(re.escape(kept) + r"(.)", text, re.DOTALL))
