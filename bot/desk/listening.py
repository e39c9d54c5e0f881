"""Hears in a summary what the form would ask next, so that it is not asked again; all of it is on the review card."""

from __future__ import annotations

import re

from bot.locales import Catalogue
from bot.locales.wording import normalise

# The exact text of an error stands in quotes; what is shorter is a name or a word that is meant ironically.
_QUOTED = re.compile(r"[\"“”„«»](?P<text>[^\"“”„«»]{8,400})[\"“”„«»]")
_COUNT = re.compile(r"(?P<count>\d{1,5})\s+(?P<first>\w+)(?:\s+(?P<second>\w+))?")
# "test" or "live" alone say little; "test system", "sandbox" and "production" do.
_TELLING_LENGTH = 7


def heard_in(summary: str, catalogue: Catalogue) -> dict[str, str]:
    """Field → value for an error text in quotes, a number of people, and an environment named for itself."""
    heard: dict[str, str] = {}
    quoted = _QUOTED.search(summary)
    if quoted:
        heard["error_message"] = quoted["text"].strip()
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


def _environment_in(summary: str, catalogue: Catalogue) -> str | None:
    """The one environment that is named; None where two are, or none is."""
    padded = normalise(summary)
    found = {
        value
        for c in catalogue.in_all_languages()
        for value, expressions in c.content["vocabulary"]["environment"].items()
        for expression in expressions
        if len(expression) >= _TELLING_LENGTH and normalise(expression) in padded
    }
    return found.pop() if len(found) == 1 else None
