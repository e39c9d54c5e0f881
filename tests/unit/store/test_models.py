"""What the column types promise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError

from bot.store.conversations import add_turn, finish_turn
from bot.store.engine import Database
from bot.store.models import Turn, UsedToken
from tests.support.rows import NOW, add_conversation


async def test_times_of_any_zone_come_back_as_the_same_instant_in_utc(database: Database) -> None:
    in_chicago = datetime(2026, 3, 16, 9, 30, tzinfo=timezone(timedelta(hours=-5)))
    async with database.session() as session:
        session.add(UsedToken(jti="one", expires_at=in_chicago))
    async with database.session(read_only=True) as session:
        stored = (await session.execute(select(UsedToken.expires_at))).scalar_one()
    assert stored == in_chicago
    assert stored.tzinfo is UTC


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="no time zone"):
        async with database.session() as session:
            session.add(UsedToken(jti="one", expires_at=datetime(2026, 3, 16)))


async def test_times_compare_as_instants_in_queries(database: Database) -> None:
    async with database.session() as session:
        session.add(UsedToken(jti="early", expires_at=NOW.astimezone(timezone(timedelta(hours=11)))))
        session.add(UsedToken(jti="late", expires_at=NOW + timedelta(minutes=1)))
    async with database.session(read_only=True) as session:
        found = await session.execute(select(UsedToken.jti).where(UsedToken.expires_at <= NOW))
        assert list(found.scalars()) == ["early"]


async def test_an_unanswered_turn_has_no_state_in_sql_either(database: Database) -> None:
    conversation_id = await add_conversation(database)
    async with database.session() as session:
        turn, _ = await add_turn(session, conversation_id=conversation_id, client_message_id="m", now=NOW)
        unanswered = select(Turn.id).where(text("state IS NULL"))
        assert (await session.execute(unanswered)).scalar_one() == turn.id
        await finish_turn(session, turn.id, {})
        assert (await session.execute(unanswered)).scalar_one_or_none() is None
