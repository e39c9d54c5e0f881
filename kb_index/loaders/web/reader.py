"""Gets the content of an address: from this crawl's stored pages, confirmed by the server, or fetched anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kb_index.loaders.web.addresses import Site
from kb_index.loaders.web.client import PoliteClient, Reply, Unreachable, media_type_of
from kb_index.loaders.web.page_cache import PageCache, StoredPage
from kb_index.loaders.web.robots import Robots

MAX_HOPS = 5
MAX_PAGE_BYTES = 5_000_000
MAX_SITEMAP_BYTES = 50_000_000
"""The limit that sitemaps.org sets for one sitemap file; like that of a page, after decompression."""

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})


@dataclass(frozen=True, slots=True)
class Content:
    """A body to work with."""

    reply: Reply
    stale: str = ""
    """Why this is the copy of an earlier crawl; "" when the server gave or confirmed it in this one."""

    @property
    def media_type(self) -> str:
        return media_type_of(self.reply.content_type)


@dataclass(frozen=True, slots=True)
class Moved:
    """A redirect, not followed."""

    location: str
    """As the server wrote it."""


@dataclass(frozen=True, slots=True)
class Gone:
    """404 or 410."""

    status: int


@dataclass(frozen=True, slots=True)
class Unfit:
    """The server has it, but it is no page to read: another media type, or too large."""

    reason: str
    too_large: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """The server did not give it, and there is no earlier copy."""

    reason: str


@dataclass(frozen=True, slots=True)
class Forbidden:
    """robots.txt does not allow it."""


Answer = Content | Moved | Gone | Unfit | Failed | Forbidden


def is_html(media_type: str) -> bool:
    return media_type in HTML_TYPES


class SiteReader:
    """The only way to the content of a site; every answer that settles something is stored at once."""

    def __init__(self, client: PoliteClient, cache: PageCache, robots: Robots) -> None:
        self.used: set[str] = set()
        """Every address that was asked for."""
        self._client, self._cache, self._robots = client, cache, robots

    def allows(self, url: str) -> bool:
        """Whether robots.txt lets the address be read; what it does not is never asked for."""
        return self._robots.allows(url)

    def page(self, url: str) -> Answer:
        """The HTML page at a canonical address of the site."""
        return self._ask(url, MAX_PAGE_BYTES, is_html)

    def file(self, url: str) -> Answer:
        """Whatever is at the address, up to the size of a sitemap."""
        return self._ask(url, MAX_SITEMAP_BYTES)

    def follow(self, url: str, site: Site) -> tuple[str, Answer]:
        """(address it was found at, file), redirects followed on the site's host; Moved when they lead elsewhere."""
        answer = self.file(url)
        for _ in range(MAX_HOPS):
            target = site.target(answer.location, url) if isinstance(answer, Moved) else None
            if target is None:
                break
            url, answer = target, self.file(target)
        return url, answer

    def is_alive(self, url: str) -> bool:
        """Whether the server answers at all, asked now."""
        try:
            self._client.get(url, max_bytes=0)
        except Unreachable:
            return False
        return True

    def _ask(self, url: str, max_bytes: int, wants: Callable[[str], bool] = lambda media_type: True) -> Answer:
        if not self.allows(url):
            return Forbidden()
        self.used.add(url)
        stored = self._cache.stored(url)
        if stored is not None and stored.fresh:
            return _answer(stored.reply)
        validators = stored.validators if stored is not None else None
        try:
            reply = self._client.get(url, max_bytes=max_bytes, wants=wants, validators=validators)
        except Unreachable as error:
            return _copy_or_failure(stored, str(error))
        if reply.status == 304 and stored is not None and validators is not None:
            self._cache.confirm(url, reply)
            return Content(stored.reply)
        if reply.status == 200 or reply.is_redirect or reply.is_gone:
            self._cache.save(url, reply)
            return _answer(reply)
        # Not stored: such answers (401, 403, …) are about the moment, and an earlier copy can be asked after later.
        return Failed(f"answered {reply.status}")


def _answer(reply: Reply) -> Answer:
    if reply.is_redirect:
        return Moved(reply.location)
    if reply.is_gone:
        return Gone(reply.status)
    return Unfit(reply.refusal, reply.too_large) if reply.refusal else Content(reply)


def _copy_or_failure(stored: StoredPage | None, reason: str) -> Answer:
    if stored is None or stored.validators is None:
        return Failed(reason)
    return Content(stored.reply, stale=f"{reason}; the copy of {stored.fetched_at:%Y-%m-%d %H:%M} UTC is used")
