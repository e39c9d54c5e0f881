"""How impact and environment make a priority (policy: "First-response targets", our defaults)."""

from typing import Annotated, Self

from pydantic import AfterValidator, model_validator

from bot.policy.values import (
    FilledMapping,
    Flag,
    Identifier,
    Identifiers,
    Section,
    Text,
    not_empty,
    problem,
    reject,
    unique,
    unknown_names,
)

BY_IMPACT = "by_impact"
"""Stands for a priority in an environment where the impact decides it."""


class Environment(Section):
    """Whether the SLA holds there, and which priority a case has: a fixed one, or `by_impact`."""

    sla: Flag
    priority: Text


class PrioritySection(Section):
    """The matrix has a priority for every scope (row) and business impact (column)."""

    levels: Annotated[tuple[Text, ...], AfterValidator(not_empty), AfterValidator(unique)]
    impact_scopes: Identifiers
    business_impacts: Identifiers
    environments: FilledMapping[Identifier, Environment]
    matrix: FilledMapping[Identifier, FilledMapping[Identifier, Text]]

    @model_validator(mode="after")
    def _every_case_has_a_priority(self) -> Self:
        problems = unknown_names(["matrix"], self.matrix, self.impact_scopes, "impact scope")
        for scope in self.impact_scopes:
            row = self.matrix.get(scope, {})
            problems += unknown_names(["matrix", scope], row, self.business_impacts, "business impact")
            for impact in self.business_impacts:
                where = ["matrix", scope, impact]
                if impact not in row:
                    message = (
                        f"priority rule missing for {scope} with {impact}; expected one of: {', '.join(self.levels)}"
                    )
                    problems.append(problem(where, message, None))
                elif row[impact] not in self.levels:
                    problems.append(problem(where, f"expected a priority: {', '.join(self.levels)}", row[impact]))
        for name, environment in self.environments.items():
            if environment.priority not in (BY_IMPACT, *self.levels):
                message = f"expected {BY_IMPACT} or a priority: {', '.join(self.levels)}"
                problems.append(problem(["environments", name, "priority"], message, environment.priority))
        reject(problems)
        return self
