"""The composition root: settings → services → FastAPI. The only module, beside the command line, that wires things."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse, PlainTextResponse

from actions import Services, all_actions
from bot.channels import problems
from bot.channels.desk_api import desk_router
from bot.channels.help_pages import help_router
from bot.channels.staff_api import gaps_routes, staff_router
from bot.channels.web import conversation_router
from bot.desk.attachments import Attachments
from bot.desk.cases import Cases
from bot.desk.contact import Contact
from bot.desk.directory import Directory
from bot.desk.gaps import Gaps
from bot.desk.identity import Identity
from bot.desk.knowledge import Knowledge
from bot.desk.mail import mailer_from_url
from bot.desk.privacy import Privacy
from bot.desk.understanding import Understanding
from bot.dialogue.action_server import action_router
from bot.dialogue.rasa_client import RasaClient
from bot.gateway.language import LanguageSettler
from bot.gateway.rate_limit import RateLimiter
from bot.gateway.turn import Gateway
from bot.locales import load_catalogues
from bot.policy.policy import load_policy
from bot.settings import Settings
from bot.store.engine import Database
from kb_index.encoder import Encoder
from kb_index.search import KnowledgeIndex
from kb_index.watch import IndexWatch


def create_app(settings: Settings | None = None) -> FastAPI:
    """The app with all its services. Raises where something it needs is missing, and says what to run."""
    settings = settings or Settings()
    policy, catalogues = load_policy(settings.policy), load_catalogues()
    encoder = Encoder.load(settings.encoder_dir)
    index = KnowledgeIndex.open(settings.index, encoder)
    watch = IndexWatch(index)
    database = Database(settings.database_url)
    engine = RasaClient(settings.rasa_url, settings.rasa_secret, settings.rasa_timeout_s)

    def code_mail(language: str, code: str, minutes: int) -> tuple[str, str]:
        phrase = catalogues[language].phrase
        return phrase("mail_code_subject"), phrase("mail_code_text", code=code, minutes=minutes)

    clock = settings.now
    directory = Directory(database, policy)
    identity = Identity(
        database,
        directory,
        mailer_from_url(settings.mail_url, settings.mail_from),
        secret=settings.identity_secret,
        clock=clock,
        compose=code_mail,
    )
    understanding = Understanding(encoder, policy, catalogues)
    knowledge = Knowledge(index, encoder, database, clock)
    gaps = Gaps(database, index, encoder, catalogues, clock)
    contact = Contact(policy, catalogues, clock)
    attachments = Attachments(database, settings.attachments, clock)
    cases = Cases(database, policy, attachments, clock)
    privacy = Privacy(database, attachments, engine.forget)
    messages = RateLimiter("messages", settings.messages_per_minute, settings.redis_url)
    conversations = RateLimiter("conversations", settings.conversations_per_minute, settings.redis_url)
    searches = RateLimiter("searches", settings.conversations_per_minute, settings.redis_url)
    gateway = Gateway(
        database,
        engine,
        identity,
        LanguageSettler(catalogues),
        catalogues,
        messages,
        clock,
    )
    services = Services(
        identity=identity,
        directory=directory,
        knowledge=knowledge,
        understanding=understanding,
        cases=cases,
        contact=contact,
        attachments=attachments,
        privacy=privacy,
        policy=policy,
        catalogues=catalogues,
        clock=clock,
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await database.check()
        announcement = asyncio.create_task(_announce(engine, settings))
        learning = asyncio.create_task(_learn(engine, understanding))
        with watch:
            yield
        announcement.cancel()
        learning.cancel()
        await identity.settle()
        await engine.close()
        await messages.close()
        await conversations.close()
        await searches.close()
        await database.dispose()

    app = FastAPI(
        title="Frontdesk",
        summary="A support desk you talk to.",
        version="0.1.0",
        lifespan=lifespan,
    )
    problems.install(app)
    app.include_router(
        conversation_router(
            gateway,
            attachments,
            privacy,
            conversations,
        )
    )
    app.include_router(desk_router(gateway, identity, knowledge, contact, cases, searches))
    app.include_router(staff_router(settings.staff_token, gaps_routes(gaps)))
    app.include_router(help_router(knowledge))
    app.include_router(action_router(all_actions(services), settings.action_secret))
    _add_health(app, database, engine, watch)
    return app


async def _announce(engine: RasaClient, settings: Settings) -> None:
    """Says on the terminal when the desk can be talked to; Rasa takes some seconds longer than the app."""
    while not await engine.ready():
        await asyncio.sleep(0.5)
    print(f"Frontdesk is ready: http://{settings.host}:{settings.port} (talk: .venv/bin/frontdesk chat)", flush=True)


async def _learn(engine: RasaClient, understanding: Understanding) -> None:
    """Before the first case needs it, but after what the desk cannot be talked to without."""
    while not await engine.ready():
        await asyncio.sleep(0.5)
    await asyncio.to_thread(understanding.prepare)


def _add_health(app: FastAPI, database: Database, engine: RasaClient, watch: IndexWatch) -> None:
    @app.get("/healthz", tags=["health"], summary="The process is up")
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok")

    @app.get("/readyz", tags=["health"], summary="Everything the desk needs answers; says what does not")
    async def readyz() -> JSONResponse:
        checks: dict[str, Any] = {"database": "ok", "index": "ok", "rasa": "ok"}
        try:
            await database.check()
        except Exception as error:  # whatever the driver raises, the database is not ready
            checks["database"] = f"{type(error).__name__}: {error}"
        if not await engine.ready():
            checks["rasa"] = "not reachable, or its model is not loaded yet"
        ready = all(value == "ok" for value in checks.values())
        # The former version goes on serving, so a new one that cannot be used is no reason to send nobody here.
        note = {"index_problem": watch.problem} if watch.problem else {}
        return JSONResponse({"ready": ready, **checks, **note}, 200 if ready else 503)
