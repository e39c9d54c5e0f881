"""The HTTP API beside conversations: knowledge and contact for everybody, cases for people of their company."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from bot.desk.cases import Cases
from bot.desk.directory import Directory
from bot.store.engine import Database
from bot.store.models import Search
from tests.support.client import identity_token

CASE = {
    "issue_summary": "Posting a batch of vendor bills stops half-way.",
    "impact_scope": "company",
    "business_impact": "degraded",
    "environment": "production",
    "case_reason": "error_or_defect",
    "application_area": "accounts_payable",
}


async def headers(http: httpx2.AsyncClient, as_: str | None) -> dict[str, str]:
    body = {"identity_token": identity_token(as_)} if as_ else {}
    reply = await http.post("/api/conversations", json=body)
    return {"Authorization": f"Bearer {reply.json()['token']}"}


async def open_case(database: Database, cases: Cases, email: str, key: str) -> str:
    person = await Directory(database).person_by_email(email)
    assert person is not None
    opened = await cases.open(person, CASE, opening_key=key, conversation_id=None, language="en")
    return str(opened.case.number)


async def test_cases_are_shown_to_the_own_company_only(
    http: httpx2.AsyncClient, database: Database, cases: Cases
) -> None:
    number = await open_case(database, cases, "dana@acme.example", "k1")
    other = await open_case(database, cases, "uma@thames.example", "k2")
    nick = await headers(http, "nick@acme.example")
    listed = (await http.get("/api/cases", headers=nick)).json()["cases"]
    assert [case["number"] for case in listed] == [number]
    shown = (await http.get(f"/api/cases/{number}", headers=nick)).json()
    assert shown == listed[0]
    assert shown.items() >= {**CASE, "priority": "P2", "company": "Acme Manufacturing"}.items()
    for unknown in (other, "999999", "nope"):
        reply = await http.get(f"/api/cases/{unknown}", headers=nick)
        assert (reply.status_code, reply.json()["code"]) == (404, "case_not_found")


@pytest.mark.parametrize(
    ("email", "status", "code"),
    [
        (None, 403, "not_verified"),
        ("stranger@nowhere.example", 403, "not_verified"),
        ("otto@acme.example", 403, "user_inactive"),
    ],
)
async def test_who_is_no_active_user_of_a_customer_sees_no_case(
    http: httpx2.AsyncClient, database: Database, cases: Cases, email: str | None, status: int, code: str
) -> None:
    number = await open_case(database, cases, "dana@acme.example", "k1")
    for path in ("/api/cases", f"/api/cases/{number}"):
        reply = await http.get(path, headers=await headers(http, email))
        assert (reply.status_code, reply.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "token_missing"),
        ({"Authorization": "Bearer nope.x"}, "conversation_unknown"),
        ({"Authorization": "x"}, "token_missing"),
    ],
)
async def test_without_a_good_token_there_are_no_cases(
    http: httpx2.AsyncClient, given: dict[str, str], code: str
) -> None:
    reply = await http.get("/api/cases", headers=given)
    assert reply.json()["code"] == code
    assert reply.status_code in (401, 404)


async def test_the_help_center_is_searched_without_a_conversation(http: httpx2.AsyncClient) -> None:
    body = (await http.get("/api/kb/search", params={"q": "void a printed check", "language": "en"})).json()
    assert set(body) == {"results", "answerable", "took_ms"}
    assert body["results"][0]["article"] == "void-a-check"


async def kept(database: Database) -> list[str]:
    async with database.session(read_only=True) as session:
        return list((await session.execute(select(Search.query).order_by(Search.id))).scalars())


async def test_only_a_search_that_is_a_whole_question_is_recorded(http: httpx2.AsyncClient, database: Database) -> None:
    for typed in ("v", "vo", "void a check"):
        await http.get("/api/kb/search", params={"q": typed, "language": "en"})
    assert await kept(database) == []
    question = {"q": " void a check ", "language": "en", "record": True}
    body = (await http.get("/api/kb/search", params=question)).json()
    assert set(body) == {"results", "answerable", "took_ms"}
    assert await kept(database) == ["void a check"]


async def test_an_address_cannot_flood_the_record_but_may_go_on_searching(
    http: httpx2.AsyncClient, database: Database
) -> None:
    question = {"q": "void a check", "language": "en", "record": True}
    replies = [await http.get("/api/kb/search", params=question) for _ in range(4)]
    assert [reply.status_code for reply in replies] == [200, 200, 200, 429]
    assert replies[-1].json()["code"] == "rate_limited" and int(replies[-1].headers["Retry-After"]) > 0
    assert len(await kept(database)) == 3
    assert (await http.get("/api/kb/search", params={**question, "record": False})).status_code == 200


async def test_contact_is_told_for_a_country_and_a_moment(http: httpx2.AsyncClient) -> None:
    card = (await http.get("/api/contact", params={"region": "gb"})).json()
    assert (card["region"], card["phone"], card["open_now"]) == ("GB", "+44 (0)19 1479 5990", True)
    at = {"region": "GB", "at": "2026-03-15T12:00:00Z"}
    assert (await http.get("/api/contact", params=at)).json()["open_now"] is False


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        ("/api/kb/search", {}, "request_invalid"),
        ("/api/kb/search", {"q": ""}, "request_invalid"),
        ("/api/kb/search", {"q": "a", "language": "xx"}, "request_invalid"),
        ("/api/kb/search", {"q": "a", "limit": 21}, "request_invalid"),
        ("/api/kb/search", {"q": "a", "record": True}, "language_missing"),
        ("/api/kb/search", {"q": " ", "record": True, "language": "en"}, "text_empty"),
        ("/api/contact", {}, "request_invalid"),
        ("/api/contact", {"region": "GBR"}, "request_invalid"),
        ("/api/contact", {"region": "GB", "at": "noon"}, "request_invalid"),
        ("/api/contact", {"region": "GB", "at": "2026-03-16T09:00:00"}, "instant_without_zone"),
    ],
)
async def test_wrong_parameters_are_problems(
    http: httpx2.AsyncClient, path: str, params: dict[str, Any], code: str
) -> None:
    reply = await http.get(path, params=params)
    assert (reply.status_code, reply.json()["code"]) == (422, code)
