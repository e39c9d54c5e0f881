"""Judges whether the best article found is likely to answer the question, so that noise is not shown."""

from __future__ import annotations

import numpy as np

from kb_index.ranking import Ranking
from kb_index.weights import FEATURES

THRESHOLD = 0.27
"""From here on a question counts as answerable: in each language at least 95 % of the answerable development questions
and at most 15 % of the others pass (five-fold cross-validation)."""

SIGNALS: tuple[str, ...] = ("dense_best", "dense_top3", "dense_plain", "gap", "coverage", "all", "known_words")
# Fitted by `python -m kb_index.fitting` on questions with known answers and questions without one.
_WEIGHTS = np.array([3.859, 4.724, 28.577, -4.764, 1.287, 0.99, 3.15])
_OFFSET = -31.948
_LANGUAGE_OFFSETS = {"en": -0.09, "es": -0.139, "fr": -0.205, "de": 0.44}
"""By the language of the articles: German compounds are found by their words less often."""


def signals(ranking: Ranking) -> np.ndarray:
    """(len(SIGNALS),) what is known about the best candidate; zeros when there is none."""
    if not len(ranking):
        return np.zeros(len(SIGNALS))
    dense = np.sort(ranking.features[:, FEATURES.index("dense_best")])[::-1]
    gap = float(dense[0] - dense[1:10].mean()) if len(dense) > 1 else 0.0
    first = dict(zip(FEATURES, ranking.features[0].tolist(), strict=True))
    top3 = ranking.features[:, FEATURES.index("dense_top3")].max()
    plain = ranking.features[:, FEATURES.index("dense_plain")].max()
    return np.array([dense[0], top3, plain, gap, first["coverage"], first["all"], ranking.known_words])


def probability(ranking: Ranking) -> float:
    """Probability that the best candidate answers; 0 without candidates."""
    if not len(ranking):
        return 0.0
    logit = signals(ranking) @ _WEIGHTS + _OFFSET + _LANGUAGE_OFFSETS[ranking.language]
    return float(1 / (1 + np.exp(-logit)))
