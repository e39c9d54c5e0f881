"""Knowledge first: what is shown for a question, what comes next on request, and what the desk remembers of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from bot.desk.case_fields import FIELDS, Kind
from bot.desk.knowledge import ARTICLES_SHOWN, Knowledge
from bot.locales import LANGUAGES, Catalogue, load_catalogues
from bot.store.engine import Database
from bot.store.models import Search
from kb_index.builder import build_index
from kb_index.encoder import Encoder
from kb_index.search import KnowledgeIndex
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


async def test_more_shows_what_was_not_shown_and_ends(knowledge: Knowledge, conversation: str) -> None:
    shown = [article["id"] for article in (await knowledge.ask(conversation, QUESTION, "en")).articles]
    for _ in range(10):
        more = await knowledge.ask(conversation, QUESTION, "en", already_shown=shown)
        if not more.articles:
            break
        ids = [article["id"] for article in more.articles]
        assert not set(ids) & set(shown)
        shown += ids
    else:
        pytest.fail(f"there is no end: {shown}")
    assert set(CHECKS) <= set(shown)
    assert len(shown) == len(set(shown))
    assert await knowledge.shown_in(conversation) == shown


async def test_what_nothing_answers_shows_nothing_and_is_remembered_as_a_gap(
    knowledge: Knowledge, conversation: str, database: Database
) -> None:
    assert (await knowledge.ask(conversation, NONSENSE, "en")).articles == []
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
    answer = knowledge.search(QUESTION, "en", limit=2)
    assert set(answer) == {"results", "answerable", "took_ms"}
    assert answer["answerable"] is True and answer["took_ms"] > 0
    assert answer["results"][0]["id"] == "void-a-check"
    assert len(answer["results"]) == 2
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
    knowledge = Knowledge(KnowledgeIndex.open(tmp_path / "index", encoder), encoder, database, Clock())
    assert knowledge.article("en", "depreciation") is None
    _write(tmp_path / "articles", "en", "depreciation", *OTHERS["depreciation"])
    build_index([tmp_path / "articles"], tmp_path / "index", encoder)
    found = knowledge.search("run depreciation for fixed assets", "en")
    assert found["results"][0]["id"] == "depreciation"
    assert knowledge.article("en", "depreciation") is not None


# Likely choices first


@pytest.fixture(scope="session")
def ranking(index_folder: Path, encoder: Encoder) -> Knowledge:
    """One for all: what it learns of the choices takes long, and it needs no rows."""
    index = KnowledgeIndex.open(index_folder / "index", encoder)
    return Knowledge(index, encoder, Database(f"sqlite:///{index_folder}/unused.db"), Clock())


@pytest.mark.parametrize(
    ("language", "summary", "area"),
    [
        ("en", "the bank reconciliation does not balance", "cash_management"),
        ("es", "la depreciación de los activos fijos es incorrecta", "fixed_assets"),
        ("fr", "les commandes d'achat ne sont pas approuvées", "purchasing"),
        ("de", "Lagerbestand der Artikel stimmt nicht", "inventory"),
    ],
)
def test_the_likely_area_is_offered_first(
    ranking: Knowledge, catalogues: Mapping[str, Catalogue], language: str, summary: str, area: str
) -> None:
    assert area in ranking.rank_choices(summary, "application_area", catalogues[language])[:3]


@pytest.mark.parametrize(
    ("group", "language"), [("case_reason", "fr"), *(("application_area", language) for language in LANGUAGES)]
)
def test_every_choice_is_offered_once_and_something_else_comes_last(
    ranking: Knowledge, catalogues: Mapping[str, Catalogue], language: str, group: str
) -> None:
    assert FIELDS[group].kind is Kind.CHOICE
    for summary in ("", "🙈", "something else"):
        ranked = ranking.rank_choices(summary, group, catalogues[language])
        assert sorted(ranked) == sorted(catalogues[language].labels(group))
        assert ranked[-1] == "other"


def test_the_vectors_of_the_choices_are_made_once(ranking: Knowledge, catalogues: Mapping[str, Catalogue]) -> None:
    first = ranking.rank_choices("rapport lent", "case_reason", catalogues["fr"])
    _, vectors = ranking._vectors_of("case_reason", catalogues["fr"])
    assert ranking._vectors_of("case_reason", catalogues["fr"])[1] is vectors
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert ranking.rank_choices("rapport lent", "case_reason", catalogues["fr"]) == first
