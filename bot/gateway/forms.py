"""Checks a case form that was filled in at once, by the same rules as the questions of the conversation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.desk.case_fields import FIELDS, check_value
from bot.gateway.messages import TurnRefused
from bot.gateway.sanitize import MAX_TEXT, without_controls
from bot.locales import Catalogue


def checked_answers(form: Mapping[str, Any], catalogue: Catalogue) -> dict[str, str]:
    """Slot → stored value. Raises TurnRefused (422, `form_invalid`) naming every field that is wrong."""
    answers, problems = {}, []
    for name, value in form.items():
        if name not in FIELDS:
            problems.append(f"{name}: there is no such field")
            continue
        if isinstance(value, str) and len(value) > MAX_TEXT:
            problems.append(f"{name}: at most {MAX_TEXT} characters")
            continue
        checked = check_value(name, without_controls(value) if isinstance(value, str) else value, catalogue)
        if checked is None:
            choices = catalogue.content["labels"].get(name)
            hint = f"one of {', '.join(choices)}" if choices else "some text"
            problems.append(f"{name}: expected {hint}, got {value!r}")
        else:
            answers[name] = checked
    if problems:
        raise TurnRefused("form_invalid", "; ".join(problems), 422)
    return answers
