from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kb_index.errors import SourceError
from kb_index.loaders.web import CrawlSettings, load_site
from kb_index.loaders.web.client import Reply as Answer
from kb_index.loaders.web.page_cache import PageCache
from tests.fakes.help_site import HelpSite, Reply, help_site

QUICK = CrawlSettings(crawl_delay_s=0.0, retries=1, backoff_s=0.0, timeout_s=2.0)
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]
PAGES = 12


@pytest.fixture
def site() -> Iterator[HelpSite]:
    """A start page with eleven others."""
    with help_site() as served:
        served.page("/help/", links=tuple(f"p{number}" for number in range(1, PAGES)))
        for number in range(1, PAGES):
            served.page(f"/help/p{number}")
        yield served


def titles(site: HelpSite, cache: Path, settings: CrawlSettings = QUICK) -> set[str]:
    return {article.title for article in load_site(f"{site.url}/help/", cache=cache, settings=settings).articles}


def test_a_killed_crawl_goes_on_where_it_stopped(site: HelpSite, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from kb_index.loaders.web import CrawlSettings, load_site; "
        "load_site(sys.argv[1], cache=Path(sys.argv[2]), settings=CrawlSettings(crawl_delay_s=0.1))"
    )
    crawl = subprocess.Popen([sys.executable, "-c", program, f"{site.url}/help/", str(tmp_path)], cwd=ROOT)
    try:
        site.wait_for(6)
    finally:
        crawl.kill()
        crawl.wait()
    assert crawl.returncode == -signal.SIGKILL
    asked_before = site.hits
    assert 6 <= asked_before.total() < PAGES
    assert len(titles(site, tmp_path)) == PAGES
    twice = [path for path, count in site.hits.items() if count > 1]
    # The one page that was under way when the crawl was killed may be asked for again.
    assert len(twice) <= 1
    assert len(site.hits) == PAGES


def test_a_second_crawl_downloads_nothing_that_did_not_change(site: HelpSite, tmp_path: Path) -> None:
    changed = datetime(2026, 11, 5, 8, 30, tzinfo=UTC)
    site.page("/help/p1", last_modified=changed)
    first = load_site(f"{site.url}/help/", cache=tmp_path, settings=QUICK)
    site.forget()
    second = load_site(f"{site.url}/help/", cache=tmp_path, settings=QUICK)
    assert second == first
    assert site.hits.total() == PAGES
    assert site.bodies.total() == 0
    headers = {request.path: request.headers for request in site.requests}
    assert headers["/help/p1"]["If-Modified-Since"] == "Thu, 05 Nov 2026 08:30:00 GMT"
    assert "If-None-Match" in headers["/help/p2"]


def test_a_page_whose_etag_cannot_be_sent_back_is_downloaded_again(site: HelpSite, tmp_path: Path) -> None:
    site.page("/help/p1", etag='"é-1"')
    for _ in range(2):
        site.forget()
        assert len(titles(site, tmp_path)) == PAGES
        assert site.bodies["/help/p1"] == 1


def test_of_a_sitemap_nothing_is_downloaded_twice_either(site: HelpSite, tmp_path: Path) -> None:
    site.sitemap("/map.xml", "/help/p1", "/help/p2")
    site.replies["/map.xml"].etag = '"map"'
    for _ in range(2):
        site.forget()
        assert len(load_site(f"{site.url}/map.xml", cache=tmp_path, settings=QUICK).articles) == 2
    assert site.hits == {"/map.xml": 1, "/help/p1": 1, "/help/p2": 1}
    assert site.bodies.total() == 0


def test_changed_pages_come_new_and_pages_that_are_gone_leave(site: HelpSite, tmp_path: Path) -> None:
    assert len(titles(site, tmp_path)) == PAGES
    site.page("/help/p1", title="A new title")
    site.replies["/help/p2"] = Reply(status=404)
    site.replies["/help/p3"] = Reply(status=410)
    found = titles(site, tmp_path)
    assert "A new title" in found
    assert len(found) == PAGES - 2
    assert not any(title.endswith((" p2", " p3")) for title in found)


