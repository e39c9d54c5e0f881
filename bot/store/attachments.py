"""Queries on uploaded files; the files themselves are kept by desk.attachments."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models import Attachment


async def add_attachment(
    session: AsyncSession,
    *,
    id: str,
    conversation_id: str,
    name: str,
    size: int,
    media_type: str,
    sha256: str,
    now: datetime,
) -> Attachment:
    attachment = Attachment(
        id=id,
        conversation_id=conversation_id,
        case_id=None,
        name=name,
        size=size,
        media_type=media_type,
        sha256=sha256,
        created_at=now,
    )
    session.add(attachment)
    await session.flush()
    return attachment


async def get_attachment(session: AsyncSession, attachment_id: str) -> Attachment | None:
    return await session.get(Attachment, attachment_id)


async def unattached(session: AsyncSession, conversation_id: str, *, lock: bool = False) -> list[Attachment]:
    """The conversation's files that belong to no case yet, oldest first.

    With `lock` they stay so until the session ends: they cannot be given to a case while they are deleted.
    """
    query = (
        select(Attachment)
        .where(Attachment.conversation_id == conversation_id, Attachment.case_id.is_(None))
        .order_by(Attachment.created_at, Attachment.id)
    )
    return list((await session.execute(query.with_for_update() if lock else query)).scalars())


async def count_of_case(session: AsyncSession, case_id: int) -> int:
    query = select(func.count()).select_from(Attachment).where(Attachment.case_id == case_id)
    return (await session.execute(query)).scalar_one()


async def attach(session: AsyncSession, ids: Collection[str], case_id: int) -> None:
    await session.execute(update(Attachment).where(Attachment.id.in_(ids)).values(case_id=case_id))


async def delete_attachments(session: AsyncSession, ids: Collection[str]) -> None:
    await session.execute(delete(Attachment).where(Attachment.id.in_(ids)))
