"""What every loader asks of an article before it is taken over, so that all sources are held to the same rules."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from kb_index.articles import LANGUAGES, MAX_BODY_CHARACTERS, Article, is_article_id
from kb_index.errors import UnusableArticle

_DATE_FORMATS = ("%Y-%m-%d", "%m/%d/%Y")
_ISO_START = re.compile(r"\s*(\d{4}-\d{2}-\d{2})(?![\d-])")


def checked_article(
    *,
    id: str,
    language: str,
    title: str,
    body: str,
    source: str,
    description: str = "",
    updated: date | None = None,
    audience: str = "",
    url: str = "",
) -> Article:
    """The article, when all of it is usable; UnusableArticle says what is not."""
    if not id or not title:
        raise UnusableArticle(f"lacks {'an id' if not id else 'a title'}")
    if not is_article_id(id):
        raise UnusableArticle(f"id {id!r:.80} may hold only letters, digits, dot, dash and underscore (200 at most)")
    if language not in LANGUAGES:
        raise UnusableArticle(f"unknown language {language!r:.40}; known are {', '.join(LANGUAGES)}")
    if url and not (is_web_address(url) or url.startswith("/")):
        raise UnusableArticle(f"url {url!r:.80} is no http(s) address")
    if len(body) > MAX_BODY_CHARACTERS:
        raise UnusableArticle(f"text has {len(body):,} characters; {MAX_BODY_CHARACTERS:,} at most")
    if not body.strip() and not description:
        raise UnusableArticle("has no text, neither a body nor a description")
    return Article(
        id=id,
        language=language,
        title=title,
        description=description,
        body=_encodable(body),
        updated=updated,
        audience=audience,
        source=source,
        url=url,
    )


def one_line(name: str, value: Any) -> str:
    """A field as text on one line, "" for None; UnusableArticle when it is a list or a mapping."""
    if value is None:
        return ""
    if isinstance(value, dict | list):
        raise UnusableArticle(f"{name} must be a text, not {value!r:.60}")
    return _encodable(" ".join(str(value).split()).replace("\x00", ""))


def read_date(value: Any) -> tuple[date | None, str]:
    """(date, remark) of `updated`, which may be missing; the remark says that a value was no date and is ignored.

    Of a date with a time the day is taken as it is written, whatever its zone.
    """
    if isinstance(value, datetime):
        return value.date(), ""
    if isinstance(value, date):
        return value, ""
    text = "" if value is None else str(value).strip()
    if not text:
        return None, ""
    found = iso_day(text)
    if found is not None:
        return found, ""
    for pattern in _DATE_FORMATS:
        try:
            return datetime.strptime(text, pattern).date(), ""
        except ValueError:
            continue
    return None, f"updated {value!r:.40} is no date (use 2026-10-16 or 10/16/2026); ignored"


def iso_day(text: str) -> date | None:
    """The day that an ISO 8601 date or time begins with, or None."""
    found = _ISO_START.match(text)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def language_of(locale: str) -> str:
    """The language of a locale: "es" for es-419, es_MX and ES; not necessarily one that is served."""
    return re.split(r"[-_]", locale.strip(), maxsplit=1)[0].lower()


def is_web_address(text: str) -> bool:
    """Whether it is a whole http(s) address, with a host."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _encodable(text: str) -> str:
    # Escapes in JSON and YAML can name half a character, which no file can hold.
    return text.encode("utf-8", "replace").decode("utf-8")
