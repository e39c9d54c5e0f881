"""The intent model: meaning and wording decide together, and its probabilities follow how often people mean a class."""

from __future__ import annotations

import numpy as np
import pytest

from bot.rasa_components.kernel_model import KernelModel

TEXTS = [f"cancel {word}" for word in ("it", "this", "that", "now", "all")] + [
    f"skip {word}" for word in ("it", "this", "that", "now", "all")
]
LABELS = ["cancel"] * 5 + ["skip"] * 5
OPTIONS = {"width": 0.5, "ridge": 0.05, "share": 0.5, "prior": {}}


def vectors(seed: int = 0, *, apart: float = 0.0) -> np.ndarray:
    """One for each text; those of the two labels lie `apart` from each other."""
    drawn = np.random.default_rng(seed).normal(size=(len(TEXTS), 8))
    drawn[5:] += apart
    return drawn.astype(np.float32)


def best(model: KernelModel, vector: np.ndarray, text: str) -> str:
    return model.labels[int(model.probabilities(vector, text).argmax())]


def test_what_means_the_same_is_told_apart_by_its_wording() -> None:
    rows = vectors()
    rows[5:] = rows[:5]
    model = KernelModel.fit(rows, TEXTS, LABELS, **OPTIONS)
    assert best(model, rows[0], "cancel please") == "cancel"
    assert best(model, rows[0], "skip please") == "skip"


def test_words_never_seen_are_understood_by_their_meaning() -> None:
    rows = vectors(apart=4.0)
    model = KernelModel.fit(rows, TEXTS, LABELS, **OPTIONS)
    assert best(model, rows[1], "überspringen") == "cancel"
    assert best(model, rows[6], "abbrechen") == "skip"


def test_case_and_accents_make_no_difference() -> None:
    model = KernelModel.fit(vectors(), TEXTS, LABELS, **OPTIONS)
    one, other = (model.probabilities(vectors()[0], text) for text in ("Cáncel THIS", "cancel this"))
    np.testing.assert_allclose(one, other, rtol=1e-5)


@pytest.mark.parametrize("text", ["", "skip", "🙈", "cancel it and skip it"])
def test_probabilities_sum_to_one(text: str) -> None:
    model = KernelModel.fit(vectors(), TEXTS, LABELS, **OPTIONS)
    assert model.probabilities(np.zeros(8, dtype=np.float32), text).sum() == pytest.approx(1)


def test_a_prior_scales_the_odds() -> None:
    plain = KernelModel.fit(vectors(), TEXTS, LABELS, **OPTIONS)
    rare = KernelModel.fit(vectors(), TEXTS, LABELS, **{**OPTIONS, "prior": {"skip": 0.25}})
    before, after = (model.probabilities(vectors()[2], "that") for model in (plain, rare))
    assert after[1] / after[0] == pytest.approx(0.25 * before[1] / before[0], rel=1e-4)


def test_a_prior_of_a_class_without_examples_is_refused() -> None:
    with pytest.raises(ValueError, match="smalltalk"):
        KernelModel.fit(vectors(), TEXTS, LABELS, **{**OPTIONS, "prior": {"smalltalk": 1.0}})


def test_what_is_left_out_in_closed_form_is_what_a_model_without_it_says() -> None:
    """The temperature rests on it: here the formula is compared with fitting again, by the scores of one example."""
    from bot.rasa_components.kernel_model import _solved

    drawn = np.random.default_rng(1).normal(size=(12, 20)).astype(np.float32)
    kernel = drawn @ drawn.T / 20 + 0.1 * np.eye(12, dtype=np.float32)
    answers = np.eye(3, dtype=np.float32)[np.arange(12) % 3]
    weights, diagonal = _solved(kernel.copy(), answers)
    left_out = answers - weights / diagonal[:, None]
    rest = np.arange(12) != 4
    again = kernel[4, rest] @ np.linalg.solve(kernel[np.ix_(rest, rest)], answers[rest])
    np.testing.assert_allclose(left_out[4], again, atol=1e-4)
