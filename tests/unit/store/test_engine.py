"""Opening a database: URLs, transactions, locking, readiness and the making of tables."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from bot.store.engine import Database, DatabaseError, migrate
from bot.store.models import UsedToken

NOW = datetime(2026, 3, 16, 14, 0, tzinfo=UTC)


def token(name: str) -> UsedToken:
    return UsedToken(jti=name, expires_at=NOW)


async def tokens(database: Database) -> int:
    async with database.session(read_only=True) as session:
        return (await session.execute(select(func.count()).select_from(UsedToken))).scalar_one()


@pytest.mark.parametrize(
    "url",
    [
        "mysql://root@localhost/desk",
        "postgresql+psycopg2://localhost/desk",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://localhost",
        "var/frontdesk.db",
        "",
    ],
)
def test_a_url_that_the_desk_cannot_use_is_refused_with_the_settings_name(url: str) -> None:
    with pytest.raises(DatabaseError, match="FRONTDESK_DATABASE_URL"):
        Database(url)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:///var/desk.db", "the SQLite database var/desk.db"),
        ("sqlite+aiosqlite:////srv/desk.db", "the SQLite database /srv/desk.db"),
        ("postgresql://app:hidden@db.example/desk", "the PostgreSQL database desk at db.example"),
        ("postgresql+asyncpg://app:hidden@db.example/desk", "the PostgreSQL database desk at db.example"),
    ],
)
def test_plain_and_driver_urls_are_accepted_and_named_without_the_password(url: str, name: str) -> None:
    assert Database(url).name == name


async def test_a_session_keeps_its_work_and_an_error_undoes_it(database: Database) -> None:
    async with database.session() as session:
        session.add(token("kept"))
    with pytest.raises(ZeroDivisionError):
        async with database.session() as session:
            session.add(token("lost"))
            await session.flush()
            raise ZeroDivisionError
    async with database.session(read_only=True) as session:
        assert list((await session.execute(select(UsedToken.jti))).scalars()) == ["kept"]


async def test_what_was_read_can_be_used_after_the_session(database: Database) -> None:
    async with database.session() as session:
        session.add(row := token("one"))
    assert row.jti == "one"
    assert row.expires_at == NOW


async def test_a_read_only_session_cannot_write_and_the_next_one_can(database: Database) -> None:
    for round_number in range(3):
        with pytest.raises(DBAPIError, match=r"(?i)read.?only"):
            async with database.session(read_only=True) as session:
                session.add(token("forbidden"))
                await session.flush()
        async with database.session() as session:
            session.add(token(f"allowed {round_number}"))
    assert await tokens(database) == 3


async def test_reading_does_not_wait_for_a_writer_and_does_not_see_its_work(database: Database) -> None:
    async with database.session() as session:
        session.add(token("not yet"))
        await session.flush()
        assert await asyncio.wait_for(tokens(database), timeout=2) == 0
    assert await tokens(database) == 1


async def test_a_second_session_in_the_same_task_is_refused_at_once(database: Database) -> None:
    async with database.session():
        with pytest.raises(RuntimeError, match="session open already"):
            async with database.session():
                pass
    async with database.session():
        pass


@pytest.mark.parametrize("processes", [1, 4])
async def test_twenty_writers_that_read_first_lose_nothing_and_never_find_the_database_locked(
    database_url: str, processes: int
) -> None:
    # Nothing is shared between two of these, as between two processes.
    databases = [Database(database_url) for _ in range(processes)]
    async with databases[0].session() as session:
        session.add(token("counter 0"))

    async def count_up(database: Database) -> None:
        for _ in range(5):
            async with database.session() as session:
                # On PostgreSQL the desk's own queries lock the row they depend on, as this one does.
                row = (await session.execute(select(UsedToken).with_for_update())).scalar_one()
                number = int(row.jti.split()[1])
                await asyncio.sleep(0)
                row.jti = f"counter {number + 1}"

    started = time.perf_counter()
    await asyncio.gather(*(count_up(databases[writer % processes]) for writer in range(20)))
    assert time.perf_counter() - started < 20
    async with databases[0].session(read_only=True) as session:
        assert (await session.execute(select(UsedToken.jti))).scalar_one() == "counter 100"
    for database in databases:
        await database.dispose()


async def test_sqlite_keeps_foreign_keys_and_the_write_ahead_log(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    async with database.session() as session:
        assert (await session.execute(text("PRAGMA foreign_keys"))).scalar_one() == 1
        assert (await session.execute(text("PRAGMA journal_mode"))).scalar_one() == "wal"
    await database.dispose()


async def test_a_database_with_the_newest_tables_is_ready(database: Database) -> None:
    await database.check()


async def test_a_database_without_tables_is_not_ready(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    with pytest.raises(DatabaseError, match="tables were made"):
        await database.check()
    await database.dispose()


async def test_a_database_with_older_tables_is_not_ready(database: Database) -> None:
    async with database.session() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(DatabaseError, match="revision 0000"):
        await database.check()


async def test_a_server_that_does_not_answer_is_not_ready_and_its_password_is_not_told(tmp_path: Path) -> None:
    database = Database(f"postgresql://app:very-secret@/desk?host={tmp_path}")
    with pytest.raises(DatabaseError, match="cannot be read") as caught:
        await database.check()
    assert "very-secret" not in str(caught.value)


def test_making_tables_creates_the_folder_of_an_sqlite_file(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'var' / 'deep' / 'desk.db'}")
    assert (tmp_path / "var" / "deep" / "desk.db").exists()


def test_making_tables_twice_keeps_what_they_hold(empty_database_url: str) -> None:
    async def fill() -> None:
        database = Database(empty_database_url)
        async with database.session() as session:
            session.add(token("kept"))
        await database.dispose()

    async def count() -> int:
        database = Database(empty_database_url)
        found = await tokens(database)
        await database.dispose()
        return found

    migrate(empty_database_url)
    asyncio.run(fill())
    migrate(empty_database_url)
    assert asyncio.run(count()) == 1


def test_processes_that_start_at_once_make_the_tables_once(empty_database_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(4) as pool:
        pool.map(migrate, [empty_database_url] * 4, chunksize=1)

    async def check() -> None:
        database = Database(empty_database_url)
        await database.check()
        await database.dispose()

    asyncio.run(check())


def test_a_file_that_cannot_be_made_is_told_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatabaseError, match=r"desk\.db cannot be made"):
        migrate(f"sqlite:///{tmp_path / 'file' / 'desk.db'}")
