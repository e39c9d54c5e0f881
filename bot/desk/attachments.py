"""Keeps uploaded files: checked while they come in, stored under names of our own, given to a case when it opens."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import unicodedata
import uuid
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.file_types import EXTENSIONS, FileType, file_type
from bot.store import attachments as queries
from bot.store import conversations
from bot.store.engine import Database
from bot.store.models import Attachment

_LONGEST_NAME = 255
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Apart from where finished files are, so that a search there never finds half of one.
_INCOMING = "incoming"


class AttachmentError(Exception):
    """A file was not taken. `code` is stable: too_large, type_not_allowed, too_many or empty."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class StoredAttachment:
    """A file that was taken; `size` is in bytes, `name` is what the user called it, cleaned by `clean_name`."""

    id: str
    name: str
    size: int
    media_type: str


class Attachments:
    """The folder of uploaded files, and the rows that say what they are."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        clock: Callable[[], datetime],
        max_bytes: int = 20 * 1024 * 1024,
        max_per_case: int = 10,
    ) -> None:
        self._database, self._folder, self._clock = database, folder, clock
        self._max_bytes, self._max_per_case = max_bytes, max_per_case

    async def save(self, conversation_id: str, name: str, chunks: AsyncIterator[bytes]) -> StoredAttachment:
        """Stores a file for the conversation's next case, reading no more of it than may be stored.

        Raises AttachmentError, ConversationNotFound; then nothing is kept.
        """
        async with self._database.session(read_only=True) as session:
            await self._check_room(session, conversation_id)
        identifier = str(uuid.uuid4())
        incoming = self._folder / _INCOMING / identifier
        incoming.parent.mkdir(parents=True, exist_ok=True)
        try:
            size, digest = await self._receive(chunks, incoming)
            called = clean_name(name)
            kind = await asyncio.to_thread(file_type, incoming, called)
            if kind is None:
                raise AttachmentError(
                    "type_not_allowed",
                    f"{called} is not a file that can be attached, or not what its name says; "
                    f"expected one of: {', '.join(EXTENSIONS)}",
                )
            return await self._keep(conversation_id, identifier, called, size, digest, kind, incoming)
        finally:
            incoming.unlink(missing_ok=True)

    async def list_unattached(self, conversation_id: str) -> list[StoredAttachment]:
        """The conversation's files that belong to no case yet, oldest first."""
        async with self._database.session(read_only=True) as session:
            return [_stored(row) for row in await queries.unattached(session, conversation_id)]

    async def attach_to_case(self, conversation_id: str, case_id: int, session: AsyncSession) -> list[StoredAttachment]:
        """Gives those files to the case, in the caller's transaction, and returns them.

        Raises AttachmentError too_many when the case would have more files than it may.
        """
        waiting = await queries.unattached(session, conversation_id, lock=True)
        if waiting:
            if await queries.count_of_case(session, case_id) + len(waiting) > self._max_per_case:
                raise self._too_many()
            await queries.attach(session, [row.id for row in waiting], case_id)
        return [_stored(row) for row in waiting]

    async def delete_unattached(self, conversation_id: str, session: AsyncSession) -> None:
        """Deletes those files and, in the caller's transaction, their rows.

        The files go first: if the transaction fails, doing it again finishes the work, and no file is left behind.
        """
        ids = [row.id for row in await queries.unattached(session, conversation_id, lock=True)]
        self.delete_files(ids)
        await queries.delete_attachments(session, ids)

    def delete_files(self, ids: Iterable[str]) -> None:
        """Deletes stored files; those that are gone already are passed over."""
        for identifier in ids:
            self.path(identifier).unlink(missing_ok=True)

    def path(self, identifier: str) -> Path:
        """Where the file with that id is. Raises ValueError for what cannot be an id."""
        if not _ID.fullmatch(identifier):
            raise ValueError(f"{identifier!r} is not the id of an attachment")
        return self._folder / identifier[:2] / identifier

    async def _receive(self, chunks: AsyncIterator[bytes], incoming: Path) -> tuple[int, str]:
        """Writes the chunks to the file; returns its size and SHA-256."""
        size, digest = 0, hashlib.sha256()
        with incoming.open("xb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > self._max_bytes:
                    raise AttachmentError("too_large", f"a file may have at most {_megabytes(self._max_bytes)} MB")
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
        if size == 0:
            raise AttachmentError("empty", "the file is empty")
        return size, digest.hexdigest()

    async def _keep(
        self, conversation_id: str, identifier: str, name: str, size: int, digest: str, kind: FileType, incoming: Path
    ) -> StoredAttachment:
        kept = self.path(identifier)
        kept.parent.mkdir(parents=True, exist_ok=True)
        try:
            async with self._database.session() as session:
                await conversations.lock_conversation(session, conversation_id)
                await self._check_room(session, conversation_id)
                row = await queries.add_attachment(
                    session,
                    id=identifier,
                    conversation_id=conversation_id,
                    name=name,
                    size=size,
                    media_type=kind.media_type,
                    sha256=digest,
                    now=self._clock(),
                )
                os.replace(incoming, kept)
        except Exception:
            kept.unlink(missing_ok=True)
            raise
        return _stored(row)

    async def _check_room(self, session: AsyncSession, conversation_id: str) -> None:
        if len(await queries.unattached(session, conversation_id)) >= self._max_per_case:
            raise self._too_many()

    def _too_many(self) -> AttachmentError:
        return AttachmentError("too_many", f"a case can have at most {self._max_per_case} files")


def clean_name(name: str) -> str:
    """The last part of what a client calls a file, without control and direction characters, 255 characters at most."""
    last = name.replace("\\", "/").rpartition("/")[2]
    # Format characters (Cf) can turn the direction of text around, so that "gpj.exe" reads "exe.jpg".
    visible = "".join(
        c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c) not in ("Cc", "Cf", "Cs")
    )
    cleaned = " ".join(visible.split()).strip(". ")
    if len(cleaned) > _LONGEST_NAME:
        suffix = Path(cleaned).suffix[:16]
        cleaned = cleaned[: _LONGEST_NAME - len(suffix)] + suffix
    return cleaned or "file"


def _megabytes(size: int) -> str:
    return f"{size / (1024 * 1024):g}"


def _stored(row: Attachment) -> StoredAttachment:
    return StoredAttachment(row.id, row.name, row.size, row.media_type)
