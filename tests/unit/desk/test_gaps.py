"""What people asked and nobody answered: grouped, counted, shown without what names somebody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from bot.desk import gaps as module
from bot.desk.gap_report import GapsReport
from bot.desk.gaps import Gaps
from bot.locales import Catalogue, load_catalogues
from bot.store import conversations, searches
from bot.store.engine import Database
from kb_index.builder import build_index
from kb_index.encoder import Encoder
from kb_index.search import KnowledgeIndex
from tests.support.clock import Clock
from tests.support.rows import NOW, add_conversation

SINCE = NOW - timedelta(days=30)
ARTICLES = {
    ("en", "pay-a-vendor"): ("Pay a vendor", "Pay supplier bills by check, card or bank transfer."),
    ("en", "void-a-check"): ("Void a printed check", "Cancel a check that was printed."),
    ("es", "pagar"): ("Pagar a un proveedor", "Pague facturas de proveedores por transferencia o cheque."),
}


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> KnowledgeIndex:
    folder = tmp_path_factory.mktemp("gaps")
    for (language, article), (title, text) in ARTICLES.items():
        path = folder / "articles" / language / f"{article}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        front = f"id: {article}\nlanguage: {language}\ntitle: {title}\ndescription: {text}\nupdated: 2026-03-01"
        path.write_text(f"---\n{front}\n---\n# {title}\n\n{text}\n", encoding="utf-8")
    build_index([folder / "articles"], folder / "index", encoder)
    return KnowledgeIndex.open(folder / "index", encoder)


@pytest.fixture(scope="session")
def catalogues() -> Mapping[str, Catalogue]:
    return load_catalogues()


@pytest.fixture
def database_kind() -> str:
    """The queries are tested on both in tests/unit/store; what is added here is the report."""
    return "sqlite"


@pytest.fixture(scope="session")
def make_gaps(
    index: KnowledgeIndex, encoder: Encoder, catalogues: Mapping[str, Catalogue]
) -> Callable[[Database], Gaps]:
    """All reports share one way of comparing: what it learns of the languages takes long."""
    learned = Gaps(Database("sqlite:///unused.db"), index, encoder, catalogues, Clock())._meaning

    def make(database: Database) -> Gaps:
        made = Gaps(database, index, encoder, catalogues, Clock())
        made._meaning = learned
        return made

    return make


@pytest.fixture
def gaps(make_gaps: Callable[[Database], Gaps], database: Database) -> Gaps:
    return make_gaps(database)


class Record:
    """Searches as the desk keeps them, told in a line."""

    def __init__(self, database: Database) -> None:
        self._database, self._minutes = database, 0

    async def conversation(self) -> str:
        return await add_conversation(self._database)

    async def ask(
        self,
        query: str,
        outcome: str | None = None,
        *,
        conversation: str | None = None,
        outside: bool = False,
        language: str = "en",
        found: bool = False,
        days_ago: int = 1,
    ) -> str | None:
        """In a conversation of its own, unless one is given or it is asked outside of any."""
        if conversation is None and not outside:
            conversation = await self.conversation()
        self._minutes += 1
        async with self._database.session() as session:
            await searches.add_search(
                session,
                conversation_id=conversation,
                language=language,
                query=query,
                articles=["void-a-check"] if found else [],
                answerable=found,
                probability=0.9 if found else 0.05,
                now=NOW - timedelta(days=days_ago) + timedelta(minutes=self._minutes),
                outcome=outcome,
            )
        return conversation


@pytest.fixture
def record(database: Database) -> Record:
    return Record(database)


async def test_questions_of_one_meaning_are_one_gap_with_the_figures_an_author_needs(
    gaps: Gaps, record: Record
) -> None:
    await record.ask("How can we pay vendors in bitcoin?")
    await record.ask("is it possible to settle supplier bills with cryptocurrency", "case", found=True)
    await record.ask("do you support crypto payments to vendors", "rejected", found=True, outside=True)
    await record.ask("merge two customers into one", days_ago=3)
    await record.ask("void a printed check", "solved", found=True)
    report = await gaps.report(since=SINCE)
    assert (report.searches, report.unanswered, report.gaps_found) == (5, 4, 2)
    crypto, merge = report.gaps
    assert (crypto.language, crypto.count, crypto.conversations, crypto.share) == ("en", 3, 2, 0.6)
    assert (crypto.unanswerable, crypto.rejected, crypto.case_opened) == (1, 1, 1)
    assert set(crypto.examples) == {
        "How can we pay vendors in bitcoin?",
        "is it possible to settle supplier bills with cryptocurrency",
        "do you support crypto payments to vendors",
    }
    assert crypto.last_asked == NOW - timedelta(days=1) + timedelta(minutes=3)
    assert crypto.nearest is not None
    assert (crypto.nearest.article, crypto.nearest.title) == ("pay-a-vendor", "Pay a vendor")
    assert 0 <= crypto.nearest.probability <= 1
    assert (merge.count, merge.examples) == (1, ["merge two customers into one"])


async def test_the_gap_that_most_people_met_comes_first_and_not_the_one_asked_most_often(
    gaps: Gaps, record: Record
) -> None:
    stubborn = await record.conversation()
    for _ in range(5):
        await record.ask("export the audit trail to Splunk", conversation=stubborn)
    for text in ("pay vendors in bitcoin", "Pay vendors in Bitcoin!", "PAY VENDORS IN BITCOIN"):
        await record.ask(text)
    first, second = (await gaps.report(since=SINCE)).gaps
    assert (first.count, first.conversations, first.examples) == (3, 3, ["pay vendors in bitcoin"])
    assert (second.count, second.conversations) == (5, 1)


async def test_the_most_central_examples_are_shown_and_at_most_three(gaps: Gaps, record: Record) -> None:
    for text in (
        "pay vendors in bitcoin",
        "pay a vendor in bitcoin",
        "pay vendors with bitcoin",
        "can vendors be paid in bitcoin",
    ):
        await record.ask(text)
    (gap,) = (await gaps.report(since=SINCE)).gaps
    assert gap.count == 4 and len(gap.examples) == 3


async def test_languages_are_kept_apart_and_one_can_be_asked_for(gaps: Gaps, record: Record) -> None:
    await record.ask("pay vendors in bitcoin")
    await record.ask("pagar a proveedores con bitcoin", language="es")
    report = await gaps.report(since=SINCE)
    assert {gap.language for gap in report.gaps} == {"en", "es"}
    spanish = await gaps.report(since=SINCE, language="es")
    assert (spanish.searches, spanish.language) == (1, "es")
    assert [gap.examples for gap in spanish.gaps] == [["pagar a proveedores con bitcoin"]]
    assert spanish.gaps[0].nearest is not None and spanish.gaps[0].nearest.language == "es"


async def test_what_was_asked_before_then_does_not_count(gaps: Gaps, record: Record) -> None:
    await record.ask("pay vendors in bitcoin", days_ago=31)
    report = await gaps.report(since=SINCE)
    assert (report.searches, report.gaps) == (0, [])


async def test_the_limit_limits_what_is_shown_and_not_what_is_counted(gaps: Gaps, record: Record) -> None:
    for text in ("pay vendors in bitcoin", "export the audit trail to Splunk", "record mileage of company cars"):
        await record.ask(text)
    report = await gaps.report(since=SINCE, limit=2)
    assert (len(report.gaps), report.gaps_found) == (2, 3)


async def test_who_was_answered_after_asking_in_other_words_met_no_gap(gaps: Gaps, record: Record) -> None:
    talk = await record.ask("pay vendors in bitcoin")
    await record.ask("can vendors be paid in bitcoin?", "solved", conversation=talk, found=True)
    await record.ask("export the audit trail to Splunk", conversation=talk)
    report = await gaps.report(since=SINCE)
    assert [gap.examples for gap in report.gaps] == [["export the audit trail to Splunk"]]
    assert report.solved_later == 1


async def test_who_asks_again_after_it_was_solved_did_meet_one(gaps: Gaps, record: Record) -> None:
    talk = await record.ask("can vendors be paid in bitcoin?", "solved", found=True)
    await record.ask("pay vendors in bitcoin", conversation=talk)
    await record.ask("pay a vendor in bitcoin")
    (gap,) = (await gaps.report(since=SINCE)).gaps
    assert gap.count == 2


async def test_greetings_and_random_keys_are_no_gaps(gaps: Gaps, record: Record) -> None:
    texts = ["hello", "Hola, gracias!", "bonjour", "Guten Tag", "asdfgh", "???", "🙈", "hahaha", "ok thanks", "test"]
    for text in texts:
        await record.ask(text, outside=True)
    await record.ask("GW-0011")
    report = await gaps.report(since=SINCE)
    assert [gap.examples for gap in report.gaps] == [["GW-0011"]]
    assert (report.unanswered, report.not_questions) == (len(texts) + 1, len(texts))


async def test_what_was_not_understood_is_told_once_three_people_said_it(gaps: Gaps, record: Record) -> None:
    await record.ask("blue window pops up", "unclear")
    await record.ask("a blue window pops up", "unclear")
    await record.ask("the thing over there", "unclear")
    report = await gaps.report(since=SINCE)
    assert (report.gaps, report.unclear) == ([], 3)
    await record.ask("there pops up a blue window", "unclear")
    report = await gaps.report(since=SINCE)
    assert [gap.count for gap in report.gaps] == [3]
    assert report.unclear == 1


async def test_examples_do_not_name_anybody(gaps: Gaps, record: Record) -> None:
    await record.ask("pay vendors in bitcoin, write to dana@acme.example or call +49 30 1234567 about case 100008")
    (gap,) = (await gaps.report(since=SINCE)).gaps
    assert gap.examples == ["pay vendors in bitcoin, write to [e-mail] or call [number] about case [number]"]


async def test_a_long_question_is_an_example_cut_between_words(gaps: Gaps, record: Record) -> None:
    await record.ask("pay vendors in bitcoin " + "because of the many suppliers that we have in far away places " * 40)
    (example,) = (await gaps.report(since=SINCE)).gaps[0].examples
    assert len(example) <= module.EXAMPLE_LENGTH + 2
    assert example.endswith((" in …", " have …", " that …", " far …", " away …", " places …", " suppliers …", " we …"))


async def test_what_was_erased_leaves_no_gap_behind(gaps: Gaps, record: Record, database: Database) -> None:
    talk = await record.ask("pay vendors in bitcoin")
    assert (await gaps.report(since=SINCE)).gaps_found == 1
    assert talk is not None
    async with database.session() as session:
        await conversations.delete_conversation(session, talk)
    report = await gaps.report(since=SINCE)
    assert (report.searches, report.gaps_found) == (0, 0)
    assert gaps._vectors == {}


async def test_the_same_searches_give_the_same_report(
    make_gaps: Callable[[Database], Gaps], record: Record, database: Database
) -> None:
    for text in (
        "pay vendors in bitcoin",
        "crypto payments to vendors",
        "merge two vendors",
        "duplicate vendors merged",
    ):
        await record.ask(text)

    async def report(at_once: int) -> GapsReport:
        return await make_gaps(database).report(since=SINCE, at_once=at_once)

    assert await report(1) == await report(64) == await report(3)


async def test_only_the_newest_searches_are_looked_at_when_there_are_too_many(
    gaps: Gaps, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_SEARCHES", 2)
    for text in ("record mileage of company cars", "pay vendors in bitcoin", "export the audit trail to Splunk"):
        await record.ask(text)
    report = await gaps.report(since=SINCE)
    assert (report.unanswered, report.older, len(report.gaps)) == (3, 1, 2)
    assert "record mileage of company cars" not in [gap.examples[0] for gap in report.gaps]


async def test_progress_is_told_to_the_end_and_known_questions_are_not_encoded_again(
    gaps: Gaps, record: Record
) -> None:
    for number in range(5):
        await record.ask(f"what is the meaning of error GW-100{number}")
    told: list[tuple[int, int]] = []
    await gaps.report(since=SINCE, at_once=2, progress=lambda done, total: told.append((done, total)))
    assert told == [(2, 5), (4, 5), (5, 5)]
    await record.ask("pay vendors in bitcoin")
    told.clear()
    await gaps.report(since=SINCE, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 1)]


async def test_two_reports_at_once_do_not_disturb_each_other(gaps: Gaps, record: Record) -> None:
    await record.ask("pay vendors in bitcoin")
    await record.ask("pagar con bitcoin", language="es")
    both, spanish = await asyncio.gather(gaps.report(since=SINCE), gaps.report(since=SINCE, language="es"))
    assert (both.gaps_found, spanish.gaps_found) == (2, 1)


async def test_a_desk_that_nobody_asked_anything_has_no_gaps(gaps: Gaps) -> None:
    report = await gaps.report(since=SINCE)
    assert (report.searches, report.unanswered, report.gaps) == (0, 0, [])


@pytest.mark.parametrize("query", ["", "\x00\x00", "?" * 4000, "word " * 800, "\u202e\u200b"])
async def test_strange_searches_are_no_failure(gaps: Gaps, record: Record, query: str) -> None:
    await record.ask(query)
    assert (await gaps.report(since=SINCE)).unanswered == 1
