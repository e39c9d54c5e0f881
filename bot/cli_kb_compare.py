"""`frontdesk kb compare`: which questions one version of the index answers better or worse than another."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.cli_kb_options import (
    DEFAULT_ENCODER,
    DEFAULT_INDEX,
    EncoderOption,
    IndexOption,
    JsonOption,
    errors_as_one_line,
)
from bot.cli_progress import shown_progress
from kb_index import compare as comparison
from kb_index.compare import Compared
from kb_index.encoder import Encoder
from kb_index.errors import EvaluationFileError
from kb_index.evaluate import read_queries
from kb_index.search import KnowledgeIndex
from kb_index.versions import find_version

_WORSE = 1
_SURELY = 0.05


def compare(
    before: Annotated[
        str, typer.Argument(metavar="A", help="DIR, DIR@current, DIR@previous, DIR@staged or DIR@VERSION.")
    ] = "@previous",
    after: Annotated[str, typer.Argument(metavar="B", help="The same; without DIR the one of --index.")] = "@current",
    queries: Annotated[
        list[Path] | None, typer.Option(help="JSON Lines {language, query, article}; article may be left out.")
    ] = None,
    scope: Annotated[str, typer.Option(help="same, mixed or a language.")] = "same",
    fail_if_worse: Annotated[bool, typer.Option("--fail-if-worse", help="Exit status 1 when hit@3 fell.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many questions a list shows at most; JSON has all.")] = 20,
    index: IndexOption = DEFAULT_INDEX,
    encoder: EncoderOption = DEFAULT_ENCODER,
    as_json: JsonOption = False,
) -> None:
    """Asks two versions the same questions and shows which got better or worse, by default previous and current."""
    with errors_as_one_line():
        if not queries:
            raise EvaluationFileError("compare needs questions: --queries FILE.jsonl (rows {language, query, article})")
        rows = read_queries(queries)
        if fail_if_worse and all(row.article is None for row in rows):
            raise EvaluationFileError("--fail-if-worse needs questions with an article; these have none")
        loaded = Encoder.load(encoder)
        places = [find_version(reference, index) for reference in (before, after)]
        old, new = (KnowledgeIndex.open(directory, loaded, version=version) for directory, version in places)
        with shown_progress() as progress:
            compared = comparison.compare(old, new, rows, scope=scope, progress=progress)
    names = [f"{directory}@{version}" for directory, version in places]
    found = comparison.figures(compared)
    if as_json:
        typer.echo(json.dumps(_as_json(names, found, compared), ensure_ascii=False))
    else:
        _show(names, found, compared, limit)
    if fail_if_worse and found["difference"]["hit@3"] < 0:
        raise typer.Exit(_WORSE)


def _as_json(names: Sequence[str], found: dict[str, Any], compared: Sequence[Compared]) -> dict[str, Any]:
    lists = {name: [one.as_dict() for one in members] for name, members in _lists(compared).items()}
    return {"a": names[0], "b": names[1], "figures": found, **lists}


def _lists(compared: Sequence[Compared]) -> dict[str, list[Compared]]:
    """The questions worth a look, those that matter most first."""
    labelled = [one for one in compared if one.row.article is not None]
    others = [one for one in compared if one.row.article is None]
    return {
        "worse": sorted((one for one in labelled if one.change == "worse"), key=_moved),
        "better": sorted((one for one in labelled if one.change == "better"), key=_moved),
        "judged_otherwise": [one for one in labelled if one.change == "same" and one.is_judged_otherwise],
        "unlabelled_changed": [one for one in others if one.is_judged_otherwise or one.before.first != one.after.first],
    }


def _moved(one: Compared) -> float:
    """By reciprocal rank: from the first place to the second counts more than from the eighth to the ninth."""
    return -abs(sum(sign / answer.rank for sign, answer in ((1, one.before), (-1, one.after)) if answer.rank))


def _hidden(one: Compared) -> tuple[bool, bool]:
    """Last come changes that no user sees, because both versions say that they have no answer."""
    return not one.is_judged_otherwise, not one.after.answerable


def _show(names: Sequence[str], found: dict[str, Any], compared: Sequence[Compared], limit: int) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"A {names[0]}\nB {names[1]}", markup=False)
    if "difference" in found:
        console.print(f"\n{found['n']} questions with an article; B - A also by language:")
        console.print(_table(found))
        console.print(_verdict(found))
    if "unlabelled" in found:
        others = found["unlabelled"]
        console.print(
            f"{others['n']} questions without an article: {others['before']} judged answerable by A, "
            f"{others['after']} by B"
        )
    titles = {
        "worse": "Worse in B",
        "better": "Better in B",
        "judged_otherwise": "Found at the same place, but judged otherwise",
        "unlabelled_changed": "Without an article: another first result, or judged otherwise",
    }
    for name, members in _lists(compared).items():
        if members:
            console.print(f"\n[bold]{titles[name]}: {len(members)}[/bold]")
            for one in members[:limit]:
                console.print(f"  {_line(one)}")
            if len(members) > limit:
                console.print(f"  … and {len(members) - limit} more (--limit, --json)")


def _table(found: dict[str, Any]) -> Table:
    languages = {code: part for code, part in found["by_language"].items() if "difference" in part}
    table = Table("", "A", "B", "B - A", "p", *languages, box=None, padding=(0, 2, 0, 0))
    for name, difference in found["difference"].items():
        row = [name, f"{found['before'][name]:.3f}", f"{found['after'][name]:.3f}", f"{difference:+.3f}"]
        chance = found["p"].get(name)
        row.append("" if chance is None else f"{chance:.3f}")
        table.add_row(*row, *(f"{part['difference'][name]:+.3f}" for part in languages.values()))
    return table


def _verdict(found: dict[str, Any]) -> str:
    counts = f"{found['better']} better, {found['worse']} worse, {found['same']} the same"
    chance = found["p"]["rank"]
    if chance >= _SURELY:
        return f"{counts}: no clear difference (sign test p = {chance:.3f}); more questions might tell"
    way = "better" if found["better"] > found["worse"] else "worse"
    return f"{counts}: B is {way}, too clearly to be chance (sign test p = {chance:.3f})"


def _line(one: Compared) -> str:
    row = one.row
    # Questions come from users: no line break and no terminal command of theirs gets through.
    query = "".join(c if c.isprintable() else " " for c in row.query)
    asked = f"{escape(query)} [dim]({row.language}{f', {escape(row.article)}' if row.article else ''})[/dim]"
    if one.change != "same":
        moved = f"{_place(one.before.rank)} → {_place(one.after.rank)}"
        gone = " [dim](the article is not in B)[/dim]" if not one.after.has_article else ""
        return f"{moved}  {asked}{gone}"
    judged = [_judged(answer.answerable) for answer in (one.before, one.after)]
    parts = [" → ".join(judged)] if one.is_judged_otherwise else [judged[0]]
    if row.article is None and one.before.first != one.after.first:
        parts.append(f"{one.before.first or 'nothing'} → {one.after.first or 'nothing'}")
    return f"{'; '.join(parts)}  {asked}"


def _place(rank: int | None) -> str:
    return "none" if rank is None else f"#{rank}"


def _judged(answerable: bool) -> str:
    return "answered" if answerable else "no answer"
