"""The HTTP API of conversations: the contract's shapes, its problems, and nobody else's conversation."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from tests.fakes.engine import FakeEngine, answer, message
from tests.support import sample_files as files
from tests.support.client import identity_token

MESSAGE = {"id", "from", "response", "text", "buttons", "articles", "case", "cases", "contact", "form", "created_at"}


async def start(http: httpx2.AsyncClient, **body: Any) -> tuple[dict[str, Any], dict[str, str]]:
    reply = await http.post("/api/conversations", json=body)
    assert reply.status_code == 201, reply.text
    return reply.json(), {"Authorization": f"Bearer {reply.json()['token']}"}


def problem(reply: httpx2.Response) -> tuple[int, str]:
    assert reply.headers["content-type"] == "application/problem+json"
    body = reply.json()
    assert body["status"] == reply.status_code and body["detail"] and body["title"]
    return reply.status_code, body["code"]


async def test_a_conversation_starts_with_a_greeting(http: httpx2.AsyncClient) -> None:
    opened, _ = await start(http, language="de-CH", timezone="Europe/Zurich", page_url="https://help.example/")
    assert set(opened) == {"id", "token", "language", "verified", "messages"}
    assert (opened["language"], opened["verified"]) == ("de", False)
    (greeting,) = opened["messages"]
    assert set(greeting) == MESSAGE
    assert (greeting["from"], greeting["response"]) == ("bot", "utter_greet")
    assert all(set(button) == {"title", "value"} for button in greeting["buttons"])


async def test_a_token_of_the_page_says_who_is_speaking_once(http: httpx2.AsyncClient) -> None:
    token = identity_token("dana@acme.example")
    opened, _ = await start(http, identity_token=token)
    assert opened["verified"] is True
    again = await http.post("/api/conversations", json={"identity_token": token})
    assert problem(again) == (401, "token_replayed")


async def test_a_message_a_tap_and_a_form_are_answered_with_messages_and_state(
    http: httpx2.AsyncClient, engine: FakeEngine
) -> None:
    opened, headers = await start(http)
    url = f"/api/conversations/{opened['id']}/messages"
    tap = {"message_id": opened["messages"][0]["id"], "button": 0}
    for body in ({"text": "hello"}, {"tap": tap}, {"form": {"environment": "sandbox"}}):
        reply = await http.post(url, json={"client_message_id": str(body)[:100], **body}, headers=headers)
        assert reply.status_code == 200, reply.text
        assert set(reply.json()) == {"messages", "state"}
        assert set(reply.json()["messages"][0]) == MESSAGE
        assert set(reply.json()["state"]) == {"language", "verified", "form", "awaiting", "intent", "confidence"}
    assert len(engine.calls) == 3


async def test_the_same_message_id_gets_the_same_answer(http: httpx2.AsyncClient, engine: FakeEngine) -> None:
    opened, headers = await start(http)
    url = f"/api/conversations/{opened['id']}/messages"
    body = {"client_message_id": "m1", "text": "hello"}
    first, again = [(await http.post(url, json=body, headers=headers)).json() for _ in range(2)]
    assert first == again
    assert len(engine.calls) == 1


async def test_a_widget_that_reloads_gets_its_history_and_state_back(
    http: httpx2.AsyncClient, engine: FakeEngine
) -> None:
    engine.reply = lambda call: answer([message("Where?", "utter_ask_environment")], "case_form", "environment")
    opened, headers = await start(http)
    url = f"/api/conversations/{opened['id']}/messages"
    assert (await http.get(url, headers=headers)).json()["state"] is None
    said = (await http.post(url, json={"text": "open a case"}, headers=headers)).json()
    history = (await http.get(url, headers=headers)).json()
    assert [m["from"] for m in history["messages"]] == ["bot", "user", "bot"]
    assert history["messages"][-1] == said["messages"][-1]
    assert history["state"] == said["state"]
    later = await http.get(url, params={"after": history["messages"][1]["id"]}, headers=headers)
    assert later.json()["messages"] == said["messages"]
    assert problem(await http.get(url, params={"after": "nope"}, headers=headers)) == (404, "message_unknown")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (422, "request_invalid")),
        ({"text": "a", "tap": {"message_id": "b", "button": 0}}, (422, "request_invalid")),
        ({"text": "a", "colour": "red"}, (422, "request_invalid")),
        ({"text": "a", "client_message_id": ""}, (422, "request_invalid")),
        ({"text": "a", "client_message_id": "x" * 101}, (422, "request_invalid")),
        ({"tap": {"message_id": "b", "button": "first"}}, (422, "request_invalid")),
        ({"tap": {"message_id": "b", "button": 0}}, (404, "button_unknown")),
        ({"text": " "}, (422, "text_empty")),
        ({"text": "x" * 4001}, (413, "text_too_long")),
        ({"form": {"environment": "moon"}}, (422, "form_invalid")),
    ],
)
async def test_what_cannot_be_taken_is_a_problem_with_a_code(
    http: httpx2.AsyncClient, engine: FakeEngine, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    opened, headers = await start(http)
    reply = await http.post(f"/api/conversations/{opened['id']}/messages", json=body, headers=headers)
    assert problem(reply) == expected
    assert engine.calls == []


async def test_without_its_token_a_conversation_is_closed(http: httpx2.AsyncClient, engine: FakeEngine) -> None:
    mine, headers = await start(http)
    _, others = await start(http)
    path = f"/api/conversations/{mine['id']}"
    upload = {"file": ("a.png", files.PNG)}
    for given, expected in (({}, (401, "token_missing")), (others, (401, "conversation_token"))):
        for reply in (
            await http.post(f"{path}/messages", json={"text": "hello"}, headers=given),
            await http.get(f"{path}/messages", headers=given),
            await http.post(f"{path}/attachments", files=upload, headers=given),
            await http.delete(path, headers=given),
        ):
            assert problem(reply) == expected
    assert problem(await http.get("/api/conversations/nope/messages", headers=headers)) == (404, "conversation_unknown")
    assert engine.calls == [] and engine.forgotten == []


async def test_an_engine_that_is_away_is_said_with_the_time_to_come_back(
    http: httpx2.AsyncClient, engine: FakeEngine
) -> None:
    opened, headers = await start(http, language="fr")
    engine.down = True
    url = f"/api/conversations/{opened['id']}/messages"
    reply = await http.post(url, json={"client_message_id": "m1", "text": "bonjour"}, headers=headers)
    assert problem(reply) == (503, "engine_unavailable")
    assert reply.headers["retry-after"] == "5"
    engine.down = False
    reply = await http.post(url, json={"client_message_id": "m1", "text": "bonjour"}, headers=headers)
    assert reply.json()["messages"][0]["text"] == "echo: bonjour"


async def test_one_address_starts_only_so_many_conversations_a_minute(http: httpx2.AsyncClient) -> None:
    replies = [await http.post("/api/conversations", json={}) for _ in range(21)]
    assert [r.status_code for r in replies] == [201] * 20 + [429]
    assert problem(replies[-1]) == (429, "rate_limited")
    assert 1 <= int(replies[-1].headers["retry-after"]) <= 60


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("big.txt", b"x" * 1001, (413, "attachment_too_large")),
        ("program.exe", files.PROGRAM, (415, "attachment_type_not_allowed")),
        ("empty.txt", b"", (422, "attachment_empty")),
    ],
)
async def test_a_file_that_cannot_be_taken_is_a_problem(
    http: httpx2.AsyncClient, name: str, content: bytes, expected: tuple[int, str]
) -> None:
    opened, headers = await start(http)
    url = f"/api/conversations/{opened['id']}/attachments"
    assert problem(await http.post(url, files={"file": (name, content)}, headers=headers)) == expected
    assert problem(await http.post(url, headers=headers)) == (422, "request_invalid")


async def test_a_file_is_attached(http: httpx2.AsyncClient) -> None:
    opened, headers = await start(http)
    url = f"/api/conversations/{opened['id']}/attachments"
    reply = await http.post(url, files={"file": ("../../screen.png", files.PNG)}, headers=headers)
    assert reply.status_code == 201
    body = reply.json()
    assert (body["name"], body["size"], body["media_type"]) == ("screen.png", len(files.PNG), "image/png")


async def test_an_erased_conversation_is_gone(http: httpx2.AsyncClient, engine: FakeEngine) -> None:
    opened, headers = await start(http)
    path = f"/api/conversations/{opened['id']}"
    assert (await http.delete(path, headers=headers)).status_code == 204
    assert engine.forgotten == [opened["id"]]
    assert problem(await http.get(f"{path}/messages", headers=headers)) == (404, "conversation_unknown")


async def test_erasing_while_the_engine_is_away_erases_nothing_and_says_so(
    http: httpx2.AsyncClient, engine: FakeEngine
) -> None:
    opened, headers = await start(http)
    path = f"/api/conversations/{opened['id']}"
    engine.down = True
    assert problem(await http.delete(path, headers=headers)) == (503, "engine_unavailable")
    assert (await http.get(f"{path}/messages", headers=headers)).status_code == 200


async def test_an_unexpected_failure_says_nothing_of_our_insides(http: httpx2.AsyncClient) -> None:
    reply = await http.get("/broken")
    assert problem(reply) == (500, "internal_error")
    assert "swordfish" not in reply.text


async def test_addresses_and_methods_that_do_not_exist_are_problems(http: httpx2.AsyncClient) -> None:
    assert problem(await http.get("/nowhere")) == (404, "not_found")
    assert problem(await http.put("/api/conversations")) == (405, "method_not_allowed")
    broken = await http.post("/api/conversations", content=b"{", headers={"content-type": "application/json"})
    assert problem(broken) == (422, "request_invalid")
