"""`frontdesk kb gaps` tells authors what is missing, from the desk's own database and index."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.store.engine import Database, migrate
from kb_index.builder import build_index
from kb_index.encoder import Encoder
from tests.support.rows import NOW, add_unanswered

ENCODER = Path(__file__).resolve().parents[2] / "models" / "encoder"
QUESTIONS = {
    "pay vendors in bitcoin": "en",
    "can vendors be paid in bitcoin": "en",
    "merge two customers into one, mail dana@acme.example": "en",
    "pagar con bitcoin": "es",
    "hello": "en",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    folder = tmp_path_factory.mktemp("cli_gaps")
    (folder / "en").mkdir()
    front = "id: pay-a-vendor\nlanguage: en\ntitle: Pay a [vendor]\ndescription: Pay bills.\nupdated: 2026-03-01"
    (folder / "en" / "pay-a-vendor.md").write_text(f"---\n{front}\n---\n# Pay a [vendor]\n\nPay vendor bills.\n")
    build_index([folder], folder / "index", encoder)
    return folder / "index"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, index: Path) -> None:
    for name in [name for name in os.environ if name.upper().startswith("FRONTDESK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FRONTDESK_DATABASE_URL", f"sqlite:///{tmp_path}/desk.db")
    monkeypatch.setenv("FRONTDESK_INDEX", str(index))
    monkeypatch.setenv("FRONTDESK_ENCODER_DIR", str(ENCODER))
    monkeypatch.setenv("FRONTDESK_CLOCK", NOW.isoformat())
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def asked(tmp_path: Path) -> None:
    async def fill() -> None:
        database = Database(f"sqlite:///{tmp_path}/desk.db")
        for hours, (query, language) in enumerate(QUESTIONS.items(), 1):
            await add_unanswered(database, query, language, NOW - timedelta(hours=hours))
        await database.dispose()

    migrate(f"sqlite:///{tmp_path}/desk.db")
    asyncio.run(fill())


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["kb", "gaps", *arguments], env={"COLUMNS": "200"})


def test_gaps_are_shown_with_counts_examples_and_the_nearest_article(asked: None) -> None:
    result = run()
    assert result.exit_code == 0, result.output
    assert "5 searches, 5 of them unanswered (100.0%), 3 gaps" in result.stdout
    assert "Left out: 1 no questions" in result.stdout
    assert "1. en: asked 2 times in 2 conversations (40.0% of all searches), last on 2026-03-16" in result.stdout
    assert "no answer found 2" in result.stdout
    assert "“pay vendors in bitcoin”" in result.stdout
    assert "nearest: Pay a [vendor] (en), answers it with " in result.stdout
    assert "mail [e-mail]" in result.stdout and "dana" not in result.stdout


def test_one_language_some_hours_and_only_the_first(asked: None) -> None:
    body = json.loads(run("--language", "es", "--json").stdout)
    assert [gap["examples"] for gap in body["gaps"]] == [["pagar con bitcoin"]]
    body = json.loads(run("--since", "1h", "--json").stdout)
    assert [gap["examples"] for gap in body["gaps"]] == [["pay vendors in bitcoin"]]
    body = json.loads(run("--limit", "1", "--json").stdout)
    assert (len(body["gaps"]), body["gaps_found"]) == (1, 3)


def test_a_desk_that_nobody_asked_anything_says_so(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path}/desk.db")
    result = run()
    assert result.exit_code == 0, result.output
    assert "0 searches, 0 of them unanswered (0.0%), 0 gaps" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--since", "soon"), "--since 'soon' is no time; expected e.g. 30d"),
        (("--language", "it"), "'it' is none of en, es, fr, de"),
        (("--limit", "0"), "--limit"),
    ],
)
def test_what_cannot_be_meant_is_said(asked: None, arguments: tuple[str, ...], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("FRONTDESK_DATABASE_URL", "sqlite:///new.db", "frontdesk: the SQLite database new.db cannot be read"),
        ("FRONTDESK_INDEX", "missing", "frontdesk kb: there is no index in missing"),
        ("FRONTDESK_ENCODER_DIR", "missing", "frontdesk kb: there is no encoder in missing"),
    ],
)
def test_what_is_missing_is_said_in_one_line(
    asked: None, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    result = run()
    assert result.exit_code == 2
    assert result.stderr.startswith(said) and len(result.stderr.splitlines()) == 1
