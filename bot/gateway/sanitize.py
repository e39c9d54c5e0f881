"""Neutralises what a user may not send to the dialogue engine."""

from __future__ import annotations

import unicodedata

from bot.gateway.messages import TurnRefused

MAX_TEXT = 4000
_KEPT_CONTROLS = {"\n", "\t"}


def clean_text(text: str) -> str:
    """The text without control characters and without a leading slash, which would be a command to the engine.

    Raises TurnRefused: `text_too_long` beyond 4,000 characters, `text_empty` when nothing is left.
    """
    if len(text) > MAX_TEXT:
        raise TurnRefused("text_too_long", f"A message holds at most {MAX_TEXT} characters, this one {len(text)}.", 413)
    kept = "".join(c for c in text if c in _KEPT_CONTROLS or unicodedata.category(c) not in {"Cc", "Cs", "Cn"})
    cleaned = kept.strip().lstrip("/\u2215\uff0f").strip()
    if not cleaned:
        raise TurnRefused("text_empty", "The message has no text.", 422)
    return cleaned
