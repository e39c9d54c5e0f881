"""Hears in a summary what the form would ask next, so that it is not asked again; all of it is on the review card."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.desk.corrections import without_rejected
from bot.locales import Catalogue
from bot.locales.wording import normalise


@dataclass(frozen=True)
class Moment:
    """When something happened: the words that say it, and the same as a date and time in the user's zone."""

    said: str
    written: str


HearsTime = Callable[[str], Moment | None]
"""Finds the moment that a text tells, in the user's zone and language."""

# The exact text of an error stands in quotes; what is shorter is a name or a word that is meant ironically.
_QUOTED = re.compile(r"[\"“”„«»](?P<text>[^\"“”„«»]{8,400})[\"“”„«»]")
_COUNT = re.compile(r"(?P<count>\d{1,5})\s+(?P<first>\w+)(?:\s+(?P<second>\w+))?")
_CODE = re.compile(r"\b[A-Z]{2,}[-_]?\d{2,}\b")
# What an error says stands behind its code and a colon, up to the end of the sentence.
_CODE_WITH_TEXT = re.compile(rf"(?P<whole>(?P<code>{_CODE.pattern})(?P<text>\s*[:–-]\s+[^.!?\n]{{3,200}})?)")
# "test" or "live" alone say little; "test system", "sandbox" and "production" do.
TELLING = 7
_WORDS_BEFORE_A_CODE = 3
_WORDS_OF_A_PROBLEM = 3
_SET_OFF_WORDS = 2
_SET_OFF = re.compile(r"[:,.;–-]\s")


def hears_no_time(text: str) -> None:
    """For who has no clock at hand."""


def with_moment(text: str, hears_time: HearsTime) -> str:
    """The text as it was written, and the moment it tells as a date behind it."""
    moment = hears_time(text)
    return text if moment is None or moment.written in text else f"{text} ({moment.written})"


def heard_in(summary: str, catalogue: Catalogue, hears_time: HearsTime = hears_no_time) -> dict[str, str]:
    """Field → value for an error, a moment, a number of people, the impact, and an environment named for itself."""
    found = {
        "error_message": _error_in(summary, catalogue),
        "issue_time": _time_in(summary, hears_time),
        "affected_users": _people_in(summary, catalogue),
        "impact_scope": _impact_in("impact_scope", summary, catalogue),
        "business_impact": _impact_in("business_impact", summary, catalogue),
        "environment": _environment_in(summary, catalogue),
    }
    return {name: value for name, value in found.items() if value is not None}


def problem_in(wish: str, catalogue: Catalogue) -> bool:
    """Whether the wish for a case tells the problem as well: "open a case, the bank feed has been empty since May"."""
    small = {word for c in catalogue.in_all_languages() for e in c.expressions("opening_words") for word in e.split()}
    telling = sum(word not in small for word in normalise(wish).split())
    # "Ticket, payment run hangs": few words tell a problem where a mark sets them off from the wish.
    return telling >= (_SET_OFF_WORDS if _SET_OFF.search(wish) else _WORDS_OF_A_PROBLEM)


def _error_in(summary: str, catalogue: Catalogue) -> str | None:
    """The error text in quotes, else a code that is called an error with the text behind it.

    A code alone is not the exact text that a specialist needs: that is asked for, with `error_code_in` as one answer.
    """
    for quoted in _QUOTED.finditer(summary):
        if _is_error(quoted["text"], catalogue):
            return quoted["text"].strip()
    coded = _coded(summary, catalogue)
    return coded["whole"].strip() if coded and coded["text"] else None


def error_code_in(summary: str, catalogue: Catalogue) -> str | None:
    """The code of an error that a summary names without its text, such as GW-0011."""
    coded = _coded(summary, catalogue)
    return coded["code"] if coded and not coded["text"] else None


def _coded(summary: str, catalogue: Catalogue) -> re.Match[str] | None:
    for coded in _CODE_WITH_TEXT.finditer(summary):
        before = " ".join(summary[: coded.start()].split()[-_WORDS_BEFORE_A_CODE:])
        if any(c.mentions("error_nouns", before) for c in catalogue.in_all_languages()):
            return coded
    return None


def _is_error(quoted: str, catalogue: Catalogue) -> bool:
    """A code, or words of errors; other quotations name a button or a report."""
    if _CODE.search(quoted):
        return True
    return any(c.mentions("error_words", quoted) for c in catalogue.in_all_languages())


def _time_in(summary: str, hears_time: HearsTime) -> str | None:
    moment = hears_time(summary)
    return None if moment is None else f"{moment.said} ({moment.written})"


def _people_in(summary: str, catalogue: Catalogue) -> str | None:
    people = {normalise(word) for c in catalogue.in_all_languages() for word in c.content["vocabulary"]["people"]}
    for count in _COUNT.finditer(summary):
        if normalise(count["first"]) in people:
            return f"{count['count']} {count['first']}"
        if count["second"] and normalise(count["second"]) in people:
            return count[0]
    return None


def _impact_in(name: str, summary: str, catalogue: Catalogue) -> str | None:
    """The one value that is named by several words: "blocked" or "slow" may be said of a vendor or a report."""
    found = set()
    for c in catalogue.in_all_languages():
        padded = without_rejected(summary, name, c)
        for value, expressions in c.content["vocabulary"][name].items():
            wordy = [normalise(expression) for expression in expressions if len(normalise(expression).split()) > 1]
            if any(expression in padded for expression in wordy):
                found.add(value)
    return found.pop() if len(found) == 1 else None


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
