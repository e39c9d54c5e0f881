"""What goes into a turn and what comes out, for every channel alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Tap:
    """A button of an earlier message: looked up in what was really offered, never a payload from the client."""

    message_id: str
    button: int


@dataclass(frozen=True)
class InboundMessage:
    """One message of a user; exactly one of text, tap and form is given."""

    client_message_id: str | None
    text: str | None = None
    tap: Tap | None = None
    form: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class OutboundMessage:
    """One message of a conversation, in the shape of the contract's `Message`."""

    id: str
    author: str  # bot, user or staff
    text: str
    created_at: datetime
    response: str | None = None
    content: dict[str, Any] = field(default_factory=dict)

    @property
    def buttons(self) -> list[dict[str, str]]:
        return [{"title": b["title"], "value": b["value"]} for b in self.content.get("buttons", [])]

    def public(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "from": self.author,
            "response": self.response,
            "text": self.text,
            "buttons": self.buttons,
            "articles": self.content.get("articles", []),
            "case": self.content.get("case"),
            "cases": self.content.get("cases", []),
            "contact": self.content.get("contact"),
            "form": self.content.get("form"),
            "created_at": self.created_at.isoformat(),
        }


@dataclass(frozen=True)
class State:
    """Where the dialogue stands after a turn."""

    language: str
    verified: bool
    form: str | None = None
    awaiting: str | None = None
    intent: str | None = None
    confidence: float = 0.0

    def public(self) -> dict[str, Any]:
        return dict(self.__dict__)


@dataclass(frozen=True)
class TurnResult:
    messages: list[OutboundMessage]
    state: State


class TurnRefused(Exception):
    """The message was not taken; nothing was changed. `code` is stable, `status` is the HTTP status that fits."""

    def __init__(self, code: str, detail: str, status: int, *, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.code, self.detail, self.status, self.retry_after_s = code, detail, status, retry_after_s
