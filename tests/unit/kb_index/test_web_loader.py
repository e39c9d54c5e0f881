from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kb_index.articles import LoadResult
from kb_index.errors import SourceError
from kb_index.loaders.web import CrawlSettings, load_site
from tests.fakes.help_site import HelpSite, Reply, help_site

QUICK = CrawlSettings(crawl_delay_s=0.0, retries=1, backoff_s=0.0, timeout_s=2.0)

Load = Callable[..., LoadResult]


@pytest.fixture
def load(site: HelpSite, tmp_path: Path) -> Load:
    """Loads from a path of the site, with QUICK settings and the changes given."""

    def run(path: str = "/help/", **changes: Any) -> LoadResult:
        progress = changes.pop("progress", None)
        return load_site(site.url + path, cache=tmp_path, progress=progress, settings=replace(QUICK, **changes))

    return run


def paths(result: LoadResult) -> list[str]:
    return ["/" + article.url.split("/", 3)[3] for article in result.articles]


def reasons(result: LoadResult, *, skipped: bool | None = None) -> dict[str, str]:
    return {
        "/" + problem.path.split("/", 3)[3]: problem.reason
        for problem in result.problems
        if skipped is None or problem.skipped is skipped
    }


def test_links_are_followed_on_the_host_and_below_the_folder_of_the_start(site: HelpSite, load: Load) -> None:
    with help_site() as other:
        site.page("/help/", links=("a", "sub/b", "/blog/c", f"{other.url}/help/d", "/help/", "#top", "x.png"))
        site.page("/help/a", links=("/help/sub/../a", "/help/?utm_source=a"))
        site.page("/help/sub/b", links=("../e",))
        site.page("/help/e")
        site.page("/blog/c")
        other.page("/help/d")
        result = load()
        assert other.requests == []
    assert paths(result) == ["/help/", "/help/a", "/help/sub/b", "/help/e"]
    assert site.hits == {"/help/": 1, "/help/a": 1, "/help/sub/b": 1, "/help/e": 1}
    assert result.problems == []


def test_an_article_says_where_it_came_from_and_what_it_is(site: HelpSite, load: Load) -> None:
    site.page("/help/en/void", title="Void a check", text="A voided check keeps its number.")
    (article,) = load("/help/en/void").articles
    assert (article.title, article.language) == ("Void a check", "en")
    assert article.source == article.url == f"{site.url}/help/en/void"
    assert "A voided check keeps its number." in article.body


def test_every_page_is_asked_for_once_although_all_link_to_all(site: HelpSite, load: Load) -> None:
    names = [f"/help/{name}" for name in "abcde"]
    for name in names:
        site.page(name, links=(*names, name + "#x", name + "?utm_campaign=y"))
    assert len(load("/help/a").articles) == 5
    assert site.hits == dict.fromkeys(names, 1)


def test_robots_txt_is_asked_first_and_obeyed(site: HelpSite, load: Load) -> None:
    site.robots("User-agent: FrontdeskBot\nDisallow: /help/internal\nDisallow: /*?print=\n")
    site.page("/help/", links=("a", "internal/b", "a?print=1", "internal/c"))
    site.page("/help/a")
    result = load()
    assert site.requests[0].path == "/robots.txt"
    assert site.hits == {"/help/": 1, "/help/a": 1}
    assert reasons(result, skipped=False) == {"/help/a?print=1": "closed by robots.txt, and 2 more"}


def test_pages_closed_by_robots_txt_do_not_use_up_the_limit(site: HelpSite, load: Load) -> None:
    site.robots("User-agent: *\nDisallow: /help/internal/")
    site.page("/help/", links=(*(f"internal/{number}" for number in range(5)), "a"))
    site.page("/help/a")
    assert paths(load(max_pages=2)) == ["/help/", "/help/a"]


