"""Calculates with weekly opening hours in local time, exactly on the days too when the clock changes.

All functions take the hours, the zone whose clock they follow, and aware datetimes in any zone; a naive one raises
ValueError. Results are aware, in `zone`. A span of hours begins at the first instant when the local clock shows its
opening time and ends at the first when it shows its closing time (see `local_time.first_instant_at`); it includes its
beginning and not its end. Spans that touch count as two: at their border one closes and the next opens.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.policy.local_time import first_instant_at, to_utc
from bot.policy.sections.hours import OpeningHours, OpeningSpan


@dataclass(frozen=True)
class Opening:
    """A span of the weekly hours on one particular day: `opens` and `closes` are instants in UTC."""

    span: OpeningSpan
    opens: datetime
    closes: datetime


def is_open(hours: OpeningHours, zone: ZoneInfo, at: datetime) -> bool:
    """Whether `at` is inside opening hours."""
    return current_or_next(hours, zone, at).opens <= to_utc(at, "at")


def next_opening(hours: OpeningHours, zone: ZoneInfo, at: datetime) -> datetime:
    """The first opening after `at`; while it is open, and at the moment of opening, the one after that."""
    now = to_utc(at, "at")
    return next(one.opens for one in _openings(hours, zone, now) if one.opens > now).astimezone(zone)


def closing_after(hours: OpeningHours, zone: ZoneInfo, at: datetime) -> datetime:
    """The first closing after `at`: of today's hours while it is open, else of the next ones."""
    return current_or_next(hours, zone, at).closes.astimezone(zone)


def current_or_next(hours: OpeningHours, zone: ZoneInfo, at: datetime) -> Opening:
    """The opening that `at` is inside of, else the next one."""
    return next(_openings(hours, zone, to_utc(at, "at")))


def add_business_time(hours: OpeningHours, zone: ZoneInfo, start: datetime, duration: timedelta) -> datetime:
    """The earliest instant by which `duration` of real time inside opening hours has passed since `start`.

    Outside opening hours the count begins at the next opening. What is used up exactly at closing time is due then,
    not at the next opening; no duration at all is due at `start`, or at the next opening when it is closed then.

    Raises ValueError for a negative duration.
    """
    if duration < timedelta(0):
        raise ValueError(f"duration must not be negative, got {duration}")
    begin = to_utc(start, "start")
    for opening in _openings(hours, zone, begin):
        counted_from = max(begin, opening.opens)
        available = opening.closes - counted_from
        if duration <= available:
            return (counted_from + duration).astimezone(zone)
        duration -= available
    raise AssertionError("opening hours return every week")


def _openings(hours: OpeningHours, zone: ZoneInfo, since: datetime) -> Iterator[Opening]:
    """Endlessly, in order, the openings that close after `since` (UTC)."""
    if not hours:
        raise ValueError("hours must have at least one span, got none")
    spans = sorted(hours, key=lambda span: span.opens)
    day = since.astimezone(zone).date()
    while True:
        next_day = day + timedelta(days=1)
        for span in spans:
            if day.weekday() not in (weekday.number for weekday in span.weekdays):
                continue
            opens = first_instant_at(day, span.opens, zone)
            closes = first_instant_at(next_day if span.closes_at_midnight else day, span.closes, zone)
            # Hours that the clock jumps over entirely do not take place on that day.
            if opens < closes and closes > since:
                yield Opening(span, opens, closes)
        day = next_day
