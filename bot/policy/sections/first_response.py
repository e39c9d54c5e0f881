"""How fast support answers first, by plan and priority (policy: "First-response targets")."""

from typing import Self

from pydantic import model_validator

from bot.policy.sections.hours import OpeningHours
from bot.policy.values import FilledMapping, Hours, Identifier, Section, Text, problem, reject


class ServiceLevel(Section):
    """A column of the table: plans, their other names, and business hours to the first response by priority."""

    plans: tuple[Text, ...]
    aliases: tuple[Text, ...]
    hours: FilledMapping[Text, Hours]


class FirstResponseSection(Section):
    """Business hours are local to the customer's company."""

    business_hours: OpeningHours
    service_levels: FilledMapping[Identifier, ServiceLevel]

    @model_validator(mode="after")
    def _each_plan_has_one_level(self) -> Self:
        owner: dict[str, str] = {}
        problems = []
        for level_name, level in self.service_levels.items():
            for key, names in (("plans", level.plans), ("aliases", level.aliases)):
                for index, name in enumerate(names):
                    if name.casefold() in owner:
                        message = f"expected each plan once, but it stands under {owner[name.casefold()]} already"
                        problems.append(problem(["service_levels", level_name, key, index], message, name))
                    owner.setdefault(name.casefold(), level_name)
        reject(problems)
        return self
