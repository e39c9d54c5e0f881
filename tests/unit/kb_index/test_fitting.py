from __future__ import annotations

import numpy as np
import pytest

from kb_index.evaluate import Query
from kb_index.fitting import Case, fit_answerability, fit_ranking
from kb_index.ranking import Ranking
from kb_index.weights import FEATURES


def case(number: int, features: np.ndarray, right: int | None) -> Case:
    count = len(features)
    ranking = Ranking("en", np.arange(count), features, np.zeros(count), np.zeros(count, dtype=np.int64), 1.0)
    return Case("questions", Query("en", f"question {number}", f"article {number}"), ranking, right, 1.0)


def test_the_feature_that_marks_the_right_article_gets_the_weight() -> None:
    drawn = np.random.default_rng(1)
    cases = []
    for number in range(60):
        features = drawn.random((20, len(FEATURES)))
        cases.append(case(number, features, int(features[:, 3].argmax())))
    weights = fit_ranking([*cases, case(99, drawn.random((5, len(FEATURES))), None)])
    assert weights.argmax() == 3
    assert weights[3] > 5 * np.abs(np.delete(weights, 3)).max()


def test_answerability_separates_the_two_kinds_however_many_there_are_of_each() -> None:
    drawn = np.random.default_rng(2)
    positive, negative = drawn.normal(0.8, 0.05, (500, 2)), drawn.normal(0.5, 0.05, (40, 2))
    weights, offset = fit_answerability(positive, negative)
    middle = np.array([0.65, 0.65]) @ weights + offset
    assert (positive @ weights + offset > 0).mean() > 0.95
    assert (negative @ weights + offset < 0).mean() > 0.95
    assert middle == pytest.approx(0, abs=1)
