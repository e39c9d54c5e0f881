"""Articles and questions as they should not be: the rest is built, and nothing crashes, hangs or pretends to know."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli_kb import app
from kb_index.articles import Article
from kb_index.builder import build_index
from kb_index.chunker import passages_of
from kb_index.encoder import Encoder
from kb_index.search import KnowledgeIndex
from tests.support.bad_questions import BOUND_S, NOTHING_ASKED, OF_OTHER_SCRIPTS, UNWIELDY, VOID_A_CHECK

ENCODER = str(Path(__file__).resolve().parents[3] / "models" / "encoder")
FRONT = "---\nid: {id}\nlanguage: {language}\ntitle: {title}\n---\n"

BAD_ARTICLES = {
    "no-title.md": ("---\nid: no-title\nlanguage: en\n---\nText.", "front matter lacks a title"),
    "five-megabytes.md": (
        FRONT.format(id="five-megabytes", language="en", title="Long") + "The check register. " * 262_144,
        "characters; 1,000,000 at most",
    ),
    "broken.md": ("---\nid: broken\ntitle: [never closed\nlanguage: en\n---\nText.", "broken front matter"),
    "unfinished.md": ("---\nid: unfinished\ntitle: Unfinished\n", "front matter"),
    "italian.md": (FRONT.format(id="italian", language="it", title="Assegni") + "Testo.", "unknown language 'it'"),
    "path.md": (FRONT.format(id="../../etc/passwd", language="en", title="Path"), "may hold only letters"),
    "binary.md": ("\x00\x01---", "front matter"),
}

Run = Callable[..., Result]


@pytest.fixture
def run(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, with the encoder that is open already."""
    monkeypatch.setattr(Encoder, "load", lambda directory: encoder)
    return lambda *arguments: CliRunner().invoke(app, [*map(str, arguments), "--encoder", ENCODER])


@pytest.fixture
def bad_files(help_center: Path) -> dict[str, str]:
    """Puts all bad files into the help center; path -> the reason that must be given."""
    reasons = {}
    for name, (content, reason) in BAD_ARTICLES.items():
        (help_center / name).write_text(content, encoding="utf-8")
        reasons[str(help_center / name)] = reason
    (help_center / "latin-1.md").write_bytes("---\nid: a\ntitle: Scheck prüfen\nlanguage: de\n---\n".encode("latin-1"))
    return reasons | {str(help_center / "latin-1.md"): "not UTF-8: byte 0xfc"}


def test_bad_articles_are_listed_with_their_reasons_and_the_rest_is_built(
    help_center: Path, bad_files: dict[str, str], tmp_path: Path, encoder: Encoder
) -> None:
    started = time.perf_counter()
    report = build_index([help_center], tmp_path / "index", encoder)
    assert time.perf_counter() - started < 30
    found = {problem.path: problem.reason for problem in report.problems}
    assert found.keys() == bad_files.keys()
    assert {path for path, reason in bad_files.items() if reason not in found[path]} == set()
    assert all(problem.skipped for problem in report.problems)
    assert report.articles == 5
    opened = KnowledgeIndex.open(tmp_path / "index", encoder)
    assert opened.search("void a printed check", language="en").results[0].article == "void-a-check"


def test_the_command_lists_bad_articles_builds_the_rest_and_says_so_by_its_exit_status(
    help_center: Path, bad_files: dict[str, str], tmp_path: Path, run: Run
) -> None:
    built = run("build", "--source", help_center, "--index", tmp_path / "index", "--json")
    assert built.exit_code == 1
    lines = built.stderr.splitlines()
    for path, reason in bad_files.items():
        assert any(line.startswith(f"left out: {path}: ") and reason in line for line in lines), path
    assert json.loads(built.stdout)["articles"] == 5


def test_an_article_of_one_endless_word_does_not_hold_up_a_build(encoder: Encoder) -> None:
    article = Article("pasted", "en", "Pasted file", body="```\n" + "QUJD" * 25_000 + "\n```")
    started = time.perf_counter()
    passages = passages_of(article, encoder.count_tokens)
    assert time.perf_counter() - started < 15
    assert sum(len(passage.text.replace(" ", "").replace("\n", "")) for passage in passages) == 100_000


@pytest.mark.parametrize("language", ["en", "es", "de", None])
@pytest.mark.parametrize("query", [*NOTHING_ASKED.values(), "\ud83d"], ids=[*NOTHING_ASKED, "half a character"])
def test_what_asks_nothing_finds_nothing(small_index: KnowledgeIndex, query: str, language: str | None) -> None:
    outcome = small_index.search(query, language=language)
    assert (outcome.results, outcome.answerable, outcome.probability) == ([], False, 0.0)


@pytest.mark.parametrize("query", OF_OTHER_SCRIPTS.values(), ids=OF_OTHER_SCRIPTS)
def test_a_question_in_another_script_that_no_article_answers_is_not_answerable(
    small_index: KnowledgeIndex, query: str
) -> None:
    for language in ("en", "es", "de", None):
        assert not small_index.search(query, language=language).answerable


@pytest.mark.parametrize("query", UNWIELDY.values(), ids=UNWIELDY)
def test_an_unwieldy_question_is_dealt_with_soon(small_index: KnowledgeIndex, query: str) -> None:
    for language in ("en", "de", None):
        outcome = small_index.search(query, language=language)
        assert 0.0 <= outcome.probability <= 1.0
        assert outcome.took_ms < BOUND_S * 1000


@pytest.mark.parametrize("query", VOID_A_CHECK.values(), ids=VOID_A_CHECK)
def test_a_question_in_bad_dress_finds_its_article(small_index: KnowledgeIndex, query: str) -> None:
    outcome = small_index.search(query, language="en")
    assert outcome.results[0].article == "void-a-check"
    assert outcome.took_ms < BOUND_S * 1000


@pytest.mark.parametrize("query", NOTHING_ASKED.values(), ids=NOTHING_ASKED)
def test_the_command_finds_nothing_for_what_asks_nothing(small_index: KnowledgeIndex, run: Run, query: str) -> None:
    answered = run("search", query, "--language", "en", "--index", small_index.directory, "--json")
    assert answered.exit_code == 0, answered.output
    found = json.loads(answered.stdout)
    assert (found["results"], found["answerable"]) == ([], False)


@pytest.mark.parametrize("query", [*OF_OTHER_SCRIPTS.values(), *UNWIELDY.values()])
def test_the_command_shows_what_it_found_for_every_question(small_index: KnowledgeIndex, run: Run, query: str) -> None:
    shown = run("search", query, "--language", "en", "--index", small_index.directory)
    assert shown.exit_code == 0, shown.output
    assert " ms" in shown.stdout
