"""How likely the best article found is to answer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_index.answerability import SIGNALS, THRESHOLD, probability, signals
from kb_index.articles import LANGUAGES
from kb_index.encoder import Encoder
from kb_index.ranking import Ranking
from kb_index.search import KnowledgeIndex
from kb_index.weights import FEATURES, NATIVE_WEIGHTS

TYPICAL = {"dense_best": 0.83, "dense_top3": 0.8, "dense_plain": 0.85, "coverage": 0.6, "all": 0.5}


def ranking(*candidates: dict[str, float], language: str = "en", known: float = 0.8) -> Ranking:
    """Candidates with these features, the others 0, best first."""
    count = len(candidates)
    rows = np.array([[one.get(name, 0.0) for name in FEATURES] for one in candidates], dtype=np.float32)
    features, scores = rows.reshape(count, len(FEATURES)), np.zeros(count, dtype=np.float32)
    return Ranking(language, np.arange(count), features, scores, np.zeros(count, dtype=np.int64), known)


def logit(chance: float) -> float:
    return float(np.log(chance / (1 - chance)))


def test_nothing_found_answers_nothing() -> None:
    assert probability(ranking()) == 0.0
    np.testing.assert_array_equal(signals(ranking()), np.zeros(len(SIGNALS)))


def test_the_signals_tell_of_the_best_candidate_and_how_far_it_is_ahead() -> None:
    found = dict(zip(SIGNALS, signals(ranking(TYPICAL, {**TYPICAL, "dense_best": 0.7, "coverage": 0.9})), strict=True))
    assert found["dense_best"] == pytest.approx(0.83)
    assert found["gap"] == pytest.approx(0.13)
    assert (found["coverage"], found["all"]) == pytest.approx((0.6, 0.5))
    assert found["known_words"] == 0.8
    assert dict(zip(SIGNALS, signals(ranking(TYPICAL)), strict=True))["gap"] == 0


@pytest.mark.parametrize("name", ["dense_best", "dense_plain", "coverage"])
def test_a_better_candidate_is_likelier_to_answer(name: str) -> None:
    worse, better = ({**TYPICAL, name: TYPICAL[name] + step} for step in (-0.05, 0.05))
    assert probability(ranking(better)) > probability(ranking(worse))


def test_a_question_of_unknown_words_is_less_likely_to_be_answered() -> None:
    assert probability(ranking(TYPICAL, known=1.0)) > probability(ranking(TYPICAL, known=0.0))


def test_german_articles_get_the_benefit_of_the_doubt_because_compounds_hide_words() -> None:
    chances = {language: probability(ranking(TYPICAL, language=language)) for language in LANGUAGES}
    assert max(chances, key=chances.__getitem__) == "de"
    assert min(chances.values()) > 0
    assert len(set(chances.values())) == len(LANGUAGES)


@given(st.floats(0.5, 0.95), st.floats(0, 1), st.floats(0, 1))
def test_a_language_adds_the_same_to_every_question(dense: float, coverage: float, known: float) -> None:
    def difference(features: dict[str, float], known: float) -> float:
        return logit(probability(ranking(features, language="de", known=known))) - logit(
            probability(ranking(features, language="en", known=known))
        )

    asked = {**TYPICAL, "dense_best": dense, "coverage": coverage}
    assert difference(asked, known) == pytest.approx(difference(TYPICAL, 0.8), abs=1e-6)


@pytest.mark.parametrize(
    ("language", "query", "answered"),
    [
        ("en", "How do I void a printed check?", True),
        ("es", "¿Cómo anulo un cheque impreso?", True),
        ("en", "Who wins the football cup on Sunday?", False),
        ("es", "¿Quién gana la copa de fútbol el domingo?", False),
    ],
)
def test_real_questions_fall_on_the_right_side_of_the_threshold(
    small_index: KnowledgeIndex, encoder: Encoder, language: str, query: str, answered: bool
) -> None:
    question = small_index.question(query, encoder.encode_queries([query])[0], language)
    chance = probability(small_index.ranker(language).rank(question, NATIVE_WEIGHTS, translations=True))
    assert (chance >= THRESHOLD) is answered
    assert small_index.search(query, language=language).answerable is answered
