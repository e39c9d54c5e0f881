"""The HTTP API in this process: everything real but the dialogue engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from bot.channels import problems
from bot.channels.desk_api import desk_router
from bot.channels.help_pages import help_router
from bot.channels.staff_api import gaps_routes, staff_router
from bot.channels.web import conversation_router
from bot.desk.attachments import Attachments
from bot.desk.cases import Cases
from bot.desk.contact import Contact
from bot.desk.gaps import Gaps
from bot.desk.identity import Identity
from bot.desk.knowledge import Knowledge
from bot.desk.privacy import Privacy
from bot.gateway.rate_limit import RateLimiter
from bot.gateway.turn import Gateway
from bot.locales import Catalogue
from bot.store.engine import Database
from kb_index.builder import build_index
from kb_index.encoder import Encoder
from kb_index.search import KnowledgeIndex
from tests.fakes.engine import FakeEngine
from tests.support.clock import Clock
from tests.unit.gateway.conftest import (  # fixtures
    POLICY,
    catalogues,
    clock,
    engine,
    gateway,
    identity,
    languages,
    make_gateway,
)

__all__ = ["catalogues", "clock", "engine", "gateway", "identity", "languages", "make_gateway"]

STAFF_TOKEN = "staff-token-of-the-tests"
ARTICLE = """---
id: void-a-check
language: en
title: Void a <printed> check
description: Cancel a check that was printed.
updated: 2026-03-01
---
# Void a <printed> check

Open the *register* and choose **Void**. See [another article](bank-rec.md#steps), [a site](https://help.example/a),
[a trap](javascript:alert(1)) and <script>alert(1)</script><img src=x onerror=alert(1)>.

## Steps

| a | b |
|---|--:|
| 1 | 2 |

## Steps

Again.
"""


@pytest.fixture
def database_kind() -> str:
    """The services are tested on both kinds; what channels add does not touch the database."""
    return "sqlite"


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> KnowledgeIndex:
    folder = tmp_path_factory.mktemp("channels")
    (folder / "en").mkdir()
    (folder / "en" / "void-a-check.md").write_text(ARTICLE)
    build_index([folder], folder / "index", encoder)
    return KnowledgeIndex.open(folder / "index", encoder)


@pytest.fixture
def cases(database: Database, tmp_path: Path, clock: Clock) -> Cases:
    return Cases(database, POLICY, Attachments(database, tmp_path / "files", clock), clock)


@pytest.fixture
def app(
    database: Database,
    tmp_path: Path,
    clock: Clock,
    index: KnowledgeIndex,
    encoder: Encoder,
    gateway: Gateway,
    identity: Identity,
    engine: FakeEngine,
    cases: Cases,
    catalogues: Mapping[str, Catalogue],
) -> FastAPI:
    knowledge = Knowledge(index, encoder, database, clock)
    attachments = Attachments(database, tmp_path / "files", clock, max_bytes=1000)
    privacy = Privacy(database, attachments, engine.forget)
    made = FastAPI()
    problems.install(made)
    made.include_router(conversation_router(gateway, attachments, privacy, RateLimiter("conversations", 20)))
    contact, recorded = Contact(POLICY, catalogues, clock), RateLimiter("searches", 3)
    made.include_router(desk_router(gateway, identity, knowledge, contact, cases, recorded))
    gaps = Gaps(database, index, encoder, catalogues, clock)
    made.include_router(staff_router(STAFF_TOKEN, gaps_routes(gaps)))
    made.include_router(help_router(knowledge))

    @made.get("/broken")
    async def broken() -> None:
        raise RuntimeError("the password is swordfish")

    return made


@pytest_asyncio.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://desk") as client:
        yield client
