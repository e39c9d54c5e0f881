"""Products of small matrices on the calling thread alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_ON_ONE_THREAD = 2**18
"""Multiplications up to which OpenBLAS wakes no other thread (interface/gemm.c). In a search, waking one costs more
than the product, and on busy CPUs it is waited for."""


def product(rows: Floats, matrix: Floats) -> Floats:
    """(n, k) from (n, d) and (d, k): `rows @ matrix`, some rows at a time."""
    step = max(1, _ON_ONE_THREAD // max(1, matrix.size))
    if len(rows) <= step:
        whole: Floats = rows @ matrix
        return whole
    found = np.empty((len(rows), matrix.shape[1]), dtype=np.float32)
    for start in range(0, len(rows), step):
        np.matmul(rows[start : start + step], matrix, out=found[start : start + step])
    return found
