"""Opening hours: examples by hand; the properties are in the module beside this one."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.policy.business_hours import add_business_time, closing_after, is_open, next_opening
from bot.policy.policy import Policy
from bot.policy.sections.hours import OpeningHours, OpeningSpan
from bot.policy.values import Weekday

LONDON = ZoneInfo("Europe/London")


def span(opens: int, closes: int, *days: Weekday) -> OpeningSpan:
    """Whole hours; 24 is midnight at the end of the day."""
    return OpeningSpan(weekdays=days or tuple(Weekday), opens=time(opens), closes=time(closes % 24))


OFFICE: OpeningHours = (span(6, 18, *list(Weekday)[:5]),)
NIGHT: OpeningHours = (span(0, 6), span(22, 24))
ALWAYS: OpeningHours = (span(0, 24),)


@pytest.mark.parametrize(
    ("local", "is_it", "opens", "closes"),
    [
        pytest.param("2026-03-10T05:59:59", False, "2026-03-10T06:00", "2026-03-10T18:00", id="just before opening"),
        pytest.param("2026-03-10T06:00:00", True, "2026-03-11T06:00", "2026-03-10T18:00", id="at opening"),
        pytest.param("2026-03-10T17:59:59", True, "2026-03-11T06:00", "2026-03-10T18:00", id="just before closing"),
        pytest.param("2026-03-10T18:00:00", False, "2026-03-11T06:00", "2026-03-11T18:00", id="at closing"),
        pytest.param("2026-03-13T20:00:00", False, "2026-03-16T06:00", "2026-03-16T18:00", id="Friday night"),
        pytest.param("2026-03-14T10:00:00", False, "2026-03-16T06:00", "2026-03-16T18:00", id="Saturday"),
        pytest.param("2026-03-29T12:00:00", False, "2026-03-30T06:00", "2026-03-30T18:00", id="the clock has changed"),
    ],
)
def test_the_hours_of_a_working_day(local: str, is_it: bool, opens: str, closes: str) -> None:
    at = datetime.fromisoformat(local).replace(tzinfo=LONDON)
    assert is_open(OFFICE, LONDON, at) is is_it
    assert next_opening(OFFICE, LONDON, at) == datetime.fromisoformat(opens).replace(tzinfo=LONDON)
    assert closing_after(OFFICE, LONDON, at) == datetime.fromisoformat(closes).replace(tzinfo=LONDON)


def test_the_hours_are_those_of_the_zone_and_not_of_the_moment_given() -> None:
    at = datetime(2026, 7, 1, 20, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert is_open(OFFICE, LONDON, at)
    assert not is_open(OFFICE, ZoneInfo("Asia/Tokyo"), at)
    assert closing_after(OFFICE, LONDON, at).isoformat() == "2026-07-01T18:00:00+01:00"


def test_a_sunday_on_which_the_clock_is_put_forward_has_23_hours() -> None:
    start = datetime(2026, 3, 29, 0, tzinfo=LONDON)
    assert add_business_time(ALWAYS, LONDON, start, timedelta(hours=23)).isoformat() == "2026-03-30T00:00:00+01:00"


def test_a_sunday_on_which_the_clock_is_put_back_has_25_hours() -> None:
    start = datetime(2026, 10, 25, 0, tzinfo=LONDON)
    assert add_business_time(ALWAYS, LONDON, start, timedelta(hours=25)).isoformat() == "2026-10-26T00:00:00+00:00"


def test_the_second_showing_of_an_hour_is_told_apart() -> None:
    start = datetime(2026, 10, 25, 0, 30, tzinfo=LONDON)
    assert add_business_time(ALWAYS, LONDON, start, timedelta(hours=1)).isoformat() == "2026-10-25T01:30:00+01:00"
    assert add_business_time(ALWAYS, LONDON, start, timedelta(hours=2)).isoformat() == "2026-10-25T01:30:00+00:00"


def test_where_midnight_does_not_exist_the_day_opens_with_the_change() -> None:
    asuncion = ZoneInfo("America/Asuncion")
    evening = datetime(2023, 9, 30, 21, tzinfo=asuncion)
    night = (span(0, 6),)
    assert next_opening(night, asuncion, evening).isoformat() == "2023-10-01T01:00:00-03:00"
    assert add_business_time(night, asuncion, evening, timedelta(hours=5)).isoformat() == "2023-10-01T06:00:00-03:00"


def test_hours_that_the_clock_jumps_over_do_not_take_place() -> None:
    short = (OpeningSpan(weekdays=tuple(Weekday), opens=time(1, 10), closes=time(1, 50)),)
    saturday = datetime(2026, 3, 28, 12, tzinfo=LONDON)
    assert next_opening(short, LONDON, saturday).isoformat() == "2026-03-30T01:10:00+01:00"


def test_a_day_left_out_of_the_calendar_has_no_hours() -> None:
    apia = ZoneInfo("Pacific/Apia")
    thursday_evening = datetime(2011, 12, 29, 20, tzinfo=apia)
    assert next_opening((span(6, 18),), apia, thursday_evening).isoformat() == "2011-12-31T06:00:00+14:00"


def test_a_clock_put_back_over_midnight_does_not_close_what_has_opened() -> None:
    st_johns = ZoneInfo("America/St_Johns")
    shown_again = datetime(2010, 11, 6, 23, 30, tzinfo=st_johns, fold=1)
    from_midnight = (span(0, 4),)
    assert is_open(from_midnight, st_johns, shown_again)
    assert not is_open(from_midnight, st_johns, shown_again.replace(fold=0))
    assert closing_after(from_midnight, st_johns, shown_again).isoformat() == "2010-11-07T04:00:00-03:30"


def test_midnight_between_two_spans_that_touch_closes_one_and_opens_the_other() -> None:
    evening = datetime(2026, 3, 10, 23, tzinfo=LONDON)
    midnight = datetime(2026, 3, 11, tzinfo=LONDON)
    assert closing_after(NIGHT, LONDON, evening) == next_opening(NIGHT, LONDON, evening) == midnight
    assert is_open(NIGHT, LONDON, midnight)


def test_what_is_used_up_at_closing_time_is_due_then() -> None:
    start = datetime(2026, 3, 13, 16, tzinfo=LONDON)
    assert add_business_time(OFFICE, LONDON, start, timedelta(hours=2)).isoformat() == "2026-03-13T18:00:00+00:00"
    longer = add_business_time(OFFICE, LONDON, start, timedelta(hours=2, microseconds=1))
    assert longer.isoformat() == "2026-03-16T06:00:00.000001+00:00"


def test_no_time_at_all_is_due_at_once_or_at_the_next_opening() -> None:
    open_now, closed_now = datetime(2026, 3, 13, 16, tzinfo=LONDON), datetime(2026, 3, 14, 16, tzinfo=LONDON)
    assert add_business_time(OFFICE, LONDON, open_now, timedelta(0)) == open_now
    assert add_business_time(OFFICE, LONDON, closed_now, timedelta(0)) == datetime(2026, 3, 16, 6, tzinfo=LONDON)


@pytest.mark.parametrize("function", [is_open, next_opening, closing_after])
def test_a_moment_without_a_zone_is_refused(function: object) -> None:
    assert callable(function)
    with pytest.raises(ValueError, match="at must be a datetime with a time zone, got the naive 2026-03-10"):
        function(OFFICE, LONDON, datetime(2026, 3, 10))


def test_a_start_without_a_zone_and_a_negative_duration_are_refused() -> None:
    with pytest.raises(ValueError, match="start must be a datetime with a time zone"):
        add_business_time(OFFICE, LONDON, datetime(2026, 3, 10), timedelta(hours=1))
    with pytest.raises(ValueError, match="duration must not be negative, got -1 day, 23:00:00"):
        add_business_time(OFFICE, LONDON, datetime(2026, 3, 10, tzinfo=UTC), timedelta(hours=-1))


def test_hours_without_any_span_are_refused_rather_than_searched_forever() -> None:
    with pytest.raises(ValueError, match="hours must have at least one span"):
        is_open((), LONDON, datetime(2026, 3, 10, tzinfo=UTC))


def test_the_policys_business_hours_are_monday_to_friday_from_six_to_six(policy: Policy) -> None:
    monday = date(2026, 3, 9)
    open_hours = {
        (day, hour)
        for day in range(7)
        for hour in range(24)
        if is_open(
            policy.first_response.business_hours,
            LONDON,
            datetime.combine(monday, time(hour), tzinfo=LONDON) + timedelta(days=day),
        )
    }
    assert open_hours == {(day, hour) for day in range(5) for hour in range(6, 18)}
