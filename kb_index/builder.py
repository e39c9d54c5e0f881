"""Builds the index from sources, encoding only what changed, while the former version keeps serving."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kb_index.adapter import QueryAdapter, midway, unit
from kb_index.articles import Article, LoadProblem
from kb_index.chunker import CHUNKER_VERSION, Passage, passages_of
from kb_index.content import write_content
from kb_index.errors import SourceError
from kb_index.index_store import LanguageCounts, Meta
from kb_index.learning import LEARNING_VERSION, LearningReport, centre_of, learn
from kb_index.lexical import LEXICAL_VERSION, LexicalIndex
from kb_index.links import Inbound, inbound_links
from kb_index.loaders import load_sources
from kb_index.progress import Progress, counted, ignore, longest_first
from kb_index.reuse import Reuse, StoredVersion
from kb_index.search_method import SearchMethod, trial_questions
from kb_index.vectors import VectorPartition
from kb_index.versions import builder_lock, discard_staged, publish_version, stage_version, start_version

if TYPE_CHECKING:
    from kb_index.encoder import Encoder
    from kb_index.loaders.web import CrawlSettings

Floats = npt.NDArray[np.float32]
_ARTICLES_A_STEP = 20


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did."""

    version: str
    changed: bool
    """False: everything was up to date and no version was made."""
    staged: bool
    """True: the version waits to be published."""
    articles: int
    passages: int
    encoded: int
    reused: int
    seconds: float
    problems: list[LoadProblem]
    rebuilt_because: str
    """Why everything was encoded although there was an index; empty otherwise."""
    learning: LearningReport
    searching: dict[str, str]
    """By language, how vectors are searched, with the measured recall where that is not exact."""


@dataclass(frozen=True, slots=True)
class _Written:
    """A version on disk that lacks its description."""

    folder: Path
    meta: Meta
    learning: LearningReport
    methods: dict[str, SearchMethod]


def build_index(
    sources: Sequence[str | Path],
    directory: Path,
    encoder: Encoder,
    *,
    stage: bool = False,
    crawl: CrawlSettings | None = None,
    progress: Progress = ignore,
) -> BuildReport:
    """Builds or updates the index in `directory` and makes it current, or with `stage` only ready to be published.

    A version staged before is replaced, or removed when the serving one is up to date. `crawl` says how politely and
    how far websites are read; what they answered is kept in `directory`/crawl, also when the build ends there. Files
    that cannot be used are listed in the report and left out. Raises SourceError when a source cannot be read or
    nothing usable is in any, and BuildLocked when another build runs; the serving version stays in both cases.
    """
    started = time.perf_counter()
    with builder_lock(directory):
        tell = counted("reading sources", progress)
        tell(0, 0)
        loaded = load_sources(sources, cache=directory / "crawl", progress=tell, crawl=crawl)
        if not loaded.articles:
            raise SourceError(f"no usable article in {', '.join(map(str, sources))} ({len(loaded.problems)} bad files)")
        articles = sorted(loaded.articles, key=lambda article: article.key)
        reuse = Reuse(directory, encoder)
        same = _same_version(reuse, articles, stage)
        if same is not None:
            version, passages, encoded = same.name, same.passage_count, 0
            learning, searching = same.learned.report, same.search_methods
            if same is reuse.serving:
                discard_staged(directory)
        else:
            cut = _cut(articles, reuse, encoder, progress)
            vectors, encoded = _vectors([p for _, pieces in cut for p in pieces], reuse, encoder, progress)
            written = _write(directory, cut, vectors, encoder, sources, reuse, progress)
            learning, searching = written.learning, {code: str(method) for code, method in written.methods.items()}
            version, passages = (
                (stage_version if stage else publish_version)(directory, written.folder, written.meta),
                len(vectors),
            )
    return BuildReport(
        version=version,
        changed=same is None,
        staged=stage and same is not reuse.serving,
        articles=len(articles),
        passages=passages,
        encoded=encoded,
        reused=passages - encoded,
        seconds=time.perf_counter() - started,
        problems=loaded.problems,
        rebuilt_because=reuse.refusal if encoded == passages else "",
        learning=learning,
        searching=searching,
    )


