from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli_kb import app
from kb_index.encoder import Encoder
from kb_index.search import KnowledgeIndex

ENCODER = str(Path(__file__).resolve().parents[3] / "models" / "encoder")


@pytest.fixture(autouse=True)
def _built_encoder(encoder: Encoder) -> None:
    """The commands load models/encoder themselves; it must be there."""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments), "--encoder", ENCODER])


def test_build_then_search_as_json(help_center: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    built = run("build", "--source", help_center, "--index", index, "--json")
    assert built.exit_code == 0, built.output
    assert json.loads(built.stdout)["articles"] == 5
    found = run("search", "anular un cheque impreso", "--language", "es", "--limit", "1", "--index", index, "--json")
    answer = json.loads(found.stdout)
    assert found.exit_code == 0
    assert {"results", "answerable", "took_ms"} <= answer.keys()
    (result,) = answer["results"]
    assert {"article", "title", "language", "url", "snippet", "score"} <= result.keys()
    assert result["article"] == "void-a-check"


def test_a_second_build_says_that_all_is_up_to_date(help_center: Path, tmp_path: Path) -> None:
    arguments = ("build", "--source", help_center, "--index", tmp_path / "index")
    assert "5 articles" in run(*arguments).stdout
    assert "up to date" in run(*arguments).stdout


def test_bad_files_are_listed_and_the_exit_status_is_1_but_the_index_is_built(
    help_center: Path, tmp_path: Path
) -> None:
    bad = help_center / "bad.md"
    bad.write_text("---\nid: bad\n---\n")
    built = run("build", "--source", help_center, "--index", tmp_path / "index")
    assert built.exit_code == 1
    assert f"left out: {bad}: front matter lacks a title" in built.stderr
    assert run("search", "void a check", "--index", tmp_path / "index").exit_code == 0


def test_search_for_people_shows_title_snippet_and_link(small_index: KnowledgeIndex) -> None:
    shown = run("search", "how to void a printed check", "--language", "en", "--index", small_index.directory)
    assert shown.exit_code == 0
    assert "1. Void a printed check" in shown.stdout
    assert "/articles/en/void-a-check" in shown.stdout


def test_eval_prints_figures_as_json_and_as_a_table(small_index: KnowledgeIndex, tmp_path: Path) -> None:
    answerable, other = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    answerable.write_text('{"language": "en", "query": "void a check", "article": "void-a-check"}\n')
    other.write_text('{"language": "en", "query": "who wins the football cup on sunday"}\n')
    figures = json.loads(run("eval", answerable, other, "--index", small_index.directory, "--json").stdout)
    assert {"n", "hit@1", "hit@3", "hit@5", "mrr@10", "p50_ms", "p95_ms", "by_language"} <= figures.keys()
    assert {"answerable_auroc", "false_answer_rate"} <= figures.keys()
    assert "hit@3" in run("eval", answerable, "--index", small_index.directory).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("search", "text", "--index", "INDEX", "--language", "xx"), "unknown language 'xx'"),
        (("search", "text", "--index", "nowhere"), "there is no index in nowhere; run: frontdesk kb build"),
        (("eval", "nowhere.jsonl", "--index", "INDEX"), "nowhere.jsonl"),
        (("eval", "ROWS", "--index", "INDEX", "--scope", "xx"), "unknown language 'xx'"),
        (("build", "--source", "nowhere", "--index", "NEW"), "there is no such folder"),
        (("build", "--source", "https://help.example", "--index", "NEW"), "https://help.example"),
    ],
)
def test_unusable_input_gives_one_clear_line_and_exit_status_2(
    small_index: KnowledgeIndex, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"language": "en", "query": "a", "article": "a"}')
    places = {"INDEX": str(small_index.directory), "NEW": str(tmp_path / "new"), "ROWS": str(rows)}
    failed = run(*(places.get(argument, argument) for argument in arguments))
    assert failed.exit_code == 2
    assert message in failed.stderr
    assert len(failed.stderr.strip().splitlines()) == 1
    assert failed.stdout == ""


def test_a_missing_encoder_says_how_to_build_it(tmp_path: Path) -> None:
    failed = CliRunner().invoke(app, ["search", "text", "--encoder", str(tmp_path)])
    assert failed.exit_code == 2
    assert "encoder" in failed.stderr
