from __future__ import annotations

import pytest

from kb_index.errors import SourceError
from kb_index.loaders.web.addresses import (
    BadAddress,
    Site,
    canonical,
    endless_shape,
    is_runaway,
    names_other_file,
    source_address,
)

PAGE = "https://help.example/hc/en/articles/void-a-check"


@pytest.mark.parametrize(
    "spelling",
    [
        "HTTPS://Help.Example/hc/en/articles/void-a-check",
        "https://help.example:443/hc/en/articles/void-a-check#steps",
        "https://help.example/hc/en/./x/../articles/void%2Da-check",
        "https://help.example/hc/en/articles/void-a-check?utm_source=mail&utm_campaign=x&gclid=1",
        "https://help.example/hc/en/articles/void-a-check;jsessionid=0A1B?PHPSESSID=77",
        " https://help.example/hc/en/articles/void-a-check?\n",
    ],
)
def test_one_page_has_one_spelling(spelling: str) -> None:
    assert canonical(spelling) == PAGE


@pytest.mark.parametrize(
    ("link", "page"),
    [
        ("void-a-check", PAGE),
        ("./void-a-check#top", PAGE),
        ("/hc/en/articles/void-a-check", PAGE),
        ("//help.example/hc/en/articles/void-a-check", PAGE),
        ("?b=2&a=1", "https://help.example/hc/en/articles/start?a=1&b=2"),
        ("añadir%c3%b1", "https://help.example/hc/en/articles/a%C3%B1adir%C3%B1"),
        ("https://help.example", "https://help.example/"),
        ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
    ],
)
def test_links_are_resolved_against_the_page_that_holds_them(link: str, page: str) -> None:
    assert canonical(link, "https://help.example/hc/en/articles/start") == page


def test_a_query_that_means_something_stays() -> None:
    assert canonical("http://help.example/kb?id=12&utm_medium=x&lang=de") == "http://help.example/kb?id=12&lang=de"


@pytest.mark.parametrize(
    "address",
    [
        *("ftp://help.example/a", "file:///etc/passwd", "javascript:void(0)", "mailto:a@help.example"),
        *("help.example", "", "http://", "http://[broken/a", "http://help.example:port/"),
    ],
)
def test_what_is_no_web_address_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        canonical(address)


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(SourceError, match="user name or password") as caught:
        source_address("https://ada:s3cret@help.example/")
    assert "s3cret" not in str(caught.value)


def test_a_wrong_address_is_named_in_the_refusal() -> None:
    with pytest.raises(SourceError, match=r"gopher://help\.example/1"):
        source_address("gopher://help.example/1")


@pytest.mark.parametrize(
    ("start", "wanted", "unwanted"),
    [
        ("https://help.example/hc/en/start", "https://help.example/hc/en/a/b", "https://help.example/hc/de/a"),
        ("https://help.example/hc/en/", "https://help.example/hc/en/a", "https://help.example/hc/english"),
        ("https://help.example/hc", "https://help.example/anything", None),
    ],
)
def test_a_site_is_the_folder_of_its_start_page(start: str, wanted: str, unwanted: str | None) -> None:
    site = Site.around(start)
    assert site.wants(wanted)
    assert unwanted is None or not site.wants(unwanted)


def test_the_folder_can_be_given() -> None:
    site = Site.around("https://help.example/hc/en/start", below="/hc/")
    assert site.wants("https://help.example/hc/de/a")
    assert not site.wants("https://help.example/blog")


@pytest.mark.parametrize(
    "address",
    [
        "https://www.help.example/a",
        "https://help.example.evil.example/a",
        "https://help.example:8443/a",
        "http://help.example:8080/a",
        "https://ada@help.example/a",
        "mailto:help@help.example",
    ],
)
def test_other_hosts_ports_and_kinds_of_addresses_are_not_of_the_site(address: str) -> None:
    assert Site.around("https://help.example/").page(address) is None


def test_http_links_of_an_https_site_are_spelled_with_https() -> None:
    site = Site.around("https://help.example/")
    assert site.page("http://help.example/a") == "https://help.example/a"


def test_a_redirect_from_http_to_https_leads_to_https() -> None:
    assert Site.around("http://help.example/").target("https://help.example/a") == "https://help.example/a"


@pytest.mark.parametrize(
    ("address", "shape"),
    [
        ("https://help.example/calendar/2026/11", "/calendar/#/#"),
        ("https://help.example/events/2026-11-05", "/events/#-#-#"),
        ("https://help.example/list?sort=up&page=7", "/list?page&sort"),
        ("https://help.example/kb?id=12", "/kb?id"),
        ("https://help.example/articles/360012345", ""),
        ("https://help.example/v2/articles/360012345", ""),
        ("https://help.example/articles/void-a-check", ""),
    ],
)
def test_calendars_and_filters_have_a_shape_and_numbered_articles_have_none(address: str, shape: str) -> None:
    assert endless_shape(address) == shape


def test_addresses_that_repeat_themselves_or_never_end_are_recognised() -> None:
    assert is_runaway("https://help.example/a/b/a/b/a/b/a/b")
    assert is_runaway("https://help.example/" + "x" * 2_000)
    assert not is_runaway("https://help.example/en/billing/en/refunds")


def test_pictures_and_documents_are_told_by_their_path_alone() -> None:
    assert names_other_file("https://help.example/manual.PDF?download=1")
    assert not names_other_file("https://help.example/export-a.pdf-file")
    assert not names_other_file("https://help.example/index.html")
