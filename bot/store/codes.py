"""Queries on one-time codes and used identity tokens: what must hold when two requests race is settled here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models import OneTimeCode, UsedToken


async def use_token(session: AsyncSession, jti: str, expires_at: datetime, now: datetime) -> bool:
    """Marks an identity token as used; False when it was before. Forgets those that have expired by `now`."""
    await session.execute(delete(UsedToken).where(UsedToken.expires_at < now))
    try:
        async with session.begin_nested():
            session.add(UsedToken(jti=jti, expires_at=expires_at))
            await session.flush()
    except IntegrityError:
        return False
    return True


async def add_code(
    session: AsyncSession,
    *,
    conversation_id: str,
    email: str,
    code_hash: str | None,
    tries: int,
    expires_at: datetime,
    now: datetime,
) -> OneTimeCode:
    """Stores a code; it is the newest of its conversation from now on, and only the newest counts."""
    code = OneTimeCode(
        conversation_id=conversation_id,
        email=email,
        code_hash=code_hash,
        tries_left=tries,
        used_at=None,
        expires_at=expires_at,
        created_at=now,
    )
    session.add(code)
    await session.flush()
    return code


async def newest_code(session: AsyncSession, conversation_id: str) -> OneTimeCode | None:
    query = (
        select(OneTimeCode)
        .where(OneTimeCode.conversation_id == conversation_id)
        .order_by(OneTimeCode.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def take_try(session: AsyncSession, code_id: int) -> int | None:
    """Takes one of the code's tries and says how many are left; None when there was none to take."""
    query = (
        update(OneTimeCode)
        .where(OneTimeCode.id == code_id, OneTimeCode.tries_left > 0, OneTimeCode.used_at.is_(None))
        .values(tries_left=OneTimeCode.tries_left - 1)
        .returning(OneTimeCode.tries_left)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def use_code(session: AsyncSession, code_id: int, now: datetime) -> None:
    await session.execute(update(OneTimeCode).where(OneTimeCode.id == code_id).values(used_at=now))


async def sent_to_conversation(session: AsyncSession, conversation_id: str, since: datetime) -> list[datetime]:
    """When the conversation asked for codes after `since`, oldest first."""
    query = select(OneTimeCode.created_at).where(
        OneTimeCode.conversation_id == conversation_id, OneTimeCode.created_at > since
    )
    return list((await session.execute(query.order_by(OneTimeCode.created_at))).scalars())


async def sent_to_address(session: AsyncSession, email: str, since: datetime) -> list[datetime]:
    """When codes for the address were asked for after `since`, in any conversation, oldest first.

    Until the session ends nobody else can ask for the same address, so that the number cannot grow unseen.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:email, 0))"), {"email": email})
    query = select(OneTimeCode.created_at).where(OneTimeCode.email == email, OneTimeCode.created_at > since)
    return list((await session.execute(query.order_by(OneTimeCode.created_at))).scalars())


async def delete_codes_before(session: AsyncSession, moment: datetime) -> None:
    await session.execute(delete(OneTimeCode).where(OneTimeCode.created_at < moment))
