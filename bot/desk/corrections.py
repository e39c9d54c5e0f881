"""What a correction changes: "no, it is the sandbox", "the error was GW-12 not GW-11", "affected users: 12".

Each of them names a field's new value; all are understood in the four languages, in the middle of a form and on its
review.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.desk.case_fields import FIELDS, SKIPPED, Kind
from bot.locales import Catalogue
from bot.locales.wording import normalise

Changes = dict[str, str]
"""Field → its new value; the field that is told to the user comes first."""

LEADING_NO = re.compile(r"^\s*(no|nope|non|nein|nee)\s*[,.;:!–-]\s*", re.IGNORECASE)
_CHOICES = ("environment", "business_impact", "impact_scope")
_LONGEST_REPLACED = 5
_LEAST_LETTERS = 4
_AROUND = " \t\"'“”„«»‚‘’.,;:!?"


def mentioned_choice(text: str, catalogue: Catalogue) -> Changes:
    """The choice that a correction names, e.g. {"environment": "sandbox"}, also in "not production but the sandbox"."""
    for name in _CHOICES:
        value = find_choice(name, text, catalogue)
        if value is not None:
            return {name: value}
    return {}


def find_choice(name: str, text: str, catalogue: Catalogue) -> str | None:
    """The value of a choice that the text names, in the conversation's language, else in another of the four."""
    for tried in catalogue.in_all_languages():
        value = tried.vocabulary(name).find(without_rejected(text, name, tried))
        if value is not None:
            return value
    return None


def replaced(text: str, values: Mapping[str, Any], catalogue: Catalogue) -> Changes:
    """ "X, not Y", "not Y but X": the answers that hold Y, with X in its place; nothing where none holds it.

    Y has a digit or at least four letters: a shorter word stands in many answers by chance.
    """
    words = text.split()
    for position in range(len(words)):
        after = _negation_at(words, position, catalogue)
        if after is None:
            continue
        for end in range(min(len(words), after + _LONGEST_REPLACED), after, -1):
            old = " ".join(words[after:end]).strip(_AROUND)
            holders = _holders(old, values)
            if not holders:
                continue
            new = _after_but(words[end:], catalogue) or _before(words[:position], end - after)
            if new and normalise(new) != normalise(old):
                return {name: _put(new, old, str(values[name])) for name in _named_first(holders, text, catalogue)}
    return {}


def named_value(text: str, catalogue: Catalogue) -> Changes:
    """ "affected users: 12", "change the environment to sandbox": a field by its name, then what it becomes."""
    for tried in catalogue.in_all_languages():
        flat = [(part, number) for number, word in enumerate(text.split()) for part in _parts(word)]
        found = _field_at(flat, tried)
        if found is None:
            continue
        name, end = found
        rest = _value_after(text.split(), flat, end, tried)
        if not rest or any(c.mentions("correction_words", rest) for c in catalogue.in_all_languages()):
            continue  # "the error message is wrong"
        if FIELDS[name].kind is Kind.TEXT:
            return {name: rest}
        if FIELDS[name].kind is Kind.CHOICE:
            value = find_choice(name, rest, catalogue)
            if value is not None:
                return {name: value}
    return {}


def without_rejected(text: str, name: str, catalogue: Catalogue) -> str:
    """The text without "not production": the negation and the expression that follows it."""
    # "no, es sandbox": that first no rejects what was noted before, not the value that follows.
    padded = normalise(LEADING_NO.sub("", text))
    negations = catalogue.expressions("negations")
    expressions = [normalise(e) for words in catalogue.content["vocabulary"][name].values() for e in words]
    for negation in negations:
        for expression in expressions:
            padded = padded.replace(negation + expression.lstrip(), " ")
    return padded


def _negation_at(words: list[str], position: int, catalogue: Catalogue) -> int | None:
    """Where what is rejected begins, if a word for rejecting stands at the position."""
    for tried in catalogue.in_all_languages():
        for expression in tried.expressions("rejecting"):
            size = len(expression.split())
            if normalise(" ".join(words[position : position + size])) == expression:
                return position + size
    return None


def _holders(old: str, values: Mapping[str, Any]) -> list[str]:
    plain = normalise(old)
    if len(plain.strip()) < _LEAST_LETTERS and not any(c.isdigit() for c in plain):
        return []
    texts = {n: values.get(n) for n, f in FIELDS.items() if f.kind is Kind.TEXT}
    return [n for n, v in texts.items() if v and v != SKIPPED and re.search(_whole(old), str(v), re.IGNORECASE)]


def _whole(words: str) -> str:
    return rf"(?<!\w){re.escape(words)}(?!\w)"


def _put(new: str, old: str, answer: str) -> str:
    return re.sub(_whole(old), lambda _: new, answer, flags=re.IGNORECASE)


def _after_but(words: list[str], catalogue: Catalogue) -> str:
    """What stands behind "but", "sino", "mais" or "sondern" at the beginning of the words."""
    for tried in catalogue.in_all_languages():
        if words and normalise(words[0]) in tried.expressions("but_rather"):
            return " ".join(words[1:]).strip(_AROUND)
    return ""


def _before(words: list[str], size: int) -> str:
    return " ".join(words[-size:]).strip(_AROUND)


def _named_first(holders: list[str], text: str, catalogue: Catalogue) -> list[str]:
    """The field that the text names comes first, else the error: most of what is mistyped is a code."""
    named = [c.vocabulary("fields").find(text) for c in catalogue.in_all_languages()]
    return sorted(holders, key=lambda name: (name not in named, name != "error_message"))


def _parts(word: str) -> list[str]:
    return normalise(word).split() or ([":"] if ":" in word or "=" in word else [])


def _field_at(flat: list[tuple[str, int]], catalogue: Catalogue) -> tuple[str, int] | None:
    """(field, number of the part behind its name) for the longest name of a field in the text."""
    content, best = catalogue.content["vocabulary"]["fields"], (0, "", 0)
    labels = catalogue.labels("fields")
    for name, expressions in content.items():
        for expression in (*expressions, labels[name]):
            wanted = normalise(expression).split()
            for start in range(len(flat) - len(wanted) + 1):
                if [part for part, _ in flat[start : start + len(wanted)]] == wanted:
                    best = max(best, (len(wanted), name, start + len(wanted)))
    return (best[1], best[2]) if best[0] else None


def _value_after(words: list[str], flat: list[tuple[str, int]], end: int, catalogue: Catalogue) -> str:
    """The words behind "to", "is" or a colon that follow a field's name; '' where none of them does."""
    name_ends = words[flat[end - 1][1]].rstrip().endswith((":", "="))
    if name_ends:
        return " ".join(words[flat[end - 1][1] + 1 :]).strip(_AROUND)
    rest = [part for part, _ in flat[end:]]
    for expression in [[":"], *(e.split() for e in catalogue.expressions("becomes"))]:
        if rest[: len(expression)] == expression and len(rest) > len(expression):
            return " ".join(words[flat[end + len(expression)][1] :]).strip(_AROUND)
    return ""
