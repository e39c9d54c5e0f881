"""Which articles a site has: what is one page at several addresses, what is a translation, where links lead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kb_index.articles import LoadResult
from kb_index.errors import SourceError
from kb_index.links import inbound_links
from kb_index.loaders.web import CrawlSettings, load_site
from tests.fakes.help_site import HelpSite

QUICK = CrawlSettings(crawl_delay_s=0.0, retries=0, timeout_s=2.0)

Load = Callable[..., LoadResult]


@pytest.fixture
def load(site: HelpSite, tmp_path: Path) -> Load:
    """Loads from a path of the site, with QUICK settings and the changes given."""

    def run(path: str = "/help/", **changes: Any) -> LoadResult:
        return load_site(site.url + path, cache=tmp_path, settings=replace(QUICK, **changes))

    return run


def paths(result: LoadResult) -> list[str]:
    return ["/" + article.url.split("/", 3)[3] for article in result.articles]


def reasons(result: LoadResult, *, skipped: bool) -> dict[str, str]:
    return {
        "/" + problem.path.split("/", 3)[3]: problem.reason for problem in result.problems if problem.skipped is skipped
    }


def article(title: str, text: str, head: str = "", language: str = "en") -> str:
    return (
        f'<html lang="{language}"><head><title>{title}</title>{head}</head>'
        f"<body><main><h1>{title}</h1><p>{text}</p></main></body></html>"
    )


def test_a_copy_gives_way_to_the_canonical_page(site: HelpSite, load: Load) -> None:
    site.page("/help/", links=("a?view=print",))
    site.page("/help/a?view=print", head='<link rel="canonical" href="/help/a">')
    site.page("/help/a", head='<link rel="canonical" href="/help/a?utm_source=self">')
    result = load()
    assert paths(result) == ["/help/", "/help/a"]
    assert "the same page as" in reasons(result, skipped=False)["/help/a?view=print"]


def test_four_languages_that_name_each_other_are_one_article(site: HelpSite, load: Load) -> None:
    slugs = {"en": "void-a-check", "es": "anular-un-cheque", "fr": "annuler-un-cheque", "de": "scheck-stornieren"}
    head = "".join(
        f'<link rel="alternate" hreflang="{code}" href="/help/{code}/{slug}">' for code, slug in slugs.items()
    )
    site.page("/help/", links=("en/void-a-check",))
    for code, slug in slugs.items():
        site.page(f"/help/{code}/{slug}", language=code, head=head)
    result = load()
    start, *translations = result.articles
    assert sorted(article.language for article in translations) == ["de", "en", "es", "fr"]
    (shared,) = {article.id for article in translations}
    assert "void-a-check" in shared != start.id


def test_a_page_without_a_language_has_that_of_its_own_hreflang(site: HelpSite, load: Load) -> None:
    head = (
        '<link rel="alternate" hreflang="fr-CA" href="/help/un"><link rel="alternate" hreflang="de" href="/help/ein">'
    )
    site.page("/help/un", language="", head=head)
    (article,) = load("/help/un").articles
    assert article.language == "fr"


def test_translations_outside_of_the_folder_are_mentioned(site: HelpSite, load: Load) -> None:
    site.page("/help/en/", head='<link rel="alternate" hreflang="es" href="/help/es/">')
    site.page("/help/es/", language="es")
    result = load("/help/en/")
    assert paths(result) == ["/help/en/"]
    assert reasons(result, skipped=False) == {"/help/es/": "a translation outside of /help/en/"}
    assert len(load("/help/en/", below="/help/").articles) == 2


def test_pages_that_differ_in_their_query_are_articles_of_their_own(site: HelpSite, load: Load) -> None:
    site.page("/help/", links=("kb?id=1", "kb?id=2"))
    site.page("/help/kb?id=1", title="First")
    site.page("/help/kb?id=2", title="Second")
    result = load()
    assert len({article.id for article in result.articles}) == 3


def test_the_start_may_redirect_and_its_new_folder_counts(site: HelpSite, load: Load) -> None:
    site.redirect("/", "/hc/en/")
    site.page("/hc/en/", links=("a", "/hc/de/a"))
    site.page("/hc/en/a")
    site.page("/hc/de/a", language="de")
    assert paths(load("/")) == ["/hc/en/", "/hc/en/a"]


def test_links_between_articles_lead_to_the_articles_however_they_are_written(site: HelpSite, load: Load) -> None:
    ways = {
        "import/#steps": "directly",
        "/help/import?utm_source=x": "without the slash",
        "old": "by a redirect",
        "moved": "by a page that sends on",
        "import/?print=1": "to a copy",
        "twin": "to another address of the same text",
    }
    links = ", ".join(f'<a href="{href}">{words}</a>' for href, words in ways.items())
    text = f'{links}, <code>](old)</code>, <a href="https://other.example/help/old">elsewhere</a>'
    site.put("/help/", article("Start", text))
    site.redirect("/help/import", "/help/import/")
    site.redirect("/help/old", "/help/older", 302)
    site.redirect("/help/older", "/help/import/", 308)
    site.put("/help/moved", article("Moved", "Moved", '<meta http-equiv="refresh" content="0; url=import/">'))
    canonical = '<link rel="canonical" href="../import">'
    imported = article("Import", 'Import statements, then <a href="../match">match</a> them.', canonical)
    site.put("/help/import/", imported)
    site.put("/help/import/?print=1", imported.replace("<p>", "<p>Print view. "))
    site.put("/help/match", article("Match", "Match the lines."))
    site.put("/help/twin", article("Import", 'Import statements, then <a href="match">match</a> them.'))
    result = load()
    start, *_ = result.articles
    assert paths(result) == ["/help/", "/help/import/", "/help/match"]
    for href, words in ways.items():
        assert f"[{words}]({site.url}/help/import/{'#steps' if '#' in href else ''})" in start.body
    assert "`](old)`" in start.body
    assert "[elsewhere](https://other.example/help/old)" in start.body
    inbound = {found.title: links for found, links in zip(result.articles, inbound_links(result.articles), strict=True)}
    assert inbound["Import"].anchors == list(ways.values())
    assert inbound["Match"].anchors == ["match"]
    assert reasons(result, skipped=True) == {}


def test_a_link_to_an_article_that_is_known_by_an_address_elsewhere_leads_there(site: HelpSite, load: Load) -> None:
    site.put("/help/", article("Start", 'See <a href="void#steps">how to void</a>.'))
    public = '<link rel="canonical" href="https://www.acme.example/help/void">'
    site.put("/help/void", article("Void", "Void the check.", public))
    start, _ = load().articles
    assert "[how to void](https://www.acme.example/help/void#steps)" in start.body


def test_one_canonical_address_on_all_pages_is_a_mistake_of_the_template(site: HelpSite, load: Load) -> None:
    head = '<link rel="canonical" href="/help/">'
    site.page("/help/", head=head, links=("a", "b", "c"))
    for name in "abc":
        site.page(f"/help/{name}", head=head)
    assert paths(load()) == ["/help/", "/help/a", "/help/b", "/help/c"]


def test_the_default_language_may_be_named_only_as_that(site: HelpSite, load: Load) -> None:
    head = (
        '<link rel="alternate" hreflang="x-default" href="/help/void">'
        '<link rel="alternate" hreflang="de" href="/help/de/storno">'
    )
    site.page("/help/void", head=head)
    site.page("/help/de/storno", head=head, language="de")
    assert {(article.language, article.id) for article in load("/help/void").articles} == {
        ("en", "help.void"), ("de", "help.void"),
    }  # fmt: skip


def test_a_chooser_of_languages_is_no_translation(site: HelpSite, load: Load) -> None:
    site.page("/help/", links=("a", "b"))
    for name in "ab":
        site.page(f"/help/{name}", head='<link rel="alternate" hreflang="x-default" href="/help/">')
    assert [article.id for article in load().articles] == ["help", "help.a", "help.b"]


def test_a_page_of_its_own_title_tag_on_all_pages_is_called_by_its_headline(site: HelpSite, load: Load) -> None:
    for path, name in {"/help/": "Overview", "/help/a": "Void a check"}.items():
        html = article(name, '<a href="a">More</a> of the text.').replace(f"<title>{name}", "<title>Acme Support")
        site.put(path, html)
    assert [article.title for article in load().articles] == ["Overview", "Void a check"]


def log_in(number: int) -> str:
    return article("Log in", f'Please log in. <a href="/forgot?next={number}">Forgot your password?</a>')


def test_a_site_that_shows_a_login_on_every_page_replaces_nothing(site: HelpSite, load: Load) -> None:
    site.page("/help/", links=tuple(f"p{number}" for number in range(6)))
    for number in range(6):
        site.put(f"/help/p{number}", log_in(number))
    with pytest.raises(SourceError, match=r"6 of 7 pages show the same text, 'Log in', .*is a login needed"):
        load()
    assert paths(load(allow_shrink=True)) == ["/help/", "/help/p0"]


def test_a_site_that_redirects_every_page_to_a_login_replaces_nothing(site: HelpSite, load: Load) -> None:
    pages = [f"/help/p{number}" for number in range(6)]
    site.sitemap("/sitemap.xml", *pages)
    for number, page in enumerate(pages):
        site.redirect(page, f"/login?next={page}", 302)
        site.put(f"/login?next={page}", log_in(number))
    with pytest.raises(SourceError, match="6 of 6 pages show the same text"):
        load("/sitemap.xml")


def test_a_start_that_redirects_out_of_its_folder_is_not_followed_over_the_whole_host(
    site: HelpSite, load: Load
) -> None:
    site.redirect("/help/", "/login")
    site.put("/login", log_in(0))
    with pytest.raises(SourceError, match=r"redirects to .*/login, outside of /help/; if that is right, give that"):
        load()
