"""Loaders turn sources of articles into `Article` values; this is where a source is matched to its loader."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kb_index.articles import Article, LoadProblem, LoadResult
from kb_index.errors import SourceError
from kb_index.loaders import markdown


def load_sources(sources: Sequence[str | Path]) -> LoadResult:
    """Loads every source in order; of two articles with one (language, id), the first is kept and the second reported.

    Raises SourceError when a source as a whole cannot be read or is of a kind no loader knows.
    """
    merged = LoadResult()
    seen: dict[tuple[str, str], Article] = {}
    for source in sources:
        loaded = _load(source)
        merged.problems.extend(loaded.problems)
        for article in loaded.articles:
            earlier = seen.setdefault(article.key, article)
            if earlier is article:
                merged.articles.append(article)
            else:
                reason = f"duplicate article {article.id!r} in {article.language!r}: already in {earlier.source}"
                merged.problems.append(LoadProblem(article.source, reason))
    return merged


def _load(source: str | Path) -> LoadResult:
    if "://" in str(source):
        raise SourceError(f"cannot load {source}: only folders of Markdown files are supported as a source")
    path = Path(source)
    if not path.exists():
        raise SourceError(f"cannot load {source}: there is no such folder")
    if not path.is_dir():
        raise SourceError(f"cannot load {source}: it is not a folder; give the folder that holds the Markdown files")
    return markdown.load_folder(path)
