"""Cases: opened once whatever is repeated, seen by their own company only, moved by the policy's rules."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from bot.desk.attachments import Attachments
from bot.desk.cases import CaseClosed, CaseNotFound, Cases, NotEntitled, OpenedCase, TooLateToReopen
from bot.desk.directory import Directory, Person
from bot.policy.authorization import Entitlement
from bot.policy.lifecycle import IllegalTransition
from bot.policy.policy import load_policy
from bot.store import cases as queries
from bot.store.demo_data import DIRECTORY_FILE
from bot.store.engine import Database
from bot.store.models import Case, Comment
from tests.support import sample_files as files
from tests.support.clock import Clock
from tests.support.rows import add_conversation

VALUES = {
    "issue_summary": "Posting a batch of vendor bills stops half-way.",
    "error_message": "BL03000076",
    "replication_steps": None,
    "impact_scope": "single_user",
    "business_impact": "minor",
    "environment": "production",
    "case_reason": "error_or_defect",
    "application_area": "accounts_payable",
}
POLICY = load_policy()
OPEN_STATES = [state for state in POLICY.case_states.states if state != "closed"]


class Desk:
    """The service with the demo directory, and short ways to use it."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.clock = database, Clock()
        self.directory = Directory(database, POLICY)
        self.attachments = Attachments(database, folder, self.clock)
        self.cases = Cases(database, POLICY, self.attachments, self.clock)

    async def person(self, email: str) -> Person:
        found = await self.directory.person_by_email(email)
        assert found is not None
        return found

    async def open(self, email: str = "dana@acme.example", key: str = "turn 1", **changes: Any) -> OpenedCase:
        terms: dict[str, Any] = {"opening_key": key, "conversation_id": None, "language": "en"}
        terms |= {
            name: changes.pop(name)
            for name in ("conversation_id", "language", "searched", "previous")
            if name in changes
        }
        return await self.cases.open(await self.person(email), {**VALUES, **changes}, **terms)

    async def put(self, number: str | None, state: str) -> None:
        """Support takes the case to that state now."""
        async with self.database.session() as session:
            case = await queries.case_by_number(session, str(number))
            assert case is not None
            case.state, case.state_since = state, self.clock()

    async def count(self, table: type[Case] | type[Comment]) -> int:
        async with self.database.session(read_only=True) as session:
            return int((await session.execute(select(func.count()).select_from(table))).scalar_one())


@pytest_asyncio.fixture
async def desk(database: Database, tmp_path: Path) -> Desk:
    made = Desk(database, tmp_path / "attachments")
    await made.directory.import_csv(DIRECTORY_FILE.read_text(encoding="utf-8"))
    return made


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


# Opening


async def test_a_case_is_opened_with_everything_that_was_said(desk: Desk) -> None:
    conversation = await add_conversation(desk.database)
    opened = await desk.open(conversation_id=conversation, language="de", searched=["void-a-check", "bank-rec"])
    assert opened.created
    case = await desk.cases.get(await desk.person("nick@acme.example"), str(opened.case.number))
    card = desk.cases.card(case)
    assert card.items() >= VALUES.items()
    assert (
        card.items()
        >= {
            "state": "open",
            "waiting_on": "support",
            "company": "Acme Manufacturing",
            "opened_by": "dana@acme.example",
            "opened_at": "2026-03-16T14:00:00+00:00",
            "sla_applies": True,
            "closes_at": None,
            "reopen_until": None,
            "searched": ["void-a-check", "bank-rec"],
        }.items()
    )
    assert (case.language, case.conversation_id, card["comments"], card["attachments"]) == ("de", conversation, [], [])
    assert str(card["number"]).isdigit() and len(str(card["number"])) == 6


