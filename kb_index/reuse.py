"""What the versions at hand already hold, so that a build does not make it again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kb_index.articles import Article
from kb_index.chunker import CHUNKER_VERSION, Passage
from kb_index.content import Content
from kb_index.errors import IndexFormatError
from kb_index.index_store import (
    build_command,
    current_version,
    previous_version,
    read_meta,
    require_encoder,
    staged_version,
    version_path,
)
from kb_index.learning import LEARNING_VERSION, Learned
from kb_index.lexical import LEXICAL_VERSION
from kb_index.vectors import VectorPartition

if TYPE_CHECKING:
    from kb_index.encoder import Encoder

Floats = npt.NDArray[np.float32]


class StoredVersion:
    """One version, opened for its texts, vectors and what it learned.

    Raises IndexFormatError when it does not fit this program.
    """

    def __init__(self, directory: Path, name: str, encoder: Encoder) -> None:
        self.name = name
        self.meta = read_meta(directory, name)
        require_encoder(
            directory, self.meta, name=encoder.name, fingerprint=encoder.fingerprint, dimension=encoder.dimension
        )
        path = version_path(directory, name)
        self._content = Content(path / "content.sqlite")
        self._entries = {(entry.language, entry.id): entry for entry in self._content.entries()}
        self._partitions = {
            language: VectorPartition.load(path / "vectors" / f"{language}.faiss") for language in self.meta.languages
        }
        # Read at once: damage found only when it is needed would end every build, and with it the way to repair it.
        self.learned = Learned()
        if self.has_current_learning:
            try:
                self.learned = Learned.load(path / "learned")
            except (OSError, ValueError, TypeError) as error:
                raise IndexFormatError(
                    f"{path / 'learned'} is damaged: {error}; run: {build_command(directory)}"
                ) from error

    @property
    def passage_count(self) -> int:
        return sum(counts.passages for counts in self.meta.languages.values())

    @property
    def search_methods(self) -> dict[str, str]:
        return {language: str(partition.method) for language, partition in self._partitions.items()}

    @property
    def has_current_texts(self) -> bool:
        return self.meta.chunker_version == CHUNKER_VERSION

    @property
    def has_current_learning(self) -> bool:
        return (self.meta.lexical_version, self.meta.learning_version) == (LEXICAL_VERSION, LEARNING_VERSION)

    def is_same(self, articles: Sequence[Article]) -> bool:
        """Whether a build of these articles would give this version again."""
        if not self.has_current_texts or not self.has_current_learning:
            return False
        stored = {key: (entry.content_hash, entry.source) for key, entry in self._entries.items()}
        return stored == {article.key: (article.content_hash, article.source) for article in articles}

    def changes(self, articles: Sequence[Article]) -> int:
        """How many articles were added, changed or removed since."""
        stored = {(key, entry.content_hash) for key, entry in self._entries.items()}
        given = {(article.key, article.content_hash) for article in articles}
        return len({key for key, _ in stored ^ given})

    def passages(self, article: Article) -> list[Passage] | None:
        """Stored passages of an article whose content did not change."""
        entry = self._entries.get(article.key) if self.has_current_texts else None
        if entry is None or entry.content_hash != article.content_hash:
            return None
        return self._content.passages(entry.first_passage, entry.passages)

    def vector(self, passage: Passage) -> Floats | None:
        """Stored vector (dimension,) of a passage with the same encoded text, wherever it stood."""
        place = self._places.get(passage.digest)
        return None if place is None else self._partitions[place[0]].rows(place[1], 1)[0]

    @cached_property
    def _places(self) -> dict[bytes, tuple[str, int]]:
        places = ((code, n) for code, count in self.meta.languages.items() for n in range(count.passages))
        return dict(zip(self._content.digests(), places, strict=True))


class Reuse:
    """The version that serves and, opened only when articles changed, the staged and the previous one.

    After a rollback, or when a staged version is made once more, most of what the serving one lacks is in those.
    """

    def __init__(self, directory: Path, encoder: Encoder) -> None:
        self._directory, self._encoder = directory, encoder
        self.refusal = ""
        self.serving: StoredVersion | None = None
        try:
            name = current_version(directory)
            self.serving = None if name is None else StoredVersion(directory, name, encoder)
        except IndexFormatError as error:
            self.refusal = str(error)

    @cached_property
    def staged(self) -> StoredVersion | None:
        return self._open(staged_version)

    @cached_property
    def _all(self) -> list[StoredVersion]:
        versions = (self.serving, self.staged, self._open(previous_version))
        return [version for version in versions if version is not None]

    def passages(self, article: Article) -> list[Passage] | None:
        """Stored passages of an article with the same content, or None."""
        return next((found for version in self._all if (found := version.passages(article)) is not None), None)

    def vector(self, passage: Passage) -> Floats | None:
        """Stored vector (dimension,) of a passage with the same encoded text, or None."""
        return next((found for version in self._all if (found := version.vector(passage)) is not None), None)

    def learned(self, articles: Sequence[Article]) -> Learned | None:
        """What the serving version learned, if it still fits these articles; learning again takes a while."""
        if self.serving is None or not self.serving.has_current_learning:
            return None
        learned, changed = self.serving.learned, self.serving.changes(articles)
        return learned.after_changes(changed) if learned.may_stay(changed, len(articles)) else None

    def _open(self, look_up: Callable[[Path], str | None]) -> StoredVersion | None:
        try:
            name = look_up(self._directory)
            return None if name is None else StoredVersion(self._directory, name, self._encoder)
        except IndexFormatError:  # it serves nobody and would only have saved work
            return None
