"""Gives the translations of one article one id, and an article that is on the site twice a single place."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kb_index.articles import LANGUAGES, Article, LoadProblem, LoadResult

_LINK_TARGET = re.compile(r"(?<=\])\([^()\s]*\)")
_MOST_TITLES = 2
"""Of the pages that name one address as canonical: its own, and one that says that it is a print view."""


@dataclass(frozen=True, slots=True)
class SitePage:
    """An article and what its page says of its other addresses; all canonical."""

    article: Article
    url: str
    canonical: str = ""
    alternates: frozenset[str] = frozenset()


@dataclass(slots=True)
class Settlement:
    """What became of the pages of a site."""

    result: LoadResult
    places: dict[str, Article]
    """The article that is shown for each page, by the page's address; several pages may have one."""
    most_alike: list[SitePage]
    """The largest group of pages with the same text."""


def settle(pages: Sequence[SitePage]) -> Settlement:
    """The articles of a site, in the order of the pages, no two with the same (language, id).

    Pages whose rel=canonical names another page of the list, and pages with the text of another, are left out. Pages
    that name each other as translations (hreflang counts only when both do, as search engines have it) get the id of
    the English one, else of the first in the order of LANGUAGES. Other pages that would share (language, id) all get
    an id of their own from their address, so that ids do not depend on the order in which pages were found.
    """
    result = LoadResult()
    shown_for = _canonical_pages(pages)
    alike = _with_the_same_text(page for page in pages if shown_for[page.url] == page.url)
    for group in alike:
        first = min(group, key=lambda page: (page.canonical != page.url, len(page.url), page.url))
        shown_for |= {page.url: first.url for page in group}
    shown_for = {url: shown_for[shown] for url, shown in shown_for.items()}
    kept = [page for page in pages if shown_for[page.url] == page.url]
    ids, regional = _translation_ids(kept)
    uses = Counter((page.article.language, ids.get(page.url, page.article.id)) for page in kept)
    places: dict[str, Article] = {}
    for page in kept:
        if page.url not in regional:
            article_id = ids.get(page.url, page.article.id)
            if page.url not in ids and uses[page.article.language, article_id] > 1:
                article_id = _own_id(page)
            places[page.url] = replace(page.article, id=article_id)
    result.articles = list(places.values())
    for page in pages:
        shown = shown_for[page.url]
        if shown in regional:
            reason = f"another {page.article.language} version of {regional[shown]}, which is used"
            result.problems.append(LoadProblem(page.url, reason, skipped=False))
        elif shown != page.url:
            result.problems.append(LoadProblem(page.url, f"the same page as {shown}; left out", skipped=False))
        places[page.url] = places[regional.get(shown, shown)]
    return Settlement(result, places, max(alike, key=len, default=[]))


def _canonical_pages(pages: Sequence[SitePage]) -> dict[str, str]:
    """url -> url of the page that its rel=canonical leads to, itself for most.

    Not believed where it names a page of another language (translations that name the original), nor where pages of
    many titles name the same one (templates that put one address on all pages).
    """
    by_url = {page.url: page for page in pages}
    titles: dict[str, set[str]] = {}
    for page in pages:
        titles.setdefault(page.canonical, set()).add(page.article.title)
    canonical = {}
    for page in pages:
        named = by_url.get(page.canonical, page)
        is_original = named.article.language == page.article.language and len(titles[page.canonical]) <= _MOST_TITLES
        canonical[page.url] = named.url if is_original else page.url
    return {url: _original(url, canonical) for url in canonical}


def _original(url: str, canonical: dict[str, str]) -> str:
    """Where the chain of canonical addresses ends; of a circle, its first address in order."""
    passed = [url]
    while (named := canonical[passed[-1]]) not in passed:
        passed.append(named)
    return min(passed[passed.index(named) :])


def _with_the_same_text(pages: Iterable[SitePage]) -> list[list[SitePage]]:
    """Groups of pages that read the same, wherever their links lead: one page at several addresses."""
    groups: dict[tuple[str, str, str], list[SitePage]] = {}
    for page in pages:
        article = page.article
        groups.setdefault((article.language, article.title, _LINK_TARGET.sub("", article.body)), []).append(page)
    return list(groups.values())


def _translation_ids(pages: Sequence[SitePage]) -> tuple[dict[str, str], dict[str, str]]:
    """(url -> id) of the pages that have translations, and (url -> the page used) of further ones in a language."""
    by_url = {page.url: page for page in pages}
    ids: dict[str, str] = {}
    regional: dict[str, str] = {}
    taken: set[tuple[str, str]] = set()
    grouped: set[str] = set()
    for page in pages:
        if page.url in grouped:
            continue
        group = _group(page, by_url)
        grouped.update(member.url for member in group)
        if len(group) == 1:
            continue
        by_language: dict[str, SitePage] = {}
        for member in group:
            used = by_language.setdefault(member.article.language, member)
            if used is not member and used.url in member.alternates and member.url in used.alternates:
                regional[member.url] = used.url
        first = min(by_language.values(), key=lambda member: LANGUAGES.index(member.article.language))
        free = all((language, first.article.id) not in taken for language in by_language)
        group_id = first.article.id if free else _own_id(first)
        for language, member in by_language.items():
            ids[member.url] = group_id
            taken.add((language, group_id))
    return ids, regional


def _group(page: SitePage, by_url: dict[str, SitePage]) -> list[SitePage]:
    """The page and those that it and they name, and that name it or them back, in the order of their addresses."""
    found = {page.url}
    waiting = [page]
    while waiting:
        at = waiting.pop()
        for url in at.alternates - found:
            other = by_url.get(url)
            if other is not None and at.url in other.alternates:
                found.add(url)
                waiting.append(other)
    return [by_url[url] for url in sorted(found)]


def _own_id(page: SitePage) -> str:
    """An id that no other address has; the same in every crawl."""
    digest = hashlib.sha256(page.url.encode()).hexdigest()[:8]
    return f"{page.article.id[:190]}-{digest}"
