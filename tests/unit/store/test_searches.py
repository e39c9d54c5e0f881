"""What was asked and shown, what came of it, and what nothing answered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.store import conversations
from bot.store import searches as queries
from bot.store.engine import Database
from tests.support.rows import NOW, add_conversation

LONG_AGO = NOW - timedelta(days=365)


async def ask(
    database: Database,
    conversation_id: str | None,
    query: str,
    articles: tuple[str, ...] = (),
    *,
    outcome: str | None = None,
    minutes: int = 0,
    language: str = "en",
) -> None:
    async with database.session() as session:
        search = await queries.add_search(
            session,
            conversation_id=conversation_id,
            language=language,
            query=query,
            articles=articles,
            answerable=bool(articles),
            probability=0.9 if articles else 0.1,
            now=NOW + timedelta(minutes=minutes),
        )
        if outcome is not None:
            queries.settle(search, outcome)


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
        found = await queries.of_conversation(session, conversation_id)
        assert [(search.query, search.outcome) for search in found] == [("first", None), ("last", "rejected")]
        last = await queries.last_search(session, other)
        assert last is not None and last.outcome is None


async def test_articles_that_did_not_help_are_known_for_the_whole_conversation(database: Database) -> None:
    conversation_id, other = await add_conversation(database), await add_conversation(database)
    await ask(database, conversation_id, "void a check", ("void", "reverse"), outcome="rejected")
    await ask(database, conversation_id, "aging", ("aging",), outcome="solved")
    await ask(database, conversation_id, "close a period", ("close",), outcome="case")
    await ask(database, conversation_id, "depreciation", ("run",))
    async with database.session(read_only=True) as session:
        assert await queries.rejected_articles(session, conversation_id) == {"void", "reverse", "close"}
        assert await queries.rejected_articles(session, other) == frozenset()


async def test_the_last_word_counts(database: Database) -> None:
    conversation_id = await add_conversation(database)
    await ask(database, conversation_id, "void a check", ("void",), outcome="rejected")
    async with database.session() as session:
        await queries.set_outcome(session, conversation_id, "solved")
    async with database.session(read_only=True) as session:
        search = await queries.last_search(session, conversation_id)
        assert search is not None
        assert (search.outcome, search.rejected) == ("solved", ["void"])


async def test_an_unknown_outcome_is_refused(database: Database) -> None:
    conversation_id = await add_conversation(database)
    await ask(database, conversation_id, "void a check", ("void",))
    with pytest.raises(ValueError, match="solved, rejected, case, unclear"):
        async with database.session() as session:
            await queries.set_outcome(session, conversation_id, "maybe")


async def test_unanswered_is_what_nothing_was_found_for_or_did_not_help(database: Database) -> None:
    talked = await add_conversation(database)
    await ask(database, None, "pay in bitcoin", minutes=1)
    await ask(database, talked, "void a check", ("void",), outcome="solved", minutes=2)
    await ask(database, talked, "aging", ("aging",), minutes=3)
    await ask(database, talked, "close a period", ("close",), outcome="rejected", minutes=4)
    await ask(database, talked, "reopen a period", ("reopen",), outcome="case", minutes=5)
    await ask(database, talked, "what", outcome="unclear", minutes=6)
    await ask(database, talked, "hidden but found", outcome="solved", minutes=7)
    await ask(database, None, "pagar en bitcoin", language="es", minutes=8)
    async with database.session(read_only=True) as session:
        found = await queries.unanswered(session, since=LONG_AGO, limit=100)
        assert [(one.query, one.outcome) for one in found] == [
            ("pay in bitcoin", None),
            ("close a period", "rejected"),
            ("reopen a period", "case"),
            ("what", "unclear"),
            ("pagar en bitcoin", None),
        ]
        assert (found[0].conversation_id, found[0].language, found[0].created_at) == (
            None,
            "en",
            NOW + timedelta(minutes=1),
        )
        assert await queries.count_unanswered(session, since=LONG_AGO) == 5
        assert await queries.count_searches(session, since=LONG_AGO) == 8
        solved = await queries.solved(session, since=LONG_AGO, limit=100)
        assert [one.query for one in solved] == ["void a check", "hidden but found"]


async def test_only_one_language_and_only_the_newest_since_then_when_asked_so(database: Database) -> None:
    for minute in range(4):
        await ask(database, None, f"question {minute}", minutes=minute)
    await ask(database, None, "pregunta", language="es", minutes=9)
    since = NOW + timedelta(minutes=1)
    async with database.session(read_only=True) as session:
        assert await queries.count_searches(session, since=since) == 4
        assert await queries.count_unanswered(session, since=since, language="en") == 3
        newest = await queries.unanswered(session, since=since, language="en", limit=2)
        assert [one.query for one in newest] == ["question 2", "question 3"]
        assert [one.query for one in await queries.unanswered(session, since=since, language="es", limit=2)] == [
            "pregunta"
        ]


async def test_erasing_a_conversation_takes_its_searches_along(database: Database) -> None:
    conversation_id = await add_conversation(database)
    await ask(database, conversation_id, "my name is Dana and I cannot post")
    await ask(database, None, "pay in bitcoin")
    async with database.session() as session:
        await conversations.delete_conversation(session, conversation_id)
    async with database.session(read_only=True) as session:
        left = await queries.unanswered(session, since=LONG_AGO, limit=100)
        assert [one.query for one in left] == ["pay in bitcoin"]
