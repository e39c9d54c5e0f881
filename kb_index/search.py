"""Searching the index: what the desk asks, in the user's language first, with a link, a snippet and a judgement."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence, Set
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
from kb_index.lexical import LexicalIndex
from kb_index.opened import OpenVersion
from kb_index.passage_choice import is_how_to, procedure
from kb_index.ranking import LanguageRanker, Question, Ranking
from kb_index.snippets import Nearness, snippet
from kb_index.weights import CROSS_WEIGHTS, NATIVE_WEIGHTS
from kb_index.word_vectors import WordVectors

if TYPE_CHECKING:
    from kb_index.encoder import Encoder

MAX_QUERY_CHARACTERS = 2_000
"""Longer queries are cut: a question's point is near its beginning, and the work must stay bounded."""

_FOREIGN_HANDICAP = 0.5
"""What an article that the user's language lacks must score more than those it has: reading it is harder."""
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
        None – own language, and of the others what it lacks, at a small handicap; "same" – own language only; "mixed" –
        all languages as one; a language code – only articles in it. An article that exists in several languages appears
        once, in the question's language where it can. A question without two letters or digits gives an empty outcome.
        Without `snippets` those stay empty, for who only wants the order. Raises UnknownLanguage (a ValueError) for a
        language or scope that does not exist.
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
            results = list(_results(opened, hits[:limit], asked, near))
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
    hits = _merged(opened, rankings, language, limit, _FOREIGN_HANDICAP if scope is None else 0.0)
    if scope is None and language is not None and hits:
        return hits, probability(hits[0].ranking)
    return hits, max(map(probability, rankings), default=0.0)


def _results(
    opened: OpenVersion, hits: Sequence[_Hit], asked: Mapping[str, Question], near: Nearness | None
) -> Iterator[SearchResult]:
    """Without `near` there are no snippets."""
    rankers = {hit.ranker.language: hit.ranker for hit in hits}
    weights = {code: _weights(asked[code], ranker.lexical) for code, ranker in rankers.items()}
    choices = [_choice(hit, weights[hit.ranker.language]) for hit in hits]
    passages = opened.content.some_passages({number for choice in choices for number in choice.candidates})
    for hit, choice in zip(hits, choices, strict=True):
        entry = hit.entry
        passage, text = passages[choice.nearest], ""
        if near is not None:
            passage, text = _shown(choice, [passages[number] for number in choice.candidates], passage, near)
        yield SearchResult(
            article=entry.id,
            title=entry.title,
            language=entry.language,
            url=entry.link(passage.anchor),
            snippet=text,
            score=round(hit.score, 4),
            heading=passage.heading,
        )


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which passages of an article could be shown; passages are numbered over the whole index."""

    lexical: LexicalIndex
    weights: Mapping[str, float]
    """The question's words in the article's language, each by how much it counts."""
    title: frozenset[str]
    nearest: int
    candidates: Sequence[int]
    """All of the article's where a procedure is looked for, else only the nearest one."""
    seeks_steps: bool


def _weights(question: Question, lexical: LexicalIndex) -> dict[str, float]:
    words = question.words[lexical.language]
    return {word: weight * lexical.rarity(word) for word, weight in words.items()}


def _choice(hit: _Hit, weights: Mapping[str, float]) -> _Choice:
    entry, lexical = hit.entry, hit.ranker.lexical
    title = frozenset(lexical.terms_of(entry.title))
    nearest = entry.first_passage + int(hit.ranking.passages[hit.row])
    of_article = range(entry.first_passage, entry.first_passage + entry.passages)
    how_to = is_how_to(weights, title)
    return _Choice(lexical, weights, title, nearest, of_article if how_to else (nearest,), how_to)


def _shown(choice: _Choice, candidates: Sequence[Passage], nearest: Passage, near: Nearness) -> tuple[Passage, str]:
    """(passage, what is shown of it)"""
    steps = procedure([one.text for one in candidates]) if choice.seeks_steps else None
    passage = nearest if steps is None else candidates[steps]
    text = snippet(
        passage.text,
        choice.weights.keys(),
        choice.lexical.language,
        weights=choice.weights,
        topic=choice.title.union(choice.lexical.terms_of(passage.heading)),
        nearness=near,
        from_first_step=steps is not None,
    )
    return passage, text


def _rankings(
    opened: OpenVersion, asked: Mapping[str, Question], language: str | None, scope: str | None
) -> Iterator[Ranking]:
    for code, ranker in opened.rankers.items():
        question = asked[code]
        if language in (None, code):
            if scope in (None, "same", "mixed", code):
                yield ranker.rank(question, NATIVE_WEIGHTS, translations=language is not None)
        elif scope == code:
            yield ranker.rank(question, CROSS_WEIGHTS)
        # Below, articles of several languages are put in one order: scores of different weights could not be compared.
        elif scope == "mixed":
            yield ranker.rank(question, NATIVE_WEIGHTS)
        elif scope is None and code in opened.foreign_only[language]:
            yield ranker.rank(question, NATIVE_WEIGHTS, keep=opened.foreign_only[language][code])


def _without(opened: OpenVersion, ranking: Ranking, exclude: Set[str]) -> Ranking:
    if not exclude:
        return ranking
    entries = opened.rankers[ranking.language].entries
    return ranking.without([entries[article].id in exclude for article in ranking.articles])


def _merged(
    opened: OpenVersion, rankings: Sequence[Ranking], language: str | None, limit: int, handicap: float
) -> list[_Hit]:
    """The first articles by score, each once: in the user's language if it is among the first there, too.

    `handicap` is taken off the scores of other languages.
    """
    best: dict[str, _Hit] = {}
    depth = limit + (_MERGED_DEPTH if len(rankings) > 1 else 0)
    for ranking in rankings:
        ranker = opened.rankers[ranking.language]
        less = handicap if language not in (None, ranking.language) else 0.0
        for row, article, score in ranking.rows(depth):
            article_id, hit = ranker.entries[article].id, _Hit(ranker, ranking, row, score - less)
            known = best.get(article_id)
            best[article_id] = hit if known is None else _better(known, hit, language)
    return sorted(best.values(), key=lambda hit: -hit.score)


def _better(one: _Hit, other: _Hit, language: str | None) -> _Hit:
    """The version of an article that is shown, with the better score of both."""
    higher, lower = (one, other) if one.score >= other.score else (other, one)
    return replace(lower, score=higher.score) if lower.ranker.language == language else higher
