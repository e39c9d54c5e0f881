"""Makes the table of `kb_index.word_vectors` from the input embeddings of the model that an encoder is built from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kb_index.word_vectors import SCALE, TABLE

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

DIMENSION = 64
_ROWS = 16_384

Floats = npt.NDArray[np.float32]


class NoInputEmbeddings(ValueError):
    """The model has no vector for each word piece of its tokenizer; the text says what it has instead."""


def write_word_vectors(sentence_model: SentenceTransformer, directory: Path) -> None:
    """Writes the table of the model's word vectors into `directory`; the same model gives the same bytes.

    Raises NoInputEmbeddings for a model that does not begin with a table of embeddings.
    """
    embeddings = _input_embeddings(sentence_model)
    pieces = max(sentence_model.tokenizer.get_vocab().values()) + 1
    if len(embeddings) < pieces:
        raise NoInputEmbeddings(f"{len(embeddings):,} input embeddings for {pieces:,} word pieces")
    np.save(directory / TABLE, word_table(embeddings))


def word_table(embeddings: Floats) -> npt.NDArray[np.int8]:
    """(vocabulary, at most DIMENSION) from (vocabulary, width), as `kb_index.word_vectors` reads it.

    These are the principal components of the centred embeddings: enough to tell which words are alike, in one language
    and across several, at a sixth of the width and a quarter of the bytes a value. Works in float64, a part of the rows
    at a time.
    """
    count, width = embeddings.shape
    centre = sum((part.sum(axis=0) for part in _parts(embeddings)), np.zeros(width)) / count
    products = sum((part.T @ part for part in _parts(embeddings, centre)), np.zeros((width, width)))
    _, axes = np.linalg.eigh(products)
    axes = axes[:, -DIMENSION:]
    projected = [part @ axes for part in _parts(embeddings, centre)]
    return np.concatenate([np.rint(_unit(part) * SCALE).astype(np.int8) for part in projected])


def _input_embeddings(sentence_model: SentenceTransformer) -> Floats:
    transformer = getattr(sentence_model[0], "auto_model", None)
    if transformer is None:
        raise NoInputEmbeddings(f"its first module is a {type(sentence_model[0]).__name__}, not a transformer")
    try:
        weight = transformer.get_input_embeddings().weight
    except (NotImplementedError, AttributeError) as error:
        raise NoInputEmbeddings(f"a {type(transformer).__name__} has none") from error
    embeddings: Floats = weight.detach().float().numpy()
    return embeddings


def _parts(rows: Floats, centre: npt.NDArray[np.float64] | float = 0.0) -> Iterator[npt.NDArray[np.float64]]:
    for start in range(0, len(rows), _ROWS):
        yield rows[start : start + _ROWS].astype(np.float64) - centre


def _unit(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: npt.NDArray[np.float64] = rows / np.where(lengths > 0, lengths, 1)
    return unit
