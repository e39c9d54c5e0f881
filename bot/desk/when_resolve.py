"""Turns the pieces of one time into a day, a clock time and a part of the day, none of them ever in the future."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from babel.core import get_global

from bot.desk.when_scan import Kind, Piece
from bot.desk.when_words import DayPart

# A date without a year that was longer ago than this is rather one to come: a deadline, a plan.
_LONGEST_AGO = timedelta(days=330)
_OLDEST = timedelta(days=3653)
# When a part of the day begins, as an hour.
_BEGINS = {
    DayPart.EARLY: 0, DayPart.MORNING: 5, DayPart.NOON: 11, DayPart.AFTERNOON: 12, DayPart.EVENING: 17,
    DayPart.NIGHT: 20,
}  # fmt: skip
# Hours said with a part of the day that are meant after noon (first, last), and those that are meant as they are.
_AFTER_NOON = {
    DayPart.EARLY: (7, 11), DayPart.NOON: (1, 3), DayPart.AFTERNOON: (1, 8), DayPart.EVENING: (4, 11),
    DayPart.NIGHT: (7, 11),
}  # fmt: skip
_AS_SAID = {
    DayPart.EARLY: (0, 6), DayPart.MORNING: (1, 11), DayPart.NOON: (11, 12), DayPart.AFTERNOON: (12, 12),
}  # fmt: skip
_NOON, _DAY = 12 * 60, 24 * 60
_DAY_KINDS = frozenset(Kind) - {Kind.CLOCK, Kind.PART, Kind.ZONE, Kind.RANGE, Kind.OTHER}


class Span(StrEnum):
    """How long what is called the day really is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass
class Moment:
    """A moment in the user's zone; for a week or a month the day is its first."""

    day: date
    time: time | None = None
    approximate: bool = False
    part: DayPart | None = None
    span: Span = Span.DAY


def resolved(
    pieces: Sequence[Piece], now: datetime, zone: ZoneInfo, language: str, *, last: bool, this: bool
) -> Moment | None:
    """What the pieces of one time mean together, in the zone; None for a contradiction, or for what is to come.

    last, this: "last" or "this" was said of a weekday.
    """
    local = now.astimezone(zone)
    moment = _day_of([p for p in pieces if p.kind in _DAY_KINDS], local, zone, language, last=last, this=this)
    if moment is None:
        return None
    parts = {p.part for p in pieces if p.part is not None}
    clocks = {(p.number, p.unit) for p in pieces if p.kind is Kind.CLOCK}
    zones = [p.zone for p in pieces if p.kind is Kind.ZONE]
    if len(clocks) > 1 or (len(parts) > 1 and not clocks) or (clocks and (moment.time or moment.span is not Span.DAY)):
        return None
    if len(parts) == 1:
        moment.part = parts.pop()
    if clocks:
        clock = next(p for p in pieces if p.kind is Kind.CLOCK)
        if not _set_clock(moment, clock, pieces, local, language):
            return None
        if moment.time is None and not any(p.kind in _DAY_KINDS for p in pieces):
            return None
        if zones and moment.time is not None:
            _set(moment, datetime.combine(moment.day, moment.time, ZoneInfo(zones[0])).astimezone(zone))
    return moment if _has_been(moment, local) else None


def _set(moment: Moment, instant: datetime) -> None:
    moment.day, moment.time = instant.date(), instant.time().replace(second=0, microsecond=0)


def _has_been(moment: Moment, local: datetime) -> bool:
    if moment.day > local.date() or local.date() - moment.day > _OLDEST:
        return False
    if moment.day < local.date() or moment.span is not Span.DAY:
        return True
    if moment.time is not None:
        return moment.time <= local.time()
    return moment.part is None or _BEGINS[moment.part] <= local.hour


def _day_of(
    pieces: Sequence[Piece], local: datetime, zone: ZoneInfo, language: str, *, last: bool, this: bool
) -> Moment | None:
    """The day that the pieces name together; today where none does."""
    today = local.date()
    if not pieces:
        return Moment(today)
    weekday = next((p for p in pieces if p.kind is Kind.WEEKDAY), None)
    others = [p for p in pieces if p.kind is not Kind.WEEKDAY]
    if len(others) > 1 or len(pieces) - len(others) > 1:
        return None
    if weekday is None:
        return _one_day(others[0], local, zone, language)
    if not others:
        back = (today.weekday() - int(weekday.number)) % 7
        # "On Tuesday" is never said of today for certain, and "this Friday" on a Tuesday is still to come.
        if (back == 0 and not last) or (this and back > today.weekday()):
            return None
        return Moment(today - timedelta(days=back or 7))
    moment = _one_day(others[0], local, zone, language)
    if moment is None or moment.span is Span.MONTH:
        return None
    if moment.span is Span.WEEK:
        return Moment(moment.day + timedelta(days=int(weekday.number)))
    return moment if moment.day.weekday() == weekday.number else None


