from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kb_index.articles import MAX_BODY_CHARACTERS
from kb_index.loaders import load_sources


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def front(updated: str = "2026-10-14", **changes: str) -> str:
    fields = {"id": "a", "language": "en", "title": "Title", "updated": updated} | changes
    return "---\n" + "".join(f"{name}: {value}\n" for name, value in fields.items() if value) + "---\nBody\n"


def test_an_article_comes_with_all_its_front_matter(tmp_path: Path) -> None:
    path = write(tmp_path, "a.md", front(description="What it does", audience="customers"))
    (article,) = load_sources([tmp_path]).articles
    assert (article.id, article.language, article.title, article.description) == ("a", "en", "Title", "What it does")
    assert (article.audience, article.updated, article.body) == ("customers", date(2026, 10, 14), "Body")
    assert article.source == str(path)


@pytest.mark.parametrize(
    ("written", "read"),
    [("2026-10-16", date(2026, 10, 16)), ("10/16/2025", date(2025, 10, 16)), ("''", None), ("", None)],
)
def test_dates_are_read_in_both_usual_forms_and_may_be_missing(tmp_path: Path, written: str, read: date | None) -> None:
    write(tmp_path, "a.md", front(updated=written))
    loaded = load_sources([tmp_path])
    assert loaded.articles[0].updated == read
    assert loaded.problems == []


def test_a_date_that_is_none_is_noted_but_the_article_stays(tmp_path: Path) -> None:
    write(tmp_path, "a.md", front(updated="last Tuesday"))
    loaded = load_sources([tmp_path])
    assert loaded.articles[0].updated is None
    assert "last Tuesday" in loaded.problems[0].reason
    assert not loaded.problems[0].skipped


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("no front matter at all", "no front matter"),
        ("---\nid: a\ntitle: never closed\n", "no front matter"),
        ("---\nid: a\ntitle: [unclosed\n---\nBody", "broken front matter"),
        ("---\n- just\n- a list\n---\nBody", "front matter"),
        (front(id=""), "lacks an id"),
        (front(title=""), "lacks a title"),
        (front(title="{a: b}"), "title must be a text"),
        (front(language="xx"), "unknown language 'xx'"),
        (front(language=""), "unknown language ''"),
        (front(id="../../etc/passwd"), "'../../etc/passwd'"),
        (front().encode() + b"\xff\xfe", "not UTF-8"),
        (front() + "x" * (MAX_BODY_CHARACTERS + 1), "1,000,000 at most"),
        (b"", "no front matter"),
    ],
)
def test_a_bad_file_is_listed_with_its_path_and_reason_and_the_rest_is_loaded(
    tmp_path: Path, content: str | bytes, reason: str
) -> None:
    bad = write(tmp_path, "bad.md", content)
    write(tmp_path, "good.md", front(id="good"))
    loaded = load_sources([tmp_path])
    assert [article.id for article in loaded.articles] == ["good"]
    (problem,) = loaded.problems
    assert problem.path == str(bad)
    assert reason in problem.reason
    assert problem.skipped


def test_the_second_of_two_articles_with_one_key_is_reported_with_the_first_ones_place(tmp_path: Path) -> None:
    first, second = write(tmp_path, "a.md", front()), write(tmp_path, "b.md", front(title="Other"))
    write(tmp_path, "c.md", front(language="de"))
    loaded = load_sources([tmp_path])
    assert [(article.language, article.title) for article in loaded.articles] == [("en", "Title"), ("de", "Title")]
    assert loaded.problems[0].path == str(second)
    assert str(first) in loaded.problems[0].reason


def test_duplicates_are_found_across_sources(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, "a.md", front())
    loaded = load_sources([tmp_path / "one", tmp_path / "two"])
    assert len(loaded.articles) == len(loaded.problems) == 1


def test_the_hash_follows_the_content_and_not_the_place(tmp_path: Path) -> None:
    for folder, title in (("one", "Title"), ("two", "Title"), ("three", "Changed")):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, "a.md", front(title=title))
    one, two, three = (load_sources([tmp_path / name]).articles[0].content_hash for name in ("one", "two", "three"))
    assert one == two != three
