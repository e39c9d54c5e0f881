"""What a turn changes in the case form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.desk.case_fields import CORRECTION


@dataclass
class Outcome:
    """What an answer changes. `digression`: the form steps aside for another answer, nothing changes.

    values     slot → new value (None: ask again)
    request    the slot to ask next, or None for the first one that is empty
    utterances (response key, values) said before the next question
    ended      the form is left now (after a cancellation)
    unclear    what was said is no answer to what was asked
    """

    values: dict[str, Any] = field(default_factory=dict)
    request: str | None = None
    utterances: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    ended: bool = False
    digression: bool = False
    unclear: bool = False


def invalid(name: str, response: str | None = None) -> Outcome:
    """Asked again; an answer that was given before stays until another one replaces it."""
    said = response or f"utter_invalid_{name}"
    return Outcome(values={CORRECTION: None}, request=name, utterances=[(said, {})], unclear=True)


def ask_again(name: str) -> Outcome:
    """The earlier answer is kept until another one replaces it."""
    return Outcome(values={CORRECTION: None}, request=name)
