"""Shows how far a long command is and how long the rest will take: a bar on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from kb_index.progress import Progress, Step

_LINE_EVERY_S = 10.0
_LINE_EVERY_SHARE = 0.1
_LINES_APART_S = 3.0
# Before that much, a first slow moment would be taken for the speed of the whole.
_TELLING_SHARE, _TELLING_S = 0.02, 2.0


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """What to call with every step; shown on standard error, so that standard output stays the command's result."""
    if sys.stderr.isatty():
        with BarLines(Console(stderr=True)) as bars:
            yield bars
    else:
        with LogLines(lambda line: typer.echo(line, err=True)) as lines:
            yield lines


def time_left(elapsed_s: float, share: float) -> str:
    """In words, or '' while too little is done to tell. `share` (0–1) of the work took `elapsed_s` seconds."""
    if elapsed_s < _TELLING_S or share < _TELLING_SHARE:
        return ""
    seconds = elapsed_s * (1 - share) / share
    if seconds < 10:
        return "a few seconds left"
    if seconds < 90:
        return f"about {round(seconds, -1):.0f} s left"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"about {minutes} min left"
    hours, minutes = divmod(round(minutes, -1), 60)
    return f"about {hours} h {minutes} min left" if minutes else f"about {hours} h left"


def _amount(step: Step) -> str:
    return f"{step.done:,} of {step.total:,}" if step.total else ""


class LogLines:
    """One line every ten seconds or tenth of a phase, and none for what is over at once.

    Lines appear also while no step is told, so that a log shows life during one long piece of work.
    """

    def __init__(self, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._write, self._clock = write, clock
        self._lock, self._over = threading.Lock(), threading.Event()
        self._watch = threading.Thread(target=self._look_now_and_then, name="progress", daemon=True)
        self._step: Step | None = None
        self._phase_began = self._last_line = clock()
        self._last_share = 0.0

    def __enter__(self) -> LogLines:
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()

    def __call__(self, step: Step) -> None:
        with self._lock:
            if self._step is None or step.phase != self._step.phase:
                self._phase_began, self._last_share = self._clock(), 0.0
            self._step = step
        self.look()

    def look(self) -> None:
        """Writes a line when one is due."""
        with self._lock:
            now, step = self._clock(), self._step
            waited = now - self._last_line
            if step is None or waited < _LINES_APART_S:
                return
            if waited < _LINE_EVERY_S and step.share - self._last_share < _LINE_EVERY_SHARE:
                return
            elapsed = now - self._phase_began
            parts = [_amount(step) or f"{elapsed:.0f} s so far", time_left(elapsed, step.share)]
            self._write(f"{step.phase}: {', '.join(part for part in parts if part)}")
            self._last_line, self._last_share = now, step.share

    def _look_now_and_then(self) -> None:
        while not self._over.wait(1.0):
            self.look()


class BarLines:
    """A bar for every phase, the finished ones staying above the one that runs."""

    def __init__(self, console: Console) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[amount]}"))
        self._bars = Bars(*columns, TimeElapsedColumn(), TextColumn("{task.fields[left]}"), console=console)
        self._task: TaskID | None = None
        self._phase = ""

    def __enter__(self) -> BarLines:
        self._bars.start()
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        if failed is None:
            self._finish()
        self._bars.stop()

    def __call__(self, step: Step) -> None:
        if self._task is None or step.phase != self._phase:
            self._finish()
            self._task = self._bars.add_task(step.phase, total=None, amount="", left="")
            self._phase = step.phase
        elapsed = self._bars.tasks[-1].elapsed or 0.0
        total = 1.0 if step.total else None  # None: the bar moves to and fro
        left = time_left(elapsed, step.share)
        self._bars.update(self._task, total=total, completed=step.share, amount=_amount(step), left=left)

    def _finish(self) -> None:
        if self._task is not None:
            self._bars.update(self._task, total=1.0, completed=1.0, left="")
