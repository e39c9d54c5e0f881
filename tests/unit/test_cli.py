"""The `frontdesk` command says in one line what is wrong, and does what it says with the database."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.desk.directory import Directory
from bot.store.demo_data import DIRECTORY_FILE
from bot.store.engine import Database

HEADER = "company,country,plan,implemented_by,company_is_partner,user,active,designated,may_authorise,timezone\n"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder with a database of its own, and no setting of whoever runs the tests."""
    for name in [name for name in os.environ if name.upper().startswith("FRONTDESK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FRONTDESK_DATABASE_URL", f"sqlite:///{tmp_path}/desk.db")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def known(folder: Path, email: str) -> str | None:
    """The company of that user, as the database has it."""

    async def look() -> str | None:
        database = Database(f"sqlite:///{folder}/desk.db")
        try:
            person = await Directory(database).person_by_email(email)
        finally:
            await database.dispose()
        return person.company if person else None

    return asyncio.run(look())


def test_without_a_command_the_commands_are_listed() -> None:
    said = run().output
    for command in ("serve", "rasa", "chat", "kb", "directory", "db"):
        assert command in said


def test_a_wrong_setting_is_said_in_one_line_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTDESK_PORT", "a lot")
    result = run("serve")
    assert result.exit_code == 2
    assert result.stderr.startswith("frontdesk: FRONTDESK_PORT: ")
    assert len(result.stderr.splitlines()) == 1


def test_default_secrets_in_production_are_refused_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTDESK_ENV", "production")
    result = run("serve")
    assert result.exit_code == 2
    assert result.stderr.startswith("frontdesk: production refuses the default or short value of FRONTDESK_RASA_SECRET")
    assert len(result.stderr.splitlines()) == 1


def test_a_desk_without_its_encoder_does_not_start_and_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("serve")
    assert result.exit_code == 2
    assert result.stderr.startswith("frontdesk serve: ")
    assert "Traceback" not in result.output


def test_rasa_without_its_environment_says_what_to_run() -> None:
    result = run("rasa")
    assert result.exit_code == 2
    assert "make train" in result.stderr


def test_the_demo_directory_is_loaded_and_loading_it_again_is_no_error(environment: Path) -> None:
    for _ in range(2):
        assert run("db", "demo").exit_code == 0
    assert known(environment, "dana@acme.example") == "Acme Manufacturing"


def test_a_directory_is_imported_and_what_happened_is_counted(environment: Path) -> None:
    run("db", "migrate")
    first = run("directory", "import", str(DIRECTORY_FILE))
    assert first.exit_code == 0
    assert first.stdout.strip() == "11 companies, 14 users: 14 new, 0 changed"
    again = run("directory", "import", str(DIRECTORY_FILE))
    assert again.stdout.strip() == "11 companies, 14 users: 0 new, 0 changed"
    assert known(environment, "uma@thames.example") == "Thames Books"


def test_a_file_with_a_byte_order_mark_as_spreadsheets_write_it_is_read(environment: Path) -> None:
    run("db", "migrate")
    file = environment / "users.csv"
    file.write_text(HEADER + "Größe AG,DE,Gold,,no,g@groesse.example,yes,no,yes,Europe/Berlin\n", encoding="utf-8-sig")
    assert run("directory", "import", str(file)).exit_code == 0
    assert known(environment, "g@groesse.example") == "Größe AG"


def test_one_bad_row_imports_nothing_and_is_named_with_its_line(environment: Path) -> None:
    run("db", "migrate")
    file = environment / "users.csv"
    good = "Acme,US,Gold,,no,a@acme.example,yes,yes,yes,America/Chicago\n"
    file.write_text(HEADER + good + good.replace("a@acme.example", "b@acme.example").replace("Chicago", "Mars"))
    result = run("directory", "import", str(file))
    assert result.exit_code == 2
    assert "nothing was imported" in result.stderr
    assert "3" in result.stderr and "America/Mars" in result.stderr
    assert known(environment, "a@acme.example") is None


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00\xd8broken"])
def test_a_file_that_cannot_be_read_is_said_in_one_line(environment: Path, content: bytes | None) -> None:
    run("db", "migrate")
    file = environment / "users.csv"
    if content is not None:
        file.write_bytes(content)
    result = run("directory", "import", str(file))
    assert result.exit_code == 2
    assert "users.csv cannot be read" in result.stderr
    assert "Traceback" not in result.output


def test_a_database_that_cannot_be_used_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTDESK_DATABASE_URL", "mysql://somewhere/desk")
    for command in (("db", "migrate"), ("db", "demo"), ("directory", "import", str(DIRECTORY_FILE))):
        result = run(*command)
        assert result.exit_code == 2, command
        assert "FRONTDESK_DATABASE_URL" in result.stderr
        assert "Traceback" not in result.output


def test_importing_before_the_tables_were_made_says_so() -> None:
    result = run("directory", "import", str(DIRECTORY_FILE))
    assert result.exit_code == 2
    assert "Traceback" not in result.output
