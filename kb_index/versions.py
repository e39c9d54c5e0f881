"""Decides which version of an index serves: publishing, staging and rolling back, each at once or not at all.

Readers look at `current` alone, and every change replaces that file once, so that a reader sees the old version or the
new one. What a command killed half-way leaves is always a directory that serves and that the next command can use.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kb_index.errors import BuildLocked, IndexFormatError, NoSuchVersion
from kb_index.index_store import (
    Meta,
    build_command,
    current_version,
    previous_version,
    read_meta,
    require_encoder,
    staged_version,
    version_path,
)

if TYPE_CHECKING:
    from kb_index.encoder import Encoder

_BUILDING = ".building-"
_LOOK_UP = {"current": current_version, "previous": previous_version, "staged": staged_version}


@dataclass(frozen=True, slots=True)
class Version:
    """A version that is kept."""

    name: str
    role: str
    """current, previous or staged."""
    built_at: str = ""
    """UTC, ISO 8601."""
    articles: int = 0
    passages: int = 0
    damage: str = ""
    """Why the version cannot be read; empty when it can."""


@contextmanager
def builder_lock(directory: Path) -> Iterator[None]:
    """Held by the one process that changes a directory. Raises BuildLocked at once when another holds it."""
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
    """Completes a build and lets it serve; the version that served is kept as the previous one, all others go.

    Call it with the builder lock held. Returns the name of the new version.
    """
    name = _complete(directory, building, meta)
    _make_current(directory, name)
    return name


def stage_version(directory: Path, building: Path, meta: Meta) -> str:
    """Completes a build that does not serve until `publish_staged`; one that was staged before goes.

    Call it with the builder lock held. Returns the name of the new version.
    """
    name = _complete(directory, building, meta)
    _replace_text(directory / "staged", name)
    _remove_all_but(directory, current_version(directory), _readable_previous(directory), name)
    return name


def discard_staged(directory: Path) -> None:
    """Removes the staged version, if there is one; call it with the builder lock held."""
    (directory / "staged").unlink(missing_ok=True)
    _remove_all_but(directory, current_version(directory), _readable_previous(directory))


def publish_staged(directory: Path, encoder: Encoder) -> Version:
    """Lets the staged version serve, and returns it.

    Raises NoSuchVersion when none is staged, IndexFormatError when it is damaged or made for another encoder (what
    served goes on serving then), and BuildLocked while a build runs.
    """
    _existing(directory, "staged")  # before the lock, which makes the folder
    with builder_lock(directory):
        name = _existing(directory, "staged")
        _require_usable(directory, name, encoder)
        _make_current(directory, name)
    return _describe(directory, name, "current")


def roll_back(directory: Path, encoder: Encoder) -> Version:
    """Lets the previous version serve again, keeps the one that served as the previous, and returns what serves now.

    A second call returns to where the first began. Raises as `publish_staged`.
    """
    _existing(directory, "previous")
    with builder_lock(directory):
        name, serving = _existing(directory, "previous"), _existing(directory, "current")
        _require_usable(directory, name, encoder)
        # The list of both means the same before and after the swap, so the swap is the replacing of one file.
        _replace_text(directory / "previous", f"{serving}\n{name}")
        _replace_text(directory / "current", name)
    return _describe(directory, name, "current")


def kept_versions(directory: Path) -> list[Version]:
    """The versions of an index: the serving one first, then the previous and the staged one where there are any.

    Raises NoSuchVersion when nothing was built there.
    """
    found = [(look_up(directory), role) for role, look_up in _LOOK_UP.items()]
    kept = [_describe(directory, name, role) for name, role in found if name is not None]
    if not kept:
        raise _no_index(directory)
    return kept


def find_version(reference: str, default_directory: Path) -> tuple[Path, str]:
    """The index directory and version that `DIR`, `DIR@current`, `@previous`, `@staged` or `DIR@<name>` means.

    A reference without a directory is about `default_directory`. Raises NoSuchVersion, naming the versions there are.
    """
    place, at, wanted = reference.rpartition("@")
    if not at or Path(reference).is_dir():
        place, wanted = reference, "current"
    directory = Path(place) if place else default_directory
    if wanted in _LOOK_UP:
        return directory, _existing(directory, wanted)
    names = [version.name for version in kept_versions(directory)]
    if wanted not in names:
        raise NoSuchVersion(f"there is no version {wanted!r} in {directory}; there are {', '.join(names)}")
    return directory, wanted


def _existing(directory: Path, role: str) -> str:
    name = _LOOK_UP[role](directory)
    if name is not None:
        return name
    if role == "previous" and current_version(directory) is not None:
        raise NoSuchVersion(f"there is no previous version in {directory}; one build made all there is")
    if role == "staged" and current_version(directory) is not None:
        raise NoSuchVersion(f"there is no staged version in {directory}; run: {build_command(directory)} --stage")
    raise _no_index(directory)


def _no_index(directory: Path) -> NoSuchVersion:
    return NoSuchVersion(f"there is no index in {directory}; run: {build_command(directory)}")


def _require_usable(directory: Path, name: str, encoder: Encoder) -> None:
    meta = read_meta(directory, name)
    require_encoder(directory, meta, name=encoder.name, fingerprint=encoder.fingerprint, dimension=encoder.dimension)


def _describe(directory: Path, name: str, role: str) -> Version:
    try:
        meta = read_meta(directory, name)
    except IndexFormatError as error:
        return Version(name, role, damage=str(error))
    counts = meta.languages.values()
    return Version(name, role, meta.built_at, sum(c.articles for c in counts), sum(c.passages for c in counts))


def _complete(directory: Path, building: Path, meta: Meta) -> str:
    """Describes a build, brings it to the disk and gives it its name; nothing refers to it yet."""
    files = {str(p.relative_to(building)): p.stat().st_size for p in sorted(building.rglob("*")) if p.is_file()}
    description = json.dumps(asdict(meta) | {"files": files}, indent=1)
    (building / "meta.json").write_text(description, encoding="utf-8")
    for path in [*building.rglob("*"), building]:
        _sync(path)
    name = building.name.removeprefix(_BUILDING)
    building.rename(version_path(directory, name))
    _sync(directory / "versions")
    return name


def _make_current(directory: Path, name: str) -> None:
    former = _readable_current(directory)
    _replace_text(directory / "current", name)
    # Only now: what served before the former one stays the previous version until the new one serves.
    if former is not None:
        _replace_text(directory / "previous", former)
    (directory / "staged").unlink(missing_ok=True)
    _remove_all_but(directory, name, former)


def _remove_all_but(directory: Path, *names: str | None) -> None:
    for version in (directory / "versions").iterdir():
        if version.name not in names:
            shutil.rmtree(version)


def _readable_current(directory: Path) -> str | None:
    try:
        return current_version(directory)
    except IndexFormatError:  # a damaged `current` is what the new version is about to replace
        return None


def _readable_previous(directory: Path) -> str | None:
    try:
        return previous_version(directory)
    except IndexFormatError:  # nothing can be rolled back to; the next version that serves writes it anew
        return None


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