def test_a_site_that_is_closed_altogether_is_an_error(site: HelpSite, load: Load) -> None:
    site.robots("User-agent: *\nDisallow: /")
    site.page("/help/")
    with pytest.raises(SourceError, match=r"closed to this program by .*/robots.txt"):
        load()
    assert site.hits == {}


def test_sitemaps_that_robots_txt_names_are_not_used_unasked(site: HelpSite, load: Load) -> None:
    site.robots(f"Sitemap: {site.url}/sitemap.xml")
    site.sitemap("/sitemap.xml", "/help/", "/help/unlinked")
    site.page("/help/")
    site.page("/help/unlinked")
    assert paths(load()) == ["/help/"]
    assert site.hits == {"/help/": 1}


def test_the_pause_between_requests_is_kept_by_one_connection(site: HelpSite, load: Load) -> None:
    site.robots("User-agent: *\nAllow: /")
    site.page("/help/", links=("a", "b", "c"))
    for name in "abc":
        site.page(f"/help/{name}")
    load(crawl_delay_s=0.15)
    times = [request.at for request in site.requests]
    assert len(times) == 5
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.15
    assert site.connections == 1


def test_a_longer_crawl_delay_of_robots_txt_counts(site: HelpSite, load: Load) -> None:
    site.robots("User-agent: *\nCrawl-delay: 0.3")
    site.page("/help/")
    load(crawl_delay_s=0.01)
    first, second = site.requests
    assert second.at - first.at >= 0.3


def test_redirects_are_followed_on_the_host_and_nowhere_else(site: HelpSite, load: Load) -> None:
    with help_site() as other:
        other.page("/help/far")
        site.page("/help/", links=("old", "away", "loop", "out"))
        site.redirect("/help/old", "/help/new")
        site.redirect("/help/away", f"{other.url}/help/far")
        site.redirect("/help/loop", "/help/loop2", 302)
        site.redirect("/help/loop2", "/help/loop", 302)
        site.redirect("/help/out", "/shop")
        site.page("/help/new")
        result = load()
        assert other.requests == []
    assert paths(result) == ["/help/", "/help/new"]
    bad = reasons(result, skipped=True)
    assert "not on http://127.0.0.1" in bad["/help/away"]
    assert "circle" in bad["/help/loop"]
    assert "outside of /help/" in reasons(result, skipped=False)["/help/out"]
    assert site.hits["/help/loop"] == site.hits["/help/loop2"] == 1


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(status=404), "answered 404"),
        (Reply(status=403), "answered 403"),
        (Reply(status=503), r"answered 503 \(2 tries\)"),
        (Reply(status=301, headers={"Location": "https://other.example/help/"}), "on another host"),
        (Reply(status=301, headers={"Location": "/help/"}), "more than 5 times"),
        (Reply(b"%PDF-1.7", content_type="application/pdf"), "cannot load .*/help/: it is no list of addresses"),
        (Reply(b"", content_type="text/html"), "empty"),
        (Reply(b"x" * 5_000_001), "larger than 5,000,000 bytes"),
    ],
)
def test_a_start_that_cannot_be_read_is_an_error_with_the_reason(
    site: HelpSite, load: Load, reply: Reply, reason: str
) -> None:
    site.replies["/help/"] = reply
    with pytest.raises(SourceError, match=reason):
        load()


def test_a_server_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with help_site() as gone:
        address = gone.url
    with pytest.raises(SourceError, match=r"robots\.txt could not be fetched"):
        load_site(address, cache=tmp_path, settings=QUICK)


def test_pages_that_ask_not_to_be_indexed_are_noted_and_their_links_followed(site: HelpSite, load: Load) -> None:
    site.page("/help/", links=("a", "b", "c"))
    site.page("/help/a", head='<meta name="robots" content="noindex">', links=("from-a",))
    site.page("/help/b", headers={"X-Robots-Tag": "noindex, nofollow"}, links=("from-b",))
    site.page("/help/c", head='<meta name="robots" content="nofollow">', links=("from-c",))
    for name in "abc":
        site.page(f"/help/from-{name}")
    result = load()
    assert paths(result) == ["/help/", "/help/c", "/help/from-a"]
    assert [path for path, reason in reasons(result, skipped=False).items() if "noindex" in reason] == [
        "/help/a",
        "/help/b",
    ]


