"""Loads the articles of a website, and decides whether what was read is good enough to replace what is there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kb_index.articles import Article, LoadProblem, LoadResult
from kb_index.errors import SourceError, UnusableArticle
from kb_index.loaders.cross_links import relinked
from kb_index.loaders.fields import language_of
from kb_index.loaders.html import article_from_html
from kb_index.loaders.web.addresses import Site, source_address
from kb_index.loaders.web.client import PoliteClient
from kb_index.loaders.web.crawl import Crawl, CrawledPage, Progress
from kb_index.loaders.web.listing import read_listing
from kb_index.loaders.web.page_cache import PageCache
from kb_index.loaders.web.reader import (
    MAX_HOPS,
    MAX_PAGE_BYTES,
    Content,
    Failed,
    Forbidden,
    Gone,
    Moved,
    SiteReader,
    Unfit,
    is_html,
)
from kb_index.loaders.web.robots import read_robots
from kb_index.loaders.web.settings import CrawlSettings
from kb_index.loaders.web.sitemap import looks_like_sitemap
from kb_index.loaders.web.translations import Settlement, SitePage, settle

_SUSPICIOUSLY_ALIKE = 5


def load_site(
    address: str, *, cache: Path, progress: Progress | None = None, settings: CrawlSettings | None = None
) -> LoadResult:
    """Loads a site from a sitemap (XML, gzipped, an index, or a list of addresses) or by links from a start page.

    From a start page only links on the same host and below the page's folder are followed ("/help/" for
    "/help/start"); a sitemap may name any page of its host. Sitemaps that robots.txt names are not used unasked.
    `cache` is the folder for the state of sites: an interrupted crawl goes on where it stopped, a later one asks the
    server only for what changed. `progress` is called with (pages done, pages known so far).

    Pages that are gone (404, 410) are not in the result; a page that failed comes from its last copy, with a note.
    Raises SourceError, so that the index stays as it is, when the address or robots.txt cannot be read, the server
    stops answering, most pages failed or show the same text (as behind a login), no page is usable, or there are less
    than half as many articles as last time.
    """
    settings = settings or CrawlSettings()
    url = source_address(address)
    with PageCache.open(cache, url) as state, PoliteClient(settings) as client:
        robots = read_robots(client, Site.around(url))
        client.delay_s = max(client.delay_s, robots.delay_s)
        reader = SiteReader(client, state, robots)
        found_at, content = _first(url, reader)
        if looks_like_sitemap(content.reply.body, content.media_type):
            site = Site.around(found_at, settings.below or "/")
            crawl = Crawl(site, found_at, reader, settings, progress)
            listing = read_listing(found_at, content.reply.body, site, reader)
            crawl.problems += listing.problems
            pages = crawl.from_listing(listing)
        else:
            _require_start_page(url, found_at, content, settings)
            site = Site.around(found_at, settings.below)
            crawl = Crawl(site, found_at, reader, settings, progress)
            pages = crawl.from_start_page()
        # The crawl lists what it leaves out in the same list while it is walked.
        usable = [page for crawled in pages if (page := _usable(crawled, site, crawl.problems)) is not None]
        settled = settle([_where_redirects_led(page, crawl) for page in usable])
        result = _with_links_between(settled, site, crawl)
        result.problems = crawl.problems + result.problems
        refusal = _refusal(settled, crawl, min(state.last_articles, settings.max_pages), settings)
        if refusal:
            state.reject()
            raise SourceError(f"cannot load {address}: {refusal}")
        state.finish(reader.used, len(result.articles))
    return result


def _first(url: str, reader: SiteReader) -> tuple[str, Content]:
    """Where redirects on the same host led from the address, and the content there."""
    site = Site.around(url)
    found_at, answer = reader.follow(url, site)
    match answer:
        case Content() if answer.stale:
            reason = answer.stale.partition(";")[0]
        case Content():
            return found_at, answer
        case Moved(location) if site.target(location, found_at) is None:
            reason = f"redirects to {location}, on another host; if that is right, give that address"
        case Moved():
            reason = f"redirects more than {MAX_HOPS} times"
        case Gone(status):
            reason = f"answered {status}"
        case Unfit(why) | Failed(why):
            reason = why
        case Forbidden():
            reason = f"is closed to this program by {site.origin}/robots.txt"
    raise SourceError(f"cannot load {url}: {found_at} {reason}")


def _require_start_page(url: str, found_at: str, content: Content, settings: CrawlSettings) -> None:
    if not is_html(content.media_type):
        raise SourceError(f"cannot load {found_at}: it is neither a page nor a sitemap ({content.media_type})")
    if len(content.reply.body) > MAX_PAGE_BYTES:
        raise SourceError(f"cannot load {found_at}: it is larger than {MAX_PAGE_BYTES:,} bytes")
    if not settings.below and not Site.around(url).wants(found_at):
        # Often to a login, whose folder may be the whole host.
        raise SourceError(
            f"cannot load {url}: it redirects to {found_at}, outside of {Site.around(url).below}; "
            "if that is right, give that address"
        )


def _usable(page: CrawledPage, site: Site, problems: list[LoadProblem]) -> SitePage | None:
    if page.facts.noindex:
        problems.append(LoadProblem(page.url, "asks not to be indexed (noindex); left out", skipped=False))
        return None
    try:
        article = article_from_html(
            page.html,
            source=page.url,
            url=page.url,
            fallback_language=language_of(page.facts.language),
            fallback_updated=page.changed,
        )
    except UnusableArticle as problem:
        problems.append(LoadProblem(page.url, str(problem)))
        return None
    if site.target(article.url) is not None:
        # Which page of the host is the canonical one is settled later, knowing which of them exist.
        article = replace(article, url=page.url)
    return SitePage(article, page.url, page.facts.canonical, page.alternates)


def _where_redirects_led(page: SitePage, crawl: Crawl) -> SitePage:
    """The addresses that the page names, as those of the pages found there."""
    canonical = page.canonical and crawl.moved_to(page.canonical)
    return replace(page, canonical=canonical, alternates=frozenset(map(crawl.moved_to, page.alternates)))


def _with_links_between(settled: Settlement, site: Site, crawl: Crawl) -> LoadResult:
    """Links to redirects, copies and other spellings of a page's address become links to the article itself."""

    def article_at(address: str) -> Article | None:
        page = site.page(address)
        return None if page is None else settled.places.get(crawl.moved_to(page))

    return LoadResult([relinked(article, article_at) for article in settled.result.articles], settled.result.problems)


def _refusal(settled: Settlement, crawl: Crawl, expected: int, settings: CrawlSettings) -> str:
    """Why the result must not replace an index; "" when it may."""
    found, pages = len(settled.result.articles), len(settled.places)
    problems = sorted(crawl.problems, key=lambda problem: not problem.skipped)
    example = f", for example {problems[0].path}: {problems[0].reason}" if problems else ""
    if not found:
        return f"no usable article on {crawl.asked:,} pages{example}"
    if settings.allow_shrink:
        return ""
    if crawl.mostly_failed:
        return f"{crawl.failed:,} of the {crawl.asked:,} pages asked for failed{example}; the index stays as it is"
    alike = settled.most_alike
    if len(alike) >= _SUSPICIOUSLY_ALIKE and len(alike) * 2 > pages:
        return (
            f"{len(alike):,} of {pages:,} pages show the same text, {alike[0].article.title!r:.80}, for example "
            f"{alike[0].url}: is a login needed to read them? The index stays as it is "
            "(set allow_shrink if this is right)"
        )
    if found * 2 < expected:
        return (
            f"only {found:,} articles where there were {expected:,} last time{example}; the index stays as it is "
            "(set allow_shrink if this is right)"
        )
    return ""
