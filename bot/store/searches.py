"""Queries on searches: what was asked, which articles were shown, what came of them, and what nothing answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models import Search

OUTCOMES = ("solved", "rejected", "case", "unclear")
"""solved: the user said so. rejected: the articles did not help, in words, with "more", or because a case was wanted
instead. case: a case was opened about it. unclear: nothing was found, and it was not understood as a question. Nothing
at all: the user went away or on to something else."""


@dataclass(frozen=True)
class Asked:
    """A search as the report on gaps needs it. `conversation_id` is None when it was asked outside a conversation."""

    id: int
    conversation_id: str | None
    language: str
    query: str
    outcome: str | None
    created_at: datetime


async def add_search(
    session: AsyncSession,
    *,
    conversation_id: str | None,
    language: str,
    query: str,
    articles: Sequence[str],
    answerable: bool,
    probability: float,
    now: datetime,
    outcome: str | None = None,
) -> Search:
    """Stores a search with the ids of the articles shown, best first. `probability` is that of being answerable."""
    search = Search(
        conversation_id=conversation_id,
        language=language,
        query=query,
        articles=list(articles),
        rejected=[],
        answerable=answerable,
        probability=probability,
        outcome=outcome,
        created_at=now,
    )
    session.add(search)
    await session.flush()
    return search


async def of_conversation(session: AsyncSession, conversation_id: str) -> list[Search]:
    """All searches of the conversation, the oldest first."""
    query = select(Search).where(Search.conversation_id == conversation_id).order_by(Search.id)
    return list((await session.execute(query)).scalars())


async def last_search(session: AsyncSession, conversation_id: str) -> Search | None:
    query = select(Search).where(Search.conversation_id == conversation_id).order_by(Search.id.desc()).limit(1)
    return (await session.execute(query)).scalar_one_or_none()


def settle(search: Search, outcome: str) -> None:
    """What came of a search, in place of what was known before. Raises ValueError for an unknown outcome.

    After "rejected" and "case" none of the articles it showed counts as helpful.
    """
    if outcome not in OUTCOMES:
        raise ValueError(f"outcome {outcome!r} is unknown; expected one of: {', '.join(OUTCOMES)}")
    search.outcome = outcome
    if outcome in ("rejected", "case"):
        search.rejected = list(search.articles)


async def set_outcome(session: AsyncSession, conversation_id: str, outcome: str) -> bool:
    """`settle` for the conversation's last search; False when it has none."""
    last = await last_search(session, conversation_id)
    if last is None:
        return False
    settle(last, outcome)
    return True


async def shown_articles(session: AsyncSession, conversation_id: str) -> list[str]:
    """The ids of all articles that the conversation was shown, each once, in the order of their first showing."""
    query = select(Search.articles).where(Search.conversation_id == conversation_id).order_by(Search.id)
    shown = (await session.execute(query)).scalars()
    return list(dict.fromkeys(article for articles in shown for article in articles))


async def rejected_articles(session: AsyncSession, conversation_id: str) -> frozenset[str]:
    """The ids of all articles that the conversation was shown and that did not help it."""
    rejected = await session.execute(select(Search.rejected).where(Search.conversation_id == conversation_id))
    return frozenset(article for articles in rejected.scalars() for article in articles)


async def count_searches(session: AsyncSession, *, since: datetime, language: str | None = None) -> int:
    """How many searches there were since then, in that language when one is given."""
    query = select(func.count()).select_from(Search).where(*_within(since, language))
    return int((await session.execute(query)).scalar_one())


async def count_unanswered(session: AsyncSession, *, since: datetime, language: str | None = None) -> int:
    """How many searches `unanswered` would give without a limit."""
    query = select(func.count()).select_from(Search).where(*_within(since, language), *_NOT_ANSWERED)
    return int((await session.execute(query)).scalar_one())


async def unanswered(session: AsyncSession, *, since: datetime, language: str | None = None, limit: int) -> list[Asked]:
    """The searches that nothing answered, the newest `limit` of them, the oldest first.

    That is: judged unanswerable, or rejected, or a case was opened, unless the user said that it was solved.
    """
    return await _asked(session, [*_within(since, language), *_NOT_ANSWERED], limit)


async def solved(session: AsyncSession, *, since: datetime, language: str | None = None, limit: int) -> list[Asked]:
    """The newest `limit` searches that a conversation said were solved, the oldest first."""
    in_conversations = Search.conversation_id.is_not(None)
    return await _asked(session, [*_within(since, language), Search.outcome == "solved", in_conversations], limit)


_NOT_ANSWERED = (
    Search.answerable.is_(False) | Search.outcome.in_(("rejected", "case")),
    Search.outcome.is_distinct_from("solved"),
)


def _within(since: datetime, language: str | None) -> list[ColumnElement[bool]]:
    within: list[ColumnElement[bool]] = [Search.created_at >= since]
    return within if language is None else [*within, Search.language == language]


async def _asked(session: AsyncSession, conditions: list[ColumnElement[bool]], limit: int) -> list[Asked]:
    columns = (Search.id, Search.conversation_id, Search.language, Search.query, Search.outcome, Search.created_at)
    rows = await session.execute(select(*columns).where(*conditions).order_by(Search.id.desc()).limit(limit))
    return [Asked(*row) for row in reversed(rows.all())]
