"""Passage vectors of one language: exact inner-product search. The only module that imports faiss."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from kb_index.errors import IndexFormatError

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


class VectorPartition:
    """L2-normalised float32 vectors in a fixed order; rows are numbered from 0 within the language."""

    def __init__(self, index: faiss.IndexFlat) -> None:
        self._index = index
        stored = faiss.rev_swig_ptr(index.get_xb(), index.ntotal * index.d)
        self._rows: Floats = stored.reshape(index.ntotal, index.d)
        self._rows.flags.writeable = False

    @classmethod
    def from_array(cls, vectors: Floats) -> VectorPartition:
        """`vectors`: (rows, dimension)."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> VectorPartition:
        """Maps the file read-only, so that several processes share its pages.

        Raises IndexFormatError when the file is missing or not one of ours.
        """
        try:
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC | faiss.IO_FLAG_READ_ONLY)
        except RuntimeError as error:
            raise IndexFormatError(f"cannot read vectors in {path}: {str(error).splitlines()[-1]}") from error
        if not isinstance(index, faiss.IndexFlat) or index.metric_type != faiss.METRIC_INNER_PRODUCT:
            raise IndexFormatError(f"{path} holds a {type(index).__name__}, not exact vectors")
        return cls(index)

    def save(self, path: Path) -> None:
        faiss.write_index(self._index, str(path))

    @property
    def count(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        return int(self._index.d)

    def search(self, query: Floats, limit: int) -> tuple[Floats, Ints]:
        """Best rows for one query vector (dimension,): (scores, rows), best first, at most `limit` of them."""
        scores, rows = self._index.search(query.reshape(1, -1), min(limit, self.count))
        return scores[0], rows[0]

    def rows(self, start: int, count: int) -> Floats:
        """Vectors of consecutive rows: (count, dimension), a read-only view."""
        return self._rows[start : start + count]

    def take(self, numbers: Ints) -> Floats:
        """Vectors of any rows: (len(numbers), dimension), copied."""
        return self._rows[numbers]
