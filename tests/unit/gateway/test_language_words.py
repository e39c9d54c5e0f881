"""What single words say about a language, and that the counts still fit the texts they were made from."""

from __future__ import annotations

import pytest

from bot.gateway.count_words import count_words
from bot.gateway.language_words import NONE, LanguageWords, load_language_words
from bot.gateway.letter_runs import LetterRuns
from bot.locales import LANGUAGES


@pytest.fixture(scope="module")
def words() -> LanguageWords:
    return load_language_words()


def likeliest(words: LanguageWords, *said: str) -> str:
    evidence = words.evidence(said)
    return max(evidence, key=lambda language: evidence[language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_nine_of_ten_words_of_the_products_texts_were_counted(words: LanguageWords, language: str) -> None:
    counts = {word: n for word, n in count_words(language).items() if not any(c.isdigit() for c in word)}
    known = sum(n for word, n in counts.items() if words.known(word))
    assert known / sum(counts.values()) >= 0.9, "run `python -m bot.gateway.count_words`"


@pytest.mark.parametrize(
    ("word", "language"), [("invoice", "en"), ("factura", "es"), ("facture", "fr"), ("rechnung", "de"), ("niet", NONE)]
)
def test_a_word_of_one_language_speaks_for_it(words: LanguageWords, word: str, language: str) -> None:
    assert likeliest(words, word) == language


def test_an_english_term_says_little_against_the_language_around_it(words: LanguageWords) -> None:
    assert likeliest(words, "das", "posting", "hängt") == "de"


@pytest.mark.parametrize(
    ("word", "language"), [("Lagerbewertungslauf", "de"), ("desajustaciones", "es"), ("enregistreriez", "fr")]
)
def test_a_word_that_was_never_counted_is_judged_by_its_letters(words: LanguageWords, word: str, language: str) -> None:
    assert not words.known(word)
    assert likeliest(words, word.lower()) == language


def test_an_unknown_name_says_nothing(words: LanguageWords) -> None:
    assert len(set(words.evidence(["Zwrqbert"]).values())) == 1


def test_letters_of_a_script_that_none_of_the_four_uses_speak_against_them(words: LanguageWords) -> None:
    assert likeliest(words, "войти") == NONE


@pytest.mark.parametrize(
    ("said", "current", "language"),
    [
        (["muchas", "gracias"], "en", None),  # no single greeting: the words decide
        (["gracias"], "en", "es"),
        (["sí"], "fr", "es"),
        (["si"], "fr", None),
        (["sì"], "fr", None),
        (["merci"], "de", None),
        (["merci"], "en", "fr"),
        (["Dankeschön"], "en", "de"),
        ([], "en", None),
    ],
)
def test_a_greeting_or_thanks_is_followed_unless_the_neighbours_say_it_too(
    words: LanguageWords, said: list[str], current: str, language: str | None
) -> None:
    assert words.said_alone(said, current) == language


def test_letter_runs_prefer_the_column_they_were_learnt_from() -> None:
    runs = LetterRuns({"rechnung": (0, 9), "buchung": (0, 9), "invoice": (9, 0), "voucher": (9, 0)})
    english, german, neither = runs.evidence("verrechnung")
    assert german == 0.0 > english
    assert neither <= 0.0
