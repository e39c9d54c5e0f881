"""The index on disk: versions beside each other, one of them current, each refused when it does not fit.

    DIR/current                    text file: name of the version that serves; replaced atomically
    DIR/previous                   text file: name of the version that served before
    DIR/.build.lock                held (flock) by the one builder
    DIR/versions/<UTC time>-<random>/
        meta.json                  Meta: format, encoder, chunker, counts, sizes of all other files
        content.sqlite             articles and passages (texts, headings, anchors), numbered from 0
        vectors/<lang>.faiss       exact inner product, one row per passage of the language
        lexical/<lang>/<field>/    bm25s, one document per article of the language
    DIR/versions/.building-…       a build in progress, or what a killed one left; the next build removes it

Articles are numbered by (language, id); passages follow their articles, so each language is one range of both.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from kb_index.errors import BuildLocked, IndexFormatError, IndexMismatch

FORMAT_VERSION = 1
_BUILDING = ".building-"


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
    built_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    format: int = FORMAT_VERSION


def build_command(directory: Path) -> str:
    """The command a message tells people to run."""
    return f"frontdesk kb build --index {directory}"


def current_version(directory: Path) -> str | None:
    """Name of the version that serves, or None when nothing was built here yet.

    Raises IndexFormatError when `current` is there but does not name a version.
    """
    try:
        name = (directory / "current").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexFormatError(f"cannot read {directory / 'current'}: {error}") from error
    if not name or "/" in name or name.startswith("."):
        raise IndexFormatError(f"{directory / 'current'} is damaged; run: {build_command(directory)}")
    return name


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


@contextmanager
def builder_lock(directory: Path) -> Iterator[None]:
    """Held by the one builder of a directory. Raises BuildLocked at once when another holds it."""
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / ".build.lock", "a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise BuildLocked(
                f"another build is writing to {directory} (process {holder}); wait for it or stop it"
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def start_version(directory: Path) -> Path:
    """Makes the folder a build writes to; call it with the builder lock held. Leftovers of killed builds go."""
    versions = directory / "versions"
    versions.mkdir(exist_ok=True)
    for leftover in versions.glob(f"{_BUILDING}*"):
        shutil.rmtree(leftover)
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    building = versions / f"{_BUILDING}{name}"
    building.mkdir()
    return building


def publish_version(directory: Path, building: Path, meta: Meta) -> str:
    """Completes a build: everything on disk first, then `current` is swapped; older versions but one are removed.

    Returns the name of the new version.
    """
    files = {str(p.relative_to(building)): p.stat().st_size for p in sorted(building.rglob("*")) if p.is_file()}
    description = json.dumps(asdict(meta) | {"files": files}, indent=1)
    (building / "meta.json").write_text(description, encoding="utf-8")
    for path in [*building.rglob("*"), building]:
        _sync(path)
    name = building.name.removeprefix(_BUILDING)
    building.rename(version_path(directory, name))
    _sync(directory / "versions")
    former = _readable_current(directory)
    if former is not None:
        _replace_text(directory / "previous", former)
    _replace_text(directory / "current", name)
    for version in (directory / "versions").iterdir():
        if version.name not in (name, former):
            shutil.rmtree(version)
    return name


def _readable_current(directory: Path) -> str | None:
    try:
        return current_version(directory)
    except IndexFormatError:  # a damaged `current` is what the new version is about to replace
        return None


def _check_size(path: Path, size: int, remedy: str) -> None:
    try:
        found = path.stat().st_size
    except FileNotFoundError as error:
        raise IndexFormatError(f"the index lacks {path}; {remedy}") from error
    if found != size:
        raise IndexFormatError(f"{path} is damaged: {found:,} bytes instead of {size:,}; {remedy}")


def _replace_text(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(text + "\n", encoding="utf-8")
    _sync(temporary)
    os.replace(temporary, path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
