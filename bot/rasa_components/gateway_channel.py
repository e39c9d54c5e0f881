"""The only door into the Rasa process: one POST per turn from the app's gateway, guarded by a shared secret.

Rasa's REST channel answers 200 with an empty list when a handler raised, and says nothing about the dialogue's state.
This channel fails loudly, tells the state, and answers a repeated message id without running the turn again.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.core.constants import REQUESTED_SLOT
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, empty, json

from bot.rasa_components import action_results
from bot.rasa_components.tracker_store import desk_store

logger = logging.getLogger(__name__)
FALLBACK_INTENT = "nlu_fallback"


class GatewayChannel(InputChannel):
    """`POST /webhooks/frontdesk/turn` → messages and state.

    The body is {"conversation", "message_id", "text", "metadata", "repeated"}; `repeated` says that the message was
    sent before and may have been processed then.
    """

    @classmethod
    def name(cls) -> str:
        return "frontdesk"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> GatewayChannel:
        secret = (credentials or {}).get("secret")
        if not secret or secret.startswith("${"):
            raise RasaException("The gateway channel needs a secret: set FRONTDESK_RASA_SECRET (see credentials.yml).")
        return cls(secret)

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        action_results.install()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        door = Blueprint("frontdesk_gateway", "frontdesk_gateway")

        @door.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            ready = request.app.ctx.agent is not None and request.app.ctx.agent.is_ready()
            return json({"ready": ready}, status=200 if ready else 503)

        @door.route("/turn", methods=["POST"])
        async def turn(request: Request) -> HTTPResponse:
            if not self._admits(request):
                return json({"error": "wrong or missing x-frontdesk-secret"}, status=401)
            body = request.json
            agent = request.app.ctx.agent
            if agent is None or not agent.is_ready():
                return json({"error": "the model is not loaded yet"}, status=503)
            conversation, message_id = body["conversation"], body["message_id"]
            tracker = None
            if body["repeated"]:
                # The first one may still be under way: it holds the conversation's lock until it has saved.
                async with agent.lock_store.lock(conversation):
                    known = await agent.tracker_store.retrieve(conversation)
                tracker = known if known is not None and _last_message_id(known) == message_id else None
            if tracker is None:
                message = UserMessage(
                    body["text"],
                    CollectingOutputChannel(),
                    conversation,
                    input_channel=self.name(),
                    message_id=message_id,
                    metadata=body["metadata"],
                )
                await on_new_message(message)
                tracker = desk_store(agent.tracker_store).take_saved(conversation)
            if tracker is None:
                return json({"error": "the turn left no trace"}, status=500)
            return json({"messages": _bot_messages(tracker), **_state(tracker)})

        @door.route("/conversations/<conversation>", methods=["DELETE"])
        async def forget(request: Request, conversation: str) -> HTTPResponse:
            if not self._admits(request):
                return json({"error": "wrong or missing x-frontdesk-secret"}, status=401)
            desk_store(request.app.ctx.agent.tracker_store).forget(conversation)
            return empty(status=204)

        return door

    def _admits(self, request: Request) -> bool:
        given = request.headers.get("x-frontdesk-secret", "").encode()
        return hmac.compare_digest(given, self._secret)


def _last_message_id(tracker: DialogueStateTracker) -> str | None:
    return tracker.latest_message.message_id if tracker.latest_message else None


def _bot_messages(tracker: DialogueStateTracker) -> list[dict[str, Any]]:
    """What the bot said since the user's last message, oldest first."""
    said: list[BotUttered] = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, BotUttered):
            said.append(event)
    return [_message(event) for event in reversed(said)]


def _message(event: BotUttered) -> dict[str, Any]:
    parts = ("articles", "case", "contact", "form")
    return {
        "response": event.metadata.get("utter_action"),
        "text": event.text or "",
        "buttons": event.data.get("buttons") or [],
        **{part: event.metadata[part] for part in parts if part in event.metadata},
    }


def _state(tracker: DialogueStateTracker) -> dict[str, Any]:
    ranking = tracker.latest_message.parse_data.get("intent_ranking") or [tracker.latest_message.intent]
    best = next((i for i in ranking if i.get("name") != FALLBACK_INTENT), ranking[0])
    return {
        "intent": best.get("name"),
        "confidence": round(float(best.get("confidence") or 0.0), 4),
        "form": tracker.active_loop_name,
        "awaiting": tracker.get_slot(REQUESTED_SLOT) if tracker.active_loop_name else None,
    }
