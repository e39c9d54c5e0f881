"""Fixtures that give a test an empty database with our tables, once on SQLite and once on PostgreSQL."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.store.engine import Database, migrate
from bot.store.migrations import newest_revision
from bot.store.models import Base
from tests.support.postgres import create_database, drop_database, execute, postgres_server

_numbers = itertools.count(1)
# Several test runs can share a server.
_run = uuid.uuid4().hex[:8]


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server that may create databases."""
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_database(postgres: str) -> Iterator[str]:
    """The URL of a database with the newest tables; emptied for each test, which is far quicker than a new one."""
    name = f"frontdesk_{_run}"
    url = create_database(postgres, name)
    migrate(url)
    yield url
    drop_database(postgres, name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the newest tables, to copy."""
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty_database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    postgres = request.getfixturevalue("postgres")
    name = f"frontdesk_{_run}_{next(_numbers)}"
    yield create_database(postgres, name)
    drop_database(postgres, name)


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with the newest tables and no rows."""
    if database_kind == "sqlite":
        file = tmp_path / "frontdesk.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        return f"sqlite:///{file}"
    url = str(request.getfixturevalue("postgres_database"))
    asyncio.run(
        execute(
            url,
            # What the test before left open would keep its locks.
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()",
            f"TRUNCATE {', '.join(Base.metadata.tables)} RESTART IDENTITY",
            f"UPDATE alembic_version SET version_num = '{newest_revision()}'",
        )
    )
    return url


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database with the newest tables and no rows, opened."""
    opened = Database(database_url)
    yield opened
    await opened.dispose()
