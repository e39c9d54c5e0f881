"""One turn, for every channel: drop repeats, limit, neutralise, settle the language, ask the engine, store, answer."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4
from weakref import WeakValueDictionary
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.identity import Identity
from bot.gateway.engine import Engine, EngineUnavailable
from bot.gateway.forms import checked_answers
from bot.gateway.language import LanguageSettler
from bot.gateway.messages import InboundMessage, OutboundMessage, State, Tap, TurnRefused, TurnResult
from bot.gateway.rate_limit import RateLimiter
from bot.gateway.sanitize import clean_text, is_command, without_command, without_controls
from bot.locales import LANGUAGES, Catalogue
from bot.locales.wording import normalise
from bot.store import conversations as queries
from bot.store.engine import Database
from bot.store.models import Conversation, Message

log = structlog.get_logger(__name__)


class EngineDown(Exception):
    """The engine did not answer. The message is kept; sending it again continues the same turn."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text  # for the user, in their language


@dataclass(frozen=True)
class OpenedConversation:
    id: str
    token: str
    language: str
    verified: bool
    messages: list[OutboundMessage]


@dataclass(frozen=True)
class _Understood:
    """A message as the engine gets it."""

    text: str
    metadata: dict[str, Any]
    language: str
    pinned: bool


class Gateway:
    """The only way to the dialogue."""

    def __init__(
        self,
        database: Database,
        engine: Engine,
        identity: Identity,
        languages: LanguageSettler,
        catalogues: Mapping[str, Catalogue],
        limiter: RateLimiter,
        clock: Callable[[], datetime],
    ) -> None:
        self._database, self._engine, self._identity = database, engine, identity
        self._languages, self._catalogues, self._limiter, self._clock = languages, catalogues, limiter, clock
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def open_conversation(
        self,
        *,
        channel: str,
        language: str | None = None,
        timezone: str | None = None,
        page_url: str | None = None,
        identity_token: str | None = None,
    ) -> OpenedConversation:
        """A new conversation with its greeting.

        Raises TurnRefused (422) for a language that is not one of the four or an unknown time zone, and IdentityError
        for a token that does not hold; then no conversation is left behind.
        """
        chosen = (language or "en").split("-")[0].lower()
        if chosen not in LANGUAGES:
            raise TurnRefused("language_unknown", f"language must be one of {', '.join(LANGUAGES)}: {language!r}", 422)
        if timezone is not None:
            _check_zone(timezone)
        conversation_id = str(uuid4())
        token = f"{conversation_id}.{secrets.token_urlsafe(32)}"
        now = self._clock()
        text, buttons = self._catalogues[chosen].response("utter_greet")
        greeting = OutboundMessage(str(uuid4()), "bot", text, now, "utter_greet", {"buttons": buttons})
        verified = False
        async with self._database.session() as session:
            await queries.create_conversation(
                session,
                id=conversation_id,
                token_hash=_hash(token),
                channel=channel,
                language=chosen,
                timezone=timezone,
                page_url=without_controls(page_url) if page_url else None,
                now=now,
            )
            if identity_token is not None:
                verified = (await self._identity.accept_token(conversation_id, identity_token, session)).verified
            await queries.add_messages(session, conversation_id, None, [_row(greeting)], now)
        return OpenedConversation(conversation_id, token, chosen, verified, [greeting])

    async def authenticate(self, conversation_id: str, token: str) -> Conversation:
        """The conversation whose token this is.

        Raises TurnRefused: 404 `conversation_unknown`, 401 `conversation_token`.
        """
        async with self._database.session(read_only=True) as session:
            conversation = await queries.get_conversation(session, conversation_id)
        if conversation is None:
            raise TurnRefused("conversation_unknown", "There is no such conversation.", 404)
        if not hmac.compare_digest(conversation.token_hash, _hash(token)):
            raise TurnRefused("conversation_token", "The token does not belong to this conversation.", 401)
        return conversation

    async def conversation_of(self, token: str) -> Conversation:
        """The conversation whose token this is, which the token itself names. Raises TurnRefused like authenticate."""
        return await self.authenticate(token.partition(".")[0], token)

    async def handle_turn(self, conversation_id: str, inbound: InboundMessage) -> TurnResult:
        """One message in, the answer out; the same client_message_id again gives the same answer.

        Raises TurnRefused when the message cannot be taken, EngineDown when it is kept but not answered yet.
        """
        key = without_controls(inbound.client_message_id or "") or str(uuid4())
        async with self._one_at_a_time(conversation_id):
            async with self._database.session() as session:
                conversation = await queries.get_conversation(session, conversation_id)
                if conversation is None:
                    raise TurnRefused("conversation_unknown", "There is no such conversation.", 404)
                now = self._clock()
                turn, created = await queries.add_turn(
                    session, conversation_id=conversation_id, client_message_id=key, now=now
                )
                if turn.state is not None:
                    return await _answered(session, turn.id)
                # What is refused from here on leaves nothing behind: the transaction is rolled back.
                if created:
                    await self._limiter.take(conversation_id)
                understood = await self._understand(session, conversation, inbound)
                if created:
                    mine = OutboundMessage(str(uuid4()), "user", understood.text, now)
                    await queries.add_messages(session, conversation_id, turn.id, [_row(mine)], now)
                if (understood.language, understood.pinned) != (conversation.language, conversation.language_pinned):
                    await queries.set_language(
                        session, conversation_id, understood.language, now, pinned=understood.pinned
                    )
            return await self._answer(conversation_id, turn.id, understood, repeated=not created)

    async def history(self, conversation_id: str, after: str | None, limit: int = 200) -> list[OutboundMessage]:
        """Messages in order, those after a message id when one is given; TurnRefused (404) for an unknown id."""
        async with self._database.session(read_only=True) as session:
            if after is not None and await queries.get_message(session, conversation_id, after) is None:
                raise TurnRefused("message_unknown", f"There is no message {after} in this conversation.", 404)
            return [_outbound(m) for m in await queries.messages_after(session, conversation_id, after, limit)]

    async def _answer(
        self, conversation_id: str, turn_id: str, understood: _Understood, *, repeated: bool
    ) -> TurnResult:
        try:
            answer = await self._engine.turn(
                conversation_id,
                turn_id,
                without_command(understood.text),
                understood.metadata,
                repeated=repeated,
            )
        except EngineUnavailable as error:
            log.error("engine_unavailable", conversation=conversation_id, turn=turn_id, reason=str(error))
            text, _ = self._catalogues[understood.language].response("utter_engine_unavailable")
            raise EngineDown(text) from error
        now = self._clock()
        messages = [_from_engine(m, now) for m in answer.messages]
        if answer.awaiting is not None:  # the form's question comes last; its buttons are good while it is open
            messages[-1].content["awaiting"] = answer.awaiting
        async with self._database.session() as session:
            conversation = await queries.get_conversation(session, conversation_id)
            kept = conversation is not None
            state = State(
                understood.language,
                conversation is not None and conversation.verified_email is not None,
                answer.form,
                answer.awaiting,
                answer.intent,
                round(answer.confidence, 4),
            )
            if kept:
                if not await queries.finish_turn(session, turn_id, state.public()):
                    return await _answered(session, turn_id)  # another worker had the same message and was first
                await queries.add_messages(session, conversation_id, turn_id, [_row(m) for m in messages], now)
                await queries.set_state(session, conversation_id, state.public(), now)
        if not kept:  # the turn was the wish to erase the conversation; the engine wrote this last turn after that
            await self._engine.forget(conversation_id)
        return TurnResult(messages, state)

    async def _understand(
        self, session: AsyncSession, conversation: Conversation, inbound: InboundMessage
    ) -> _Understood:
        language, pinned = conversation.language, conversation.language_pinned
        metadata: dict[str, Any] = {"timezone": conversation.timezone}
        if inbound.tap is not None:
            button = await _offered(session, conversation, inbound.tap)
            text = button["title"]
            metadata |= {"intent": button["intent"], "choice": button["value"]}
            if button["intent"] == "change_language" and button["value"] in LANGUAGES:
                language, pinned = button["value"], True
        elif inbound.form is not None:
            answers = checked_answers(inbound.form, self._catalogues[language])
            text = self._catalogues[language].phrase("form_filled_in")
            metadata |= {"intent": "open_case", "answers": answers}
        else:
            text = clean_text(inbound.text or "")
            awaiting = (conversation.state or {}).get("awaiting")
            settled = self._languages.settle(
                text, language, pinned=pinned, awaiting=awaiting, opening=not conversation.state
            )
            language, pinned = settled.language, settled.pinned
            if settled.wished:
                metadata["intent"] = "change_language"
            elif awaiting is None and (typed := await self._typed(session, conversation.id, text, language)):
                metadata |= {"intent": typed["intent"], "choice": typed["value"]}
            if is_command(text):
                metadata["text"] = text
                if awaiting is None:  # inside a form it is an answer such as a path
                    metadata["intent"] = "out_of_scope"
        metadata |= {"language": language, "language_pinned": pinned}
        return _Understood(text, metadata, language, pinned)

    async def _typed(
        self, session: AsyncSession, conversation_id: str, text: str, language: str
    ) -> Mapping[str, str] | None:
        """The button of the last message that somebody typed instead of tapping it, by its title or a word for it.

        Only outside a form, which takes its answers by itself.
        """
        said = normalise(text).strip()
        latest = await queries.latest_bot_messages(session, conversation_id, limit=1)
        words = self._catalogues[language].content["vocabulary"]["button_words"]
        for button in (latest[0].content or {}).get("buttons", []) if latest else []:
            ways = (button["title"], *words.get(button["value"], ()))
            if button["intent"] != "change_language" and said in {normalise(way).strip() for way in ways}:
                found: Mapping[str, str] = button
                return found
        return None

    @asynccontextmanager
    async def _one_at_a_time(self, conversation_id: str) -> AsyncIterator[None]:
        """Turns of a conversation run one after the other; across processes the engine's lock store does the same."""
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        async with lock:
            yield


