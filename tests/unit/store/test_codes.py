"""One-time codes and used tokens hold when requests race."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import select

from bot.store import codes
from bot.store.engine import Database
from bot.store.models import OneTimeCode, UsedToken
from tests.support.rows import NOW, add_conversation


async def add(database: Database, conversation_id: str, email: str = "dana@acme.example", minutes: int = 0) -> int:
    async with database.session() as session:
        row = await codes.add_code(
            session,
            conversation_id=conversation_id,
            email=email,
            code_hash="a" * 64,
            tries=3,
            expires_at=NOW + timedelta(minutes=10),
            now=NOW + timedelta(minutes=minutes),
        )
        return row.id


async def test_a_token_is_used_once_also_by_ten_at_once(database: Database) -> None:
    async def use() -> bool:
        async with database.session() as session:
            return await codes.use_token(session, "jti", NOW + timedelta(minutes=5), NOW)

    assert sum(await asyncio.gather(*(use() for _ in range(10)))) == 1


async def test_used_tokens_are_forgotten_once_they_have_expired(database: Database) -> None:
    async with database.session() as session:
        await codes.use_token(session, "old", NOW, NOW)
        await codes.use_token(session, "young", NOW + timedelta(minutes=9), NOW)
        await codes.use_token(session, "next", NOW + timedelta(minutes=9), NOW + timedelta(minutes=1))
        assert set((await session.execute(select(UsedToken.jti))).scalars()) == {"young", "next"}


async def test_tries_are_never_more_than_were_given(database: Database) -> None:
    code_id = await add(database, await add_conversation(database))

    async def take() -> int | None:
        async with database.session() as session:
            return await codes.take_try(session, code_id)

    left = await asyncio.gather(*(take() for _ in range(10)))
    assert sorted(number for number in left if number is not None) == [0, 1, 2]


async def test_the_newest_code_of_the_conversation_counts(database: Database) -> None:
    conversation_id, other = await add_conversation(database), await add_conversation(database)
    await add(database, conversation_id)
    second = await add(database, conversation_id)
    await add(database, other)
    async with database.session(read_only=True) as session:
        newest = await codes.newest_code(session, conversation_id)
        assert newest is not None
        assert newest.id == second
        assert await codes.newest_code(session, "nobody") is None


async def test_sends_are_counted_by_conversation_and_by_address_since_a_moment(database: Database) -> None:
    one, other = await add_conversation(database), await add_conversation(database)
    await add(database, one, minutes=0)
    await add(database, one, minutes=2)
    await add(database, one, email="nick@acme.example", minutes=3)
    await add(database, other, minutes=4)
    since = NOW
    async with database.session() as session:
        in_one = await codes.sent_to_conversation(session, one, since)
        to_dana = await codes.sent_to_address(session, "dana@acme.example", since)
    assert [(moment - NOW).seconds // 60 for moment in in_one] == [2, 3]
    assert [(moment - NOW).seconds // 60 for moment in to_dana] == [2, 4]


async def test_old_codes_are_deleted(database: Database) -> None:
    conversation_id = await add_conversation(database)
    await add(database, conversation_id, minutes=0)
    kept = await add(database, conversation_id, minutes=5)
    async with database.session() as session:
        await codes.delete_codes_before(session, NOW + timedelta(minutes=5))
        assert list((await session.execute(select(OneTimeCode.id))).scalars()) == [kept]
