from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest

from kb_index.encoder import Encoder
from kb_index.search_method import (
    EXACT,
    EXACT_BELOW,
    LISTS_FROM,
    SearchMethod,
    faster_methods,
    fastest_method,
    recalls_of,
    trial_questions,
)

LISTS = SearchMethod("lists", lists=512, probes=64)
CODES = SearchMethod("codes")


@pytest.mark.parametrize(
    ("passages", "names"),
    [(EXACT_BELOW - 1, []), (EXACT_BELOW, ["codes"]), (LISTS_FROM, [*["lists"] * 4, "codes"])],
)
def test_the_larger_a_partition_the_more_is_worth_trying(passages: int, names: list[str]) -> None:
    methods = faster_methods(passages)
    assert [method.name for method in methods] == names
    assert [method.probes for method in methods] == sorted(method.probes for method in methods[:-1]) + [0] * bool(names)


def test_the_first_method_that_finds_enough_is_taken() -> None:
    tried: list[SearchMethod] = []

    def measure(method: SearchMethod) -> np.ndarray:
        tried.append(method)
        return np.full(200, 0.999)

    taken = fastest_method([LISTS, CODES], measure, 200)
    assert tried == [LISTS]
    assert (taken.name, taken.probes, taken.recall, taken.questions, taken.passed_over) == ("lists", 64, 0.999, 200, ())


def test_a_recall_that_only_just_reaches_the_floor_could_be_luck_and_is_not_enough() -> None:
    uneven = np.array([1.0] * 196 + [0.5] * 4)
    taken = fastest_method([LISTS, CODES], {LISTS: uneven, CODES: np.full(200, 0.99)}.__getitem__, 200)
    assert uneven.mean() == pytest.approx(0.99)
    assert taken.name == "codes"
    assert taken.passed_over == ("not 64 of 512 lists, recall@10 0.9900 with 200 questions",)


def test_when_nothing_finds_enough_the_search_is_exact_and_says_what_was_tried() -> None:
    taken = fastest_method([LISTS, CODES], lambda _: np.full(200, 0.5), 200)
    assert taken.is_exact
    assert [reason[:9] for reason in taken.passed_over] == ["not 64 of", "not codes"]


def test_a_handful_of_questions_proves_nothing() -> None:
    taken = fastest_method([CODES], lambda _: np.ones(49), 49)
    assert taken.is_exact
    assert "only 49 questions" in str(taken)


def test_recall_is_the_share_of_the_best_that_was_found_whatever_the_order() -> None:
    found = [np.array([4, 3, 2, 1]), np.array([7, 8, 9])]
    assert recalls_of(found, [np.array([1, 2]), np.array([9, 1])]).tolist() == [1.0, 0.5]


def test_a_method_comes_back_from_what_is_written_beside_the_vectors() -> None:
    taken = fastest_method([LISTS, CODES], {LISTS: np.full(200, 0.8), CODES: np.ones(200)}.__getitem__, 200)
    assert SearchMethod.of_json(asdict(taken) | {"passed_over": list(taken.passed_over)}) == taken
    with pytest.raises(ValueError, match="magic"):
        SearchMethod.of_json(asdict(EXACT) | {"name": "magic"})


def test_trial_questions_are_titles_from_the_whole_language_encoded_as_questions(encoder: Encoder) -> None:
    titles = [f"How to close period {number}" for number in range(450)]
    vectors = trial_questions(titles, encoder, lambda encoded: encoded * 2)
    assert vectors.shape == (200, encoder.dimension)
    np.testing.assert_allclose(vectors[[0, 199]], encoder.encode_queries([titles[0], titles[398]]) * 2, atol=1e-6)
    assert len(trial_questions(titles[:3], encoder, lambda encoded: encoded)) == 3
