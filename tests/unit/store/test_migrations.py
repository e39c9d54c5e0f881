"""The tables that the revisions make are those of the models."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateTable

from bot.store.engine import Database
from bot.store.migrations import alembic_config, newest_revision
from bot.store.models import Base, Search


def differences(connection: Connection) -> list[object]:
    return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata)


async def test_the_revisions_make_exactly_the_models(database: Database) -> None:
    async with database.session(read_only=True) as session:
        connection = await session.connection()
        assert await connection.run_sync(differences) == []


async def test_a_model_that_no_revision_makes_would_be_noticed(database: Database) -> None:
    async with database.session() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("ALTER TABLE comments DROP COLUMN author_email")
        assert len(await connection.run_sync(differences)) == 1
        await session.rollback()


async def test_constraints_have_the_names_and_rules_of_the_models(database: Database) -> None:
    def foreign_keys(connection: Connection) -> dict[str, str | None]:
        inspector = inspect(connection)
        return {
            str(key["name"]): key["options"].get("ondelete")
            for table in Base.metadata.tables
            for key in inspector.get_foreign_keys(table)
        }

    expected = {
        str(constraint.name): constraint.ondelete
        for table in Base.metadata.tables.values()
        for constraint in table.foreign_key_constraints
    }
    async with database.session(read_only=True) as session:
        connection = await session.connection()
        assert await connection.run_sync(foreign_keys) == expected


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_sqlite_never_gives_the_number_of_a_deleted_case_or_message_again(database: Database) -> None:
    async with database.session(read_only=True) as session:
        connection = await session.connection()
        made = dict(
            (await connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all()
        )
    for table in Base.metadata.sorted_tables:
        wanted = str(CreateTable(table).compile(dialect=connection.dialect))
        assert ("AUTOINCREMENT" in made[table.name]) == ("AUTOINCREMENT" in wanted), table.name
    assert "AUTOINCREMENT" in made["cases"]
    assert "AUTOINCREMENT" in made["messages"]


async def test_articles_of_searches_that_did_not_help_are_rejected_ones_after_the_update(
    empty_database_url: str,
) -> None:
    def update(connection: Connection, revision: str) -> None:
        command.upgrade(alembic_config(connection), revision)

    database = Database(empty_database_url)
    async with database.session() as session:
        connection = await session.connection()
        await connection.run_sync(update, "0001")
        for number, outcome in enumerate(["'solved'", "'rejected'", "'case'", "NULL"]):
            await connection.exec_driver_sql(
                "INSERT INTO searches (id, language, query, articles, answerable, probability, outcome, created_at) "
                f"VALUES ({number}, 'en', 'q', '[\"a\", \"b\"]', true, 0.5, {outcome}, '2026-03-16 14:00:00')"
            )
        await connection.run_sync(update, "0002")
    async with database.session(read_only=True) as session:
        found = await session.execute(select(Search.outcome, Search.rejected).order_by(Search.id))
        assert found.all() == [("solved", []), ("rejected", ["a", "b"]), ("case", ["a", "b"]), (None, [])]
    await database.dispose()


def test_there_is_one_newest_revision() -> None:
    assert newest_revision().isdigit()
