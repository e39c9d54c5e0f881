"""What the README and `.env.example` tell a newcomer is true: commands, options, paths, settings, examples."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jwt
import pytest
from honcho.environ import parse as parse_as_honcho_does
from typer.exceptions import TyperException
from typer.main import get_command
from typer.testing import CliRunner

from bot.cli import app
from bot.desk.directory_file import COLUMNS, OPTIONAL_COLUMNS
from bot.settings import DEFAULT_SECRETS, Settings
from kb_index.loaders import load_sources

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / ".env.example"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [(language, body) for language, body in BLOCK.findall(README)]
SPANS = re.findall(r"`([^`\n]+)`", BLOCK.sub("", README))
BUILT = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").split()]


def commands(program: str) -> list[list[str]]:
    """The words after `program` wherever a code block or an inline code calls it."""
    call = re.compile(rf"(?:\w+=\S+ +)*(?:\.venv/bin/)?{program}(?: (.*))?")
    lines = [line.strip() for _, body in BLOCKS for line in body.splitlines()] + SPANS
    calls = [call.fullmatch(line) for line in lines]
    return [shlex.split(found[1] or "", comments=True) for found in calls if found]


def resolve(words: Sequence[str]) -> tuple[list[str], Any, list[str]]:
    """(names of the command, the command, its arguments)."""
    command, names, rest = get_command(app), [], list(words)
    while rest and hasattr(command, "commands"):
        assert rest[0] in command.commands, f"frontdesk {' '.join(words)}: there is no command {rest[0]!r}"
        names.append(rest[0])
        command = command.commands[rest.pop(0)]
    return names, command, rest


def accept(words: Sequence[str]) -> None:
    """Fails unless the command line is one that the app would run; nothing is run."""
    names, command, arguments = resolve(words)
    helped = CliRunner().invoke(app, [*names, "--help"], env={"COLUMNS": "200"})
    assert helped.exit_code == 0, helped.output
    shown = re.sub(r"\x1b\[[\d;]*m", "", helped.output)
    for option in (word for word in arguments if word.startswith("-")):
        assert re.search(rf"(?<![\w-]){option}(?![\w-])", shown), f"frontdesk {' '.join(words)}: no option {option}"
    if not hasattr(command, "commands"):
        command.make_context(" ".join(names), arguments)


@pytest.fixture
def no_settings(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in [name for name in os.environ if name.upper().startswith("FRONTDESK_")]:
        monkeypatch.delenv(name)
    return monkeypatch


def test_every_make_target_in_the_readme_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {word for words in commands("make") for word in words}
    assert {"run", "test"} <= named
    assert named <= targets, f"not in the Makefile: {sorted(named - targets)}"


def test_the_readme_shows_the_commands_of_the_desk() -> None:
    shown = {" ".join(resolve(words)[0]) for words in commands("frontdesk")}
    assert {"chat", "serve", "rasa", "kb build", "kb search", "kb eval", "directory import", "db migrate"} <= shown


@pytest.mark.parametrize("words", commands("frontdesk"), ids=" ".join)
def test_a_newcomer_can_type_every_frontdesk_command_as_it_stands(words: list[str]) -> None:
    accept(words)


@pytest.mark.parametrize("wrong", ["kb buidl", "kb build --sauce x", "chat --as", "directory import", "kb search a b"])
def test_a_command_that_the_app_would_not_accept_is_noticed(wrong: str) -> None:
    with pytest.raises((AssertionError, TyperException)):
        accept(wrong.split())


def test_every_path_in_the_readme_exists_or_is_one_that_the_commands_make() -> None:
    folders = "|".join(re.escape(path.name) for path in ROOT.iterdir() if path.is_dir())
    named = set(re.findall(rf"(?<![\w/.-])(?:{folders})/[\w./-]*", README))
    named |= {
        span for span in SPANS if re.fullmatch(r"[\w.-]+(/[\w.-]+)*/|[\w./-]+\.(yml|py|csv|txt|md|example)", span)
    }
    paths = {path.rstrip("./") for path in named}
    assert len(paths) > 25
    wrong = [path for path in paths if not (ROOT / path).exists() and not made_by_a_command(path)]
    assert not wrong, f"no such path: {sorted(wrong)}"


def made_by_a_command(path: str) -> bool:
    return any(path == built or path.startswith(f"{built}/") for built in BUILT)


def test_every_folder_at_the_top_is_explained_in_the_tree() -> None:
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    tree = README.split("## The tree")[1].split("\n## ")[0]
    missing = [name for name in folders if f"`{name}/`" not in tree and not made_by_a_command(name)]
    assert not missing, f"not in the tree: {missing}"


def test_every_setting_in_the_readme_is_in_the_example_file() -> None:
    known = set(re.findall(r"^(FRONTDESK_\w+)=", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"\bFRONTDESK_\w+", README))
    assert named
    assert named <= known, f"not in .env.example: {sorted(named - known)}"


def test_the_example_file_gives_every_default_and_says_what_it_is(no_settings: pytest.MonkeyPatch) -> None:
    example = Settings(_env_file=EXAMPLE)
    assert example.model_fields_set == set(Settings.model_fields)
    assert example == Settings(_env_file=None)
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    assert lines[0::2] == [f"# {field.description}" for field in Settings.model_fields.values()]


def test_the_process_starter_reads_the_example_file_as_the_desk_does(no_settings: pytest.MonkeyPatch) -> None:
    """`make run` hands every value on in the environment; an unquoted space would be lost there."""
    as_the_desk_reads_it = Settings(_env_file=EXAMPLE)
    for name, value in parse_as_honcho_does(EXAMPLE.read_text(encoding="utf-8")).items():
        no_settings.setenv(name, value)
    assert Settings(_env_file=None) == as_the_desk_reads_it


def test_the_token_that_the_readme_signs_is_one_that_the_desk_takes() -> None:
    [snippet] = [body for language, body in BLOCKS if language == "python"]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(snippet, "README.md", "exec"), {})
    secret = DEFAULT_SECRETS["identity_secret"]
    required = ["exp", "aud", "email", "jti"]
    claims = jwt.decode(
        printed.getvalue().strip(), secret, ["HS256"], audience="frontdesk", options={"require": required}
    )
    assert claims["email"] == "dana@acme.example"


def test_the_article_that_the_readme_shows_is_loaded_without_complaint(tmp_path: Path) -> None:
    [article] = [body for _, body in BLOCKS if body.startswith("---\n")]
    (tmp_path / "article.md").write_text(article, encoding="utf-8")
    loaded = load_sources([tmp_path])
    assert not loaded.problems
    assert [found.key for found in loaded.articles] == [("en", "print-shipping-labels")]
    assert loaded.articles[0].url == "https://help.acme.example/print-shipping-labels"


def test_every_demo_person_and_every_column_of_the_directory_is_named() -> None:
    directory = (ROOT / "bot/store/demo_directory.csv").read_text(encoding="utf-8")
    people = README.split("## The demo people")[1].split("\n## ")[0]
    email = re.compile(r"[a-z]+@[a-z]+\.example")
    assert set(email.findall(people)) == set(email.findall(directory))
    columns = README.split("**Directory.**")[1].split("**Policy.**")[0]
    assert not [name for name in (*COLUMNS, *OPTIONAL_COLUMNS) if f"`{name}`" not in columns]
