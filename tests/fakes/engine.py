"""A dialogue engine for tests of the gateway: speaks the Engine protocol and remembers message ids as the real one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from bot.gateway.engine import EngineAnswer, EngineUnavailable


@dataclass
class Call:
    """One turn that was asked for."""

    conversation_id: str
    message_id: str
    text: str
    metadata: dict[str, Any]


def answer(
    messages: list[dict[str, Any]],
    form: str | None = None,
    awaiting: str | None = None,
    intent: str | None = "greet",
    confidence: float = 0.98765,
) -> EngineAnswer:
    """An answer that says nothing special of the state, unless told."""
    return EngineAnswer(messages, form, awaiting, intent, confidence)


def message(text: str, response: str | None = "utter_greet", *buttons: tuple[str, str], **cards: Any) -> dict[str, Any]:
    """A message as the engine's channel gives it; buttons are (value, intent), titled with the value in capitals."""
    offered = [{"value": v, "title": v.upper(), "intent": intent, "payload": v} for v, intent in buttons]
    return {"response": response, "text": text, "buttons": offered, **cards}


@dataclass
class FakeEngine:
    """Answers with `reply`, an echo to begin with.

    Like the real one it runs a turn, keeps what it said, and answers the same again when the message id is that of the
    conversation's last turn. `down`: nothing reaches it. `loses_answers`: turns run, but their answers are lost on the
    way. `gate`: turns wait for it to open.
    """

    down: bool = False
    loses_answers: bool = False
    gate: asyncio.Event | None = None
    reply: Callable[[Call], EngineAnswer] = lambda call: answer([message(f"echo: {call.text}")])
    during_turn: Callable[[Call], Awaitable[None]] | None = None
    calls: list[Call] = field(default_factory=list)
    processed: list[Call] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    running: int = 0
    most_at_once: int = 0
    _last: dict[str, tuple[str, EngineAnswer]] = field(default_factory=dict)

    async def turn(
        self, conversation_id: str, message_id: str, text: str, metadata: dict[str, Any], *, repeated: bool = False
    ) -> EngineAnswer:
        call = Call(conversation_id, message_id, text, metadata)
        self.calls.append(call)
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        try:
            return await self._turn(call)
        finally:
            self.running -= 1

    async def _turn(self, call: Call) -> EngineAnswer:
        if self.gate is not None:
            await self.gate.wait()
        if self.down:
            raise EngineUnavailable("connection refused")
        last = self._last.get(call.conversation_id)
        if last is None or last[0] != call.message_id:
            if self.during_turn is not None:
                await self.during_turn(call)
            last = (call.message_id, self.reply(call))
            self._last[call.conversation_id] = last
            self.processed.append(call)
        if self.loses_answers:
            raise EngineUnavailable("read timeout")
        # The real one reads them from its store: each answer holds messages of its own.
        said = last[1].messages
        return replace(last[1], messages=[{**m, "buttons": [dict(b) for b in m["buttons"]]} for m in said])

    async def forget(self, conversation_id: str) -> None:
        if self.down:
            raise EngineUnavailable("connection refused")
        self.forgotten.append(conversation_id)
        self._last.pop(conversation_id, None)

    def knows(self, conversation_id: str) -> bool:
        """Whether it still has a record of the conversation."""
        return conversation_id in self._last
