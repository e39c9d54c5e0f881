"""How surely the language of a message is told, by language and length: `python -m tests.benchmarks.languages`.

The texts are those of tests/unit/gateway/languages. Half of them were held out while the settler was tuned; their
figures are the ones to quote. `--misses` lists what went wrong in the other half.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.gateway.language import LanguageSettler
from bot.locales import LANGUAGES, load_catalogues
from tests.benchmarks.figures import milliseconds, percentile
from tests.support.stack import ROOT

DATA = ROOT / "tests/unit/gateway/languages"
TURNS = ("dialogues", "form_answers")
LENGTHS = ("1", "2", "3", "4-6", "7+", "all")
Row = dict[str, Any]


def rows(name: str, *, held_out: bool | None = None) -> list[Row]:
    """The rows of a file; only one of its halves unless `held_out` is None."""
    path = Path(DATA / f"{name}.jsonl")
    read = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [row for row in read if held_out is None or row["held_out"] is held_out]


def settled_right(settler: LanguageSettler, turn: Row) -> bool:
    """Whether a message in the middle of a conversation, or an answer to a form, leads to the language expected."""
    settled = settler.settle(turn["text"], turn["current"], awaiting=turn.get("awaiting"))
    return bool(settled.language == turn["expected"])


def length_of(text: str) -> str:
    words = len(text.split())
    return str(words) if words <= 3 else "4-6" if words <= 6 else "7+"


def share(told: Iterable[bool]) -> float:
    """0–1. Raises ValueError when there is nothing to take a share of."""
    judged = list(told)
    if not judged:
        raise ValueError("no text of this length and language")
    return sum(judged) / len(judged)


def figures(settler: LanguageSettler, language: str, texts: Sequence[str]) -> list[float]:
    """Shares of texts in a language: told right, left open, told wrong (all three on their own); kept in a conversation
    of that language; followed from conversations in the three others."""
    alone = [settler.detect(text) for text in texts]
    others = [other for other in LANGUAGES if other != language]
    return [
        share(told == language for told in alone),
        share(told is None for told in alone),
        share(told not in (language, None) for told in alone),
        share(settler.settle(text, language).language == language for text in texts),
        share(settler.settle(text, other).language == language for text in texts for other in others),
    ]


def by_length(settler: LanguageSettler, *, held_out: bool) -> Table:
    table = Table("language", "words", "n", "right", "open", "wrong", "kept", "followed")
    table.title = "half held out" if held_out else "half tuned on"
    for language in (*LANGUAGES, "all"):
        named = LANGUAGES if language == "all" else (language,)
        for length in (*LENGTHS, "mixed"):
            texts = {name: [r["text"] for r in rows(name, held_out=held_out) if _belongs(r, length)] for name in named}
            each = [figures(settler, name, said) for name, said in texts.items()]
            counts = [len(said) for said in texts.values()]
            total = sum(counts)
            means = [sum(n * f[i] for n, f in zip(counts, each, strict=True)) / total for i in range(5)]
            table.add_row(language, length, str(total), *(f"{mean:.3f}" for mean in means))
        table.add_section()
    return table


def _belongs(row: Row, length: str) -> bool:
    if length == "mixed":
        return bool(row["mixed"])
    return length == "all" or (not row["mixed"] and length_of(row["text"]) == length)


def misses(settler: LanguageSettler) -> Table:
    """What went wrong in the half that may be looked at."""
    table = Table("in a conversation in", "said", "expected", "settled", title="half tuned on: misses")
    for language in LANGUAGES:
        for row in rows(language, held_out=False):
            told = settler.detect(row["text"])
            if told != language:
                table.add_row("–", row["text"], language, told)
            if (settled := settler.settle(row["text"], language).language) != language:
                table.add_row(language, row["text"], language, settled)
    for row in rows("other", held_out=False):
        if told := settler.detect(row["text"]):
            table.add_row("–", row["text"], "none", told)
    for row in (turn for name in TURNS for turn in rows(name, held_out=False)):
        if not settled_right(settler, row):
            where = " ".join(filter(None, (row["current"], row.get("awaiting"))))
            table.add_row(where, row["text"], row["expected"], "not that")
    return table


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--misses", action="store_true", help="list what went wrong in the half tuned on")
    given = options.parse_args()
    console = Console(width=120)
    settler = LanguageSettler(load_catalogues())
    for held_out in (False, True):
        console.print(by_length(settler, held_out=held_out))
        others = rows("other", held_out=held_out)
        opened = share(settler.detect(row["text"]) is None for row in others)
        console.print(f"other languages left open: {opened:.3f} of {len(others)}")
        for name in TURNS:
            turns = rows(name, held_out=held_out)
            console.print(f"{name} right: {share(settled_right(settler, turn) for turn in turns):.3f} of {len(turns)}")
        console.print()
    if given.misses:
        console.print(misses(settler))
    texts = [row["text"] for language in LANGUAGES for row in rows(language)]
    took = [milliseconds(settler.settle, text, "en")[0] for text in texts for _ in range(3)]
    console.print(f"a call: p50 {percentile(took, 50):.3f} ms, p95 {percentile(took, 95):.3f} ms, n={len(took)}")


if __name__ == "__main__":
    main()