def _one_day(piece: Piece, local: datetime, zone: ZoneInfo, language: str) -> Moment | None:
    today = local.date()
    match piece.kind:
        case Kind.DAY:
            return Moment(today + timedelta(days=int(piece.number)))
        case Kind.MOMENT:
            return Moment(today, local.time().replace(second=0, microsecond=0), approximate=True)
        case Kind.LATELY:
            return Moment(today, approximate=True)
        case Kind.AGO | Kind.LASTING:
            return _ago(piece, local, language)
        case Kind.SPAN if piece.unit == "week":
            monday = today - timedelta(days=today.weekday() + 7 * int(piece.number))
            return Moment(monday, span=Span.WEEK)
        case Kind.SPAN:
            return Moment(_months_back(today, int(piece.number)), span=Span.MONTH)
        case Kind.MONTH:
            year, month, _ = piece.day
            first = date(year or (today.year if month <= today.month else today.year - 1), month, 1)
            return Moment(first, approximate=piece.vague, span=Span.MONTH)
        case Kind.ISO:
            return _iso(piece, zone)
        case _:
            return _calendar(piece, today, zone, language)


def _months_back(today: date, months: int) -> date:
    count = today.year * 12 + today.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def _ago(piece: Piece, local: datetime, language: str) -> Moment | None:
    number, today = piece.number, local.date()
    # "depuis 9 h" is since nine o'clock or for nine hours.
    if language == "fr" and piece.kind is Kind.LASTING and piece.unit == "hour" and 7 <= number < 24:
        return None
    if piece.unit in ("minute", "hour"):
        instant = (local.astimezone(ZoneInfo("UTC")) - timedelta(**{f"{piece.unit}s": number})).astimezone(local.tzinfo)
        moment = Moment(instant.date(), approximate=True)
        if piece.unit == "minute" or not piece.vague or number <= 1:
            _set(moment, instant)
        return moment
    if number != int(number):
        return None
    if piece.unit == "month":
        return Moment(_months_back(today, int(number)), approximate=True, span=Span.MONTH)
    days = int(number) * (7 if piece.unit == "week" else 1)
    # "Huit jours", "vierzehn Tage": from a week on, people round.
    return Moment(today - timedelta(days=days), approximate=piece.vague or days >= 7)


def _iso(piece: Piece, zone: ZoneInfo) -> Moment | None:
    try:
        day = date(*piece.day)
        if piece.number < 0:
            return Moment(day)
        at = time(int(piece.number) // 60, int(piece.number) % 60)
        if not piece.zone:
            return Moment(day, at)
        offset = "+00:00" if piece.zone in ("z", "utc") else piece.zone
        instant = datetime.fromisoformat(f"{day.isoformat()}T{at.isoformat()}{offset}").astimezone(zone)
    except ValueError:
        return None  # no such day or hour
    return Moment(instant.date(), instant.time())


def _calendar(piece: Piece, today: date, zone: ZoneInfo, language: str) -> Moment | None:
    year, month, number = piece.day
    if piece.number:  # two numbers
        month_first = _month_first(zone, language)
        if (month > 12 or number > 12) and month != number:
            month_first = number > 12
        if month_first is None and month != number:
            return None
        if not month_first:
            month, number = number, month
    try:
        if year:
            return Moment(date(year, month, number))
        day = date(today.year, month, number)
        if day > today:
            day = date(today.year - 1, month, number)
    except ValueError:
        return None  # no such day
    return Moment(day) if today - day <= _LONGEST_AGO else None


def _month_first(zone: ZoneInfo, language: str) -> bool | None:
    """Whether 12/2 is December 2; None where people write it either way, as English speakers in Canada do."""
    if language != "en":
        return False
    territory = get_global("zone_territories").get(zone.key)
    return None if territory == "CA" else territory in ("US", "PR", "VI", "GU", "AS", "MP", "PH")


def _set_clock(moment: Moment, clock: Piece, pieces: Sequence[Piece], local: datetime, language: str) -> bool:
    """Sets the time that was said; leaves it out where it may be before noon or after; False for an impossible one."""
    minutes, part = int(clock.number), moment.part
    hour = minutes // 60
    if clock.unit in ("am", "pm"):
        minutes = minutes % _NOON + (_NOON if clock.unit == "pm" else 0)
    elif clock.unit == "literal":
        if part is DayPart.EARLY and hour >= _BEGINS[DayPart.NIGHT]:
            moment.day -= timedelta(days=1)
    elif part is not None:
        first, last = _AFTER_NOON.get(part, (1, 0))
        usual_first, usual_last = _AS_SAID.get(part, (1, 0))
        if first <= hour <= last:
            minutes += _NOON
            if part is DayPart.EARLY:
                moment.day -= timedelta(days=1)
        elif part is DayPart.NIGHT:
            # "Last night at two" is in the small hours of the next day; "at two on Monday night" is anyone's guess.
            if not any(p.kind is Kind.DAY and p.part is DayPart.NIGHT for p in pieces):
                return True
            moment.day += timedelta(days=1)
            minutes %= _NOON
        elif not usual_first <= hour <= usual_last:
            return False
    elif hour < 7:  # from seven to noon an hour is meant as said: people work then
        afternoon = minutes + _NOON
        to_come = moment.day == local.date() and afternoon > local.hour * 60 + local.minute
        if language == "fr" or clock.unit == "written" or to_come:
            return True
        minutes = afternoon
    if not 0 <= minutes < _DAY:
        return False
    moment.time, moment.part = time(minutes // 60, minutes % 60), None
    return True
