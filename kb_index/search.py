"""Searching the index: what the desk asks, in the user's language first, with a link, a snippet and a judgement."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kb_index.answerability import THRESHOLD, probability
from kb_index.articles import Article, require_language
from kb_index.chunker import Passage
from kb_index.content import ArticleEntry
from kb_index.errors import IndexFormatError, UnknownLanguage
from kb_index.index_store import Meta, build_command, current_version
from kb_index.opened import OpenVersion
from kb_index.passage_choice import best_passage
from kb_index.ranking import LanguageRanker, Question, Ranking
from kb_index.snippets import Nearness, snippet
from kb_index.weights import CROSS_WEIGHTS, NATIVE_WEIGHTS
from kb_index.word_vectors import WordVectors

if TYPE_CHECKING:
    from kb_index.encoder import Encoder

MAX_QUERY_CHARACTERS = 2_000
"""Longer queries are cut: a question's point is near its beginning, and the work must stay bounded."""

_FOREIGN_ADVANTAGE = 0.25
_MERGED_DEPTH = 20
"""How far an article's versions may lie apart and still be recognised as one."""


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
    ranking: Ranking
    row: int
    score: float

    @property
    def entry(self) -> ArticleEntry:
        return self.ranker.entries[self.ranking.articles[self.row]]


class KnowledgeIndex:
    """An opened index directory. Safe to use from several threads."""

    def __init__(self, directory: Path, encoder: Encoder, words: WordVectors, opened: OpenVersion) -> None:
        self.directory = directory
        self._encoder = encoder
        self._words = words
        self._open = opened

    @classmethod
    def open(cls, directory: Path | str, encoder: Encoder, *, version: str | None = None) -> KnowledgeIndex:
        """Opens the current version, or the named one.

        Raises IndexMismatch or another IndexFormatError, or WordVectorsError, each saying what to run.
        """
        directory = Path(directory)
        version = version or current_version(directory)
        if version is None:
            raise IndexFormatError(f"there is no index in {directory}; run: {build_command(directory)}")
        words = WordVectors.load(encoder.directory, encoder.tokenizer)
        return cls(directory, encoder, words, OpenVersion(directory, version, encoder))

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
        self._open = OpenVersion(self.directory, version, self._encoder)
        return True

    def ranker(self, language: str) -> LanguageRanker:
        """The ranker of one language, for fitting. Raises UnknownLanguage when the index has no article in it."""
        if language not in self._open.rankers:
            raise UnknownLanguage(f"the index has no articles in {language!r}")
        return self._open.rankers[language]

    def question(self, query: str, vector: npt.NDArray[np.float32], language: str) -> Question:
        """The question as rankers need it, for fitting; `vector` is the encoder's, (dimension,)."""
        return self._open.question(query, vector, language)

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
        snippets: bool = True,
    ) -> SearchOutcome:
        """Finds up to `limit` articles for a question.

        `language` is the question's. `exclude` holds ids of articles not to show, whatever their language. `scope`:
        None – own language, others only where they are clearly better or the own language has nothing; "same" – own
        language only; "mixed" – all languages as one; a language code – only articles in it. An article that exists
        in several languages appears once, in the question's language where it can. A question without two letters
        or digits gives an empty outcome. Without `snippets` those stay empty, for who only wants the order. Raises
        UnknownLanguage (a ValueError) for a language or scope that does not exist.
        """
        started = time.perf_counter()
        if language is not None:
            require_language(language)
        if scope not in (None, "same", "mixed"):
            require_language(scope)
        opened, query = self._open, " ".join(query[:MAX_QUERY_CHARACTERS].replace("\x00", " ").split())
        if query.isupper():  # shouting is no other question
            query = query.lower()
        results, chance = list[SearchResult](), 0.0
        if _asks_something(query) and limit > 0:
            vector = self._encoder.encode_queries([query])[0]
            # In an unknown language: in each one as if it were that.
            spoken = {
                code: opened.question(query, vector, code) for code in ([language] if language else opened.rankers)
            }
            asked = {code: spoken[language or code] for code in opened.rankers}
            hits, chance = _hits(opened, asked, language, scope, limit, exclude)
            near = self._words.nearness(query) if snippets else None
            results = [_result(opened, hit, asked[hit.entry.language], near) for hit in hits[:limit]]
        took = (time.perf_counter() - started) * 1000
        return SearchOutcome(results, bool(results) and chance >= THRESHOLD, chance, took)


