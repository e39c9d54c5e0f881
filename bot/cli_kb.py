"""`frontdesk kb`: building, searching and measuring the knowledge index from the shell."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot import cli_kb_compare, cli_kb_versions
from bot.cli_kb_options import (
    DEFAULT_ENCODER,
    DEFAULT_INDEX,
    EncoderOption,
    IndexOption,
    JsonOption,
    errors_as_one_line,
)
from bot.cli_progress import shown_progress
from kb_index.articles import LANGUAGES
from kb_index.builder import BuildReport, build_index
from kb_index.encoder import Encoder
from kb_index.errors import IndexFormatError, SourceError
from kb_index.evaluate import evaluate, read_queries, unknown_articles
from kb_index.index_store import current_version, read_meta
from kb_index.learning import LearningReport
from kb_index.progress import counted
from kb_index.search import KnowledgeIndex, SearchOutcome

app = typer.Typer(help="The knowledge index: build, search, measure, compare, publish.", no_args_is_help=True)

_SOME_FILES_BAD = 1
_PROBLEMS_SHOWN = 50
_UNKNOWN_SHOWN = 5

DEFAULT_SOURCE = "kb_index/articles"

app.command()(cli_kb_versions.versions)
app.command()(cli_kb_versions.publish)
app.command()(cli_kb_versions.rollback)
app.command()(cli_kb_compare.compare)


@app.command()
def build(
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--source",
            help="Folder, export file or website; may be repeated. Left out: the sources of the last build "
            f"[{DEFAULT_SOURCE} for the first one of {DEFAULT_INDEX}].",
        ),
    ] = None,
    index: IndexOption = DEFAULT_INDEX,
    encoder: EncoderOption = DEFAULT_ENCODER,
    stage: Annotated[
        bool, typer.Option("--stage", help="Only make the version ready: compare it, then `frontdesk kb publish`.")
    ] = False,
    crawl_delay: Annotated[
        float, typer.Option(min=0, help="Websites: seconds between two requests; robots.txt can ask for more.")
    ] = 1.0,
    max_pages: Annotated[int, typer.Option(min=1, help="Websites: pages asked for at most.")] = 10_000,
    below: Annotated[str, typer.Option(help="Websites: only pages whose path begins with this, e.g. /help/.")] = "",
    allow_shrink: Annotated[
        bool, typer.Option("--allow-shrink", help="Websites: accept less than half of the articles of the last time.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Builds or updates the index; unchanged articles are not encoded again.

    The old index serves until the new one is complete. Exit status 1: built, but some files had to be left out.
    """
    if below and not below.startswith("/"):
        raise typer.BadParameter(f"{below!r} must be a path that begins with '/'", param_hint="--below")
    with errors_as_one_line():
        # Searching needs no HTTP client, so it is only loaded here.
        from kb_index.loaders.web import CrawlSettings

        crawl = CrawlSettings(crawl_delay_s=crawl_delay, max_pages=max_pages, below=below, allow_shrink=allow_shrink)
        loaded = Encoder.load(encoder)
        with shown_progress() as progress:
            report = build_index(
                source or _sources_of(index), index, loaded, stage=stage, crawl=crawl, progress=progress
            )
    for problem in report.problems[:_PROBLEMS_SHOWN]:
        left_out = "left out" if problem.skipped else "note"
        typer.echo(f"{left_out}: {problem.path}: {problem.reason}", err=True)
    if len(report.problems) > _PROBLEMS_SHOWN:
        typer.echo(f"… and {len(report.problems) - _PROBLEMS_SHOWN} more", err=True)
    typer.echo(json.dumps(asdict(report), ensure_ascii=False) if as_json else _build_summary(report, index))
    if any(problem.skipped for problem in report.problems):
        raise typer.Exit(_SOME_FILES_BAD)


