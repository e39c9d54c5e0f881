"""Loads a CSV file with one article in each row."""

from __future__ import annotations

import csv
import io
import re
import threading
from collections.abc import Iterator
from pathlib import Path

from kb_index.articles import Article, LoadProblem, LoadResult
from kb_index.errors import SourceError, UnusableArticle
from kb_index.loaders.fields import checked_article, language_of, one_line, read_date
from kb_index.loaders.files import file_text
from kb_index.loaders.html import body_from_html

COLUMNS = ("id", "language", "title", "body")
OPTIONAL_COLUMNS = ("description", "updated", "audience", "url")

_LONGEST_FIELD = 50_000_000
_field_limit = threading.Lock()
_BLOCK_END = re.compile(r"</(?:p|div|h[1-6]|ul|ol|table|pre|section|article|blockquote|body)\s*>", re.IGNORECASE)
_BEGINS_WITH_TAG = re.compile(r"\s*<(?:!doctype|!--|[a-z][a-z0-9]*[\s/>])", re.IGNORECASE)
_MARKDOWN_LINE = re.compile(r"^(?:#{1,6} |```|~~~|[-*+] |\d+\. )", re.MULTILINE)


def load_csv(path: Path) -> LoadResult:
    """Loads a file in UTF-8, with or without byte order mark, with commas or semicolons and a header row.

    Columns: id, language, title and body are required, description, updated, audience and url may be there. A body is
    HTML when it is built of HTML blocks, else Markdown. Rows that cannot be used are in `problems` by their line.
    Raises SourceError when the file cannot be read or lacks a column.
    """
    try:
        text = file_text(path)
    except UnusableArticle as problem:
        raise SourceError(f"cannot load {path}: {problem}") from problem
    delimiter, header = _header(path, text)
    result = LoadResult()
    others = [name for name in header if name not in (*COLUMNS, *OPTIONAL_COLUMNS)]
    if others:
        result.problems.append(LoadProblem(str(path), f"columns ignored: {', '.join(others)}", skipped=False))
    for line, row in _rows(text, delimiter):
        place = f"{path}: line {line}"
        try:
            article, remark = _article(row, header, place)
        except UnusableArticle as problem:
            result.problems.append(LoadProblem(place, str(problem)))
            continue
        result.articles.append(article)
        if remark:
            result.problems.append(LoadProblem(place, remark, skipped=False))
    return result


def is_html(body: str) -> bool:
    """Whether a text is HTML rather than Markdown, which may hold single tags too."""
    begins_with_tag, has_blocks = bool(_BEGINS_WITH_TAG.match(body)), bool(_BLOCK_END.search(body))
    return (begins_with_tag and has_blocks) or ((begins_with_tag or has_blocks) and not _MARKDOWN_LINE.search(body))


def _header(path: Path, text: str) -> tuple[str, list[str]]:
    """(delimiter, column names in lower case) by the first line."""
    first = text.split("\n", 1)[0].strip("\r")
    best: tuple[str, list[str]] = (",", [])
    for delimiter in (",", ";"):
        try:
            names = [name.strip().lower() for name in next(csv.reader([first], delimiter=delimiter), [])]
        except csv.Error as error:
            raise SourceError(f"cannot load {path}: broken header row: {error}") from error
        if len(names) > len(best[1]):
            best = (delimiter, names)
    missing = [name for name in COLUMNS if name not in best[1]]
    if missing:
        found = ", ".join(name for name in best[1] if name) or "none"
        raise SourceError(f"cannot load {path}: there is no column {', '.join(missing)}; the header has {found:.200}")
    twice = [name for name in best[1] if name and best[1].count(name) > 1]
    if twice:
        raise SourceError(f"cannot load {path}: the column {twice[0]} is there twice")
    return best


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """(line, fields, or why the row cannot be read) of every row below the header that is not empty."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        row: list[str] | str
        # The limit belongs to the whole process, and texts may be longer than it usually is.
        with _field_limit:
            usual = csv.field_size_limit(_LONGEST_FIELD)
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                row = f"cannot be read: {error}"
            finally:
                csv.field_size_limit(usual)
        if line > 1 and (isinstance(row, str) or any(value.strip() for value in row)):
            yield line, row


def _article(row: list[str] | str, header: list[str], place: str) -> tuple[Article, str]:
    if isinstance(row, str):
        raise UnusableArticle(row)
    if len(row) != len(header):
        raise UnusableArticle(f"has {len(row)} fields where the header has {len(header)}")
    values = dict(zip(header, row, strict=True))
    fields = {name: one_line(name, values.get(name)) for name in (*COLUMNS, *OPTIONAL_COLUMNS) if name != "body"}
    updated, remark = read_date(fields["updated"])
    body = values["body"].replace("\r\n", "\n")
    if is_html(body):
        body = body_from_html(body, title=fields["title"], url=fields["url"])
    article = checked_article(
        id=fields["id"],
        language=language_of(fields["language"]),
        title=fields["title"],
        description=fields["description"],
        body=body,
        updated=updated,
        audience=fields["audience"],
        source=place,
        url=fields["url"],
    )
    return article, remark
