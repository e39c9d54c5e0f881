"""Brings the tables to the newest revision; `python -m bot.store.migrations "what changes"` writes the next one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection

# Any number will do, as long as nothing else in the database takes the same lock.
_LOCK = 7_043_700


def upgrade_to_newest(connection: Connection) -> None:
    """Runs the revisions that are missing, inside the connection's transaction. A second caller waits for the first."""
    # SQLite's transaction holds the write lock already (bot.store.engine).
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    command.upgrade(alembic_config(connection), "head")


@cache
def newest_revision() -> str:
    """The revision that this version of the product needs."""
    revision = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if revision is None:
        raise RuntimeError("the folder bot/store/migrations/versions has no revision")
    return revision


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's settings; with a connection, its commands work on that one."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("file_template", "r%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config
