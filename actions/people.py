"""Flows that need to know who is speaking."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from actions.turn import Turn
from bot.desk.directory import Person

Flow = Callable[[Turn, Person], Awaitable[dict[str, Any]]]


async def with_person(turn: Turn, flow: Flow) -> dict[str, Any]:
    """Runs a flow for somebody who is known; others are asked who they are first, and the flow comes after that.

    Returns the slots that change; `next_step` tells the rules which form comes next.
    """
    visitor = await turn.visitor()
    if visitor.email is None:
        pending = {
            "intent": turn.said.intent,
            "text": turn.text,
            "choice": turn.choice,
            "answers": turn.answers,
        }
        return {"next_step": "verify_form", "pending_intent": pending, **cleared("email", "code", "verification")}
    if visitor.person is None:
        turn.utter("utter_denied_unknown")
        return {"next_step": "none"}
    if not visitor.person.active:
        turn.utter("utter_denied_inactive", company=visitor.person.company)
        return {"next_step": "none"}
    return {"next_step": "none", **await flow(turn, visitor.person)}


def cleared(*slots: str) -> dict[str, None]:
    """Slots to be emptied."""
    return dict.fromkeys(slots)
