"""The questions of a support case as a pure state machine: what was asked and said → what changes, what comes next.

Source: support-policy, "Opening a case". Free text that answers a question is kept whole, whatever words it holds; only
a short, confidently recognised digression, cancel, skip or correction interrupts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.desk.case_fields import (
    CANCELLATION,
    CANCELLED,
    CONFIRMED,
    CORRECTION,
    DONE,
    FIELDS,
    REVIEW,
    SKIPPED,
    CaseField,
    Kind,
    check_value,
)
from bot.desk.listening import heard_in
from bot.desk.said import Said
from bot.locales import Catalogue
from bot.locales.wording import normalise

CORRECTION_WORDS = 6
WISH_WORDS = 5
_LEADING_NO = re.compile(r"^\s*(no|nope|non|nein|nee)\s*[,.;:!–-]\s*", re.IGNORECASE)


@dataclass
class Outcome:
    """What an answer changes. `digression`: the form steps aside for another answer, nothing changes.

    values     slot → new value (None: ask again)
    request    the slot to ask next, or None for the first one that is empty
    utterances (response key, values) said before the next question
    ended      the form is left now (after a cancellation)
    """

    values: dict[str, Any] = field(default_factory=dict)
    request: str | None = None
    utterances: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    ended: bool = False
    digression: bool = False


def answer(requested: str, said: Said, values: Mapping[str, Any], draft: str | None, catalogue: Catalogue) -> Outcome:
    """What follows from `said` when `requested` was asked and `values` (slot → value) are known so far.

    draft: the summary that was proposed, taken when the user agrees.
    """
    if said.answers is not None:
        return _filled_at_once(said.answers)
    if requested == CANCELLATION:
        return _cancellation(said, catalogue)
    if said.cancels(catalogue):
        return _cancel(values)
    if requested == CORRECTION:
        return _choose_correction(said, catalogue)
    if requested in FIELDS and FIELDS[requested].kind is Kind.CHOICE:
        exact = _exact_choice(requested, said, catalogue)
        if exact is not None:
            return Outcome(values={requested: exact})
    changed = _contradiction(said, values, catalogue)
    if changed is not None:
        return changed
    if said.means("correct_answer") and said.choice in (None, "edit") and _is_wish(requested, said, catalogue):
        return _correct(requested, said, values, catalogue)
    if requested == REVIEW:
        return _review(said, values, catalogue)
    return _answer_field(FIELDS[requested], said, values, draft, catalogue)


def _invalid(name: str) -> Outcome:
    """Asked again; an answer that was given before stays until another one replaces it."""
    return Outcome(values={CORRECTION: None}, request=name, utterances=[(f"utter_invalid_{name}", {})])


def _filled_at_once(answers: Mapping[str, Any]) -> Outcome:
    """The answers were checked by the gateway's form validation; here they are taken over."""
    return Outcome(values={name: value for name, value in answers.items() if name in FIELDS})


def _cancel(values: Mapping[str, Any]) -> Outcome:
    """Asks once before more than two answers are thrown away."""
    given = [name for name in FIELDS if values.get(name) not in (None, SKIPPED)]
    if len(given) > 2:
        return Outcome(values={CANCELLATION: None}, request=CANCELLATION)
    return Outcome(values={REVIEW: CANCELLED}, ended=True)


def _cancellation(said: Said, catalogue: Catalogue) -> Outcome:
    if said.choice == "yes" or said.cancels(catalogue) or (said.choice is None and said.means("affirm")):
        return Outcome(values={REVIEW: CANCELLED}, ended=True)
    return Outcome(values={CANCELLATION: None})


def _choose_correction(said: Said, catalogue: Catalogue) -> Outcome:
    name = said.choice if said.choice in FIELDS else catalogue.vocabulary("fields").find(said.text)
    if name in FIELDS:
        return _ask_again(name)
    changed = _mentioned_choice(said.text, catalogue)
    if changed:
        return _changed(*changed, catalogue)
    if said.digresses(catalogue, from_text=False):
        return Outcome(digression=True)
    return Outcome(values={CORRECTION: None})  # on with the first question that is open


def _is_wish(requested: str, said: Said, catalogue: Catalogue) -> bool:
    """Whether a correction is meant.

    Where text is asked for, "please go back and try again" may be what the screen said and "yesterday around nine" an
    answer: there it takes few words, one of them for correcting, or a choice by name.
    """
    if requested not in FIELDS or FIELDS[requested].kind is not Kind.TEXT or said.choice is not None:
        return True
    names_it = any(c.mentions("correction_words", said.text) for c in catalogue.in_all_languages())
    return (names_it and said.words <= WISH_WORDS) or _mentioned_choice(said.text, catalogue) is not None


def _correct(requested: str, said: Said, values: Mapping[str, Any], catalogue: Catalogue) -> Outcome:
    """ "no, it is the sandbox" changes that field; "go back" asks the one before again; else we ask which."""
    if said.choice is None:
        changed = _mentioned_choice(said.text, catalogue)
        if changed:
            return _changed(*changed, catalogue)
        named = catalogue.vocabulary("fields").find(said.text)
        if named in FIELDS:
            return _ask_again(named)
        if requested in FIELDS:
            earlier = [n for n in _before(requested) if values.get(n) is not None]
            if earlier:
                return _ask_again(earlier[-1])
    return Outcome(values={CORRECTION: None}, request=CORRECTION)


def _ask_again(name: str) -> Outcome:
    """The earlier answer is kept until another one replaces it."""
    return Outcome(values={CORRECTION: None}, request=name)


def _before(name: str) -> list[str]:
    names = list(FIELDS)
    return names[: names.index(name)]