async def test_the_same_turn_opens_one_case_however_often_it_runs(desk: Desk) -> None:
    first = await desk.open(key="turn 1")
    again = await desk.open(key="turn 1", issue_summary="Something else entirely was said this time.")
    other = await desk.open(key="turn 2")
    assert (first.created, again.created, other.created) == (True, False, True)
    assert again.case.number == first.case.number != other.case.number
    assert again.case.issue_summary == VALUES["issue_summary"]
    assert await desk.count(Case) == 2


async def test_two_workers_that_run_the_same_turn_at_once_open_one_case(
    desk: Desk, database_url: str, tmp_path: Path
) -> None:
    other = Desk(Database(database_url), tmp_path / "attachments")
    try:
        for number in range(5):
            key = f"turn {number}"
            opened = await asyncio.gather(*(d.open(key=key) for d in (desk, other, desk, other)))
            assert sorted(o.created for o in opened) == [False, False, False, True]
            assert len({o.case.number for o in opened}) == 1
    finally:
        await other.database.dispose()
    assert await desk.count(Case) == 5


async def test_only_who_is_entitled_opens_a_case(desk: Desk) -> None:
    refusals = {
        "nick@acme.example": Entitlement.NOT_DESIGNATED,
        "otto@acme.example": Entitlement.INACTIVE,
        "vera@prairie.example": Entitlement.PARTNER_SUPPORTED,
        "omar@iberia.example": Entitlement.INACTIVE,
    }
    for email, entitlement in refusals.items():
        assert desk.cases.entitlement(await desk.person(email)) is entitlement
        with pytest.raises(NotEntitled) as refused:
            await desk.open(email)
        assert refused.value.entitlement is entitlement
    assert await desk.count(Case) == 0
    for email in ("dana@acme.example", "beth@bayou.example", "pat@summit.example", "chris@maple.example"):
        assert desk.cases.entitlement(await desk.person(email)) is Entitlement.ALLOWED
        assert (await desk.open(email, key=email)).created


def test_nobody_whom_the_directory_does_not_know_is_entitled(tmp_path: Path) -> None:
    desk = Desk(Database(f"sqlite:///{tmp_path}/unused.db"), tmp_path)
    assert desk.cases.entitlement(None) is Entitlement.UNKNOWN


async def test_priority_and_promise_follow_impact_and_environment(desk: Desk) -> None:
    """Gold, Chicago: 14:00 UTC is 09:00 there."""
    for environment, scope, impact, priority, due in (
        ("production", "company", "work_stopped", "P1", "2026-03-16T10:00:00-05:00"),
        ("production", "company", "degraded", "P2", "2026-03-16T11:00:00-05:00"),
        ("production", "department", "work_stopped", "P2", "2026-03-16T11:00:00-05:00"),
        ("production", "multiple_users", "work_stopped", "P2", "2026-03-16T11:00:00-05:00"),
        ("production", "single_user", "work_stopped", "P3", "2026-03-16T13:00:00-05:00"),
        ("production", "company", "minor", "P3", "2026-03-16T13:00:00-05:00"),
        ("sandbox", "company", "work_stopped", "P3", None),
        ("demo", "company", "work_stopped", "P3", None),
    ):
        answers = {"environment": environment, "impact_scope": scope, "business_impact": impact}
        case = (await desk.open(key=f"turn {answers}"[:100], **answers)).case
        assert (case.priority, case.sla_applies) == (priority, environment == "production"), answers
        assert case.first_response_due == (at(due) if due else None), answers


async def test_the_first_answer_is_due_in_the_business_hours_of_the_user(desk: Desk) -> None:
    """P3, 06:00-18:00 in each user's own zone; who has no plan is promised nothing."""
    for email, now, due in (
        ("dana@acme.example", "2026-03-13T17:30:00-05:00", "2026-03-16T09:30:00-05:00"),
        ("greta@nordwind.example", "2026-03-16T15:00:00+01:00", "2026-03-17T07:00:00+01:00"),
        ("uma@thames.example", "2026-03-16T14:00:00+00:00", "2026-03-17T10:00:00+00:00"),
        ("kagiso@karoo.example", "2026-03-16T03:00:00+02:00", "2026-03-16T10:00:00+02:00"),
        ("ruby@outback.example", "2026-03-15T22:00:00+11:00", "2026-03-16T10:00:00+11:00"),
        ("pat@summit.example", "2026-03-16T14:00:00+00:00", None),
    ):
        desk.clock.now = at(now).astimezone(UTC)
        case = (await desk.open(email, key=email)).case
        assert case.first_response_due == (at(due) if due else None), email


