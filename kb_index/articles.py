"""The article as every loader hands it over and as the index gives it back."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import date

from kb_index.errors import UnknownLanguage

LANGUAGES: tuple[str, ...] = ("en", "es", "fr", "de")
"""Language codes the desk serves, English first because it is the fallback."""

MAX_BODY_CHARACTERS = 1_000_000
"""Longer bodies are not help articles; they are refused when loaded, so that one file cannot hold up a build."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


@dataclass(frozen=True, slots=True)
class Article:
    """One help article in one language. (language, id) is its key; translations share the id."""

    id: str
    language: str
    title: str
    description: str = ""
    body: str = ""
    """Markdown, without front matter."""
    updated: date | None = None
    audience: str = ""
    source: str = ""
    """Where it was loaded from: a path or an address."""
    url: str = ""
    """The article's own address; empty: the desk shows it under /articles/<language>/<id>."""

    @property
    def content_hash(self) -> str:
        """SHA-256, in hex, of everything a reader could notice; not of `source`."""
        content = [self.id, self.language, self.title, self.description, self.body, str(self.updated), self.audience]
        text = json.dumps([*content, self.url], ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def key(self) -> tuple[str, str]:
        return self.language, self.id

    def link(self, anchor: str = "") -> str:
        """The address of the article, or of one of its headings, for a reader."""
        return article_link(self.language, self.id, self.url, anchor)


@dataclass(frozen=True, slots=True)
class LoadProblem:
    """A file (or entry) of a source that could not be taken over as it is."""

    path: str
    reason: str
    skipped: bool = True
    """False: only a remark; the article is in the index all the same, or is left out on purpose."""


@dataclass(slots=True)
class LoadResult:
    """What a source gave: the usable articles and what was wrong with the rest."""

    articles: list[Article] = field(default_factory=list)
    problems: list[LoadProblem] = field(default_factory=list)


def article_link(language: str, article_id: str, url: str = "", anchor: str = "") -> str:
    """Where a reader finds an article, at one of its headings if `anchor` names it; `url` is as in `Article`."""
    address = url or f"/articles/{language}/{article_id}"
    return f"{address}#{anchor}" if anchor else address


def is_article_id(text: str) -> bool:
    """Ids appear in addresses and file names, so they are limited to letters, digits, dot, dash and underscore."""
    return _ID.fullmatch(text) is not None


def require_language(code: str) -> str:
    """Returns the code, or raises UnknownLanguage naming it and the languages there are."""
    if code not in LANGUAGES:
        raise UnknownLanguage(f"unknown language {code!r}; known are {', '.join(LANGUAGES)}")
    return code
