"""Moves a case through its states and keeps the two time limits (policy: "Case states")."""

from datetime import datetime, timedelta

from bot.policy.errors import UnknownNameError
from bot.policy.local_time import to_utc
from bot.policy.policy import Policy
from bot.policy.sections.case_states import Actor, CaseState


class IllegalTransition(ValueError):
    """A case may not make this step; the message says which steps are open to whom."""


def waiting_on(policy: Policy, state: str) -> str:
    """Whose turn it is: support, engineering, customer or none. Raises UnknownNameError for an unknown state."""
    known = policy.case_states.states
    if state not in known:
        raise UnknownNameError("case state", state, known)
    return known[state].waiting_on.value


def transition(policy: Policy, state: str, target: str, actor: str) -> str:
    """The new state, `target`, of a case in `state` that `actor` (support, customer or clock) moves there.

    Whether a time limit allows it now is asked separately: `may_reopen` for a reopening, `closes_at` for the clock.
    Raises IllegalTransition when `actor` may not take this step, or any of the three is not a name of the policy.
    """
    known = policy.case_states.states
    for name in (state, target):
        if name not in known:
            raise IllegalTransition(f"unknown case state {name!r}; the states are: {', '.join(known)}")
    if actor not in list(Actor):
        raise IllegalTransition(f"unknown actor {actor!r}; a case is moved by: {', '.join(Actor)}")
    if actor not in known[state].transitions.get(target, ()):
        steps = _steps(known[state])
        raise IllegalTransition(
            f"{actor} cannot take a case from {state!r} to {target!r}; from {state!r} it goes to: {steps}"
        )
    return target


def closes_at(policy: Policy, entered_verify_resolution_at: datetime) -> datetime:
    """When a case whose resolution is to be verified since that moment closes by itself, in the moment's own zone.

    Days are of 24 hours of real time. Raises ValueError for a naive datetime.
    """
    return _days_later(
        entered_verify_resolution_at, policy.case_states.automatic_closing.after_days, "entered_verify_resolution_at"
    )


def reopen_until(policy: Policy, closed_at: datetime) -> datetime:
    """The last moment at which a case closed at `closed_at` may be reopened, in the zone of `closed_at`.

    Days are of 24 hours of real time. Raises ValueError for a naive datetime.
    """
    return _days_later(closed_at, policy.case_states.reopening.within_days, "closed_at")


def may_reopen(policy: Policy, closed_at: datetime, now: datetime) -> bool:
    """Whether a case closed at `closed_at` may still be reopened: up to and including `reopen_until`, not after it.

    Raises ValueError for a naive datetime.
    """
    return to_utc(now, "now") <= to_utc(reopen_until(policy, closed_at), "closed_at")


def _days_later(moment: datetime, days: int, name: str) -> datetime:
    return (to_utc(moment, name) + timedelta(days=days)).astimezone(moment.tzinfo)


def _steps(state: CaseState) -> str:
    return "; ".join(f"{target} ({', '.join(actors)})" for target, actors in state.transitions.items())
