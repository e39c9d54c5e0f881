"""Runs the benchmarks and prints their figures: `python -m tests.benchmarks.run`; the README says how to read them."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.benchmarks.figures import Figure, as_json, machine, show
from tests.benchmarks.intents import intents
from tests.benchmarks.knowledge import IN_ONE_LANGUAGE, build, large_search, search
from tests.benchmarks.processes import memory, start, training
from tests.benchmarks.throughput import throughput
from tests.benchmarks.turns import turns
from tests.support.stack import Stack, running_stack

ON_A_DESK: dict[str, Callable[[Stack], list[Figure]]] = {"turns": turns, "throughput": throughput, "memory": memory}
"""They share one running desk, in this order: memory is that after the load."""
ALONE: dict[str, Callable[[], list[Figure]]] = {
    "search": search,
    "large-search": large_search,
    "build": build,
    "start": start,
    "training": training,
    "intents": intents,
}
ON_REQUEST: dict[str, Callable[[], list[Figure]]] = {"one-language": partial(large_search, IN_ONE_LANGUAGE)}
"""They take minutes and say little new; only run when they are named."""


def main() -> None:
    names = [*ON_A_DESK, *ALONE, *ON_REQUEST]
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", action="append", choices=names, metavar="NAME", help=", ".join(names))
    options.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file, too")
    given = options.parse_args()
    wanted = given.only or [*ON_A_DESK, *ALONE]
    described = machine()
    print(", ".join(f"{name} {value}" for name, value in described.items()))

    results: dict[str, list[Figure]] = {}

    def keep(name: str, figures: list[Figure]) -> None:
        results[name] = figures
        show(name, figures)

    if any(name in wanted for name in ON_A_DESK):
        with tempfile.TemporaryDirectory() as folder, running_stack(Path(folder)) as stack:
            for name, on_desk in ON_A_DESK.items():
                if name in wanted:
                    keep(name, on_desk(stack))
    for name, alone in (ALONE | ON_REQUEST).items():
        if name in wanted:
            keep(name, alone())
    if given.json:
        given.json.write_text(json.dumps(as_json(results, described), indent=1, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
