"""A turn that Rasa did not answer properly is never taken for an answer."""

from __future__ import annotations

import socket
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from bot.dialogue.rasa_client import EngineAnswer, EngineUnavailable, RasaClient
from tests.fakes.rasa_server import ANSWER, SECRET, FakeRasa, rasa_server

METADATA = {"language": "de", "language_pinned": False, "timezone": None}


@pytest.fixture
def rasa() -> Iterator[FakeRasa]:
    with rasa_server() as fake:
        yield fake


@pytest_asyncio.fixture
async def client(rasa: FakeRasa) -> AsyncIterator[RasaClient]:
    made = RasaClient(rasa.url, SECRET, timeout_s=5.0)
    yield made
    await made.close()


async def turn(client: RasaClient) -> EngineAnswer:
    return await client.turn("conversation 1", "message 1", "Grüezi", METADATA)


async def test_a_turn_is_sent_whole_and_its_answer_comes_back(client: RasaClient, rasa: FakeRasa) -> None:
    answer = await turn(client)
    assert answer == EngineAnswer(ANSWER["messages"], "case_form", "environment", "greet", 0.97)
    sent = {"conversation": "conversation 1", "message_id": "message 1", "text": "Grüezi", "metadata": METADATA}
    sent["repeated"] = False
    assert rasa.requests == [("POST", "/webhooks/frontdesk/turn", sent)]


async def test_a_turn_without_a_form_is_an_answer_too(client: RasaClient, rasa: FakeRasa) -> None:
    rasa.body = {**ANSWER, "form": None, "awaiting": None, "intent": None, "confidence": 0.0}
    answer = await turn(client)
    assert (answer.form, answer.awaiting, answer.intent, answer.confidence) == (None, None, None, 0.0)


async def test_silence_is_a_failure_because_an_action_raised_or_no_rule_fits(
    client: RasaClient, rasa: FakeRasa
) -> None:
    rasa.body = {**ANSWER, "messages": []}
    with pytest.raises(EngineUnavailable, match="without a message"):
        await turn(client)


@pytest.mark.parametrize("status", [401, 404, 500, 502, 503])
async def test_every_other_status_is_a_failure_that_names_it(client: RasaClient, rasa: FakeRasa, status: int) -> None:
    rasa.status, rasa.body = status, {"error": "the turn left no trace"}
    with pytest.raises(EngineUnavailable, match=rf"{status}.*left no trace"):
        await turn(client)


@pytest.mark.parametrize(
    "body",
    ["", "<html>Bad gateway</html>", '{"messages": [', "null", "[]", '"ok"', "{}", {"messages": ANSWER["messages"]}],
)
async def test_a_broken_answer_is_a_failure(client: RasaClient, rasa: FakeRasa, body: Any) -> None:
    rasa.body = body
    with pytest.raises(EngineUnavailable):
        await turn(client)


async def test_a_slow_answer_is_given_up_in_time(rasa: FakeRasa) -> None:
    rasa.delay_s = 5.0
    client = RasaClient(rasa.url, SECRET, timeout_s=0.2)
    started = time.monotonic()
    with pytest.raises(EngineUnavailable, match="Timeout"):
        await turn(client)
    assert time.monotonic() - started < 2
    await client.close()


async def test_nobody_listening_is_a_failure() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        client = RasaClient(f"http://127.0.0.1:{probe.getsockname()[1]}", SECRET, timeout_s=2.0)
        for call in (turn(client), client.forget("conversation 1")):
            with pytest.raises(EngineUnavailable):
                await call
        assert not await client.ready()
        await client.close()


async def test_the_client_works_again_once_rasa_does(client: RasaClient, rasa: FakeRasa) -> None:
    rasa.status = 503
    with pytest.raises(EngineUnavailable):
        await turn(client)
    rasa.status = 200
    assert (await turn(client)).messages == ANSWER["messages"]


async def test_a_wrong_secret_gets_nothing(rasa: FakeRasa) -> None:
    client = RasaClient(rasa.url, "another secret", timeout_s=2.0)
    with pytest.raises(EngineUnavailable, match="401"):
        await turn(client)
    with pytest.raises(EngineUnavailable, match="401"):
        await client.forget("conversation 1")
    await client.close()


async def test_a_conversation_is_forgotten_by_its_id(client: RasaClient, rasa: FakeRasa) -> None:
    await client.forget("conversation-1")
    assert rasa.requests == [("DELETE", "/webhooks/frontdesk/conversations/conversation-1", None)]
    rasa.status = 500
    with pytest.raises(EngineUnavailable, match="500"):
        await client.forget("conversation-1")


async def test_rasa_is_ready_when_it_says_so(client: RasaClient, rasa: FakeRasa) -> None:
    assert await client.ready()
    rasa.status = 503
    assert not await client.ready()


async def test_a_proxy_of_the_environment_never_sees_a_turn(rasa: FakeRasa, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    client = RasaClient(rasa.url, SECRET, timeout_s=2.0)
    assert (await turn(client)).messages == ANSWER["messages"]
    await client.close()