async def test_files_of_the_conversation_go_into_its_case_once(desk: Desk) -> None:
    conversation = await add_conversation(desk.database)
    stored = await desk.attachments.save(conversation, "screen.png", files.chunks(files.PNG))
    first = await desk.open(key="turn 1", conversation_id=conversation)
    again = await desk.open(key="turn 1", conversation_id=conversation)
    second = await desk.open(key="turn 2", conversation_id=conversation)
    card = {"id": stored.id, "name": "screen.png", "size": len(files.PNG), "media_type": "image/png"}
    assert desk.cases.card(first.case)["attachments"] == desk.cases.card(again.case)["attachments"] == [card]
    assert desk.cases.card(second.case)["attachments"] == []


async def test_a_new_case_refers_to_the_earlier_one_of_the_same_company_only(desk: Desk) -> None:
    mine = (await desk.open(key="turn 1")).case
    theirs = (await desk.open("uma@thames.example", key="turn 2")).case
    assert (await desk.open(key="turn 3", previous=mine.number)).case.previous_case_id == mine.id
    assert (await desk.open(key="turn 4", previous=theirs.number)).case.previous_case_id is None


async def test_a_text_in_any_script_comes_back_as_it_was_said(desk: Desk) -> None:
    text = "Größe ¿qué? 你好 👩‍💻 'quoted'; DROP TABLE cases;--\nsecond line {number} %s"
    case = (await desk.open(issue_summary=text)).case
    assert (await desk.cases.get(await desk.person("dana@acme.example"), str(case.number))).issue_summary == text


# Seeing


async def test_a_case_of_another_company_does_not_exist_for_anybody_else(desk: Desk) -> None:
    number = str((await desk.open()).case.number)
    uma = await desk.person("uma@thames.example")
    for attempt in (
        desk.cases.get(uma, number),
        desk.cases.comment(uma, number, "hello", key="k1"),
        desk.cases.comment(uma, number, "hello", key="k2", kind="escalation"),
        desk.cases.close(uma, number, key="k3", text="done"),
        desk.cases.reopen(uma, number, key="k4", text="again"),
    ):
        with pytest.raises(CaseNotFound):
            await attempt
    assert await desk.cases.of_company(uma) == []
    case = await desk.cases.get(await desk.person("dana@acme.example"), number)
    assert (case.state, case.comments) == ("open", [])


async def test_a_number_that_nobody_has_is_not_found(desk: Desk) -> None:
    await desk.open()
    dana = await desk.person("dana@acme.example")
    for number in ("999999", "", "0", "100001 OR 1=1", "١٠٠٠٠١"):
        with pytest.raises(CaseNotFound):
            await desk.cases.get(dana, number)


async def test_a_company_sees_its_own_cases_newest_first_and_without_closed_ones_on_demand(desk: Desk) -> None:
    dana = await desk.person("dana@acme.example")
    numbers = []
    for key in ("turn 1", "turn 2", "turn 3"):
        numbers.append((await desk.open(key=key)).case.number)
        desk.clock.move(minutes=1)
    await desk.open("uma@thames.example", key="turn 4")
    await desk.cases.close(dana, str(numbers[1]), key="turn 5", text="solved")
    assert [c.number for c in await desk.cases.of_company(dana)] == numbers[::-1]
    open_ones = await desk.cases.of_company(await desk.person("nick@acme.example"), include_closed=False)
    assert [c.number for c in open_ones] == [numbers[2], numbers[0]]


