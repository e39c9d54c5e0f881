"""Erasing takes everything but what a case needs, and an export tells everything that is kept."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from bot.desk.attachments import Attachments
from bot.desk.directory import Directory
from bot.desk.privacy import Erased, Privacy
from bot.store import cases, codes, conversations, searches
from bot.store.engine import Database
from bot.store.models import Attachment, Base, Case, ChannelIdentity, Conversation, Message, OneTimeCode, Search, Turn
from tests.support import sample_files as files
from tests.support.clock import Clock
from tests.support.rows import NOW, add_case, add_conversation

DANA, NICK = "dana@acme.example", "nick@acme.example"


class Engine:
    """Remembers which conversations it was told to forget; can be away."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []
        self.away = False

    async def forget(self, conversation_id: str) -> None:
        if self.away:
            raise ConnectionError("the engine is away")
        self.forgotten.append(conversation_id)


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def attachments(database: Database, tmp_path: Path) -> Attachments:
    return Attachments(database, tmp_path / "attachments", Clock())


@pytest.fixture
def privacy(database: Database, attachments: Attachments, engine: Engine) -> Privacy:
    return Privacy(database, attachments, engine.forget)


async def talk(database: Database, attachments: Attachments, email: str) -> str:
    """A conversation in which everything happened that leaves something behind."""
    conversation_id = await add_conversation(database)
    async with database.session() as session:
        await conversations.set_verified_email(session, conversation_id, email, NOW)
        turn, _ = await conversations.add_turn(
            session, conversation_id=conversation_id, client_message_id="c1", now=NOW
        )
        await conversations.add_messages(
            session,
            conversation_id,
            turn.id,
            [{"id": str(uuid.uuid4()), "author": "user", "text": f"{email} writes", "content": {"buttons": []}}],
            NOW,
        )
        await searches.add_search(
            session,
            conversation_id=conversation_id,
            language="en",
            query=f"{email} asks",
            articles=["void-a-printed-check"],
            answerable=True,
            probability=0.9,
            now=NOW,
        )
        await codes.add_code(
            session,
            conversation_id=conversation_id,
            email=email,
            code_hash=None,
            tries=5,
            expires_at=NOW + timedelta(minutes=10),
            now=NOW,
        )
    await attachments.save(conversation_id, "waiting.png", files.chunks(files.PNG))
    return conversation_id


async def open_case(database: Database, attachments: Attachments, conversation_id: str, email: str) -> Case:
    case = await add_case(database, str(uuid.uuid4()), email, conversation_id)
    async with database.session() as session:
        await attachments.attach_to_case(conversation_id, case.id, session)
        await cases.add_comment(
            session,
            case.id,
            key=None,
            author="customer",
            author_email=email,
            kind="comment",
            text="It happened again.",
            now=NOW,
        )
    return case


async def counts(database: Database, *models: type[Base]) -> list[int]:
    async with database.session(read_only=True) as session:
        return [(await session.execute(select(func.count()).select_from(model))).scalar_one() for model in models]


async def everything(database: Database) -> str:
    async with database.session(read_only=True) as session:
        tables = [(await session.execute(text(f"SELECT * FROM {table}"))).all() for table in Base.metadata.tables]
    return str(tables)


async def test_an_erased_conversation_leaves_no_rows_and_no_files(
    privacy: Privacy, database: Database, attachments: Attachments, engine: Engine, tmp_path: Path
) -> None:
    conversation_id = await talk(database, attachments, DANA)
    other = await talk(database, attachments, NICK)
    assert await privacy.erase_conversation(conversation_id)
    assert engine.forgotten == [conversation_id]
    assert await counts(database, Conversation, Turn, Message, Search, OneTimeCode, Attachment) == [1] * 6
    assert DANA not in await everything(database)
    kept = [file.id for file in await attachments.list_unattached(other)]
    assert [path.name for path in (tmp_path / "attachments").rglob("*") if path.is_file()] == kept


async def test_a_case_and_its_files_stay_and_forget_the_conversation(
    privacy: Privacy, database: Database, attachments: Attachments
) -> None:
    conversation_id = await talk(database, attachments, DANA)
    case = await open_case(database, attachments, conversation_id, DANA)
    await attachments.save(conversation_id, "later.png", files.chunks(files.PNG))
    await privacy.erase_conversation(conversation_id)
    async with database.session(read_only=True) as session:
        kept = await cases.case_by_number(session, str(case.number))
    assert kept is not None
    assert kept.conversation_id is None
    assert kept.issue_summary == case.issue_summary
    assert [(file.name, file.conversation_id) for file in kept.attachments] == [("waiting.png", None)]
    assert attachments.path(kept.attachments[0].id).read_bytes() == files.PNG
    assert await counts(database, Attachment) == [1]
    assert conversation_id not in await everything(database)


async def test_erasing_what_is_not_there_says_so(privacy: Privacy, engine: Engine) -> None:
    assert not await privacy.erase_conversation("gone")
    assert engine.forgotten == ["gone"]


