"""`frontdesk kb`: building, searching and measuring the knowledge index from the shell."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from kb_index.articles import LANGUAGES
from kb_index.builder import BuildReport, build_index
from kb_index.encoder import Encoder, EncoderError
from kb_index.errors import KnowledgeError
from kb_index.evaluate import evaluate, read_queries
from kb_index.search import KnowledgeIndex, SearchOutcome

app = typer.Typer(help="The knowledge index: build, search, eval.", no_args_is_help=True)

_UNUSABLE_INPUT = 2
_SOME_FILES_BAD = 1
_PROBLEMS_SHOWN = 50

IndexOption = Annotated[
    Path, typer.Option("--index", envvar="FRONTDESK_INDEX", help="Directory of the index.", show_default=True)
]
EncoderOption = Annotated[
    Path, typer.Option("--encoder", envvar="FRONTDESK_ENCODER_DIR", help="Directory of the built encoder.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]
DEFAULT_INDEX = Path("kb_index/index")
DEFAULT_ENCODER = Path("models/encoder")
DEFAULT_SOURCE = "kb_index/articles"


@contextmanager
def _errors_as_one_line() -> Iterator[None]:
    try:
        yield
    except (KnowledgeError, EncoderError) as error:
        typer.echo(f"frontdesk kb: {error}", err=True)
        raise typer.Exit(_UNUSABLE_INPUT) from error
    except OSError as error:
        typer.echo(f"frontdesk kb: {error.strerror}: {error.filename}", err=True)
        raise typer.Exit(_UNUSABLE_INPUT) from error


@app.command()
def build(
    source: Annotated[
        list[str] | None, typer.Option("--source", help=f"Folder of articles; may be repeated. [{DEFAULT_SOURCE}]")
    ] = None,
    index: IndexOption = DEFAULT_INDEX,
    encoder: EncoderOption = DEFAULT_ENCODER,
    as_json: JsonOption = False,
) -> None:
    """Builds or updates the index; unchanged articles are not encoded again.

    The old index serves until the new one is complete. Exit status 1: built, but some files had to be left out.
    """
    with _errors_as_one_line():
        loaded = Encoder.load(encoder)
        with _progress("encoding passages") as advance:
            report = build_index(source or [DEFAULT_SOURCE], index, loaded, progress=advance)
    for problem in report.problems[:_PROBLEMS_SHOWN]:
        left_out = "left out" if problem.skipped else "note"
        typer.echo(f"{left_out}: {problem.path}: {problem.reason}", err=True)
    if len(report.problems) > _PROBLEMS_SHOWN:
        typer.echo(f"… and {len(report.problems) - _PROBLEMS_SHOWN} more", err=True)
    typer.echo(json.dumps(asdict(report), ensure_ascii=False) if as_json else _build_summary(report, index))
    if any(problem.skipped for problem in report.problems):
        raise typer.Exit(_SOME_FILES_BAD)


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
    with _errors_as_one_line():
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
    with _errors_as_one_line():
        rows = read_queries(files)
        knowledge = KnowledgeIndex.open(index, Encoder.load(encoder))
        with _progress("searching") as advance:
            figures = evaluate(knowledge, rows, scope=scope, progress=lambda done: advance(done, len(rows)))
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False))
    else:
        _show_figures(figures)


class _Advance:
    """Shows a bar on a terminal, on standard error, from the first call on."""

    def __init__(self, progress: Progress, label: str) -> None:
        self._progress = progress
        self._label = label
        self._task: Any = None

    def __call__(self, done: int, total: int) -> None:
        if self._task is None:
            self._task = self._progress.add_task(self._label, total=total)
        self._progress.update(self._task, completed=done)


@contextmanager
def _progress(label: str) -> Iterator[_Advance]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, TimeRemainingColumn(), console=console, disable=not sys.stderr.isatty()) as progress:
        yield _Advance(progress, label)


def _build_summary(report: BuildReport, index: Path) -> str:
    if not report.changed:
        return f"{index} is up to date: {report.articles} articles, {report.passages} passages ({report.seconds:.1f} s)"
    because = f"\nbuilt from scratch: {report.rebuilt_because}" if report.rebuilt_because else ""
    return (
        f"built {index}: {report.articles} articles, {report.passages} passages "
        f"({report.encoded} encoded, {report.reused} reused) in {report.seconds:.1f} s{because}"
    )


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
