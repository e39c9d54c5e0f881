"""Knowledge first: what is shown for a question, what comes next on request, and what the desk remembers of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.desk.knowledge import ARTICLES_SHOWN, Found, Knowledge
from bot.locales import Catalogue, load_catalogues
from bot.store.engine import Database
from bot.store.models import Search
from kb_index.builder import build_index
from kb_index.encoder import Encoder
from kb_index.search import KnowledgeIndex
from kb_index.watch import IndexWatch
from tests.support.clock import Clock
from tests.support.rows import NOW, add_conversation

QUESTION = "How do I void a printed check?"
NONSENSE = "Which pizza do you recommend for the birthday of my dog?"
# Five ways to be about the same question, so that there is more to show after the first three.
CHECKS = {
    "void-a-check": ("Void a printed check", "Void a printed check and keep its number in the check register."),
    "void-many-checks": ("Void several printed checks", "Void all printed checks of a batch at once."),
    "reprint-a-check": ("Reprint a check", "Print a check again after a printed check was voided or damaged."),
    "void-a-cleared-check": ("Void a cleared check", "Why a printed check that has cleared cannot be voided."),
    "void-a-payment": ("Void a payment by check", "Void a payment that was made by a printed check."),
}
OTHERS = {
    "depreciation": ("Run depreciation for fixed assets", "Post the monthly depreciation of machines and vehicles."),
    "exchange-rates": ("Enter exchange rates", "Enter daily exchange rates for foreign currencies by hand."),
}


@pytest.fixture(scope="session")
def index_folder(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    folder = tmp_path_factory.mktemp("knowledge")
    for article, (title, text) in {**CHECKS, **OTHERS}.items():
        _write(folder / "articles", "en", article, title, text)
    _write(
        folder / "articles", "de", "abschreibung", "Abschreibung der Anlagen", "Buchen Sie die Abschreibung monatlich."
    )
    build_index([folder / "articles"], folder / "index", encoder)
    return folder


def _write(folder: Path, language: str, article: str, title: str, text: str) -> None:
    path = folder / language / f"{article}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    front = f"id: {article}\nlanguage: {language}\ntitle: {title}\ndescription: {text}\nupdated: 2026-03-01"
    path.write_text(f"---\n{front}\n---\n# {title}\n\n{text}\n\n## Steps\n\n1. {text}\n2. Save.\n", encoding="utf-8")


@pytest.fixture(scope="session")
def catalogues() -> Mapping[str, Catalogue]:
    return load_catalogues()


@pytest.fixture
def database_kind() -> str:
    """The queries are tested on both in tests/unit/store; what is added here is the search."""
    return "sqlite"


@pytest.fixture
def knowledge(index_folder: Path, encoder: Encoder, database: Database) -> Knowledge:
    return Knowledge(KnowledgeIndex.open(index_folder / "index", encoder), encoder, database, Clock())


@pytest.fixture
async def conversation(database: Database) -> str:
    return await add_conversation(database)


async def remembered(database: Database) -> list[Search]:
    async with database.session(read_only=True) as session:
        return list((await session.execute(select(Search).order_by(Search.id))).scalars())


async def test_a_question_gets_up_to_three_articles_with_snippet_and_link(
    knowledge: Knowledge, conversation: str
) -> None:
    found = await knowledge.ask(conversation, QUESTION, "en")
    assert len(found.articles) == ARTICLES_SHOWN
    best = found.articles[0]
    assert set(best) == {"id", "article", "title", "snippet", "url", "language", "score"}
    assert (best["id"], best["article"], best["title"]) == ("void-a-check", "void-a-check", "Void a printed check")
    assert best["url"].startswith("/articles/en/void-a-check")
    assert best["language"] == "en" and best["snippet"]
    scores = [article["score"] for article in found.articles]
    assert scores == sorted(scores, reverse=True)


def ids(found: Found) -> list[str]:
    return [article["id"] for article in found.articles]


async def test_more_shows_what_was_not_shown_and_ends(
    knowledge: Knowledge, conversation: str, database: Database
) -> None:
    shown = ids(await knowledge.ask(conversation, QUESTION, "en"))
    for _ in range(10):
        more = await knowledge.more(conversation, QUESTION, "en", shown)
        if not more.articles:
            assert more.exhausted
            break
        assert not set(ids(more)) & set(shown)
        shown += ids(more)
    else:
        pytest.fail(f"there is no end: {shown}")
    assert set(CHECKS) <= set(shown)
    assert len(shown) == len(set(shown))
    assert await knowledge.shown_in(conversation) == shown
    (search,) = await remembered(database)
    assert (search.query, search.articles, search.rejected) == (QUESTION, shown, shown)
    assert search.outcome == "rejected", "who wants more was not helped yet"


async def test_more_that_is_asked_for_twice_because_an_answer_was_lost_is_the_same(
    knowledge: Knowledge, conversation: str, database: Database
) -> None:
    shown = ids(await knowledge.ask(conversation, QUESTION, "en"))
    first = await knowledge.more(conversation, QUESTION, "en", shown)
    assert await knowledge.more(conversation, QUESTION, "en", shown) == first
    (search,) = await remembered(database)
    assert (search.articles, search.rejected) == ([*shown, *ids(first)], shown)


async def test_more_of_a_question_that_was_erased_meanwhile_is_remembered_anew(
    knowledge: Knowledge, conversation: str, database: Database
) -> None:
    found = await knowledge.more(conversation, QUESTION, "en", ["void-a-check"])
    (search,) = await remembered(database)
    assert search.articles == ["void-a-check", *ids(found)]
    assert (search.rejected, search.outcome) == (["void-a-check"], "rejected")


async def test_what_did_not_help_is_not_shown_again_in_the_conversation_and_what_was_only_seen_is(
    knowledge: Knowledge, conversation: str
) -> None:
    first = ids(await knowledge.ask(conversation, QUESTION, "en"))
    assert ids(await knowledge.ask(conversation, QUESTION, "en")) == first
    await knowledge.feedback(conversation, "rejected")
    again = ids(await knowledge.ask(conversation, "void a printed check", "en"))
    assert again and not set(again) & set(first)


async def test_what_helped_may_be_shown_again(knowledge: Knowledge, conversation: str) -> None:
    first = ids(await knowledge.ask(conversation, QUESTION, "en"))
    await knowledge.feedback(conversation, "solved")
    assert ids(await knowledge.ask(conversation, QUESTION, "en")) == first


async def test_when_all_that_fits_did_not_help_the_desk_knows_it(
    knowledge: Knowledge, conversation: str, database: Database
) -> None:
    for _ in range(5):
        found = await knowledge.ask(conversation, QUESTION, "en")
        if not found.articles:
            break
        await knowledge.feedback(conversation, "rejected")
    assert (found.articles, found.exhausted) == ([], True)
    search = (await remembered(database))[-1]
    assert (search.articles, search.outcome, search.answerable) == ([], "rejected", True)
    other = await add_conversation(database)
    assert (await knowledge.ask(other, QUESTION, "en")).articles, "others may still be helped by them"


async def test_what_nothing_answers_shows_nothing_and_is_remembered_as_a_gap(
    knowledge: Knowledge, conversation: str, database: Database
) -> None:
    assert await knowledge.ask(conversation, NONSENSE, "en") == Found([], exhausted=False)
    (search,) = await remembered(database)
    assert (search.query, search.language, search.articles, search.answerable) == (NONSENSE, "en", [], False)
    assert (search.conversation_id, search.outcome, search.created_at) == (conversation, None, NOW)
    assert 0 <= search.probability < 0.5
    assert await knowledge.shown_in(conversation) == []


async def test_every_search_is_remembered_with_what_came_of_the_last_one(
    knowledge: Knowledge, conversation: str, database: Database
) -> None:
    await knowledge.ask(conversation, QUESTION, "en")
    await knowledge.ask(conversation, "Abschreibung buchen", "de")
    await knowledge.feedback(conversation, "rejected")
    first, second = await remembered(database)
    assert (first.outcome, second.outcome) == (None, "rejected")
    assert first.answerable and first.articles[0] == "void-a-check"
    assert second.language == "de"
    with pytest.raises(ValueError, match="outcome"):
        await knowledge.feedback(conversation, "bored")


async def test_feedback_without_a_search_changes_nothing(
    knowledge: Knowledge, conversation: str, database: Database
) -> None:
    await knowledge.feedback(conversation, "solved")
    assert await remembered(database) == []


async def test_one_conversation_knows_nothing_of_what_another_was_shown(
    knowledge: Knowledge, conversation: str, database: Database
) -> None:
    await knowledge.ask(conversation, QUESTION, "en")
    other = await add_conversation(database)
    assert await knowledge.shown_in(other) == []
    assert (await knowledge.ask(other, QUESTION, "en")).articles[0]["id"] == "void-a-check"


@pytest.mark.parametrize("query", ["", "   ", "🙈", "\x00", "?" * 4000, "void " * 800])
async def test_strange_questions_are_no_failure(knowledge: Knowledge, conversation: str, query: str) -> None:
    await knowledge.ask(conversation, query, "en")


async def test_a_plain_search_is_not_remembered(knowledge: Knowledge, database: Database) -> None:
    answer = await knowledge.search(QUESTION, "en", limit=2)
    assert set(answer) == {"results", "answerable", "took_ms"}
    assert answer["answerable"] is True and answer["took_ms"] > 0
    assert answer["results"][0]["id"] == "void-a-check"
    assert len(answer["results"]) == 2
    assert await remembered(database) == []


async def test_a_whole_question_outside_a_conversation_is_remembered_without_what_names_somebody(
    knowledge: Knowledge, database: Database
) -> None:
    await knowledge.search("void a printed check for dana@acme.example, call 0171/1234567", "en", record=True)
    (search,) = await remembered(database)
    assert search.query == "void a printed check for [e-mail], call [number]"
    assert (search.conversation_id, search.language, search.outcome) == (None, "en", None)
    assert set(search.articles) <= set(CHECKS) and search.articles
    with pytest.raises(ValueError, match="language"):
        await knowledge.search(QUESTION, None, record=True)


# What came of a question when a case is opened


async def outcomes(database: Database) -> list[tuple[str, str | None]]:
    return [(search.query, search.outcome) for search in await remembered(database)]


async def test_a_case_is_what_came_of_all_questions_that_it_is_about(
    knowledge: Knowledge, conversation: str, database: Database, catalogues: Mapping[str, Catalogue]
) -> None:
    for query in ("void a printed check", "how are machines depreciated", "printed check cannot be voided"):
        await knowledge.ask(conversation, query, "en")
    await knowledge.case_opened(conversation, "The printed check cannot be voided after it cleared", catalogues["en"])
    assert await outcomes(database) == [
        ("void a printed check", "case"),
        ("how are machines depreciated", None),
        ("printed check cannot be voided", "case"),
    ]
    assert all(search.rejected == search.articles for search in await remembered(database) if search.outcome)


async def test_a_case_that_grew_out_of_a_question_may_be_told_in_other_words(
    knowledge: Knowledge, conversation: str, database: Database, catalogues: Mapping[str, Catalogue]
) -> None:
    await knowledge.ask(conversation, "exchange rates", "en")
    await knowledge.ask(conversation, QUESTION, "en")
    await knowledge.feedback(conversation, "rejected")
    await knowledge.case_opened(conversation, "Our auditors found something odd in the drawer", catalogues["en"])
    assert await outcomes(database) == [("exchange rates", None), (QUESTION, "case")]


async def test_a_case_about_something_else_changes_nothing_of_a_question_that_was_solved(
    knowledge: Knowledge, conversation: str, database: Database, catalogues: Mapping[str, Catalogue]
) -> None:
    await knowledge.ask(conversation, QUESTION, "en")
    await knowledge.feedback(conversation, "solved")
    await knowledge.case_opened(conversation, "Depreciation was posted twice for all machines", catalogues["en"])
    assert await outcomes(database) == [(QUESTION, "solved")]


async def test_a_case_about_a_question_that_was_called_solved_shows_that_it_was_not(
    knowledge: Knowledge, conversation: str, database: Database, catalogues: Mapping[str, Catalogue]
) -> None:
    await knowledge.ask(conversation, QUESTION, "en")
    await knowledge.feedback(conversation, "solved")
    await knowledge.case_opened(conversation, "I cannot void a printed check", catalogues["en"])
    assert await outcomes(database) == [(QUESTION, "case")]


async def test_a_case_without_a_question_before_it_is_no_failure(
    knowledge: Knowledge, conversation: str, database: Database, catalogues: Mapping[str, Catalogue]
) -> None:
    await knowledge.case_opened(conversation, "I cannot void a printed check", catalogues["en"])
    assert await remembered(database) == []


async def test_an_article_is_read_in_its_language(knowledge: Knowledge) -> None:
    article = knowledge.article("en", "void-a-check")
    assert article is not None and article.title == "Void a printed check"
    assert knowledge.article("de", "void-a-check") is None
    assert knowledge.article("xx", "void-a-check") is None


async def test_a_new_version_of_the_index_is_used_without_a_restart(
    tmp_path: Path, encoder: Encoder, database: Database
) -> None:
    _write(tmp_path / "articles", "en", "void-a-check", *CHECKS["void-a-check"])
    build_index([tmp_path / "articles"], tmp_path / "index", encoder)
    index = KnowledgeIndex.open(tmp_path / "index", encoder)
    knowledge = Knowledge(index, encoder, database, Clock())
    assert knowledge.article("en", "depreciation") is None
    _write(tmp_path / "articles", "en", "depreciation", *OTHERS["depreciation"])
    build_index([tmp_path / "articles"], tmp_path / "index", encoder)
    IndexWatch(index).look()
    found = await knowledge.search("run depreciation for fixed assets", "en")
    assert found["results"][0]["id"] == "depreciation"
    assert knowledge.article("en", "depreciation") is not None


# Likely choices first
