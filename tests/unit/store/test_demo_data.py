"""The demo data is what acceptance scripts rely on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

import kb_index
from bot.desk.directory import Directory
from bot.policy import lifecycle
from bot.policy.policy import Policy, load_policy
from bot.policy.priority import priority
from bot.store.cases import all_cases, case_by_opening_key
from bot.store.demo_data import DIRECTORY_FILE, load_demo
from bot.store.engine import Database
from bot.store.models import Case, Comment, User
from tests.support.clock import Clock

ARTICLES = Path(kb_index.__file__).parent / "articles" / "en"


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy()


async def demo_cases(database: Database) -> list[Case]:
    async with database.session(read_only=True) as session:
        return await all_cases(session, state=None, company=None)


async def test_acme_has_a_case_in_every_state_with_the_number_its_id_gives(database: Database, policy: Policy) -> None:
    await load_demo(database, policy, Clock())
    cases = await demo_cases(database)
    assert sorted(case.state for case in cases) == sorted(policy.case_states.states)
    assert {case.company.name for case in cases} == {"Acme Manufacturing"}
    assert all(case.number == str(100_000 + case.id) for case in cases)


async def test_priorities_targets_and_choices_are_those_of_the_policy(database: Database, policy: Policy) -> None:
    await load_demo(database, policy, Clock())
    for case in await demo_cases(database):
        assert case.priority == priority(policy, case.environment, case.impact_scope, case.business_impact)
        assert case.sla_applies == (case.environment == "production")
        assert (case.first_response_due is not None) == case.sla_applies
        assert case.case_reason in policy.cases.case_reasons
        assert case.application_area in policy.cases.application_areas
        assert all((ARTICLES / f"{article}.md").exists() for article in case.searched)


async def test_times_are_of_the_last_weeks_in_order_and_within_the_limits(database: Database, policy: Policy) -> None:
    clock = Clock()
    await load_demo(database, policy, clock)
    cases = {case.state: case for case in await demo_cases(database)}
    assert len({case.opened_at for case in cases.values()}) == 7
    for case in cases.values():
        assert clock.now - timedelta(weeks=4) < case.opened_at <= case.state_since <= clock.now
        written = [case.opened_at, *(comment.created_at for comment in case.comments), clock.now]
        assert written == sorted(written)
    assert lifecycle.closes_at(policy, cases["verify_resolution"].state_since) > clock.now
    assert lifecycle.may_reopen(policy, cases["closed"].state_since, clock.now)


async def test_loading_again_adds_nothing_and_puts_the_directory_right(database: Database, policy: Policy) -> None:
    clock = Clock()
    first = await load_demo(database, policy, clock)
    async with database.session() as session:
        nick = (await session.execute(select(User).where(User.email == "nick@acme.example"))).scalar_one()
        nick.designated = True
    clock.move(days=3)
    second = await load_demo(database, None, clock)
    assert (first.users, first.cases_added) == (14, 7)
    assert (second.users, second.cases_added) == (14, 0)
    async with database.session(read_only=True) as session:
        assert (await session.execute(select(func.count()).select_from(User))).scalar_one() == 14
        assert (await session.execute(select(func.count()).select_from(Comment))).scalar_one() == 11
        nick = (await session.execute(select(User).where(User.email == "nick@acme.example"))).scalar_one()
        assert not nick.designated
        assert (await case_by_opening_key(session, "demo-open")) is not None


async def test_the_demo_directory_is_a_file_that_the_desk_would_import_unchanged(database: Database) -> None:
    await load_demo(database, None, Clock())
    report = await Directory(database).import_csv(DIRECTORY_FILE.read_text(encoding="utf-8"))
    assert (report.companies, report.users, report.created, report.updated) == (11, 14, 0, 0)
