"""Actions called as Rasa calls them, on the real services, with a database of the demo directory."""

from __future__ import annotations

import asyncio
import io
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from rasa_sdk.executor import ActionExecutor

from actions import Services, all_actions
from bot.desk.attachments import Attachments
from bot.desk.cases import Cases
from bot.desk.contact import Contact
from bot.desk.directory import Directory
from bot.desk.identity import Identity
from bot.desk.knowledge import Knowledge
from bot.desk.mail import ConsoleMailer
from bot.desk.privacy import Privacy
from bot.desk.understanding import Understanding
from bot.locales import load_catalogues
from bot.policy.policy import load_policy
from bot.store import cases as queries
from bot.store.conversations import create_conversation
from bot.store.demo_data import DIRECTORY_FILE
from bot.store.engine import Database
from kb_index.builder import build_index
from kb_index.encoder import Encoder
from kb_index.search import KnowledgeIndex
from tests.support.client import identity_token
from tests.support.clock import Clock
from tests.support.stack import IDENTITY_SECRET

POLICY, CATALOGUES = load_policy(), load_catalogues()
ARTICLES = {
    "void-a-check": "Void a printed check in the check register",
    "void-many-checks": "Void several printed checks of a batch",
    "reprint-a-check": "Reprint a check after a printed check was voided",
    "void-a-payment": "Void a payment that was made by a printed check",
    "depreciation": "Run depreciation for fixed assets",
}
CASE = {
    "issue_summary": "Posting a batch of vendor bills stops half-way.",
    "impact_scope": "company",
    "business_impact": "work_stopped",
    "environment": "production",
    "case_reason": "error_or_defect",
    "application_area": "accounts_payable",
}


