"""Maintenance windows on the calendar, one of which passes midnight."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policy.errors import UnknownNameError
from bot.policy.maintenance import MaintenanceWindow, next_window, upcoming, window_at, windows_between
from bot.policy.policy import Policy, PolicyError, load_policy

PACIFIC = ZoneInfo("America/Los_Angeles")
INTACCT, TIME = "sage_intacct", "sage_intelligent_time"
WINDOWS = '{product: sage_intelligent_time, weekday: saturday, starts: "23:00", ends: "01:00"}'
moments = st.datetimes(datetime(2010, 1, 1), datetime(2036, 1, 1), timezones=st.timezones())


def pacific(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PACIFIC)


def test_a_week_has_the_two_windows_of_the_policy(policy: Policy) -> None:
    assert windows_between(policy, pacific("2026-05-11T00:00"), pacific("2026-05-18T00:00")) == (
        MaintenanceWindow(INTACCT, pacific("2026-05-15T19:30"), pacific("2026-05-15T23:30")),
        MaintenanceWindow(TIME, pacific("2026-05-16T23:00"), pacific("2026-05-17T01:00")),
    )


@pytest.mark.parametrize(
    ("local", "product"),
    [
        ("2026-05-15T19:29:59", None),
        ("2026-05-15T19:30:00", INTACCT),
        ("2026-05-15T23:29:59", INTACCT),
        ("2026-05-15T23:30:00", None),
        ("2026-05-16T22:59:59", None),
        ("2026-05-16T23:00:00", TIME),
        ("2026-05-17T00:59:59", TIME),
        ("2026-05-17T01:00:00", None),
        ("2026-05-14T20:00:00", None),
        ("2026-05-16T00:30:00", None),
    ],
)
def test_a_window_includes_its_start_and_not_its_end(policy: Policy, local: str, product: str | None) -> None:
    window = window_at(policy, pacific(local))
    assert (window.product if window else None) == product


def test_a_window_is_found_by_the_instant_in_any_zone(policy: Policy) -> None:
    window = window_at(policy, datetime(2026, 5, 17, 8, 30, tzinfo=ZoneInfo("Europe/Paris")))
    assert window == MaintenanceWindow(TIME, pacific("2026-05-16T23:00"), pacific("2026-05-17T01:00"))


def test_a_window_of_another_product_is_not_on(policy: Policy) -> None:
    during = pacific("2026-05-15T20:00")
    assert window_at(policy, during, INTACCT) is not None
    assert window_at(policy, during, TIME) is None


def test_the_next_window_is_one_that_has_not_begun(policy: Policy) -> None:
    assert next_window(policy, pacific("2026-05-15T19:29")) == MaintenanceWindow(
        INTACCT, pacific("2026-05-15T19:30"), pacific("2026-05-15T23:30")
    )
    at_its_start = next_window(policy, pacific("2026-05-15T19:30"))
    assert at_its_start is not None and at_its_start.product == TIME
    again = next_window(policy, pacific("2026-05-15T19:30"), INTACCT)
    assert again is not None and again.starts == pacific("2026-05-22T19:30")


def test_upcoming_windows_start_within_the_time_asked_for(policy: Policy) -> None:
    thursday = pacific("2026-05-14T19:30")
    assert [window.product for window in upcoming(policy, thursday, timedelta(hours=24))] == [INTACCT]
    assert upcoming(policy, thursday, timedelta(hours=24, microseconds=-1)) == ()
    assert [window.product for window in upcoming(policy, thursday, timedelta(days=8))] == [INTACCT, TIME, INTACCT]
    assert upcoming(policy, pacific("2026-05-15T19:30"), timedelta(hours=1)) == ()


def test_parts_of_windows_at_both_ends_are_found(policy: Policy) -> None:
    found = windows_between(policy, pacific("2026-05-15T23:00"), pacific("2026-05-16T23:01"))
    assert [window.product for window in found] == [INTACCT, TIME]
    assert windows_between(policy, pacific("2026-05-15T23:30"), pacific("2026-05-16T23:00")) == ()
    assert windows_between(policy, pacific("2026-05-17T00:30"), pacific("2026-05-17T00:31"))[0].product == TIME
    assert windows_between(policy, pacific("2026-05-17T00:30"), pacific("2026-05-17T00:30")) == ()


@pytest.mark.parametrize(
    ("start", "utc"),
    [
        ("2026-03-06T19:30", "2026-03-07T03:30"),
        ("2026-03-13T19:30", "2026-03-14T02:30"),
        ("2026-11-06T19:30", "2026-11-07T03:30"),
    ],
)
def test_windows_keep_their_local_time_when_the_clock_changes(policy: Policy, start: str, utc: str) -> None:
    window = window_at(policy, datetime.fromisoformat(utc).replace(tzinfo=UTC))
    assert window is not None
    assert window.starts == pacific(start)
    assert window.ends - window.starts == timedelta(hours=4)


def test_a_window_over_the_change_of_the_clock_lasts_as_long_as_it_really_does(
    write_policy: Callable[[str, str], Path],
) -> None:
    changed = load_policy(write_policy(WINDOWS, WINDOWS.replace("01:00", "04:00")))
    nights = {
        night: window_at(changed, pacific(f"{night}T23:30"), TIME)
        for night in ("2026-03-07", "2026-05-16", "2026-10-31")
    }
    lasts = {
        night: window.ends.astimezone(UTC) - window.starts.astimezone(UTC) for night, window in nights.items() if window
    }
    assert lasts == {
        "2026-03-07": timedelta(hours=4),
        "2026-05-16": timedelta(hours=5),
        "2026-10-31": timedelta(hours=6),
    }


def test_a_window_that_the_clock_jumps_over_comes_again_a_week_later(write_policy: Callable[[str, str], Path]) -> None:
    jumped = '{product: nightly, weekday: sunday, starts: "02:10", ends: "02:50"}'
    changed = load_policy(write_policy(WINDOWS, jumped))
    window = next_window(changed, pacific("2026-03-07T12:00"), "nightly")
    assert window is not None
    assert window.starts == pacific("2026-03-15T02:10")


def test_a_clock_put_back_over_midnight_does_not_end_what_has_begun(write_policy: Callable[[str, str], Path]) -> None:
    file = write_policy(WINDOWS, '{product: nightly, weekday: sunday, starts: "00:00", ends: "04:00"}')
    text = file.read_text(encoding="utf-8").replace("America/Los_Angeles", "America/St_Johns")
    file.write_text(text, encoding="utf-8")
    changed = load_policy(file)
    shown_again = datetime(2010, 11, 6, 23, 30, tzinfo=ZoneInfo("America/St_Johns"), fold=1)
    window = window_at(changed, shown_again)
    assert window is not None
    assert window.starts.isoformat() == "2010-11-07T00:00:00-02:30"
    assert window_at(changed, shown_again.replace(fold=0)) is None


def test_a_window_until_midnight_ends_with_its_day(write_policy: Callable[[str, str], Path]) -> None:
    changed = load_policy(write_policy(WINDOWS, WINDOWS.replace("01:00", "24:00")))
    window = window_at(changed, pacific("2026-05-16T23:30"))
    assert window is not None
    assert window.ends == pacific("2026-05-17T00:00")


def test_products_may_be_down_at_the_same_time_and_are_told_apart(write_policy: Callable[[str, str], Path]) -> None:
    both = '{product: sage_intelligent_time, weekday: friday, starts: "19:00", ends: "20:00"}'
    changed = load_policy(write_policy(WINDOWS, both))
    at = pacific("2026-05-15T19:45")
    first, other = window_at(changed, at), window_at(changed, at, INTACCT)
    assert first is not None and first.product == TIME
    assert other is not None and other.product == INTACCT


def test_windows_of_one_product_may_not_overlap_over_the_end_of_the_week(
    write_policy: Callable[[str, str], Path],
) -> None:
    two = (
        '{product: nightly, weekday: sunday, starts: "23:00", ends: "02:00"}\n'
        '    - {product: nightly, weekday: monday, starts: "01:00", ends: "03:00"}'
    )
    with pytest.raises(PolicyError, match=r"maintenance\.windows\.2: overlaps with window 1"):
        load_policy(write_policy(WINDOWS, two))
    touching = load_policy(write_policy(WINDOWS, two.replace('"02:00"', '"01:00"')))
    assert len(touching.maintenance.windows) == 3


def test_a_policy_without_windows_has_none_to_come(write_policy: Callable[[str, str], Path]) -> None:
    listed = '\n    - {product: sage_intacct, weekday: friday, starts: "19:30", ends: "23:30"}\n    - ' + WINDOWS
    changed = load_policy(write_policy(f"windows:{listed}", "windows: []"))
    assert next_window(changed, pacific("2026-05-15T19:30")) is None
    assert window_at(changed, pacific("2026-05-15T19:30")) is None


@settings(max_examples=50, deadline=None)
@given(start=moments, days=st.integers(0, 60))
def test_windows_come_in_order_never_overlap_and_lie_in_the_time_asked_for(
    policy: Policy, start: datetime, days: int
) -> None:
    since, until = start.astimezone(UTC), start.astimezone(UTC) + timedelta(days=days)
    found = windows_between(policy, start, until)
    assert abs(len(found) - 2 * days / 7) <= 2
    for window in found:
        assert window.starts.astimezone(UTC) < until and window.ends.astimezone(UTC) > since
        assert window.starts.tzinfo is window.ends.tzinfo is PACIFIC
        assert window.starts.astimezone(UTC) < window.ends.astimezone(UTC)
    for earlier, later in pairwise(found):
        assert earlier.ends.astimezone(UTC) <= later.starts.astimezone(UTC)


@settings(max_examples=50, deadline=None)
@given(at=moments, product=st.sampled_from([None, INTACCT, TIME]))
def test_the_next_window_begins_within_a_week_and_none_begins_before_it(
    policy: Policy, at: datetime, product: str | None
) -> None:
    window = next_window(policy, at, product)
    assert window is not None
    now, starts = at.astimezone(UTC), window.starts.astimezone(UTC)
    assert now < starts <= now + timedelta(days=7, hours=1)
    between = windows_between(policy, now, starts)
    assert [w for w in between if product in (None, w.product) and w.starts.astimezone(UTC) > now] == []
    assert window_at(policy, window.starts, product) == window


def test_wrong_questions_are_refused(policy: Policy) -> None:
    at = pacific("2026-05-15T20:00")
    with pytest.raises(
        UnknownNameError, match="unknown product 'word'; the policy knows: sage_intacct, sage_intelligent_time"
    ):
        next_window(policy, at, "word")
    with pytest.raises(UnknownNameError, match="unknown product 'word'"):
        window_at(policy, at, "word")
    with pytest.raises(ValueError, match="end must not be before start"):
        windows_between(policy, at, at - timedelta(seconds=1))
    with pytest.raises(ValueError, match="within must not be negative"):
        upcoming(policy, at, timedelta(seconds=-1))


@pytest.mark.parametrize(
    ("ask", "name"),
    [
        (lambda p, naive, aware: windows_between(p, naive, aware), "start"),
        (lambda p, naive, aware: windows_between(p, aware, naive), "end"),
        (lambda p, naive, aware: window_at(p, naive), "at"),
        (lambda p, naive, aware: next_window(p, naive), "at"),
        (lambda p, naive, aware: upcoming(p, naive, timedelta(days=1)), "at"),
    ],
)
def test_moments_without_a_zone_are_refused(
    policy: Policy, ask: Callable[[Policy, datetime, datetime], object], name: str
) -> None:
    with pytest.raises(ValueError, match=f"{name} must be a datetime with a time zone"):
        ask(policy, datetime(2026, 5, 15), datetime(2026, 5, 15, tzinfo=UTC))
