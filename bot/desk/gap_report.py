"""What a report on gaps holds, and from when on it looks: shapes and words, no work."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

DEFAULT_SINCE = "30d"
_AGO = re.compile(r"(?P<count>\d{1,4})\s*(?P<unit>[hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


class SinceInvalid(ValueError):
    """A point in time that cannot be read; the text says what is expected."""


def since_instant(text: str, now: datetime) -> datetime:
    """The instant (UTC) that "30d", "12h", "4w", a date (midnight UTC) or an ISO 8601 instant with an offset means.

    Raises SinceInvalid for anything else and for what lies before the year 1 or after `now`.
    """
    expected = f"{text!r} is no time; expected e.g. 30d, 12h, 4w, 2026-03-01 or 2026-03-01T09:00:00Z"
    try:
        ago = _AGO.fullmatch(text.strip().lower())
        if ago:
            return now - int(ago["count"]) * _UNITS[ago["unit"]]
        instant = datetime.fromisoformat(text.strip())
        if instant.tzinfo is None and instant.time() != datetime.min.time():
            raise SinceInvalid(f"{text!r} has no time zone; expected e.g. {instant.isoformat()}Z")
        instant = instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(UTC)
    except SinceInvalid:
        raise
    except (ValueError, OverflowError) as error:
        raise SinceInvalid(expected) from error
    if instant > now:
        raise SinceInvalid(f"{text!r} lies in the future")
    return instant


@dataclass(frozen=True)
class Nearest:
    """The article that today's index finds for a gap, and the probability (0–1) that it answers."""

    article: str
    title: str
    language: str
    url: str
    probability: float


@dataclass(frozen=True)
class Gap:
    """Questions of one meaning that nothing answered.

    `count` of them in `conversations` different ones (those asked outside a conversation are in `count` only); of these
    `unanswerable`, `rejected`, `case_opened`. `share` of all searches, 0–1. `examples` are masked, the most central
    first.
    """

    language: str
    count: int
    conversations: int
    share: float
    unanswerable: int
    rejected: int
    case_opened: int
    examples: list[str]
    last_asked: datetime
    nearest: Nearest | None


@dataclass(frozen=True)
class GapsReport:
    """Gaps, those that most people met first. Instants are UTC.

    Of all `searches` since then, `unanswered` were not answered; `gaps_found` counts groups, also those past the limit.
    Not in any gap: `solved_later` (the same conversation asked again and was answered), `not_questions` (greetings,
    random keys), `unclear` (not understood as a question, by fewer than three), `older` (past the newest 20,000).
    """

    since: datetime
    until: datetime
    language: str | None
    searches: int
    unanswered: int
    gaps_found: int
    solved_later: int
    not_questions: int
    unclear: int
    older: int
    gaps: list[Gap] = field(default_factory=list)

    def public(self) -> dict[str, Any]:
        """Ready for JSON; instants are ISO 8601."""
        return _plain(asdict(self))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
