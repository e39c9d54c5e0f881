"""Every wrong input gets a clear problem and changes nothing."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.support.client import Desk, identity_token
from tests.support.stack import Stack


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"language": "xx"}, 422, "language_unknown"),
        ({"timezone": "Mars/Olympus"}, 422, "timezone_unknown"),
        ({"timezone": "../etc/passwd"}, 422, "timezone_unknown"),
        ({"language": 7}, 422, "request_invalid"),
        ({"colour": "red"}, 422, "request_invalid"),
        ({"identity_token": "not.a.token"}, 401, "token_malformed"),
        (
            {"identity_token": identity_token("dana@acme.example", "wrong-secret-wrong-secret-wrong-secret")},
            401,
            "token_signature",
        ),
        ({"identity_token": identity_token("dana@acme.example", aud="other")}, 401, "token_audience"),
        ({"identity_token": identity_token("dana@acme.example", exp=1)}, 401, "token_expired"),
        ({"identity_token": identity_token("dana@acme.example", exp=4102444800)}, 401, "token_too_long_lived"),
    ],
)
def test_a_conversation_is_not_started_on_wrong_terms(desk: Desk, body: dict[str, Any], status: int, code: str) -> None:
    reply = desk.http.post("/api/conversations", json=body)
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert reply.headers["content-type"] == "application/problem+json"


def test_an_identity_token_is_good_for_one_conversation(desk: Desk) -> None:
    token = identity_token("dana@acme.example")
    assert desk.http.post("/api/conversations", json={"identity_token": token}).status_code == 201
    again = desk.http.post("/api/conversations", json={"identity_token": token})
    assert (again.status_code, again.json()["code"]) == (401, "token_replayed")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": "x" * 4001}, 413, "text_too_long"),
        ({"text": "   "}, 422, "text_empty"),
        ({"text": "///"}, 422, "text_empty"),
        ({"text": 5}, 422, "request_invalid"),
        ({}, 422, "request_invalid"),
        ({"text": "a", "form": {}}, 422, "request_invalid"),
        ({"tap": {"message_id": "nope", "button": 0}}, 404, "button_unknown"),
        ({"tap": {"message_id": "nope", "button": "0; drop"}}, 422, "request_invalid"),
    ],
)
def test_a_message_that_cannot_be_taken_leaves_nothing_behind(
    desk: Desk, body: dict[str, Any], status: int, code: str
) -> None:
    talk = desk.talk()
    reply = talk.send(**body)
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert len(talk.get(f"/api/conversations/{talk.id}/messages").json()["messages"]) == 1


def test_a_button_that_does_not_exist_on_a_real_message_is_unknown(desk: Desk) -> None:
    talk = desk.talk()
    for index in (-1, 99):
        reply = talk.send(tap={"message_id": talk.messages[0]["id"], "button": index})
        assert (reply.status_code, reply.json()["code"]) == (404, "button_unknown")


def test_a_foreign_conversation_cannot_be_used(desk: Desk) -> None:
    mine, other = desk.talk(), desk.talk()
    mine.headers = other.headers
    assert mine.send(text="hello").json()["code"] == "conversation_token"
    mine.headers = {}
    assert mine.send(text="hello").json()["code"] == "token_missing"
    mine.id, mine.headers = str(uuid4()), other.headers
    assert mine.send(text="hello").json()["code"] == "conversation_unknown"


@pytest.mark.parametrize(
    "text", ["🙈🙉🙊", "مرحبا، كيف أفتح تذكرة؟", "a\x00b\x07c", "x" * 4000, "{language} {number}", "}{"]
)
def test_strange_text_gets_an_answer(desk: Desk, text: str) -> None:
    talk = desk.talk()
    reply = talk.send(text=text)
    assert reply.status_code == 200, reply.text
    assert talk.messages[0]["text"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/contact?region=XX1", 422),
        ("/api/contact?region=GB&at=2026-03-16T09:00:00", 422),
        ("/api/contact?region=GB&at=yesterday", 422),
        ("/api/kb/search?q=", 422),
        ("/api/kb/search?q=a&limit=0", 422),
        ("/api/cases", 401),
        ("/articles/en/no-such-article", 404),
        ("/articles/en/..%2f..%2fpyproject", 404),
        ("/nowhere", 404),
    ],
)
def test_a_wrong_address_or_parameter_is_a_problem(desk: Desk, path: str, status: int) -> None:
    reply = desk.http.get(path)
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"


def test_actions_are_closed_without_the_secret(desk: Desk, stack: Stack) -> None:
    assert desk.http.post("/rasa/actions", json={}).status_code == 401
    rasa = stack.environment["FRONTDESK_RASA_URL"]
    assert desk.http.post(f"{rasa}/webhooks/frontdesk/turn", json={}).status_code == 401
