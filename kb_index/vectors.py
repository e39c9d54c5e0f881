"""Passage vectors of one language: kept once, searched by inner product. The only module that imports faiss."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import cache
from mmap import PAGESIZE
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from kb_index.errors import IndexFormatError
from kb_index.search_method import EXACT, RECALL_AT, SearchMethod, faster_methods, fastest_method, recalls_of

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

_RESCORED = 400
_RESCORED_PER_RESULT = 4
_DIMENSIONS_A_CODE = 2
_TRAINING_ROUNDS = 10
_TRAINING_ROWS = 10_000
_TRAINING_ROWS_A_LIST = 40
_ROWS_A_STEP = 8192
_SEED = 1


class VectorPartition:
    """L2-normalised vectors in a fixed order, kept in half precision; rows are numbered from 0 within the language.

    Everything is made of the vectors as they are kept, so that building again from them gives the same partition.
    Safe to use from several threads.

    Attributes: `method` of the search; `mean` (dimension,) of the rows; `along_mean` (count,): their products with it.
    """

    def __init__(self, kept: faiss.IndexScalarQuantizer, mean: Floats, along_mean: Floats) -> None:
        """Use `from_array` or `load`."""
        self.method = EXACT
        self.mean = mean
        self.along_mean = along_mean
        self._kept = kept
        # As bytes: a mapped file need not hold numbers at even addresses, and numpy would copy them all for that.
        stored: Bytes = faiss.rev_swig_ptr(kept.codes.data(), kept.ntotal * kept.code_size)
        self._stored = stored.reshape(kept.ntotal, kept.code_size)
        self._stored.flags.writeable = False
        self._codes: Any = None
        self._refined: Any = None

    @classmethod
    def from_array(cls, vectors: Floats, questions: Callable[[], Floats] | None = None) -> VectorPartition:
        """`vectors`: (rows, dimension).

        A large partition is searched by the fastest method of `search_method` that finds enough of what exact search
        finds for `questions`, and exactly without them. They are vectors (some 200, dimension) as they will be
        searched: recall depends on what these are like, and passages flatter it. Only asked for where needed.
        """
        faiss.omp_set_num_threads(1)
        kept = faiss.IndexScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        kept.add(np.ascontiguousarray(vectors, dtype=np.float32))
        mean, along_mean = np.zeros(kept.d, dtype=np.float32), np.zeros(kept.ntotal, dtype=np.float32)
        partition = cls(kept, mean, along_mean)
        for _, rows in partition._steps():
            mean += rows.sum(axis=0) / kept.ntotal
        for start, rows in partition._steps():
            along_mean[start : start + len(rows)] = rows @ mean
        methods = faster_methods(kept.ntotal)
        if methods:
            asked = np.zeros((0, kept.d)) if questions is None else questions()
            partition._choose(methods, np.ascontiguousarray(asked, dtype=np.float32))
        return partition

    @classmethod
    def load(cls, path: Path) -> VectorPartition:
        """Maps the vectors read-only, so that several processes share their pages; reads codes into memory.

        Raises IndexFormatError when a file is missing or not one of ours.
        """
        kept = _read(path)
        if isinstance(kept, faiss.IndexFlat):  # written before vectors were kept in half precision
            return cls.from_array(kept.reconstruct_n(0, kept.ntotal))
        if not isinstance(kept, faiss.IndexScalarQuantizer) or kept.sq.qtype != faiss.ScalarQuantizer.QT_fp16:
            raise IndexFormatError(f"{path} holds a {type(kept).__name__}, not vectors; build the index again")
        try:
            method = SearchMethod.of_json(json.loads(path.with_suffix(".json").read_text(encoding="utf-8")))
            means = np.fromfile(path.with_suffix(".mean"), dtype=np.float32)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise IndexFormatError(f"cannot read what belongs to {path}: {error}; build the index again") from error
        if len(means) != kept.d + kept.ntotal:
            raise IndexFormatError(f"{path.with_suffix('.mean')} does not belong to {path}; build the index again")
        partition = cls(kept, means[: kept.d], means[kept.d :])
        if not method.is_exact:
            codes = _read(path.with_suffix(".codes"))
            if (codes.ntotal, codes.d) != (kept.ntotal, kept.d):
                raise IndexFormatError(f"{path.with_suffix('.codes')} does not belong to {path}; build the index again")
            partition._use(codes, method)
        # Maps all pages now, in their order. Left to the first hundred searches, each takes ten times as long.
        partition._stored.reshape(-1)[::PAGESIZE].max(initial=0)
        return partition

    def save(self, path: Path) -> None:
        """Writes `path` and, with other suffixes, what belongs to it."""
        faiss.write_index(self._kept, str(path))
        np.concatenate((self.mean, self.along_mean)).tofile(path.with_suffix(".mean"))
        if self._codes is not None:
            faiss.write_index(self._codes, str(path.with_suffix(".codes")))
        path.with_suffix(".json").write_text(json.dumps(asdict(self.method), indent=1), encoding="utf-8")

    @property
    def count(self) -> int:
        return int(self._kept.ntotal)

    @property
    def dimension(self) -> int:
        return int(self._kept.d)

    def search(self, query: Floats, limit: int) -> tuple[Floats, Ints]:
        """Best rows for one query vector (dimension,): (scores, rows), best first, at most `limit` of them.

        Scores are exact; a method that is not may overlook rows.
        """
        # Counts for this thread. faiss would wake a second one for a single query: on idle CPUs that gains nothing, on
        # busy ones a search of half a millisecond waits 20 for it.
        faiss.omp_set_num_threads(1)
        limit = min(limit, self.count)
        if self._refined is None:
            scores, rows = self._kept.search(query.reshape(1, -1), limit)
        else:
            rescored = min(max(_RESCORED, _RESCORED_PER_RESULT * limit), self.count)
            options = faiss.IndexRefineSearchParameters()
            options.k_factor = rescored / limit
            scores, rows = self._refined.search(query.reshape(1, -1), limit, params=options)
        found = rows[0] >= 0
        return scores[0][found], rows[0][found]

    def rows(self, start: int, count: int) -> Floats:
        """Vectors of consecutive rows: (count, dimension), copied."""
        return _singles(self._stored[start : start + count])

    def take(self, numbers: Ints) -> Floats:
        """Vectors of any rows: (len(numbers), dimension), copied."""
        return _singles(self._stored.take(numbers, axis=0))

    def _choose(self, methods: list[SearchMethod], questions: Floats) -> None:
        """Takes the fastest of `methods` that is good enough for the questions."""
        best = [self.search(question, RECALL_AT)[1] for question in questions]
        codes = cache(self._coded)

        def measure(method: SearchMethod) -> Floats:
            self._use(codes(method.lists), method)
            return recalls_of((self.search(question, RECALL_AT)[1] for question in questions), best)

        method = fastest_method(methods, measure, len(questions))
        self._use(None if method.is_exact else codes(method.lists), method)

    def _use(self, codes: Any, method: SearchMethod) -> None:
        self._codes, self.method = codes, method
        self._refined = None if codes is None else faiss.IndexRefine(codes, self._kept)
        if method.lists:
            codes.nprobe = method.probes

    def _coded(self, lists: int) -> Any:
        """A faiss index of the rows' codes: four bits for two dimensions, in so many lists, or none."""
        subspaces = self.dimension // (1 if self.dimension % _DIMENSIONS_A_CODE else _DIMENSIONS_A_CODE)
        coded: Any
        if lists:
            centres = faiss.IndexFlatIP(self.dimension)
            coded = faiss.IndexIVFPQFastScan(centres, self.dimension, lists, subspaces, 4, faiss.METRIC_INNER_PRODUCT)
            coded.cp.niter, coded.cp.seed = _TRAINING_ROUNDS, _SEED
        else:
            coded = faiss.IndexPQFastScan(self.dimension, subspaces, 4, faiss.METRIC_INNER_PRODUCT)
        coded.pq.cp.niter, coded.pq.cp.seed = _TRAINING_ROUNDS, _SEED
        drawn = np.random.default_rng(_SEED).permutation(self.count)
        # Less their mean, which changes no order: otherwise lists and codes would mostly describe what all rows share.
        coded.train(self.take(drawn[: max(_TRAINING_ROWS, _TRAINING_ROWS_A_LIST * lists)]) - self.mean)
        for _, rows in self._steps():
            coded.add(rows - self.mean)
        return coded

    def _steps(self) -> Iterator[tuple[int, Floats]]:
        """All rows, some at a time: (number of the first, vectors)."""
        return ((start, self.rows(start, _ROWS_A_STEP)) for start in range(0, self.count, _ROWS_A_STEP))


def _read(path: Path) -> Any:
    try:
        return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC | faiss.IO_FLAG_READ_ONLY)
    except RuntimeError as error:
        reason = str(error).splitlines()[-1]
        raise IndexFormatError(f"cannot read vectors in {path}: {reason}; build the index again") from error


def _singles(halves: Bytes) -> Floats:
    """Numbers stored in half precision, in single; numpy's own conversion takes twice as long in every search."""
    bits = halves.view(np.int16).astype(np.int32)
    bits <<= 13
    bits &= -0x70002000  # the sign was extended into the exponent
    numbers = bits.view(np.float32)
    numbers *= np.float32(2.0**112)  # the exponents' biases differ by 127 - 15
    return numbers
