"""Queries on cases and their comments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models import Case, Comment, Company

# Numbers are easy to read out on the phone, and none is so low that it looks like a count.
FIRST_NUMBER = 100_000


async def case_by_opening_key(session: AsyncSession, key: str) -> Case | None:
    return (await session.execute(select(Case).where(Case.opening_key == key))).unique().scalar_one_or_none()


async def add_case(session: AsyncSession, **values: Any) -> Case:
    """Stores a new case and gives it its number. Raises IntegrityError when its opening key exists."""
    case = Case(**values)
    session.add(case)
    await session.flush()
    case.number = str(FIRST_NUMBER + case.id)
    await session.flush()
    await session.refresh(case)
    return case


async def case_by_number(session: AsyncSession, number: str, company_id: int | None = None) -> Case | None:
    """The case with that number, of that company when one is given."""
    query = select(Case).where(Case.number == number)
    if company_id is not None:
        query = query.where(Case.company_id == company_id)
    return (await session.execute(query)).unique().scalar_one_or_none()


async def cases_of_company(
    session: AsyncSession, company_id: int, *, states: Sequence[str] | None = None, limit: int = 50
) -> list[Case]:
    """Newest first."""
    query = select(Case).where(Case.company_id == company_id).order_by(Case.opened_at.desc(), Case.id.desc())
    if states is not None:
        query = query.where(Case.state.in_(states))
    return list((await session.execute(query.limit(limit))).unique().scalars())


async def all_cases(session: AsyncSession, *, state: str | None, company: str | None, limit: int = 200) -> list[Case]:
    """For the desk's own side, newest first."""
    query = select(Case).join(Company, Case.company_id == Company.id).order_by(Case.opened_at.desc(), Case.id.desc())
    if state is not None:
        query = query.where(Case.state == state)
    if company is not None:
        query = query.where(Company.name == company)
    return list((await session.execute(query.limit(limit))).unique().scalars())


async def comment_by_key(session: AsyncSession, key: str) -> Comment | None:
    return (await session.execute(select(Comment).where(Comment.comment_key == key))).scalar_one_or_none()


async def add_comment(
    session: AsyncSession,
    case_id: int,
    *,
    key: str | None,
    author: str,
    author_email: str | None,
    kind: str,
    text: str,
    now: datetime,
) -> Comment:
    comment = Comment(
        case_id=case_id,
        comment_key=key,
        author=author,
        author_email=author_email,
        kind=kind,
        text=text,
        created_at=now,
    )
    session.add(comment)
    await session.flush()
    return comment
