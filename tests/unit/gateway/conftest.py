"""A gateway with everything real but the dialogue engine."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable, Mapping

import pytest
import pytest_asyncio

from bot.desk.directory import Directory
from bot.desk.identity import Identity
from bot.desk.mail import ConsoleMailer
from bot.gateway.language import LanguageSettler
from bot.gateway.rate_limit import RateLimiter
from bot.gateway.turn import Gateway
from bot.locales import Catalogue, load_catalogues
from bot.policy.policy import load_policy
from bot.store.demo_data import DIRECTORY_FILE
from bot.store.engine import Database
from tests.fakes.engine import FakeEngine
from tests.support.clock import Clock
from tests.support.stack import IDENTITY_SECRET

MakeGateway = Callable[..., Gateway]
POLICY = load_policy()
both_databases = pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])


@pytest.fixture(scope="session")
def catalogues() -> Mapping[str, Catalogue]:
    return load_catalogues()


@pytest.fixture(scope="session")
def languages(catalogues: Mapping[str, Catalogue]) -> LanguageSettler:
    return LanguageSettler(catalogues)


@pytest.fixture
def database_kind() -> str:
    """One is enough for most of what a gateway does; tests of races and repeats ask for both."""
    return "sqlite"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest_asyncio.fixture
async def identity(database: Database, catalogues: Mapping[str, Catalogue], clock: Clock) -> AsyncIterator[Identity]:
    directory = Directory(database, POLICY)
    await directory.import_csv(DIRECTORY_FILE.read_text(encoding="utf-8"))
    made = Identity(
        database,
        directory,
        ConsoleMailer(stream=io.StringIO()),
        secret=IDENTITY_SECRET,
        clock=clock,
        compose=lambda language, code, minutes: ("code", code),
    )
    yield made
    await made.settle()


@pytest.fixture
def make_gateway(
    database: Database,
    engine: FakeEngine,
    identity: Identity,
    languages: LanguageSettler,
    catalogues: Mapping[str, Catalogue],
    clock: Clock,
) -> MakeGateway:
    """Makes a gateway; each is what a worker process would have of its own, on the same database and engine."""

    def make(per_minute: int = 1000) -> Gateway:
        limiter = RateLimiter("messages", per_minute)
        return Gateway(database, engine, identity, languages, catalogues, limiter, clock)

    return make


@pytest.fixture
def gateway(make_gateway: MakeGateway) -> Gateway:
    return make_gateway()
