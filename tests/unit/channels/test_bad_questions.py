"""The search of the HTTP API under questions as they should not be."""

from __future__ import annotations

import time

import httpx2
import pytest

from tests.support.bad_questions import BOUND_S, NOTHING_ASKED, OF_OTHER_SCRIPTS, UNWIELDY, VOID_A_CHECK

SEARCH = "/api/kb/search"


@pytest.mark.parametrize("query", NOTHING_ASKED.values(), ids=NOTHING_ASKED)
async def test_what_asks_nothing_finds_nothing(http: httpx2.AsyncClient, query: str) -> None:
    reply = await http.get(SEARCH, params={"q": query, "language": "en"})
    assert reply.status_code == 200
    assert (reply.json()["results"], reply.json()["answerable"]) == ([], False)


@pytest.mark.parametrize("query", [*OF_OTHER_SCRIPTS.values(), *UNWIELDY.values()])
async def test_every_question_gets_an_answer_soon(http: httpx2.AsyncClient, query: str) -> None:
    started = time.perf_counter()
    reply = await http.get(SEARCH, params={"q": query})
    assert reply.status_code == 200
    assert {"results", "answerable", "took_ms"} <= reply.json().keys()
    assert time.perf_counter() - started < BOUND_S


@pytest.mark.parametrize("query", VOID_A_CHECK.values(), ids=VOID_A_CHECK)
async def test_a_question_in_bad_dress_finds_its_article(http: httpx2.AsyncClient, query: str) -> None:
    reply = await http.get(SEARCH, params={"q": query, "language": "en"})
    assert reply.json()["results"][0]["article"] == "void-a-check"


@pytest.mark.parametrize("query", ["q=", "q=" + "x" * 4001, "", "q=a&language=it", "q=a&limit=0", "q=a&limit=many"])
async def test_what_is_no_question_is_refused_with_a_clear_problem(http: httpx2.AsyncClient, query: str) -> None:
    reply = await http.get(f"{SEARCH}?{query}")
    assert (reply.status_code, reply.json()["code"]) == (422, "request_invalid")
    assert reply.headers["content-type"] == "application/problem+json"


async def test_bytes_that_are_no_text_find_nothing(http: httpx2.AsyncClient) -> None:
    reply = await http.get(f"{SEARCH}?q=%ff%fe%00&language=en")
    assert (reply.status_code, reply.json()["results"]) == (200, [])
