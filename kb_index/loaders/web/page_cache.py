"""What is known of a site's pages, on disk after every page: a killed crawl goes on, the next one asks for changes."""

from __future__ import annotations

import hashlib
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kb_index.errors import SourceError
from kb_index.loaders.web.client import Reply, Validators

_FORMAT = 1
_RESUME_WITHIN = timedelta(hours=24)
"""Pages of an unfinished crawl that stood still for longer are asked for again."""

_SCHEMA = f"""
CREATE TABLE crawls (
    number INTEGER PRIMARY KEY, started_at TEXT NOT NULL, last_page_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'finished', 'rejected')), articles INTEGER
);
CREATE TABLE pages (
    url TEXT PRIMARY KEY, crawl INTEGER NOT NULL, fetched_at TEXT NOT NULL, status INTEGER NOT NULL,
    content_type TEXT NOT NULL, etag TEXT NOT NULL, last_modified TEXT NOT NULL, robots_tag TEXT NOT NULL,
    location TEXT NOT NULL, refusal TEXT NOT NULL, too_large INTEGER NOT NULL, body BLOB NOT NULL
) WITHOUT ROWID;
PRAGMA user_version = {_FORMAT};
"""


@dataclass(frozen=True, slots=True)
class StoredPage:
    """The last definite answer for an address."""

    reply: Reply
    fetched_at: datetime
    """UTC; of the last time the server confirmed it."""
    fresh: bool
    """Whether it was fetched or confirmed in the crawl that runs now."""

    @property
    def validators(self) -> Validators | None:
        """What to ask "changed since?" with; None when there is no body to fall back on."""
        if self.reply.status != 200 or self.reply.refusal:
            return None
        return Validators(self.reply.etag, self.reply.last_modified)


class PageCache:
    """The state of one source; only one process can hold it. Times are UTC."""

    def __init__(self, path: Path, database: sqlite3.Connection, now: Callable[[], datetime]) -> None:
        self.path = path
        self._database = database
        self._now = now
        self._crawl = self._begin_or_resume()

    @classmethod
    @contextmanager
    def open(
        cls, folder: Path, address: str, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> Iterator[PageCache]:
        """Opens the state of a source in `folder` and begins a crawl, or resumes the one that was interrupted.

        Raises SourceError when the file cannot be written, is damaged, or is held by another crawl, also for what
        happens while it is open.
        """
        path = folder / f"{_file_name(address)}.sqlite"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            database = sqlite3.connect(path, timeout=0.5, isolation_level=None)
            database.row_factory = sqlite3.Row
            try:
                _prepare(database, path)
                yield cls(path, database, now)
            finally:
                database.close()
        except OSError as error:
            raise SourceError(f"cannot keep pages in {folder}: {error.strerror}") from error
        except sqlite3.Error as error:
            if "locked" in str(error):
                raise SourceError(f"another crawl of {address} is running ({path} is in use)") from error
            raise SourceError(f"the stored pages {path} cannot be used ({error}); delete the file") from error

    def _begin_or_resume(self) -> int:
        last = self._database.execute(
            "SELECT number, last_page_at, state FROM crawls ORDER BY number DESC LIMIT 1"
        ).fetchone()
        if last is not None and last[2] == "running" and self._age(last[1]) < _RESUME_WITHIN:
            return int(last[0])
        moment = self._now().isoformat()
        cursor = self._database.execute(
            "INSERT INTO crawls (started_at, last_page_at, state) VALUES (?, ?, 'running')", (moment, moment)
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def _age(self, moment: str) -> timedelta:
        return self._now() - datetime.fromisoformat(moment)

    @property
    def last_articles(self) -> int:
        """How many articles the last finished crawl gave; 0 when there is none."""
        row = self._database.execute(
            "SELECT articles FROM crawls WHERE state = 'finished' ORDER BY number DESC LIMIT 1"
        ).fetchone()
        return 0 if row is None else int(row[0])

    def stored(self, url: str) -> StoredPage | None:
        row = self._database.execute("SELECT * FROM pages WHERE url = ?", (url,)).fetchone()
        if row is None:
            return None
        reply = Reply(
            status=row["status"],
            content_type=row["content_type"],
            etag=row["etag"],
            last_modified=row["last_modified"],
            robots_tag=row["robots_tag"],
            location=row["location"],
            body=zlib.decompress(row["body"]) if row["body"] else b"",
            refusal=row["refusal"],
            too_large=bool(row["too_large"]),
        )
        return StoredPage(reply, datetime.fromisoformat(row["fetched_at"]), row["crawl"] == self._crawl)

    def save(self, url: str, reply: Reply) -> None:
        """Stores a definite answer; it is on disk when this returns."""
        moment = self._now().isoformat()
        with self._transaction():
            self._database.execute(
                "INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(url, self._crawl, moment, reply.status, reply.content_type, reply.etag, reply.last_modified),
                    *(reply.robots_tag, reply.location, reply.refusal, reply.too_large),
                    zlib.compress(reply.body) if reply.body else b"",
                ),
            )
            self._touch(moment)

    def confirm(self, url: str, reply: Reply) -> None:
        """The server answered 304 with `reply`: the stored body is still right, its validators may be new."""
        moment = self._now().isoformat()
        with self._transaction():
            self._database.execute(
                "UPDATE pages SET crawl = ?, fetched_at = ?, etag = coalesce(nullif(?, ''), etag),"
                " last_modified = coalesce(nullif(?, ''), last_modified) WHERE url = ?",
                (self._crawl, moment, reply.etag, reply.last_modified, url),
            )
            self._touch(moment)

    def _touch(self, moment: str) -> None:
        self._database.execute("UPDATE crawls SET last_page_at = ? WHERE number = ?", (moment, self._crawl))

    def finish(self, used: set[str], articles: int) -> None:
        """The crawl is complete: pages that it did not come across, and those that are gone, are forgotten."""
        with self._transaction():
            self._database.execute("CREATE TEMP TABLE used (url TEXT PRIMARY KEY)")
            self._database.executemany("INSERT INTO used VALUES (?)", ((url,) for url in used))
            self._database.execute("DELETE FROM pages WHERE status IN (404, 410) OR url NOT IN (SELECT url FROM used)")
            self._database.execute("DROP TABLE used")
            self._database.execute("DELETE FROM crawls WHERE number < ?", (self._crawl,))
            self._close("finished", articles)

    def reject(self) -> None:
        """The crawl is complete but not to be published: the next one asks for every page anew."""
        self._close("rejected", None)

    def _close(self, state: str, articles: int | None) -> None:
        self._database.execute(
            "UPDATE crawls SET state = ?, articles = ? WHERE number = ?", (state, articles, self._crawl)
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")


def _file_name(address: str) -> str:
    """Readable and unlike that of any other address."""
    digest = hashlib.sha256(address.encode()).hexdigest()[:12]
    return re.sub(r"[^A-Za-z0-9.]+", "-", address.split("/")[2]) + "-" + digest


def _prepare(database: sqlite3.Connection, path: Path) -> None:
    # Held until the connection closes, so that a second crawl is refused; a killed process lets go of it.
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    database.execute("BEGIN EXCLUSIVE")
    found = database.execute("PRAGMA user_version").fetchone()[0]
    if found == 0 and not database.execute("SELECT 1 FROM sqlite_master").fetchone():
        for statement in _SCHEMA.split(";"):
            database.execute(statement)
    elif found != _FORMAT:
        raise SourceError(f"the stored pages {path} are of format {found}, not {_FORMAT}; delete the file")
    database.execute("COMMIT")
