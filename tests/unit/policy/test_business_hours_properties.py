"""Opening hours: properties, checked against a slow count that only looks at the local clock."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policy.business_hours import add_business_time, closing_after, is_open, next_opening
from bot.policy.policy import Policy
from bot.policy.sections.hours import OpeningHours, OpeningSpan
from bot.policy.values import Weekday

QUARTER = timedelta(minutes=15)


def span(opens: int, closes: int, *days: Weekday) -> OpeningSpan:
    """Whole hours; 24 is midnight at the end of the day."""
    return OpeningSpan(weekdays=days or tuple(Weekday), opens=time(opens), closes=time(closes % 24))


OFFICE: OpeningHours = (span(6, 18, *list(Weekday)[:5]),)
SPLIT: OpeningHours = (span(13, 18, Weekday.FRIDAY, Weekday.SATURDAY), span(8, 12), span(0, 6, Weekday.SUNDAY))
NIGHT: OpeningHours = (span(0, 6), span(22, 24))
ALWAYS: OpeningHours = (span(0, 24),)
HOURS = {"office": OFFICE, "split": SPLIT, "night": NIGHT, "always": ALWAYS}

# Ordinary changes, none, changes at midnight in both directions, one of half an hour, and a day left out.
CHANGES = [
    ("Europe/London", 2026),
    ("America/Chicago", 2026),
    ("Australia/Sydney", 2026),
    ("Africa/Johannesburg", 2026),
    ("America/Asuncion", 2023),
    ("America/Havana", 2026),
    ("America/Santiago", 2026),
    ("Africa/Cairo", 2026),
    ("Asia/Beirut", 2026),
    ("Atlantic/Azores", 2024),
    ("Australia/Lord_Howe", 2026),
    ("Pacific/Apia", 2011),
]


def days_of_change(name: str, year: int) -> list[datetime]:
    """Noons (UTC) just before the clock changes in that year; one ordinary day where it never does."""
    zone = ZoneInfo(name)
    noons = [datetime(year, 1, 1, 12, tzinfo=UTC) + timedelta(days=n) for n in range(365)]
    changes = [
        noon
        for noon in noons
        if noon.astimezone(zone).utcoffset() != (noon + timedelta(days=1)).astimezone(zone).utcoffset()
    ]
    return changes or [noons[80]]


AROUND = [(ZoneInfo(name), day) for name, year in CHANGES for day in days_of_change(name, year)]


@st.composite
def moments(draw: st.DrawFn) -> tuple[ZoneInfo, datetime]:
    """A zone and an instant within three days of a change of its clock, at a full quarter of an hour."""
    zone, day = draw(st.sampled_from(AROUND))
    quarters = draw(st.integers(-3 * 96, 3 * 96))
    return zone, (day + quarters * QUARTER).astimezone(zone)


durations = st.integers(0, 40 * 4).map(lambda quarters: quarters * QUARTER)
opening_hours = st.sampled_from(list(HOURS)).map(HOURS.__getitem__)


def clock_shows_open(hours: OpeningHours, local: datetime) -> bool:
    return any(
        list(Weekday)[local.weekday()] in one.weekdays
        and one.opens <= local.time()
        and (local.time() < one.closes or one.closes == time(0))
        for one in hours
    )


def counted(hours: OpeningHours, zone: ZoneInfo, start: datetime, end: datetime) -> timedelta:
    """Opening time between two instants, quarter by quarter."""
    total, moment, until = timedelta(0), start.astimezone(UTC), end.astimezone(UTC)
    while moment < until:
        if clock_shows_open(hours, moment.astimezone(zone)):
            total += QUARTER
        moment += QUARTER
    return total


def test_the_zones_for_these_tests_do_change_their_clocks() -> None:
    changing = {str(zone) for zone, _ in AROUND if len(days_of_change(str(zone), dict(CHANGES)[str(zone)])) >= 2}
    assert changing == {name for name, _ in CHANGES} - {"Africa/Johannesburg"}


@settings(max_examples=50, deadline=None)
@given(hours=opening_hours, moment=moments())
def test_it_is_open_exactly_when_the_local_clock_says_so(
    hours: OpeningHours, moment: tuple[ZoneInfo, datetime]
) -> None:
    zone, at = moment
    assert is_open(hours, zone, at) == clock_shows_open(hours, at)


@settings(max_examples=50, deadline=None)
@given(hours=opening_hours, moment=moments())
def test_openings_and_closings_are_the_next_changes_of_being_open(
    hours: OpeningHours, moment: tuple[ZoneInfo, datetime]
) -> None:
    zone, at = moment
    opens, closes = next_opening(hours, zone, at), closing_after(hours, zone, at)
    now, tick = at.astimezone(UTC), timedelta(microseconds=1)
    assert opens.astimezone(UTC) > now and closes.astimezone(UTC) > now
    assert opens.tzinfo is closes.tzinfo is zone
    assert is_open(hours, zone, opens)
    assert is_open(hours, zone, closes.astimezone(UTC) - tick)
    if is_open(hours, zone, at):
        assert closes.astimezone(UTC) <= opens.astimezone(UTC)
    else:
        assert counted(hours, zone, at, opens) == timedelta(0)
        assert opens.astimezone(UTC) < closes.astimezone(UTC)


@settings(max_examples=50, deadline=None)
@given(hours=opening_hours, moment=moments(), duration=durations)
def test_exactly_the_duration_passes_inside_opening_hours(
    hours: OpeningHours, moment: tuple[ZoneInfo, datetime], duration: timedelta
) -> None:
    zone, start = moment
    due = add_business_time(hours, zone, start, duration)
    assert due.tzinfo is zone
    assert due.astimezone(UTC) >= start.astimezone(UTC)
    assert counted(hours, zone, start, due) == duration


@settings(max_examples=50, deadline=None)
@given(hours=opening_hours, moment=moments(), duration=durations)
def test_what_is_due_is_always_inside_opening_hours(
    hours: OpeningHours, moment: tuple[ZoneInfo, datetime], duration: timedelta
) -> None:
    zone, start = moment
    due = add_business_time(hours, zone, start, duration)
    just_before = due.astimezone(UTC) - timedelta(microseconds=1)
    assert is_open(hours, zone, due) or (duration and is_open(hours, zone, just_before))


@settings(max_examples=50, deadline=None)
@given(hours=opening_hours, moment=moments(), duration=durations, later=durations, longer=durations)
def test_a_later_start_or_a_longer_duration_is_never_due_earlier(
    hours: OpeningHours, moment: tuple[ZoneInfo, datetime], duration: timedelta, later: timedelta, longer: timedelta
) -> None:
    zone, start = moment
    due = add_business_time(hours, zone, start, duration).astimezone(UTC)
    later_start = start.astimezone(UTC) + later
    assert due <= add_business_time(hours, zone, later_start, duration).astimezone(UTC)
    assert due <= add_business_time(hours, zone, start, duration + longer).astimezone(UTC)


@settings(max_examples=50, deadline=None)
@given(hours=opening_hours, moment=moments(), first=durations, second=durations)
def test_time_can_be_added_in_two_parts(
    hours: OpeningHours, moment: tuple[ZoneInfo, datetime], first: timedelta, second: timedelta
) -> None:
    zone, start = moment
    halfway = add_business_time(hours, zone, start, first)
    if second:
        assert add_business_time(hours, zone, halfway, second) == add_business_time(hours, zone, start, first + second)


@settings(max_examples=50, deadline=None)
@given(
    zone=st.timezones(),
    start=st.datetimes(datetime(2000, 1, 1), datetime(2038, 1, 1), timezones=st.timezones()),
    minutes=st.integers(1, 480),
)
def test_a_response_target_ends_inside_the_policys_hours_in_every_zone(
    policy: Policy, zone: ZoneInfo, start: datetime, minutes: int
) -> None:
    due = add_business_time(policy.first_response.business_hours, zone, start, timedelta(minutes=minutes))
    assert due.weekday() < 5
    assert time(6) < due.time() <= time(18)
