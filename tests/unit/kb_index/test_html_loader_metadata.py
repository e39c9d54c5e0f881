"""What a page says about itself, in the many ways pages have of saying it."""

from __future__ import annotations

from datetime import date

import pytest

from kb_index.articles import Article, is_article_id
from kb_index.loaders.article_ids import article_id_from, language_in
from kb_index.loaders.html import article_from_html

URL = "https://help.example/en/docs/void-a-check"


def read(
    head: str = "<title>T</title>", body: str = "<p>Text</p>", url: str = URL, lang: str = ' lang="en"'
) -> Article:
    html = f"<html{lang}><head>{head}</head><body>{body}</body></html>"
    return article_from_html(html, source="page", url=url, fallback_id="file")


@pytest.mark.parametrize(
    ("head", "headline", "title"),
    [
        ("<title>Void a check</title>", "", "Void a check"),
        ("<title>Void a check | Acme Help</title>", "Void a check", "Void a check"),
        ("<title>Void a check - Acme Help</title>", "Void a check", "Void a check"),
        ("<title>Acme Help – Void a check</title>", "Void a check", "Void a check"),
        ("<title>Payments - Void - Acme</title>", "Payments - Void", "Payments - Void"),
        ("<title>Payments - void a check</title>", "", "Payments - void a check"),
        ("<title>Void a check - Acme</title><meta property=og:site_name content=Acme>", "", "Void a check"),
        ("<title>Acme: Void a check</title><meta property=og:site_name content=Acme>", "", "Void a check"),
        ("<title>x</title><meta property=og:title content='Void a check'>", "Void it", "Void a check"),
        ("<title>Void | it: now</title>", "Void something", "Void | it: now"),
        ("<title>Acme Help Center</title>", "Void a check", "Void a check"),
        ("<title>Acme</title><meta property=og:site_name content=Acme>", "Void a check", "Void a check"),
        ("", "Void a check", "Void a check"),
        ("<title>\n  Void\n  a check </title>", "", "Void a check"),
    ],
)
def test_the_title_is_the_articles_own_without_the_sites_name(head: str, headline: str, title: str) -> None:
    assert read(head, f"<main>{f'<h1>{headline}</h1>' if headline else ''}<p>Text</p></main>").title == title


def test_a_headline_outside_the_article_is_the_name_of_the_site_when_it_stands_behind_the_title() -> None:
    body = "<div id=bar><h1>The manual</h1></div><main><h2>Void a check</h2><p>Text</p></main>"
    assert read("<title>Void a check - The manual</title>", body).title == "Void a check"


@pytest.mark.parametrize(
    ("lang", "head", "url", "language"),
    [
        (' lang="de-AT"', "", URL, "de"),
        (' lang="ES_mx"', "", URL, "es"),
        (' xml:lang="fr"', "", URL, "fr"),
        ("", '<meta http-equiv="Content-Language" content="de-DE, en">', URL, "de"),
        ("", '<meta property="og:locale" content="es_419">', URL, "es"),
        ("", "", "https://help.example/hc/fr-ca/articles/1", "fr"),
    ],
)
def test_the_language_is_that_of_the_page_its_head_or_its_address(
    lang: str, head: str, url: str, language: str
) -> None:
    assert read(f"<title>T</title>{head}", url=url, lang=lang).language == language


@pytest.mark.parametrize(
    ("head", "body", "day"),
    [
        ('<meta property="article:modified_time" content="2026-03-04T23:30:00-08:00">', "", date(2026, 3, 4)),
        ('<script type="application/ld+json">[{"dateModified": "2026-03-04"}]</script>', "", date(2026, 3, 4)),
        ('<script type="application/ld+json">{"@graph": [{"dateModified": "x"}, {"a": {"dateModified": '
         '"2026-03-04T01:02:03Z"}}]}</script>', "", date(2026, 3, 4)),
        ('<script type="application/ld+json">{broken</script>', "", None),
        ('<script type="application/ld+json">' + "[" * 100_000 + "</script>", "", None),
        ("", '<time datetime="2020-01-01">published</time><p>Last updated on <time datetime="2026-03-04">x</time>',
         date(2026, 3, 4)),
        ("", '<time datetime="2020-01-01">a</time> <span>Stand: <time datetime="2026-03-04T00:00">x</time></span>',
         date(2026, 3, 4)),
        ("", '<time datetime="2026-03-04">4 March</time>', date(2026, 3, 4)),
        ("", '<time datetime="2026-02-31">never</time><time datetime="PT2H">two hours</time>', None),
        ("", "", None),
    ],
)  # fmt: skip
def test_the_date_is_that_of_the_last_change(head: str, body: str, day: date | None) -> None:
    assert read(f"<title>T</title>{head}", f"<main><p>Text</p>{body}</main>").updated == day