def _same_version(reuse: Reuse, articles: Sequence[Article], stage: bool) -> StoredVersion | None:
    """The version that a build of these articles would give again."""
    candidates = (reuse.serving, reuse.staged) if stage else (reuse.serving,)
    return next((one for one in candidates if one is not None and one.is_same(articles)), None)


def _cut(
    articles: Sequence[Article], reuse: Reuse, encoder: Encoder, progress: Progress
) -> list[tuple[Article, list[Passage]]]:
    tell = counted("cutting articles", progress)
    cut = []
    for number, article in enumerate(articles):
        if number % _ARTICLES_A_STEP == 0:
            tell(number, len(articles))
        cut.append((article, reuse.passages(article) or passages_of(article, encoder.count_tokens)))
    tell(len(articles), len(articles))
    return cut


def _vectors(passages: Sequence[Passage], reuse: Reuse, encoder: Encoder, progress: Progress) -> tuple[Floats, int]:
    """((passages, dimension) in their order, how many had to be encoded)."""
    vectors = np.empty((len(passages), encoder.dimension), dtype=np.float32)
    missing: list[int] = []
    for number, passage in enumerate(passages):
        stored = reuse.vector(passage)
        if stored is None:
            missing.append(number)
        else:
            vectors[number] = stored
    if missing:
        texts = [passages[number].encoded for number in missing]
        tell = longest_first("encoding passages", texts, progress)
        tell(0)
        vectors[missing] = encoder.encode_passages(texts, progress=tell)
    return vectors, len(missing)


def _write(
    directory: Path,
    cut: Sequence[tuple[Article, Sequence[Passage]]],
    vectors: Floats,
    encoder: Encoder,
    sources: Sequence[str | Path],
    reuse: Reuse,
    progress: Progress,
) -> _Written:
    """Writes everything but the description."""
    building = start_version(directory)
    (building / "vectors").mkdir()
    members = {code: list(pairs) for code, pairs in groupby(cut, key=lambda pair: pair[0].language)}
    sizes = {language: sum(len(passages) for _, passages in of_language) for language, of_language in members.items()}
    ends = np.cumsum(list(sizes.values()))
    by_language = dict(zip(members, np.split(vectors, ends[:-1]), strict=True))
    lexical: dict[str, LexicalIndex] = {}
    inbound: dict[str, list[Inbound]] = {}
    tell = counted("word index", progress)
    for number, (language, of_language) in enumerate(members.items()):
        tell(number, len(members))
        articles = [article for article, _ in of_language]
        inbound[language] = inbound_links(articles)
        lexical[language] = LexicalIndex.build(language, articles, inbound[language])
        lexical[language].save(building / "lexical" / language)
    tell(len(members), len(members))
    learned = reuse.learned([article for article, _ in cut])
    if learned is None:
        learned = learn(members, by_language, lexical, inbound, encoder, progress)
    learned.save(building / "learned")
    methods: dict[str, SearchMethod] = {}
    tell = counted("vector search", progress)
    for number, (language, of_language) in enumerate(members.items()):
        tell(number, len(members))
        titles = [article.title for article, _ in of_language]
        partition = searched_vectors(by_language[language], titles, learned.adapter, encoder)
        partition.save(building / "vectors" / f"{language}.faiss")
        methods[language] = partition.method
    counted("writing", progress)(0, 0)
    write_content(building / "content.sqlite", cut)
    meta = Meta(
        encoder_name=encoder.name,
        encoder_fingerprint=encoder.fingerprint,
        dimension=encoder.dimension,
        chunker_version=CHUNKER_VERSION,
        lexical_version=LEXICAL_VERSION,
        learning_version=LEARNING_VERSION,
        languages={code: LanguageCounts(len(of_language), sizes[code]) for code, of_language in members.items()},
        sources=[str(source) for source in sources],
    )
    return _Written(building, meta, learned.report, methods)


def searched_vectors(
    vectors: Floats, titles: Sequence[str], adapter: QueryAdapter, encoder: Encoder
) -> VectorPartition:
    """The partition of one language's passages (passages, dimension), searched as fast as recall allows.

    Recall is measured, where it matters, with the articles' titles as questions.
    """
    centre = centre_of(vectors)

    def as_searched(asked: Floats) -> Floats:
        centred = unit(asked - centre)
        return midway(centred, adapter.adapt(centred))

    return VectorPartition.from_array(vectors, lambda: trial_questions(titles, encoder, as_searched))
