"""The passage of a found article that is shown."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kb_index.encoder import Encoder
from kb_index.passage_choice import best_passage
from kb_index.word_vectors import WordVectors


class Rated:
    """A nearness from a table; remembers what it was asked."""

    def __init__(self, **ratings: float) -> None:
        self.ratings = ratings
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> list[float]:
        self.asked += texts
        return [self.ratings.get(text, 0.0) for text in texts]


def test_the_passage_whose_words_answer_wins_over_a_vector_that_is_a_little_nearer() -> None:
    assert best_passage(["about", "a", "b"], [0.1, 0.5, 0.4], Rated(a=0.3, b=0.6)) == 2
    assert best_passage(["about", "a", "b"], [0.1, 0.8, 0.4], Rated(a=0.3, b=0.6)) == 1


def test_the_description_is_shown_only_when_there_is_nothing_else() -> None:
    assert best_passage(["about", "a"], [0.9, 0.1], Rated(about=1.0)) == 1
    assert best_passage(["about"], [0.9], Rated()) == 0


def test_of_equals_the_one_with_the_nearer_vector_wins_and_then_the_first() -> None:
    assert best_passage(["about", "a", "b"], [0.0, 0.25, 0.5], Rated(a=0.5, b=0.25)) == 2
    assert best_passage(["about", "a", "b"], [0.0, 0.5, 0.5], Rated()) == 1


def test_only_the_nearest_passages_of_a_long_article_are_rated() -> None:
    texts = ["about", *map(str, range(30))]
    rated = Rated(**{"29": 1.0})
    assert best_passage(texts, [0.0, *(0.9 - number / 100 for number in range(30))], rated) == 1
    assert rated.asked == ["0", "1", "2", "3"] and len(rated.asked) == CANDIDATES


def test_a_question_in_another_language_finds_its_passage(encoder: Encoder) -> None:
    texts = [
        "How printed checks are voided.",
        "Open the check register, select the check and choose the void action.",
        "If the void action is missing, your role lacks the permission; ask an administrator.",
    ]
    nearness = WordVectors.load(encoder.directory, encoder.tokenizer).nearness("mir fehlt die Berechtigung")
    assert best_passage(texts, [0.5, 0.4, 0.38], nearness) == 2


@pytest.mark.parametrize(("texts", "dense"), [([], []), (["about", "a"], [0.1])])
def test_passages_without_their_cosines_are_refused(texts: list[str], dense: list[float]) -> None:
    with pytest.raises(ValueError, match="one cosine for each passage is needed"):
        best_passage(texts, dense, Rated())
