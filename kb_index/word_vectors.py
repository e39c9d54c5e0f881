"""Nearness in meaning of short texts from the vectors of their words' pieces alone, without running the encoder."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from kb_index.errors import WordVectorsError
from kb_index.products import product

TABLE = "word_vectors.npy"
"""In the encoder's directory: int8, shape (vocabulary, dimension), unit vectors times `SCALE`."""
SCALE = 127

_TOKENIZER = "tokenizer.json"
# Longer ones are cut up, so that a text without spaces is no word that nobody asks for again.
_WORD = re.compile(r"\S{1,40}")
_MOST_WORDS_KEPT = 100_000
_MOST_ASKED = 64

Floats = npt.NDArray[np.float32]


class WordVectors:
    """The vectors of an encoder's word pieces, memory-mapped. Safe to share between threads."""

    def __init__(self, table: npt.NDArray[np.int8], tokenizer: Tokenizer) -> None:
        """Use `WordVectors.load`; this only takes what it has read and checked."""
        self._table = table
        self._tokenizer = tokenizer
        self._known: dict[str, list[int]] = {}

    @classmethod
    def load(cls, directory: Path | str, tokenizer: Tokenizer | None = None) -> WordVectors:
        """The word vectors of the encoder in `directory`.

        `tokenizer` is that of the loaded encoder (`Encoder.tokenizer`); a second copy, which is read when it is not
        given, takes some 290 MB. Raises WordVectorsError, which says what to run, when the file is missing or damaged.
        """
        directory = Path(directory)
        path = directory / TABLE
        remedy = f"run `make encoder` (or `python -m kb_index.encoder_build --word-vectors --out {directory}`)"
        try:
            table = np.load(path, mmap_mode="r")
        except FileNotFoundError as error:
            raise WordVectorsError(f"the encoder in {directory} has no {TABLE}; {remedy}") from error
        except (OSError, EOFError, ValueError) as error:
            raise WordVectorsError(f"{path} cannot be read ({error}); {remedy}") from error
        tokenizer = tokenizer or _read_tokenizer(directory)
        if table.dtype != np.int8 or table.ndim != 2 or len(table) < tokenizer.get_vocab_size():
            raise WordVectorsError(
                f"{path} holds {table.dtype} {table.shape}, not int8 vectors of the tokenizer's "
                f"{tokenizer.get_vocab_size():,} word pieces; {remedy}"
            )
        return cls(np.asarray(table), tokenizer)

    def nearness(self, question: str) -> Callable[[Sequence[str]], list[float]]:
        """Rates texts, in the question's language or another one, from 0 to 1.

        The rating is the mean, over the first 64 word pieces of the question, of the best cosine that a piece of the
        text has with it. It is 0 for a question or a text without words. A text's rating does not depend on the texts
        beside it.
        """
        asked = self._vectors(self._pieces(_WORD.findall(question))[:_MOST_ASKED]).T / np.float32(SCALE**2)

        def rate(texts: Sequence[str]) -> list[float]:
            # What a text says twice cannot match better the second time.
            pieces = [self._pieces(dict.fromkeys(_WORD.findall(text))) for text in texts]
            counts = np.array([len(row) for row in pieces], dtype=np.int64)
            ratings = np.zeros(len(texts), dtype=np.float32)
            rated = counts > 0
            if asked.size and rated.any():
                cosines = product(self._vectors(list(chain.from_iterable(pieces))), asked)
                starts = (np.cumsum(counts) - counts)[rated]
                ratings[rated] = np.maximum.reduceat(cosines, starts, axis=0).clip(0, 1).mean(axis=1)
            rated_texts: list[float] = ratings.tolist()
            return rated_texts

        return rate

    def _pieces(self, words: Iterable[str]) -> list[int]:
        """Ids of the pieces of the words; those of a help center are soon all known."""
        known = self._known
        if len(known) > _MOST_WORDS_KEPT:
            known = self._known = {}
        ids: list[int] = []
        for word in words:
            pieces = known.get(word)
            if pieces is None:
                # Lone surrogates are no text to the tokenizer.
                readable = word.encode("utf-8", "replace").decode("utf-8")
                pieces = known[word] = self._tokenizer.encode(readable, add_special_tokens=False).ids
            ids += pieces
        return ids

    def _vectors(self, ids: Sequence[int]) -> Floats:
        """(len(ids), dimension), times `SCALE`."""
        return self._table[np.array(ids, dtype=np.int64)].astype(np.float32)


def _read_tokenizer(directory: Path) -> Tokenizer:
    # The library raises bare Exceptions, whatever is wrong with the file.
    try:
        tokenizer = Tokenizer.from_file(str(directory / _TOKENIZER))
    except Exception as error:
        raise WordVectorsError(f"the tokenizer in {directory / _TOKENIZER} cannot be read: {error}") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
