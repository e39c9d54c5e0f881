"""Ranks the articles of one language for a question: candidates by vectors and by words, then one weighted score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
import numpy.typing as npt

from kb_index.content import ArticleEntry
from kb_index.learning import centring
from kb_index.lexical import LexicalIndex
from kb_index.products import product
from kb_index.vectors import VectorPartition
from kb_index.weights import Weights

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_DENSE_PASSAGES = 60
_LEXICAL_ARTICLES = 25
_BEST_PASSAGES = 3
_NO_PASSAGE = -2.0
"""A cosine that no passage can have."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the rankers of all languages need it; vectors have shape (dimension,) and length 1."""

    vector: Floats
    centred: Floats
    """Less the centre of the question's language."""
    adapted: Floats
    """Moved by the adapter that the help center taught."""
    searched: Floats
    """What passages are searched by: as near to the centred vector as to the adapted one."""
    words: Mapping[str, Mapping[str, float]]
    """By language, the question's terms in it, translated where needed, with their weights."""
    known: Mapping[str, float]
    """By language, the share of the question's words that have a translation into it; 1 for its own."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates of one language, best first. Arrays have one row per candidate."""

    language: str
    articles: Ints
    """Positions within the language."""
    features: Floats
    """(candidates, len(FEATURES))"""
    scores: Floats
    passages: Ints
    """The passage of each article that is nearest to the question, numbered from the article's first one.

    The first passage, title and description, is near to every question about its article and answers none: it comes
    only where it is alone.
    """
    known_words: float
    """Share of the question's words, weighted by rarity, that occur in any article that could be a candidate."""

    def __len__(self) -> int:
        return len(self.articles)

    def rows(self, limit: int) -> Iterator[tuple[int, int, float]]:
        """(row, article, score) of the first candidates, best first."""
        return zip(count(), self.articles[:limit].tolist(), self.scores[:limit].tolist(), strict=False)

    def without(self, excluded: Sequence[bool] | npt.NDArray[np.bool_]) -> Ranking:
        """The ranking less the candidates that are marked."""
        kept = ~np.asarray(excluded, dtype=bool)
        return Ranking(
            self.language,
            self.articles[kept],
            self.features[kept],
            self.scores[kept],
            self.passages[kept],
            self.known_words,
        )


