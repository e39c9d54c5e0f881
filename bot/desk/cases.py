"""The life of a case: opened once, seen by its own company only, moved by the policy's rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from bot.desk.attachments import Attachments
from bot.desk.directory import Person
from bot.policy import lifecycle
from bot.policy.authorization import Entitlement, may_open_case
from bot.policy.policy import Policy
from bot.policy.priority import first_response_due, priority, sla_applies
from bot.store import cases as queries
from bot.store.engine import Database
from bot.store.models import CASE_CHOICES, CASE_TEXTS, Case


class CaseNotFound(LookupError):
    """There is no such case for this company."""


class NotEntitled(PermissionError):
    """This person may not open a case; `entitlement` says why."""

    def __init__(self, entitlement: Entitlement) -> None:
        super().__init__(entitlement.value)
        self.entitlement = entitlement


class CaseClosed(Exception):
    """The case is closed, and what was asked needs an open one."""


class TooLateToReopen(Exception):
    """The time for reopening is over; a new case is needed."""


@dataclass(frozen=True)
class OpenedCase:
    """`created` is False when the same turn had opened it before."""

    case: Case
    created: bool


class Cases:
    """Services around cases; every read and write is bound to the person's company."""

    def __init__(
        self, database: Database, policy: Policy, attachments: Attachments, clock: Callable[[], datetime]
    ) -> None:
        self._database, self._policy, self._attachments, self._clock = database, policy, attachments, clock

    def entitlement(self, person: Person | None) -> Entitlement:
        return may_open_case(self._policy, person.requester if person else None)

    async def open(
        self,
        person: Person,
        values: Mapping[str, str | None],
        *,
        opening_key: str,
        conversation_id: str | None,
        language: str,
        searched: Sequence[str] = (),
        previous: str | None = None,
    ) -> OpenedCase:
        """Opens a case, or returns the one that the same `opening_key` has opened.

        values: the form's fields (texts may be None when they were skipped). Files of the conversation that belong to
        no case are attached. Raises NotEntitled.
        """
        entitlement = self.entitlement(person)
        if entitlement is not Entitlement.ALLOWED:
            raise NotEntitled(entitlement)
        now = self._clock()
        environment = str(values["environment"])
        level = priority(self._policy, environment, str(values["impact_scope"]), str(values["business_impact"]))
        due = first_response_due(
            self._policy,
            plan=person.plan,
            priority=level,
            environment=environment,
            opened_at=now,
            zone=ZoneInfo(person.timezone),
        )
        try:
            async with self._database.session() as session:
                known = await queries.case_by_opening_key(session, opening_key)
                if known is not None:
                    return OpenedCase(known, created=False)
                before = await queries.case_by_number(session, previous, person.company_id) if previous else None
                case = await queries.add_case(
                    session,
                    opening_key=opening_key,
                    company_id=person.company_id,
                    opened_by_id=person.user_id,
                    conversation_id=conversation_id,
                    previous_case_id=before.id if before else None,
                    language=language,
                    state=self._policy.case_states.initial,
                    priority=level,
                    sla_applies=sla_applies(self._policy, environment),
                    searched=list(searched),
                    opened_at=now,
                    first_response_due=due,
                    state_since=now,
                    **{name: values.get(name) for name in (*CASE_TEXTS, *CASE_CHOICES)},
                )
                if conversation_id is not None:
                    await self._attachments.attach_to_case(conversation_id, case.id, session)
                    await session.refresh(case)
                return OpenedCase(case, created=True)
        except IntegrityError:
            # Two workers ran the same turn at once; the other one was first.
            async with self._database.session() as session:
                known = await queries.case_by_opening_key(session, opening_key)
                if known is None:
                    raise
                return OpenedCase(known, created=False)

    async def get(self, person: Person, number: str) -> Case:
        """A case of the person's own company. Raises CaseNotFound, for another company's case too."""
        async with self._database.session() as session:
            case = await queries.case_by_number(session, number, person.company_id)
        if case is None:
            raise CaseNotFound(number)
        return case

    async def of_company(self, person: Person, *, include_closed: bool = True) -> list[Case]:
        """The cases of the person's company, newest first."""
        states = None if include_closed else [s for s in self._policy.case_states.states if s != self._closed]
        async with self._database.session() as session:
            return await queries.cases_of_company(session, person.company_id, states=states)

    async def comment(
        self,
        person: Person,
        number: str,
        text: str,
        *,
        key: str,
        kind: str = "comment",
        conversation_id: str | None = None,
    ) -> Case:
        """Adds a customer's comment once per `key`, with the conversation's files that belong to no case yet.

        Raises CaseNotFound, CaseClosed.
        """
        try:
            return await self._comment(person, number, text, key, kind, conversation_id)
        except IntegrityError:  # another worker has the same turn and was first; now its comment is found
            return await self._comment(person, number, text, key, kind, conversation_id)

    async def _comment(
        self, person: Person, number: str, text: str, key: str, kind: str, conversation_id: str | None
    ) -> Case:
        async with self._database.session() as session:
            case = await queries.case_by_number(session, number, person.company_id)
            if case is None:
                raise CaseNotFound(number)
            if await queries.comment_by_key(session, key) is None:
                if case.state == self._closed:
                    raise CaseClosed(number)
                await self._add_comment(session, case, person, text, key, kind)
                if conversation_id is not None:
                    await self._attachments.attach_to_case(conversation_id, case.id, session)
                # An answer from the customer takes the case back to support (policy: "Case states").
                if lifecycle.waiting_on(self._policy, case.state) == "customer" and kind == "comment":
                    self._move(case, "in_progress", "customer")
            await session.flush()
            await session.refresh(case)
            return case

    async def close(self, person: Person, number: str, *, key: str, text: str) -> Case:
        """Closes a case at the customer's wish. Raises CaseNotFound, CaseClosed when it is closed already."""
        return await self._customer_moves(person, number, self._closed, key=key, text=text, kind="closing")

    async def reopen(self, person: Person, number: str, *, key: str, text: str) -> Case:
        """Reopens a closed case in time. Raises CaseNotFound, TooLateToReopen, IllegalTransition where it is not."""
        async with self._database.session() as session:
            case = await queries.case_by_number(session, number, person.company_id)
            if case is None:
                raise CaseNotFound(number)
            repeated = await queries.comment_by_key(session, key) is not None
        in_time = case.state != self._closed or lifecycle.may_reopen(self._policy, case.state_since, self._clock())
        if not repeated and not in_time:
            raise TooLateToReopen(number)
        target = self._policy.case_states.reopening.to_state
        return await self._customer_moves(person, number, target, key=key, text=text, kind="reopening")

    async def _customer_moves(
        self, person: Person, number: str, target: str, *, key: str, text: str, kind: str
    ) -> Case:
        async with self._database.session() as session:
            case = await queries.case_by_number(session, number, person.company_id)
            if case is None:
                raise CaseNotFound(number)
            if await queries.comment_by_key(session, key) is None:
                if case.state == target == self._closed:
                    raise CaseClosed(number)
                self._move(case, target, "customer")
                await self._add_comment(session, case, person, text, key, kind)
            await session.flush()
            await session.refresh(case)
            return case

    async def _add_comment(self, session: Any, case: Case, person: Person, text: str, key: str, kind: str) -> None:
        await queries.add_comment(
            session,
            case.id,
            key=key,
            author="customer",
            author_email=person.email,
            kind=kind,
            text=text,
            now=self._clock(),
        )

    def _move(self, case: Case, target: str, actor: str) -> None:
        case.state = lifecycle.transition(self._policy, case.state, target, actor)
        case.state_since = self._clock()

    @property
    def _closed(self) -> str:
        return self._policy.case_states.automatic_closing.to_state

    def card(self, case: Case) -> dict[str, Any]:
        """The case in the contract's shape; instants are ISO 8601 in UTC."""
        states = self._policy.case_states
        closes = (
            lifecycle.closes_at(self._policy, case.state_since)
            if (case.state == states.automatic_closing.from_state)
            else None
        )
        until = lifecycle.reopen_until(self._policy, case.state_since) if case.state == self._closed else None
        return {
            "number": case.number,
            "state": case.state,
            "waiting_on": lifecycle.waiting_on(self._policy, case.state),
            "priority": case.priority,
            **{name: getattr(case, name) for name in (*CASE_CHOICES, *CASE_TEXTS)},
            "company": case.company.name,
            "opened_by": case.opened_by.email,
            "opened_at": case.opened_at.isoformat(),
            "first_response_due": case.first_response_due.isoformat() if case.first_response_due else None,
            "sla_applies": case.sla_applies,
            "closes_at": closes.isoformat() if closes else None,
            "reopen_until": until.isoformat() if until else None,
            "comments": [
                {
                    "from": comment.author,
                    "kind": comment.kind,
                    "text": comment.text,
                    "created_at": comment.created_at.isoformat(),
                }
                for comment in case.comments
            ],
            "attachments": [
                {"id": a.id, "name": a.name, "size": a.size, "media_type": a.media_type} for a in case.attachments
            ],
            "searched": list(case.searched),
        }
