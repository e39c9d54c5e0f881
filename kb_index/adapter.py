"""A small correction of question vectors, learned from the help center itself, that a held-out part must approve.

The encoder was trained on texts of all kinds. A help center says which of its short texts (titles, headings,
descriptions, links) belong to which articles, in every language; a matrix that moves the former towards the passages
of the latter makes questions find articles that general similarity misses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

# Chosen on a public help center of 816 articles in four languages (tests/benchmarks/retrieval.md).
_PASSES = 6
_LEAST_STEPS = 120
_BATCH = 512
_RATE = 1e-3
_WARM_UP = 0.1
_DECAY = 1.0
_TEMPERATURE = 0.05
_OWN_LANGUAGE = 0.5
"""Share of the passages taken from the text's own language; the others come from any."""
_BEST_PASSAGE = 0.7
"""Share of the passages that are the nearest one of their article instead of any."""
_HELD_OUT = 10
"""One article in so many is held out."""
_LEAST_HELD_OUT = 40
"""Texts below which the held-out part could approve by chance."""
_BEYOND_CHANCE = 1.64
_BLOCK = 256
"""Texts compared with all passages at once."""
_SEED = 20_240_601


class QueryAdapter:
    """Moves centred unit vectors of questions; the identity where nothing was learned."""

    def __init__(self, matrix: Floats | None) -> None:
        self._matrix = matrix

    @property
    def learned(self) -> bool:
        return self._matrix is not None

    def adapt(self, vectors: Floats) -> Floats:
        """(…, dimension) of length 1 to the same shape, of length 1."""
        return vectors if self._matrix is None else unit(vectors + vectors @ self._matrix)

    def save(self, path: Path) -> None:
        """Writes nothing when nothing was learned."""
        if self._matrix is not None:
            np.save(path, self._matrix)

    @classmethod
    def load(cls, path: Path) -> QueryAdapter:
        """The identity when there is no such file. Raises OSError or ValueError for a damaged one."""
        return cls(np.load(path) if path.exists() else None)


@dataclass(frozen=True, slots=True)
class TrainingTexts:
    """Short texts with the article and language each belongs to. Vectors are centred and of length 1."""

    vectors: Floats
    """(texts, dimension)"""
    articles: Ints
    """(texts,): numbers that translations of an article share, in the order in which passages follow each other."""
    languages: Ints
    """(texts,): positions in `Passages`."""

    def where(self, chosen: npt.NDArray[np.bool_]) -> TrainingTexts:
        return TrainingTexts(self.vectors[chosen], self.articles[chosen], self.languages[chosen])


@dataclass(frozen=True, slots=True)
class Passages:
    """Passages of all articles by language. Vectors are centred and of length 1."""

    vectors: Sequence[Floats]
    """By language, (passages, dimension), those of an article beside each other."""
    first: Sequence[Ints]
    """By language, (articles,): row of each article's first passage; -1 when it has no version in that language."""
    counts: Sequence[Ints]
    """By language, (articles,)"""


@dataclass(frozen=True, slots=True)
class Approval:
    """How the held-out texts find their articles (share found among the first three) without and with the adapter."""

    texts: int
    before: float
    after: float
    gained: int
    """Texts that find their article with it only."""
    lost: int
    """Texts that find it without it only."""

    @property
    def granted(self) -> bool:
        """Whether it helps beyond what chance would do once in twenty times (a sign test)."""
        enough = self.texts >= _LEAST_HELD_OUT
        return enough and self.gained - self.lost > _BEYOND_CHANCE * math.sqrt(self.gained + self.lost)


def train_adapter(texts: TrainingTexts, passages: Passages) -> tuple[QueryAdapter, Approval]:
    """Learns on nine articles in ten; the identity when the tenth does not find its articles better with it."""
    held_out = texts.articles % _HELD_OUT == 0
    matrix = _train(texts.where(~held_out), passages)
    checked = texts.where(held_out)
    before = _found(checked.vectors, checked, passages)
    after = _found(unit(checked.vectors + checked.vectors @ matrix), checked, passages)
    gained, lost = int((after & ~before).sum()), int((before & ~after).sum())
    shares = [float(found.mean()) if len(found) else 0.0 for found in (before, after)]
    approval = Approval(len(checked.articles), shares[0], shares[1], gained, lost)
    return QueryAdapter(matrix if approval.granted else None), approval


def midway(vectors: Floats, others: Floats) -> Floats:
    """Vectors of length 1 that are as near to the one as to the other, for searching both at once."""
    return unit(vectors + others)


