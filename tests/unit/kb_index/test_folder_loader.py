from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from kb_index.articles import MAX_BODY_CHARACTERS
from kb_index.loaders import load_sources

MARKDOWN = "---\nid: {id}\nlanguage: {language}\ntitle: Title\n---\nBody\n"


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def page(title: str = "Title", body: str = "<p>Text</p>", lang: str = "en") -> str:
    return f'<html lang="{lang}"><head><title>{title}</title></head><body>{body}</body></html>'


def test_a_folder_may_mix_markdown_and_html(tmp_path: Path) -> None:
    write(tmp_path, "b.md", MARKDOWN.format(id="b", language="en"))
    first = write(tmp_path, "a.html", page("First"))
    write(tmp_path, "c.HTM", page("Third"))
    for other in ("notes.txt", "style.css", "data.json", ".hidden.html", ".git/x.html"):
        write(tmp_path, other, page())
    loaded = load_sources([tmp_path])
    assert [article.id for article in loaded.articles] == ["a", "b", "c"]
    assert (loaded.articles[0].source, loaded.articles[0].url) == (str(first), "")
    assert loaded.problems == []


def test_html_files_in_folders_of_languages_are_translations_of_each_other(tmp_path: Path) -> None:
    write(tmp_path, "en/bank/import.html", page())
    write(tmp_path, "de/bank/import.html", page(lang="de"))
    write(tmp_path, "es/bank/import.html", page().replace(' lang="en"', ""))
    articles = load_sources([tmp_path]).articles
    assert {(article.language, article.id) for article in articles} == {
        (language, "bank.import") for language in ("en", "de", "es")
    }


def test_links_from_file_to_file_lead_to_the_articles_made_of_them(tmp_path: Path) -> None:
    ways = {
        "../void%20a.html#steps": "up",
        "/en/void%20a.html": "from the root",
        "./../bank/import.html": "itself",
        "match/": "a folder",
        "../../de/bank/import.html": "a translation",
        "missing.html": "nowhere",
        "../../../outside.html": "out of the folder",
        "https://other.example/en/void%20a.html": "another site",
        "#here": "the page",
    }
    links = " ".join(f'<a href="{href}">{words}</a>' for href, words in ways.items())
    write(tmp_path, "en/bank/import.html", page("Import", f"<p>{links} and text.</p>"))
    write(tmp_path, "en/bank/match/index.html", page('Match</title><meta name="article-id" content="m-1">'))
    write(tmp_path, "en/void a.html", page("Void"))
    write(tmp_path, "de/bank/import.html", page("Importieren", lang="de"))
    body = next(article.body for article in load_sources([tmp_path]).articles if article.title == "Import")
    assert re.findall(r"\]\((.*?)\)", body) == [
        "/articles/en/void-a#steps",
        "/articles/en/void-a",
        "/articles/en/bank.import",
        "/articles/en/m-1",
        "/articles/de/bank.import",
        *list(ways)[5:],
    ]


def test_audience_date_and_place_of_a_file_are_recorded_whatever_its_kind(tmp_path: Path) -> None:
    head = '<meta name="audience" content="customers"><meta property="article:modified_time" content="2026-10-16">'
    html = write(
        tmp_path, "a.html", f'<html lang="en"><head><title>T</title>{head}</head><body><p>Text</p></body></html>'
    )
    front = "---\nid: b\nlanguage: en\ntitle: T\nupdated: 2026-10-16\naudience: customers\n---\nText"
    markdown = write(tmp_path, "b.md", front)
    articles = load_sources([tmp_path]).articles
    assert [article.source for article in articles] == [str(html), str(markdown)]
    assert {(article.audience, article.updated) for article in articles} == {("customers", date(2026, 10, 16))}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("x.html", "", "is empty"),
        ("x.html", b"\x89PNG\r\n\x1a\n\x00", "no HTML"),
        ("x.html", '{"a": "json"}', "no HTML"),
        ("x.html", page(title=""), "lacks a title"),
        ("x.html", page(body=""), "has no text"),
        ("x.html", page(lang="it"), "unknown language 'it'"),
        ("x.html", page(body="<p>" + "word " * 1_000_000), f"{MAX_BODY_CHARACTERS:,} at most"),
        ("x.html", page(body="<div>" * 100_000), "nested"),
        ("x.md", "---\ntitle: [never closed\n---\nText", "broken front matter"),
        ("x.md", "---\nid: a\nlanguage: en\n---\nText", "front matter lacks a title"),
        ("x.md", "---\nid: a\nlanguage: it\ntitle: T\n---\nText", "unknown language 'it'"),
        ("x.md", "---\nid: a\nlanguage: en\ntitle: T\n---\n", "has no text"),
        ("x.md", "---\nid: a\nlanguage: en\ntitle: T\n---\n" + "x" * 5_000_000, f"{MAX_BODY_CHARACTERS:,} at most"),
    ],
)
def test_bad_files_of_both_kinds_are_in_one_list_and_the_rest_is_loaded(
    tmp_path: Path, name: str, content: str | bytes, reason: str
) -> None:
    bad = write(tmp_path, name, content)
    write(tmp_path, "good.html", page())
    write(tmp_path, "good-too.md", MARKDOWN.format(id="good-too", language="en"))
    loaded = load_sources([tmp_path])
    assert [article.id for article in loaded.articles] == ["good-too", "good"]
    (problem,) = loaded.problems
    assert (problem.path, problem.skipped) == (str(bad), True)
    assert reason in problem.reason


def test_a_description_is_enough_for_an_article_without_a_body(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "---\nid: a\nlanguage: en\ntitle: T\ndescription: All there is to say.\n---\n")
    assert load_sources([tmp_path]).articles[0].description == "All there is to say."


@pytest.mark.parametrize("name", ["one.html", "one.md"])
def test_a_single_file_is_a_source_too(tmp_path: Path, name: str) -> None:
    content = page() if name.endswith("html") else MARKDOWN.format(id="one", language="en")
    write(tmp_path, "other.html", page())
    assert [article.id for article in load_sources([write(tmp_path, name, content)]).articles] == ["one"]


def test_a_single_file_that_cannot_be_used_is_listed(tmp_path: Path) -> None:
    loaded = load_sources([write(tmp_path, "one.html", "nothing")])
    assert [problem.path for problem in loaded.problems] == [str(tmp_path / "one.html")]