async def _answered(session: AsyncSession, turn_id: str) -> TurnResult:
    """The answer that a turn was given before."""
    turn = await queries.get_turn(session, turn_id)
    said = await queries.messages_of_turn(session, turn_id)
    return TurnResult([_outbound(m) for m in said if m.author != "user"], State(**(turn.state or {})))


async def _offered(session: AsyncSession, conversation: Conversation, tap: Tap) -> dict[str, str]:
    """The button that was really offered. TurnRefused: 404 unknown, 409 when its question is no longer open."""
    message = await queries.get_message(session, conversation.id, tap.message_id)
    buttons = (message.content or {}).get("buttons", []) if message is not None else []
    if message is None or not 0 <= tap.button < len(buttons):
        raise TurnRefused("button_unknown", "There is no such button in this conversation.", 404)
    asked = (message.content or {}).get("awaiting")
    if asked is not None and asked != (conversation.state or {}).get("awaiting"):
        raise TurnRefused("button_stale", "This question has been answered already.", 409)
    return dict(buttons[tap.button])


def _from_engine(message: Mapping[str, Any], now: datetime) -> OutboundMessage:
    content = {k: v for k, v in message.items() if k not in {"response", "text", "buttons"}}
    buttons = [{"title": b["title"], "value": b["value"], "intent": b["intent"]} for b in message["buttons"]]
    return OutboundMessage(
        str(uuid4()), "bot", message["text"], now, message["response"], {**content, "buttons": buttons}
    )


def _row(message: OutboundMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "author": message.author,
        "response": message.response,
        "text": message.text,
        "content": dict(message.content),
    }


def _outbound(row: Message) -> OutboundMessage:
    return OutboundMessage(row.id, row.author, row.text, row.created_at, row.response, row.content or {})


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise TurnRefused("timezone_unknown", f"timezone must be an IANA name: {name!r}", 422) from None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
