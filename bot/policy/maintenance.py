"""Puts the weekly maintenance windows on the calendar (policy: "Maintenance").

Instants are aware datetimes; naive ones raise ValueError. Windows follow the local clock of the policy's zone, on the
days too when it changes; they include their start and not their end, and come in order of their start.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.policy.errors import UnknownNameError
from bot.policy.local_time import first_instant_at, to_utc
from bot.policy.policy import Policy


@dataclass(frozen=True)
class MaintenanceWindow:
    """A window on one particular date; `starts` and `ends` are in the policy's zone for maintenance."""

    product: str
    starts: datetime
    ends: datetime


def windows_between(policy: Policy, start: datetime, end: datetime) -> tuple[MaintenanceWindow, ...]:
    """The windows of which some part lies in [start, end). Raises ValueError when `end` is before `start`."""
    since, until = to_utc(start, "start"), to_utc(end, "end")
    if until < since:
        raise ValueError(f"end must not be before start, got {end.isoformat()} before {start.isoformat()}")
    zone = policy.maintenance.zone
    # A day earlier, because a window that has passed midnight began on the day before; a day later, because a clock
    # put back over midnight shows the date of the day before once more.
    day = since.astimezone(zone).date() - timedelta(days=1)
    last_day = until.astimezone(zone).date() + timedelta(days=1)
    found: list[tuple[datetime, datetime, str]] = []
    while day <= last_day:
        next_day = day + timedelta(days=1)
        for window in policy.maintenance.windows:
            if window.weekday.number == day.weekday():
                starts = first_instant_at(day, window.starts, zone)
                ends = first_instant_at(next_day if window.passes_midnight else day, window.ends, zone)
                if max(starts, since) < min(ends, until):
                    found.append((starts, ends, window.product))
        day = next_day
    return tuple(
        MaintenanceWindow(product, starts.astimezone(zone), ends.astimezone(zone))
        for starts, ends, product in sorted(found)
    )


def window_at(policy: Policy, at: datetime, product: str | None = None) -> MaintenanceWindow | None:
    """The window that is on at `at`, of `product` or of any; of several at a time the one that started first.

    Raises UnknownNameError for a product without a window.
    """
    now = to_utc(at, "at")
    return next(_of(policy, product, windows_between(policy, now, now + timedelta.resolution)), None)


def next_window(policy: Policy, at: datetime, product: str | None = None) -> MaintenanceWindow | None:
    """The first window that starts after `at`, of `product` or of any; None only for a policy without windows.

    Raises UnknownNameError for a product without a window.
    """
    # Two weeks, because a window that the clock jumps over entirely does not take place in that week.
    return next(_of(policy, product, upcoming(policy, at, timedelta(weeks=2))), None)


def upcoming(policy: Policy, at: datetime, within: timedelta) -> tuple[MaintenanceWindow, ...]:
    """The windows that start after `at`, up to and including `at + within`; one that is on already is not among them.

    Raises ValueError for a negative `within`.
    """
    now = to_utc(at, "at")
    if within < timedelta(0):
        raise ValueError(f"within must not be negative, got {within}")
    until = now + within
    windows = windows_between(policy, now, until + timedelta.resolution)
    return tuple(window for window in windows if now < to_utc(window.starts, "starts"))


def _of(policy: Policy, product: str | None, windows: tuple[MaintenanceWindow, ...]) -> Iterator[MaintenanceWindow]:
    known = [window.product for window in policy.maintenance.windows]
    if product is not None and product not in known:
        raise UnknownNameError("product", product, dict.fromkeys(known))
    return (window for window in windows if product in (None, window.product))
