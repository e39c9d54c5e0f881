"""Queries on conversations, their turns and messages; writes to one conversation happen one after the other."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models import Conversation, Message, Turn


class ConversationNotFound(LookupError):
    """There is no such conversation, or it was erased."""


async def create_conversation(
    session: AsyncSession,
    *,
    token_hash: str,
    channel: str,
    language: str,
    now: datetime,
    id: str | None = None,
    timezone: str | None = None,
    page_url: str | None = None,
    language_pinned: bool = False,
    state: Mapping[str, Any] | None = None,
) -> Conversation:
    """Stores a new conversation; without an `id` it gets a random one. Raises IntegrityError when the id exists."""
    conversation = Conversation(
        id=id or str(uuid.uuid4()),
        token_hash=token_hash,
        channel=channel,
        language=language,
        language_pinned=language_pinned,
        timezone=timezone,
        page_url=page_url,
        verified_email=None,
        state=dict(state or {}),
        created_at=now,
        updated_at=now,
    )
    session.add(conversation)
    await session.flush()
    return conversation


async def get_conversation(session: AsyncSession, conversation_id: str) -> Conversation | None:
    if "\0" in conversation_id:  # PostgreSQL cannot be asked for a text with one
        return None
    return await session.get(Conversation, conversation_id)


async def lock_conversation(session: AsyncSession, conversation_id: str) -> Conversation:
    """The conversation, changed by nobody else until the session ends. Raises ConversationNotFound.

    SQLite has one writer at a time anyway; PostgreSQL locks the row.
    """
    locked: dict[str, Conversation] = session.info.setdefault("locked_conversations", {})
    if conversation_id in locked:
        return locked[conversation_id]
    # key_share: rows that point to the conversation can still be added meanwhile. Without it two turns that were added
    # at once would each wait for the other when they go on to their messages.
    query = select(Conversation).where(Conversation.id == conversation_id).with_for_update(key_share=True)
    conversation = (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    if conversation is None:
        raise ConversationNotFound(conversation_id)
    locked[conversation_id] = conversation
    return conversation


async def set_state(session: AsyncSession, conversation_id: str, state: Mapping[str, Any], now: datetime) -> None:
    """Replaces what the dialogue engine last said. Raises ConversationNotFound."""
    await _change(session, conversation_id, state=dict(state), updated_at=now)


async def set_language(
    session: AsyncSession, conversation_id: str, language: str, now: datetime, *, pinned: bool | None = None
) -> None:
    """Changes the language; `pinned` says whether the user asked for it, None leaves that as it is.

    Raises ConversationNotFound.
    """
    pin = {} if pinned is None else {"language_pinned": pinned}
    await _change(session, conversation_id, language=language, updated_at=now, **pin)


async def set_timezone(session: AsyncSession, conversation_id: str, timezone: str, now: datetime) -> None:
    """Keeps the user's own zone, an IANA name. Raises ConversationNotFound."""
    await _change(session, conversation_id, timezone=timezone, updated_at=now)


async def set_verified_email(session: AsyncSession, conversation_id: str, email: str, now: datetime) -> None:
    """Says who is speaking; for desk.identity, which has proof. Raises ConversationNotFound."""
    await _change(session, conversation_id, verified_email=email, updated_at=now)


async def delete_conversation(session: AsyncSession, conversation_id: str) -> bool:
    """Deletes the conversation with its turns, messages, searches and codes; False when there is none.

    Its cases and files stay and lose the conversation.
    """
    found = await session.execute(
        delete(Conversation).where(Conversation.id == conversation_id).returning(Conversation.id)
    )
    return found.scalar_one_or_none() is not None


