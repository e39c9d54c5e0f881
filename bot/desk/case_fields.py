"""The fields of a support case, in the order they are asked, and which values they take.

Source: support-policy, "Opening a case".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.locales import Catalogue
from bot.locales.wording import normalise

SKIPPED = "__skipped__"  # a slot must hold something, or the form asks again
DONE = "__done__"
REVIEW, CORRECTION, CANCELLATION = "review", "correction", "cancellation"
CONFIRMED, CANCELLED = "confirmed", "cancelled"
MISUNDERSTOOD = "misunderstood"
SCOPE, INSISTED = "scope", "insisted"
SECOND_PROBLEM = "second_problem"


class Kind(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    FILES = "files"


@dataclass(frozen=True)
class CaseField:
    """One field of a case; `name` is the slot."""

    name: str
    kind: Kind
    optional: bool


FIELDS: dict[str, CaseField] = {
    f.name: f
    for f in (
        CaseField("issue_summary", Kind.TEXT, optional=False),
        CaseField("error_message", Kind.TEXT, optional=True),
        CaseField("replication_steps", Kind.TEXT, optional=True),
        CaseField("expected_result", Kind.TEXT, optional=True),
        CaseField("issue_time", Kind.TEXT, optional=True),
        CaseField("affected_users", Kind.TEXT, optional=True),
        CaseField("worked_before", Kind.TEXT, optional=True),
        CaseField("troubleshooting_done", Kind.TEXT, optional=True),
        CaseField("impact_scope", Kind.CHOICE, optional=False),
        CaseField("business_impact", Kind.CHOICE, optional=False),
        CaseField("environment", Kind.CHOICE, optional=False),
        CaseField("case_reason", Kind.CHOICE, optional=False),
        CaseField("application_area", Kind.CHOICE, optional=False),
        CaseField("attachments", Kind.FILES, optional=True),
    )
}
SLOTS = (*FIELDS, REVIEW, CORRECTION, CANCELLATION, SCOPE)
"""What can be asked for."""
MEMORY = (MISUNDERSTOOD, SECOND_PROBLEM)
"""What the form remembers beside the answers: how many turns in a row were no answer, and what the next case is for."""


def next_question(values: Mapping[str, Any]) -> str | None:
    """The first field, in order, that holds nothing; the review comes last; None when all is confirmed."""
    return next((name for name in (*FIELDS, REVIEW) if values.get(name) is None), None)


def case_values(slots: Mapping[str, Any]) -> dict[str, str | None]:
    """The form's slots as fields of a case: what was skipped is None; attachments are kept elsewhere."""
    return {
        name: None if slots.get(name) == SKIPPED else slots.get(name)
        for name, f in FIELDS.items()
        if f.kind is not Kind.FILES
    }


def check_value(name: str, value: Any, catalogue: Catalogue) -> str | None:
    """A field's value as it is stored, or None when it is not valid."""
    f = FIELDS[name]
    if value in (None, "") and f.optional:
        return SKIPPED
    if f.kind is Kind.FILES:
        return DONE
    if not isinstance(value, str):
        return None
    if f.kind is Kind.CHOICE:
        return value if value in catalogue.labels(name) else None
    text = value.strip()
    if name == "issue_summary" and not _is_telling(text):
        return None
    return text or None


def _is_telling(summary: str) -> bool:
    return len(summary) >= 10 and len(normalise(summary).split()) >= 3