def test_a_page_that_fails_for_once_comes_from_its_last_copy(site: HelpSite, tmp_path: Path) -> None:
    before = titles(site, tmp_path)
    site.replies["/help/p1"] = Reply(status=503)
    result = load_site(f"{site.url}/help/", cache=tmp_path, settings=QUICK)
    assert {article.title for article in result.articles} == before
    (problem,) = result.problems
    assert (problem.path, problem.skipped) == (f"{site.url}/help/p1", False)
    assert "answered 503 (2 tries); the copy of 20" in problem.reason
    site.page("/help/p1")
    assert load_site(f"{site.url}/help/", cache=tmp_path, settings=QUICK).problems == []


def test_a_page_that_was_closed_is_not_shown_from_its_copy(site: HelpSite, tmp_path: Path) -> None:
    titles(site, tmp_path)
    site.replies["/help/p1"] = Reply(status=403)
    assert len(titles(site, tmp_path)) == PAGES - 1


def test_when_the_server_goes_down_the_index_stays_and_the_crawl_goes_on_later(site: HelpSite, tmp_path: Path) -> None:
    good = dict(site.replies)
    for path in ["/help/", *[f"/help/p{number}" for number in range(4, PAGES)]]:
        site.script[path] = [Reply(status=503)] * 20
    site.script["/help/"] = [good["/help/"], *[Reply(status=503)] * 20]
    with pytest.raises(SourceError, match="does not answer any more: 5 pages in a row failed"):
        titles(site, tmp_path)
    site.script.clear()
    site.forget()
    assert len(titles(site, tmp_path)) == PAGES
    assert set(site.hits) == {f"/help/p{number}" for number in range(4, PAGES)}


def test_without_its_start_page_a_site_is_not_read_from_old_copies(site: HelpSite, tmp_path: Path) -> None:
    titles(site, tmp_path)
    site.replies["/help/"] = Reply(status=503)
    site.forget()
    with pytest.raises(SourceError, match=r"cannot load .*/help/ answered 503 \(2 tries\)$"):
        titles(site, tmp_path)
    assert set(site.hits) == {"/help/"}


def test_a_broken_section_is_no_dead_server(site: HelpSite, tmp_path: Path) -> None:
    for number in range(1, 6):
        site.replies[f"/help/p{number}"] = Reply(status=500)
    result = load_site(f"{site.url}/help/", cache=tmp_path, settings=QUICK)
    assert len(result.articles) == PAGES - 5
    assert sum(problem.skipped for problem in result.problems) == 5


def test_when_most_pages_fail_nothing_is_published_and_the_next_crawl_asks_anew(site: HelpSite, tmp_path: Path) -> None:
    titles(site, tmp_path)
    good = dict(site.replies)
    for number in range(1, 8):
        site.replies[f"/help/p{number}"] = Reply(status=500)
    with pytest.raises(SourceError, match="7 of the 12 pages asked for failed"):
        titles(site, tmp_path)
    site.replies = good
    site.forget()
    assert len(titles(site, tmp_path)) == PAGES
    assert site.hits.total() == PAGES


def test_most_of_a_sitemap_failing_is_noticed_before_all_of_it_is_asked_for(site: HelpSite, tmp_path: Path) -> None:
    pages = [f"/help/p{number}" for number in range(1, 11)]
    site.sitemap("/map.xml", *pages)
    for path in pages[1:]:
        site.replies[path] = Reply(status=500)
    with pytest.raises(SourceError, match="6 of the 7 pages asked for failed"):
        load_site(f"{site.url}/map.xml", cache=tmp_path, settings=replace(QUICK, retries=0))
    assert [site.hits[path] for path in pages] == [1] * 7 + [0] * 3


