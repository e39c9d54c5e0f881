"""What the gateway asks of the dialogue engine, whichever it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


class EngineUnavailable(Exception):
    """The engine is down, slow or failed; the turn may be sent again with the same message id."""


@dataclass(frozen=True)
class EngineAnswer:
    """Messages as {"response", "text", "buttons", …cards}, and where the dialogue stands after them."""

    messages: list[dict[str, Any]]
    form: str | None
    awaiting: str | None
    intent: str | None
    confidence: float


class Engine(Protocol):
    """Both raise EngineUnavailable. A `repeated` message id, sent before, is never processed twice."""

    async def turn(
        self, conversation_id: str, message_id: str, text: str, metadata: dict[str, Any], *, repeated: bool = False
    ) -> EngineAnswer: ...

    async def forget(self, conversation_id: str) -> None: ...
