"""Which line and hours to tell somebody: the region from what they wrote, or from their company."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.locales import Catalogue
from bot.locales.formats import territories
from bot.locales.wording import Vocabulary, normalise
from bot.policy.contact import ContactHours, all_lines, contact_hours
from bot.policy.policy import Policy

# In small letters it is the pronoun, unless it is all that was said.
_UNITED_STATES = re.compile(r"\bUS\b")


class Contact:
    """Finds regions in text and tells a region's line and hours (policy: "Phone and hours")."""

    def __init__(self, policy: Policy, catalogues: Mapping[str, Catalogue], clock: Callable[[], datetime]) -> None:
        self._policy, self._clock = policy, clock
        self._regions = {language: _region_vocabulary(language, c) for language, c in catalogues.items()}

    def region_in(self, text: str, language: str) -> str | None:
        """The ISO country that a text names in the conversation's language, else in another of the four."""
        if _UNITED_STATES.search(text) or normalise(text).strip() == "us":
            return "US"
        for tried in (language, *(other for other in self._regions if other != language)):
            region = self._regions[tried].find(text)
            if region is not None:
                return region
        return None

    def hours(self, region: str, user_zone: str | None = None, at: datetime | None = None) -> ContactHours:
        """Raises ValueError for what is not an ISO country code."""
        zone = ZoneInfo(user_zone) if user_zone else None
        return contact_hours(self._policy, region, zone, at or self._clock())

    def card(self, hours: ContactHours) -> dict[str, Any]:
        """The contact in the contract's shape (GET /api/contact); `next_opening` has the zone's offset."""
        card: dict[str, Any] = {
            "region": hours.region,
            "phone": hours.phone,
            "timezone": hours.timezone,
            "hours": {"opens": hours.opens.strftime("%H:%M"), "closes": hours.closes.strftime("%H:%M")},
            "open_now": hours.open_now,
            "next_opening": hours.next_opening.isoformat(),
            "designated_users_only": hours.designated_users_only,
            "after_hours": hours.after_hours,
        }
        if hours.phone is None:
            card["lines"] = [{"region": line.region, "phone": line.phone} for line in all_lines(self._policy)]
        return card


def _region_vocabulary(language: str, catalogue: Catalogue) -> Vocabulary:
    """Country names from CLDR plus the catalogue's nicknames and cities."""
    expressions = {code: [name] for code, name in territories(language).items()}
    for code, names in catalogue.content["vocabulary"]["regions"].items():
        expressions.setdefault(code, []).extend(names)
    return Vocabulary(expressions)
