"""Hears in a summary what the form would ask next, so that it is not asked again; all of it is on the review card."""

from __future__ import annotations

import re

from bot.locales import Catalogue
from bot.locales.wording import normalise

# The exact text of an error stands in quotes; what is shorter is a name or a word that is meant ironically.
_QUOTED = re.compile(r"[\"“”„«»](?P<text>[^\"“”„«»]{8,400})[\"“”„«»]")
_COUNT = re.compile(r"(?P<count>\d{1,5})\s+(?P<first>\w+)(?:\s+(?P<second>\w+))?")
_CODE = re.compile(r"\b[A-Z]{2,}[-_]?\d{2,}")
# "test" or "live" alone say little; "test system", "sandbox" and "production" do.
TELLING = 7


def heard_in(summary: str, catalogue: Catalogue) -> dict[str, str]:
    """Field → value for an error text in quotes, a number of people, and an environment named for itself."""
    heard: dict[str, str] = {}
    for quoted in _QUOTED.finditer(summary):
        if _is_error(quoted["text"], catalogue):
            heard["error_message"] = quoted["text"].strip()
            break
    people = {normalise(word) for c in catalogue.in_all_languages() for word in c.content["vocabulary"]["people"]}
    for count in _COUNT.finditer(summary):
        if normalise(count["first"]) in people:
            heard["affected_users"] = f"{count['count']} {count['first']}"
            break
        if count["second"] and normalise(count["second"]) in people:
            heard["affected_users"] = count[0]
            break
    environment = _environment_in(summary, catalogue)
    if environment is not None:
        heard["environment"] = environment
    return heard


def _is_error(quoted: str, catalogue: Catalogue) -> bool:
    """A code, or words of errors; other quotations name a button or a report."""
    if _CODE.search(quoted):
        return True
    return any(c.mentions("error_words", quoted) for c in catalogue.in_all_languages())


def _environment_in(summary: str, catalogue: Catalogue) -> str | None:
    """The one environment that is named as the place; None where two are, where a negation is, or none is."""
    padded, found = normalise(summary), set()
    for c in catalogue.in_all_languages():
        for value, expressions in c.content["vocabulary"]["environment"].items():
            places = [
                p + normalise(e).lstrip() for p in c.expressions("places") for e in expressions if len(e) >= TELLING
            ]
            if any(place in padded for place in places):
                found.add(value)
    negated = any(c.mentions("negations", summary) for c in (catalogue,))
    return found.pop() if len(found) == 1 and not negated else None
