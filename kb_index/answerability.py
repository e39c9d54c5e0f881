"""Judges whether the best article found is likely to answer the question, so that noise is not shown."""

from __future__ import annotations

import numpy as np

from kb_index.ranking import FEATURES, Ranking

THRESHOLD = 0.25
"""From here on a question counts as answerable; at least 95 % of the answerable development questions pass."""

SIGNALS: tuple[str, ...] = ("dense_best", "dense_top3", "dense_plain", "gap", "coverage", "all", "known_words")
# Fitted by `python -m kb_index.fitting` on questions with known answers and questions without one.
_WEIGHTS = np.array([4.138, 5.078, 28.705, -4.44, 1.301, 1.194, 2.906])
_OFFSET = -32.313


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
    return float(1 / (1 + np.exp(-(signals(ranking) @ _WEIGHTS + _OFFSET))))
