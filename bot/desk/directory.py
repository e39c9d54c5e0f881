"""Who the customers are: finds people by address and imports companies and users from a file."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.directory_file import DirectoryError, normal_email, read_directory
from bot.policy.authorization import Requester
from bot.policy.policy import Policy, load_policy
from bot.store import directory as queries
from bot.store.engine import Database
from bot.store.models import User

__all__ = ["Directory", "DirectoryError", "ImportReport", "Person"]


@dataclass(frozen=True)
class Person:
    """A user as the directory knows them, with what counts of their company."""

    user_id: int
    email: str
    name: str
    company_id: int
    company: str
    country: str
    plan: str | None
    company_is_partner: bool
    implemented_by: str | None
    active: bool
    designated: bool
    may_authorise: bool
    timezone: str

    @property
    def requester(self) -> Requester:
        """The person as the policy's rules see them."""
        return Requester(
            active=self.active,
            designated=self.designated,
            may_authorise=self.may_authorise,
            country=self.country,
            company_is_partner=self.company_is_partner,
            implemented_by=self.implemented_by,
        )


@dataclass(frozen=True)
class ImportReport:
    """What a file held (companies, users), and how many of its users were new or changed, companies included."""

    companies: int
    users: int
    created: int
    updated: int


class Directory:
    """Companies and users. Every question is answered from the database as it is now."""

    def __init__(self, database: Database, policy: Policy | None = None) -> None:
        """`policy` names the plans that an import may use; without one they are those of the product's own policy."""
        self._database = database
        self._policy = policy

    async def person_by_email(self, email: str, session: AsyncSession | None = None) -> Person | None:
        """The person with that address, in any case and with spaces around it; None when there is none.

        With a `session`, reads there.
        """
        if session is None:
            async with self._database.session(read_only=True) as own:
                return await self.person_by_email(email, own)
        user = await queries.user_by_email(session, normal_email(email))
        return _person(user) if user else None

    async def designated_users(self, company_id: int) -> list[Person]:
        """The company's active designated support users, by address."""
        async with self._database.session(read_only=True) as session:
            return [_person(user) for user in await queries.designated_users(session, company_id)]

    async def import_csv(self, text: str) -> ImportReport:
        """Adds and changes companies and users as the file says; those that it does not name stay as they are.

        All or nothing: raises DirectoryError, with every line that is wrong, before anything is changed.
        """
        if self._policy is None:
            self._policy = load_policy()
        content = read_directory(text, self._policy)
        async with self._database.session() as session:
            created, updated = await queries.store_directory(
                session, content.companies, content.users, with_names=content.has_names
            )
        return ImportReport(len(content.companies), len(content.users), created, updated)


def _person(user: User) -> Person:
    company = user.company
    return Person(
        user_id=user.id,
        email=user.email,
        name=user.name or user.email,
        company_id=company.id,
        company=company.name,
        country=company.country,
        plan=company.plan,
        company_is_partner=company.is_partner,
        implemented_by=company.implemented_by,
        active=user.active,
        designated=user.designated,
        may_authorise=user.may_authorise,
        timezone=user.timezone,
    )
