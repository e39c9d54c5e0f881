"""Ranks the articles of one language for a query: candidates by vectors and by words, then one weighted score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kb_index.content import ArticleEntry
from kb_index.lexical import FIELDS, LexicalIndex
from kb_index.vectors import VectorPartition

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

FEATURES: tuple[str, ...] = ("dense_best", "dense_top3", "dense_summary", *FIELDS, "coverage")
"""dense_best: cosine of the best passage; dense_top3: mean of the best three; dense_summary: cosine of title and
description; then the word scores of `LexicalMatch`."""

NATIVE_WEIGHTS = np.array([20.0, 10.0, 10.0, 2.0, 1.0, 1.0, 1.0, 2.0, 1.0], dtype=np.float32)
"""Question and articles in one language."""
CROSS_WEIGHTS = np.array([20.0, 10.0, 10.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0], dtype=np.float32)
"""Articles in another language than the question: its words say little."""

_DENSE_PASSAGES = 100
_LEXICAL_ARTICLES = 30
_BEST_PASSAGES = 3


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates of one language, best first. Arrays have one row per candidate."""

    language: str
    articles: Ints
    """Positions within the language."""
    features: Floats
    """(candidates, len(FEATURES))"""
    scores: Floats
    best_passages: Ints
    """Best passage of each article, numbered from its first one."""
    known_words: float
    """`LexicalMatch.known`."""

    def __len__(self) -> int:
        return len(self.articles)

    def without(self, excluded: Sequence[bool] | npt.NDArray[np.bool_]) -> Ranking:
        """The ranking less the candidates that are marked."""
        kept = ~np.asarray(excluded, dtype=bool)
        return Ranking(
            self.language,
            self.articles[kept],
            self.features[kept],
            self.scores[kept],
            self.best_passages[kept],
            self.known_words,
        )


class LanguageRanker:
    """The vectors and words of one language's articles."""

    def __init__(
        self, language: str, entries: Sequence[ArticleEntry], vectors: VectorPartition, lexical: LexicalIndex
    ) -> None:
        self.language = language
        self.entries = entries
        self._vectors = vectors
        self._lexical = lexical
        counts = np.array([entry.passages for entry in entries], dtype=np.int64)
        self._counts = counts
        self._first = np.cumsum(counts) - counts
        self._article_of_row = np.repeat(np.arange(len(entries)), counts)

    def rank(self, query: str, vector: Floats, weights: Floats, keep: npt.NDArray[np.bool_] | None = None) -> Ranking:
        """Ranks candidates for a query and its vector (dimension,).

        `keep` (articles,) limits the ranking to some articles of the language.
        """
        match = self._lexical.match(query)
        _, rows = self._vectors.search(vector, _DENSE_PASSAGES)
        lexical = match.fields.sum(axis=0)
        by_words = np.argpartition(-lexical, min(_LEXICAL_ARTICLES, len(lexical)) - 1)[:_LEXICAL_ARTICLES]
        by_words = by_words[lexical[by_words] > 0]
        candidates = np.union1d(self._article_of_row[rows], by_words)
        if keep is not None:
            candidates = candidates[keep[candidates]]
        dense, best_passages = self._dense_features(candidates, vector)
        features = np.column_stack((dense, match.fields[:, candidates].T, match.coverage[candidates]))
        scores = features @ weights
        order = np.argsort(-scores, kind="stable")
        return Ranking(
            self.language, candidates[order], features[order], scores[order], best_passages[order], match.known
        )

    def _dense_features(self, candidates: Ints, vector: Floats) -> tuple[Floats, Ints]:
        """((candidates, 3) the dense features, (candidates,) the best passage of each)."""
        if not len(candidates):
            return np.zeros((0, 3), dtype=np.float32), np.zeros(0, dtype=np.int64)
        counts, first = self._counts[candidates], self._first[candidates]
        rows = [self._vectors.rows(start, count) for start, count in zip(first.tolist(), counts.tolist(), strict=True)]
        # One row per candidate, padded with a cosine that no passage can have.
        cosines = np.full((len(candidates), max(_BEST_PASSAGES, counts.max())), -2, dtype=np.float32)
        cosines[np.arange(cosines.shape[1]) < counts[:, None]] = np.concatenate(rows) @ vector
        top = np.partition(cosines, -_BEST_PASSAGES, axis=1)[:, -_BEST_PASSAGES:]
        mean = np.where(top > -2, top, 0).sum(axis=1) / np.minimum(counts, _BEST_PASSAGES)
        return np.column_stack((top.max(axis=1), mean, cosines[:, 0])), cosines.argmax(axis=1)
