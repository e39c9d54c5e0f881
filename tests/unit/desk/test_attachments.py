"""Uploaded files: capped while they come in, never stored under a client's name, given to a case with the case."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.desk.attachments import AttachmentError, Attachments, StoredAttachment, clean_name
from bot.store.conversations import ConversationNotFound
from bot.store.engine import Database
from bot.store.models import Attachment
from tests.support import sample_files as files
from tests.support.clock import Clock
from tests.support.rows import NOW, add_case, add_conversation


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var" / "attachments"


@pytest.fixture
def attachments(database: Database, folder: Path) -> Attachments:
    return Attachments(database, folder, Clock(), max_bytes=100_000, max_per_case=3)


@pytest.fixture
async def conversation(database: Database) -> str:
    return await add_conversation(database)


async def save(
    attachments: Attachments, conversation: str, content: bytes = files.PNG, name: str = "a.png"
) -> StoredAttachment:
    return await attachments.save(conversation, name, files.chunks(content))


def kept_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def attach(database: Database, attachments: Attachments, conversation: str, case_id: int) -> list[str]:
    async with database.session() as session:
        return [file.name for file in await attachments.attach_to_case(conversation, case_id, session)]


async def test_a_file_is_kept_byte_for_byte_under_its_own_id(
    attachments: Attachments, database: Database, conversation: str, folder: Path
) -> None:
    stored = await save(attachments, conversation, name="Größe & more.png")
    assert (stored.name, stored.size, stored.media_type) == ("Größe & more.png", len(files.PNG), "image/png")
    assert kept_files(folder) == [folder / stored.id[:2] / stored.id] == [attachments.path(stored.id)]
    assert attachments.path(stored.id).read_bytes() == files.PNG
    async with database.session(read_only=True) as session:
        row = (await session.execute(select(Attachment))).scalar_one()
    assert (row.id, row.conversation_id, row.case_id, row.created_at) == (stored.id, conversation, None, NOW)
    assert row.sha256 == hashlib.sha256(files.PNG).hexdigest()


async def test_a_file_at_the_limit_is_taken_and_one_byte_more_is_not(
    attachments: Attachments, conversation: str, folder: Path
) -> None:
    await save(attachments, conversation, b"x" * 100_000, "a.txt")
    with pytest.raises(AttachmentError) as caught:
        await save(attachments, conversation, b"x" * 100_001, "b.txt")
    assert caught.value.code == "too_large"
    assert len(kept_files(folder)) == 1


async def test_no_more_is_read_of_a_file_than_may_be_kept(
    attachments: Attachments, conversation: str, folder: Path
) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 10_000
            yield b"x" * 10_000

    with pytest.raises(AttachmentError):
        await attachments.save(conversation, "a.txt", endless())
    assert sent == 110_000
    assert kept_files(folder) == []


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.txt", "empty"),
        (files.PROGRAM, "a.exe", "type_not_allowed"),
        (files.PROGRAM, "a.png", "type_not_allowed"),
        (files.TEXT, "a.html", "type_not_allowed"),
    ],
)
async def test_a_refused_file_leaves_nothing_behind(
    attachments: Attachments, conversation: str, folder: Path, content: bytes, name: str, code: str
) -> None:
    with pytest.raises(AttachmentError) as caught:
        await save(attachments, conversation, content, name)
    assert caught.value.code == code
    assert kept_files(folder) == []
    assert await attachments.list_unattached(conversation) == []


async def test_an_upload_that_breaks_off_leaves_nothing_behind(
    attachments: Attachments, conversation: str, folder: Path
) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield files.PNG
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await attachments.save(conversation, "a.png", broken())
    assert kept_files(folder) == []
    assert await attachments.list_unattached(conversation) == []


async def test_an_upload_that_is_cancelled_leaves_nothing_behind(
    attachments: Attachments, conversation: str, folder: Path
) -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield files.PNG
        await asyncio.sleep(60)

    task = asyncio.create_task(attachments.save(conversation, "a.png", stalled()))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert kept_files(folder) == []


async def test_a_conversation_collects_only_as_many_files_as_a_case_may_have(
    attachments: Attachments, database: Database, conversation: str, folder: Path
) -> None:
    for _ in range(3):
        await save(attachments, conversation)
    with pytest.raises(AttachmentError) as caught:
        await save(attachments, conversation)
    assert caught.value.code == "too_many"
    await save(attachments, await add_conversation(database))
    assert len(kept_files(folder)) == 4


async def test_racing_uploads_do_not_pass_the_limit(attachments: Attachments, conversation: str, folder: Path) -> None:
    outcomes = await asyncio.gather(*(save(attachments, conversation) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(outcome, StoredAttachment) for outcome in outcomes) == 3
    assert {o.code for o in outcomes if isinstance(o, AttachmentError)} == {"too_many"}
    assert len(kept_files(folder)) == 3


async def test_a_file_for_a_conversation_that_does_not_exist_is_not_kept(
    attachments: Attachments, folder: Path
) -> None:
    with pytest.raises(ConversationNotFound):
        await save(attachments, "gone")
    assert kept_files(folder) == []


async def test_files_wait_in_their_order_until_a_case_takes_them(
    attachments: Attachments, database: Database, conversation: str
) -> None:
    other = await add_conversation(database)
    first, second = await save(attachments, conversation), await save(attachments, conversation, files.CSV, "b.csv")
    await save(attachments, other)
    assert {file.id for file in await attachments.list_unattached(conversation)} == {first.id, second.id}
    case = await add_case(database, "k1", "dana@acme.example")
    assert sorted(await attach(database, attachments, conversation, case.id)) == ["a.png", "b.csv"]
    assert await attachments.list_unattached(conversation) == []
    assert len(await attachments.list_unattached(other)) == 1
    assert await attach(database, attachments, conversation, case.id) == []


async def test_a_case_that_is_not_opened_after_all_leaves_its_files_waiting(
    attachments: Attachments, database: Database, conversation: str
) -> None:
    await save(attachments, conversation)
    case = await add_case(database, "k1", "dana@acme.example")
    with pytest.raises(ZeroDivisionError):
        async with database.session() as session:
            await attachments.attach_to_case(conversation, case.id, session)
            raise ZeroDivisionError
    assert len(await attachments.list_unattached(conversation)) == 1


async def test_a_case_gets_no_more_files_than_it_may_have(
    attachments: Attachments, database: Database, conversation: str
) -> None:
    case = await add_case(database, "k1", "dana@acme.example")
    for _ in range(2):
        await save(attachments, conversation)
    await attach(database, attachments, conversation, case.id)
    for _ in range(2):
        await save(attachments, conversation)
    with pytest.raises(AttachmentError) as caught:
        await attach(database, attachments, conversation, case.id)
    assert caught.value.code == "too_many"
    assert len(await attachments.list_unattached(conversation)) == 2


async def test_deleting_what_waits_keeps_what_a_case_has(
    attachments: Attachments, database: Database, conversation: str, folder: Path
) -> None:
    kept = await save(attachments, conversation)
    case = await add_case(database, "k1", "dana@acme.example")
    await attach(database, attachments, conversation, case.id)
    await save(attachments, conversation)
    async with database.session() as session:
        await attachments.delete_unattached(conversation, session)
    assert await attachments.list_unattached(conversation) == []
    assert kept_files(folder) == [attachments.path(kept.id)]


async def test_deleting_files_again_is_no_mistake(attachments: Attachments, conversation: str, folder: Path) -> None:
    stored = await save(attachments, conversation)
    attachments.delete_files([stored.id])
    attachments.delete_files([stored.id])
    assert kept_files(folder) == []


@pytest.mark.parametrize("identifier", ["", "../../etc/passwd", "..", "a" * 36, "0" * 8 + "/../x"])
def test_what_is_no_id_never_becomes_a_path(attachments: Attachments, identifier: str) -> None:
    with pytest.raises(ValueError, match="not the id"):
        attachments.path(identifier)


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\dana\\Desktop\\shot 1.png", "shot 1.png"),
        ("/abs/olute.csv", "olute.csv"),
        ("a\r\nContent-Type: x.txt", "aContent-Type: x.txt"),
        ("zero\x00byte.log", "zerobyte.log"),
        ("cod\u202egpj.exe", "codgpj.exe"),
        ("  many   spaces .txt ", "many spaces .txt"),
        ("Cafe\u0301.png", "Café.png"),
        ("...", "file"),
        ("", "file"),
        ("folder/", "file"),
        ("x" * 300 + ".docx", "x" * 250 + ".docx"),
        ("y" * 300, "y" * 255),
    ],
)
def test_a_name_is_cleaned_of_paths_and_what_cannot_be_seen(name: str, cleaned: str) -> None:
    assert clean_name(name) == cleaned


@given(st.text(max_size=400))
@settings(deadline=None)
def test_every_name_becomes_one_that_is_safe(name: str) -> None:
    cleaned = clean_name(name)
    assert 1 <= len(cleaned) <= 255
    assert not set(cleaned) & set("/\\\0\r\n")
    assert clean_name(cleaned) == cleaned
    cleaned.encode()
