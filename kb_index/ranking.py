"""Ranks the articles of one language for a query: candidates by vectors and by words, then one weighted score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kb_index.content import ArticleEntry
from kb_index.lexical import FIELDS, LexicalIndex
from kb_index.vectors import VectorPartition

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_WORD_FEATURES = (*FIELDS, "coverage")
FEATURES: tuple[str, ...] = (
    *("dense_best", "dense_top3", "dense_summary", "dense_plain"),
    *_WORD_FEATURES,
    *(f"{name}_relative" for name in _WORD_FEATURES),
)
"""dense_best: centred cosine of the best passage; dense_top3: mean of the best three; dense_summary: that of title and
description; dense_plain: cosine of the best passage without centring; then the word scores of `LexicalMatch`, as they
are and (relative) divided by the best among the candidates.

Centred: with most of the mean vector of its language taken off both sides. Sentence encoders place all texts of a
language in a narrow cone, where a few general passages are near to every question; centring takes that away, and the
difference between two languages with it.
"""


def _weights(by_feature: dict[str, float]) -> Floats:
    return np.array([by_feature[name] for name in FEATURES], dtype=np.float32)


# Fitted by `python -m kb_index.fitting` on questions with known answers.
NATIVE_WEIGHTS = _weights(
    {
        "dense_best": 1.4,
        "dense_top3": 9.59,
        "dense_summary": 4.32,
        "dense_plain": 30.82,
        "title": 2.64,
        "description": -0.59,
        "headings": 0.39,
        "body": -4.79,
        "all": 2.02,
        "coverage": 3.54,
        "title_relative": -1.28,
        "description_relative": 1.2,
        "headings_relative": -0.46,
        "body_relative": 4.0,
        "all_relative": 3.35,
        "coverage_relative": -3.5,
    }
)
"""Question and articles in one language."""
CROSS_WEIGHTS = _weights(
    {
        "dense_best": 15.28,
        "dense_top3": 20.78,
        "dense_summary": 5.58,
        "dense_plain": -13.98,
        "title": 3.98,
        "description": -5.98,
        "headings": -8.04,
        "body": -2.48,
        "all": 17.58,
        "coverage": 1.54,
        "title_relative": -0.67,
        "description_relative": 0.42,
        "headings_relative": -0.23,
        "body_relative": 0.9,
        "all_relative": 1.38,
        "coverage_relative": -1.34,
    }
)
"""Articles in another language than the question: its words say little."""

_DENSE_PASSAGES = 100
_LEXICAL_ARTICLES = 30
_BEST_PASSAGES = 3
_NO_PASSAGE = -2.0
"""A cosine that no passage can have."""
_CENTRING = 0.8
_CENTRING_NEEDS = 50
"""Passages at which half of the centring is done: the mean of a few passages would be their own content."""


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

    def rows(self) -> Iterator[tuple[int, int, float]]:
        """(article, best passage, score) of each candidate, best first."""
        return zip(self.articles.tolist(), self.best_passages.tolist(), self.scores.tolist(), strict=True)

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
        rows = vectors.rows(0, vectors.count)
        self.centre: Floats = rows.mean(axis=0) * (_CENTRING * len(rows) / (len(rows) + _CENTRING_NEEDS))
        """(dimension,): what centring takes off the vectors of this language's texts."""
        self._towards_centre: Floats = rows @ self.centre

    def rank(
        self,
        query: str,
        vector: Floats,
        weights: Floats,
        *,
        centre: Floats | None = None,
        keep: npt.NDArray[np.bool_] | None = None,
    ) -> Ranking:
        """Ranks candidates for a query and its vector (dimension,).

        `centre` is that of the query's language, when the index knows it. `keep` (articles,) limits the ranking to
        some articles of the language.
        """
        match = self._lexical.match(query)
        centred = _unit(vector if centre is None else vector - centre)
        _, rows = self._vectors.search(centred, _DENSE_PASSAGES)
        lexical = match.fields.sum(axis=0)
        by_words = np.argpartition(-lexical, min(_LEXICAL_ARTICLES, len(lexical)) - 1)[:_LEXICAL_ARTICLES]
        by_words = by_words[lexical[by_words] > 0]
        candidates = np.union1d(self._article_of_row[rows], by_words)
        if keep is not None:
            candidates = candidates[keep[candidates]]
        dense, best_passages = self._dense_features(candidates, vector, centred)
        words = np.column_stack((match.fields[:, candidates].T, match.coverage[candidates]))
        best_words = words.max(axis=0, initial=0)
        features = np.column_stack((dense, words, words / np.where(best_words > 0, best_words, 1)))
        scores = features @ weights
        order = np.argsort(-scores, kind="stable")
        return Ranking(
            self.language, candidates[order], features[order], scores[order], best_passages[order], match.known
        )

    def _dense_features(self, candidates: Ints, vector: Floats, centred: Floats) -> tuple[Floats, Ints]:
        """((candidates, 4) the dense features, (candidates,) the best passage of each)."""
        if not len(candidates):
            return np.zeros((0, 4), dtype=np.float32), np.zeros(0, dtype=np.int64)
        counts, first = self._counts[candidates], self._first[candidates]
        numbers = np.repeat(first - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
        rows = self._vectors.take(numbers)
        # |p - c|² = 1 - 2 p·c + |c|² for a passage p of length 1, so no centred copy of the vectors is needed.
        lengths = np.sqrt(1 - 2 * self._towards_centre[numbers] + self.centre @ self.centre)
        # einsum and not @: for so small a product, waking up BLAS threads costs more than the product.
        cosines = (np.einsum("ij,j->i", rows, centred) - self.centre @ centred) / lengths
        padded = _padded(cosines, counts)
        best = padded.argmax(axis=1)
        top = np.partition(padded, -_BEST_PASSAGES, axis=1)[:, -_BEST_PASSAGES:]
        mean = np.where(top > _NO_PASSAGE, top, 0).sum(axis=1) / np.minimum(counts, _BEST_PASSAGES)
        plain = np.einsum("ij,j->i", rows[np.cumsum(counts) - counts + best], vector)
        return np.column_stack((top.max(axis=1), mean, padded[:, 0], plain)), best


def _padded(values: Floats, counts: Ints) -> Floats:
    """(candidates, most passages) from the values of all candidates' passages one after another."""
    padded = np.full((len(counts), max(_BEST_PASSAGES, int(counts.max()))), _NO_PASSAGE, dtype=np.float32)
    padded[np.arange(padded.shape[1]) < counts[:, None]] = values
    return padded


def _unit(vector: Floats) -> Floats:
    length = np.linalg.norm(vector)
    return vector if length == 0 else (vector / length).astype(np.float32)
