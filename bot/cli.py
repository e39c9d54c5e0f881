"""The `frontdesk` command."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from bot import cli_chat, cli_gaps, cli_kb
from bot.cli_errors import UNUSABLE_INPUT, database_errors_as_one_line, settings_or_exit

if TYPE_CHECKING:
    from bot.settings import Settings

app = typer.Typer(help="Frontdesk, a support desk you talk to.", no_args_is_help=True, pretty_exceptions_enable=False)
directory = typer.Typer(help="Companies and users.", no_args_is_help=True)
database = typer.Typer(help="The desk's database.", no_args_is_help=True)
cli_kb.app.command("gaps")(cli_gaps.gaps)
app.add_typer(cli_kb.app, name="kb")
app.add_typer(directory, name="directory")
app.add_typer(database, name="db")
app.command("chat")(cli_chat.chat)


@app.command()
def serve() -> None:
    """The app alone; Rasa runs elsewhere. In development an empty database gets the demo directory first."""
    import uvicorn

    from bot.app import create_app
    from bot.policy.policy import PolicyError
    from bot.store.engine import DatabaseError
    from kb_index.encoder import EncoderError
    from kb_index.errors import KnowledgeError

    settings = settings_or_exit()
    if settings.env == "development":
        _prepare_demo(settings, only_if_empty=True)
    try:
        application = create_app(settings)
    except (PolicyError, DatabaseError, KnowledgeError, EncoderError) as error:
        typer.echo(f"frontdesk serve: {error}", err=True)
        raise typer.Exit(UNUSABLE_INPUT) from error
    uvicorn.run(application, host=settings.host, port=settings.port, log_level="warning", access_log=False)


@app.command()
def rasa() -> None:
    """The Rasa process, with the secrets and addresses of the same settings; it listens on loopback."""
    settings = settings_or_exit()
    python = Path(".venv-rasa/bin/python")
    if not python.exists() or not Path("models/rasa").exists():
        typer.echo("frontdesk rasa: Rasa or its model is not installed here; run `make train`.", err=True)
        raise typer.Exit(UNUSABLE_INPUT)
    address = urlsplit(settings.rasa_url)
    environment = {
        **os.environ,
        "FRONTDESK_RASA_SECRET": settings.rasa_secret,
        "FRONTDESK_ACTION_SECRET": settings.action_secret,
        "FRONTDESK_ACTION_URL": f"http://{settings.host}:{settings.port}/rasa/actions",
        "FRONTDESK_RASA_DATABASE": str(settings.rasa_database),
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "LOG_LEVEL": "WARNING",
        # One text at a time gains nothing from more threads, which only spin on each other's cores.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    command = [str(python), "-W", "ignore", "-m", "rasa", "run", "--model", "models/rasa"]
    command += ["--interface", address.hostname or "127.0.0.1", "--port", str(address.port or 5005)]
    command += ["--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]
    os.execve(python, command, environment)


@database.command("migrate")
def migrate_database() -> None:
    """Brings the database's tables up to date."""
    from bot.store.engine import migrate

    with database_errors_as_one_line():
        migrate(settings_or_exit().database_url)


@database.command("demo")
def load_demo_data() -> None:
    """Loads the demo directory and a demo case in every state; does nothing when they are there."""
    settings = settings_or_exit()
    if settings.env == "production":
        typer.echo("frontdesk db demo: demo people have no place in production; use `frontdesk db migrate`.", err=True)
        raise typer.Exit(UNUSABLE_INPUT)
    _prepare_demo(settings)


def _prepare_demo(settings: Settings, *, only_if_empty: bool = False) -> None:
    """Brings the tables up to date and loads the demo directory, `only_if_empty` not beside others."""
    from bot.policy.policy import load_policy
    from bot.store.demo_data import load_demo
    from bot.store.directory import is_empty
    from bot.store.engine import Database, migrate

    async def load() -> None:
        opened = Database(settings.database_url)
        try:
            async with opened.session(read_only=True) as session:
                wanted = not only_if_empty or await is_empty(session)
            if wanted:
                await load_demo(opened, load_policy(settings.policy), settings.now)
        finally:
            await opened.dispose()

    with database_errors_as_one_line():
        migrate(settings.database_url)
        asyncio.run(load())


@directory.command("import")
def import_directory(file: Annotated[Path, typer.Argument(help="CSV of companies and users.")]) -> None:
    """Adds and updates companies and users; with a bad row nothing is imported."""
    from bot.desk.directory import Directory
    from bot.desk.directory_file import DirectoryError
    from bot.policy.policy import load_policy
    from bot.store.engine import Database

    settings = settings_or_exit()

    async def load() -> str:
        opened = Database(settings.database_url)
        try:
            await opened.check()
            report = await Directory(opened, load_policy(settings.policy)).import_csv(
                file.read_text(encoding="utf-8-sig")
            )
        finally:
            await opened.dispose()
        return f"{report.companies} companies, {report.users} users: {report.created} new, {report.updated} changed"

    try:
        with database_errors_as_one_line():
            typer.echo(asyncio.run(load()))
    except DirectoryError as error:
        typer.echo(f"frontdesk directory import: {file}: nothing was imported\n{error}", err=True)
        raise typer.Exit(UNUSABLE_INPUT) from error
    except (OSError, UnicodeDecodeError) as error:
        typer.echo(f"frontdesk directory import: {file} cannot be read: {error}", err=True)
        raise typer.Exit(UNUSABLE_INPUT) from error


def main() -> None:
    app(prog_name="frontdesk")


if __name__ == "__main__":
    main()
