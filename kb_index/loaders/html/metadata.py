"""Reads what a page says about itself: title, language, description, date, audience, address, id."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborNode

from kb_index.loaders.article_ids import article_id_from, language_in
from kb_index.loaders.fields import is_web_address, iso_day, language_of
from kb_index.loaders.html.tree import attribute

_SEPARATOR = re.compile(r"\s+[|–—·•»«›‹:~-]\s+|:\s+|\s*[|]\s*")
_CHANGED = re.compile(r"updat|modif|chang|aktualis|geändert|actualiz|mis(?:e)? à jour|stand\b", re.IGNORECASE)
_ID_NAMES = ("article-id", "article_id", "articleid")
_PERMALINK_SIGN = re.compile(r"[\s#¶§🔗\u200b]+$")
_TIME_PARENTS = 3
_WORD = re.compile(r"\w+")


class PageMetadata:
    """The statements of one page, each looked up when it is asked for; "" or None when the page is silent."""

    def __init__(self, page: LexborNode, content: LexborNode, address: str) -> None:
        """`content` holds the article; `address` is where the page was read, "" for a file."""
        self._page = page
        self._content = content
        self._address = address
        self._named: dict[str, str] = {}
        for node in page.css("meta[content]"):
            for key in ("name", "property", "http-equiv", "itemprop"):
                name = attribute(node, key).lower()
                if name:
                    self._named.setdefault(name, " ".join(attribute(node, "content").split()))

    def _meta(self, *names: str) -> str:
        return next((self._named[name] for name in names if self._named.get(name)), "")

    @property
    def title(self) -> str:
        """og:title or <title> without the site's name where it is known to be one, else the h1.

        A title that has no word of the article's only headline is that of the site, the same on all of its pages.
        """
        node = self._page.css_first("head title") or self._page.css_first("title")
        written = self._meta("og:title", "twitter:title") or (_line(node) if node is not None else "")
        own, everywhere = _headlines(self._content), _headlines(self._page)
        elsewhere = [line for line in everywhere if line not in own]
        if not written:
            return next(iter(own + elsewhere), "")
        site = self._meta("og:site_name", "application-name")
        if everywhere and _is_in(written, [site]):
            return (own + elsewhere)[0]
        if len(own) == 1 and not _words(own[0]) & _words(written):
            return own[0]
        for separator in _SEPARATOR.finditer(written):
            before, after = written[: separator.start()].strip(), written[separator.end() :].strip()
            # A headline outside the article may be its title or the site's name, which stands behind the title.
            if before and (_is_in(before, everywhere) or _is_in(after, [site, *elsewhere])):
                return before
            if after and (_is_in(after, own) or _is_in(before, [site])):
                return after
        return written

    @property
    def description(self) -> str:
        return self._meta("description", "og:description")

    @property
    def language(self) -> str:
        """First part of <html lang>, else of what the head or the address says."""
        node = self._page.css_first("html")
        said = ""
        if node is not None:
            said = attribute(node, "lang") or attribute(node, "xml:lang")
        return language_of(said or self._meta("content-language", "og:locale")) or language_in(self.address)

    @property
    def updated(self) -> date | None:
        """The day as it is written there, whatever the zone."""
        said = iso_day(self._meta("article:modified_time", "og:updated_time", "datemodified"))
        return said or self._linked_data_day() or self._time_element_day()

    @property
    def audience(self) -> str:
        return self._meta("audience")

    @property
    def address(self) -> str:
        """The canonical address, else the one it was read from.

        A canonical address that is not the page's own is not believed: the site's home page, or another language.
        """
        node = self._page.css_first("link[rel=canonical]")
        said = attribute(node, "href") if node is not None else self._meta("og:url")
        try:
            canonical = urljoin(self._address, said) if said else ""
        except ValueError:
            return self._address
        if not is_web_address(canonical):
            return self._address
        if self._address:
            is_home = urlsplit(canonical).path in ("", "/") and urlsplit(self._address).path not in ("", "/")
            if is_home or language_in(canonical) != language_in(self._address):
                return self._address
        return canonical

    @property
    def link_base(self) -> str:
        """The address that relative links start from; "" when the page has no address at all.

        It is where the page was read, not its canonical address: from /docs/bank/ the link "import" leads elsewhere
        than from /docs/bank.
        """
        node = self._page.css_first("base[href]")
        at = self._address or self.address
        try:
            base = urljoin(at, attribute(node, "href")) if node is not None else at
        except ValueError:
            return at
        return base if is_web_address(base) else at

    @property
    def article_id(self) -> str:
        """What the page names as its id, else one made of its address; "" for a file that names neither."""
        node = self._page.css_first("[data-article-id]")
        named = self._meta(*_ID_NAMES) or (attribute(node, "data-article-id") if node is not None else "")
        if named:
            return article_id_from(named)
        return article_id_from(self.address) if self.address else ""

    def _linked_data_day(self) -> date | None:
        for node in self._page.css('script[type="application/ld+json"]'):
            try:
                data = json.loads(node.text())
            except (ValueError, RecursionError):
                # Scripts of others, often broken: no date is to be had there.
                continue
            for value in _values(data, "dateModified"):
                day = iso_day(str(value))
                if day is not None:
                    return day
        return None

    def _time_element_day(self) -> date | None:
        """Of the times on the page, one that is called a change, else the first in the article."""
        days = [(node, iso_day(attribute(node, "datetime"))) for node in self._page.css("time[datetime]")]
        for node, day in days:
            if day is not None and (attribute(node, "itemprop") == "dateModified" or _is_change(node)):
                return day
        within = {node.mem_id for node in self._content.css("time[datetime]")}
        return next((day for node, day in days if day is not None and node.mem_id in within), None)


def _is_change(node: LexborNode) -> bool:
    """Whether the words around a time, or the names of the elements around it alone, speak of a change."""
    around: LexborNode | None = node
    for _ in range(_TIME_PARENTS):
        if around is None or len(around.css("time")) > 1:
            return False
        text = around.text()
        if len(text) < 200 and (_CHANGED.search(text) or _CHANGED.search(attribute(around, "class"))):
            return True
        around = around.parent
    return False


def _values(data: Any, name: str) -> Iterator[Any]:
    waiting = [data]
    while waiting:
        at = waiting.pop(0)
        if isinstance(at, dict):
            if name in at:
                yield at[name]
            waiting += at.values()
        elif isinstance(at, list):
            waiting += at


def _headlines(root: LexborNode) -> list[str]:
    lines = (_PERMALINK_SIGN.sub("", _line(node)) for node in root.css("h1"))
    return [line for line in lines if line]


def _line(node: LexborNode) -> str:
    return " ".join(node.text().split())


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def _is_in(text: str, others: list[str]) -> bool:
    return bool(text) and text.casefold() in map(str.casefold, others)
