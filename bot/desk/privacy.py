"""Erases conversations and people, and tells a person everything that is kept about them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.attachments import Attachments
from bot.desk.directory_file import normal_email
from bot.store import conversations, people
from bot.store import directory as directory_queries
from bot.store.engine import Database
from bot.store.models import CASE_TEXTS, Attachment, Case, Comment, Conversation, Message, OneTimeCode, Search, User


@dataclass(frozen=True)
class Erased:
    """What `erase` did: conversations erased, and cases that stay with their company without the person's name."""

    conversations: int
    cases_kept: int


class Privacy:
    """What the law calls access and erasure."""

    def __init__(self, database: Database, attachments: Attachments, forget: Callable[[str], Awaitable[None]]) -> None:
        """`forget` makes the dialogue engine erase its record of a conversation, whose id it is given."""
        self._database, self._attachments, self._forget = database, attachments, forget

    async def erase_conversation(self, conversation_id: str) -> bool:
        """Erases messages, turns, searches, codes and the files that belong to no case; False when there is nothing.

        Cases and their files stay; they no longer say in which conversation they came to be. Whatever `forget` raises
        comes through before anything is erased here; doing it all again finishes the work.
        """
        await self._forget(conversation_id)
        async with self._database.session() as session:
            await self._attachments.delete_unattached(conversation_id, session)
            return await conversations.delete_conversation(session, conversation_id)

    async def erase(self, email: str) -> Erased:
        """Erases the person: their conversations, codes and directory entry, and their name in cases and comments.

        Cases, with what was written in them, stay with the company whose problem they describe. An import of the
        directory that still names the person adds them again.
        """
        address = normal_email(email)
        async with self._database.session(read_only=True) as session:
            found = [row.id for row in await people.conversations_of(session, address)]
            kept = len(await people.cases_opened_by(session, address))
        for conversation_id in found:
            await self.erase_conversation(conversation_id)
        async with self._database.session() as session:
            await people.delete_codes_of(session, address)
            await people.erase_user(session, address)
        return Erased(len(found), kept)

    async def export(self, email: str) -> dict[str, Any]:
        """Everything kept about the person, ready for JSON; times are ISO 8601 in UTC.

        {"email", "directory": {…}|null, "conversations": […], "cases": […], "comments": […], "codes": […]}
        """
        address = normal_email(email)
        async with self._database.session(read_only=True) as session:
            user = await directory_queries.user_by_email(session, address)
            return {
                "email": address,
                "directory": _user(user) if user else None,
                "conversations": [
                    await _conversation(session, row) for row in await people.conversations_of(session, address)
                ],
                "cases": [_case(row) for row in await people.cases_opened_by(session, address)],
                "comments": [_comment(row, number) for row, number in await people.comments_by(session, address)],
                "codes": [_code(row) for row in await people.codes_of(session, address)],
            }


async def _conversation(session: AsyncSession, row: Conversation) -> dict[str, Any]:
    return {
        "id": row.id,
        "channel": row.channel,
        "language": row.language,
        "timezone": row.timezone,
        "page_url": row.page_url,
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
        "messages": [_message(message) for message in await people.messages_of(session, row.id)],
        "searches": [_search(search) for search in await people.searches_of(session, row.id)],
        "attachments": [_attachment(file) for file in await people.attachments_of(session, row.id)],
    }


def _message(row: Message) -> dict[str, Any]:
    return {"from": row.author, "text": row.text, "content": row.content, "created_at": row.created_at.isoformat()}


def _search(row: Search) -> dict[str, Any]:
    return {
        "query": row.query,
        "articles": list(row.articles),
        "rejected": list(row.rejected),
        "outcome": row.outcome,
        "created_at": row.created_at.isoformat(),
    }


def _attachment(row: Attachment) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "size": row.size,
        "media_type": row.media_type,
        "created_at": row.created_at.isoformat(),
    }


def _user(row: User) -> dict[str, Any]:
    return {
        "company": row.company.name,
        "name": row.name,
        "active": row.active,
        "designated": row.designated,
        "may_authorise": row.may_authorise,
        "timezone": row.timezone,
    }


def _case(row: Case) -> dict[str, Any]:
    return {
        "number": row.number,
        "state": row.state,
        "company": row.company.name,
        **{name: getattr(row, name) for name in CASE_TEXTS},
        "opened_at": row.opened_at.isoformat(),
        "attachments": [_attachment(file) for file in row.attachments],
    }


def _comment(row: Comment, number: str | None) -> dict[str, Any]:
    return {"case": number, "kind": row.kind, "text": row.text, "created_at": row.created_at.isoformat()}


def _code(row: OneTimeCode) -> dict[str, Any]:
    return {
        "conversation": row.conversation_id,
        "asked_at": row.created_at.isoformat(),
        "expires_at": row.expires_at.isoformat(),
    }
