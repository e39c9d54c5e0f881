"""Which words translate each other, learned from articles that exist in several languages.

A question in one language finds articles in another by their words, too. Word search has few equals where product
terms matter, and a sentence encoder alone misses a third of the articles across languages.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

Terms = Sequence[str]
Table = dict[str, list[tuple[str, float]]]
"""By term, the terms it is translated by and how likely each is, the likeliest first."""

_ROUNDS = 5
_LONGEST_UNIT = 40
_MOST_PAIRS = 2_500_000
"""Pairs of terms looked at: beyond it more text costs time and adds little; short units say most and come first."""
_LEAST_PROBABILITY = 0.04
_LEAST_COUNT = 0.8
_MOST_TRANSLATIONS = 3

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Lexicon:
    """Translations of search terms by pair of languages."""

    def __init__(self, tables: Mapping[tuple[str, str], Table]) -> None:
        self._tables = dict(tables)

    def __len__(self) -> int:
        return sum(map(len, self._tables.values()))

    def translate(
        self, words: Iterable[str], source: str, target: str, known: Callable[[str], bool]
    ) -> tuple[dict[str, float], float]:
        """(terms of `target` with the likelihood of each as its weight, share of `words` that have any).

        `known` tells whether a term occurs in the target language: names and codes are the same everywhere.
        """
        table = self._tables.get((source, target), {})
        weights: dict[str, float] = {}
        count = found = 0
        for word in words:
            count += 1
            translations = table.get(word) or ([(word, 1.0)] if known(word) else [])
            found += bool(translations)
            for term, chance in translations:
                weights[term] = max(weights.get(term, 0.0), chance)
        return weights, found / count if count else 0.0

    def save(self, directory: Path) -> None:
        """Writes one file per pair of languages into `directory`, which is made."""
        directory.mkdir(parents=True)
        for (source, target), table in self._tables.items():
            text = json.dumps(table, ensure_ascii=False, separators=(",", ":"))
            (directory / f"{source}-{target}.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> Lexicon:
        """Reads what `save` wrote. Raises OSError or ValueError when it is missing or damaged."""
        tables: dict[tuple[str, str], Table] = {}
        for path in sorted(directory.iterdir()):
            source, _, target = path.stem.partition("-")
            stored = json.loads(path.read_text(encoding="utf-8"))
            try:
                tables[source, target] = {
                    word: [(term, chance) for term, chance in found] for word, found in stored.items()
                }
            except (AttributeError, TypeError) as error:
                raise ValueError(f"{path} holds no table of translations") from error
        return cls(tables)


def learn_tables(units: Sequence[tuple[Terms, Terms]]) -> tuple[Table, Table]:
    """Translation tables of both directions, from terms of texts that translate each other.

    IBM model 1 (Brown et al. 1993, "The mathematics of statistical machine translation", section 4.1), without the
    empty word: a term is explained by the terms of the other side in proportion to how well each explains it elsewhere.
    """
    left_terms: dict[str, int] = {}
    right_terms: dict[str, int] = {}
    lefts, rights, numbers = list[Ints](), list[Ints](), list[Ints]()
    pairs = 0
    for number, (left, right) in enumerate(sorted(units, key=lambda unit: len(unit[0]) * len(unit[1]))):
        a = [left_terms.setdefault(term, len(left_terms)) for term in dict.fromkeys(left[:_LONGEST_UNIT])]
        b = [right_terms.setdefault(term, len(right_terms)) for term in dict.fromkeys(right[:_LONGEST_UNIT])]
        lefts.append(np.repeat(np.array(a, dtype=np.int64), len(b)))
        rights.append(np.tile(np.array(b, dtype=np.int64), len(a)))
        numbers.append(np.full(len(a) * len(b), number, dtype=np.int64))
        pairs += len(a) * len(b)
        if pairs >= _MOST_PAIRS:
            break
    if not pairs:
        return {}, {}
    left_ids, right_ids, unit_ids = np.concatenate(lefts), np.concatenate(rights), np.concatenate(numbers)
    forward = _table(left_ids, right_ids, unit_ids, list(left_terms), list(right_terms))
    return forward, _table(right_ids, left_ids, unit_ids, list(right_terms), list(left_terms))


def _table(source: Ints, target: Ints, unit: Ints, source_terms: Terms, target_terms: Terms) -> Table:
    """Expectation maximisation over all co-occurring pairs of terms; the arrays have one row per such pair."""
    distinct, pair = np.unique(source * len(target_terms) + target, return_inverse=True)
    pair_source, pair_target = distinct // len(target_terms), distinct % len(target_terms)
    _, explained = np.unique(unit * len(target_terms) + target, return_inverse=True)
    counts: Floats = np.ones(len(distinct), dtype=np.float64)
    for _ in range(_ROUNDS):
        chance = counts / np.bincount(pair_source, counts)[pair_source]
        share = chance[pair]
        counts = np.bincount(pair, share / np.bincount(explained, share)[explained]).astype(np.float64)
    chance = counts / np.bincount(pair_source, counts)[pair_source]
    table: Table = {}
    for number in np.lexsort((distinct, -chance)).tolist():
        if chance[number] < _LEAST_PROBABILITY:
            break
        found = table.setdefault(source_terms[pair_source[number]], [])
        if counts[number] >= _LEAST_COUNT and len(found) < _MOST_TRANSLATIONS:
            found.append((target_terms[pair_target[number]], round(float(chance[number]), 3)))
    return {term: found for term, found in table.items() if found}
