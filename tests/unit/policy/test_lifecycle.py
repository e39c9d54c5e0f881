"""The states of a case: whose turn it is, which steps are legal for whom, and the two time limits."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policy.errors import UnknownNameError
from bot.policy.lifecycle import IllegalTransition, closes_at, may_reopen, reopen_until, transition, waiting_on
from bot.policy.policy import Policy, load_policy

STATES = [
    "open",
    "in_progress",
    "pending_release",
    "pending_engineering",
    "pending_customer_action",
    "verify_resolution",
    "closed",
]
ACTIVE = STATES[:-1]
ACTORS = ["support", "customer", "clock"]
BY_CUSTOMER = {
    *((state, "closed") for state in ACTIVE),
    ("pending_customer_action", "in_progress"),
    ("verify_resolution", "in_progress"),
    ("closed", "open"),
}
BY_SUPPORT = {
    *((state, target) for state, target in product(ACTIVE, STATES) if target not in (state, "open")),
    ("in_progress", "open"),
    ("closed", "open"),
}
LEGAL = {
    *((state, target, "support") for state, target in BY_SUPPORT),
    *((state, target, "customer") for state, target in BY_CUSTOMER),
    ("verify_resolution", "closed", "clock"),
}


def test_the_states_are_those_of_the_policy_and_a_case_begins_open(policy: Policy) -> None:
    assert list(policy.case_states.states) == STATES
    assert policy.case_states.initial == "open"


@pytest.mark.parametrize(
    ("state", "who"),
    [
        ("open", "support"),
        ("in_progress", "support"),
        ("pending_release", "support"),
        ("pending_engineering", "engineering"),
        ("pending_customer_action", "customer"),
        ("verify_resolution", "customer"),
        ("closed", "none"),
    ],
)
def test_each_state_waits_on_somebody(policy: Policy, state: str, who: str) -> None:
    assert waiting_on(policy, state) == who


def test_a_state_that_does_not_exist_is_refused(policy: Policy) -> None:
    with pytest.raises(UnknownNameError, match="unknown case state 'lost'; the policy knows: open, in_progress"):
        waiting_on(policy, "lost")


@pytest.mark.parametrize(("state", "target", "actor"), list(product(STATES, STATES, ACTORS)))
def test_every_step_is_either_legal_or_refused(policy: Policy, state: str, target: str, actor: str) -> None:
    if (state, target, actor) in LEGAL:
        assert transition(policy, state, target, actor) == target
    else:
        with pytest.raises(IllegalTransition, match=f"{actor} cannot take a case from '{state}' to '{target}'"):
            transition(policy, state, target, actor)


def test_a_refused_step_tells_which_steps_there_are_and_for_whom(policy: Policy) -> None:
    with pytest.raises(IllegalTransition) as refused:
        transition(policy, "closed", "in_progress", "customer")
    assert str(refused.value) == (
        "customer cannot take a case from 'closed' to 'in_progress'; from 'closed' it goes to: open (support, customer)"
    )


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("lost", "open", "support"), "unknown case state 'lost'; the states are: open"),
        (("open", "won", "support"), "unknown case state 'won'"),
        (("open", "closed", "robot"), "unknown actor 'robot'; a case is moved by: support, customer, clock"),
    ],
)
def test_unknown_names_are_illegal_steps_too(policy: Policy, names: tuple[str, str, str], message: str) -> None:
    with pytest.raises(IllegalTransition, match=message):
        transition(policy, *names)


def test_a_resolution_that_nobody_contradicts_closes_the_case_after_nine_days(policy: Policy) -> None:
    assert closes_at(policy, datetime(2026, 5, 1, 10, 30, tzinfo=UTC)) == datetime(2026, 5, 10, 10, 30, tzinfo=UTC)


def test_a_closed_case_can_be_reopened_up_to_the_last_moment_of_three_days_and_not_after(policy: Policy) -> None:
    closed = datetime(2026, 5, 1, 10, 30, tzinfo=UTC)
    last = datetime(2026, 5, 4, 10, 30, tzinfo=UTC)
    assert reopen_until(policy, closed) == last
    assert may_reopen(policy, closed, closed)
    assert may_reopen(policy, closed, last)
    assert not may_reopen(policy, closed, last + timedelta(microseconds=1))


def test_days_are_of_real_time_when_the_clock_changes_meanwhile(policy: Policy) -> None:
    london = ZoneInfo("Europe/London")
    closed = datetime(2026, 3, 27, 12, tzinfo=london)
    assert reopen_until(policy, closed).isoformat() == "2026-03-30T13:00:00+01:00"
    assert may_reopen(policy, closed, datetime(2026, 3, 30, 13, tzinfo=london))
    assert not may_reopen(policy, closed, datetime(2026, 3, 30, 13, 1, tzinfo=london))
    assert closes_at(policy, datetime(2026, 10, 20, 12, tzinfo=london)).isoformat() == "2026-10-29T11:00:00+00:00"


@settings(max_examples=50, deadline=None)
@given(
    closed_at=st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.timezones()),
    waited=st.timedeltas(timedelta(0), timedelta(days=6)),
)
def test_the_limit_is_the_same_for_every_zone_the_moments_are_given_in(
    policy: Policy, closed_at: datetime, waited: timedelta
) -> None:
    now = closed_at.astimezone(UTC) + waited
    assert may_reopen(policy, closed_at, now) == (waited <= timedelta(days=3))


@pytest.mark.parametrize(
    ("ask", "name"),
    [
        (lambda p: closes_at(p, datetime(2026, 5, 1)), "entered_verify_resolution_at"),
        (lambda p: reopen_until(p, datetime(2026, 5, 1)), "closed_at"),
        (lambda p: may_reopen(p, datetime(2026, 5, 1), datetime(2026, 5, 1, tzinfo=UTC)), "closed_at"),
        (lambda p: may_reopen(p, datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 1)), "now"),
    ],
)
def test_moments_without_a_zone_are_refused(policy: Policy, ask: Callable[[Policy], object], name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must be a datetime with a time zone, got the naive 2026-05-01T00"):
        ask(policy)


def test_another_organisations_time_limits_are_used(write_policy: Callable[[str, str], Path]) -> None:
    changed = load_policy(write_policy("within_days: 3", "within_days: 30"))
    closed = datetime(2026, 5, 1, tzinfo=UTC)
    assert may_reopen(changed, closed, closed + timedelta(days=30))
