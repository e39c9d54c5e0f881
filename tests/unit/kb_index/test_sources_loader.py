"""Any mix of sources: each is matched to its loader, and the articles of all are brought together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import kb_index.loaders.web
from kb_index.articles import Article, LoadResult
from kb_index.errors import SourceError
from kb_index.loaders import load_sources

CSV = "id,language,title,body\n360001,en,From CSV,Text\n"
HTML = '<html lang="en"><title>From HTML</title><p>Text</p></html>'
MARKDOWN = "---\nid: '360001'\nlanguage: en\ntitle: From Markdown\n---\nText"
EXPORT = {"articles": [{"id": 360001, "locale": "en-us", "title": "From export", "body": "<p>Text</p>"}]}


@pytest.fixture
def sources(tmp_path: Path) -> dict[str, Path]:
    """One source of each kind, each with the article 360001."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "pages").mkdir()
    (tmp_path / "folder" / "360001.html").write_text(HTML)
    (tmp_path / "pages" / "1.json").write_text(json.dumps(EXPORT))
    (tmp_path / "export.json").write_text(json.dumps(EXPORT))
    (tmp_path / "help.csv").write_text(CSV)
    (tmp_path / "one.md").write_text(MARKDOWN)
    return {path.name: path for path in tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("folder", "From HTML"),
        ("pages", "From export"),
        ("export.json", "From export"),
        ("help.csv", "From CSV"),
        ("one.md", "From Markdown"),
    ],
)
def test_each_kind_of_source_is_known_by_its_looks(sources: dict[str, Path], name: str, title: str) -> None:
    assert [article.title for article in load_sources([str(sources[name])]).articles] == [title]


def test_an_article_that_two_sources_of_different_kinds_have_is_taken_from_the_first(sources: dict[str, Path]) -> None:
    loaded = load_sources([sources["help.csv"], sources["folder"], sources["export.json"], sources["one.md"]])
    assert [article.title for article in loaded.articles] == ["From CSV"]
    assert [problem.path for problem in loaded.problems] == [
        str(sources["folder"] / "360001.html"),
        f"{sources['export.json']}: article 360001 (en-us)",
        str(sources["one.md"]),
    ]
    assert all(f"already in {sources['help.csv']}: line 2" in problem.reason for problem in loaded.problems)


def test_an_address_goes_to_the_reader_of_sites_with_the_cache_and_the_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[object, ...]] = []

    def load_site(address: str, *, cache: Path, progress: object = None, **_: object) -> LoadResult:
        calls.append((address, cache, progress))
        return LoadResult([Article("a", "en", "From the web")])

    def progress(done: int, total: int) -> None:
        raise AssertionError("it is only passed on")

    monkeypatch.setattr(kb_index.loaders.web, "load_site", load_site)
    loaded = load_sources(["https://help.example/sitemap.xml"], cache=tmp_path, progress=progress)
    assert [article.title for article in loaded.articles] == ["From the web"]
    assert calls == [("https://help.example/sitemap.xml", tmp_path, progress)]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("missing", "no such folder or file"),
        ("ftp://help.example/x", "give a folder of Markdown or HTML files"),
        ("https://", "give a folder"),
        ("https://help.example/", "no folder was given to keep the pages"),
        ("notes.txt", "give a folder"),
    ],
)
def test_a_source_of_no_known_kind_is_refused_with_what_there_is(tmp_path: Path, source: str, reason: str) -> None:
    (tmp_path / "notes.txt").write_text("Text")
    place = source if "://" in source else str(tmp_path / source)
    with pytest.raises(SourceError, match=f"{place}.*{reason}"):
        load_sources([place])


def test_json_files_beside_pages_are_no_export(sources: dict[str, Path]) -> None:
    (sources["folder"] / "package.json").write_text("{}")
    loaded = load_sources([sources["folder"]])
    assert ([article.title for article in loaded.articles], loaded.problems) == (["From HTML"], [])


def test_an_empty_folder_gives_nothing_and_no_error(tmp_path: Path) -> None:
    loaded = load_sources([tmp_path])
    assert (loaded.articles, loaded.problems) == ([], [])
