"""Which number to call, and when."""

from collections.abc import Callable
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policy.contact import all_lines, contact_hours, line_for, zone_of
from bot.policy.policy import Policy, load_policy

TUESDAY_NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("country", "region", "phone", "zone"),
    [
        ("US", "US", "(877) 704-3700", "America/New_York"),
        ("CA", "US", "(877) 704-3700", "America/Toronto"),
        ("GB", "GB", "+44 (0)19 1479 5990", "Europe/London"),
        ("AU", "AU", "+61 1300 729 330", "Australia/Sydney"),
        ("ZA", "ZA", "+27 (0)11 304 3220", "Africa/Johannesburg"),
        ("FR", "FR", "01 70 73 16 40", "Europe/Paris"),
        ("DE", "DE", "+49 69 500076297", "Europe/Berlin"),
    ],
)
def test_each_country_with_a_line_gets_its_number(
    policy: Policy, country: str, region: str, phone: str, zone: str
) -> None:
    line = line_for(policy, country)
    assert line is not None
    assert (line.region, line.phone, str(line.zone)) == (region, phone, zone)
    assert country in line.countries
    assert line_for(policy, country.lower()) == line


@pytest.mark.parametrize("country", ["MX", "ES", "IE", "PR", "NZ"])
def test_a_country_that_is_not_listed_has_no_line(policy: Policy, country: str) -> None:
    assert line_for(policy, country) is None


def test_there_are_six_lines(policy: Policy) -> None:
    assert [line.region for line in all_lines(policy)] == ["US", "GB", "AU", "ZA", "FR", "DE"]


@pytest.mark.parametrize(
    ("country", "zone"),
    [("GB", "Europe/London"), ("CA", "America/Toronto"), ("ES", "Europe/Madrid"), ("MX", "America/Mexico_City")],
)
def test_a_country_has_its_own_zone_with_or_without_a_line(policy: Policy, country: str, zone: str) -> None:
    assert str(zone_of(policy, country)) == zone


def test_a_country_that_the_policy_does_not_name_has_the_default_zone(policy: Policy) -> None:
    assert str(zone_of(policy, "XZ")) == "UTC"
    hours = contact_hours(policy, "XZ", None, TUESDAY_NOON)
    assert (hours.phone, hours.timezone, len(hours.lines)) == (None, "UTC", 6)


def test_a_british_morning(policy: Policy) -> None:
    hours = contact_hours(policy, "gb", None, datetime(2026, 3, 10, 5, 59, tzinfo=UTC))
    assert (hours.region, hours.phone, hours.timezone) == ("GB", "+44 (0)19 1479 5990", "Europe/London")
    assert (hours.opens, hours.closes) == (time(6), time(18))
    assert not hours.open_now
    assert hours.next_opening.isoformat() == "2026-03-10T06:00:00+00:00"
    assert (hours.designated_users_only, hours.after_hours, hours.lines) == (False, "high_priority_only", ())
    assert contact_hours(policy, "GB", None, datetime(2026, 3, 10, 6, 0, tzinfo=UTC)).open_now


@pytest.mark.parametrize(
    ("country", "open_now"),
    [("US", True), ("CA", True), ("GB", True), ("AU", False), ("ZA", True), ("FR", True), ("DE", True)],
)
def test_tuesday_noon_in_london_is_night_in_sydney(policy: Policy, country: str, open_now: bool) -> None:
    assert contact_hours(policy, country, None, TUESDAY_NOON).open_now is open_now


@pytest.mark.parametrize("country", ["US", "GB"])
def test_support_is_closed_at_the_weekend(policy: Policy, country: str) -> None:
    saturday = contact_hours(policy, country, None, datetime(2026, 3, 14, 15, tzinfo=UTC))
    assert not saturday.open_now
    assert saturday.next_opening.isoformat()[:16] == "2026-03-16T06:00"