async def test_while_the_engine_is_away_nothing_is_erased_and_trying_again_finishes_it(
    privacy: Privacy, database: Database, attachments: Attachments, engine: Engine
) -> None:
    conversation_id = await talk(database, attachments, DANA)
    engine.away = True
    with pytest.raises(ConnectionError):
        await privacy.erase_conversation(conversation_id)
    assert await counts(database, Message, Attachment) == [1, 1]
    engine.away = False
    assert await privacy.erase_conversation(conversation_id)


async def test_a_file_that_is_gone_already_does_not_stop_the_erasing(
    privacy: Privacy, database: Database, attachments: Attachments
) -> None:
    conversation_id = await talk(database, attachments, DANA)
    attachments.delete_files([file.id for file in await attachments.list_unattached(conversation_id)])
    assert await privacy.erase_conversation(conversation_id)
    assert await counts(database, Attachment) == [0]


async def test_an_erased_person_is_named_nowhere_and_their_cases_stay(
    privacy: Privacy, database: Database, attachments: Attachments, engine: Engine
) -> None:
    mine = [await talk(database, attachments, DANA), await talk(database, attachments, DANA)]
    await talk(database, attachments, NICK)
    case = await open_case(database, attachments, mine[0], DANA)
    async with database.session() as session:
        session.add(ChannelIdentity(channel="slack", tenant="T1", external_id="U1", user_id=case.opened_by_id))
    assert await privacy.erase(f" {DANA.upper()} ") == Erased(conversations=2, cases_kept=1)
    assert sorted(engine.forgotten) == sorted(mine)
    assert DANA not in (await everything(database)).replace(f"Company of {DANA}", "")
    async with database.session(read_only=True) as session:
        kept = await cases.case_by_number(session, str(case.number))
    assert kept is not None
    assert kept.opened_by.email == f"erased-{case.opened_by_id}@erased.invalid"
    assert (kept.opened_by.name, kept.opened_by.active, kept.opened_by.designated) == (None, False, False)
    assert [(comment.text, comment.author_email) for comment in kept.comments] == [("It happened again.", None)]
    assert await counts(database, Conversation, ChannelIdentity) == [1, 0]


async def test_a_person_without_cases_leaves_the_directory(privacy: Privacy, database: Database) -> None:
    directory = Directory(database)
    head = "company,country,plan,implemented_by,company_is_partner,user,active,designated,may_authorise,timezone"
    await directory.import_csv(f"{head}\nAcme,US,Gold,,no,{NICK},yes,no,no,America/Chicago\n")
    assert await privacy.erase(NICK) == Erased(conversations=0, cases_kept=0)
    assert await directory.person_by_email(NICK) is None
    assert await privacy.erase(NICK) == Erased(conversations=0, cases_kept=0)


async def test_codes_that_others_asked_for_in_a_persons_name_are_erased_too(
    privacy: Privacy, database: Database
) -> None:
    conversation_id = await add_conversation(database)
    async with database.session() as session:
        await codes.add_code(
            session, conversation_id=conversation_id, email=DANA, code_hash=None, tries=5, expires_at=NOW, now=NOW
        )
    await privacy.erase(DANA)
    assert await counts(database, OneTimeCode, Conversation) == [0, 1]


async def test_an_export_tells_everything_about_the_person_and_nothing_about_others(
    privacy: Privacy, database: Database, attachments: Attachments
) -> None:
    conversation_id = await talk(database, attachments, DANA)
    case = await open_case(database, attachments, conversation_id, DANA)
    await attachments.save(conversation_id, "waiting-too.csv", files.chunks(files.CSV))
    other = await talk(database, attachments, NICK)
    await open_case(database, attachments, other, NICK)
    told = await privacy.export(f" {DANA.upper()} ")
    assert json.loads(json.dumps(told)) == told
    assert NICK not in json.dumps(told)
    assert told["email"] == DANA
    assert told["directory"]["timezone"] == "America/Chicago"
    (talked,) = told["conversations"]
    assert (talked["id"], talked["created_at"]) == (conversation_id, NOW.isoformat())
    assert [message["text"] for message in talked["messages"]] == [f"{DANA} writes"]
    assert [(search["query"], search["articles"]) for search in talked["searches"]] == [
        (f"{DANA} asks", ["void-a-printed-check"])
    ]
    assert sorted(file["name"] for file in talked["attachments"]) == ["waiting-too.csv", "waiting.png"]
    assert [(told_case["number"], told_case["issue_summary"]) for told_case in told["cases"]] == [
        (case.number, case.issue_summary)
    ]
    assert [(comment["case"], comment["text"]) for comment in told["comments"]] == [(case.number, "It happened again.")]
    assert [code["conversation"] for code in told["codes"]] == [conversation_id]
    assert "hash" not in json.dumps(told)


async def test_an_export_about_nobody_is_empty(privacy: Privacy) -> None:
    assert await privacy.export("nobody@acme.example") == {
        "email": "nobody@acme.example",
        "directory": None,
        "conversations": [],
        "cases": [],
        "comments": [],
        "codes": [],
    }


async def test_after_erasing_an_export_is_empty(privacy: Privacy, database: Database, attachments: Attachments) -> None:
    conversation_id = await talk(database, attachments, DANA)
    await open_case(database, attachments, conversation_id, DANA)
    await privacy.erase(DANA)
    told = await privacy.export(DANA)
    assert not any((told["directory"], told["conversations"], told["cases"], told["comments"], told["codes"]))
