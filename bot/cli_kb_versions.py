"""`frontdesk kb versions`, `publish` and `rollback`: which version of the index serves."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from bot.cli_kb_options import (
    DEFAULT_ENCODER,
    DEFAULT_INDEX,
    EncoderOption,
    IndexOption,
    JsonOption,
    errors_as_one_line,
)
from kb_index import versions as index_versions
from kb_index.encoder import Encoder
from kb_index.versions import Version

_STATES = {"current": "serves", "previous": "previous", "staged": "staged"}


def versions(index: IndexOption = DEFAULT_INDEX, as_json: JsonOption = False) -> None:
    """Lists the versions of the index that are kept, the serving one first."""
    with errors_as_one_line():
        kept = index_versions.kept_versions(index)
    if as_json:
        typer.echo(json.dumps({"index": str(index), "versions": [asdict(version) for version in kept]}))
        return
    table = Table("version", "built", "articles", "passages", "", box=None, padding=(0, 2, 0, 0))
    for version in kept:
        counts = ("", "") if version.damage else (f"{version.articles:,}", f"{version.passages:,}")
        table.add_row(version.name, _built(version), *counts, _STATES[version.role])
    console = Console(highlight=False)
    console.print(table)
    for version in kept:
        if version.damage:
            console.print(f"{version.name} cannot be used: {version.damage}", markup=False, soft_wrap=True)


def publish(
    index: IndexOption = DEFAULT_INDEX, encoder: EncoderOption = DEFAULT_ENCODER, as_json: JsonOption = False
) -> None:
    """Lets the version that `frontdesk kb build --stage` made serve."""
    with errors_as_one_line():
        serving = index_versions.publish_staged(index, Encoder.load(encoder))
    _say("published", index, serving, "frontdesk kb rollback returns to the version before", as_json)


def rollback(
    index: IndexOption = DEFAULT_INDEX, encoder: EncoderOption = DEFAULT_ENCODER, as_json: JsonOption = False
) -> None:
    """Lets the version before serve again; a second rollback undoes the first."""
    with errors_as_one_line():
        serving = index_versions.roll_back(index, Encoder.load(encoder))
    _say("rolled back", index, serving, "another rollback returns", as_json)


def _say(done: str, index: Path, serving: Version, way_back: str, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"index": str(index)} | asdict(serving)))
    else:
        size = f"{serving.articles:,} articles, {serving.passages:,} passages"
        typer.echo(f"{done} {index}: version {serving.name}, built {_built(serving)}, {size}, serves now; {way_back}")


def _built(version: Version) -> str:
    return f"{datetime.fromisoformat(version.built_at):%Y-%m-%d %H:%M} UTC" if version.built_at else ""
