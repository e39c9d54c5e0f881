"""Neutralises what a user may not send to the dialogue engine."""

from __future__ import annotations

import re
import unicodedata

from bot.gateway.messages import TurnRefused

MAX_TEXT = 4000
_KEPT_CONTROLS = {"\n", "\t"}
# With the spaces between them: the engine strips what it gets, so "/ /restart" must not leave "/restart".
_LEADING_SLASHES = re.compile(r"^[\s/\u2215\uff0f]+")


def clean_text(text: str) -> str:
    """The text without control characters.

    Raises TurnRefused: `text_too_long` beyond 4,000 characters, `text_empty` when nothing is left.
    """
    if len(text) > MAX_TEXT:
        raise TurnRefused("text_too_long", f"A message holds at most {MAX_TEXT} characters, this one {len(text)}.", 413)
    cleaned = without_controls(text).strip()
    if not without_command(cleaned):
        raise TurnRefused("text_empty", "The message has no text.", 422)
    return cleaned


def without_controls(text: str) -> str:
    """The text as every database stores it and every screen shows it; line breaks and tabs stay."""
    return "".join(c for c in text if c in _KEPT_CONTROLS or unicodedata.category(c) not in {"Cc", "Cs", "Cn"})


def is_command(text: str) -> bool:
    """Whether the dialogue engine would take the text for one of its commands (/restart, /intent{"slot": …})."""
    return text.startswith("/")


def without_command(text: str) -> str:
    """The text as it may be passed on to the engine."""
    return _LEADING_SLASHES.sub("", text)
