"""Opens the database so that SQLite and PostgreSQL behave alike: same sessions, same locking, same schema check."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import event, make_url, text
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from bot.store.migrations import newest_revision, upgrade_to_newest

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
_EXPECTED = "sqlite:///path/to/file.db or postgresql://user:password@host/database"
_SQLITE_WAIT_S = 30
_READ_ONLY = {"frontdesk_read_only": True, "postgresql_readonly": True}


class DatabaseError(Exception):
    """The database cannot be used as it is set up; the message says why, without passwords."""


class Database:
    """The one way to the tables. Belongs to the event loop that uses it first."""

    def __init__(self, url: str) -> None:
        """`url` is the value of FRONTDESK_DATABASE_URL. Connects to nothing yet.

        Raises DatabaseError for anything but an SQLite file or PostgreSQL.
        """
        self._engine = _engine(url)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        self._writing: set[asyncio.Task[Any] | None] = set()
        # SQLite's own waiting polls and is unfair: within a process, writers stand in a line instead.
        sqlite = self._engine.dialect.name == "sqlite"
        self._write_lock: AbstractAsyncContextManager[object] = asyncio.Lock() if sqlite else nullcontext()

    @asynccontextmanager
    async def session(self, *, read_only: bool = False) -> AsyncIterator[AsyncSession]:
        """One transaction: committed at the end, rolled back when an error leaves the block.

        A `read_only` one cannot write, and waits for no writer. Others write one at a time on SQLite, so a task that
        has one open must pass it on instead of opening a second: that raises RuntimeError, on PostgreSQL too.
        """
        if read_only:
            async with self._sessions() as session, session.begin():
                await session.connection(execution_options=_READ_ONLY)
                yield session
            return
        task = asyncio.current_task()
        if task in self._writing:
            raise RuntimeError("this task has a session open already; pass that one on, a second would wait for it")
        self._writing.add(task)
        try:
            async with self._write_lock, self._sessions() as session, session.begin():
                yield session
        finally:
            self._writing.discard(task)

    async def check(self) -> None:
        """Whether the database answers and has the newest tables; for readiness. Raises DatabaseError when not."""
        try:
            async with self.session(read_only=True) as session:
                revision = (await session.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
        except (SQLAlchemyError, OSError) as error:
            raise DatabaseError(
                f"{self.name} cannot be read ({_reason(error)}); check FRONTDESK_DATABASE_URL, that the server runs, "
                "and that its tables were made"
            ) from error
        if revision != newest_revision():
            raise DatabaseError(
                f"{self.name} has tables of revision {revision}, but this version needs {newest_revision()}; "
                "update the tables before starting"
            )

    async def dispose(self) -> None:
        """Closes all connections."""
        await self._engine.dispose()

    @property
    def name(self) -> str:
        """The database in words, for logs and errors: never with a password."""
        return _name(self._engine.url)


def migrate(url: str) -> None:
    """Makes or updates the tables of the database at `url`, and the folder of an SQLite file.

    Does nothing when they are up to date. Processes that start at once wait for the first one. Not for use inside a
    running event loop. Raises DatabaseError when the database cannot be reached or changed.
    """
    address = _address(url)
    try:
        if address.get_backend_name() == "sqlite":
            Path(str(address.database)).parent.mkdir(parents=True, exist_ok=True)
        asyncio.run(_migrate(url))
    except (SQLAlchemyError, OSError) as error:
        raise DatabaseError(
            f"the tables of {_name(address)} cannot be made or updated ({_reason(error)}); "
            "check FRONTDESK_DATABASE_URL and what its user may do"
        ) from error


async def _migrate(url: str) -> None:
    engine = _engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(upgrade_to_newest)
    finally:
        await engine.dispose()


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise DatabaseError(f"FRONTDESK_DATABASE_URL is not a database URL; expected {_EXPECTED}") from error
    driver = _DRIVERS.get(address.drivername)
    if driver is None:
        raise DatabaseError(f"FRONTDESK_DATABASE_URL names {address.drivername!r}; expected {_EXPECTED}")
    if address.get_backend_name() == "sqlite":
        if address.database in (None, "", ":memory:"):
            raise DatabaseError(
                "FRONTDESK_DATABASE_URL names an SQLite database in memory, which several connections cannot share; "
                "expected a file, as in sqlite:///var/frontdesk.db"
            )
    elif not address.database:
        raise DatabaseError(f"FRONTDESK_DATABASE_URL names no database on the server; expected {_EXPECTED}")
    return address.set(drivername=driver)


def _engine(url: str) -> AsyncEngine:
    address = _address(url)
    if address.get_backend_name() == "postgresql":
        return create_async_engine(address, pool_pre_ping=True, pool_size=10, max_overflow=10)
    engine = create_async_engine(address, connect_args={"timeout": _SQLITE_WAIT_S})
    event.listen(engine.sync_engine, "connect", _set_up_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # The driver would begin a transaction only at the first write, after reads that it does not protect.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("busy_timeout = 30000", "journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    read_only = bool(connection.get_execution_options().get("frontdesk_read_only"))
    # The connection comes from a pool and keeps the mode of its last use.
    if connection.info.get("query_only", False) != read_only:
        connection.exec_driver_sql(f"PRAGMA query_only = {int(read_only)}")
        connection.info["query_only"] = read_only
    # A transaction that reads first and then writes fails when another one wrote in between; asking for the write
    # lock at the start makes it wait instead.
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _name(address: URL) -> str:
    if address.get_backend_name() == "sqlite":
        return f"the SQLite database {address.database}"
    return f"the PostgreSQL database {address.database} at {address.host or address.query.get('host', 'localhost')}"


def _reason(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__
