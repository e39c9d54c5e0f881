"""Judges whether the best article found is likely to answer the question, so that noise is not shown."""

from __future__ import annotations

import numpy as np

from kb_index.ranking import FEATURES, Ranking

THRESHOLD = 0.5
"""From here on a question counts as answerable; at least 95 % of the answerable development questions pass."""

SIGNALS: tuple[str, ...] = ("dense_best", "dense_summary", "gap", "coverage", "known_words")
_WEIGHTS = np.array([25.0, 10.0, 5.0, 2.0, 0.0])
_OFFSET = -29.5


def signals(ranking: Ranking) -> np.ndarray:
    """(len(SIGNALS),) what is known about the best candidate; zeros when there is none."""
    if not len(ranking):
        return np.zeros(len(SIGNALS))
    dense = ranking.features[:, FEATURES.index("dense_best")]
    field = dict(zip(FEATURES, ranking.features[0].tolist(), strict=True))
    others = np.sort(dense)[::-1][1:10]
    gap = float(dense.max() - others.mean()) if len(others) else 0.0
    return np.array([dense.max(), field["dense_summary"], gap, field["coverage"], ranking.known_words])


def probability(ranking: Ranking) -> float:
    """Probability that the best candidate answers; 0 without candidates."""
    if not len(ranking):
        return 0.0
    return float(1 / (1 + np.exp(-(signals(ranking) @ _WEIGHTS + _OFFSET))))
