"""The postings of a word index: by term, the articles that hold it with the scores of all fields beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_VOCABULARY_FILE = "vocabulary.txt"


class FieldScores(NamedTuple):
    """The scores of one field, by column: those of term t are at `starts[t]` up to `starts[t + 1]`."""

    vocabulary: Mapping[str, int]
    starts: npt.NDArray[np.integer]
    articles: npt.NDArray[np.integer]
    scores: npt.NDArray[np.floating]


class Postings:
    """By term, the articles that hold it and its BM25 score in each field of each."""

    def __init__(self, vocabulary: dict[str, int], starts: Ints, articles: Ints, scores: Floats) -> None:
        self._vocabulary = vocabulary
        self._starts = starts.tolist()
        self.articles = articles
        self.scores = scores
        """(postings, fields)"""
        self.sums: Floats = scores.sum(axis=1)
        """(postings,): of the scores of all fields, for those who look for the best articles."""

    @classmethod
    def of(cls, fields: Sequence[FieldScores | None]) -> Postings:
        """None stands for a field that is empty in all articles."""
        vocabulary: dict[str, int] = {}
        keys, values, columns = list[Ints](), list[Floats](), list[Ints]()
        for column, field in enumerate(fields):
            if field is None:
                continue
            own = np.full(len(field.starts) - 1, -1, dtype=np.int64)
            for term, number in field.vocabulary.items():
                if term:
                    own[number] = vocabulary.setdefault(term, len(vocabulary))
            term_of = np.repeat(own, np.diff(field.starts))
            keys.append((term_of << 32) | field.articles.astype(np.int64))
            values.append(field.scores.astype(np.float32))
            columns.append(np.full(len(term_of), column))
        if not keys:
            empty = np.zeros(0, dtype=np.int64)
            return cls({}, np.zeros(1, dtype=np.int64), empty, np.zeros((0, len(fields)), dtype=np.float32))
        distinct, place = np.unique(np.concatenate(keys), return_inverse=True)
        scores = np.zeros((len(distinct), len(fields)), dtype=np.float32)
        scores[place, np.concatenate(columns)] = np.concatenate(values)
        starts = np.searchsorted(distinct >> 32, np.arange(len(vocabulary) + 1))
        return cls(vocabulary, starts, distinct & 0xFFFFFFFF, scores)

    def rows(self, term: str) -> slice:
        """Where the term's postings are; an empty slice for an unknown term."""
        number = self._vocabulary.get(term)
        return slice(0, 0) if number is None else slice(self._starts[number], self._starts[number + 1])

    def frequency(self, term: str) -> int:
        """How many articles hold the term."""
        rows = self.rows(term)
        return rows.stop - rows.start

    def save(self, directory: Path) -> None:
        """Writes into `directory`."""
        (directory / _VOCABULARY_FILE).write_text("\n".join(self._vocabulary), encoding="utf-8")
        np.save(directory / "starts.npy", np.array(self._starts, dtype=np.int64))
        np.save(directory / "articles.npy", self.articles)
        np.save(directory / "scores.npy", self.scores)

    @classmethod
    def load(cls, directory: Path) -> Postings:
        """Reads what `save` wrote, mapped. Raises OSError or ValueError when it is missing or damaged."""
        words = (directory / _VOCABULARY_FILE).read_text(encoding="utf-8").split("\n")
        vocabulary = {word: number for number, word in enumerate(words) if word}
        starts = np.load(directory / "starts.npy")
        # Plain arrays on the mapped pages: slicing numpy's memmap class is ten times slower.
        articles = np.asarray(np.load(directory / "articles.npy", mmap_mode="r"))
        scores = np.asarray(np.load(directory / "scores.npy", mmap_mode="r"))
        if len(starts) != len(vocabulary) + 1 or len(articles) != len(scores):
            raise ValueError(f"the postings in {directory} contradict each other")
        return cls(vocabulary, starts, articles, scores)
