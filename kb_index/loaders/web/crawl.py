"""Goes from page to page of a site: which are asked for, which are left out and why, and when to give up."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from kb_index.articles import LoadProblem
from kb_index.errors import SourceError, UnusableArticle
from kb_index.loaders.html.tree import decode_html
from kb_index.loaders.web.addresses import Site, endless_shape, is_runaway, names_other_file
from kb_index.loaders.web.listing import ListedPage, Listing
from kb_index.loaders.web.page import PageFacts, read_page
from kb_index.loaders.web.reader import Content, Failed, Gone, Moved, SiteReader, Unfit, is_html
from kb_index.loaders.web.settings import CrawlSettings

Progress = Callable[[int, int], None]

_FAILURES_UNTIL_PROBE = 5


@dataclass(frozen=True, slots=True)
class CrawledPage:
    """One HTML page of the site as it was read."""

    url: str
    html: str
    facts: PageFacts
    alternates: frozenset[str]
    """Its other languages, as the page and the sitemap name them."""
    changed: date | None = None
    """As the sitemap says."""


class Crawl:
    """One walk over a site, breadth first; each page is asked for once."""

    def __init__(
        self, site: Site, start: str, reader: SiteReader, settings: CrawlSettings, progress: Progress | None = None
    ) -> None:
        self.problems: list[LoadProblem] = []
        self.asked = 0
        self.failed = 0
        """Pages that the server did not give (nor say that they are gone), whether or not an older copy is used."""
        self._site, self._start, self._reader = site, start, reader
        self._settings, self._progress = settings, progress
        self._listed: dict[str, ListedPage] | None = None
        self._queue: deque[tuple[str, int]] = deque()
        self._found_on: dict[str, str] = {}
        self._shapes: Counter[str] = Counter()
        self._moves: dict[str, str] = {}
        self._left_out: dict[tuple[str, bool], set[str]] = {}
        self._failed_in_a_row = 0

    def from_start_page(self) -> Iterator[CrawledPage]:
        """The start page and all that links lead to inside the site.

        Raises SourceError when the server stops answering.
        """
        self._add(self._start, 0, "")
        yield from self._pages()

    def from_listing(self, listing: Listing) -> Iterator[CrawledPage]:
        """The pages of the listing, links not followed. Raises SourceError when the server stops answering."""
        self._listed = listing.pages
        for url in listing.pages:
            self._add(url, 0, "")
        yield from self._pages()

    @property
    def mostly_failed(self) -> bool:
        return self.failed * 2 > self.asked

    def moved_to(self, url: str) -> str:
        """Where redirects led from an address of the site; itself without any, or in a circle."""
        passed = [url]
        while (target := self._moves.get(passed[-1])) is not None:
            if target in passed:
                return url
            passed.append(target)
        return passed[-1]

    def _pages(self) -> Iterator[CrawledPage]:
        while self._queue and not self._cannot_succeed():
            if self.asked >= self._settings.max_pages:
                known = f"{len(self._queue):,} more were known by then; raise max_pages to read them"
                self.problems.append(LoadProblem(self._start, f"only {self._settings.max_pages:,} pages read, {known}"))
                break
            url, depth = self._queue.popleft()
            self.asked += 1
            page = self._visit(url, depth)
            if self._progress is not None:
                self._progress(self.asked, min(len(self._found_on), self._settings.max_pages))
            if page is not None:
                yield page
        self._report_circles()
        self._report_left_out()

    def _cannot_succeed(self) -> bool:
        """A listing does not grow: as soon as most of it has failed there is no point in asking for the rest."""
        if self._listed is None or self._settings.allow_shrink:
            return False
        return self.failed * 2 > len(self._found_on)

    def _visit(self, url: str, depth: int) -> CrawledPage | None:
        answer = self._reader.page(url)
        if isinstance(answer, Failed) or (isinstance(answer, Content) and answer.stale):
            self._count_failure(url, answer)
        else:
            self._failed_in_a_row = 0
        # Forbidden does not come up: such addresses are not in the queue.
        match answer:
            case Content() if is_html(answer.media_type):
                return self._take(url, depth, answer)
            case Content():
                self._note(url, f"is not an HTML page ({answer.media_type or 'no Content-Type'})")
            case Moved(location):
                self._move(url, depth, location)
            case Gone(status):
                self._note(url, f"answered {status}: it is not there{self._linked_from(url)}")
            case Unfit(reason, too_large):
                self.problems.append(LoadProblem(url, reason, skipped=too_large))
            case Failed(reason):
                self.problems.append(LoadProblem(url, reason + self._linked_from(url)))
        return None

    def _take(self, url: str, depth: int, content: Content) -> CrawledPage | None:
        try:
            html, remark = decode_html(content.reply.body, content.reply.content_type)
            facts = read_page(html, url, self._site, content.reply.robots_tag)
        except UnusableArticle as problem:
            self.problems.append(LoadProblem(url, str(problem)))
            return None
        for note in (content.stale, remark):
            if note:
                self._note(url, note)
        if facts.moved_to and self._site.page(facts.moved_to) != url:
            self._move(url, depth, facts.moved_to)
            return None
        if self._listed is None:
            for link in facts.links:
                self._add(link, depth + 1, url)
            for twin in (facts.canonical, *sorted(facts.alternates)):
                if twin:
                    self._add(twin, depth + 1, url)
            for alternate in facts.alternates:
                if not self._site.wants(alternate):
                    self._leave_out(alternate, f"a translation outside of {self._site.below}", skipped=False)
        listed = (self._listed or {}).get(url, ListedPage())
        return CrawledPage(url, html, facts, facts.alternates | listed.alternates, listed.changed)

    def _move(self, url: str, depth: int, location: str) -> None:
        target = self._site.page(location, url)
        if target is None:
            self.problems.append(
                LoadProblem(url, f"redirects to {location}, which is not on {self._site.origin}; not followed")
            )
        elif not self._site.wants(target):
            self._note(url, f"redirects to {target}, outside of {self._site.below}; not followed")
        else:
            self._moves[url] = target
            self._add(target, depth + 1, url)

    def _add(self, url: str, depth: int, found_on: str) -> None:
        # The start page itself may be outside of the folder whose pages are wanted.
        if url in self._found_on or not (self._site.wants(url) or url == self._start):
            return
        settings = self._settings
        if found_on and names_other_file(url):
            return
        if not self._reader.allows(url):
            self._leave_out(url, "closed by robots.txt", skipped=False)
            return
        if depth > settings.max_depth:
            self._leave_out(url, f"more than {settings.max_depth} links (max_depth) away from the start")
            return
        if found_on and is_runaway(url):
            self._leave_out(url, "an address that grows without end")
            return
        shape = endless_shape(url) if found_on else ""
        if shape and self._shapes[shape] >= settings.max_per_pattern:
            self._leave_out(url, f"more than {settings.max_per_pattern} (max_per_pattern) look like {shape}")
            return
        self._shapes[shape] += 1
        self._found_on[url] = found_on
        self._queue.append((url, depth))

    def _count_failure(self, url: str, answer: Failed | Content) -> None:
        self.failed += 1
        self._failed_in_a_row += 1
        if self._failed_in_a_row % _FAILURES_UNTIL_PROBE == 0 and not self._reader.is_alive(self._start):
            reason = answer.reason if isinstance(answer, Failed) else answer.stale.partition(";")[0]
            raise SourceError(
                f"{self._site.origin} does not answer any more: {self._failed_in_a_row} pages in a row failed, the last"
                f" {url} ({reason}); started again within a day, the crawl goes on where it stopped"
            )

    def _note(self, url: str, reason: str) -> None:
        self.problems.append(LoadProblem(url, reason, skipped=False))

    def _linked_from(self, url: str) -> str:
        found_on = self._found_on[url]
        return f" (linked from {found_on})" if found_on else ""

    def _leave_out(self, url: str, reason: str, *, skipped: bool = True) -> None:
        self._left_out.setdefault((reason, skipped), set()).add(url)

    def _report_left_out(self) -> None:
        for (reason, skipped), urls in self._left_out.items():
            others = f", and {len(urls) - 1:,} more" if len(urls) > 1 else ""
            self.problems.append(LoadProblem(min(urls), f"{reason}{others}", skipped))

    def _report_circles(self) -> None:
        for url, target in self._moves.items():
            if self.moved_to(url) == url:
                self.problems.append(LoadProblem(url, f"redirects in a circle by way of {target}"))
