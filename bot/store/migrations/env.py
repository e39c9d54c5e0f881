"""Run by Alembic for each command: hands it our connection and our tables."""

from typing import Any, Literal

from alembic import context

from bot.store.models import Base, UtcDateTime

connection = context.config.attributes.get("connection")
if connection is None:
    raise RuntimeError("the tables are updated by bot.store.engine.migrate; the alembic command has no connection")


def plain_times(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Revisions stay as they are when the models change, so they name no type of ours."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


# SQLite cannot alter most things about a table: batch mode copies it instead.
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=plain_times,
)
with context.begin_transaction():
    context.run_migrations()
