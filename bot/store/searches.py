"""Queries on searches: what was asked, which articles were shown, and what nothing answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models import Search

OUTCOMES = ("solved", "rejected", "case")


@dataclass(frozen=True)
class Gap:
    """A question that the help center does not answer: how often it was asked, in capitals or not, and when last."""

    query: str
    language: str
    times: int
    last_asked: datetime
    probability: float


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
) -> Search:
    """Stores a search with the ids of the articles shown, best first. `probability` is that of being answerable."""
    search = Search(
        conversation_id=conversation_id,
        language=language,
        query=query,
        articles=list(articles),
        answerable=answerable,
        probability=probability,
        outcome=None,
        created_at=now,
    )
    session.add(search)
    await session.flush()
    return search


async def set_outcome(session: AsyncSession, conversation_id: str, outcome: str) -> bool:
    """What came of the conversation's last search; False when it has none. Raises ValueError for another outcome."""
    if outcome not in OUTCOMES:
        raise ValueError(f"outcome {outcome!r} is unknown; expected one of: {', '.join(OUTCOMES)}")
    last = (
        select(Search.id)
        .where(Search.conversation_id == conversation_id)
        .order_by(Search.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    changed = await session.execute(
        update(Search).where(Search.id == last).values(outcome=outcome).returning(Search.id)
    )
    return changed.scalar_one_or_none() is not None


async def shown_articles(session: AsyncSession, conversation_id: str) -> list[str]:
    """The ids of all articles that the conversation was shown, each once, in the order of their first showing."""
    query = select(Search.articles).where(Search.conversation_id == conversation_id).order_by(Search.id)
    shown = (await session.execute(query)).scalars()
    return list(dict.fromkeys(article for articles in shown for article in articles))


async def gaps(session: AsyncSession, *, since: datetime | None = None, limit: int = 50) -> list[Gap]:
    """Questions that nothing answers: judged unanswerable, or answered with articles that did not help.

    Those asked most often first, then the latest. `since` leaves out what was asked before.
    """
    query = (
        select(Search)
        .where(Search.answerable.is_(False) | Search.outcome.in_(("rejected", "case")))
        .order_by(Search.id.desc())
    )
    if since is not None:
        query = query.where(Search.created_at >= since)
    found: dict[tuple[str, str], Gap] = {}
    for search in (await session.execute(query)).scalars():
        key = (search.language, " ".join(search.query.casefold().split()))
        newest = found.get(key)
        found[key] = Gap(
            query=newest.query if newest else search.query,
            language=search.language,
            times=newest.times + 1 if newest else 1,
            last_asked=newest.last_asked if newest else search.created_at,
            probability=newest.probability if newest else search.probability,
        )
    return sorted(found.values(), key=lambda gap: (-gap.times, -gap.last_asked.timestamp()))[:limit]