def unit(vectors: Floats) -> Floats:
    """Vectors scaled to length 1; those of length 0 stay."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Floats = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return scaled


def _train(texts: TrainingTexts, passages: Passages) -> Floats:
    """(dimension, dimension): by contrast with the other articles of a batch (InfoNCE), with AdamW on one cycle."""
    random = np.random.default_rng(_SEED)
    dimension = texts.vectors.shape[1]
    matrix, mean, square = (np.zeros((dimension, dimension), dtype=np.float32) for _ in range(3))
    if not len(texts.articles):
        return matrix
    nearest = _nearest_passages(texts, passages)
    # Articles with many texts (much linked ones) would otherwise be most of what is learned.
    share = 1 / np.sqrt(np.bincount(texts.articles)[texts.articles])
    share /= share.sum()
    steps = max(_LEAST_STEPS, _PASSES * len(texts.articles) // _BATCH)
    for step in range(1, steps + 1):
        drawn = random.choice(len(share), min(_BATCH, len(share)), p=share)
        _, once = np.unique(texts.articles[drawn], return_index=True)
        drawn = drawn[once]
        towards = _draw_passages(random, drawn, texts, passages, nearest)
        gradient = _gradient(matrix, texts.vectors[drawn], towards)
        mean += 0.1 * (gradient - mean)
        square += 0.001 * (gradient * gradient - square)
        change = (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
        matrix -= _rate(step / steps) * (change + _DECAY * matrix)
    return matrix


def _rate(progress: float) -> float:
    if progress < _WARM_UP:
        return _RATE * progress / _WARM_UP
    return _RATE * (1 + np.cos(np.pi * (progress - _WARM_UP) / (1 - _WARM_UP))) / 2


def _gradient(matrix: Floats, vectors: Floats, towards: Floats) -> Floats:
    moved = vectors + vectors @ matrix
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    directions = moved / lengths
    scores = directions @ towards.T / _TEMPERATURE
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    shares[np.diag_indices_from(shares)] -= 1
    by_direction = shares @ towards / (_TEMPERATURE * len(vectors))
    by_moved = (by_direction - directions * (by_direction * directions).sum(axis=1, keepdims=True)) / lengths
    gradient: Floats = (vectors.T @ by_moved).astype(np.float32)
    return gradient


def _draw_passages(
    random: np.random.Generator, drawn: Ints, texts: TrainingTexts, passages: Passages, nearest: Ints
) -> Floats:
    """(drawn, dimension): for each text a passage of its article, in its own language or another it exists in."""
    first, counts = np.stack(passages.first, axis=1), np.stack(passages.counts, axis=1)
    articles, languages = texts.articles[drawn], texts.languages[drawn]
    other = random.integers(0, first.shape[1], len(drawn))
    stays = (random.random(len(drawn)) < _OWN_LANGUAGE) | (first[articles, other] < 0)
    languages = np.where(stays, languages, other)
    rows = first[articles, languages] + (random.random(len(drawn)) * counts[articles, languages]).astype(np.int64)
    rows = np.where(random.random(len(drawn)) < _BEST_PASSAGE, nearest[drawn, languages], rows)
    pairs = zip(languages.tolist(), rows.tolist(), strict=True)
    return np.stack([passages.vectors[language][row] for language, row in pairs])


def _nearest_passages(texts: TrainingTexts, passages: Passages) -> Ints:
    """(texts, languages): row of the article's passage that is nearest to the text; -1 without a version."""
    nearest = np.full((len(texts.articles), len(passages.vectors)), -1, dtype=np.int64)
    order = np.argsort(texts.articles, kind="stable")
    starts = np.flatnonzero(np.diff(texts.articles[order], prepend=-1))
    for group in np.split(order, starts[1:]):
        article = texts.articles[group[0]]
        for language, rows in enumerate(passages.vectors):
            first, count = passages.first[language][article], passages.counts[language][article]
            if first >= 0:
                near = texts.vectors[group] @ rows[first : first + count].T
                nearest[group, language] = first + near.argmax(axis=1)
    return nearest


def _found(vectors: Floats, texts: TrainingTexts, passages: Passages) -> npt.NDArray[np.bool_]:
    """For each text and each language its article exists in, whether the article is among the three best there."""
    found = list[npt.NDArray[np.bool_]]()
    for rows, first in zip(passages.vectors, passages.first, strict=True):
        present = np.flatnonzero(first >= 0)
        here = np.flatnonzero(np.isin(texts.articles, present))
        for start in range(0, len(here), _BLOCK):
            block = here[start : start + _BLOCK]
            best = np.maximum.reduceat(vectors[block] @ rows.T, first[present], axis=1)
            own = best[np.arange(len(best)), np.searchsorted(present, texts.articles[block])]
            found.append((best > own[:, None]).sum(axis=1) < 3)
    return np.concatenate(found) if found else np.zeros(0, dtype=bool)
