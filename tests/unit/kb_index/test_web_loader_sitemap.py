from __future__ import annotations

import gzip
import tracemalloc
import zlib
from datetime import date

import pytest

from kb_index.loaders.web.inflate import BadGzip, TooLarge, gunzip
from kb_index.loaders.web.sitemap import BadSitemap, looks_like_sitemap, parse_sitemap

LIMIT = 1_000_000
NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
ONE = f'<?xml version="1.0" encoding="UTF-8"?><urlset {NAMESPACE}><url><loc>https://h.example/a</loc></url></urlset>'


def addresses(content: bytes) -> list[str]:
    return [entry.address for entry in parse_sitemap(content, max_bytes=LIMIT).pages]


def test_pages_come_with_the_day_they_changed() -> None:
    entries = "".join(
        f"<url>\n <loc> https://h.example/{name}?x=1&amp;y=2 </loc>\n <lastmod>{changed}</lastmod></url>"
        for name, changed in [("a", "2026-11-05"), ("b", "2026-11-05T08:30:00+01:00"), ("c", "soon"), ("d", "2026")]
    )
    sitemap = parse_sitemap(f"<urlset {NAMESPACE}>{entries}</urlset>".encode(), max_bytes=LIMIT)
    assert [entry.address for entry in sitemap.pages] == [f"https://h.example/{name}?x=1&y=2" for name in "abcd"]
    assert [entry.changed for entry in sitemap.pages] == [date(2026, 11, 5), date(2026, 11, 5), None, None]


def test_an_index_names_further_sitemaps() -> None:
    content = f"<sitemapindex {NAMESPACE}><sitemap><loc>https://h.example/1.xml</loc></sitemap></sitemapindex>"
    sitemap = parse_sitemap(content.encode(), max_bytes=LIMIT)
    assert sitemap.sitemaps == ["https://h.example/1.xml"]
    assert sitemap.pages == []


def test_the_other_languages_of_a_page_are_read_and_the_language_chooser_is_not_one() -> None:
    links = "".join(
        f'<x:link rel="alternate" hreflang="{code}" href="https://h.example/{code}/a"/>'
        for code in ("en", "es", "x-default")
    )
    content = (
        f'<urlset {NAMESPACE} xmlns:x="http://www.w3.org/1999/xhtml"><url><loc>https://h.example/en/a</loc>{links}</url>'
        "</urlset>"
    )
    (entry,) = parse_sitemap(content.encode(), max_bytes=LIMIT).pages
    assert entry.alternates == ["https://h.example/en/a", "https://h.example/es/a"]


def test_pictures_listed_beside_a_page_are_not_pages() -> None:
    image = "<i:image><i:loc>https://h.example/a.png</i:loc></i:image>"
    content = ONE.replace("<urlset", '<urlset xmlns:i="http://www.google.com/schemas/sitemap-image/1.1"')
    assert addresses(content.replace("</loc>", f"</loc>{image}").encode()) == ["https://h.example/a"]


def test_a_sitemap_without_a_namespace_is_understood() -> None:
    assert addresses(ONE.replace(NAMESPACE, "").encode()) == ["https://h.example/a"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_other_encodings_are_understood(encoding: str) -> None:
    assert addresses(ONE.replace("UTF-8", encoding.removesuffix("-sig")).encode(encoding)) == ["https://h.example/a"]


def test_a_gzipped_sitemap_is_recognised_by_its_content() -> None:
    packed = gzip.compress(ONE.encode())
    assert looks_like_sitemap(packed, "application/octet-stream")
    assert addresses(packed) == ["https://h.example/a"]


def test_a_list_of_addresses_is_a_sitemap_too() -> None:
    content = b"\xef\xbb\xbfhttps://h.example/a\r\n\r\nHTTPS://h.example/b\n"
    assert looks_like_sitemap(content, "text/plain")
    assert addresses(content) == ["https://h.example/a", "HTTPS://h.example/b"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<urlset><url></urlset>", r"broken XML: mismatched tag \(line 1\)"),
        (b"<urlset>", "broken XML"),
        (b"<rss version='2.0'></rss>", "outermost element is <rss>"),
        (b"Welcome to our help center", "line 1 is 'Welcome to our help center'"),
        (b"\x89PNG\r\n\x1a\n", "neither XML nor a list"),
        (gzip.compress(ONE.encode())[:-12], "cut off"),
        (b"\x1f\x8b not really", "damaged"),
        (b"<urlset>" * 100_000, "nested more than 20 deep"),
    ],
)
def test_what_is_no_sitemap_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    with pytest.raises(BadSitemap, match=reason):
        parse_sitemap(content, max_bytes=LIMIT)


def test_a_billion_laughs_are_refused_before_the_first() -> None:
    entities = '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    content = f"<!DOCTYPE urlset [{entities}]><urlset><url><loc>&l9;</loc></url></urlset>"
    with pytest.raises(BadSitemap, match="XML entity 'l0'"):
        parse_sitemap(content.encode(), max_bytes=LIMIT)


@pytest.mark.parametrize("kind", ['SYSTEM "file:///etc/passwd"', 'SYSTEM "http://127.0.0.1:9/x"', '"text"'])
def test_no_entity_reads_a_file_or_an_address(kind: str) -> None:
    content = f"<!DOCTYPE urlset [<!ENTITY secret {kind}>]><urlset><url><loc>&secret;</loc></url></urlset>"
    with pytest.raises(BadSitemap, match="entity 'secret'"):
        parse_sitemap(content.encode(), max_bytes=LIMIT)


def test_a_gzip_bomb_is_stopped_at_the_limit_and_never_held_in_memory() -> None:
    bomb = gzip.compress(b" " * 200_000_000, compresslevel=1)
    tracemalloc.start()
    try:
        with pytest.raises(BadSitemap, match="larger than 1,000,000 bytes"):
            parse_sitemap(bomb, max_bytes=LIMIT)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000


def test_gzip_in_small_pieces_and_several_members_is_joined() -> None:
    packed = gzip.compress(b"one ") + gzip.compress(b"two")
    assert gunzip((packed[n : n + 3] for n in range(0, len(packed), 3)), 7) == b"one two"


def test_gzip_just_over_the_limit_is_too_large_and_just_at_it_is_not() -> None:
    packed = gzip.compress(b"x" * 100)
    assert gunzip([packed], 100) == b"x" * 100
    with pytest.raises(TooLarge):
        gunzip([packed], 99)


def test_bytes_after_the_end_of_gzip_are_damage() -> None:
    with pytest.raises(BadGzip):
        gunzip([gzip.compress(b"x") + zlib.compress(b"y")], 100)


@pytest.mark.parametrize(
    ("content", "media_type", "is_sitemap"),
    [
        (b"<!doctype html><html>", "text/html", False),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">', "application/xhtml+xml", False),
        (ONE.encode(), "text/html", True),
        (ONE.encode(), "text/xml", True),
    ],
)
def test_a_page_is_told_from_a_sitemap_whatever_the_server_calls_it(
    content: bytes, media_type: str, is_sitemap: bool
) -> None:
    assert looks_like_sitemap(content, media_type) is is_sitemap
