"""Answers which number to call and when, for a country (policy: "Phone and hours"; contract: GET /api/contact)."""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from bot.policy.authorization import designated_users_only
from bot.policy.business_hours import current_or_next, is_open, next_opening
from bot.policy.countries import country_code
from bot.policy.policy import Policy
from bot.policy.sections.contact import PhoneLine


@dataclass(frozen=True)
class ContactLine:
    """A support line as seen from one country.

    `region` is the ISO code that stands for the line (US for the North American one, from Canada too); `countries` are
    all that it serves; `zone` is the local time of the country that was asked for.
    """

    region: str
    phone: str
    zone: ZoneInfo
    countries: tuple[str, ...]


@dataclass(frozen=True)
class ContactHours:
    """How and when support can be reached from a country.

    `opens` and `closes` are local times in `timezone`, of the hours that are on now or else come next (00:00 as closing
    time is the end of the day); `next_opening` is in `timezone` and always later than the moment asked about. `lines`
    are all lines where the country has none (`phone` is None then), else it is empty.
    """

    region: str
    phone: str | None
    timezone: str
    opens: time
    closes: time
    open_now: bool
    next_opening: datetime
    designated_users_only: bool
    after_hours: str
    lines: tuple[ContactLine, ...]


def line_for(policy: Policy, country: str) -> ContactLine | None:
    """The line that serves `country` (ISO 3166 code, any case), or None where there is none.

    Raises ValueError for what is not a country code.
    """
    code = country_code(country)
    for line in policy.contact.phone_lines:
        if code in line.countries:
            return _seen_from(line, code)
    return None


def all_lines(policy: Policy) -> tuple[ContactLine, ...]:
    """Every support line, in the order of the policy file, each as seen from its own region."""
    return tuple(_seen_from(line, line.region) for line in policy.contact.phone_lines)


def zone_of(policy: Policy, country: str) -> ZoneInfo:
    """The zone that the policy names for `country`: that of its line, else its own entry, else the default zone.

    A country of several zones has the one of its capital or of most of its people; a user's own zone is better.
    Raises ValueError for what is not a country code.
    """
    line = line_for(policy, country)
    if line is not None:
        return line.zone
    return policy.contact.zones_of_other_countries.get(country_code(country), policy.contact.default_zone)


def contact_hours(policy: Policy, country: str, user_zone: ZoneInfo | None, at: datetime) -> ContactHours:
    """How support is reached from `country` at the instant `at`.

    The hours are those of `user_zone` where it is known, else of `zone_of(country)`.
    Raises ValueError for what is not a country code and for a naive `at`.
    """
    region = country_code(country)
    line = line_for(policy, region)
    zone = user_zone or zone_of(policy, region)
    hours = policy.contact.support_hours
    span = current_or_next(hours, zone, at).span
    return ContactHours(
        region=region,
        phone=line.phone if line else None,
        timezone=str(zone),
        opens=span.opens,
        closes=span.closes,
        open_now=is_open(hours, zone, at),
        next_opening=next_opening(hours, zone, at),
        designated_users_only=designated_users_only(policy, region),
        after_hours=policy.contact.after_hours,
        lines=() if line else all_lines(policy),
    )


def _seen_from(line: PhoneLine, country: str) -> ContactLine:
    return ContactLine(line.region, line.phone, line.countries[country], tuple(line.countries))
