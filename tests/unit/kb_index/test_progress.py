"""Progress that foresees the rest: what counts is the work, not the number of texts."""

from __future__ import annotations

import pytest

from kb_index.encoder import Encoder
from kb_index.progress import Step, counted, longest_first


def test_equal_parts_are_counted() -> None:
    steps: list[Step] = []
    tell = counted("word index", steps.append)
    tell(1, 4)
    tell(7, 0)
    assert steps == [Step("word index", 1, 4, 0.25), Step("word index", 7, 0, 0.0)]


def test_the_first_half_of_the_texts_is_most_of_the_work_when_they_are_the_long_ones() -> None:
    steps: list[Step] = []
    tell = longest_first("encoding passages", ["x" * 10, "x" * 400, "x" * 90, "x" * 500], steps.append)
    for done in (0, 1, 2, 4):
        tell(done)
    assert [(step.done, step.total, step.share) for step in steps] == [
        (0, 4, 0.0),
        (1, 4, 0.5),
        (2, 4, 0.9),
        (4, 4, 1.0),
    ]


def test_texts_without_a_letter_do_not_break_the_estimate() -> None:
    steps: list[Step] = []
    longest_first("encoding passages", ["", ""], steps.append)(2)
    assert steps[0].share == 0.0


def test_the_encoder_begins_with_the_longest_texts(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    run = Encoder._run

    def noting(self: Encoder, text: str, position: int) -> object:
        taken.append(len(text))
        return run(self, text, position)

    monkeypatch.setattr(Encoder, "_run", noting)
    encoder.encode_passages(["word " * count for count in range(1, 41)])
    # In order it is three quarters, in random order a half; a slow worker may hold back one handful of texts.
    assert sum(taken[:20]) > 0.65 * sum(taken)
