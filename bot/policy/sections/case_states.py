"""The states of a case and the steps between them (policy: "Case states")."""

from enum import StrEnum
from typing import Self

from pydantic import model_validator
from pydantic_core import InitErrorDetails

from bot.policy.values import Days, FilledMapping, FrozenMapping, Identifier, Section, problem, reject, unknown_names


class WaitingOn(StrEnum):
    """Whose turn it is."""

    SUPPORT = "support"
    ENGINEERING = "engineering"
    CUSTOMER = "customer"
    NONE = "none"


class Actor(StrEnum):
    """Who can move a case; the clock is the desk itself when time has run out."""

    SUPPORT = "support"
    CUSTOMER = "customer"
    CLOCK = "clock"


class CaseState(Section):
    """Whose turn it is in this state, and who may take the case to which next one."""

    waiting_on: WaitingOn
    transitions: FrozenMapping[Identifier, tuple[Actor, ...]]


class AutomaticClosing(Section):
    """A case that stays in `from_state` so long is closed by the clock."""

    from_state: Identifier
    to_state: Identifier
    after_days: Days


class Reopening(Section):
    """A case in `from_state` may go back to `to_state` so long."""

    from_state: Identifier
    to_state: Identifier
    within_days: Days


class CaseStatesSection(Section):
    """All states, the one in which a case begins, and the two time limits."""

    initial: Identifier
    states: FilledMapping[Identifier, CaseState]
    automatic_closing: AutomaticClosing
    reopening: Reopening

    @model_validator(mode="after")
    def _steps_lead_somewhere(self) -> Self:
        problems: list[InitErrorDetails] = []
        for name, state in self.states.items():
            where = ["states", name, "transitions"]
            if not state.transitions:
                problems.append(problem(where, "a state without transitions; expected at least one next state", None))
            others = [other for other in self.states if other != name]
            problems += unknown_names(where, state.transitions, others, "next state")
            for target, actors in state.transitions.items():
                if not actors:
                    message = f"expected who may cause it: {', '.join(Actor)}"
                    problems.append(problem([*where, target], message, None))
        reject(problems + self._initial_problems() + self._time_limit_problems())
        return self

    def _initial_problems(self) -> list[InitErrorDetails]:
        if self.initial not in self.states:
            return [problem(["initial"], f"unknown state; expected one of: {', '.join(self.states)}", self.initial)]
        reached, ahead = set[str](), [self.initial]
        while ahead:
            name = ahead.pop()
            if name in self.states and name not in reached:
                reached.add(name)
                ahead.extend(self.states[name].transitions)
        message = f"no case can come here; expected a way from {self.initial!r}"
        return [problem(["states", name], message, name) for name in self.states if name not in reached]

    def _time_limit_problems(self) -> list[InitErrorDetails]:
        closing, reopening = self.automatic_closing, self.reopening
        return [
            *self._missing_step("automatic_closing", closing.from_state, closing.to_state, Actor.CLOCK),
            *self._missing_step("reopening", reopening.from_state, reopening.to_state, Actor.CUSTOMER),
        ]

    def _missing_step(self, section: str, source: str, target: str, actor: Actor) -> list[InitErrorDetails]:
        state = self.states.get(source)
        if state is not None and actor in state.transitions.get(target, ()):
            return []
        message = (
            f"expected a step that the states allow, but {actor} may not take a case from {source!r} to {target!r}"
        )
        return [problem([section, "to_state"], message, target)]
