"""Local clock times as instants, where the clock jumps and where it shows a time twice."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policy.local_time import first_instant_at, to_utc


@pytest.mark.parametrize(
    ("zone", "local", "instant"),
    [
        pytest.param("Europe/London", "2026-07-01T06:00", "2026-07-01T05:00", id="plain summer"),
        pytest.param("Africa/Johannesburg", "2026-07-01T06:00", "2026-07-01T04:00", id="no change ever"),
        pytest.param("Europe/London", "2026-03-29T01:30", "2026-03-29T01:00", id="jumped over"),
        pytest.param("Europe/London", "2026-03-29T02:00", "2026-03-29T01:00", id="just after the jump"),
        pytest.param("Europe/London", "2026-10-25T01:30", "2026-10-25T00:30", id="shown twice"),
        pytest.param("America/Asuncion", "2023-10-01T00:00", "2023-10-01T04:00", id="midnight jumped over"),
        pytest.param("America/Asuncion", "2023-10-01T00:59", "2023-10-01T04:00", id="end of that hour"),
        pytest.param("America/Asuncion", "2023-03-25T23:30", "2023-03-26T02:30", id="evening shown twice"),
        pytest.param("America/Asuncion", "2023-03-26T00:00", "2023-03-26T04:00", id="midnight after it"),
        pytest.param("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30", id="half an hour jumped over"),
        pytest.param("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00", id="a whole day jumped over"),
    ],
)
def test_the_first_instant_of_a_local_time(zone: str, local: str, instant: str) -> None:
    moment = datetime.fromisoformat(local)
    expected = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert first_instant_at(moment.date(), moment.time(), ZoneInfo(zone)) == expected


@settings(max_examples=50, deadline=None)
@given(
    zone=st.timezones(),
    earlier=st.datetimes(datetime(1980, 1, 1), datetime(2035, 1, 1)),
    later_by=st.timedeltas(timedelta(0), timedelta(days=2)),
)
def test_later_local_times_never_come_earlier(zone: ZoneInfo, earlier: datetime, later_by: timedelta) -> None:
    later = earlier + later_by
    first = first_instant_at(earlier.date(), earlier.time(), zone)
    assert first <= first_instant_at(later.date(), later.time(), zone)


def test_a_moment_is_converted_and_one_without_a_zone_is_refused_by_name() -> None:
    assert (
        to_utc(datetime(2026, 7, 1, 6, tzinfo=ZoneInfo("Europe/Paris")), "at").isoformat()
        == "2026-07-01T04:00:00+00:00"
    )
    with pytest.raises(
        ValueError, match="start must be a datetime with a time zone, got the naive 2026-07-01T06:00:00"
    ):
        to_utc(datetime(2026, 7, 1, 6), "start")


def test_a_day_is_as_long_as_it_really_is() -> None:
    london = ZoneInfo("Europe/London")
    starts = [first_instant_at(date(2026, 3, 28) + timedelta(days=n), time(0), london) for n in range(3)]
    assert starts[2] - starts[1] == timedelta(hours=23)
    assert starts[1] - starts[0] == timedelta(hours=24)
