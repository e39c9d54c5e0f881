"""Who may contact support, where and when (policy: "Who may contact support", "Phone and hours")."""

from typing import Annotated, Self

from pydantic import AfterValidator, model_validator

from bot.policy.sections.hours import OpeningHours
from bot.policy.values import (
    CountryCode,
    FilledMapping,
    FrozenMapping,
    Identifier,
    Identifiers,
    Section,
    Text,
    Zone,
    not_empty,
    problem,
    reject,
)


class AuthorizationSection(Section):
    """In `designated_users_only_in` only designated support users may call or open a case."""

    designated_users_only_in: tuple[CountryCode, ...]
    designated_users_typically_are: Identifiers
    designated_users_handle: Identifiers


class AccessChangesSection(Section):
    """What a company must authorise, and the ways in which it can (policy: "Security")."""

    requests: Identifiers
    authorised_by: Identifiers


class PhoneLine(Section):
    """A phone number and the countries it serves, each with the zone that stands for its local time."""

    region: CountryCode
    phone: Text
    countries: FilledMapping[CountryCode, Zone]

    @model_validator(mode="after")
    def _region_is_one_of_its_countries(self) -> Self:
        if self.region not in self.countries:
            reject(
                [
                    problem(
                        ["region"],
                        f"expected one of the line's own countries: {', '.join(self.countries)}",
                        self.region,
                    )
                ]
            )
        return self


class ContactSection(Section):
    """Phone lines, support hours (local in the countries served) and the zones of countries without a line."""

    support_hours: OpeningHours
    after_hours: Identifier
    phone_lines: Annotated[tuple[PhoneLine, ...], AfterValidator(not_empty)]
    default_zone: Zone
    zones_of_other_countries: FrozenMapping[CountryCode, Zone]

    @model_validator(mode="after")
    def _each_country_stands_once(self) -> Self:
        served: dict[str, str] = {}
        problems = []
        for index, line in enumerate(self.phone_lines):
            for country in line.countries:
                if country in served:
                    message = f"expected each country on one line, but {country} is on that of {served[country]} too"
                    problems.append(problem(["phone_lines", index, "countries", country], message, country))
                served.setdefault(country, line.region)
        problems += [
            problem(["zones_of_other_countries", country], "expected only countries without a phone line", country)
            for country in self.zones_of_other_countries
            if country in served
        ]
        reject(problems)
        return self
