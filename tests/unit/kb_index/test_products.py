"""Products taken some rows at a time are those of the whole."""

from __future__ import annotations

import numpy as np
import pytest

from kb_index.products import product


@pytest.mark.parametrize("rows", [0, 1, 340, 342, 1_000])
@pytest.mark.parametrize("columns", [1, 2])
def test_it_is_the_whole_product_whatever_the_number_of_rows(rows: int, columns: int) -> None:
    drawn = np.random.default_rng(rows)
    left = drawn.standard_normal((rows, 384)).astype(np.float32)
    right = drawn.standard_normal((384, columns)).astype(np.float32)
    np.testing.assert_allclose(product(left, right), left @ right, rtol=1e-4, atol=1e-4)


def test_a_question_without_words_gives_no_columns() -> None:
    assert product(np.ones((5, 64), dtype=np.float32), np.ones((64, 0), dtype=np.float32)).shape == (5, 0)