class LanguageRanker:
    """The vectors and words of one language's articles, and where their translations are."""

    def __init__(
        self, language: str, entries: Sequence[ArticleEntry], vectors: VectorPartition, lexical: LexicalIndex
    ) -> None:
        self.language = language
        self.entries = entries
        self.lexical = lexical
        self._vectors = vectors
        counts = np.array([entry.passages for entry in entries], dtype=np.int64)
        self._counts = counts
        self._first = np.cumsum(counts) - counts
        self._article_of_row = np.repeat(np.arange(len(entries)), counts)
        share = np.float32(centring(vectors.count))
        self.centre: Floats = vectors.mean * share
        """(dimension,): what centring takes off the vectors of this language's texts."""
        # |p - c|² = 1 - 2 p·c + |c|² for a passage p of length 1, so no centred copy of the vectors is needed.
        self._lengths: Floats = np.sqrt(1 - 2 * share * vectors.along_mean + self.centre @ self.centre)
        self._prior: Floats = np.log1p(np.stack((lexical.links, counts), axis=1)).astype(np.float32)
        self._translations: list[tuple[LanguageRanker, Ints]] = []

    def link_translations(self, others: Sequence[LanguageRanker]) -> None:
        """Tells the ranker which articles of other languages are its own ones' translations."""
        for other in others:
            places = {entry.id: number for number, entry in enumerate(other.entries)}
            found = np.array([places.get(entry.id, -1) for entry in self.entries], dtype=np.int64)
            if (found >= 0).any():
                self._translations.append((other, found))

    def rank(
        self,
        question: Question,
        weights: Weights,
        *,
        translations: bool = False,
        keep: npt.NDArray[np.bool_] | None = None,
    ) -> Ranking:
        """Ranks candidates for a question.

        `translations`: what the translations of an article say counts, too. `keep` (articles,) limits the ranking to
        some articles of the language.
        """
        match = self.lexical.match(question.words[self.language], keep)
        _, rows = self._vectors.search(question.searched, _DENSE_PASSAGES)
        lexical = match.sums()
        by_words = np.argpartition(-lexical, min(_LEXICAL_ARTICLES, len(lexical)) - 1)[:_LEXICAL_ARTICLES]
        by_words = by_words[lexical[by_words] > 0]
        candidates = np.union1d(self._article_of_row[rows], by_words)
        if keep is not None:
            candidates = candidates[keep[candidates]]
        dense, passages = self._dense_features(candidates, question)
        words = match.scores(candidates)
        best_words = words.max(axis=0, initial=0)
        versions = np.column_stack((dense[:, (2, 5)], words[:, -2:]))
        if translations:
            versions = self._with_translations(candidates, question, versions)
        features: Floats = np.column_stack(
            (dense, words, words / np.where(best_words > 0, best_words, 1), versions, self._prior[candidates])
        )
        scores: Floats = features @ weights
        order = np.argsort(-scores, kind="stable")
        known = match.known * question.known[self.language]
        return Ranking(
            self.language,
            candidates[order],
            features[order],
            scores[order],
            passages[order],
            known,
        )

    def _with_translations(self, candidates: Ints, question: Question, own: Floats) -> Floats:
        """(candidates, 4): summary and word scores averaged over all versions of each article, `own` included."""
        total, count = own.copy(), np.ones((len(candidates), 1), dtype=np.float32)
        for other, places in self._translations:
            here = places[candidates] >= 0
            theirs = places[candidates[here]]
            summaries = other._first[theirs]
            near = other._cosines(other._vectors.take(summaries), summaries, question)
            words = other.lexical.match(question.words[other.language]).whole(theirs)
            total[here] += np.column_stack((near, words))
            count[here] += 1
        averaged: Floats = total / count
        return averaged

    def _dense_features(self, candidates: Ints, question: Question) -> tuple[Floats, Ints]:
        """((candidates, 7) the dense features, `Ranking.passages`)."""
        if not len(candidates):
            return np.zeros((0, 7), dtype=np.float32), np.zeros(0, dtype=np.int64)
        counts, first = self._counts[candidates], self._first[candidates]
        starts = np.cumsum(counts) - counts
        numbers = np.repeat(first - starts, counts) + np.arange(counts.sum())
        rows = self._vectors.take(numbers)
        padded = _padded(self._cosines(rows, numbers, question).T, counts)
        top = np.partition(padded, -_BEST_PASSAGES, axis=2)[:, :, -_BEST_PASSAGES:]
        means = np.where(top > _NO_PASSAGE, top, 0).sum(axis=2) / np.minimum(counts, _BEST_PASSAGES)
        by_vector = np.stack((top.max(axis=2), means, padded[:, :, 0]), axis=2)
        adapted = padded[1]
        plain = rows[starts + adapted.argmax(axis=1)] @ question.vector
        features: Floats = np.column_stack((*by_vector, plain)).astype(np.float32)
        adapted[counts > 1, 0] = _NO_PASSAGE
        return features, adapted.argmax(axis=1)

    def _cosines(self, rows: Floats, numbers: Ints, question: Question) -> Floats:
        """(rows, 2): of these passages, whose row numbers are given, too, with the centred and the adapted vector."""
        vectors = np.stack((question.centred, question.adapted), axis=1)
        cosines = product(rows, vectors)
        cosines -= self.centre @ vectors
        cosines /= self._lengths[numbers, None]
        return cosines


def _padded(values: Floats, counts: Ints) -> Floats:
    """(vectors, candidates, most passages) from the values of all candidates' passages, (vectors, passages)."""
    padded = np.full((len(values), len(counts), max(_BEST_PASSAGES, int(counts.max()))), _NO_PASSAGE, dtype=np.float32)
    padded[:, np.arange(padded.shape[2]) < counts[:, None]] = values
    return padded
