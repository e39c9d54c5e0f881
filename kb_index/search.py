"""Searching the index: what the desk asks, in the user's language first, with a link, a snippet and a judgement."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kb_index.answerability import THRESHOLD, probability
from kb_index.articles import LANGUAGES, Article, require_language
from kb_index.content import ArticleEntry, Content
from kb_index.errors import IndexFormatError, UnknownLanguage
from kb_index.index_store import (
    Meta,
    build_command,
    current_version,
    read_meta,
    require_encoder,
    version_path,
)
from kb_index.lexical import LexicalIndex, terms
from kb_index.ranking import CROSS_WEIGHTS, NATIVE_WEIGHTS, LanguageRanker, Ranking
from kb_index.snippets import snippet
from kb_index.vectors import VectorPartition

if TYPE_CHECKING:
    from kb_index.encoder import Encoder

MAX_QUERY_CHARACTERS = 2_000
"""Longer queries are cut: a question's point is near its beginning, and the work must stay bounded."""

_FOREIGN_ADVANTAGE = 0.25


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One article found. `article` is its id, `heading` the section the snippet is from ('' for the beginning)."""

    article: str
    title: str
    language: str
    url: str
    snippet: str
    score: float
    heading: str


@dataclass(frozen=True, slots=True)
class SearchOutcome:
    """Results, best first, and the probability (0–1) that the first of them answers the question."""

    results: list[SearchResult]
    answerable: bool
    probability: float
    took_ms: float


@dataclass(frozen=True, slots=True)
class _Hit:
    ranker: LanguageRanker
    article: int
    passage: int
    score: float

    @property
    def entry(self) -> ArticleEntry:
        return self.ranker.entries[self.article]


class _OpenVersion:
    """One version of the index, immutable: searches that began on it end on it."""

    def __init__(self, directory: Path, version: str, encoder: Encoder) -> None:
        self.version = version
        self.meta: Meta = read_meta(directory, version)
        require_encoder(
            directory, self.meta, name=encoder.name, fingerprint=encoder.fingerprint, dimension=encoder.dimension
        )
        path = version_path(directory, version)
        self.content = Content(path / "content.sqlite")
        self.rankers: dict[str, LanguageRanker] = {}
        self.places: dict[tuple[str, str], tuple[LanguageRanker, int]] = {}
        entries = self.content.entries()
        for language, counts in self.meta.languages.items():
            own = [entry for entry in entries if entry.language == language]
            vectors = VectorPartition.load(path / "vectors" / f"{language}.faiss")
            if len(own) != counts.articles or vectors.count != sum(entry.passages for entry in own):
                raise IndexFormatError(f"the index in {path} contradicts itself; run: {build_command(directory)}")
            try:
                lexical = LexicalIndex.load(language, len(own), path / "lexical" / language)
            except (OSError, ValueError, KeyError) as error:
                raise IndexFormatError(
                    f"the word index in {path / 'lexical' / language} is damaged: {error}; "
                    f"run: {build_command(directory)}"
                ) from error
            ranker = LanguageRanker(language, own, vectors, lexical)
            self.rankers[language] = ranker
            self.places |= {(language, entry.id): (ranker, n) for n, entry in enumerate(own)}
        self.foreign_only = {language: self._foreign_only(language) for language in LANGUAGES}

    def _foreign_only(self, language: str) -> dict[str, npt.NDArray[np.bool_]]:
        """By other language, which of its articles have no version in `language`; languages without any left out."""
        marks = {}
        for code, ranker in self.rankers.items():
            missing = np.array([(language, entry.id) not in self.places for entry in ranker.entries], dtype=bool)
            if code != language and missing.any():
                marks[code] = missing
        return marks


class KnowledgeIndex:
    """An opened index directory. Safe to use from several threads."""

    def __init__(self, directory: Path, encoder: Encoder, opened: _OpenVersion) -> None:
        self.directory = directory
        self._encoder = encoder
        self._open = opened

    @classmethod
    def open(cls, directory: Path | str, encoder: Encoder) -> KnowledgeIndex:
        """Opens the current version. Raises IndexMismatch or another IndexFormatError, saying what to run."""
        directory = Path(directory)
        version = current_version(directory)
        if version is None:
            raise IndexFormatError(f"there is no index in {directory}; run: {build_command(directory)}")
        return cls(directory, encoder, _OpenVersion(directory, version, encoder))

    @property
    def version(self) -> str:
        return self._open.version

    @property
    def meta(self) -> Meta:
        return self._open.meta

    def reload_if_changed(self) -> bool:
        """Switches to the version that `current` names when it is another one; cheap when it is not.

        Searches under way end on the version they began with. Raises IndexFormatError when the new version cannot be
        opened; the old one keeps serving then.
        """
        version = current_version(self.directory)
        if version is None or version == self._open.version:
            return False
        self._open = _OpenVersion(self.directory, version, self._encoder)
        return True

    def ranker(self, language: str) -> LanguageRanker:
        """The ranker of one language, for fitting. Raises UnknownLanguage when the index has no article in it."""
        if language not in self._open.rankers:
            raise UnknownLanguage(f"the index has no articles in {language!r}")
        return self._open.rankers[language]

    def article(self, language: str, article_id: str) -> Article | None:
        """The article in that language, or None."""
        opened = self._open
        place = opened.places.get((language, article_id))
        return None if place is None else opened.content.article(place[0].entries[place[1]].number)

    def search(
        self,
        query: str,
        *,
        language: str | None = None,
        limit: int = 3,
        exclude: Set[str] = frozenset(),
        scope: str | None = None,
    ) -> SearchOutcome:
        """Finds up to `limit` articles for a question.

        `language` is the question's. `exclude` holds ids of articles not to show, whatever their language. `scope`:
        None – own language, others only where they are clearly better or the own language has nothing; "same" – own
        language only; "mixed" – all languages as one; a language code – only articles in it. An article that exists
        in several languages appears once, in the question's language where it can. An empty question gives an empty
        outcome. Raises UnknownLanguage (a ValueError) for a language or scope that does not exist.
        """
        started = time.perf_counter()
        if language is not None:
            require_language(language)
        if scope not in (None, "same", "mixed"):
            require_language(scope)
        opened, query = self._open, " ".join(query[:MAX_QUERY_CHARACTERS].replace("\x00", " ").split())
        if query.isupper():  # shouting is no other question
            query = query.lower()
        hits, chance = self._hits(opened, query, language, scope, exclude) if query and limit > 0 else ([], 0.0)
        results = [self._result(opened, hit, query) for hit in hits[: max(limit, 0)]]
        took = (time.perf_counter() - started) * 1000
        return SearchOutcome(results, bool(results) and chance >= THRESHOLD, chance, took)

    def _hits(
        self, opened: _OpenVersion, query: str, language: str | None, scope: str | None, exclude: Set[str]
    ) -> tuple[list[_Hit], float]:
        vector = self._encoder.encode_queries([query])[0]
        rankings = list(_rankings(opened, query, vector, language, scope))
        rankings = [_without(opened, ranking, exclude) for ranking in rankings]
        if scope is None and language is not None:
            return self._own_language_first(opened, rankings, language)
        chance = max((probability(ranking) for ranking in rankings), default=0.0)
        return _merged(opened, rankings, language), chance

    def _own_language_first(
        self, opened: _OpenVersion, rankings: list[Ranking], language: str
    ) -> tuple[list[_Hit], float]:
        own = [ranking for ranking in rankings if ranking.language == language]
        foreign = [ranking for ranking in rankings if ranking.language != language]
        own_chance = max(map(probability, own), default=0.0)
        foreign_chance = max(map(probability, foreign), default=0.0)
        own_hits = _merged(opened, own, language)
        if own_hits and foreign_chance < own_chance + _FOREIGN_ADVANTAGE:
            return own_hits, own_chance
        return _merged(opened, foreign, language) + own_hits, max(own_chance, foreign_chance)

    def _result(self, opened: _OpenVersion, hit: _Hit, query: str) -> SearchResult:
        entry = hit.entry
        article = opened.content.article(entry.number)
        passage = opened.content.passages(entry.first_passage + hit.passage, 1)[0]
        words = frozenset(terms(query, entry.language))
        return SearchResult(
            article=entry.id,
            title=article.title,
            language=entry.language,
            url=article.link(passage.anchor),
            snippet=snippet(passage.text, words, entry.language),
            score=round(hit.score, 4),
            heading=passage.heading,
        )


def _rankings(
    opened: _OpenVersion, query: str, vector: npt.NDArray[np.float32], language: str | None, scope: str | None
) -> Iterator[Ranking]:
    if scope == "same" and language is None:
        scope = "mixed"
    for code, ranker in opened.rankers.items():
        asked = opened.rankers.get(language or code)
        centre = None if asked is None else asked.centre
        if language is None or scope == "mixed" or code == language:
            if scope in (None, "same", "mixed", code):
                yield ranker.rank(query, vector, NATIVE_WEIGHTS, centre=centre)
        elif scope == code:
            yield ranker.rank(query, vector, CROSS_WEIGHTS, centre=centre)
        elif scope is None and code in opened.foreign_only[language]:
            yield ranker.rank(query, vector, CROSS_WEIGHTS, centre=centre, keep=opened.foreign_only[language][code])


def _without(opened: _OpenVersion, ranking: Ranking, exclude: Set[str]) -> Ranking:
    if not exclude:
        return ranking
    entries = opened.rankers[ranking.language].entries
    return ranking.without([entries[article].id in exclude for article in ranking.articles])


def _merged(opened: _OpenVersion, rankings: Iterable[Ranking], language: str | None) -> list[_Hit]:
    """All candidates by score, each article once: in the user's language if it is among them there."""
    best: dict[str, _Hit] = {}
    for ranking in rankings:
        ranker = opened.rankers[ranking.language]
        for article, passage, score in ranking.rows():
            hit = _Hit(ranker, article, passage, score)
            known = best.get(hit.entry.id)
            if known is None:
                best[hit.entry.id] = hit
            else:
                shown = known if known.ranker.language == language or hit.ranker.language != language else hit
                if language is None or language not in (known.ranker.language, hit.ranker.language):
                    shown = max(known, hit, key=lambda one: one.score)
                score = max(known.score, hit.score)
                best[hit.entry.id] = _Hit(shown.ranker, shown.article, shown.passage, score)
    return sorted(best.values(), key=lambda hit: -hit.score)