async def add_turn(
    session: AsyncSession, *, conversation_id: str, client_message_id: str, now: datetime, id: str | None = None
) -> tuple[Turn, bool]:
    """The turn for this message of the user, and whether it is new.

    The same `client_message_id` again gives the turn of the first time, also when two requests race: the second waits
    until the first has committed. Raises ConversationNotFound.
    """
    query = select(Turn).where(Turn.conversation_id == conversation_id, Turn.client_message_id == client_message_id)
    known = (await session.execute(query)).scalar_one_or_none()
    if known is not None:
        return known, False
    turn = Turn(
        id=id or str(uuid.uuid4()),
        conversation_id=conversation_id,
        client_message_id=client_message_id,
        state=None,
        created_at=now,
    )
    try:
        async with session.begin_nested():
            session.add(turn)
            await session.flush()
    except IntegrityError as error:
        known = (await session.execute(query)).scalar_one_or_none()
        if known is not None:
            return known, False
        if await get_conversation(session, conversation_id) is None:
            raise ConversationNotFound(conversation_id) from error
        raise
    return turn, True


async def get_turn(session: AsyncSession, turn_id: str) -> Turn:
    """Raises LookupError for an unknown turn."""
    turn = await session.get(Turn, turn_id, populate_existing=True)
    if turn is None:
        raise LookupError(f"there is no turn {turn_id}")
    return turn


async def finish_turn(session: AsyncSession, turn_id: str, state: Mapping[str, Any]) -> bool:
    """Keeps the state that answered the turn; until then its state is None.

    False, and nothing changes, when another worker has answered it before. Raises LookupError for an unknown turn.
    """
    open_turn = update(Turn).where(Turn.id == turn_id, Turn.state.is_(None))
    changed = await session.execute(open_turn.values(state=dict(state)).returning(Turn.id))
    if changed.scalar_one_or_none() is not None:
        return True
    if await session.get(Turn, turn_id) is None:
        raise LookupError(f"there is no turn {turn_id}")
    return False


async def add_messages(
    session: AsyncSession,
    conversation_id: str,
    turn_id: str | None,
    messages: Sequence[Mapping[str, Any]],
    now: datetime,
) -> list[Message]:
    """Appends messages in the order given; each has id, author (bot, user or staff), response, text and content.

    `turn_id` is None for what nobody asked for. Raises ConversationNotFound, IntegrityError when a message's id exists.
    """
    # Positions are given under the conversation's lock: a reader that asks for what came after a message would miss one
    # that got a lower position and was committed later.
    (await lock_conversation(session, conversation_id)).updated_at = now
    rows = [
        Message(
            id=message["id"],
            conversation_id=conversation_id,
            turn_id=turn_id,
            author=message["author"],
            response=message.get("response"),
            text=message["text"],
            content=dict(message.get("content") or {}),
            created_at=now,
        )
        for message in messages
    ]
    session.add_all(rows)
    await session.flush()
    return rows


async def messages_of_turn(session: AsyncSession, turn_id: str) -> list[Message]:
    """What was said in the turn, by the user too, in order."""
    query = select(Message).where(Message.turn_id == turn_id).order_by(Message.position)
    return list((await session.execute(query)).scalars())


async def messages_after(
    session: AsyncSession, conversation_id: str, after_message_id: str | None = None, limit: int = 100
) -> list[Message]:
    """Up to `limit` messages that follow that one, or from the start, in order.

    Raises LookupError when the conversation has no such message.
    """
    query = select(Message).where(Message.conversation_id == conversation_id).order_by(Message.position).limit(limit)
    if after_message_id is not None:
        after = await get_message(session, conversation_id, after_message_id)
        if after is None:
            raise LookupError(f"the conversation has no message {after_message_id}")
        query = query.where(Message.position > after.position)
    return list((await session.execute(query)).scalars())


async def get_message(session: AsyncSession, conversation_id: str, message_id: str) -> Message | None:
    """The message, if it belongs to that conversation."""
    if "\0" in message_id:
        return None
    query = select(Message).where(Message.id == message_id, Message.conversation_id == conversation_id)
    return (await session.execute(query)).scalar_one_or_none()


async def latest_bot_messages(session: AsyncSession, conversation_id: str, limit: int = 5) -> list[Message]:
    """The bot's last messages, newest first."""
    query = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.author == "bot")
        .order_by(Message.position.desc())
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


async def _change(session: AsyncSession, conversation_id: str, **values: Any) -> None:
    conversation = await lock_conversation(session, conversation_id)
    for name, value in values.items():
        setattr(conversation, name, value)
    await session.flush()
