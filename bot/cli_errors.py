"""What commands that need the settings or the database have in common: what is wrong is said in a line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer
from pydantic import ValidationError

if TYPE_CHECKING:
    from bot.settings import Settings

UNUSABLE_INPUT = 2


def settings_or_exit() -> Settings:
    """The settings; ends the command with one line for each that is wrong."""
    from bot.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        for problem in error.errors():
            place = ".".join(str(part) for part in problem["loc"])
            name = f"FRONTDESK_{place.upper()}: " if place else ""
            typer.echo(f"frontdesk: {name}{problem['msg'].removeprefix('Value error, ')}", err=True)
        raise typer.Exit(UNUSABLE_INPUT) from error


@contextmanager
def database_errors_as_one_line() -> Iterator[None]:
    """Ends the command with status 2 and the error's own text, without a traceback."""
    from bot.store.engine import DatabaseError

    try:
        yield
    except DatabaseError as error:
        typer.echo(f"frontdesk: {error}", err=True)
        raise typer.Exit(UNUSABLE_INPUT) from error
