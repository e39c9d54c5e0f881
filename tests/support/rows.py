"""Rows that many tests need before they can begin."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import cases, searches
from bot.store.conversations import create_conversation
from bot.store.engine import Database
from bot.store.models import Case, Company, User

NOW = datetime(2026, 3, 16, 14, 0, tzinfo=UTC)


async def add_conversation(database: Database, id: str | None = None) -> str:
    """An anonymous English conversation; returns its id."""
    async with database.session() as session:
        row = await create_conversation(
            session, id=id, token_hash="0" * 64, channel="web", language="en", now=NOW, page_url="https://help.example/"
        )
        return row.id


async def add_unanswered(database: Database, query: str, language: str, asked_at: datetime) -> None:
    """A question of a new conversation that nothing answered."""
    conversation = await add_conversation(database)
    async with database.session() as session:
        await searches.add_search(
            session,
            conversation_id=conversation,
            language=language,
            query=query,
            articles=[],
            answerable=False,
            probability=0.02,
            now=asked_at,
        )


async def add_user(session: AsyncSession, email: str = "dana@acme.example") -> User:
    """A designated user of a new company."""
    company = Company(name=f"Company of {email}", country="US", plan="Gold", implemented_by=None, is_partner=False)
    user = User(
        company=company,
        email=email,
        name=None,
        active=True,
        designated=True,
        may_authorise=True,
        timezone="America/Chicago",
    )
    session.add(user)
    await session.flush()
    return user


def case_values(user: User, key: str) -> dict[str, object]:
    """What bot.store.cases.add_case needs for a case of that user."""
    return {
        "opening_key": key,
        "company_id": user.company_id,
        "opened_by_id": user.id,
        "language": "en",
        "state": "open",
        "priority": "P3",
        "sla_applies": True,
        "issue_summary": "The bank reconciliation does not balance.",
        "impact_scope": "single_user",
        "business_impact": "minor",
        "environment": "production",
        "case_reason": "product_question",
        "application_area": "cash_management",
        "searched": [],
        "opened_at": NOW,
        "first_response_due": None,
        "state_since": NOW,
    }


async def add_case(database: Database, key: str, email: str, conversation_id: str | None = None) -> Case:
    """A case of a new user with that address."""
    async with database.session() as session:
        user = await add_user(session, email)
        return await cases.add_case(session, conversation_id=conversation_id, **case_values(user, key))
