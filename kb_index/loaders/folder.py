"""Loads the Markdown and HTML files of a folder, or one of them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

from kb_index.articles import Article, LoadProblem, LoadResult
from kb_index.errors import UnusableArticle
from kb_index.loaders.article_ids import article_id_from, language_in
from kb_index.loaders.cross_links import relinked
from kb_index.loaders.files import file_bytes, files_below
from kb_index.loaders.html import article_from_html
from kb_index.loaders.html.tree import decode_html
from kb_index.loaders.markdown import load_markdown

MARKDOWN = frozenset((".md",))
HTML = frozenset((".html", ".htm"))


def load_folder(folder: Path) -> LoadResult:
    """Loads every *.md, *.html and *.htm file below `folder`, hidden ones left out, in the order of their paths.

    Files that cannot be used are listed in `problems` with path and reason. Raises SourceError when the folder
    itself cannot be read.
    """
    return _load(files_below(folder, MARKDOWN | HTML), folder)


def load_file(path: Path) -> LoadResult:
    """Loads a single Markdown or HTML file; when it cannot be used, that is the one problem of the result."""
    return _load([path], path.parent)


def _load(paths: list[Path], folder: Path) -> LoadResult:
    result = LoadResult()
    by_place: dict[str, Article] = {}
    for path in paths:
        place = path.relative_to(folder).as_posix()
        try:
            article, remark = load_markdown(path) if path.suffix.lower() in MARKDOWN else _load_html(path, place)
        except UnusableArticle as problem:
            result.problems.append(LoadProblem(str(path), str(problem)))
            continue
        by_place[place] = article
        if remark:
            result.problems.append(LoadProblem(str(path), remark, skipped=False))
    result.articles = [
        article if place.endswith(tuple(MARKDOWN)) else _relinked(article, place, by_place)
        for place, article in by_place.items()
    ]
    return result


def _load_html(path: Path, place: str) -> tuple[Article, str]:
    """A page saved as a file: what it does not say of id and language is told by its place in the folder."""
    page, remark = decode_html(file_bytes(path))
    address = quote(place)
    article = article_from_html(
        page, source=str(path), fallback_id=article_id_from(address), fallback_language=language_in(address)
    )
    return article, remark


def _relinked(article: Article, place: str, by_place: dict[str, Article]) -> Article:
    """Links from file to file lead to the articles made of them."""

    def article_at(address: str) -> Article | None:
        parts = urlsplit(address)
        if parts.scheme or parts.netloc or not parts.path:
            return None
        there = unquote(urljoin(f"/{quote(place)}", parts.path)).removeprefix("/")
        return by_place.get(there) or by_place.get(f"{there}index.html" if there.endswith("/") or not there else "")

    return relinked(article, article_at)