@pytest.mark.parametrize(
    ("canonical", "address"),
    [
        ("https://help.example/en/docs/void-a-check/", "https://help.example/en/docs/void-a-check/"),
        ("/en/docs/void", "https://help.example/en/docs/void"),
        ("https://www.acme.example/en/void", "https://www.acme.example/en/void"),
        ("https://help.example/", URL),
        ("https://help.example/de/docs/void-a-check", URL),
        ("javascript:void(0)", URL),
        ("http://[broken", URL),
        ("", URL),
    ],
)
def test_the_address_is_the_canonical_one_unless_that_is_of_another_page(canonical: str, address: str) -> None:
    assert read(f'<title>T</title><link rel="canonical" href="{canonical}">').url == address


@pytest.mark.parametrize(
    ("head", "url", "target"),
    [
        (
            '<link rel="canonical" href="/en/bank">',
            "https://help.example/en/bank/",
            "https://help.example/en/bank/import",
        ),
        ('<base href="/en/">', "https://help.example/en/x/y", "https://help.example/en/import"),
        ('<base href="http://[broken">', "https://help.example/en/y", "https://help.example/en/import"),
        ('<link rel="canonical" href="https://help.example/en/y">', "", "https://help.example/en/import"),
        ("", "", "import"),
    ],
)
def test_links_lead_where_they_lead_on_the_page_itself(head: str, url: str, target: str) -> None:
    article = read(f"<title>T</title>{head}", '<main><p>See <a href="import">how to import</a>.</p></main>', url)
    assert f"[how to import]({target})" in article.body


@pytest.mark.parametrize(
    ("head", "body", "article_id"),
    [
        ('<meta name="article-id" content="KB 42">', "", "KB-42"),
        ("", '<div data-article-id="4711">x</div>', "4711"),
        ('<link rel="canonical" href="/en/docs/void">', "", "docs.void"),
        ("", "", "docs.void-a-check"),
    ],
)
def test_the_id_is_the_pages_own_or_made_of_its_address(head: str, body: str, article_id: str) -> None:
    assert read(f"<title>T</title>{head}", f"<p>Text</p>{body}").id == article_id


def test_what_only_the_reader_of_the_page_knows_counts_when_the_page_is_silent() -> None:
    known = {"fallback_language": "fr", "fallback_updated": date(2026, 1, 2)}
    silent = article_from_html("<title>T</title><p>Texte</p>", source="s", fallback_id="a", **known)  # type: ignore[arg-type]
    assert (silent.language, silent.audience, silent.updated, silent.id) == ("fr", "", date(2026, 1, 2), "a")
    head = "<html lang=en><title>T</title><meta name=audience content=all><meta name=date content=x><p>Text</p>"
    telling = article_from_html(head, source="s", fallback_id="a", **known)  # type: ignore[arg-type]
    assert (telling.language, telling.audience) == ("en", "all")


@pytest.mark.parametrize(
    ("addresses", "article_id"),
    [
        (("https://h.example/hc/en-us/articles/360012345671-Void-a-check",
          "https://h.example/hc/de/articles/360012345671-Einen-Scheck-entwerten",
          "https://h.example/hc/en-us/articles/360012345671"), "360012345671"),
        (("https://h.example/docs/bank/import/", "https://h.example/de/docs/bank/import/",
          "https://h.example/de/docs/bank/import/index.html"), "docs.bank.import"),
        (("en/bank/import.html", "es-mx/bank/import.htm", "fr/bank/import.md"), "bank.import"),
        (("/kb.php?id=12&lang=en", "/kb.php?id=12&lang=de"), "kb.id-12"),
        (("/caf%C3%A9/Stra%C3%9Fe",), "cafe.Strasse"),
        (("https://h.example/", "https://h.example/de/", "https://h.example"), "home"),
        (("/2026-news/a b+c",), "2026-news.a-b-c"),
    ],
)  # fmt: skip
def test_translations_of_an_article_get_one_id_from_their_addresses(
    addresses: tuple[str, ...], article_id: str
) -> None:
    assert {article_id_from(address) for address in addresses} == {article_id}


def test_ids_made_of_addresses_are_legal_and_differ_where_the_addresses_do() -> None:
    addresses = [
        "/" + "long-" * 60 + "a",
        "/" + "long-" * 60 + "b",
        "/日本",
        "/中国",
        "/...",
        "http://[x/y",
        "/a/b",
        "/a-b",
    ]
    ids = [article_id_from(address) for address in addresses]
    assert all(map(is_article_id, ids))
    assert len(set(ids)) == len(addresses)


@pytest.mark.parametrize(
    ("address", "language"),
    [
        ("/hc/en-us/articles/1", "en"),
        ("/de/x", "de"),
        ("/docs/ES/x", "es"),
        ("/it/x", ""),
        ("/details/x", ""),
        ("", ""),
    ],
)
def test_the_language_of_an_address_is_that_of_its_folder(address: str, language: str) -> None:
    assert language_in(address) == language
