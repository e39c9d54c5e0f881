"""Builds the index from sources, encoding only what changed, while the former version keeps serving."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kb_index.articles import Article, LoadProblem
from kb_index.chunker import CHUNKER_VERSION, Passage, passages_of
from kb_index.content import ArticleEntry, Content, write_content
from kb_index.errors import IndexFormatError, SourceError
from kb_index.index_store import (
    LanguageCounts,
    Meta,
    builder_lock,
    current_version,
    publish_version,
    read_meta,
    require_encoder,
    start_version,
    version_path,
)
from kb_index.lexical import LEXICAL_VERSION, LexicalIndex
from kb_index.loaders import load_sources
from kb_index.vectors import VectorPartition

if TYPE_CHECKING:
    from kb_index.encoder import Encoder

Floats = npt.NDArray[np.float32]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did."""

    version: str
    changed: bool
    """False: everything was up to date and the serving version was kept."""
    articles: int
    passages: int
    encoded: int
    reused: int
    seconds: float
    problems: list[LoadProblem]
    rebuilt_because: str
    """Why nothing could be reused although there was an index; empty otherwise."""


class _Former:
    """The serving version, as far as its passages and vectors can be used again."""

    def __init__(self, directory: Path, encoder: Encoder) -> None:
        self.version: str | None = None
        self.refusal = ""
        self.entries: dict[tuple[str, str], ArticleEntry] = {}
        self._by_digest: dict[bytes, tuple[str, int]] = {}
        self._partitions: dict[str, VectorPartition] = {}
        try:
            self.version = self._open(directory, encoder)
        except IndexFormatError as error:
            self.refusal = str(error)

    def _open(self, directory: Path, encoder: Encoder) -> str | None:
        version = current_version(directory)
        if version is None:
            return None
        meta = read_meta(directory, version)
        require_encoder(
            directory, meta, name=encoder.name, fingerprint=encoder.fingerprint, dimension=encoder.dimension
        )
        path = version_path(directory, version)
        self.meta = meta
        self.content = Content(path / "content.sqlite")
        self.entries = {(entry.language, entry.id): entry for entry in self.content.entries()}
        for language in meta.languages:
            self._partitions[language] = VectorPartition.load(path / "vectors" / f"{language}.faiss")
        return version

    @property
    def has_current_texts(self) -> bool:
        return self.version is not None and self.meta.chunker_version == CHUNKER_VERSION

    def is_same(self, articles: Sequence[Article]) -> bool:
        """Whether a build of these articles would give the serving version again."""
        if not self.has_current_texts or self.meta.lexical_version != LEXICAL_VERSION:
            return False
        stored = {key: (entry.content_hash, entry.source) for key, entry in self.entries.items()}
        return stored == {article.key: (article.content_hash, article.source) for article in articles}

    def passages(self, article: Article) -> list[Passage] | None:
        """Stored passages of an article whose content did not change."""
        entry = self.entries.get(article.key) if self.has_current_texts else None
        if entry is None or entry.content_hash != article.content_hash:
            return None
        return self.content.passages(entry.first_passage, entry.passages)

    def vector(self, passage: Passage) -> Floats | None:
        """Stored vector of a passage with the same encoded text, wherever it stood."""
        if self.version is None:
            return None
        if not self._by_digest:
            places = ((code, n) for code, count in self.meta.languages.items() for n in range(count.passages))
            self._by_digest = dict(zip(self.content.digests(), places, strict=True))
        place = self._by_digest.get(passage.digest)
        return None if place is None else self._partitions[place[0]].rows(place[1], 1)[0]


def build_index(
    sources: Sequence[str | Path], directory: Path, encoder: Encoder, *, progress: Progress | None = None
) -> BuildReport:
    """Builds or updates the index in `directory` and makes it current.

    `progress` is called with (passages encoded, passages to encode). Files that cannot be used are listed in the
    report and left out. Raises SourceError when a source cannot be read or nothing usable is in any, and BuildLocked
    when another build runs; the serving version stays in both cases.
    """
    started = time.perf_counter()
    loaded = load_sources(sources)
    if not loaded.articles:
        raise SourceError(f"no usable article in {', '.join(map(str, sources))} ({len(loaded.problems)} bad files)")
    articles = sorted(loaded.articles, key=lambda article: article.key)
    with builder_lock(directory):
        former = _Former(directory, encoder)
        if former.version is not None and former.is_same(articles):
            version, changed, encoded = former.version, False, 0
            total = sum(counts.passages for counts in former.meta.languages.values())
        else:
            cut = [(article, former.passages(article) or passages_of(article, encoder.count_tokens))
                   for article in articles]  # fmt: skip
            vectors, encoded = _vectors([p for _, passages in cut for p in passages], former, encoder, progress)
            version, changed, total = _write(directory, cut, vectors, encoder, sources), True, len(vectors)
    return BuildReport(
        version=version,
        changed=changed,
        articles=len(articles),
        passages=total,
        encoded=encoded,
        reused=total - encoded,
        seconds=time.perf_counter() - started,
        problems=loaded.problems,
        rebuilt_because=former.refusal,
    )


def _vectors(
    passages: Sequence[Passage], former: _Former, encoder: Encoder, progress: Progress | None
) -> tuple[Floats, int]:
    """((passages, dimension) in their order, how many had to be encoded)."""
    vectors = np.empty((len(passages), encoder.dimension), dtype=np.float32)
    missing: list[int] = []
    for number, passage in enumerate(passages):
        stored = former.vector(passage)
        if stored is None:
            missing.append(number)
        else:
            vectors[number] = stored
    if missing:
        total = len(missing)
        texts = [passages[number].encoded for number in missing]
        report = None if progress is None else (lambda done: progress(done, total))
        vectors[missing] = encoder.encode_passages(texts, progress=report)
    return vectors, len(missing)


def _write(
    directory: Path,
    cut: Sequence[tuple[Article, Sequence[Passage]]],
    vectors: Floats,
    encoder: Encoder,
    sources: Sequence[str | Path],
) -> str:
    building = start_version(directory)
    write_content(building / "content.sqlite", cut)
    (building / "vectors").mkdir()
    languages: dict[str, LanguageCounts] = {}
    first = 0
    for language, group in groupby(cut, key=lambda pair: pair[0].language):
        members = list(group)
        count = sum(len(passages) for _, passages in members)
        VectorPartition.from_array(vectors[first : first + count]).save(building / "vectors" / f"{language}.faiss")
        LexicalIndex.build(language, [article for article, _ in members]).save(building / "lexical" / language)
        languages[language] = LanguageCounts(len(members), count)
        first += count
    meta = Meta(
        encoder_name=encoder.name,
        encoder_fingerprint=encoder.fingerprint,
        dimension=encoder.dimension,
        chunker_version=CHUNKER_VERSION,
        lexical_version=LEXICAL_VERSION,
        languages=languages,
        sources=[str(source) for source in sources],
    )
    return publish_version(directory, building, meta)
