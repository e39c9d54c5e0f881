from __future__ import annotations

import pytest

from kb_index.loaders.web.addresses import Site
from kb_index.loaders.web.page import PageFacts, read_page

ADDRESS = "https://h.example/en/a"
SITE = Site.around(ADDRESS)


def read(head: str = "", body: str = "", robots_tag: str = "") -> PageFacts:
    return read_page(f"<html><head>{head}</head><body>{body}</body></html>", ADDRESS, SITE, robots_tag)


def test_links_are_those_to_pages_of_the_host_each_once() -> None:
    body = (
        '<a href="b">b</a> <a href="/de/c#x">c</a> <a href="b#steps">b</a> <a href="https://other.example/">o</a>'
        '<a href="mailto:x@h.example">m</a> <a href="javascript:go()">j</a> <a>none</a> <map><area href="d"></map>'
    )
    assert read(body=body).links == (
        "https://h.example/en/b",
        "https://h.example/de/c",
        "https://h.example/en/d",
    )


def test_links_marked_nofollow_are_left_alone() -> None:
    assert read(body='<a rel="noopener NoFollow" href="b">b</a><a href="c">c</a>').links == ("https://h.example/en/c",)


def test_a_base_changes_where_links_lead() -> None:
    assert read('<base href="/x/">', '<a href="b">b</a>').links == ("https://h.example/x/b",)
    assert read('<base href="https://other.example/">', '<a href="b">b</a>').links == ()


@pytest.mark.parametrize(
    ("head", "robots_tag", "noindex", "follows"),
    [
        ("", "", False, True),
        ('<meta name="robots" content="index, follow">', "", False, True),
        ('<meta name="ROBOTS" content="NoIndex">', "", True, True),
        ('<meta name="robots" content="nofollow">', "", False, False),
        ('<meta name="frontdeskbot" content="none">', "", True, False),
        ('<meta name="otherbot" content="none">', "", False, True),
        ("", "noindex", True, True),
        ("", "otherbot: noindex, nofollow", False, True),
        ("", "otherbot: nofollow, frontdeskbot: noindex", True, True),
        ("", "unavailable_after: 25 Jun 2030 15:00:00 PST, noindex", True, True),
        ("", "max-snippet: 20", False, True),
    ],
)
def test_what_a_page_says_about_being_indexed_is_obeyed(
    head: str, robots_tag: str, noindex: bool, follows: bool
) -> None:
    facts = read(head, '<a href="b">b</a>', robots_tag)
    assert facts.noindex is noindex
    assert bool(facts.links) is follows


def test_the_address_it_wants_to_be_known_by_and_its_translations_are_read() -> None:
    facts = read(
        '<link rel="canonical" href="/en/a-new-name?utm_source=x"><link rel="alternate" hreflang="es-MX" href="/es/a">'
        '<link rel="alternate" hreflang="x-default" href="/en/start">'
        '<link rel="alternate" type="application/rss+xml" href="/f">'
        '<link rel="alternate" hreflang="de" href="https://other.example/de/a"><link rel="stylesheet" href="/s">'
    )
    assert facts.canonical == "https://h.example/en/a-new-name"
    assert facts.alternates == {"https://h.example/es/a", "https://h.example/en/start"}


def test_a_canonical_address_on_another_host_is_not_ours_to_follow() -> None:
    assert read('<link rel="canonical" href="https://other.example/a">').canonical == ""


@pytest.mark.parametrize(
    ("head", "target"),
    [
        ('<meta http-equiv="refresh" content="0; url=/en/new">', "https://h.example/en/new"),
        ("<meta http-equiv=Refresh content=\"0;URL='new'\">", "https://h.example/en/new"),
        ('<meta http-equiv="refresh" content="0; url=https://other.example/">', "https://other.example/"),
        ('<meta http-equiv="refresh" content="30; url=/en/new">', ""),
        ('<meta http-equiv="refresh" content="0">', ""),
        ('<meta http-equiv="refresh" content="0; url=http://[broken">', ""),
        ('<noscript><meta http-equiv="refresh" content="0; url=/no-script"></noscript>', ""),
        ('<meta name="refresh" content="0; url=/en/new">', ""),
    ],
)
def test_a_page_that_only_sends_its_readers_on_says_where(head: str, target: str) -> None:
    assert read(head).moved_to == target
