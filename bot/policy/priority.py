"""Decides a case's priority and when its first answer is due (policy: "First-response targets")."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.policy.business_hours import add_business_time
from bot.policy.errors import UnknownNameError
from bot.policy.local_time import to_utc
from bot.policy.policy import Policy
from bot.policy.sections.first_response import ServiceLevel
from bot.policy.sections.priority import BY_IMPACT, Environment


def priority(policy: Policy, environment: str, impact_scope: str, business_impact: str) -> str:
    """The priority of a case: fixed by its environment where the SLA's rules do not hold, else by its impact.

    Raises UnknownNameError for a value that is not one of the policy's, in a fixed environment too.
    """
    fixed = _environment(policy, environment).priority
    row = policy.priority.matrix.get(impact_scope)
    if row is None:
        raise UnknownNameError("impact scope", impact_scope, policy.priority.impact_scopes)
    if business_impact not in row:
        raise UnknownNameError("business impact", business_impact, policy.priority.business_impacts)
    return row[business_impact] if fixed == BY_IMPACT else fixed


def sla_applies(policy: Policy, environment: str) -> bool:
    """Whether first-response targets hold in `environment`. Raises UnknownNameError for one it does not know."""
    return _environment(policy, environment).sla


def first_response_target(policy: Policy, plan: str | None, priority: str) -> timedelta | None:
    """Business time within which a case of `priority` is answered first; None for a company without a plan.

    `plan` is a plan or one of its other names (SP-…), in any case.
    Raises UnknownNameError for another plan or priority.
    """
    if priority not in policy.priority.levels:
        raise UnknownNameError("priority", priority, policy.priority.levels)
    if plan is None:
        return None
    return timedelta(hours=_service_level(policy, plan).hours[priority])


def first_response_due(
    policy: Policy, *, plan: str | None, priority: str, environment: str, opened_at: datetime, zone: ZoneInfo
) -> datetime | None:
    """When the first answer to a case opened at `opened_at` is due, in `zone`: the customer's own, whose hours count.

    None where no SLA holds: outside production, and for a company without a plan.
    Raises ValueError for a naive `opened_at`, UnknownNameError for names the policy does not know.
    """
    to_utc(opened_at, "opened_at")
    target = first_response_target(policy, plan, priority)
    if target is None or not sla_applies(policy, environment):
        return None
    return add_business_time(policy.first_response.business_hours, zone, opened_at, target)


def _environment(policy: Policy, name: str) -> Environment:
    environment = policy.priority.environments.get(name)
    if environment is None:
        raise UnknownNameError("environment", name, policy.priority.environments)
    return environment


def _service_level(policy: Policy, plan: str) -> ServiceLevel:
    levels = policy.first_response.service_levels.values()
    for level in levels:
        if plan.casefold() in (name.casefold() for name in (*level.plans, *level.aliases)):
            return level
    raise UnknownNameError("plan", plan, (name for level in levels for name in (*level.plans, *level.aliases)))
