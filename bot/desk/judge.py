"""Learns from examples what a text is about: kernel ridge regression on vectors and pieces of words, as probabilities.

Few examples are enough because the encoder knows what words mean; pieces of words add the terms of the trade. Solving
one linear system gives, beside the weights, what would be said of each group of examples without having seen it. The
temperature of the softmax is fitted on those answers, so the probabilities can be taken at their word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from bot.desk.described import Floats
from bot.locales.wording import normalise

# Chosen by the answers of the groups left out (tests/benchmarks/choices.py shows what they give on held-out texts).
WIDTH, RIDGE, SHARE_OF_PIECES = 0.5, 0.05, 0.3
PIECES = (3, 4)  # letters
_TEMPERATURES = np.arange(1.0, 40.5, 0.5)


@dataclass(frozen=True)
class Judge:
    """`values` are sorted, k of them; the rest is what `fit` learned. Nothing changes later: safe between threads."""

    values: list[str]
    mean: Floats
    scale: Floats
    points: Floats
    squared: Floats
    weights: Floats
    pieces: dict[str, int]
    rarity: Floats
    piece_weights: Floats
    temperature: float

    @classmethod
    def fit(cls, texts: Sequence[str], vectors: Floats, labels: Sequence[str], groups: Sequence[Hashable]) -> Judge:
        """One value and one group for each of n texts and vectors (n, dimension). Takes O(n³), 0.5 s for 1,600.

        Examples of one group say nearly the same, in several languages perhaps, and are left out together when
        probabilities are fitted. The group None is never left out: bare words, which are no example of a whole text.
        """
        values = sorted(set(labels))
        truth = np.array([values.index(label) for label in labels])
        answers = np.zeros((len(labels), len(values)), dtype=np.float64)
        answers[np.arange(len(labels)), truth] = 1.0
        mean, scale = vectors.mean(axis=0), vectors.std(axis=0) * np.sqrt(vectors.shape[1])
        points = (vectors - mean) / scale
        squared = (points * points).sum(axis=1)
        pieces, rarity = _known_pieces(texts)
        words = np.stack([_weighed(text, pieces, rarity) for text in texts])
        kernel = (_gaussian(points, points, squared) + SHARE_OF_PIECES * (words @ words.T)).astype(np.float64)
        kernel[np.diag_indices_from(kernel)] += RIDGE
        inverse = np.linalg.inv(kernel)
        weights = inverse @ answers
        members: dict[Hashable, list[int]] = {}
        for row, group in enumerate(groups):
            if group is not None:
                members.setdefault(group, []).append(row)
        left_out = np.concatenate(
            [answers[rows] - np.linalg.solve(inverse[np.ix_(rows, rows)], weights[rows]) for rows in members.values()]
        )
        expected = truth[np.concatenate(list(members.values()))]
        losses = [
            -float(np.log(_softmax(left_out * t)[np.arange(len(expected)), expected]).mean()) for t in _TEMPERATURES
        ]
        return cls(
            values=values,
            mean=mean,
            scale=scale,
            points=points,
            squared=squared,
            weights=weights.astype(np.float32),
            pieces=pieces,
            rarity=rarity,
            piece_weights=(SHARE_OF_PIECES * (words.T @ weights)).astype(np.float32),
            temperature=float(_TEMPERATURES[int(np.argmin(losses))]),
        )

    def probabilities(self, text: str, vector: Floats) -> dict[str, float]:
        """Of each value, for a text and its vector (dimension,); they sum to one."""
        near = _gaussian(((vector - self.mean) / self.scale)[None], self.points, self.squared)
        scores = near @ self.weights + _weighed(text, self.pieces, self.rarity)[None] @ self.piece_weights
        return dict(zip(self.values, map(float, _softmax(scores * self.temperature)[0]), strict=True))


def _gaussian(a: Floats, b: Floats, squared: Floats) -> Floats:
    """(len(a), len(b)): exp(-WIDTH * squared distance); `squared` are the lengths (len(b),) of b, squared."""
    distances = (a * a).sum(axis=1)[:, None] + squared[None, :] - 2.0 * (a @ b.T)
    return np.exp(-WIDTH * np.maximum(distances, 0.0)).astype(np.float32)


def _softmax(scores: np.ndarray) -> np.ndarray:
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def _pieces_of(text: str) -> Counter[str]:
    """How often each piece of a word occurs; the ends of words count as letters."""
    words = [f" {word} " for word in normalise(text).split()]
    return Counter(w[at : at + size] for w in words for size in PIECES for at in range(len(w) - size + 1))


def _known_pieces(texts: Sequence[str]) -> tuple[dict[str, int], Floats]:
    """The pieces that more than one text holds, numbered, and the rarity of each."""
    counts = Counter(piece for text in texts for piece in _pieces_of(text))
    known = sorted(piece for piece, count in counts.items() if count > 1)
    rarity = np.array([np.log(len(texts) / counts[piece]) + 1 for piece in known], dtype=np.float32)
    return {piece: number for number, piece in enumerate(known)}, rarity


def _weighed(text: str, pieces: dict[str, int], rarity: Floats) -> Floats:
    """(len(pieces),) of length 1, or zeros for a text without known pieces."""
    row = np.zeros(len(pieces), dtype=np.float32)
    for piece, count in _pieces_of(text).items():
        number = pieces.get(piece)
        if number is not None:
            row[number] = (1 + np.log(count)) * rarity[number]
    length = float(np.linalg.norm(row))
    return row / length if length else row
