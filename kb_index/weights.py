"""What counts in ranking and how much: the features and their fitted weights."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kb_index.lexical import FIELDS

Weights = npt.NDArray[np.float32]
"""(len(FEATURES),)"""

_WORD_FEATURES = (*FIELDS, "coverage")
FEATURES: tuple[str, ...] = (
    *("dense_best", "dense_top3", "dense_summary"),
    *("adapted_best", "adapted_top3", "adapted_summary"),
    "dense_plain",
    *_WORD_FEATURES,
    *(f"{name}_relative" for name in _WORD_FEATURES),
    *("versions_dense", "versions_adapted", "versions_all", "versions_coverage"),
    *("links", "length"),
)
"""dense_best: centred cosine of the best passage; dense_top3: mean of the best three; dense_summary: that of title and
description; adapted_…: the same with the adapted vector; dense_plain: cosine of the passage that is best by the adapted
vector, neither centred nor adapted. Then the word scores of `LexicalMatch`, as they are and (relative) divided by the
best among the candidates. versions_…: summaries and word scores averaged over all translations of the article. links
and length: logarithms of one plus the number of articles that link here and of its passages; much linked and short
articles are what people look for.
"""


def _weights(by_feature: dict[str, float]) -> Weights:
    return np.array([by_feature[name] for name in FEATURES], dtype=np.float32)


# Fitted by `python -m kb_index.fitting` on questions with known answers.
NATIVE_WEIGHTS = _weights(
    {
        "dense_best": -2.64,
        "dense_top3": -1.58,
        "dense_summary": -0.91,
        "adapted_best": 8.13,
        "adapted_top3": 10.0,
        "adapted_summary": -1.01,
        "dense_plain": 14.44,
        "title": -0.17,
        "description": -1.55,
        "headings": 0.23,
        "body": -3.19,
        "anchors": 1.66,
        "context": 2.27,
        "all": -2.7,
        "coverage": 1.7,
        "title_relative": -1.02,
        "description_relative": 0.84,
        "headings_relative": 0.38,
        "body_relative": 3.27,
        "anchors_relative": -0.39,
        "context_relative": -0.91,
        "all_relative": -0.34,
        "coverage_relative": 0.29,
        "versions_dense": 3.5,
        "versions_adapted": 6.31,
        "versions_all": 5.67,
        "versions_coverage": 2.72,
        "links": -0.05,
        "length": -1.36,
    }
)
"""Question and articles in one language."""
CROSS_WEIGHTS = _weights(
    {
        "dense_best": 0.44,
        "dense_top3": -5.09,
        "dense_summary": -0.33,
        "adapted_best": 10.51,
        "adapted_top3": 9.73,
        "adapted_summary": 2.39,
        "dense_plain": 5.39,
        "title": 1.2,
        "description": 0.32,
        "headings": 0.75,
        "body": -1.76,
        "anchors": 0.88,
        "context": 2.43,
        "all": 1.12,
        "coverage": -0.22,
        "title_relative": -0.72,
        "description_relative": 0.76,
        "headings_relative": 0.17,
        "body_relative": 2.45,
        "anchors_relative": -0.43,
        "context_relative": -1.03,
        "all_relative": 2.97,
        "coverage_relative": 1.25,
        "versions_dense": -0.33,
        "versions_adapted": 2.39,
        "versions_all": 1.12,
        "versions_coverage": -0.22,
        "links": -0.0,
        "length": -1.24,
    }
)
"""Articles in another language than the question."""
