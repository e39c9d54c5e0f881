"""Which characters a page is made of, whatever it and its server say about it."""

from __future__ import annotations

import pytest

from kb_index.errors import UnusableArticle
from kb_index.loaders.html.tree import decode_html

TEXT = "Prüfung é ñ"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (TEXT.encode("utf-8"), "text/html"),
        (TEXT.encode("utf-8"), "text/html; charset=iso-8859-1"),
        (b"\xef\xbb\xbf" + TEXT.encode("utf-8"), "text/html; charset=latin-1"),
        (TEXT.encode("utf-16"), "text/html; charset=utf-8"),
        (TEXT.encode("iso-8859-1"), 'text/html; Charset="ISO-8859-1"'),
        (TEXT.encode("cp1252"), "text/html; charset=windows-1252"),
    ],
)
def test_characters_are_right_even_where_the_server_names_the_wrong_charset(body: bytes, content_type: str) -> None:
    assert decode_html(body, content_type) == (TEXT, "")


def test_the_charset_of_the_page_counts_when_the_header_has_none() -> None:
    html = f'<meta charset="iso-8859-2"><p>{TEXT}č</p>'.replace("ñ", "")
    assert decode_html(html.encode("iso-8859-2"), "text/html") == (html, "")


@pytest.mark.parametrize(
    ("content_type", "remark"),
    [("text/html; charset=utf-8", "not in the charset it names (utf-8)"), ("text/html", "names no charset"),
     ("text/html; charset=klingon", "not in the charset it names (klingon)"),
     ("text/html; charset=idna", "not in the charset it names (idna)")],
)  # fmt: skip
def test_a_guess_about_characters_is_noted(content_type: str, remark: str) -> None:
    text, said = decode_html(TEXT.encode("cp1252"), content_type)
    assert text == TEXT
    assert remark in said
    assert "windows-1252" in said


def test_binary_data_is_no_page_but_a_stray_zero_is_forgiven() -> None:
    with pytest.raises(UnusableArticle, match="binary data"):
        decode_html(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    assert decode_html(b"<p>" + b"x" * 5_000 + b"\x00</p>")[1] == ""