@pytest.fixture(scope="session")
def small_index(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> KnowledgeIndex:
    folder = tmp_path_factory.mktemp("actions")
    (folder / "en").mkdir()
    for article, title in ARTICLES.items():
        front = f"id: {article}\nlanguage: en\ntitle: {title}\ndescription: {title}.\nupdated: 2026-03-01"
        (folder / "en" / f"{article}.md").write_text(f"---\n{front}\n---\n# {title}\n\n{title}, step by step.\n")
    build_index([folder], folder / "index", encoder)
    return KnowledgeIndex.open(folder / "index", encoder)


@pytest.fixture(scope="session")
def understanding(encoder: Encoder) -> Understanding:
    """Learns its examples once for all tests."""
    return Understanding(encoder, POLICY, CATALOGUES)


@pytest.fixture(scope="session")
def shared_knowledge(small_index: KnowledgeIndex, encoder: Encoder) -> Knowledge:
    return Knowledge(small_index, encoder, Database("sqlite:///unused.db"), Clock())


class Talk:
    """One conversation: what was said, done and remembered, as Rasa's tracker holds it."""

    def __init__(self, desk: Desk, id: str) -> None:
        self.desk, self.id = desk, id
        self.slots: dict[str, Any] = {}
        self.events: list[dict[str, Any]] = []
        self.said: list[dict[str, Any]] = []
        self.language = "en"

    async def hear(
        self,
        action: str,
        text: str = "",
        intent: str = "ask_question",
        *,
        confidence: float = 0.95,
        choice: str | None = None,
        form: str | None = None,
        **metadata: Any,
    ) -> list[str]:
        """A message of the user and the action that answers it; the response keys of what it says."""
        self.message(text, intent, confidence=confidence, choice=choice, **metadata)
        return await self.run(action, form=form)

    def message(
        self, text: str, intent: str, *, confidence: float = 0.95, choice: str | None = None, **metadata: Any
    ) -> None:
        told = {"language": self.language, "language_pinned": False, "timezone": None, **metadata}
        if choice is not None:
            told |= {"choice": choice, "intent": intent}
        ranking = [{"name": intent, "confidence": confidence}]
        self.events += [
            {"event": "action", "name": "action_listen"},
            {
                "event": "user",
                "text": text,
                "message_id": str(uuid4()),
                "metadata": told,
                "parse_data": {"text": text, "intent": ranking[0], "intent_ranking": ranking, "metadata": told},
            },
            {"event": "action", "name": "action_extract_slots"},
        ]

    async def run(self, action: str, *, form: str | None = None) -> list[str]:
        """The action on the message that was heard last, called as Rasa does; again for a repeat of the same turn."""
        if form is not None:
            self.events.append({"event": "action", "name": form})
        user = next(e for e in reversed(self.events) if e["event"] == "user")
        tracker = {
            "sender_id": self.id,
            "slots": dict(self.slots),
            "latest_message": user["parse_data"],
            "latest_event_time": 0.0,
            "events": list(self.events),
            "paused": False,
            "followup_action": None,
            "active_loop": {"name": form} if form else {},
            "latest_action_name": "action_listen",
        }
        call = {"next_action": action, "sender_id": self.id, "tracker": tracker, "domain": {}, "version": "3.6.21"}
        result = await self.desk.executor.run(call)
        assert result is not None
        body = result.model_dump()
        self.changed = {e["name"]: e["value"] for e in body["events"]}
        self.slots |= self.changed
        self.said = body["responses"]
        if form is None:
            self.events.append({"event": "action", "name": action})
        self.events += [
            {"event": "bot", "text": s["text"], "metadata": {"utter_action": s["utter_action"]}} for s in self.said
        ]
        return [s["utter_action"] for s in self.said]

    async def form(self, action: str, text: str = "", intent: str = "ask_question", **more: Any) -> list[str]:
        """A message while a form is active, and its validation."""
        return await self.hear(action, text, intent, form=action.removeprefix("validate_"), **more)

    @property
    def text(self) -> str:
        return "\n".join(s["text"] for s in self.said)

    @property
    def buttons(self) -> list[str]:
        return [b["value"] for s in self.said for b in s["buttons"]]

    def card(self, name: str) -> Any:
        return next(s[name] for s in self.said if name in s)


class Desk:
    """All services, on one database."""

    def __init__(self, database: Database, folder: Path, knowledge: Knowledge, understanding: Understanding) -> None:
        self.database, self.clock, self.post = database, Clock(), io.StringIO()
        self.forgotten: list[str] = []
        self.directory = Directory(database, POLICY)
        self.attachments = Attachments(database, folder, self.clock)
        self.cases = Cases(database, POLICY, self.attachments, self.clock)
        self.identity = Identity(
            database,
            self.directory,
            ConsoleMailer(stream=self.post),
            secret=IDENTITY_SECRET,
            clock=self.clock,
            compose=lambda language, code, minutes: ("Code", f"code {code}"),
        )
        knowledge._database = database
        self.services = Services(
            identity=self.identity,
            directory=self.directory,
            knowledge=knowledge,
            understanding=understanding,
            cases=self.cases,
            contact=Contact(POLICY, CATALOGUES, self.clock),
            attachments=self.attachments,
            privacy=Privacy(database, self.attachments, self.forget),
            policy=POLICY,
            catalogues=CATALOGUES,
            clock=self.clock,
        )
        self.executor = ActionExecutor()
        for action in all_actions(self.services):
            self.executor.register_action(action)

    async def forget(self, conversation: str) -> None:
        self.forgotten.append(conversation)

    async def talk(self, as_: str | None = None, language: str = "en") -> Talk:
        """A conversation, of a user who proved their address or of nobody."""
        async with self.database.session() as session:
            row = await create_conversation(
                session, token_hash="0" * 64, channel="web", language=language, now=self.clock()
            )
        talk = Talk(self, row.id)
        talk.language = language
        if as_ is not None:
            await self.identity.accept_token(row.id, identity_token(as_))
        return talk

    async def open_case(self, email: str, key: str = "turn 1", **values: str) -> str:
        """A case of that user; its number."""
        person = await self.directory.person_by_email(email)
        assert person is not None
        opened = await self.cases.open(person, {**CASE, **values}, opening_key=key, conversation_id=None, language="en")
        return str(opened.case.number)

    async def state(self, number: str) -> str:
        async with self.database.session(read_only=True) as session:
            case = await queries.case_by_number(session, number)
            assert case is not None
            return case.state

    async def put(self, number: str, state: str) -> None:
        async with self.database.session() as session:
            case = await queries.case_by_number(session, number)
            assert case is not None
            case.state, case.state_since = state, self.clock()

    @property
    def last_code(self) -> str:
        return re.findall(r"code (\d{6})", self.post.getvalue())[-1]


@pytest.fixture(scope="session")
def customers(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the demo directory, to copy."""
    file = tmp_path_factory.mktemp("customers") / "template.db"
    shutil.copy(sqlite_template, file)

    async def fill() -> None:
        database = Database(f"sqlite:///{file}")
        await Directory(database, POLICY).import_csv(DIRECTORY_FILE.read_text(encoding="utf-8"))
        await database.dispose()

    asyncio.run(fill())
    return file


@pytest_asyncio.fixture
async def desk(
    customers: Path, tmp_path: Path, shared_knowledge: Knowledge, understanding: Understanding
) -> AsyncIterator[Desk]:
    shutil.copy(customers, tmp_path / "desk.db")
    database = Database(f"sqlite:///{tmp_path}/desk.db")
    made = Desk(database, tmp_path / "attachments", shared_knowledge, understanding)
    yield made
    await made.identity.settle()
    await database.dispose()
