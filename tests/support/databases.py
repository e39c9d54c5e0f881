"""Fixtures that give a test an empty database with our tables, once on SQLite and once on PostgreSQL."""

from __future__ import annotations

import itertools
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.store.engine import Database, migrate
from tests.support.postgres import create_database, drop_database, postgres_server

_numbers = itertools.count(1)
# Several test runs can share a server.
_run = uuid.uuid4().hex[:8]


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server that may create databases."""
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> Iterator[str]:
    """The name of a database with the newest tables, to copy."""
    name = f"frontdesk_{_run}_template"
    migrate(create_database(postgres, name))
    yield name
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
def database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with the newest tables and no rows."""
    if database_kind == "sqlite":
        file = tmp_path / "frontdesk.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    postgres = request.getfixturevalue("postgres")
    name = f"frontdesk_{_run}_{next(_numbers)}"
    yield create_database(postgres, name, request.getfixturevalue("postgres_template"))
    drop_database(postgres, name)


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database with the newest tables and no rows, opened."""
    opened = Database(database_url)
    yield opened
    await opened.dispose()
