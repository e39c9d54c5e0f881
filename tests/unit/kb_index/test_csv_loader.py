from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from kb_index.articles import MAX_BODY_CHARACTERS, LoadResult
from kb_index.errors import SourceError
from kb_index.loaders import load_sources
from kb_index.loaders.csv_file import is_html

HEADER = "id,language,title,body"


def load(folder: Path, content: str | bytes) -> LoadResult:
    path = folder / "help.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load_sources([path])


def test_a_row_with_all_columns_becomes_an_article(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        "id,language,title,description,updated,audience,url,body\n"
        "void,en,Void a check,How to void one,2026-10-16,customers,https://help.example/void,"
        '"# Void a check\n\nOpen it."\n',
    )
    (article,) = loaded.articles
    assert (article.id, article.language, article.title) == ("void", "en", "Void a check")
    assert (article.description, article.audience) == ("How to void one", "customers")
    assert (article.updated, article.url) == (date(2026, 10, 16), "https://help.example/void")
    assert article.body == "# Void a check\n\nOpen it."
    assert article.source == f"{tmp_path / 'help.csv'}: line 2"
    assert loaded.problems == []


@pytest.mark.parametrize(
    "content",
    [
        "id,language,title,body\r\na,de,Über Schecks,Text\r\n",
        "\ufeffid;language;title;body\na;de;Über Schecks;Text\n",
        'ID ;Language;"Title";BODY\r\n\r\na;DE-at;"Über Schecks";"Text"',
        "body,title,language,id\nText,Über Schecks,de,a\n,,,\n",
    ],
)
def test_the_file_may_come_from_any_spreadsheet(tmp_path: Path, content: str) -> None:
    loaded = load(tmp_path, content)
    assert [(a.id, a.language, a.title, a.body) for a in loaded.articles] == [("a", "de", "Über Schecks", "Text")]
    assert loaded.problems == []


def test_a_body_may_be_html(tmp_path: Path) -> None:
    loaded = load(tmp_path, HEADER + '\na,en,Title,"<p>Text</p><h2 id=""s"">Steps</h2><ol><li>Open it.</li></ol>"\n')
    assert loaded.articles[0].body == "# Title\n\nText\n\n## Steps {#s}\n\n1. Open it."


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("<p>Text</p>", True),
        ("  <div class='x'>Text</div>\n# not a heading", True),
        ("<!doctype html><html><body>Text</body></html>", True),
        ("Text before <p>a paragraph</p>", True),
        ("<b>Only</b> a word", True),
        ("Just text", False),
        ("5 < 6 and <b>this</b>", False),
        ("# Title\n\n<p>A paragraph</p>", False),
        ("- <br>a\n- b", False),
        ("<a name='x'></a>\n# Title\n\nText", False),
        ("", False),
    ],
)
def test_html_is_told_from_markdown_by_its_blocks(body: str, html: bool) -> None:
    assert is_html(body) == html


def test_bad_rows_are_listed_with_the_line_they_begin_in_and_the_rest_is_loaded(tmp_path: Path) -> None:
    rows = [
        HEADER,
        'a,en,"Two\nlines",Text',
        ",en,No id,Text",
        "b,en,,Text",
        "c,it,Italian,Text",
        "d,en,Empty,",
        "e,en,Too few",
        "f,en,Too,many,fields",
        "g/g,en,Bad id,Text",
        'h,en,"Quoted" badly,Text',
        f"i,en,Long,{'x' * 5_000_000}",
        "j,en,Good,Text",
    ]
    loaded = load(tmp_path, "\n".join(rows))
    assert [(article.id, article.title) for article in loaded.articles] == [("a", "Two lines"), ("j", "Good")]
    path = tmp_path / "help.csv"
    found = {problem.path.removeprefix(f"{path}: line "): problem.reason for problem in loaded.problems}
    assert list(found) == ["4", "5", "6", "7", "8", "9", "10", "11", "12"]
    reasons = ["lacks an id", "lacks a title", "unknown language 'it'", "has no text", "has 3 fields", "has 5 fields",
               "'g/g' may hold only", "cannot be read", f"{MAX_BODY_CHARACTERS:,} at most"]  # fmt: skip
    assert all(part in reason for part, reason in zip(reasons, found.values(), strict=True))
    assert all(problem.skipped for problem in loaded.problems)


def test_a_quote_that_is_never_closed_does_not_lose_the_rows_before_it(tmp_path: Path) -> None:
    loaded = load(tmp_path, HEADER + '\na,en,Good,Text\nb,en,"Never closed,Text\nc,en,Swallowed,Text\n')
    assert [article.id for article in loaded.articles] == ["a"]
    assert [(problem.path[-6:], problem.reason) for problem in loaded.problems] == [
        ("line 3", "cannot be read: unexpected end of data")
    ]


def test_a_date_that_is_none_and_columns_that_mean_nothing_here_are_noted(tmp_path: Path) -> None:
    loaded = load(tmp_path, HEADER + ",updated,author\na,en,Title,Text,soon,Robin\n")
    assert loaded.articles[0].updated is None
    assert [problem.skipped for problem in loaded.problems] == [False, False]
    assert "author" in loaded.problems[0].reason
    assert "'soon' is no date" in loaded.problems[1].reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("id,language,titel,body\na,en,T,x", "there is no column title; the header has id, language, titel, body"),
        ("id,title\na,T", "there is no column language, body"),
        ("", "there is no column id, language, title, body; the header has none"),
        ("id,id,language,title,body\n", "the column id is there twice"),
        ('"id,language,title,body\n', "broken header row|no column"),
        (b"id,language,title,body\na,en,\xfcber,x", "not UTF-8: byte 0xfc at offset 28; save it as UTF-8"),
    ],
)
def test_a_file_without_its_columns_or_in_another_charset_is_refused(
    tmp_path: Path, content: str | bytes, reason: str
) -> None:
    with pytest.raises(SourceError, match=reason):
        load(tmp_path, content)


def test_the_limit_of_the_csv_module_is_as_before_afterwards(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    load(tmp_path, f"{HEADER}\na,en,Title,{'x' * 500_000}\n")
    assert csv.field_size_limit() == before
