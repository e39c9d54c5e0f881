"""Reads one sitemap file (XML, gzipped XML, an index of sitemaps, or a list of addresses) without trusting it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from xml.parsers import expat

from kb_index.loaders.web.inflate import GZIP_MAGIC, BadGzip, TooLarge, gunzip

_XHTML = "http://www.w3.org/1999/xhtml"
_SEPARATOR = " "
_MAX_DEPTH = 20
"""A sitemap with all extensions has four levels; the parser's memory grows with the depth."""


class BadSitemap(Exception):
    """The content is no usable sitemap; the text says why."""


@dataclass(slots=True)
class SitemapEntry:
    """One page as a sitemap names it, its addresses as they are written there."""

    address: str = ""
    changed: date | None = None
    alternates: list[str] = field(default_factory=list)
    """Addresses of the page in other languages (hreflang), possibly with its own."""


@dataclass(slots=True)
class Sitemap:
    """What one file lists: pages, or (an index) further sitemaps."""

    pages: list[SitemapEntry] = field(default_factory=list)
    sitemaps: list[str] = field(default_factory=list)


def looks_like_sitemap(content: bytes, media_type: str) -> bool:
    """Whether content is meant as a sitemap rather than as a page."""
    if content.startswith(GZIP_MAGIC):
        return True
    start = content[:2_000].lower()
    if b"<html" in start or b"<!doctype html" in start:
        return False
    return media_type not in ("text/html", "application/xhtml+xml") or b"<urlset" in start or b"<sitemapindex" in start


def parse_sitemap(content: bytes, *, max_bytes: int) -> Sitemap:
    """Reads a sitemap as sitemaps.org describes it. Raises BadSitemap.

    `max_bytes` limits the decompressed content. XML with entities of its own is refused, so it cannot grow.
    """
    if content.startswith(GZIP_MAGIC):
        try:
            content = gunzip([content], max_bytes)
        except (BadGzip, TooLarge) as error:
            raise BadSitemap(f"cannot be decompressed: {error}") from error
    stripped = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    if stripped.startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        return _Reader().read(stripped)
    return _address_list(stripped)


def _address_list(content: bytes) -> Sitemap:
    try:
        lines = [line.strip() for line in content.decode("utf-8").splitlines()]
    except UnicodeDecodeError as error:
        raise BadSitemap("is neither XML nor a list of addresses in UTF-8") from error
    addresses = [line for line in lines if line]
    for number, line in enumerate(lines, 1):
        if line and not line.lower().startswith(("http://", "https://")):
            raise BadSitemap(f"is no list of addresses: line {number} is {line[:60]!r}")
    return Sitemap(pages=[SitemapEntry(address) for address in addresses])


class _Reader:
    """Takes from the stream of XML events the few elements that matter."""

    def __init__(self) -> None:
        self._sitemap = Sitemap()
        self._entry = SitemapEntry()
        self._text: list[str] = []
        self._root = ""
        self._namespace = ""
        self._depth = 0
        self._parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text.append
        self._parser.EntityDeclHandler = self._refuse_entity

    def read(self, content: bytes) -> Sitemap:
        try:
            self._parser.Parse(content, True)
        except expat.ExpatError as error:
            reason = expat.errors.messages[error.code]
            raise BadSitemap(f"is broken XML: {reason} (line {error.lineno})") from error
        return self._sitemap

    def _refuse_entity(self, name: str, *_: object) -> None:
        raise BadSitemap(f"defines the XML entity {name!r}; sitemaps need none, and they are a way to attack a reader")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise BadSitemap(f"is no sitemap: its elements are nested more than {_MAX_DEPTH} deep")
        namespace, element = _split(name)
        if not self._root:
            self._root, self._namespace = element, namespace
            if element not in ("urlset", "sitemapindex"):
                raise BadSitemap(f"is XML, but no sitemap: its outermost element is <{element}>")
        self._text.clear()
        if namespace == _XHTML and element == "link":
            if attributes.get("hreflang", "").lower() not in ("", "x-default") and attributes.get("href"):
                self._entry.alternates.append(attributes["href"])
        elif namespace == self._namespace and element in ("url", "sitemap"):
            self._entry = SitemapEntry()

    def _end(self, name: str) -> None:
        self._depth -= 1
        namespace, element = _split(name)
        # The image and video extensions have elements of the same names in namespaces of their own.
        if namespace != self._namespace:
            return
        text = "".join(self._text).strip()
        if element == "loc":
            self._entry.address = text
        elif element == "lastmod":
            self._entry.changed = _date(text)
        elif element == "url" and self._entry.address:
            self._sitemap.pages.append(self._entry)
        elif element == "sitemap" and self._entry.address:
            self._sitemap.sitemaps.append(self._entry.address)


def _split(name: str) -> tuple[str, str]:
    namespace, _, element = name.rpartition(_SEPARATOR)
    return namespace, element


def _date(text: str) -> date | None:
    """The day of a W3C date; None for a year or month alone and for what is no date, which sitemaps are full of."""
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None
