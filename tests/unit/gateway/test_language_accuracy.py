"""The language of messages as customers write them: told, left open when unsure, and as good as never told wrong.

Rows marked `held_out` were not looked at while the settler was tuned; `python -m tests.benchmarks.languages` prints the
figures behind these bounds.
"""

from __future__ import annotations

from collections import Counter

import pytest

from bot.gateway.language import LanguageSettler
from bot.locales import LANGUAGES
from tests.benchmarks.languages import TURNS, length_of, rows, settled_right, share

# The least share that is told right on its own, by the number of words.
TOLD = {"1": 0.75, "2": 0.85, "3": 0.95, "4-6": 0.97, "7+": 0.99}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_texts_enough_of_every_length_and_half_of_the_first_were_held_out(language: str) -> None:
    texts = rows(language)
    assert len({row["text"] for row in texts}) == len(texts) >= 150
    assert min(Counter(length_of(row["text"]) for row in texts).values()) >= 20
    assert len(rows(language, held_out=True)) >= 75


@pytest.mark.parametrize("length", TOLD)
def test_messages_are_told_by_their_length(languages: LanguageSettler, length: str) -> None:
    told = [
        languages.detect(row["text"]) == language
        for language in LANGUAGES
        for row in rows(language, held_out=True)
        if length_of(row["text"]) == length and not row["mixed"]
    ]
    assert share(told) >= TOLD[length]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_is_hardly_ever_taken_for_another_language(languages: LanguageSettler, language: str) -> None:
    wrong = [row["text"] for row in rows(language) if languages.detect(row["text"]) not in (language, None)]
    assert len(wrong) <= 1, wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_conversation_never_leaves_the_language_that_is_spoken(languages: LanguageSettler, language: str) -> None:
    left = [row["text"] for row in rows(language) if languages.settle(row["text"], language).language != language]
    assert left == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_with_foreign_product_words_keep_their_language(languages: LanguageSettler, language: str) -> None:
    mixed = [row["text"] for row in rows(language, held_out=True) if row["mixed"]]
    assert share(languages.detect(text) == language for text in mixed) >= 0.9


def test_what_is_in_none_of_the_four_is_left_open(languages: LanguageSettler) -> None:
    others = rows("other", held_out=True)
    assert share(languages.detect(row["text"]) is None for row in others) >= 0.95
    assert share(languages.settle(row["text"], "de").language == "de" for row in others) >= 0.95


@pytest.mark.parametrize("name", TURNS)
def test_conversations_stay_and_switch_where_a_person_would(languages: LanguageSettler, name: str) -> None:
    assert share(settled_right(languages, turn) for turn in rows(name, held_out=True)) >= 0.95
