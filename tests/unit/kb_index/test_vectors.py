from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kb_index.errors import IndexFormatError
from kb_index.vectors import VectorPartition


@pytest.fixture
def vectors() -> np.ndarray:
    drawn = np.random.default_rng(7).normal(size=(200, 16)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def test_search_is_exact_before_and_after_saving(tmp_path: Path, vectors: np.ndarray) -> None:
    built = VectorPartition.from_array(vectors)
    built.save(tmp_path / "en.faiss")
    loaded = VectorPartition.load(tmp_path / "en.faiss")
    query = vectors[3] + vectors[9]
    expected = np.argsort(-(vectors @ query))[:10]
    for partition in (built, loaded):
        scores, rows = partition.search(query, 10)
        assert rows.tolist() == expected.tolist()
        np.testing.assert_allclose(scores, (vectors @ query)[expected], rtol=1e-5)


def test_rows_come_back_as_they_were_stored(tmp_path: Path, vectors: np.ndarray) -> None:
    VectorPartition.from_array(vectors).save(tmp_path / "en.faiss")
    loaded = VectorPartition.load(tmp_path / "en.faiss")
    np.testing.assert_array_equal(loaded.rows(5, 3), vectors[5:8])
    assert loaded.rows(5, 0).shape == (0, 16)
    assert (loaded.count, loaded.dimension) == (200, 16)


def test_asking_for_more_rows_than_there_are_gives_all(vectors: np.ndarray) -> None:
    scores, rows = VectorPartition.from_array(vectors).search(vectors[0], 1000)
    assert sorted(rows.tolist()) == list(range(200))
    assert scores[0] == pytest.approx(1, abs=1e-5)


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "en.faiss").write_bytes(b"not vectors")
    with pytest.raises(IndexFormatError, match=r"en\.faiss"):
        VectorPartition.load(tmp_path / "en.faiss")
