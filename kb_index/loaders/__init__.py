"""Loaders turn sources of articles into `Article` values; this is where a source is matched to its loader."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kb_index.articles import Article, LoadProblem, LoadResult
from kb_index.errors import SourceError
from kb_index.loaders.csv_file import load_csv
from kb_index.loaders.fields import is_web_address
from kb_index.loaders.files import files_below
from kb_index.loaders.folder import HTML, MARKDOWN, load_file, load_folder
from kb_index.loaders.zendesk import load_export

if TYPE_CHECKING:
    from kb_index.loaders.web import CrawlSettings

_JSON = frozenset((".json",))
_KINDS = (
    "a folder of Markdown or HTML files, a Zendesk Help Center export (.json or a folder of them), a .csv, .md or "
    ".html file, or the http(s) address of a site or sitemap"
)


def load_sources(
    sources: Sequence[str | Path],
    *,
    cache: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    crawl: CrawlSettings | None = None,
) -> LoadResult:
    """Loads every source in order; of two articles with one (language, id), the first is kept and the second reported.

    `cache` is the folder where pages of websites are kept for the next time; sites cannot be loaded without.
    `progress` is called with (pages done, pages known so far) of a site; `crawl` says how politely and how far sites
    are read. Raises SourceError when a source as a whole cannot be read or is of a kind no loader knows.
    """
    merged = LoadResult()
    seen: dict[tuple[str, str], Article] = {}
    for source in sources:
        loaded = _load(source, cache, progress, crawl)
        merged.problems.extend(loaded.problems)
        for article in loaded.articles:
            earlier = seen.setdefault(article.key, article)
            if earlier is article:
                merged.articles.append(article)
            else:
                reason = f"duplicate article {article.id!r} in {article.language!r}: already in {earlier.source}"
                merged.problems.append(LoadProblem(article.source, reason))
    return merged


def _load(
    source: str | Path,
    cache: Path | None,
    progress: Callable[[int, int], None] | None,
    crawl: CrawlSettings | None,
) -> LoadResult:
    if "://" in str(source):
        return _load_site(str(source), cache, progress, crawl)
    path = Path(source)
    if not path.exists():
        raise SourceError(f"cannot load {source}: there is no such folder or file")
    if path.is_dir():
        if not files_below(path, MARKDOWN | HTML) and files_below(path, _JSON):
            return load_export(path)
        return load_folder(path)
    suffix = path.suffix.lower()
    if suffix in MARKDOWN | HTML:
        return load_file(path)
    if suffix in _JSON:
        return load_export(path)
    if suffix == ".csv":
        return load_csv(path)
    raise SourceError(f"cannot load {source}: give {_KINDS}")


def _load_site(
    address: str, cache: Path | None, progress: Callable[[int, int], None] | None, crawl: CrawlSettings | None
) -> LoadResult:
    if not is_web_address(address):
        raise SourceError(f"cannot load {address}: give {_KINDS}")
    if cache is None:
        raise SourceError(f"cannot load {address}: no folder was given to keep the pages of the site in")
    # Searching an index needs no HTTP client, so it is only loaded for a site.
    from kb_index.loaders.web import CrawlSettings, load_site

    return load_site(address, cache=cache, progress=progress, settings=crawl or CrawlSettings())
