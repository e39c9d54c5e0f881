"""Fills a database for trying the desk out: the demo companies and users, and a case in every state."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from bot.policy.policy import Policy, load_policy
from bot.policy.priority import first_response_due, priority, sla_applies
from bot.store.cases import add_case, add_comment, case_by_opening_key
from bot.store.directory import CompanyRow, UserRow, store_directory, user_by_email
from bot.store.engine import Database
from bot.store.models import CASE_CHOICES, CASE_TEXTS

DIRECTORY_FILE = Path(__file__).with_name("demo_directory.csv")
CASES_FILE = Path(__file__).with_name("demo_cases.yml")
_CASE_VALUES = (*CASE_TEXTS, *CASE_CHOICES, "searched", "state")


@dataclass(frozen=True)
class DemoReport:
    """How many users the demo directory has, and how many demo cases were added now."""

    users: int
    cases_added: int


async def load_demo(database: Database, policy: Policy | None, clock: Callable[[], datetime]) -> DemoReport:
    """Puts the demo directory as its file says, and adds the demo cases that are not there; safe to repeat.

    Times of the cases count back from `clock()`. Without a `policy`, the product's own sets their priorities.
    """
    rules = policy or load_policy()
    companies, users = _directory()
    cases = yaml.safe_load(CASES_FILE.read_text(encoding="utf-8"))
    added = 0
    async with database.session() as session:
        await store_directory(session, companies, users, with_names=False)
        for case in cases:
            added += await _add(session, rules, case, clock())
    return DemoReport(len(users), added)


async def _add(session: AsyncSession, policy: Policy, case: Mapping[str, Any], now: datetime) -> bool:
    key = f"demo-{case['state']}"
    if await case_by_opening_key(session, key) is not None:
        return False
    user = await user_by_email(session, case["opened_by"])
    if user is None:
        raise LookupError(f"{CASES_FILE.name}: {case['opened_by']} is not in {DIRECTORY_FILE.name}")
    opened_at = now - timedelta(hours=case["opened_hours_ago"])
    level = priority(policy, case["environment"], case["impact_scope"], case["business_impact"])
    due = first_response_due(
        policy,
        plan=user.company.plan,
        priority=level,
        environment=case["environment"],
        opened_at=opened_at,
        zone=ZoneInfo(user.timezone),
    )
    stored = await add_case(
        session,
        opening_key=key,
        company_id=user.company_id,
        opened_by_id=user.id,
        conversation_id=None,
        previous_case_id=None,
        language="en",
        priority=level,
        sla_applies=sla_applies(policy, case["environment"]),
        opened_at=opened_at,
        first_response_due=due,
        state_since=now - timedelta(hours=case["state_hours_ago"]),
        **{name: case[name] for name in _CASE_VALUES},
    )
    for comment in case["comments"]:
        await add_comment(
            session,
            stored.id,
            key=None,
            author=comment["from"],
            author_email=comment.get("by"),
            kind="comment",
            text=comment["text"],
            now=now - timedelta(hours=comment["hours_ago"]),
        )
    return True


def _directory() -> tuple[list[CompanyRow], list[UserRow]]:
    """The demo file, which is ours and has no mistakes; files of others are read by desk.directory."""
    with DIRECTORY_FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    companies = {
        row["company"]: CompanyRow(
            row["company"],
            row["country"],
            row["plan"] or None,
            row["implemented_by"] or None,
            row["company_is_partner"] == "yes",
        )
        for row in rows
    }
    users = [
        UserRow(
            row["user"],
            None,
            row["company"],
            row["active"] == "yes",
            row["designated"] == "yes",
            row["may_authorise"] == "yes",
            row["timezone"],
        )
        for row in rows
    ]
    return list(companies.values()), users