async def test_who_moved_to_another_company_sees_that_ones_cases(desk: Desk) -> None:
    number = str((await desk.open()).case.number)
    uma = await desk.person("uma@thames.example")
    moved = replace(await desk.person("dana@acme.example"), company_id=uma.company_id)
    with pytest.raises(CaseNotFound):
        await desk.cases.get(moved, number)


# Comments


async def test_a_comment_is_added_once_with_its_author(desk: Desk) -> None:
    number = str((await desk.open()).case.number)
    nick = await desk.person("nick@acme.example")
    desk.clock.move(minutes=5)
    for text in ("It happens in the sandbox too.", "said again"):
        case = await desk.cases.comment(nick, number, text, key="turn 2")
    assert desk.cases.card(case)["comments"] == [
        {
            "from": "customer",
            "kind": "comment",
            "text": "It happens in the sandbox too.",
            "created_at": "2026-03-16T14:05:00+00:00",
        }
    ]
    assert case.comments[0].author_email == "nick@acme.example"


@pytest.mark.parametrize("kind", ["comment", "escalation"])
async def test_only_an_answer_to_support_takes_a_waiting_case_back(desk: Desk, kind: str) -> None:
    dana = await desk.person("dana@acme.example")
    number = str((await desk.open()).case.number)
    for state in OPEN_STATES:
        await desk.put(number, state)
        put = desk.clock.now
        desk.clock.move(hours=1)
        case = await desk.cases.comment(dana, number, "Here is the log.", key=f"turn {state}", kind=kind)
        taken_back = kind == "comment" and state in ("pending_customer_action", "verify_resolution")
        assert case.state == ("in_progress" if taken_back else state)
        assert case.state_since == (desk.clock.now if taken_back else put)


async def test_a_repeated_comment_does_not_take_the_case_back_a_second_time(desk: Desk) -> None:
    number = (await desk.open()).case.number
    dana = await desk.person("dana@acme.example")
    await desk.put(number, "pending_customer_action")
    await desk.cases.comment(dana, str(number), "Here is the log.", key="turn 2")
    await desk.put(number, "verify_resolution")
    case = await desk.cases.comment(dana, str(number), "Here is the log.", key="turn 2")
    assert (case.state, len(case.comments)) == ("verify_resolution", 1)


async def test_a_closed_case_takes_no_comment_but_a_repeat_of_one_that_came_before_is_no_error(desk: Desk) -> None:
    number = str((await desk.open()).case.number)
    dana = await desk.person("dana@acme.example")
    await desk.cases.comment(dana, number, "before", key="turn 2")
    await desk.cases.close(dana, number, key="turn 3", text="solved")
    for kind in ("comment", "escalation"):
        with pytest.raises(CaseClosed):
            await desk.cases.comment(dana, number, "after", key="turn 4", kind=kind)
    case = await desk.cases.comment(dana, number, "before", key="turn 2")
    assert [c.text for c in case.comments] == ["before", "solved"]


async def test_one_comment_sent_to_two_workers_at_once_is_written_once(
    desk: Desk, database_url: str, tmp_path: Path
) -> None:
    number = str((await desk.open()).case.number)
    dana = await desk.person("dana@acme.example")
    other = Desk(Database(database_url), tmp_path / "attachments")
    try:
        for turn in range(5):
            results = await asyncio.gather(
                *(d.cases.comment(dana, number, "hello", key=f"turn {turn}") for d in (desk, other, desk, other)),
                return_exceptions=True,
            )
            assert await desk.count(Comment) == turn + 1
            assert not [result for result in results if isinstance(result, BaseException)]
    finally:
        await other.database.dispose()


# Closing and reopening


