"""How far a long command is: plain lines for a log, bars for a terminal."""

from __future__ import annotations

import io
import time

import pytest
from rich.console import Console

from bot.cli_progress import BarLines, LogLines, time_left
from kb_index.progress import Step


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("elapsed", "share", "words"),
    [
        (1.0, 0.5, ""),
        (60.0, 0.01, ""),
        (60.0, 0.5, "about 60 s left"),
        (30.0, 0.8, "a few seconds left"),
        (60.0, 0.2, "about 4 min left"),
        (100.0, 0.018, ""),
        (120.0, 0.02, "about 1 h 40 min left"),
        (7200.0, 0.5, "about 2 h left"),
        (5.0, 1.0, "a few seconds left"),
    ],
)
def test_the_time_left_is_said_in_words_once_enough_is_done_to_tell(elapsed: float, share: float, words: str) -> None:
    assert time_left(elapsed, share) == words


def test_a_log_gets_a_line_every_tenth_or_ten_seconds_with_the_time_left() -> None:
    clock, lines = Clock(), []
    show = LogLines(lines.append, clock)
    for second in range(41):
        clock.now = 100.0 + second
        show(Step("encoding passages", second * 20, 8400, second / 160))
    assert lines == [
        "encoding passages: 200 of 8,400, about 2 min left",
        "encoding passages: 400 of 8,400, about 2 min left",
        "encoding passages: 600 of 8,400, about 2 min left",
        "encoding passages: 800 of 8,400, about 2 min left",
    ]
    clock.now += 4
    show(Step("encoding passages", 1700, 8400, 0.36))
    assert lines[4:] == ["encoding passages: 1,700 of 8,400, about 80 s left"]


def test_what_is_over_at_once_leaves_no_line() -> None:
    clock, lines = Clock(), []
    with LogLines(lines.append, clock) as show:
        for done in range(11):
            clock.now += 0.2
            show(Step("encoding passages", done, 10, done / 10))
    assert lines == []


def test_every_phase_is_timed_by_itself() -> None:
    clock, lines = Clock(), []
    show = LogLines(lines.append, clock)
    show(Step("reading sources", 0, 0, 0.0))
    clock.now += 200
    show(Step("encoding passages", 0, 10, 0.0))
    clock.now += 20
    show(Step("encoding passages", 5, 10, 0.5))
    assert lines[-1] == "encoding passages: 5 of 10, about 20 s left"


def test_a_log_shows_life_while_one_piece_of_work_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.cli_progress._LINE_EVERY_S", 0.5)
    monkeypatch.setattr("bot.cli_progress._LINES_APART_S", 0.2)
    lines: list[str] = []
    with LogLines(lines.append) as show:
        show(Step("reading sources", 0, 0, 0.0))
        deadline = time.monotonic() + 10
        while not lines and time.monotonic() < deadline:
            time.sleep(0.05)
    assert lines and lines[0].startswith("reading sources: ") and lines[0].endswith(" s so far")


def test_a_terminal_gets_a_bar_for_every_phase() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100)
    with BarLines(console) as show:
        show(Step("reading sources", 0, 0, 0.0))
        show(Step("encoding passages", 4200, 8400, 0.75))
        show(Step("encoding passages", 8400, 8400, 1.0))
    last = screen.getvalue().replace("\x1b", "")
    assert "reading sources" in last
    assert "8,400 of 8,400" in last
