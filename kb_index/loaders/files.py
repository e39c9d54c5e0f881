"""What all loaders of files share: which files there are, and their content or the reason why there is none."""

from __future__ import annotations

import os
from pathlib import Path

from kb_index.errors import SourceError, UnusableArticle


def files_below(folder: Path, suffixes: frozenset[str]) -> list[Path]:
    """Files with one of the suffixes, hidden files and folders left out, in the order of their paths.

    Raises SourceError when the folder, or one in it, cannot be read.
    """

    def fail(error: OSError) -> None:
        raise SourceError(f"cannot read {error.filename}: {error.strerror}")

    found: list[Path] = []
    for root, folders, files in os.walk(folder, onerror=fail):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(root, name) for name in files if not name.startswith(".")]
    return sorted(path for path in found if path.suffix.lower() in suffixes)


def file_bytes(path: Path) -> bytes:
    """The content of a file. Raises UnusableArticle when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnusableArticle(f"cannot be read: {error.strerror}") from error


def file_text(path: Path) -> str:
    """The content of a file in UTF-8, without byte order mark, its line ends as they are. Raises UnusableArticle."""
    try:
        return file_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = f"byte 0x{error.object[error.start]:02x} at offset {error.start}"
        raise UnusableArticle(f"not UTF-8: {place}; save it as UTF-8") from error