async def test_closing_says_until_when_it_can_be_reopened(desk: Desk) -> None:
    number = str((await desk.open()).case.number)
    case = await desk.cases.close(await desk.person("dana@acme.example"), number, key="turn 2", text="solved, thanks")
    card = desk.cases.card(case)
    assert (card["state"], card["waiting_on"]) == ("closed", "none")
    assert card["reopen_until"] == "2026-03-19T14:00:00+00:00"
    assert [(c["kind"], c["text"]) for c in card["comments"]] == [("closing", "solved, thanks")]


async def test_closing_twice_is_told_but_a_repeat_of_the_turn_is_not(desk: Desk) -> None:
    number = str((await desk.open()).case.number)
    dana = await desk.person("dana@acme.example")
    await desk.cases.close(dana, number, key="turn 2", text="solved")
    case = await desk.cases.close(dana, number, key="turn 2", text="solved")
    assert (case.state, len(case.comments)) == ("closed", 1)
    with pytest.raises(CaseClosed):
        await desk.cases.close(dana, number, key="turn 3", text="solved")


async def test_a_customer_closes_a_case_in_every_state(desk: Desk) -> None:
    number = str((await desk.open()).case.number)
    dana = await desk.person("dana@acme.example")
    for state in OPEN_STATES:
        await desk.put(number, state)
        assert (await desk.cases.close(dana, number, key=f"turn {state}", text="solved")).state == "closed"


async def test_a_closed_case_is_reopened_until_the_last_moment(desk: Desk) -> None:
    number = str((await desk.open()).case.number)
    dana = await desk.person("dana@acme.example")
    await desk.cases.close(dana, number, key="turn 2", text="solved")
    desk.clock.move(days=3)
    case = await desk.cases.reopen(dana, number, key="turn 3", text="it is back")
    assert (case.state, case.state_since) == ("open", desk.clock.now)
    assert desk.cases.card(case)["reopen_until"] is None
    assert [c.kind for c in case.comments] == ["closing", "reopening"]


async def test_a_second_too_late_a_closed_case_stays_closed(desk: Desk) -> None:
    number = str((await desk.open()).case.number)
    dana = await desk.person("dana@acme.example")
    await desk.cases.close(dana, number, key="turn 2", text="solved")
    desk.clock.move(days=3, seconds=1)
    with pytest.raises(TooLateToReopen):
        await desk.cases.reopen(dana, number, key="turn 3", text="it is back")
    case = await desk.cases.get(dana, number)
    assert (case.state, len(case.comments)) == ("closed", 1)


async def test_a_reopening_that_is_repeated_much_later_is_no_error(desk: Desk) -> None:
    number = str((await desk.open()).case.number)
    dana = await desk.person("dana@acme.example")
    await desk.cases.close(dana, number, key="turn 2", text="solved")
    await desk.cases.reopen(dana, number, key="turn 3", text="it is back")
    await desk.cases.close(dana, number, key="turn 4", text="solved now")
    desk.clock.move(days=30)
    case = await desk.cases.reopen(dana, number, key="turn 3", text="it is back")
    assert (case.state, len(case.comments)) == ("closed", 3)


async def test_what_is_not_closed_cannot_be_reopened(desk: Desk) -> None:
    number = str((await desk.open()).case.number)
    for state in OPEN_STATES:
        await desk.put(number, state)
        with pytest.raises(IllegalTransition):
            await desk.cases.reopen(await desk.person("dana@acme.example"), number, key="turn 2", text="again")
    assert await desk.count(Comment) == 0


async def test_a_case_whose_resolution_is_to_be_verified_says_when_it_closes_by_itself(desk: Desk) -> None:
    number = (await desk.open()).case.number
    desk.clock.move(hours=3)
    await desk.put(number, "verify_resolution")
    card = desk.cases.card(await desk.cases.get(await desk.person("dana@acme.example"), str(number)))
    assert card["closes_at"] == "2026-03-25T17:00:00+00:00"
    assert (card["waiting_on"], card["reopen_until"]) == ("customer", None)