def test_a_site_that_lost_most_of_its_pages_replaces_nothing_until_that_is_allowed(
    site: HelpSite, tmp_path: Path
) -> None:
    titles(site, tmp_path)
    for number in range(1, 8):
        site.replies[f"/help/p{number}"] = Reply(status=404)
    for _ in range(2):
        with pytest.raises(SourceError, match="only 5 articles where there were 12 last time"):
            titles(site, tmp_path)
    assert len(titles(site, tmp_path, replace(QUICK, allow_shrink=True))) == 5
    assert len(titles(site, tmp_path)) == 5


def test_fewer_pages_because_fewer_are_allowed_is_no_loss(site: HelpSite, tmp_path: Path) -> None:
    titles(site, tmp_path)
    assert len(titles(site, tmp_path, replace(QUICK, max_pages=3))) == 3


def test_two_crawls_of_one_site_do_not_run_at_once(site: HelpSite, tmp_path: Path) -> None:
    address = f"{site.url}/help/"
    with (
        PageCache.open(tmp_path, address),
        pytest.raises(SourceError, match=r"another crawl of .*/help/ is running"),
        PageCache.open(tmp_path, address),
    ):
        pytest.fail("the state was opened twice")
    assert len(titles(site, tmp_path)) == PAGES


def test_an_unfinished_crawl_is_resumed_for_a_day_and_no_longer(tmp_path: Path) -> None:
    url = "https://h.example/a"
    moments = iter([NOW, NOW + timedelta(hours=23), NOW + timedelta(hours=50)])
    fresh = []
    for moment in moments:
        with PageCache.open(tmp_path, "https://h.example/", now=lambda moment=moment: moment) as cache:
            stored = cache.stored(url)
            fresh.append(None if stored is None else stored.fresh)
            cache.save(url, Answer(200, "text/html", etag='"1"', body=b"Hello"))
    assert fresh == [None, True, False]


def test_what_the_server_said_of_a_page_is_kept_to_the_letter_with_the_time_in_utc(tmp_path: Path) -> None:
    reply = Answer(200, "text/html; charset=x", 'W/"1"', "Thu, 05 Nov 2026 08:30:00 GMT", "noindex", body="é".encode())
    with PageCache.open(tmp_path, "https://h.example/", now=lambda: NOW) as cache:
        cache.save("https://h.example/a", reply)
        cache.save("https://h.example/b", Answer(301, location="/a"))
        cache.save("https://h.example/c", Answer(200, "text/html", refusal="is too large", too_large=True))
        page, moved, large = (cache.stored(f"https://h.example/{name}") for name in "abc")
    assert page is not None and moved is not None and large is not None
    assert (page.reply, page.fetched_at) == (reply, NOW)
    assert page.validators is not None
    assert moved.validators is large.validators is None
    assert large.reply.too_large


def test_pages_that_a_finished_crawl_did_not_meet_are_forgotten(tmp_path: Path) -> None:
    with PageCache.open(tmp_path, "https://h.example/") as cache:
        for name in "abc":
            cache.save(f"https://h.example/{name}", Answer(404 if name == "c" else 200, body=b"x"))
        cache.finish({"https://h.example/a", "https://h.example/c"}, articles=1)
    with PageCache.open(tmp_path, "https://h.example/") as cache:
        kept = [name for name in "abc" if cache.stored(f"https://h.example/{name}") is not None]
        assert kept == ["a"]
        assert cache.last_articles == 1


def test_damaged_and_foreign_state_is_named_with_the_remedy(tmp_path: Path) -> None:
    address = "https://h.example/"
    with PageCache.open(tmp_path, address) as cache:
        path = cache.path
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(SourceError, match=r"of format 99, not 1; delete the file"), PageCache.open(tmp_path, address):
        pytest.fail("state of another format was opened")
    path.write_bytes(b"this is no database at all, and long enough to be read as one" * 20)
    with pytest.raises(SourceError, match=r"cannot be used .*delete the file"), PageCache.open(tmp_path, address):
        pytest.fail("a damaged state was opened")


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SourceError, match="cannot keep pages in"):
        load_site("http://127.0.0.1:9/", cache=tmp_path / "file" / "cache", settings=QUICK)