def _sources_of(index: Path) -> list[str]:
    """What the serving version was built from. Raises SourceError when that cannot be known."""
    try:
        version = current_version(index)
        if version is not None:
            return read_meta(index, version).sources
    except IndexFormatError as error:
        raise SourceError(f"name the articles with --source: {error}") from error
    if index != DEFAULT_INDEX:
        raise SourceError(f"there is no index in {index} yet; name its articles with --source")
    return [DEFAULT_SOURCE]


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="The question.")],
    language: Annotated[str | None, typer.Option(help=f"Language of the question: {', '.join(LANGUAGES)}.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=50, help="How many articles at most.")] = 3,
    scope: Annotated[str | None, typer.Option(help="same, mixed or a language; default: own language first.")] = None,
    index: IndexOption = DEFAULT_INDEX,
    encoder: EncoderOption = DEFAULT_ENCODER,
    as_json: JsonOption = False,
) -> None:
    """Searches the index for a question."""
    with errors_as_one_line():
        knowledge = KnowledgeIndex.open(index, Encoder.load(encoder))
        outcome = knowledge.search(text, language=language, limit=limit, scope=scope)
    if as_json:
        found = asdict(outcome)
        found["took_ms"], found["probability"] = round(outcome.took_ms, 1), round(outcome.probability, 4)
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        _show_results(outcome)


@app.command("eval")
def evaluate_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE.jsonl", help="Rows {language, query, article}.")],
    scope: Annotated[str, typer.Option(help="same, mixed or a language.")] = "same",
    index: IndexOption = DEFAULT_INDEX,
    encoder: EncoderOption = DEFAULT_ENCODER,
    as_json: JsonOption = False,
) -> None:
    """Measures search on questions with known articles; rows without an article count as unanswerable."""
    with errors_as_one_line():
        rows = read_queries(files)
        knowledge = KnowledgeIndex.open(index, Encoder.load(encoder))
        if unknown := unknown_articles(knowledge, rows):
            listed = ", ".join(unknown[:_UNKNOWN_SHOWN]) + (", …" if len(unknown) > _UNKNOWN_SHOWN else "")
            typer.echo(f"note: {len(unknown)} articles of the questions are not in {index}: {listed}", err=True)
        with shown_progress() as progress:
            tell = counted("searching", progress)
            figures = evaluate(knowledge, rows, scope=scope, progress=lambda done: tell(done, len(rows)))
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False))
    else:
        _show_figures(figures)


def _build_summary(report: BuildReport, index: Path) -> str:
    size = f"{report.articles} articles, {report.passages} passages"
    waits = f"\nit waits; let it serve with: frontdesk kb publish --index {index}" if report.staged else ""
    if not report.changed:
        return f"{index} is up to date: {size} ({report.seconds:.1f} s){waits}"
    done = f"staged a version of {index}" if report.staged else f"built {index}"
    because = f"\nbuilt from scratch: {report.rebuilt_because}" if report.rebuilt_because else ""
    work = f"({report.encoded} encoded, {report.reused} reused) in {report.seconds:.1f} s"
    searched = "".join(f"\n{code}: searched by {how}" for code, how in report.searching.items() if how != "exact")
    return f"{done}: {size} {work}\n{_learning_summary(report.learning)}{searched}{because}{waits}"


def _learning_summary(learning: LearningReport) -> str:
    learned = f"translations of {learning.translations:,} words" if learning.translations else "no translations"
    if learning.adapter:
        learned += ", and from titles and links how questions find articles"
    if learning.changed_since:
        return f"kept what it learned before ({learned}); since then {learning.changed_since} articles changed"
    return f"learned {learned}"


def _show_results(outcome: SearchOutcome) -> None:
    console = Console()
    verdict = "answerable" if outcome.answerable else "probably not answered here"
    console.print(f"{verdict} ({outcome.probability:.2f}), {outcome.took_ms:.1f} ms")
    for number, result in enumerate(outcome.results, 1):
        heading = f" › {escape(result.heading)}" if result.heading else ""
        console.print(f"\n[bold]{number}. {escape(result.title)}[/bold]{heading} ({result.language}, {result.score})")
        console.print(result.snippet, markup=False, highlight=False)
        console.print(result.url, style="dim", highlight=False, markup=False)


def _show_figures(figures: dict[str, Any]) -> None:
    parts = {"all": figures, **figures["by_language"]}
    table = Table("", *parts)
    for name in figures:
        if name != "by_language":
            table.add_row(name, *(str(part.get(name, "")) for part in parts.values()))
    Console().print(table)