def test_what_is_no_page_is_left_out_and_the_rest_is_read(site: HelpSite, load: Load) -> None:
    site.page("/help/", links=("huge", "manual", "gone", "broken", "secret", "fine", "bare"))
    site.put("/help/huge", b"<html>" + b"x" * 5_000_001)
    site.put("/help/manual", "%PDF-1.7", "application/pdf")
    site.replies["/help/broken"] = Reply(b"<html>" * 99, cut_after=20)
    site.replies["/help/secret"] = Reply(status=403)
    site.put("/help/bare", "no markup at all")
    site.page("/help/fine")
    result = load()
    assert paths(result) == ["/help/", "/help/fine"]
    bad, notes = reasons(result, skipped=True), reasons(result, skipped=False)
    assert bad["/help/huge"] == "is larger than 5,000,000 bytes"
    assert "(2 tries)" in bad["/help/broken"]
    assert bad["/help/secret"] == f"answered 403 (linked from {site.url}/help/)"
    assert "/help/bare" in bad
    assert notes == {
        "/help/manual": "is not an HTML page (application/pdf)",
        "/help/gone": f"answered 404: it is not there (linked from {site.url}/help/)",
    }


def test_characters_survive_a_wrong_charset(site: HelpSite, load: Load) -> None:
    html = '<html lang="fr"><title>Clôturer</title><body><main><h1>Clôturer</h1><p>{}</p></main></body></html>'
    text = "La période est clôturée : vérifiez les écritures avant de répéter l’opération."
    site.page("/help/", links=("utf8", "latin"))
    site.put("/help/utf8", html.format(text), "text/html; charset=iso-8859-1")
    site.put("/help/latin", html.format(text + " Fin.").encode("cp1252"), "text/html; charset=utf-8")
    result = load()
    bodies = {path: article.body for path, article in zip(paths(result), result.articles, strict=True)}
    assert text in bodies["/help/utf8"]
    assert text in bodies["/help/latin"]
    assert "windows-1252" in reasons(result, skipped=False)["/help/latin"]


def test_an_endless_calendar_ends(site: HelpSite, load: Load) -> None:
    class Calendar(dict[str, Reply]):
        def get(self, path: str, default: Any = None) -> Any:
            if not path.startswith("/help/calendar/"):
                return super().get(path, default)
            year, month = map(int, path.split("/")[3:])
            after = [f"/help/calendar/{year + years}/{month % 12 + 1}" for years in range(4)]
            made = HelpSite()
            made.page(path, links=tuple(after))
            return made.replies[path]

    site.page("/help/", links=("calendar/2026/11", "a"))
    site.page("/help/a")
    site.replies = Calendar(site.replies)
    result = load(max_per_pattern=20)
    assert site.hits.total() == 22
    assert any(
        "more than 20 (max_per_pattern) look like /help/calendar/#/#" in reason for reason in reasons(result).values()
    )


def test_a_chain_of_links_ends_at_the_depth_limit(site: HelpSite, load: Load) -> None:
    for number in range(10):
        site.page(f"/help/step-{number}", links=(f"step-{number + 1}",))
    result = load("/help/step-0", max_depth=3)
    assert paths(result) == [f"/help/step-{number}" for number in range(4)]
    assert reasons(result, skipped=True) == {"/help/step-4": "more than 3 links (max_depth) away from the start"}


def test_no_more_pages_than_allowed_are_read_and_it_says_so(site: HelpSite, load: Load) -> None:
    site.page("/help/", links=tuple(f"p{number}" for number in range(9)))
    for number in range(9):
        site.page(f"/help/p{number}")
    result = load(max_pages=4)
    assert site.hits.total() == 4
    assert "only 4 pages read, 6 more were known" in reasons(result, skipped=True)["/help/"]


