"""Writes the next revision from what differs between the models and the newest tables, for a developer to look over."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from bot.store.engine import Database, migrate
from bot.store.migrations import alembic_config


def write_revision(connection: Connection, message: str) -> None:
    config = alembic_config(connection)
    newest = ScriptDirectory.from_config(config).get_current_head()
    command.revision(config, message, autogenerate=True, rev_id=f"{int(newest or 0) + 1:04}")


async def compare_and_write(url: str, message: str) -> None:
    database = Database(url)
    async with database.session() as session:
        await (await session.connection()).run_sync(write_revision, message)
    await database.dispose()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bot.store.migrations", description=__doc__)
    parser.add_argument("message", help="what changes, in a few words")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{Path(folder) / 'empty.db'}"
        migrate(address)
        asyncio.run(compare_and_write(address, arguments.message))
