"""Tells which questions mean the same thing: their vectors, the likeness from which on they do, and groups of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.locales import Catalogue
from kb_index.encoder import Encoder

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

# How far above the mean likeness of the desk's own texts, which all say different things, the likeness of two questions
# must be, in standard deviations: to mean the same among the questions of all people; to be about the same matter in
# one conversation, whose questions are few and hang together. Measured in tests/unit/desk/test_meaning.py.
_SAME, _RELATED = 4.0, 2.8
# Rows of a likeness matrix held at a time: 20,000 questions take 41 MB then instead of 1.6 GB.
_BLOCK = 512
# Letters and digits of a code, letters of a word and of an abbreviation.
_SHORTEST_CODE = 4
_SHORTEST_WORD = 2
_LONGEST_ABBREVIATION = 4
# Letters in a piece of a word: 2.4 and more in what customers ask, at most 2 in keys that were hit at random.
_LETTERS_A_PIECE = 1.9
_LONGEST_UNIT = 3


@dataclass(frozen=True)
class Measure:
    """How questions of one language are compared: `centre` (dimension,) is taken off; `same` and `related` are the
    least likeness of questions that mean the same and of those in one conversation that are about the same matter."""

    centre: Floats
    same: float
    related: float

    def unit(self, vectors: Floats) -> Floats:
        """The vectors (n, dimension) without what all sentences of the language have in common, of length 1."""
        return centred(vectors, self.centre)


def centred(vectors: Floats, centre: Floats) -> Floats:
    """(n, dimension) of length 1, after the centre was taken off."""
    moved = vectors - centre
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    return (moved / np.where(lengths > 0, lengths, 1)).astype(np.float32)


class Meaning:
    """Compares questions by the sentence encoder's vectors. Safe to share between threads.

    An encoder places all sentences of a language in a narrow cone, and how narrow depends on the encoder. The desk's
    own texts, one catalogue for each language, show where its middle is and how alike unrelated sentences look.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._measures: dict[str, Measure] = {}
        self._examples: dict[tuple[str, str], Floats] = {}

    def measure(self, catalogue: Catalogue) -> Measure:
        """How questions in the catalogue's language are compared; made on first use, in about half a second."""
        if catalogue.language not in self._measures:
            texts = sorted({str(entry["text"]) for entry in catalogue.content["responses"].values()})
            vectors = self._encoder.encode_queries(texts)
            centre = vectors.mean(axis=0)
            unit = centred(vectors, centre)
            unrelated = (unit @ unit.T)[np.triu_indices(len(texts), 1)]
            mean, deviation = float(unrelated.mean()), float(unrelated.std())
            self._measures[catalogue.language] = Measure(centre, mean + _SAME * deviation, mean + _RELATED * deviation)
        return self._measures[catalogue.language]

    def vectors(self, texts: Sequence[str]) -> Floats:
        """(len(texts), dimension), as the encoder gives them."""
        return self._encoder.encode_queries(texts)

    def examples(self, group: str, catalogue: Catalogue) -> Floats:
        """(n, dimension) of length 1, centred: the sentences of a plain list in the vocabulary; made on first use."""
        key = (catalogue.language, group)
        if key not in self._examples:
            sentences = catalogue.content["vocabulary"][group]
            self._examples[key] = self.measure(catalogue).unit(self.vectors(sentences))
        return self._examples[key]

    def related(self, text: str, others: Sequence[str], catalogue: Catalogue) -> list[bool]:
        """For each of the others, all from one conversation, whether it is about the same matter as the text."""
        measure = self.measure(catalogue)
        unit = measure.unit(self.vectors([text, *others]))
        return [bool(likeness >= measure.related) for likeness in unit[1:] @ unit[0]]

    def plausible(self, text: str) -> bool:
        """Whether a text can be a question at all: not keys that were hit at random, laughter or punctuation.

        Words that no language has fall into many small pieces; abbreviations do as well, but they are short, and codes
        have digits.
        """
        words = "".join(c if c.isalpha() else " " for c in text).split()
        letters = "".join(words).casefold()
        if any(c.isdigit() for c in text):
            return sum(map(str.isalnum, text)) >= _SHORTEST_CODE
        if len(letters) < _SHORTEST_WORD or _is_repetition(letters):
            return False
        pieces = self._encoder.count_tokens(" ".join(words).casefold())
        return len(letters) <= _LONGEST_ABBREVIATION or len(letters) / max(1, pieces) >= _LETTERS_A_PIECE


def _is_repetition(letters: str) -> bool:
    """Whether the letters are up to three of them again and again, such as "aaaa" and "hahaha"."""
    return any(
        len(letters) > 2 * size and letters == (letters[:size] * len(letters))[: len(letters)]
        for size in range(1, _LONGEST_UNIT + 1)
    )


def grouped(unit: Floats, weights: Sequence[float], same: float) -> Ints:
    """(n,) for each row of `unit` (n, dimension; length 1) the row that stands for its group.

    The rows with the most weight around them, within the likeness `same`, become the middles of groups; then each row
    goes to the middle it is most like. Every member is at least that like the middle. Depends on nothing but the
    arguments; of equal rows the first counts. Memory grows with n, not with its square.
    """
    count = len(unit)
    weight = np.asarray(weights, dtype=np.float32)
    around = np.zeros(count, dtype=np.float32)
    for start in range(0, count, _BLOCK):
        likeness = unit[start : start + _BLOCK] @ unit.T
        around[start : start + _BLOCK] = np.where(likeness >= same, likeness, 0) @ weight
    middles = _middles(unit, np.argsort(-around, kind="stable"), same)
    groups = np.empty(count, dtype=np.int64)
    for start in range(0, count, _BLOCK):
        groups[start : start + _BLOCK] = middles[(unit[start : start + _BLOCK] @ unit[middles].T).argmax(axis=1)]
    return groups


def _middles(unit: Floats, order: Ints, same: float) -> Ints:
    """The rows, in that order, which are not like one that was taken before."""
    taken = np.zeros(len(unit), dtype=bool)
    middles: list[int] = []
    for start in range(0, len(order), _BLOCK):
        block = [row for row in order[start : start + _BLOCK].tolist() if not taken[row]]
        if not block:
            continue
        likeness = unit[block] @ unit.T
        for position, row in enumerate(block):
            if not taken[row]:
                middles.append(row)
                taken |= likeness[position] >= same
                taken[row] = True
    return np.array(middles, dtype=np.int64)
