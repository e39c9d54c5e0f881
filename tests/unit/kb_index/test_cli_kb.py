from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli_kb import app
from kb_index.encoder import Encoder
from kb_index.search import KnowledgeIndex
from tests.fakes.help_site import help_site

ENCODER = str(Path(__file__).resolve().parents[3] / "models" / "encoder")


@pytest.fixture(autouse=True)
def _encoder_loaded_once(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands load models/encoder themselves, which takes long; here they all get the one that is open."""
    load = Encoder.load
    monkeypatch.setattr(Encoder, "load", lambda directory: encoder if str(directory) == ENCODER else load(directory))


def run(*arguments: str | Path, encoder: bool = True) -> Result:
    given = ["--encoder", ENCODER] if encoder else []
    return CliRunner().invoke(app, [*map(str, arguments), *given])


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
        (
            ("build", "--source", "ftp://help.example", "--index", "NEW"),
            "cannot load ftp://help.example: give a folder",
        ),
    ],
)
def test_unusable_input_gives_one_clear_line_and_exit_status_2(
    small_index: KnowledgeIndex, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"language": "en", "query": "a", "article": "void-a-check"}')
    places = {"INDEX": str(small_index.directory), "NEW": str(tmp_path / "new"), "ROWS": str(rows)}
    failed = run(*(places.get(argument, argument) for argument in arguments))
    assert failed.exit_code == 2
    assert message in failed.stderr
    assert len(failed.stderr.strip().splitlines()) == 1
    assert failed.stdout == ""


@pytest.fixture
def index(help_center: Path, tmp_path: Path) -> Path:
    """An index of the help center, built by the command."""
    place = tmp_path / "index"
    assert run("build", "--source", help_center, "--index", place).exit_code == 0
    return place


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    file = tmp_path / "questions.jsonl"
    rows = [
        {"language": "en", "query": "void a printed check", "article": "void-a-check"},
        {"language": "es", "query": "la conciliación bancaria no cuadra", "article": "bank-reconciliation"},
        {"language": "en", "query": "run depreciation for fixed assets"},
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def without_the_check_article(help_center: Path) -> None:
    for path in help_center.rglob("void-a-check.md"):
        path.unlink()


def test_an_operator_stages_compares_publishes_and_rolls_back(
    help_center: Path, index: Path, questions: Path, encoder: Encoder
) -> None:
    before = KnowledgeIndex.open(index, encoder).version
    without_the_check_article(help_center)
    staged = run("build", "--source", help_center, "--index", index, "--stage")
    assert staged.exit_code == 0
    assert f"it waits; let it serve with: frontdesk kb publish --index {index}" in staged.stdout
    assert KnowledgeIndex.open(index, encoder).version == before

    compared = run("compare", f"{index}@current", f"{index}@staged", "--queries", questions, "--index", index)
    assert compared.exit_code == 0
    assert "Worse in B: 1" in compared.stdout
    assert "#1 → none  void a printed check (en, void-a-check) (the article is not in B)" in compared.stdout
    assert "0 better, 1 worse, 1 the same" in compared.stdout

    published = run("publish", "--index", index)
    assert published.exit_code == 0
    assert "3 articles" in published.stdout and "serves now" in published.stdout
    assert KnowledgeIndex.open(index, encoder).article("en", "void-a-check") is None

    back = run("rollback", "--index", index)
    assert back.exit_code == 0
    assert f"rolled back {index}: version {before}, built 20" in back.stdout
    assert "5 articles" in back.stdout
    assert KnowledgeIndex.open(index, encoder).version == before


def test_a_website_is_read_as_politely_and_as_far_as_told_and_remembered_for_the_next_build(tmp_path: Path) -> None:
    index = tmp_path / "index"
    with help_site() as site:
        site.page("/help/", title="Help", links=("/help/checks", "/help/assets", "/help/old/periods"))
        for path, title in (("checks", "Void a check"), ("assets", "Depreciate assets"), ("old/periods", "Periods")):
            site.page(f"/help/{path}", title=title)
        arguments = ("build", "--source", f"{site.url}/help/", "--index", index, "--crawl-delay", "0", "--json")
        cut_short = run(*arguments, "--max-pages", "2")
        assert cut_short.exit_code == 1
        assert "2 more were known by then" in cut_short.stderr
        assert json.loads(cut_short.stdout)["articles"] == 2
        assert json.loads(run(*arguments).stdout)["articles"] == 4
        assert json.loads(run(*arguments).stdout)["changed"] is False
        assert site.bodies["/help/checks"] == 1, "pages that did not change are not sent again"
        for path in ("checks", "assets", "old/periods"):
            del site.replies[f"/help/{path}"]
        refused = run(*arguments)
        assert refused.exit_code == 2
        assert json.loads(run(*arguments, "--allow-shrink").stdout)["articles"] == 1
    assert not (index / "versions" / "crawl").exists()


def test_a_path_that_is_none_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    refused = run("build", "--source", "https://help.example", "--index", tmp_path / "new", "--below", "help")
    assert refused.exit_code == 2
    assert "must be a path" in refused.stderr
    assert not (tmp_path / "new").exists()


def test_versions_lists_what_serves_what_did_and_what_waits(help_center: Path, index: Path) -> None:
    without_the_check_article(help_center)
    run("build", "--source", help_center, "--index", index)
    (help_center / "en" / "depreciation.md").unlink()
    run("build", "--source", help_center, "--index", index, "--stage")
    listed = json.loads(run("versions", "--index", index, "--json", encoder=False).stdout)
    assert [(v["role"], v["articles"]) for v in listed["versions"]] == [("current", 3), ("previous", 5), ("staged", 2)]
    assert all(v["name"] and v["passages"] and v["built_at"] and not v["damage"] for v in listed["versions"])
    shown = run("versions", "--index", index, encoder=False).stdout
    assert shown.index("serves") < shown.index("previous") < shown.index("staged")


def test_compare_sets_the_previous_version_against_the_current_one_unless_told_otherwise(
    help_center: Path, index: Path, questions: Path
) -> None:
    without_the_check_article(help_center)
    run("build", "--source", help_center, "--index", index)
    compared = json.loads(run("compare", "--queries", questions, "--index", index, "--json").stdout)
    assert [row["query"] for row in compared["worse"]] == ["void a printed check"]
    assert (compared["worse"][0]["rank"], compared["worse"][0]["has_article"]) == ([1, None], [True, False])
    assert compared["better"] == compared["unlabelled_changed"] == []
    figures = compared["figures"]
    assert {"hit@1", "hit@3", "hit@5", "mrr@10", "answered"} == figures["difference"].keys()
    assert (figures["before"]["hit@3"], figures["after"]["hit@3"], figures["difference"]["hit@3"]) == (1.0, 0.5, -0.5)
    assert figures["by_language"]["es"]["difference"]["hit@3"] == 0.0
    assert figures["unlabelled"]["n"] == 1
    assert compared["a"] != compared["b"] and compared["a"].startswith(f"{index}@")


def test_two_directories_can_be_compared_before_one_replaces_the_other(
    help_center: Path, index: Path, questions: Path, tmp_path: Path
) -> None:
    article = help_center / "en" / "depreciation.md"
    article.write_text(article.read_text().replace("id: depreciation", "id: monthly-depreciation"))
    run("build", "--source", help_center, "--index", tmp_path / "new")
    shown = run("compare", index, tmp_path / "new", "--queries", questions).stdout
    assert "2 the same" in shown
    assert "Without an article: another first result, or judged otherwise: 1" in shown
    assert "en/depreciation → en/monthly-depreciation" in " ".join(shown.split())


def test_a_question_cannot_command_the_terminal_that_shows_it(help_center: Path, index: Path, tmp_path: Path) -> None:
    without_the_check_article(help_center)
    run("build", "--source", help_center, "--index", index)
    row = {"language": "en", "query": "void a\x1b[2J\nprinted [bold]check[/bold]", "article": "void-a-check"}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row))
    shown = run("compare", "--queries", tmp_path / "rows.jsonl", "--index", index).stdout
    assert "#1 → none  void a [2J printed [bold]check[/bold] (en, void-a-check)" in shown
    assert "\x1b" not in shown


def test_compare_can_stop_a_script_when_fewer_questions_find_their_article(
    help_center: Path, index: Path, questions: Path
) -> None:
    without_the_check_article(help_center)
    run("build", "--source", help_center, "--index", index)
    arguments = ("--queries", questions, "--index", index, "--fail-if-worse")
    assert run("compare", *arguments).exit_code == 1
    assert run("compare", "@current", "@previous", *arguments).exit_code == 0
    assert run("compare", "@current", "@current", *arguments).exit_code == 0


def test_a_build_log_shows_how_far_it_is(help_center: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.cli_progress._LINES_APART_S", 0.0)
    monkeypatch.setattr("bot.cli_progress._LINE_EVERY_S", 0.0)
    built = run("build", "--source", help_center, "--index", tmp_path / "index", "--json")
    assert "encoding passages: 0 of " in built.stderr
    assert "word index: 1 of 2" in built.stderr
    assert json.loads(built.stdout)["articles"] == 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("rollback", "--index", "INDEX"), "there is no previous version in"),
        (("rollback", "--index", "nowhere"), "there is no index in nowhere; run: frontdesk kb build --index nowhere"),
        (("publish", "--index", "INDEX"), "there is no staged version in"),
        (("versions", "--index", "nowhere"), "there is no index in nowhere"),
        (("compare", "--index", "INDEX"), "compare needs questions: --queries FILE.jsonl"),
        (("compare", "--index", "INDEX", "--queries", "nowhere.jsonl"), "nowhere.jsonl"),
        (("compare", "--index", "INDEX", "--queries", "ROWS"), "there is no previous version in"),
        (("compare", "@current", "@x", "--index", "INDEX", "--queries", "ROWS"), "there is no version 'x' in"),
        (("compare", "nowhere", "@current", "--index", "INDEX", "--queries", "ROWS"), "there is no index in nowhere"),
        (
            ("compare", "@current", "@current", "--index", "INDEX", "--queries", "BARE", "--fail-if-worse"),
            "--fail-if-worse needs questions with an article",
        ),
        (
            ("compare", "@current", "@current", "--index", "INDEX", "--queries", "ROWS", "--scope", "xx"),
            "unknown language 'xx'",
        ),
    ],
)
def test_versions_that_are_not_there_and_questions_that_are_none_give_one_line_and_exit_status_2(
    small_index: KnowledgeIndex, questions: Path, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    bare = tmp_path / "bare.jsonl"
    bare.write_text('{"language": "en", "query": "a question"}')
    places = {"INDEX": str(small_index.directory), "ROWS": str(questions), "BARE": str(bare)}
    failed = run(*(places.get(one, one) for one in arguments), encoder=arguments[0] != "versions")
    assert failed.exit_code == 2
    assert message in failed.stderr
    assert len(failed.stderr.strip().splitlines()) == 1
    assert failed.stdout == ""


def test_a_missing_encoder_says_how_to_build_it(tmp_path: Path) -> None:
    failed = CliRunner().invoke(app, ["search", "text", "--encoder", str(tmp_path)])
    assert failed.exit_code == 2
    assert "encoder" in failed.stderr