def test_only_in_the_us_a_caller_must_be_designated(policy: Policy) -> None:
    answers = {line.region: contact_hours(policy, line.region, None, TUESDAY_NOON) for line in all_lines(policy)}
    assert [region for region, answer in answers.items() if answer.designated_users_only] == ["US"]
    assert not contact_hours(policy, "CA", None, TUESDAY_NOON).designated_users_only


def test_a_canadian_shares_the_line_and_keeps_the_own_country(policy: Policy) -> None:
    hours = contact_hours(policy, "CA", None, TUESDAY_NOON)
    assert (hours.region, hours.phone, hours.timezone) == ("CA", "(877) 704-3700", "America/Toronto")


def test_a_country_without_a_line_gets_all_of_them_and_its_own_clock(policy: Policy) -> None:
    hours = contact_hours(policy, "ES", None, TUESDAY_NOON)
    assert (hours.region, hours.phone, hours.timezone, hours.open_now) == ("ES", None, "Europe/Madrid", True)
    assert hours.lines == all_lines(policy)


def test_the_users_own_zone_goes_before_that_of_the_country(policy: Policy) -> None:
    early = datetime(2026, 3, 10, 11, tzinfo=UTC)
    assert contact_hours(policy, "US", None, early).open_now
    hours = contact_hours(policy, "US", ZoneInfo("America/Denver"), early)
    assert (hours.timezone, hours.open_now) == ("America/Denver", False)
    assert hours.next_opening.isoformat() == "2026-03-10T06:00:00-06:00"


def test_the_hours_told_are_the_ones_that_are_on_or_come_next(write_policy: Callable[[str, str], Path]) -> None:
    changed = load_policy(
        write_policy("  after_hours:", '    - {weekdays: [saturday], opens: "22:00", closes: "24:00"}\n  after_hours:')
    )
    friday, friday_night = datetime(2026, 3, 13, 12, tzinfo=UTC), datetime(2026, 3, 13, 22, tzinfo=UTC)
    assert (contact_hours(changed, "GB", None, friday).opens, contact_hours(changed, "GB", None, friday).closes) == (
        time(6),
        time(18),
    )
    night = contact_hours(changed, "GB", None, friday_night)
    assert (night.opens, night.closes, night.next_opening.isoformat()) == (
        time(22),
        time(0),
        "2026-03-14T22:00:00+00:00",
    )


@settings(max_examples=50, deadline=None)
@given(
    country=st.sampled_from(["US", "CA", "GB", "AU", "ZA", "FR", "DE", "ES", "CL", "XZ"]),
    user_zone=st.none() | st.timezones(),
    at=st.datetimes(datetime(2015, 1, 1), datetime(2038, 1, 1), timezones=st.timezones()),
)
def test_the_next_opening_is_six_o_clock_on_a_working_day_to_come(
    policy: Policy, country: str, user_zone: ZoneInfo | None, at: datetime
) -> None:
    hours = contact_hours(policy, country, user_zone, at)
    assert hours.next_opening.astimezone(UTC) > at.astimezone(UTC)
    assert (hours.next_opening.time(), hours.next_opening.weekday() < 5) == (time(6), True)
    local = at.astimezone(ZoneInfo(hours.timezone))
    assert hours.open_now == (local.weekday() < 5 and 6 <= local.hour < 18)


@pytest.mark.parametrize("country", ["", "GBR", "4", "United Kingdom"])
def test_what_is_not_a_country_code_is_refused(policy: Policy, country: str) -> None:
    for ask in (lambda: line_for(policy, country), lambda: contact_hours(policy, country, None, TUESDAY_NOON)):
        with pytest.raises(ValueError, match="country must be an ISO 3166 code of two letters such as GB"):
            ask()


def test_a_moment_without_a_zone_is_refused(policy: Policy) -> None:
    with pytest.raises(ValueError, match="at must be a datetime with a time zone"):
        contact_hours(policy, "GB", None, datetime(2026, 3, 10))
