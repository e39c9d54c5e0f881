"""The index on disk: versions beside each other, one of them current, each refused when it does not fit.

    DIR/current                    text file: name of the version that serves; replaced atomically
    DIR/previous                   text file: names of versions that served before; the first that does not serve counts
    DIR/staged                     text file: name of the version that waits to be published
    DIR/.build.lock                held (flock) by the one process that changes any of this
    DIR/crawl/                     what is remembered of websites that were read
    DIR/versions/<UTC time>-<random>/
        meta.json                  Meta: format, encoder, chunker, counts, sizes of all other files
        content.sqlite             articles and passages (texts, headings, anchors), numbered from 0
        vectors/<lang>.faiss       exact inner product, one row per passage of the language
        lexical/<lang>/            links.npy, compounds.json and the postings: vocabulary.txt and three arrays
        learned/                   adapter.npy, lexicon/<lang>-<lang>.json, report.json
    DIR/versions/.building-…       a build in progress, or what a killed one left; the next build removes it

Articles are numbered by (language, id); passages follow their articles, so each language is one range of both.
This module reads; kb_index/versions.py is the one that decides which version serves.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from kb_index.errors import IndexFormatError, IndexMismatch

FORMAT_VERSION = 1
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class LanguageCounts:
    articles: int
    passages: int


@dataclass(frozen=True, slots=True)
class Meta:
    """What an index was made of. `built_at` is UTC, ISO 8601."""

    encoder_name: str
    encoder_fingerprint: str
    dimension: int
    chunker_version: int
    lexical_version: int
    languages: dict[str, LanguageCounts]
    sources: list[str]
    learning_version: int = 0
    """0: an index from before indexes learned."""
    built_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    format: int = FORMAT_VERSION


def build_command(directory: Path) -> str:
    """The command a message tells people to run."""
    return f"frontdesk kb build --index {directory}"


def current_version(directory: Path) -> str | None:
    """Name of the version that serves, or None when nothing was built here yet.

    Raises IndexFormatError when `current` is there but does not name a version.
    """
    names = _named_in(directory, "current")
    return names[0] if names else None


def previous_version(directory: Path) -> str | None:
    """Name of the version that a rollback returns to, or None. Raises IndexFormatError as `current_version`."""
    serving = current_version(directory)
    return next((name for name in _named_in(directory, "previous") if name != serving), None)


def staged_version(directory: Path) -> str | None:
    """Name of the version that waits to be published, or None. Raises IndexFormatError as `current_version`."""
    names = _named_in(directory, "staged")
    return names[0] if names and names[0] != current_version(directory) else None


def _named_in(directory: Path, pointer: str) -> list[str]:
    try:
        names = (directory / pointer).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise IndexFormatError(f"cannot read {directory / pointer}: {error}") from error
    if not names or any(not _NAME.fullmatch(name) for name in names):
        raise IndexFormatError(f"{directory / pointer} is damaged; run: {build_command(directory)}")
    return names


def version_path(directory: Path, version: str) -> Path:
    return directory / "versions" / version


def read_meta(directory: Path, version: str) -> Meta:
    """Reads and checks the description of a version: its format, and that no file is missing or truncated.

    Raises IndexMismatch for another format and IndexFormatError for damage, both saying what to run.
    """
    path = version_path(directory, version)
    remedy = f"run: {build_command(directory)}"
    try:
        stored = json.loads((path / "meta.json").read_text(encoding="utf-8"))
        found_format = stored["format"]
    except FileNotFoundError as error:
        raise IndexFormatError(f"the index in {path} lacks meta.json; {remedy}") from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise IndexFormatError(f"{path / 'meta.json'} is damaged; {remedy}") from error
    if found_format != FORMAT_VERSION:
        raise IndexMismatch(
            f"the index in {path} has format {found_format}, this program reads {FORMAT_VERSION}; {remedy}"
        )
    try:
        sizes: dict[str, int] = stored.pop("files")
        stored["languages"] = {code: LanguageCounts(**counts) for code, counts in stored["languages"].items()}
        meta = Meta(**stored)
    except (TypeError, KeyError, AttributeError) as error:
        raise IndexFormatError(f"{path / 'meta.json'} is damaged; {remedy}") from error
    for name, size in sizes.items():
        _check_size(path / name, size, remedy)
    return meta


def require_encoder(directory: Path, meta: Meta, *, name: str, fingerprint: str, dimension: int) -> None:
    """Raises IndexMismatch when the index was built with another encoder than the given one."""
    remedy = f"run: {build_command(directory)}"
    if meta.dimension != dimension:
        raise IndexMismatch(
            f"the index in {directory} has vectors of dimension {meta.dimension} (encoder {meta.encoder_name}), "
            f"the encoder {name} makes {dimension}; {remedy}"
        )
    if meta.encoder_fingerprint != fingerprint:
        raise IndexMismatch(
            f"the index in {directory} was built with encoder {meta.encoder_name} "
            f"({meta.encoder_fingerprint[:12]}), the configured one is {name} ({fingerprint[:12]}); {remedy}"
        )


def _check_size(path: Path, size: int, remedy: str) -> None:
    try:
        found = path.stat().st_size
    except FileNotFoundError as error:
        raise IndexFormatError(f"the index lacks {path}; {remedy}") from error
    if found != size:
        raise IndexFormatError(f"{path} is damaged: {found:,} bytes instead of {size:,}; {remedy}")
