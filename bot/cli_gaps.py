"""`frontdesk kb gaps`: what people asked and nobody answered, for those who write the help center."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from bot.cli_errors import UNUSABLE_INPUT, database_errors_as_one_line, settings_or_exit
from bot.cli_kb_options import JsonOption, errors_as_one_line
from bot.cli_progress import shown_progress
from bot.locales import LANGUAGES

if TYPE_CHECKING:
    from datetime import datetime

    from bot.desk.gap_report import Gap, GapsReport
    from bot.settings import Settings

# Questions handed to the encoder at a time: enough for all CPUs, few enough for a bar that moves.
_AT_ONCE = 64
_MOST = 1000


def gaps(
    since: Annotated[str, typer.Option(help="From when on: 30d, 12h, 4w, a date or an ISO 8601 instant.")] = "30d",
    language: Annotated[str | None, typer.Option(help=f"Only one language: {', '.join(LANGUAGES)}.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=_MOST, help="How many gaps at most.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """What people asked and nobody answered, grouped by meaning; those that most people met come first.

    Counted are questions for which nothing was found, whose articles did not help, or about which a case was opened.
    """
    from bot.desk.gap_report import SinceInvalid, since_instant

    settings = settings_or_exit()
    if language is not None and language not in LANGUAGES:
        raise typer.BadParameter(f"{language!r} is none of {', '.join(LANGUAGES)}", param_hint="--language")
    try:
        instant = since_instant(since, settings.now())
    except SinceInvalid as error:
        typer.echo(f"frontdesk kb gaps: --since {error}", err=True)
        raise typer.Exit(UNUSABLE_INPUT) from error
    with database_errors_as_one_line(), errors_as_one_line():
        report = asyncio.run(_report(settings, instant, language, limit))
    if as_json:
        typer.echo(json.dumps(report.public(), ensure_ascii=False))
    else:
        _show(report)


async def _report(settings: Settings, since: datetime, language: str | None, limit: int) -> GapsReport:
    from bot.desk.gaps import Gaps
    from bot.locales import load_catalogues
    from bot.store.engine import Database
    from kb_index.encoder import Encoder
    from kb_index.progress import counted
    from kb_index.search import KnowledgeIndex

    encoder = Encoder.load(settings.encoder_dir)
    index = KnowledgeIndex.open(settings.index, encoder)
    database = Database(settings.database_url)
    try:
        await database.check()
        found = Gaps(database, index, encoder, load_catalogues(), settings.now)
        with shown_progress() as progress:
            return await found.report(
                since=since,
                language=language,
                limit=limit,
                at_once=_AT_ONCE,
                progress=counted("comparing questions", progress),
            )
    finally:
        await database.dispose()


def _show(report: GapsReport) -> None:
    console = Console(highlight=False)
    share = report.unanswered / report.searches if report.searches else 0.0
    console.print(
        f"Since {report.since:%Y-%m-%d %H:%M} UTC: {report.searches:,} searches, {report.unanswered:,} of them "
        f"unanswered ({share:.1%}), {report.gaps_found:,} gaps"
    )
    left_out = {
        "answered later in the same conversation": report.solved_later,
        "no questions": report.not_questions,
        "not understood, and said by few": report.unclear,
        "older than the newest that are looked at": report.older,
    }
    told = [f"{count:,} {reason}" for reason, count in left_out.items() if count]
    if told:
        console.print(f"Left out: {'; '.join(told)}", style="dim")
    for number, gap in enumerate(report.gaps, 1):
        _show_gap(console, number, gap)


def _show_gap(console: Console, number: int, gap: Gap) -> None:
    reasons = {
        "no answer found": gap.unanswerable,
        "did not help": gap.rejected,
        "case opened": gap.case_opened,
    }
    console.print(
        f"\n[bold]{number}.[/bold] {gap.language}: asked {gap.count:,} times in {gap.conversations:,} conversations "
        f"({gap.share:.1%} of all searches), last on {gap.last_asked:%Y-%m-%d}"
    )
    console.print("   " + ", ".join(f"{reason} {count:,}" for reason, count in reasons.items() if count))
    for example in gap.examples:
        console.print(f"   “{example}”", markup=False)
    near = gap.nearest
    told = (
        f"nearest: {near.title} ({near.language}), answers it with {near.probability:.0%}" if near else "nothing near"
    )
    console.print(f"   {told}", style="dim", markup=False)