def test_progress_is_told_after_every_page(site: HelpSite, load: Load) -> None:
    site.page("/help/", links=("a", "b"))
    site.page("/help/a", links=("c",))
    site.page("/help/b")
    site.page("/help/c")
    seen: list[tuple[int, int]] = []
    load(progress=lambda done, known: seen.append((done, known)))
    assert seen == [(1, 3), (2, 4), (3, 4), (4, 4)]


def test_an_index_of_sitemaps_is_read_through_with_its_gzipped_parts(site: HelpSite, load: Load) -> None:
    site.sitemap_index("/sitemap.xml", "/maps/en.xml", "/maps/de.xml.gz", "/maps/missing.xml", "/sitemap.xml")
    site.sitemap("/maps/en.xml", "/en/a", "/en/b", lastmod="2026-11-05")
    site.sitemap("/maps/de.xml.gz", "/de/a", "https://other.example/x", zipped=True)
    site.page("/en/a", links=("/en/unlisted",))
    site.page("/en/b")
    site.page("/de/a", language="de")
    site.page("/en/unlisted")
    result = load("/sitemap.xml")
    assert paths(result) == ["/en/a", "/en/b", "/de/a"]
    assert [article.updated for article in result.articles] == [date(2026, 11, 5), date(2026, 11, 5), None]
    assert site.hits == dict.fromkeys(
        ("/sitemap.xml", "/maps/en.xml", "/maps/de.xml.gz", "/maps/missing.xml", "/en/a", "/en/b", "/de/a"), 1
    )
    bad = reasons(result, skipped=True)
    assert bad["/maps/missing.xml"] == "the sitemap answered 404"
    assert "names 1 pages that are not on" in bad["/maps/de.xml.gz"]


def test_a_list_of_addresses_is_a_source_too(site: HelpSite, load: Load) -> None:
    site.put("/pages.txt", f"{site.url}/en/a\n\n{site.url}/en/b\n", "text/plain")
    site.page("/en/a")
    site.page("/en/b")
    assert paths(load("/pages.txt")) == ["/en/a", "/en/b"]


def test_translations_that_only_the_sitemap_knows_are_read_and_joined(site: HelpSite, load: Load) -> None:
    links = "".join(
        f'<x:link rel="alternate" hreflang="{code}" href="{site.url}/{code}/{slug}"/>'
        for code, slug in {"en": "void", "es": "anular"}.items()
    )
    site.put(
        "/sitemap.xml",
        f'<urlset xmlns:x="http://www.w3.org/1999/xhtml"><url><loc>{site.url}/en/void</loc>{links}</url></urlset>',
        "application/xml",
    )
    site.page("/en/void")
    site.page("/es/anular", language="es")
    english, spanish = load("/sitemap.xml").articles
    assert (english.language, spanish.language) == ("en", "es")
    assert english.id == spanish.id == "void"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<!DOCTYPE u [<!ENTITY a 'x'>]><urlset>&a;</urlset>", "XML entity 'a'"),
        ("<urlset><url>", "broken XML"),
        ("<feed></feed>", "outermost element is <feed>"),
        ("<urlset></urlset>", "no usable article on 0 pages"),
    ],
)
def test_a_sitemap_that_is_none_is_an_error(site: HelpSite, load: Load, content: str, reason: str) -> None:
    site.put("/sitemap.xml", content, "application/xml")
    with pytest.raises(SourceError, match=reason):
        load("/sitemap.xml")


def test_a_site_without_a_single_article_is_an_error_that_gives_an_example(site: HelpSite, load: Load) -> None:
    site.put("/help/", '<html><body><a href="a">a</a></body></html>')
    with pytest.raises(SourceError, match=r"no usable article on 2 pages, for example http://127.0.0.1:\d+/help/: "):
        load()
