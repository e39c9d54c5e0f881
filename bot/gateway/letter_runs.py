"""Judges a word that was never counted by its runs of three letters: compounds, typos and rare words look like home."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

RUN = 3
# Runs overlap, so that together they say less than their sum.
OVERLAP = 0.6
# The most that one such word may say against a language, as a logarithm.
CLIP = 4.0
SMOOTHING = 0.3
# A word of none of the languages is partly like theirs, partly anything.
LIKE_OURS = 0.3


class LetterRuns:
    """Learns from counted words, whose columns are languages; one column more stands for none of them."""

    def __init__(self, counts: Mapping[str, Sequence[int]]) -> None:
        """counts: word → how often it occurs in each language. A frequent word counts as its square root."""
        width = len(next(iter(counts.values())))
        table: dict[str, list[float]] = {}
        for word, row in counts.items():
            weights = [math.sqrt(n) for n in row]
            for run in _runs(word):
                sums = table.setdefault(run, [0.0] * width)
                for column, weight in enumerate(weights):
                    sums[column] += weight
        sizes = [sum(column) + SMOOTHING * len(table) for column in zip(*table.values(), strict=True)]
        self._unseen = self._row([0.0] * width, sizes)
        self._rows = {run: self._row(sums, sizes) for run, sums in table.items()}

    @staticmethod
    def _row(sums: Sequence[float], sizes: Sequence[float]) -> tuple[float, ...]:
        shares = [(n + SMOOTHING) / size for n, size in zip(sums, sizes, strict=True)]
        elsewhere = LIKE_OURS * sum(shares) / len(shares) + (1 - LIKE_OURS) / (27**2)
        return tuple(math.log(share) for share in (*shares, min(elsewhere, max(shares))))

    def evidence(self, word: str) -> tuple[float, ...]:
        """A logarithm for each column, 0 for the likeliest and at least -CLIP."""
        rows = [self._rows.get(run, self._unseen) for run in _runs(word)]
        sums = [OVERLAP * sum(column) for column in zip(*rows, strict=True)]
        best = max(sums)
        return tuple(max(value - best, -CLIP) for value in sums)


def _runs(word: str) -> list[str]:
    padded = f"^{word}$"
    return [padded[i : i + RUN] for i in range(len(padded) - RUN + 1)]
