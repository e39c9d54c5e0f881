"""Knowledge first: searches the help center for a conversation and remembers what was asked and shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.masking import masked
from bot.desk.meaning import Meaning
from bot.locales import Catalogue
from bot.store import searches
from bot.store.engine import Database
from bot.store.models import Search
from kb_index.articles import Article
from kb_index.encoder import Encoder
from kb_index.search import KnowledgeIndex, SearchOutcome, SearchResult

ARTICLES_SHOWN = 3
# What scores that much below the best article is no answer to the question (scores: kb_index/ranking.py).
SCORE_MARGIN = 6.0
# The index judges text of any kind; what the dialogue knows to be a question about the product is shown sooner.
LIKELY_FOR_A_QUESTION = 0.12
BEYOND_DOUBT = 0.6
# The newest questions of a conversation that a case may be about; each takes some milliseconds to compare.
QUESTIONS_OF_A_CASE = 20


@dataclass(frozen=True)
class Found:
    """Articles in the contract's shape, best first; empty when nothing answers.

    `exhausted`: something would fit, but the conversation has seen all of it and it did not help.
    """

    articles: list[dict[str, Any]]
    exhausted: bool = False


class Knowledge:
    """Search in a conversation; every search is kept with what came of it, so that gaps in the help center show.

    One question is one search: "more" belongs to it. Searching takes milliseconds of a CPU, so it runs in threads.
    """

    def __init__(
        self,
        index: KnowledgeIndex,
        encoder: Encoder,
        database: Database,
        clock: Callable[[], datetime],
    ) -> None:
        self._index, self._database, self._clock = index, database, clock
        self._meaning = Meaning(encoder)

    async def search(
        self, query: str, language: str | None, limit: int = ARTICLES_SHOWN, *, record: bool = False
    ) -> dict[str, Any]:
        """A search outside a conversation, in the contract's shape: {"results", "answerable", "took_ms"}.

        `record`: it is a whole question and is remembered, masked, which takes its language; ValueError without one.
        """
        if record and language is None:
            raise ValueError("a search that is remembered needs its language")
        outcome = await asyncio.to_thread(self._index.search, query, language=language, limit=limit)
        results = [_card(result) for result in outcome.results]
        if record and language is not None:
            async with self._database.session() as session:
                # Nobody could have it erased later, as it belongs to no conversation.
                await self._add(session, None, masked(query), language, results, outcome)
        return {"results": results, "answerable": outcome.answerable, "took_ms": round(outcome.took_ms, 1)}

    async def ask(self, conversation_id: str, query: str, language: str, *, surely_a_question: bool = False) -> Found:
        """Up to three articles for a question of a conversation; none when nothing answers it.

        What the conversation rejected before is left out; what it merely saw may come again. A new question says
        nothing of the one before: that keeps the outcome it has.
        """
        async with self._database.session(read_only=True) as session:
            rejected = await searches.rejected_articles(session, conversation_id)
        outcome = await asyncio.to_thread(self._best_outcome, query, language, ARTICLES_SHOWN + len(rejected))
        likely = surely_a_question and outcome.probability >= LIKELY_FOR_A_QUESTION
        fitting = _fitting(outcome) if outcome.answerable or likely else []
        articles = [_card(result) for result in fitting if result.article not in rejected][:ARTICLES_SHOWN]
        exhausted = bool(fitting) and not articles
        async with self._database.session() as session:
            search = await self._add(session, conversation_id, query, language, articles, outcome)
            if exhausted:
                searches.settle(search, "rejected")
        return Found(articles, exhausted)

    async def surely_answers(self, query: str, language: str) -> bool:
        """Whether an article answers beyond doubt what does not look like a question about the product.

        Nothing is remembered: what has nothing to do with the product is no gap of the help center.
        """
        outcome = await asyncio.to_thread(self._index.search, query, language=language, limit=1, snippets=False)
        return bool(outcome.results) and outcome.probability >= BEYOND_DOUBT

    async def more(self, conversation_id: str, query: str, language: str, shown: Collection[str]) -> Found:
        """The next articles for a question; those `shown` for it did not help. Again with the same gives the same."""
        async with self._database.session(read_only=True) as session:
            rejected = await searches.rejected_articles(session, conversation_id)
        hidden = rejected.union(shown)
        outcome = await asyncio.to_thread(self._best_outcome, query, language, ARTICLES_SHOWN + len(hidden))
        # The question was judged before; now that the best are gone it would be judged by what is left.
        fitting = [result for result in _fitting(outcome) if result.article not in hidden]
        articles = [_card(result) for result in fitting[:ARTICLES_SHOWN]]
        async with self._database.session() as session:
            search = await searches.last_search(session, conversation_id)
            if search is None or search.query != query:
                search = await self._add(session, conversation_id, query, language, [], outcome)
            search.outcome, search.rejected = "rejected", _joined(search.rejected, shown)
            search.articles = _joined(search.articles, shown, [article["id"] for article in articles])
        return Found(articles, exhausted=not articles)

    async def _add(
        self,
        session: AsyncSession,
        conversation_id: str | None,
        query: str,
        language: str,
        articles: Collection[dict[str, Any]],
        outcome: SearchOutcome,
    ) -> Search:
        return await searches.add_search(
            session,
            conversation_id=conversation_id,
            language=language,
            query=query,
            articles=[article["id"] for article in articles],
            answerable=outcome.answerable,
            probability=outcome.probability,
            now=self._clock(),
        )

    def _best_outcome(self, query: str, language: str, limit: int) -> SearchOutcome:
        """In the conversation's language; a question in another one is found in all of them."""
        outcome = self._index.search(query, language=language, limit=limit)
        if outcome.answerable:
            return outcome
        in_any = self._index.search(query, limit=limit)
        return in_any if in_any.answerable else outcome

    def article(self, language: str, article_id: str) -> Article | None:
        return self._index.article(language, article_id)

    async def feedback(self, conversation_id: str, outcome: str) -> None:
        """What came of the conversation's last search, one of bot.store.searches.OUTCOMES; the last word counts."""
        async with self._database.session() as session:
            await searches.set_outcome(session, conversation_id, outcome)

    async def case_opened(self, conversation_id: str, summary: str, catalogue: Catalogue) -> None:
        """A case with that summary was opened: all questions of the conversation that it is about end in it.

        Those are the ones that mean the same as its summary, and the last one if its articles did not help: a case
        that grew out of a question is often told in other words. Other questions keep their outcome.
        """
        async with self._database.session(read_only=True) as session:
            asked = await searches.of_conversation(session, conversation_id)
        open_ = [search for search in asked if search.outcome not in ("case", "unclear")][-QUESTIONS_OF_A_CASE:]
        if not open_:
            return
        queries = [search.query for search in open_]
        related = await asyncio.to_thread(self._meaning.related, summary, queries, catalogue)
        about = {search.id for search, is_related in zip(open_, related, strict=True) if is_related}
        if asked[-1].outcome == "rejected":
            about.add(asked[-1].id)
        async with self._database.session() as session:
            for search in await searches.of_conversation(session, conversation_id):
                if search.id in about:
                    searches.settle(search, "case")

    async def shown_in(self, conversation_id: str) -> list[str]:
        """Ids of all articles that the conversation has seen, oldest first."""
        async with self._database.session(read_only=True) as session:
            return await searches.shown_articles(session, conversation_id)


def _fitting(outcome: SearchOutcome) -> list[SearchResult]:
    """The results, less those that fall far behind the best one."""
    return [r for r in outcome.results if r.score >= outcome.results[0].score - SCORE_MARGIN]


def _joined(*lists: Collection[str]) -> list[str]:
    """All ids in order, each once."""
    return list(dict.fromkeys(article for articles in lists for article in articles))


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
