"""Collects the pages that a sitemap names, through an index of sitemaps where there is one."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import date

from kb_index.articles import LoadProblem
from kb_index.errors import SourceError
from kb_index.loaders.web.addresses import Site
from kb_index.loaders.web.reader import MAX_SITEMAP_BYTES, Content, Failed, Forbidden, Gone, Moved, SiteReader, Unfit
from kb_index.loaders.web.sitemap import BadSitemap, Sitemap, SitemapEntry, parse_sitemap

_MAX_SITEMAPS = 1_000


@dataclass(slots=True)
class ListedPage:
    """What the sitemaps say of a page."""

    changed: date | None = None
    alternates: set[str] = field(default_factory=set)
    """Canonical addresses of its other languages."""


@dataclass(slots=True)
class Listing:
    """Every page of the site that the sitemaps name, by canonical address, in their order."""

    pages: dict[str, ListedPage] = field(default_factory=dict)
    problems: list[LoadProblem] = field(default_factory=list)


def read_listing(address: str, content: bytes, site: Site, reader: SiteReader) -> Listing:
    """Reads the sitemap found at `address` and all that it refers to on the same host.

    Sitemaps further down that cannot be used are listed as problems. Raises SourceError when the first one cannot.
    """
    listing = Listing()
    try:
        first = parse_sitemap(content, max_bytes=MAX_SITEMAP_BYTES)
    except BadSitemap as error:
        raise SourceError(f"cannot load {address}: it {error}") from error
    seen = {address}
    waiting: deque[str] = deque()
    _take(first, address, site, listing, seen, waiting)
    while waiting:
        child = waiting.popleft()
        sitemap = _fetch(child, site, reader, listing)
        if sitemap is not None:
            _take(sitemap, child, site, listing, seen, waiting)
    return listing


def _fetch(address: str, site: Site, reader: SiteReader, listing: Listing) -> Sitemap | None:
    found_at, answer = reader.follow(address, site)
    match answer:
        case Content(reply, stale):
            try:
                sitemap = parse_sitemap(reply.body, max_bytes=MAX_SITEMAP_BYTES)
            except BadSitemap as error:
                listing.problems.append(LoadProblem(found_at, f"the sitemap {error}"))
                return None
            if stale:
                listing.problems.append(LoadProblem(found_at, f"the sitemap {stale}", skipped=False))
            return sitemap
        case Gone(status):
            reason = f"answered {status}"
        case Moved(location):
            reason = f"redirects to {location}, which is not followed"
        case Unfit(why) | Failed(why):
            reason = why
        case Forbidden():
            reason = "is closed by robots.txt"
    listing.problems.append(LoadProblem(found_at, f"the sitemap {reason}"))
    return None


def _take(sitemap: Sitemap, address: str, site: Site, listing: Listing, seen: set[str], waiting: deque[str]) -> None:
    elsewhere = 0
    for entry in sitemap.pages:
        elsewhere += not _take_page(entry, address, site, listing)
    if elsewhere:
        reason = f"the sitemap names {elsewhere} pages that are not on {site.origin}; left out"
        listing.problems.append(LoadProblem(address, reason))
    for named in sitemap.sitemaps:
        child = site.page(named, address)
        if child is None:
            reason = f"the sitemap {named!r:.200} is not on {site.origin}; left out"
            listing.problems.append(LoadProblem(address, reason))
        elif child not in seen and len(seen) >= _MAX_SITEMAPS:
            listing.problems.append(LoadProblem(address, f"only {_MAX_SITEMAPS:,} sitemaps are read; the rest is not"))
            return
        elif child not in seen:
            seen.add(child)
            waiting.append(child)


def _take_page(entry: SitemapEntry, address: str, site: Site, listing: Listing) -> bool:
    page = site.page(entry.address, address)
    if page is None:
        return False
    named = {site.page(alternate, address) for alternate in entry.alternates}
    alternates = {alternate for alternate in named if alternate is not None}
    listed = listing.pages.setdefault(page, ListedPage())
    listed.changed = entry.changed or listed.changed
    listed.alternates |= alternates
    # Many sitemaps name the other languages only here, without an entry of their own.
    for alternate in sorted(alternates):
        listing.pages.setdefault(alternate, ListedPage()).alternates |= alternates | {page}
    return True
