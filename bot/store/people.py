"""Queries on everything that is kept about one person, for telling them and for erasing it."""

from __future__ import annotations

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models import (
    Attachment,
    Case,
    ChannelIdentity,
    Comment,
    Conversation,
    Message,
    OneTimeCode,
    Search,
    User,
)


async def conversations_of(session: AsyncSession, email: str) -> list[Conversation]:
    """The conversations in which the address was proven, oldest first."""
    query = select(Conversation).where(Conversation.verified_email == email)
    return list((await session.execute(query.order_by(Conversation.created_at, Conversation.id))).scalars())


async def messages_of(session: AsyncSession, conversation_id: str) -> list[Message]:
    query = select(Message).where(Message.conversation_id == conversation_id).order_by(Message.position)
    return list((await session.execute(query)).scalars())


async def searches_of(session: AsyncSession, conversation_id: str) -> list[Search]:
    query = select(Search).where(Search.conversation_id == conversation_id).order_by(Search.id)
    return list((await session.execute(query)).scalars())


async def attachments_of(session: AsyncSession, conversation_id: str) -> list[Attachment]:
    query = select(Attachment).where(Attachment.conversation_id == conversation_id)
    return list((await session.execute(query.order_by(Attachment.created_at, Attachment.id))).scalars())


async def codes_of(session: AsyncSession, email: str) -> list[OneTimeCode]:
    query = select(OneTimeCode).where(OneTimeCode.email == email).order_by(OneTimeCode.id)
    return list((await session.execute(query)).scalars())


async def cases_opened_by(session: AsyncSession, email: str) -> list[Case]:
    query = select(Case).join(User, Case.opened_by_id == User.id).where(User.email == email).order_by(Case.id)
    return list((await session.execute(query)).unique().scalars())


async def comments_by(session: AsyncSession, email: str) -> list[tuple[Comment, str | None]]:
    """The person's comments, each with the number of its case."""
    query = select(Comment, Case.number).join(Case, Comment.case_id == Case.id).where(Comment.author_email == email)
    return [(comment, number) for comment, number in (await session.execute(query.order_by(Comment.id))).all()]


async def delete_codes_of(session: AsyncSession, email: str) -> None:
    await session.execute(delete(OneTimeCode).where(OneTimeCode.email == email))


async def erase_user(session: AsyncSession, email: str) -> None:
    """Takes the address and name out of the directory and the cases.

    A user who opened cases stays as an inactive row that says nothing about them: a case needs somebody who opened it.
    """
    user = (await session.execute(select(User).where(User.email == email))).scalar_one_or_none()
    await session.execute(update(Comment).where(Comment.author_email == email).values(author_email=None))
    if user is None:
        return
    if not (await session.execute(select(exists().where(Case.opened_by_id == user.id)))).scalar_one():
        await session.execute(delete(User).where(User.id == user.id))
        return
    await session.execute(delete(ChannelIdentity).where(ChannelIdentity.user_id == user.id))
    # RFC 2606 keeps .invalid for addresses that can never be anybody's.
    user.email, user.name, user.timezone = f"erased-{user.id}@erased.invalid", None, "UTC"
    user.active = user.designated = user.may_authorise = False
    await session.flush()