def _contradiction(said: Said, values: Mapping[str, Any], catalogue: Catalogue) -> Outcome | None:
    """ "no, it is the sandbox", whatever its intent: a no, and another value of a field that was given before."""
    if said.choice is not None or said.words > CORRECTION_WORDS or not _LEADING_NO.match(said.text):
        return None
    changed = _mentioned_choice(said.text, catalogue)
    if changed is None or values.get(changed[0]) in (None, changed[1]):
        return None
    return _changed(*changed, catalogue)


def _mentioned_choice(text: str, catalogue: Catalogue) -> tuple[str, str] | None:
    """The choice that a correction names, e.g. ("environment", "sandbox"), also in "not production but the sandbox"."""
    for name in ("environment", "business_impact", "impact_scope"):
        value = _find_choice(name, text, catalogue)
        if value is not None:
            return name, value
    return None


def _find_choice(name: str, text: str, catalogue: Catalogue) -> str | None:
    """The value that the text names, in the conversation's language, else in another of the four."""
    for tried in catalogue.in_all_languages():
        value = tried.vocabulary(name).find(_without_rejected(text, name, tried))
        if value is not None:
            return value
    return None


def _without_rejected(text: str, name: str, catalogue: Catalogue) -> str:
    """The text without "not production": the negation and the expression that follows it."""
    # "no, es sandbox": that first no rejects what was noted before, not the value that follows.
    padded = normalise(_LEADING_NO.sub("", text))
    negations = catalogue.expressions("negations")
    expressions = [normalise(e) for words in catalogue.content["vocabulary"][name].values() for e in words]
    for negation in negations:
        for expression in expressions:
            padded = padded.replace(negation + expression.lstrip(), " ")
    return padded


def _changed(name: str, value: str, catalogue: Catalogue) -> Outcome:
    said = {"field": catalogue.label("fields", name), "value": catalogue.label(name, value)}
    return Outcome(values={name: value, REVIEW: None, CORRECTION: None}, utterances=[("utter_corrected", said)])


def _review(said: Said, values: Mapping[str, Any], catalogue: Catalogue) -> Outcome:
    if said.choice == "confirm" or (said.choice is None and said.means("affirm")):
        return Outcome(values={REVIEW: CONFIRMED})
    changed = _mentioned_choice(said.text, catalogue) if said.choice is None else None
    if changed:
        return _changed(*changed, catalogue)
    if said.choice is None and said.means("deny"):
        return _correct(REVIEW, said, values, catalogue)
    if said.digresses(catalogue, from_text=False):
        return Outcome(digression=True)
    return _invalid(REVIEW)


def _answer_field(
    f: CaseField, said: Said, values: Mapping[str, Any], draft: str | None, catalogue: Catalogue
) -> Outcome:
    if said.means("skip") and said.choice in (None, "skip"):
        kept = values.get(f.name)  # asked again after "go back", and to stay as it is
        if kept is not None or f.optional:
            return Outcome(values={f.name: kept if kept is not None else SKIPPED})
        return _invalid(f.name)
    if f.kind is Kind.CHOICE:
        return _answer_choice(f, said, catalogue)
    if f.kind is Kind.FILES:
        if said.choice == "done" or (said.choice is None and said.means("affirm", "deny")):
            return Outcome(values={f.name: DONE})
        return _digression_or_invalid(f, said, catalogue)
    return _answer_text(f, said, values, draft, catalogue)


def _answer_text(
    f: CaseField, said: Said, values: Mapping[str, Any], draft: str | None, catalogue: Catalogue
) -> Outcome:
    if f.name == "issue_summary":
        if draft and (said.choice == "yes" or (said.choice is None and said.means("affirm"))):
            return _summarised(draft, values, catalogue)
        if said.means("open_case"):
            return Outcome(values={CORRECTION: None}, request=f.name)
    if said.digresses(catalogue, from_text=True):
        return Outcome(digression=True)
    if said.choice is not None:  # a button of another message is no text; the question stays
        return Outcome(values={CORRECTION: None}, request=f.name)
    value = check_value(f.name, said.text, catalogue)
    if value is None:
        return _invalid(f.name)
    return _summarised(value, values, catalogue) if f.name == "issue_summary" else Outcome(values={f.name: value})


def _summarised(summary: str, values: Mapping[str, Any], catalogue: Catalogue) -> Outcome:
    """The summary, and what it says already about fields that are still empty."""
    heard = {name: value for name, value in heard_in(summary, catalogue).items() if values.get(name) is None}
    return Outcome(values={"issue_summary": summary, **heard})


def _answer_choice(f: CaseField, said: Said, catalogue: Catalogue) -> Outcome:
    value = _exact_choice(f.name, said, catalogue)
    if value is None and said.choice is None and not said.digresses(catalogue, from_text=False):
        value = _find_choice(f.name, said.text, catalogue)
    return Outcome(values={f.name: value}) if value is not None else _digression_or_invalid(f, said, catalogue)


def _exact_choice(name: str, said: Said, catalogue: Catalogue) -> str | None:
    """The value that was tapped, or is the whole of what was written, in any of the four languages."""
    if said.choice is not None:
        return said.choice if said.choice in catalogue.labels(name) else None
    for tried in catalogue.in_all_languages():
        value = tried.vocabulary(name).exact(said.text) or tried.short_answers(name).exact(said.text)
        if value is not None:
            return value
    return None


def _digression_or_invalid(f: CaseField, said: Said, catalogue: Catalogue) -> Outcome:
    return Outcome(digression=True) if said.digresses(catalogue, from_text=False) else _invalid(f.name)
