"""The turns that are timed: one script, played through the app as a user does, or straight to Rasa."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, Protocol
from uuid import uuid4

import httpx2

from bot.settings import DEFAULT_SECRETS
from tests.benchmarks.figures import milliseconds
from tests.support.client import Desk

GREETING, POLICY, SEARCH, TAP = "greeting by rule", "policy answer by action", "question, searched", "tap"
FORM_TEXT, FORM_TAP = "form turn, text", "form turn, choice tapped"
KINDS = (GREETING, POLICY, SEARCH, TAP, FORM_TEXT, FORM_TAP)

QUESTIONS = ("How do I void a check?", "How do I reverse a journal entry?", "How do I close an accounting period?")
FORM_ANSWERS = (
    "The check run stops at the third vendor and the screen stays white.",
    "BL03000076: The batch could not be posted.",
    "Open Cash Management, choose Pay bills, select three vendors and press Print.",
    "Three checks should have been printed and the bills marked as paid.",
)
SKIPPED = ("issue_time", "affected_users", "worked_before", "troubleshooting_done")
CHOICES = ("company", "work_stopped", "production", "error_or_defect", "cash_management")
MAY_OPEN_CASES = "dana@acme.example"


class Speaker(Protocol):
    """Says or taps and returns the response keys of the answer."""

    def say(self, text: str) -> list[str]: ...

    def tap(self, value: str) -> list[str]: ...


class RasaTalk:
    """A conversation of the app that is continued past the gateway, straight at Rasa's own channel."""

    def __init__(self, rasa: httpx2.Client, conversation: str) -> None:
        self._rasa, self._conversation = rasa, conversation
        self._messages: list[dict[str, Any]] = []

    def say(self, text: str) -> list[str]:
        return self._turn(text, {})

    def tap(self, value: str) -> list[str]:
        button = next(b for m in reversed(self._messages) for b in m["buttons"] if b["value"] == value)
        return self._turn(button["title"], {"intent": button["intent"], "choice": value})

    def _turn(self, text: str, metadata: dict[str, Any]) -> list[str]:
        said = {"language": "en", "language_pinned": False, "timezone": None, **metadata}
        body = {
            "conversation": self._conversation,
            "message_id": str(uuid4()),
            "text": text,
            "repeated": False,
            "metadata": said,
        }
        reply = self._rasa.post("/webhooks/frontdesk/turn", json=body)
        reply.raise_for_status()
        self._messages = reply.json()["messages"]
        return [message["response"] for message in self._messages]


def rasa_client(url: str) -> httpx2.Client:
    secret = {"X-Frontdesk-Secret": DEFAULT_SECRETS["rasa_secret"]}
    return httpx2.Client(base_url=url, headers=secret, timeout=60, trust_env=False)


class Timings:
    """Milliseconds by kind of turn. `watch` is told after each turn of which kind it was."""

    def __init__(self, watch: Callable[[str | None], None] = lambda kind: None) -> None:
        self.by_kind: dict[str, list[float]] = defaultdict(list)
        self._watch = watch

    def turn(self, kind: str | None, expected: str, call: Callable[[str], list[str]], argument: str) -> None:
        """Plays one turn; without a kind it only leads to the next one. A wrong answer is not worth timing."""
        took, responses = milliseconds(call, argument)
        if expected not in responses:
            raise RuntimeError(f"{argument!r} was answered with {responses} instead of {expected}")
        if kind is not None:
            self.by_kind[kind].append(took)
        self._watch(kind)


def ask(talk: Speaker, timings: Timings, number: int) -> None:
    """A visitor greets, asks about support, asks a question, and taps that it is solved."""
    timings.turn(GREETING, "utter_greet", talk.say, "hello there")
    timings.turn(POLICY, "utter_response_times", talk.say, "how fast does support answer?")
    timings.turn(SEARCH, "utter_kb_results", talk.say, QUESTIONS[number % len(QUESTIONS)])
    timings.turn(TAP, "utter_kb_solved", talk.tap, "solved")


def fill_form(talk: Speaker, timings: Timings) -> None:
    """A user goes through the case form up to the attachments; no case is opened."""
    timings.turn(None, "utter_ask_issue_summary", talk.say, "I want to open a case")
    asked_next = ("error_message", "replication_steps", "expected_result", SKIPPED[0])
    for answer, field in zip(FORM_ANSWERS, asked_next, strict=True):
        timings.turn(FORM_TEXT, f"utter_ask_{field}", talk.say, answer)
    for field in (*SKIPPED[1:], "impact_scope"):
        timings.turn(None, f"utter_ask_{field}", talk.tap, "skip")
    asked_then = ("business_impact", "environment", "case_reason", "application_area", "attachments")
    for choice, field in zip(CHOICES, asked_then, strict=True):
        timings.turn(FORM_TAP, f"utter_ask_{field}", talk.tap, choice)


def play(desk: Desk, timings: Timings, asking: int, filling: int, rasa: httpx2.Client | None = None) -> None:
    """So many new conversations of both sorts; with `rasa` past the gateway."""

    def opened(email: str | None) -> Speaker:
        talk = desk.talk(as_=email)
        return RasaTalk(rasa, talk.id) if rasa is not None else talk

    for number in range(asking):
        ask(opened(None), timings, number)
    for _ in range(filling):
        fill_form(opened(MAY_OPEN_CASES), timings)
