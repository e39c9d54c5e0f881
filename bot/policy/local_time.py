"""Turns local clock times into instants, on the days too when a clock is put forward or back."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def to_utc(moment: datetime, name: str) -> datetime:
    """The aware datetime `moment` in UTC.

    Arithmetic and comparison are done in UTC throughout: between two datetimes of one zone Python compares and
    subtracts what the clock shows, which is wrong across a change of the clock.

    Raises ValueError when `moment` has no time zone; `name` says which argument it was.
    """
    if moment.utcoffset() is None:
        raise ValueError(f"{name} must be a datetime with a time zone, got the naive {moment.isoformat()}")
    return moment.astimezone(UTC)


def first_instant_at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The first instant, in UTC, at which the local clock shows `clock` on `day`.

    Where the clock is put forward over that time, it is the instant of the change. Where it is put back and shows the
    time twice, it is the first of the two. So the order of local times is always kept: a later `(day, clock)` never
    gives an earlier instant.
    """
    local = datetime.combine(day, clock, tzinfo=zone)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    return _end_of_gap(local.replace(fold=1).astimezone(UTC), instant, zone)


def _end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The one change of the clock in (before, after], to the second, which is how exactly zones are described."""
    old_offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == old_offset:
            before = middle
        else:
            after = middle
    return after
