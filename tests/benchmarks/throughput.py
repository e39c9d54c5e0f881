"""How many turns the whole stack does in a second when several people talk at once, and how long they wait."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx2

from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.script import QUESTIONS
from tests.support.stack import Stack

SECONDS = 15
AIM_TURNS, AIM_P95_MS = 60.0, 250.0
SAID = ("hello there", "how fast does support answer?", QUESTIONS[0], None, "thank you")
"""What a visitor does in turn, over and over; None: taps that the question is solved."""
ROUNDS = 2
"""Then the next visitor comes: real conversations do not grow for ever."""


def throughput(stack: Stack) -> list[Figure]:
    """Turns per second and p95 in ms with 8 and with 16 conversations at once; the visitors need some CPU, too."""
    figures = []
    for talking in (8, 16):
        took = asyncio.run(_talk(stack.base, talking))
        rate, p95 = len(took) / SECONDS, percentile(took, 95)
        figures += [
            Figure(f"{talking} conversations: turns", rate, "/s", "aim: at least 60 /s", AIM_TURNS),
            Figure(f"{talking} conversations: p95", p95, "ms", "aim: below 250 ms", AIM_P95_MS),
        ]
    return figures


async def _talk(base: str, talking: int) -> list[float]:
    limits = httpx2.Limits(max_connections=talking, max_keepalive_connections=talking)
    async with httpx2.AsyncClient(base_url=base, timeout=60, trust_env=False, limits=limits) as http:
        end = time.perf_counter() + SECONDS
        each = await asyncio.gather(*(_visitors(http, end) for _ in range(talking)))
    return [took for some in each for took in some]


async def _visitors(http: httpx2.AsyncClient, end: float) -> list[float]:
    """Visitors one after the other until the end; milliseconds of each turn that was finished by then."""
    took: list[float] = []
    while time.perf_counter() < end:
        opened = (await http.post("/api/conversations", json={})).raise_for_status().json()
        path, headers = f"/api/conversations/{opened['id']}/messages", {"Authorization": f"Bearer {opened['token']}"}
        messages: list[dict[str, Any]] = []
        for said in SAID * ROUNDS:
            body = {"text": said} if said is not None else {"tap": _button(messages, "solved")}
            started = time.perf_counter()
            reply = (await http.post(path, json=body, headers=headers)).raise_for_status()
            finished = time.perf_counter()
            if finished > end:
                break
            took.append((finished - started) * 1000)
            messages = reply.json()["messages"]
    return took


def _button(messages: list[dict[str, Any]], value: str) -> dict[str, Any]:
    for message in messages:
        for index, button in enumerate(message["buttons"]):
            if button["value"] == value:
                return {"message_id": message["id"], "button": index}
    raise RuntimeError(f"no button {value} in {messages}")
