"""Articles and passages of one index version in SQLite: texts are read when shown, not held in memory."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from kb_index.articles import Article, article_link
from kb_index.chunker import Passage
from kb_index.errors import IndexFormatError

_SCHEMA = """
CREATE TABLE articles (
    number INTEGER PRIMARY KEY, language TEXT NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL,
    description TEXT NOT NULL, body TEXT NOT NULL, updated TEXT, audience TEXT NOT NULL, source TEXT NOT NULL,
    url TEXT NOT NULL, content_hash TEXT NOT NULL, first_passage INTEGER NOT NULL, passages INTEGER NOT NULL,
    UNIQUE (language, id)
);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY, heading TEXT NOT NULL, anchor TEXT NOT NULL, text TEXT NOT NULL,
    encoded TEXT NOT NULL, digest BLOB NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class ArticleEntry:
    """What search keeps in memory of an article; passages are numbered over the whole index."""

    number: int
    language: str
    id: str
    source: str
    content_hash: str
    first_passage: int
    passages: int
    title: str = ""
    url: str = ""

    def link(self, anchor: str = "") -> str:
        """As `Article.link`."""
        return article_link(self.language, self.id, self.url, anchor)


def write_content(path: Path, articles: Sequence[tuple[Article, Sequence[Passage]]]) -> None:
    """Writes a new file; articles come sorted by (language, id) and are numbered in that order."""
    connection = sqlite3.connect(path)
    try:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA)
        first = 0
        for number, (article, passages) in enumerate(articles):
            connection.execute(
                "INSERT INTO articles VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
                (number, article.language, article.id, article.title, article.description, article.body,
                 article.updated and article.updated.isoformat(), article.audience, article.source, article.url,
                 article.content_hash, first, len(passages)),
            )  # fmt: skip
            rows = ((first + n, p.heading, p.anchor, p.text, p.encoded, p.digest) for n, p in enumerate(passages))
            connection.executemany("INSERT INTO passages VALUES (?,?,?,?,?,?)", rows)
            first += len(passages)
        connection.commit()
    finally:
        connection.close()


class Content:
    """Read access, safe to use from several threads. Raises IndexFormatError when the file is not readable."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        except sqlite3.Error as error:
            raise IndexFormatError(f"cannot read {path}: {error}") from error

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def entries(self) -> list[ArticleEntry]:
        """All articles in their order."""
        columns = "number, language, id, source, content_hash, first_passage, passages, title, url"
        return [ArticleEntry(*row) for row in self._rows(f"SELECT {columns} FROM articles ORDER BY number", ())]

    def article(self, number: int) -> Article:
        """Raises IndexFormatError when there is no such article."""
        columns = "id, language, title, description, body, updated, audience, source, url"
        rows = self._rows(f"SELECT {columns} FROM articles WHERE number = ?", (number,))
        if not rows:
            raise IndexFormatError(f"{self._path} lacks article number {number}")
        article_id, language, title, description, body, updated, audience, source, url = rows[0]
        return Article(
            id=article_id,
            language=language,
            title=title,
            description=description,
            body=body,
            updated=updated and date.fromisoformat(updated),
            audience=audience,
            source=source,
            url=url,
        )

    def passages(self, first: int, count: int) -> list[Passage]:
        """Passages `first` … `first + count - 1` in reading order."""
        query = "SELECT heading, anchor, text, encoded FROM passages WHERE number >= ? AND number < ? ORDER BY number"
        return [Passage(*row) for row in self._rows(query, (first, first + count))]

    def some_passages(self, numbers: Collection[int]) -> dict[int, Passage]:
        """Passages with these numbers, by number."""
        places = ",".join("?" * len(numbers))
        query = f"SELECT number, heading, anchor, text, encoded FROM passages WHERE number IN ({places})"
        return {number: Passage(*row) for number, *row in self._rows(query, tuple(numbers))}

    def digests(self) -> Iterable[bytes]:
        """`Passage.digest` of all passages in their order."""
        return (row[0] for row in self._rows("SELECT digest FROM passages ORDER BY number", ()))

    def _rows(self, query: str, values: tuple[int, ...]) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                return self._connection.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise IndexFormatError(f"cannot read {self._path}: {error}") from error
