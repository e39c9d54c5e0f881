"""A user of the HTTP API, as short as tests want it."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import httpx2
import jwt

from tests.support.stack import IDENTITY_SECRET


def identity_token(email: str, secret: str = IDENTITY_SECRET, **claims: Any) -> str:
    body = {"aud": "frontdesk", "email": email, "exp": int(time.time()) + 300, "jti": uuid4().hex, **claims}
    return jwt.encode(body, secret, algorithm="HS256")


class Talk:
    """One conversation."""

    def __init__(self, http: httpx2.Client, opened: dict[str, Any]) -> None:
        self.http, self.id, self.opened = http, opened["id"], opened
        self.headers = {"Authorization": f"Bearer {opened['token']}"}
        self.messages: list[dict[str, Any]] = opened["messages"]
        self.state: dict[str, Any] = {}

    def post(self, path: str, body: dict[str, Any]) -> httpx2.Response:
        return self.http.post(f"/api/conversations/{self.id}{path}", json=body, headers=self.headers)

    def send(self, **body: Any) -> httpx2.Response:
        reply = self.post("/messages", body)
        if reply.status_code == 200:
            self.messages, self.state = reply.json()["messages"], reply.json()["state"]
        return reply

    def say(self, text: str, **more: Any) -> list[str]:
        """The response keys of the answer."""
        reply = self.send(text=text, **more)
        assert reply.status_code == 200, reply.text
        return self.responses

    def tap(self, value: str) -> list[str]:
        for message in reversed(self.messages):
            for index, button in enumerate(message["buttons"]):
                if button["value"] == value:
                    reply = self.send(tap={"message_id": message["id"], "button": index})
                    assert reply.status_code == 200, reply.text
                    return self.responses
        raise AssertionError(f"no button {value} in {self.messages}")

    @property
    def responses(self) -> list[str]:
        return [m["response"] for m in self.messages]

    @property
    def text(self) -> str:
        return "\n".join(m["text"] for m in self.messages)

    @property
    def case(self) -> dict[str, Any]:
        return next(m["case"] for m in reversed(self.messages) if m["case"])

    def get(self, path: str, **params: Any) -> httpx2.Response:
        return self.http.get(path, params=params, headers=self.headers)


class Desk:
    """The desk at an address."""

    def __init__(self, base: str) -> None:
        self.http = httpx2.Client(base_url=base, timeout=60, trust_env=False)

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def talk(self, as_: str | None = None, **body: Any) -> Talk:
        if as_ is not None:
            body["identity_token"] = identity_token(as_)
        reply = self.http.post("/api/conversations", json=body)
        assert reply.status_code == 201, reply.text
        return Talk(self.http, reply.json())
