"""Which earlier answers of the case form a turn corrects, at any question and on the review."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.desk.case_fields import CORRECTION, FIELDS, REVIEW, Kind
from bot.desk.corrections import LEADING_NO, Changes, mentioned_choice, named_value, replaced
from bot.desk.form_outcome import Outcome, ask_again
from bot.desk.listening import HearsTime, hears_no_time, with_moment
from bot.desk.said import SHORT_MESSAGE_WORDS, Said
from bot.locales import Catalogue
from kb_index.snippets import shorten

CORRECTION_WORDS = 6
WISH_WORDS = 5
VALUE_SHOWN = 120


def corrections(requested: str, said: Said, values: Mapping[str, Any], catalogue: Catalogue) -> Changes:
    """The answers that a short message changes by naming their new value, whatever its intent.

    Where text is asked for, "the total should be 500 not 450" may be the answer: there it takes a word for correcting,
    a no at the beginning, or the name of another field.
    """
    if said.choice is not None or said.words > SHORT_MESSAGE_WORDS:
        return {}
    says_no = LEADING_NO.match(said.text) is not None
    if requested in (REVIEW, CORRECTION):
        choice = mentioned_choice(said.text, catalogue) if says_no or requested == CORRECTION else {}
        return replaced(said.text, values, catalogue) or named_value(said.text, catalogue) or choice
    if says_no and said.words <= CORRECTION_WORDS:
        choice = mentioned_choice(said.text, catalogue)
        if any(values.get(name) not in (None, value) for name, value in choice.items()):
            return choice
    named = catalogue.vocabulary("fields").find(said.text)
    wishes = said.mentions("correction_words", catalogue) or said.means("correct_answer")
    asks_text = FIELDS[requested].kind is Kind.TEXT
    if says_no or wishes or not asks_text or (named != requested and values.get(str(named)) is not None):
        changes = replaced(said.text, {**values, requested: None}, catalogue)
        if changes:
            return changes
    if asks_text and not (said.means("correct_answer") and is_wish(requested, said, catalogue)):
        return {}
    changes = named_value(said.text, catalogue)
    return changes if all(values.get(name) is not None for name in changes) else {}


def changed(changes: Changes, catalogue: Catalogue, hears_time: HearsTime = hears_no_time) -> Outcome:
    """Takes over the new values and says them."""
    values, utterances = dict[str, Any](), list[tuple[str, dict[str, Any]]]()
    for name, value in changes.items():
        is_choice = FIELDS[name].kind is Kind.CHOICE
        values[name] = with_moment(value, hears_time) if name == "issue_time" else value
        shown = catalogue.label(name, value) if is_choice else values[name]
        told = {"field": catalogue.label("fields", name), "value": shorten(shown, VALUE_SHOWN)}
        utterances.append(("utter_corrected", told))
    return Outcome(values={**values, REVIEW: None, CORRECTION: None}, utterances=utterances)


def is_wish(requested: str, said: Said, catalogue: Catalogue) -> bool:
    """Whether a correction is meant.

    Where text is asked for, "please go back and try again" may be what the screen said and "yesterday around nine" an
    answer: there it takes few words, one of them for correcting, or a choice by name.
    """
    if requested not in FIELDS or FIELDS[requested].kind is not Kind.TEXT or said.choice is not None:
        return True
    names_it = said.mentions("correction_words", catalogue)
    return (names_it and said.words <= WISH_WORDS) or bool(mentioned_choice(said.text, catalogue))


def correct(requested: str, said: Said, values: Mapping[str, Any], catalogue: Catalogue) -> Outcome:
    """ "no, it is the sandbox" changes that field; "go back" asks the one before again; else we ask which."""
    if said.choice is None:
        changes = mentioned_choice(said.text, catalogue)
        if set(changes) == {requested} and values.get(requested) is None:
            return Outcome(values=dict(changes))  # what was asked for, and nothing to correct
        if changes:
            return changed(changes, catalogue)
        named = catalogue.vocabulary("fields").find(said.text)
        if named in FIELDS:
            return ask_again(named)
        if requested in FIELDS:
            earlier = [n for n in _before(requested) if values.get(n) is not None]
            if earlier:
                return ask_again(earlier[-1])
    return Outcome(values={CORRECTION: None}, request=CORRECTION)


def choose_correction(said: Said, catalogue: Catalogue) -> Outcome:
    name = said.choice if said.choice in FIELDS else catalogue.vocabulary("fields").find(said.text)
    if name in FIELDS:
        return ask_again(name)
    if said.digresses(catalogue, from_text=False):
        return Outcome(digression=True)
    return Outcome(values={CORRECTION: None})  # on with the first question that is open


def _before(name: str) -> list[str]:
    names = list(FIELDS)
    return names[: names.index(name)]
