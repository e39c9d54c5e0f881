"""From a customer's question to the author's list: what the running desk shows, remembers and reports."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from bot.settings import DEFAULT_SECRETS
from tests.support.client import Desk, Talk
from tests.support.stack import ROOT, Stack

STAFF = {"Authorization": f"Bearer {DEFAULT_SECRETS['staff_token']}"}
# Nobody else in these tests asks about it, and no article is about it.
UNKNOWN = "How do we pay vendors in bitcoin or another cryptocurrency?"


def gaps(desk: Desk) -> dict[str, Any]:
    reply = desk.http.get("/api/staff/gaps", params={"language": "en", "limit": 100}, headers=STAFF)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def about(desk: Desk, words: str) -> list[dict[str, Any]]:
    return [gap for gap in gaps(desk)["gaps"] if any(words in example for example in gap["examples"])]


def shown(talk: Talk) -> set[str]:
    return {article["id"] for message in talk.messages for article in message["articles"]}


def test_an_article_that_did_not_help_is_not_shown_again_until_nothing_is_left_but_a_case(desk: Desk) -> None:
    talk = desk.talk(as_="uma@thames.example")
    talk.say("The bank reconciliation does not balance")
    seen = shown(talk)
    for _ in range(20):
        assert "utter_kb_not_helpful" in talk.say("that didn't help")
        talk.say("bank reconciliation is off and does not balance")
        if "utter_kb_no_more" in talk.responses:
            break
        assert shown(talk) and not shown(talk) & seen
        seen |= shown(talk)
    assert talk.responses == ["utter_kb_no_more"]
    assert "utter_case_form_started" in talk.tap("open_case")


def test_what_nothing_answers_is_told_to_the_staff_over_http_and_in_the_shell(desk: Desk, stack: Stack) -> None:
    for text in (UNKNOWN, "pay vendors with bitcoin"):
        desk.http.get("/api/kb/search", params={"q": text, "language": "en", "record": True})
    talk = desk.talk(language="en")
    talk.say(UNKNOWN)
    if "utter_kb_results" in talk.responses:
        talk.say("that didn't help")
    (gap,) = about(desk, "bitcoin")
    assert gap["count"] == 3 and gap["conversations"] == 1
    command = [ROOT / ".venv/bin/frontdesk", "kb", "gaps", "--language", "en", "--limit", "1000", "--json"]
    told = subprocess.run(command, env={**os.environ, **stack.environment}, cwd=ROOT, capture_output=True, check=True)
    assert [found for found in json.loads(told.stdout)["gaps"] if found["examples"] == gap["examples"]] == [gap]


def test_an_erased_conversation_leaves_no_gap(desk: Desk) -> None:
    talk = desk.talk(language="en")
    talk.say("export the audit trail to Splunk")
    if "utter_kb_results" in talk.responses:
        talk.say("that didn't help")
    assert about(desk, "Splunk"), talk.responses
    desk.http.delete(f"/api/conversations/{talk.id}", headers=talk.headers)
    assert not about(desk, "Splunk")
