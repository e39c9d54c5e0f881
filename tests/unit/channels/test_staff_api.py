"""The staff's side of the HTTP API opens with the staff token and with nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from fastapi import APIRouter, FastAPI

from bot.channels import problems
from bot.channels.staff_api import staff_router
from bot.store.engine import Database
from tests.support.clock import Clock
from tests.support.rows import add_unanswered
from tests.unit.channels.conftest import STAFF_TOKEN

STAFF = {"Authorization": f"Bearer {STAFF_TOKEN}"}


async def ask(database: Database, clock: Clock, query: str, language: str = "en", days_ago: int = 1) -> None:
    await add_unanswered(database, query, language, clock() - timedelta(days=days_ago))


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "token_missing"),
        ({"Authorization": "Basic c3RhZmY6c3RhZmY="}, "token_missing"),
        ({"Authorization": f"Bearer {STAFF_TOKEN[:-1]}"}, "staff_token"),
        ({"Authorization": f"Bearer {STAFF_TOKEN}x"}, "staff_token"),
        ({"Authorization": "Bearer ü".encode()}, "staff_token"),
    ],
)
async def test_without_the_staff_token_nothing_is_told(
    http: httpx2.AsyncClient, headers: dict[str, Any], code: str
) -> None:
    reply = await http.get("/api/staff/gaps", headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (401, code)
    assert reply.headers["content-type"] == "application/problem+json"
    assert STAFF_TOKEN not in reply.text


async def test_the_token_of_a_conversation_is_no_staff_token(http: httpx2.AsyncClient) -> None:
    token = (await http.post("/api/conversations", json={})).json()["token"]
    reply = await http.get("/api/staff/gaps", headers={"Authorization": f"Bearer {token}"})
    assert (reply.status_code, reply.json()["code"]) == (401, "staff_token")


async def test_gaps_are_told_grouped_and_masked(http: httpx2.AsyncClient, database: Database, clock: Clock) -> None:
    await ask(database, clock, "pay vendors in bitcoin")
    await ask(database, clock, "pay vendors in bitcoin, mail dana@acme.example")
    await ask(database, clock, "export the audit trail to Splunk", days_ago=20)
    await ask(database, clock, "pagar con bitcoin", "es")
    body = (await http.get("/api/staff/gaps", headers=STAFF)).json()
    assert (body["searches"], body["unanswered"], body["gaps_found"], body["language"]) == (4, 4, 3, None)
    first = body["gaps"][0]
    assert (first["language"], first["count"], first["conversations"], first["share"]) == ("en", 2, 2, 0.5)
    assert (first["unanswerable"], first["rejected"], first["case_opened"]) == (2, 0, 0)
    assert sorted(first["examples"]) == ["pay vendors in bitcoin", "pay vendors in bitcoin, mail [e-mail]"]
    assert first["last_asked"] == (clock() - timedelta(days=1)).isoformat()
    assert set(first["nearest"]) == {"article", "title", "language", "url", "probability"}
    assert "dana" not in str(body)


async def test_gaps_of_one_language_of_some_days_and_only_some(
    http: httpx2.AsyncClient, database: Database, clock: Clock
) -> None:
    await ask(database, clock, "pay vendors in bitcoin")
    await ask(database, clock, "export the audit trail to Splunk", days_ago=20)
    await ask(database, clock, "pagar con bitcoin", "es")

    async def examples(**params: str) -> list[str]:
        body = (await http.get("/api/staff/gaps", params=params, headers=STAFF)).json()
        return [gap["examples"][0] for gap in body["gaps"]]

    assert await examples(language="es") == ["pagar con bitcoin"]
    assert await examples(since="7d", language="en") == ["pay vendors in bitcoin"]
    assert await examples(since=(clock() - timedelta(days=2)).date().isoformat(), language="en") == [
        "pay vendors in bitcoin"
    ]
    assert len(await examples(limit="1")) == 1


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"since": "last week"}, "since_invalid"),
        ({"since": "2999-01-01"}, "since_invalid"),
        ({"language": "it"}, "request_invalid"),
        ({"limit": "0"}, "request_invalid"),
        ({"limit": "101"}, "request_invalid"),
        ({"since": "9" * 41}, "request_invalid"),
    ],
)
async def test_wrong_parameters_are_problems(http: httpx2.AsyncClient, params: dict[str, str], code: str) -> None:
    reply = await http.get("/api/staff/gaps", params=params, headers=STAFF)
    assert (reply.status_code, reply.json()["code"]) == (422, code)


async def test_routes_that_join_the_door_later_are_behind_it_too() -> None:
    topic = APIRouter()

    @topic.get("/secrets")
    async def secrets() -> str:
        return "swordfish"

    app = FastAPI()
    problems.install(app)
    app.include_router(staff_router(STAFF_TOKEN, topic))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://desk") as client:
        assert (await client.get("/api/staff/secrets")).status_code == 401
        assert (await client.get("/api/staff/secrets", headers=STAFF)).json() == "swordfish"
