"""The questions of a support case as a pure state machine: what was asked and said → what changes, what comes next.

Source: support-policy, "Opening a case". Free text that answers a question is kept whole, whatever words it holds; only
a short, confidently recognised digression, cancel, skip or correction interrupts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.desk.case_fields import (
    CANCELLATION,
    CANCELLED,
    CONFIRMED,
    CORRECTION,
    DONE,
    FIELDS,
    INSISTED,
    MISUNDERSTOOD,
    REVIEW,
    SCOPE,
    SKIPPED,
    CaseField,
    Kind,
    check_value,
)
from bot.desk.corrections import find_choice, mentioned_choice
from bot.desk.form_corrections import changed, choose_correction, correct, corrections, is_wish
from bot.desk.form_outcome import Outcome, invalid
from bot.desk.listening import HearsTime, error_code_in, heard_in, hears_no_time, with_moment
from bot.desk.said import Said
from bot.locales import Catalogue

NONSENSE_WORDS = 3
REFUSAL_WORDS = 3
ONLY_THE_CODE = "only_the_code"
TURNS_UNTIL_A_WAY_OUT = 2


def answer(
    requested: str,
    said: Said,
    values: Mapping[str, Any],
    draft: str | None,
    catalogue: Catalogue,
    hears_time: HearsTime = hears_no_time,
) -> Outcome:
    """What follows from `said` when `requested` was asked and `values` (slot → value) are known so far.

    draft: the summary that was proposed, taken when the user agrees. hears_time finds when a problem happened. Who was
    not understood twice in a row is offered a way out.
    """
    outcome = _answer(requested, said, values, draft, catalogue, hears_time)
    if outcome.unclear:
        turns = int(values.get(MISUNDERSTOOD) or 0) + 1
        outcome.values[MISUNDERSTOOD] = turns
        if turns >= TURNS_UNTIL_A_WAY_OUT:
            outcome.utterances = [(_way_out(requested, catalogue), {})]
    elif values.get(MISUNDERSTOOD) and not outcome.digression:
        outcome.values[MISUNDERSTOOD] = None
    return outcome


def _way_out(requested: str, catalogue: Catalogue) -> str:
    may_skip = requested in FIELDS and (FIELDS[requested].optional or _has_other(requested, catalogue))
    return "utter_way_out" if may_skip else "utter_way_out_required"


def _has_other(name: str, catalogue: Catalogue) -> bool:
    return FIELDS[name].kind is Kind.CHOICE and "other" in catalogue.labels(name)


def _answer(
    requested: str,
    said: Said,
    values: Mapping[str, Any],
    draft: str | None,
    catalogue: Catalogue,
    hears_time: HearsTime,
) -> Outcome:
    if said.answers is not None:
        return _filled_at_once(said.answers)
    if requested == CANCELLATION:
        return _cancellation(said, catalogue)
    if said.cancels(catalogue):
        return Outcome(values={REVIEW: CANCELLED}, ended=True) if requested == SCOPE else _cancel(values)
    if requested == SCOPE:
        return _insistence(said, catalogue)
    if requested in FIELDS and said.asks_why(catalogue):
        return Outcome(values={CORRECTION: None}, request=requested, utterances=[(f"utter_why_{requested}", {})])
    if requested in FIELDS and FIELDS[requested].kind is Kind.CHOICE:
        exact = _exact_choice(requested, said, catalogue)
        if exact is not None:
            return Outcome(values={requested: exact})
    changes = corrections(requested, said, values, catalogue)
    if changes:
        return changed(changes, catalogue, hears_time)
    if requested == CORRECTION:
        return choose_correction(said, catalogue)
    if said.means("correct_answer") and said.choice in (None, "edit") and is_wish(requested, said, catalogue):
        return correct(requested, said, values, catalogue)
    if requested == REVIEW:
        return _review(said, values, catalogue)
    return _answer_field(FIELDS[requested], said, values, draft, catalogue, hears_time)


def _insistence(said: Said, catalogue: Catalogue) -> Outcome:
    """Whether the user wants a case for what support does not do; who explains the problem once more wants it."""
    if said.choice is None and said.means("deny") and said.words <= REFUSAL_WORDS:
        return Outcome(values={REVIEW: CANCELLED}, ended=True)
    if said.digresses(catalogue, from_text=True):
        return Outcome(digression=True)
    if said.choice == "insist" or (said.choice is None and (said.means("affirm") or said.words > REFUSAL_WORDS)):
        return Outcome(values={SCOPE: INSISTED})
    return invalid(SCOPE)


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


def _review(said: Said, values: Mapping[str, Any], catalogue: Catalogue) -> Outcome:
    if said.choice == "confirm" or (said.choice is None and said.means("affirm")):
        return Outcome(values={REVIEW: CONFIRMED})
    changes = mentioned_choice(said.text, catalogue) if said.choice is None else {}
    if changes:
        return changed(changes, catalogue)
    if said.choice is None and said.means("deny"):
        return correct(REVIEW, said, values, catalogue)
    if said.digresses(catalogue, from_text=False):
        return Outcome(digression=True)
    return invalid(REVIEW)


def _answer_field(
    f: CaseField,
    said: Said,
    values: Mapping[str, Any],
    draft: str | None,
    catalogue: Catalogue,
    hears_time: HearsTime,
) -> Outcome:
    unknown = said.does_not_know(catalogue)
    if unknown or (said.means("skip") and said.choice in (None, "skip")):
        kept = values.get(f.name)  # asked again after "go back", and to stay as it is
        if kept is not None or f.optional:
            return Outcome(values={f.name: kept if kept is not None else SKIPPED})
        if _has_other(f.name, catalogue) and (unknown or said.choice == "skip"):
            return Outcome(values={f.name: "other"})
        return invalid(f.name)
    if f.kind is Kind.CHOICE:
        return _answer_choice(f, said, catalogue)
    if f.kind is Kind.FILES:
        if said.choice == "done" or said.is_done(catalogue) or (said.choice is None and said.means("affirm", "deny")):
            return Outcome(values={f.name: DONE})
        return _digression_or_invalid(f, said, catalogue)
    return _answer_text(f, said, values, draft, catalogue, hears_time)


def _answer_text(
    f: CaseField,
    said: Said,
    values: Mapping[str, Any],
    draft: str | None,
    catalogue: Catalogue,
    hears_time: HearsTime,
) -> Outcome:
    if f.name == "issue_summary":
        if draft and (said.choice == "yes" or (said.choice is None and said.means("affirm"))):
            return _summarised(draft, values, catalogue, hears_time)
        if said.means("open_case"):
            return Outcome(values={CORRECTION: None}, request=f.name)
    if f.name == "error_message" and said.choice == ONLY_THE_CODE:
        code = error_code_in(str(values.get("issue_summary") or ""), catalogue)
        return Outcome(values={f.name: code}) if code else Outcome(values={CORRECTION: None}, request=f.name)
    if said.digresses(catalogue, from_text=True):
        return Outcome(digression=True)
    if said.choice is not None:  # a button of another message is no text; the question stays
        return Outcome(values={CORRECTION: None}, request=f.name)
    value = check_value(f.name, said.text, catalogue)
    if value is None or _tells_nothing(f, said):
        return invalid(f.name, None if f.name == "issue_summary" else "utter_invalid_answer")
    if f.name == "issue_summary":
        return _summarised(value, values, catalogue, hears_time)
    return Outcome(values={f.name: with_moment(value, hears_time) if f.name == "issue_time" else value})


def _tells_nothing(f: CaseField, said: Said) -> bool:
    """Whether a short text is punctuation, smileys or keys that were hit at random; an error may look like that."""
    if said.words > NONSENSE_WORDS or f.name == "error_message":
        return False
    return not said.plausible or not any(map(str.isalnum, said.text))


def _summarised(summary: str, values: Mapping[str, Any], catalogue: Catalogue, hears_time: HearsTime) -> Outcome:
    """The summary, and what it says already about fields that are still empty, which is told to the user."""
    heard = {n: value for n, value in heard_in(summary, catalogue, hears_time).items() if values.get(n) is None}
    outcome = Outcome(values={"issue_summary": summary, **heard})
    if heard:
        noted = [
            catalogue.phrase(
                "noted_field",
                field=catalogue.label("fields", name),
                value=catalogue.label(name, value) if FIELDS[name].kind is Kind.CHOICE else value,
            )
            for name, value in heard.items()
        ]
        outcome.utterances.append(("utter_noted", {"fields": "; ".join(noted)}))
    return outcome


def _answer_choice(f: CaseField, said: Said, catalogue: Catalogue) -> Outcome:
    value = _exact_choice(f.name, said, catalogue)
    if value is None and said.choice is None and not said.digresses(catalogue, from_text=False):
        value = find_choice(f.name, said.text, catalogue)
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
    return Outcome(digression=True) if said.digresses(catalogue, from_text=False) else invalid(f.name)