def _asks_something(query: str) -> bool:
    """A single letter, smileys or punctuation ask nothing: whatever lies nearest to them would look like an answer."""
    return sum(map(str.isalnum, query)) >= 2


def _hits(
    opened: OpenVersion,
    asked: Mapping[str, Question],
    language: str | None,
    scope: str | None,
    limit: int,
    exclude: Set[str],
) -> tuple[list[_Hit], float]:
    """(at least the first `limit` articles, probability that the first answers); `asked` is by language of articles."""
    rankings = [_without(opened, ranking, exclude) for ranking in _rankings(opened, asked, language, scope)]
    own, foreign = rankings, list[Ranking]()
    if scope is None and language is not None:
        own = [ranking for ranking in rankings if ranking.language == language]
        foreign = [ranking for ranking in rankings if ranking.language != language]
    own_chance, foreign_chance = (max(map(probability, some), default=0.0) for some in (own, foreign))
    own_hits = _merged(opened, own, language, limit)
    if not foreign or (own_hits and foreign_chance < own_chance + _FOREIGN_ADVANTAGE):
        return own_hits, own_chance
    return _merged(opened, foreign, language, limit) + own_hits, max(own_chance, foreign_chance)


def _result(opened: OpenVersion, hit: _Hit, question: Question, near: Nearness | None) -> SearchResult:
    entry = hit.entry
    article = opened.content.article(entry.number)
    numbers, cosines = hit.ranking.passages_of(hit.row)
    passages = opened.content.some_passages([entry.first_passage + number for number in numbers])
    chosen = best_passage([one.text for one in passages], cosines, near) if near else 0
    passage = passages[chosen]
    return SearchResult(
        article=entry.id,
        title=article.title,
        language=entry.language,
        url=article.link(passage.anchor),
        snippet=_snippet(hit, article, passage, question, near) if near else "",
        score=round(hit.score, 4),
        heading=passage.heading,
    )


def _snippet(hit: _Hit, article: Article, passage: Passage, question: Question, near: Nearness) -> str:
    lexical, words = hit.ranker.lexical, question.words[article.language]
    return snippet(
        passage.text,
        words.keys(),
        article.language,
        weights={word: weight * lexical.rarity(word) for word, weight in words.items()},
        topic=frozenset(lexical.terms_of(f"{article.title} {passage.heading}")),
        nearness=near,
    )


def _rankings(
    opened: OpenVersion, asked: Mapping[str, Question], language: str | None, scope: str | None
) -> Iterator[Ranking]:
    for code, ranker in opened.rankers.items():
        question = asked[code]
        if language in (None, code):
            if scope in (None, "same", "mixed", code):
                yield ranker.rank(question, NATIVE_WEIGHTS, translations=language is not None)
        elif scope == "mixed":
            # Scores of different weights could not be compared.
            yield ranker.rank(question, NATIVE_WEIGHTS)
        elif scope == code:
            yield ranker.rank(question, CROSS_WEIGHTS)
        elif scope is None and code in opened.foreign_only[language]:
            yield ranker.rank(question, CROSS_WEIGHTS, keep=opened.foreign_only[language][code])


def _without(opened: OpenVersion, ranking: Ranking, exclude: Set[str]) -> Ranking:
    if not exclude:
        return ranking
    entries = opened.rankers[ranking.language].entries
    return ranking.without([entries[article].id in exclude for article in ranking.articles])


def _merged(opened: OpenVersion, rankings: Iterable[Ranking], language: str | None, limit: int) -> list[_Hit]:
    """The first articles by score, each once: in the user's language if it is among the first there, too."""
    best: dict[str, _Hit] = {}
    for ranking in rankings:
        ranker = opened.rankers[ranking.language]
        for row, article, score in ranking.rows(_MERGED_DEPTH + limit):
            article_id, hit = ranker.entries[article].id, _Hit(ranker, ranking, row, score)
            known = best.get(article_id)
            best[article_id] = hit if known is None else _better(known, hit, language)
    return sorted(best.values(), key=lambda hit: -hit.score)


def _better(one: _Hit, other: _Hit, language: str | None) -> _Hit:
    """The version of an article that is shown, with the better score of both."""
    higher, lower = (one, other) if one.score >= other.score else (other, one)
    return replace(lower, score=higher.score) if lower.ranker.language == language else higher
