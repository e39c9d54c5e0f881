"""Ids and languages that are only told by an address: /de/docs/bank/import.html is bank import, in German."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from urllib.parse import parse_qsl, unquote, urlsplit

from kb_index.articles import LANGUAGES
from kb_index.loaders.fields import language_of

_MAX_ID = 200
_LOCALE = re.compile(rf"(?:{'|'.join(LANGUAGES)})(?:[-_](?:[A-Za-z]{{2}}|\d{{3}}))?", re.IGNORECASE)
_EXTENSION = re.compile(r"\.(?:[sx]?html?|md|markdown|php\d?|aspx?|jspx?|cfm)$", re.IGNORECASE)
_INDEX = frozenset({"index", "default"})
_NUMBERED = re.compile(r"(\d{5,})(?:-.*)?")
"""Help desks write /articles/3600123-Title-in-any-language: only the number is the same in all translations."""
_LANGUAGE_KEYS = frozenset({"lang", "language", "locale", "hl", "l"})
_NOT_IN_ID = re.compile(r"[^A-Za-z0-9._-]+")


def language_in(address: str) -> str:
    """The language that a folder of the address is named after, or ""."""
    number = _locale_position(_segments(address))
    return "" if number is None else language_of(_segments(address)[number])


def article_id_from(address: str) -> str:
    """A legal article id made of an address or a relative path, the same for translations of one article.

    The folder of the language and the extension are left out; what remains is joined by dots, in plain letters. Of a
    number with a title behind it only the number counts. "home" for the address of a site as a whole.
    """
    segments = _segments(address)
    locale = _locale_position(segments)
    if locale is not None:
        del segments[locale]
    if segments:
        segments[-1] = _EXTENSION.sub("", segments[-1])
        if segments[-1].lower() in _INDEX:
            segments.pop()
    query = [f"{name}-{value}" for name, value in _query(address) if name.lower() not in _LANGUAGE_KEYS]
    numbered = _NUMBERED.fullmatch(segments[-1]) if segments and not query else None
    text = numbered[1] if numbered else ".".join(segments + query)
    plain = _NOT_IN_ID.sub("-", _plain_letters(text)).strip("-._")
    if not plain:
        return "home" if not text else _digest(text)
    return plain if len(plain) <= _MAX_ID else f"{plain[: _MAX_ID - 9]}-{_digest(text)}"


def _segments(address: str) -> list[str]:
    try:
        path = urlsplit(address).path
    except ValueError:
        path = address
    return [unquote(segment) for segment in path.split("/") if segment not in ("", ".", "..")]


def _query(address: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(address).query)
    except ValueError:
        return []


def _locale_position(segments: list[str]) -> int | None:
    return next((n for n, segment in enumerate(segments) if _LOCALE.fullmatch(segment)), None)


def _plain_letters(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]
