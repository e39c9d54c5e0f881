"""Loads a folder of Markdown files with YAML front matter: the product's own articles and exported help centers."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

import frontmatter
import yaml

from kb_index.articles import LANGUAGES, MAX_BODY_CHARACTERS, Article, LoadProblem, LoadResult, is_article_id
from kb_index.errors import SourceError

_DATE_FORMATS = ("%Y-%m-%d", "%m/%d/%Y")


class _Unusable(Exception):
    """The file cannot become an article; the text says why."""


def load_folder(folder: Path) -> LoadResult:
    """Loads every *.md file below `folder`, hidden folders left out, in the order of their paths.

    Files that cannot be used are listed in `problems` with path and reason. Raises SourceError when the folder
    itself cannot be read.
    """
    result = LoadResult()
    for path in _markdown_files(folder):
        try:
            article, remark = _load_file(path)
        except _Unusable as problem:
            result.problems.append(LoadProblem(str(path), str(problem)))
            continue
        result.articles.append(article)
        if remark:
            result.problems.append(LoadProblem(str(path), remark, skipped=False))
    return result


def _markdown_files(folder: Path) -> list[Path]:
    def fail(error: OSError) -> None:
        raise SourceError(f"cannot read {error.filename}: {error.strerror}")

    found: list[Path] = []
    for root, folders, files in os.walk(folder, onerror=fail):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(root, name) for name in files if name.endswith(".md") and not name.startswith(".")]
    return sorted(found)


def _load_file(path: Path) -> tuple[Article, str]:
    fields, body = _parse(path)
    article_id, title = _text(fields, "id"), _text(fields, "title")
    if not article_id or not title:
        raise _Unusable(f"front matter lacks {'an id' if not article_id else 'a title'}")
    if not is_article_id(article_id):
        raise _Unusable(f"id {article_id!r} may hold only letters, digits, dot, dash and underscore (200 at most)")
    language = _text(fields, "language")
    if language not in LANGUAGES:
        raise _Unusable(f"unknown language {language!r}; known are {', '.join(LANGUAGES)}")
    if len(body) > MAX_BODY_CHARACTERS:
        raise _Unusable(f"text has {len(body):,} characters; {MAX_BODY_CHARACTERS:,} at most")
    updated, remark = _date(fields.get("updated"))
    article = Article(
        id=article_id,
        language=language,
        title=title,
        description=_text(fields, "description"),
        body=body,
        updated=updated,
        audience=_text(fields, "audience"),
        source=str(path),
        url=_text(fields, "url"),
    )
    return article, remark


def _parse(path: Path) -> tuple[dict[str, Any], str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Unusable(f"not UTF-8: byte 0x{error.object[error.start]:02x} at offset {error.start}") from error
    except OSError as error:
        raise _Unusable(f"cannot be read: {error.strerror}") from error
    if not text.startswith("---"):
        raise _Unusable("no front matter: the file must begin with a '---' line")
    try:
        fields, body = frontmatter.parse(text)
    except (yaml.YAMLError, ValueError) as error:
        raise _Unusable(f"broken front matter: {_yaml_reason(error)}") from error
    if not fields:
        raise _Unusable("no front matter between '---' lines")
    return fields, body


def _yaml_reason(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        # +2: YAML counts lines from zero and does not see the opening '---'.
        return f"{error.problem} (line {error.problem_mark.line + 2})"
    return " ".join(str(error).split())


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if isinstance(value, dict | list):
        raise _Unusable(f"{name} must be a text, not {value!r:.60}")
    return " ".join(str(value).split()).replace("\x00", "")


def _date(value: Any) -> tuple[date | None, str]:
    if value is None or not str(value).strip():
        return None, ""
    if isinstance(value, datetime):
        return value.date(), ""
    if isinstance(value, date):
        return value, ""
    for pattern in _DATE_FORMATS:
        try:
            return datetime.strptime(str(value).strip(), pattern).date(), ""
        except ValueError:
            continue
    return None, f"updated {value!r:.40} is no date (use 2026-10-16 or 10/16/2026); ignored"
