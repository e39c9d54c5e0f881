"""The table of word vectors: what it keeps of the embeddings, and which models have none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kb_index import encoder_words
from kb_index.encoder_words import DIMENSION, NoInputEmbeddings, word_table, write_word_vectors
from kb_index.word_vectors import SCALE


def embeddings(count: int = 400, width: int = 96, rank: int = 20) -> np.ndarray:
    """Vectors that lie in few directions, far from zero, as embeddings of words do."""
    random = np.random.default_rng(3)
    return (random.normal(size=(count, rank)) @ random.normal(size=(rank, width)) + 9).astype(np.float32)


def cosines(rows: np.ndarray) -> np.ndarray:
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit @ unit.T


def test_what_is_alike_among_the_embeddings_is_alike_in_the_table() -> None:
    rows = embeddings()
    table = word_table(rows)
    assert table.dtype == np.int8 and table.shape == (400, DIMENSION)
    kept = (table.astype(np.float32) / SCALE) @ (table.astype(np.float32) / SCALE).T
    np.testing.assert_allclose(kept, cosines(rows - rows.mean(axis=0)), atol=0.05)


def test_a_narrow_model_keeps_its_width() -> None:
    assert word_table(embeddings(width=24)).shape == (400, 24)


def test_pieces_that_do_not_differ_have_no_direction_and_are_near_to_nothing() -> None:
    assert not word_table(np.ones((10, 8), dtype=np.float32)).any()


def test_the_same_embeddings_give_the_same_bytes() -> None:
    assert word_table(embeddings()).tobytes() == word_table(embeddings()).tobytes()


def test_it_does_not_matter_how_many_rows_are_worked_on_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = word_table(embeddings()).astype(np.int16)
    monkeypatch.setattr(encoder_words, "_ROWS", 7)
    parts = word_table(embeddings()).astype(np.int16)
    # A direction may come out reversed, which changes no cosine.
    np.testing.assert_allclose(parts @ parts.T, whole @ whole.T, atol=2 * SCALE)


def test_a_model_that_does_not_begin_with_embeddings_is_named(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize

    with pytest.raises(NoInputEmbeddings, match="its first module is a Normalize, not a transformer"):
        write_word_vectors(SentenceTransformer(modules=[Normalize()], device="cpu"), tmp_path)
    assert list(tmp_path.iterdir()) == []
