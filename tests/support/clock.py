"""A clock that tests set by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Stands still until it is moved; a Monday morning in Chicago to begin with."""

    def __init__(self, now: datetime = datetime(2026, 3, 16, 14, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **duration: float) -> None:
        self.now += timedelta(**duration)
