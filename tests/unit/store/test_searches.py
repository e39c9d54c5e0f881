"""What was asked and shown, and what nothing answered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.store import searches as queries
from bot.store.engine import Database
from tests.support.rows import NOW, add_conversation


async def ask(
    database: Database,
    conversation_id: str | None,
    query: str,
    articles: tuple[str, ...] = (),
    *,
    minutes: int = 0,
    language: str = "en",
) -> None:
    async with database.session() as session:
        await queries.add_search(
            session,
            conversation_id=conversation_id,
            language=language,
            query=query,
            articles=articles,
            answerable=bool(articles),
            probability=0.9 if articles else 0.1,
            now=NOW + timedelta(minutes=minutes),
        )


async def test_articles_shown_in_a_conversation_are_listed_once_in_order(database: Database) -> None:
    conversation_id, other = await add_conversation(database), await add_conversation(database)
    await ask(database, conversation_id, "void a check", ("void", "reverse"))
    await ask(database, other, "something else", ("aging",))
    await ask(database, conversation_id, "void a printed check", ("reverse", "bills"))
    async with database.session(read_only=True) as session:
        assert await queries.shown_articles(session, conversation_id) == ["void", "reverse", "bills"]
        assert await queries.shown_articles(session, "nobody") == []


async def test_an_outcome_belongs_to_the_last_search_of_the_conversation(database: Database) -> None:
    conversation_id, other = await add_conversation(database), await add_conversation(database)
    await ask(database, conversation_id, "first", ("a",))
    await ask(database, conversation_id, "last", ("b",))
    await ask(database, other, "of another", ("c",))
    async with database.session() as session:
        assert await queries.set_outcome(session, conversation_id, "rejected")
        assert not await queries.set_outcome(session, "nobody", "rejected")
    async with database.session(read_only=True) as session:
        assert [gap.query for gap in await queries.gaps(session)] == ["last"]


async def test_an_unknown_outcome_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="solved, rejected, case"):
        async with database.session() as session:
            await queries.set_outcome(session, "any", "maybe")


async def test_gaps_are_what_nothing_answers_and_what_did_not_help(database: Database) -> None:
    helped, not_helped = await add_conversation(database), await add_conversation(database)
    await ask(database, None, "Can I pay in  bitcoin?", minutes=1)
    await ask(database, None, "can i pay in bitcoin?", minutes=9)
    await ask(database, None, "can i pay in bitcoin?", minutes=2, language="de")
    await ask(database, helped, "void a check", ("void",), minutes=3)
    await ask(database, not_helped, "close a period", ("close",), minutes=4)
    async with database.session() as session:
        await queries.set_outcome(session, helped, "solved")
        await queries.set_outcome(session, not_helped, "case")
    async with database.session(read_only=True) as session:
        found = await queries.gaps(session)
        assert [(gap.query, gap.language, gap.times) for gap in found] == [
            ("can i pay in bitcoin?", "en", 2),
            ("close a period", "en", 1),
            ("can i pay in bitcoin?", "de", 1),
        ]
        assert found[0].last_asked == NOW + timedelta(minutes=9)
        assert found[0].probability == pytest.approx(0.1)
        recent = await queries.gaps(session, since=NOW + timedelta(minutes=4))
        assert [(gap.query, gap.times) for gap in recent] == [("can i pay in bitcoin?", 1), ("close a period", 1)]
        assert len(await queries.gaps(session, limit=1)) == 1
