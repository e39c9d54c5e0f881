"""Knowledge first: searches the help center for a conversation and remembers what was asked and shown."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from bot.locales import Catalogue
from bot.store import searches
from bot.store.engine import Database
from kb_index.articles import Article
from kb_index.encoder import Encoder
from kb_index.search import KnowledgeIndex, SearchOutcome, SearchResult

ARTICLES_SHOWN = 3
# What scores that much below the best article is no answer to the question (scores: kb_index/ranking.py).
SCORE_MARGIN = 14.0
# The index judges text of any kind; what the dialogue knows to be a question about the product is shown sooner.
LIKELY_FOR_A_QUESTION = 0.03


@dataclass(frozen=True)
class Found:
    """Articles in the contract's shape, best first; empty when nothing answers."""

    articles: list[dict[str, Any]]


class Knowledge:
    """Search in a conversation; every search is kept, so that gaps in the help center show."""

    def __init__(
        self, index: KnowledgeIndex, encoder: Encoder, database: Database, clock: Callable[[], datetime]
    ) -> None:
        self._index, self._encoder, self._database, self._clock = index, encoder, database, clock
        self._choice_vectors: dict[tuple[str, str], tuple[list[str], np.ndarray]] = {}

    def search(self, query: str, language: str | None, limit: int = ARTICLES_SHOWN) -> dict[str, Any]:
        """A plain search, not remembered, in the contract's shape: {"results", "answerable", "took_ms"}."""
        self._index.reload_if_changed()
        outcome = self._index.search(query, language=language, limit=limit)
        return {
            "results": [_card(result) for result in outcome.results],
            "answerable": outcome.answerable,
            "took_ms": round(outcome.took_ms, 1),
        }

    async def ask(
        self,
        conversation_id: str,
        query: str,
        language: str,
        already_shown: Collection[str] = (),
        *,
        surely_a_question: bool = False,
    ) -> Found:
        """Up to three articles that were not shown yet for this question; none when nothing answers it."""
        self._index.reload_if_changed()
        outcome = self._best_outcome(query, language, ARTICLES_SHOWN + len(already_shown))
        least = outcome.results[0].score - SCORE_MARGIN if outcome.results else 0.0
        fitting = [r for r in outcome.results if r.score >= least and r.article not in already_shown]
        # More of a question that was judged answerable may be shown, although the best are gone by now.
        likely = surely_a_question and outcome.probability >= LIKELY_FOR_A_QUESTION
        show = outcome.answerable or likely or already_shown
        articles = [_card(result) for result in fitting[:ARTICLES_SHOWN]] if show else []
        async with self._database.session() as session:
            await searches.add_search(
                session,
                conversation_id=conversation_id,
                language=language,
                query=query,
                articles=[a["id"] for a in articles],
                answerable=outcome.answerable,
                probability=outcome.probability,
                now=self._clock(),
            )
        return Found(articles)

    def _best_outcome(self, query: str, language: str, limit: int) -> SearchOutcome:
        """In the conversation's language; a question in another one is found in all of them."""
        outcome = self._index.search(query, language=language, limit=limit)
        if outcome.answerable:
            return outcome
        in_any = self._index.search(query, limit=limit)
        return in_any if in_any.answerable else outcome

    def article(self, language: str, article_id: str) -> Article | None:
        self._index.reload_if_changed()
        return self._index.article(language, article_id)

    async def feedback(self, conversation_id: str, outcome: str) -> None:
        """What came of the conversation's last search: solved, rejected or case."""
        async with self._database.session() as session:
            await searches.set_outcome(session, conversation_id, outcome)

    async def shown_in(self, conversation_id: str) -> list[str]:
        """Ids of all articles that the conversation has seen, oldest first."""
        async with self._database.session() as session:
            return await searches.shown_articles(session, conversation_id)

    def rank_choices(self, text: str, group: str, catalogue: Catalogue) -> list[str]:
        """The values of a choice field, those most like the text first; `other` stays last."""
        values, vectors = self._vectors_of(group, catalogue)
        likeness = vectors @ self._encoder.encode_queries([text])[0]
        best: dict[str, float] = {}
        for value, score in zip(values, likeness, strict=True):
            best[value] = max(best.get(value, -1.0), float(score))
        ranked = sorted((v for v in best if v != "other"), key=lambda v: -best[v])
        return [*ranked, *(["other"] if "other" in best else [])]

    def _vectors_of(self, group: str, catalogue: Catalogue) -> tuple[list[str], np.ndarray]:
        key = (group, catalogue.language)
        if key not in self._choice_vectors:
            expressions = [
                (value, expression)
                for value, words in catalogue.content["vocabulary"][group].items()
                for expression in (catalogue.label(group, value), *words)
            ]
            vectors = self._encoder.encode_queries([expression for _, expression in expressions])
            self._choice_vectors[key] = [value for value, _ in expressions], vectors
        return self._choice_vectors[key]


def _card(result: SearchResult) -> dict[str, Any]:
    return {
        "id": result.article,
        "article": result.article,
        "title": result.title,
        "snippet": result.snippet,
        "url": result.url,
        "language": result.language,
        "score": round(float(result.score), 4),
    }
