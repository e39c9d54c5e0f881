"""Priorities and first-response targets: each row of the tables, and every combination."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.policy.errors import UnknownNameError
from bot.policy.policy import Policy, load_policy
from bot.policy.priority import first_response_due, first_response_target, priority, sla_applies

CHICAGO = ZoneInfo("America/Chicago")
SCOPES = ["single_user", "multiple_users", "department", "company"]
IMPACTS = ["work_stopped", "degraded", "minor"]
ON_PRODUCTION = {
    ("company", "work_stopped"): "P1",
    ("company", "degraded"): "P2",
    ("department", "work_stopped"): "P2",
    ("multiple_users", "work_stopped"): "P2",
}


@pytest.mark.parametrize(("scope", "impact"), list(product(SCOPES, IMPACTS)))
def test_the_impact_makes_the_priority_on_production(policy: Policy, scope: str, impact: str) -> None:
    assert priority(policy, "production", scope, impact) == ON_PRODUCTION.get((scope, impact), "P3")


@pytest.mark.parametrize(("environment", "scope", "impact"), list(product(["sandbox", "demo"], SCOPES, IMPACTS)))
def test_everything_is_p3_outside_production(policy: Policy, environment: str, scope: str, impact: str) -> None:
    assert priority(policy, environment, scope, impact) == "P3"


def test_the_sla_holds_for_production_only(policy: Policy) -> None:
    assert [sla_applies(policy, name) for name in ("production", "sandbox", "demo")] == [True, False, False]


@pytest.mark.parametrize(
    ("plans", "hours"),
    [
        (["Essential", "SP-ESSENTIALS"], [1, 4, 8]),
        (["Bronze", "Silver", "SP-PREMIUM"], [1, 4, 8]),
        (["Gold", "Platinum", "SP-VIP"], [1, 2, 4]),
    ],
)
def test_each_plan_has_its_targets_under_each_of_its_names(policy: Policy, plans: list[str], hours: list[int]) -> None:
    for plan in plans:
        for name in (plan, plan.lower(), plan.upper()):
            targets = [first_response_target(policy, name, level) for level in ("P1", "P2", "P3")]
            assert targets == [timedelta(hours=one) for one in hours]


def test_a_company_without_a_plan_has_no_target(policy: Policy) -> None:
    assert first_response_target(policy, None, "P1") is None


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda p: priority(p, "staging", "company", "minor"),
            "unknown environment 'staging'; the policy knows: production",
        ),
        (
            lambda p: priority(p, "production", "planet", "minor"),
            "unknown impact scope 'planet'; the policy knows: single_",
        ),
        (lambda p: priority(p, "demo", "planet", "minor"), "unknown impact scope 'planet'"),
        (lambda p: priority(p, "demo", "company", "huge"), "unknown business impact 'huge'; the policy knows: work_st"),
        (lambda p: sla_applies(p, ""), "unknown environment ''"),
        (
            lambda p: first_response_target(p, "Diamond", "P1"),
            "unknown plan 'Diamond'; the policy knows: Essential, SP-",
        ),
        (lambda p: first_response_target(p, "Gold", "P0"), "unknown priority 'P0'; the policy knows: P1, P2, P3"),
        (lambda p: first_response_target(p, None, "P0"), "unknown priority 'P0'"),
    ],
)
def test_a_name_that_the_policy_does_not_have_is_refused(
    policy: Policy, ask: Callable[[Policy], object], message: str
) -> None:
    with pytest.raises(UnknownNameError) as refused:
        ask(policy)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("plan", "level", "opened", "due"),
    [
        pytest.param("Gold", "P1", "2026-03-10T09:00", "2026-03-10T10:00", id="during the day"),
        pytest.param("Essential", "P3", "2026-03-10T10:00", "2026-03-10T18:00", id="used up at closing time"),
        pytest.param("Silver", "P2", "2026-03-10T16:30", "2026-03-11T08:30", id="into the next morning"),
        pytest.param("SP-VIP", "P2", "2026-03-10T03:00", "2026-03-10T08:00", id="opened before hours"),
        pytest.param("Platinum", "P3", "2026-03-13T17:00", "2026-03-16T09:00", id="over the weekend"),
        pytest.param("Bronze", "P1", "2026-03-14T12:00", "2026-03-16T07:00", id="opened on Saturday"),
        pytest.param("Essential", "P3", "2026-03-06T17:59", "2026-03-09T13:59", id="over the change of the clock"),
    ],
)
def test_the_first_response_is_due_within_the_customers_business_hours(
    policy: Policy, plan: str, level: str, opened: str, due: str
) -> None:
    opened_at = datetime.fromisoformat(opened).replace(tzinfo=CHICAGO)
    for asked_in in (CHICAGO, ZoneInfo("UTC"), ZoneInfo("Asia/Tokyo")):
        answer = first_response_due(
            policy,
            plan=plan,
            priority=level,
            environment="production",
            opened_at=opened_at.astimezone(asked_in),
            zone=CHICAGO,
        )
        assert answer is not None
        assert answer.isoformat(timespec="minutes")[:16] == due
        assert answer.tzinfo is CHICAGO


@pytest.mark.parametrize(("plan", "environment"), [("Gold", "sandbox"), ("Gold", "demo"), (None, "production")])
def test_nothing_is_due_without_an_sla(policy: Policy, plan: str | None, environment: str) -> None:
    opened_at = datetime(2026, 3, 10, 9, tzinfo=CHICAGO)
    due = first_response_due(
        policy, plan=plan, priority="P3", environment=environment, opened_at=opened_at, zone=CHICAGO
    )
    assert due is None


@pytest.mark.parametrize("environment", ["production", "sandbox"])
def test_an_opening_time_without_a_zone_is_refused_with_or_without_an_sla(policy: Policy, environment: str) -> None:
    with pytest.raises(ValueError, match="opened_at must be a datetime with a time zone, got the naive 2026-03-10T09"):
        first_response_due(
            policy,
            plan="Gold",
            priority="P1",
            environment=environment,
            opened_at=datetime(2026, 3, 10, 9),
            zone=CHICAGO,
        )


def test_another_organisations_targets_are_used(write_policy: Callable[[str, str], Path]) -> None:
    changed = load_policy(write_policy("{P1: 1, P2: 2, P3: 4}", "{P1: 0.5, P2: 2, P3: 4}"))
    assert first_response_target(changed, "Gold", "P1") == timedelta(minutes=30)
