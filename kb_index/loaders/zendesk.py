"""Loads a Zendesk Help Center export: the JSON that its API gives for articles and their translations."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kb_index.articles import LANGUAGES, Article, LoadProblem, LoadResult
from kb_index.errors import SourceError, UnusableArticle
from kb_index.loaders.cross_links import relinked
from kb_index.loaders.fields import checked_article, language_of, one_line, read_date
from kb_index.loaders.files import file_text, files_below
from kb_index.loaders.html import body_from_html

_LISTS = ("articles", "translations", "user_segments")
_SINGLE = {"article": "articles", "translation": "translations", "user_segment": "user_segments"}
_ALSO_EXPORTED = frozenset((
    "sections", "categories", "users", "topics", "labels", "content_tags", "attachments", "article_attachments",
))  # fmt: skip
_EVERYONE = "everyone"
_ADDRESS = re.compile(r"/hc/(?:[^/]+/)?articles/(\d+)")
"""What follows the number, the title, may be missing or out of date, and so may the locale before it."""


@dataclass(frozen=True, slots=True)
class _Version:
    """An article in one locale, with what the whole article says for it."""

    number: str
    fields: dict[str, Any]
    path: Path
    is_source: bool
    audience: str

    @property
    def locale(self) -> str:
        return str(self.fields.get("locale") or "").lower()

    @property
    def rank(self) -> tuple[bool, bool, str]:
        """Of two locales of one language, the source comes first, then the language itself, then the alphabet."""
        return not self.is_source, self.locale not in LANGUAGES, self.locale


@dataclass(slots=True)
class _Export:
    """Entries of all pages with the file each came from."""

    articles: list[tuple[Path, dict[str, Any]]] = field(default_factory=list)
    translations: list[tuple[Path, dict[str, Any]]] = field(default_factory=list)
    user_segments: list[tuple[Path, dict[str, Any]]] = field(default_factory=list)
    problems: list[LoadProblem] = field(default_factory=list)


def load_export(source: Path) -> LoadResult:
    """Loads one JSON file, or all *.json below a folder: pages of articles, of translations, or both together.

    Wanted is what `GET /api/v2/help_center/articles.json` and `…/articles/{id}/translations.json` answer; user segments
    give the audience its name; sections, categories and users are ignored. Drafts, and locales that the desk does not
    serve, are left out and counted in a note. Raises SourceError when a single file is no export.
    """
    export = _Export()
    for path in [source] if source.is_file() else files_below(source, frozenset((".json",))):
        try:
            _read(path, export)
        except UnusableArticle as problem:
            if path == source:
                raise SourceError(f"cannot load {path}: {problem}") from problem
            export.problems.append(LoadProblem(str(path), str(problem)))
    result = LoadResult(problems=export.problems)
    notes: Counter[str] = Counter()
    for versions in _by_article_and_language(export, notes):
        for place, version in enumerate(versions):
            # The next locale of the language is tried only when this one cannot be used.
            try:
                result.articles.append(_article(version))
            except UnusableArticle as problem:
                name = f"article {version.number} ({version.locale})"
                result.problems.append(LoadProblem(str(version.path), f"{name}: {problem}"))
                continue
            notes["marked as outdated but used"] += bool(version.fields.get("outdated"))
            notes["in a further locale of a language that is used, left out"] += len(versions) - place - 1
            break
    by_key = {article.key: article for article in result.articles}
    result.articles = [_relinked(article, by_key) for article in result.articles]
    # `+` leaves out what was counted zero times.
    for reason, count in sorted((+notes).items()):
        result.problems.append(LoadProblem(str(source), f"{reason}: {count:,}", skipped=False))
    return result


def _read(path: Path, export: _Export) -> None:
    try:
        content = json.loads(file_text(path))
    except json.JSONDecodeError as error:
        raise UnusableArticle(f"no JSON: {error.msg} (line {error.lineno}, column {error.colno})") from error
    except RecursionError as error:
        raise UnusableArticle("no export: it is nested too deeply") from error
    pages = content if isinstance(content, list) else [content]
    for page in pages:
        if not isinstance(page, dict) or not page.keys() & {*_LISTS, *_SINGLE, *_ALSO_EXPORTED}:
            raise UnusableArticle('no Help Center export: it has neither "articles" nor "translations"')
        for name in _LISTS:
            for entry in _entries(page, name):
                _take(path, name, entry, export)


def _entries(page: dict[str, Any], name: str) -> list[Any]:
    found = page.get(name)
    if found is not None and not isinstance(found, list):
        raise UnusableArticle(f'no Help Center export: "{name}" must be a list')
    return [*(found or []), *(page[single] for single, plural in _SINGLE.items() if plural == name and single in page)]


def _take(path: Path, name: str, entry: Any, export: _Export) -> None:
    if not isinstance(entry, dict):
        export.problems.append(LoadProblem(str(path), f'an entry of "{name}" is no object: {entry!r:.60}'))
        return
    getattr(export, name).append((path, entry))
    if name == "articles" and isinstance(entry.get("translations"), list):
        for translation in entry["translations"]:
            if isinstance(translation, dict):
                _take(path, "translations", {"source_id": entry.get("id"), **translation}, export)


def _by_article_and_language(export: _Export, notes: Counter[str]) -> Iterator[Sequence[_Version]]:
    """Published versions of each article in each language that is served, the best locale first."""
    groups: dict[tuple[str, str], list[_Version]] = {}
    seen: set[tuple[str, str]] = set()
    for version in _versions(export):
        if (version.number, version.locale) in seen:
            continue
        seen.add((version.number, version.locale))
        language = language_of(version.locale)
        if version.fields.get("draft"):
            notes["drafts, left out"] += 1
        elif language not in LANGUAGES:
            notes[f"in {version.locale or 'no locale'}, which is not served, left out"] += 1
        else:
            groups.setdefault((version.number, language), []).append(version)
    for versions in groups.values():
        yield sorted(versions, key=lambda version: version.rank)


def _versions(export: _Export) -> Iterator[_Version]:
    """Articles in their own locale first, then translations; one whose article is missing is a problem."""
    segments = {str(entry.get("id")): str(entry.get("name") or "") for _, entry in export.user_segments}
    articles: dict[str, dict[str, Any]] = {}
    for path, entry in export.articles:
        if entry.get("id") is None:
            export.problems.append(LoadProblem(str(path), f"article {entry.get('title')!s:.60} lacks an id"))
            continue
        number = str(entry["id"])
        articles.setdefault(number, entry)
        is_source = entry.get("locale") == entry.get("source_locale", entry.get("locale"))
        yield _Version(number, entry, path, is_source, _audience(entry, segments))
    for path, entry in export.translations:
        if str(entry.get("source_type") or "Article") != "Article":
            continue
        number = str(entry.get("source_id"))
        article = articles.get(number)
        if article is None:
            reason = f"translation of article {number}, which is not in the export: who may read it is not known"
            export.problems.append(LoadProblem(str(path), reason))
            continue
        is_source = entry.get("locale") == article.get("source_locale")
        yield _Version(number, entry, path, is_source, _audience(article, segments))


def _audience(article: dict[str, Any], segments: dict[str, str]) -> str:
    """Names of the user segments that may read the article, "everyone" without any."""
    several = article.get("user_segment_ids")
    numbers = [article.get("user_segment_id"), *(several if isinstance(several, list) else [])]
    wanted = dict.fromkeys(str(number) for number in numbers if number is not None)
    return ", ".join(segments.get(number) or f"segment {number}" for number in wanted) or _EVERYONE


def _article(version: _Version) -> Article:
    fields = version.fields
    title, url = one_line("title", fields.get("title")), one_line("html_url", fields.get("html_url"))
    markup = fields.get("body")
    if markup is not None and not isinstance(markup, str):
        raise UnusableArticle(f"body must be a text, not {markup!r:.60}")
    updated, _ = read_date(fields.get("edited_at") or fields.get("updated_at"))
    return checked_article(
        id=version.number,
        language=language_of(version.locale),
        title=title,
        body=body_from_html(markup or "", title=title, url=url),
        updated=updated,
        audience=version.audience,
        source=f"{version.path}: article {version.number} ({version.locale})",
        url=url,
    )


def _relinked(article: Article, by_key: dict[tuple[str, str], Article]) -> Article:
    """Links to articles of the export lead to their translation in the language of this one, else to the one there is.

    Of whatever host: a help center has several, and the numbers of articles are the same on all.
    """

    def article_at(address: str) -> Article | None:
        found = _ADDRESS.match(urlsplit(address).path)
        if found is None:
            return None
        languages = (article.language, *LANGUAGES)
        return next((by_key[language, found[1]] for language in languages if (language, found[1]) in by_key), None)

    return relinked(article, article_at)
