"""Rasa's action protocol, spoken by the app: guarded, and clear about what went wrong."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

from bot.dialogue.action_server import action_router

SECRET = "a-secret-of-the-tests"


class Greet(Action):
    def name(self) -> str:
        return "action_greet"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        dispatcher.utter_message(text=f"Hello {tracker.sender_id}", utter_action="utter_greet")
        return [SlotSet("language", "de")]


class Refuse(Action):
    def name(self) -> str:
        return "action_refuse"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        raise ActionExecutionRejection("action_refuse", "nothing was extracted")


class Break(Action):
    def name(self) -> str:
        return "action_break"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        raise RuntimeError("the database is away")


async def call(action: str | None, secret: str | None = SECRET) -> httpx2.Response:
    app = FastAPI()
    app.include_router(action_router([Greet(), Refuse(), Break()], SECRET))
    tracker = {"sender_id": "c1", "slots": {}, "latest_message": {}, "events": [], "paused": False}
    body = {"next_action": action, "sender_id": "c1", "tracker": tracker, "domain": {}, "version": "3.6.21"}
    headers = [] if secret is None else [(b"X-Frontdesk-Secret", secret.encode())]
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://app") as client:
        return await client.post("/rasa/actions", json=body, headers=headers)


async def test_an_action_gives_its_events_and_what_it_said() -> None:
    reply = await call("action_greet")
    assert reply.status_code == 200
    assert [(e["event"], e["name"], e["value"]) for e in reply.json()["events"]] == [("slot", "language", "de")]
    (said,) = reply.json()["responses"]
    assert (said["text"], said["utter_action"]) == ("Hello c1", "utter_greet")


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "wröng"])
async def test_without_the_secret_nothing_is_run(secret: str | None) -> None:
    reply = await call("action_greet", secret)
    assert reply.status_code == 401
    assert "X-Frontdesk-Secret" in reply.json()["error"]


async def test_a_rejection_is_told_as_rasa_expects_it() -> None:
    reply = await call("action_refuse")
    assert reply.status_code == 400
    assert reply.json() == {"error": "nothing was extracted", "action_name": "action_refuse"}


async def test_an_action_that_does_not_exist_is_not_found() -> None:
    reply = await call("action_of_another_version")
    assert reply.status_code == 404
    assert reply.json()["action_name"] == "action_of_another_version"


async def test_an_action_that_breaks_is_a_failure_and_not_silence() -> None:
    assert (await call("action_break")).status_code == 500


async def test_the_webhook_is_not_advertised() -> None:
    app = FastAPI()
    app.include_router(action_router([], SECRET))
    assert "/rasa/actions" not in app.openapi()["paths"]
