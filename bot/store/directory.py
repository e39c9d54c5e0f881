"""Queries on companies and their users, and the writing of a whole directory at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from bot.store.models import Company, User


@dataclass(frozen=True)
class CompanyRow:
    """A company as a directory file names it; `country` is an ISO 3166 code."""

    name: str
    country: str
    plan: str | None
    implemented_by: str | None
    is_partner: bool


@dataclass(frozen=True)
class UserRow:
    """A user as a directory file names them: `email` in lower case, `company` by name, `timezone` an IANA name."""

    email: str
    name: str | None
    company: str
    active: bool
    designated: bool
    may_authorise: bool
    timezone: str


async def is_empty(session: AsyncSession) -> bool:
    """Whether no company is known yet."""
    return (await session.execute(select(Company.id).limit(1))).first() is None


async def user_by_email(session: AsyncSession, email: str) -> User | None:
    """The user with that address (lower case), with their company."""
    query = select(User).where(User.email == email).options(joinedload(User.company))
    return (await session.execute(query)).unique().scalar_one_or_none()


async def designated_users(session: AsyncSession, company_id: int) -> list[User]:
    """The company's active designated support users, by address, with their company."""
    query = (
        select(User)
        .where(User.company_id == company_id, User.active, User.designated)
        .order_by(User.email)
        .options(joinedload(User.company))
    )
    return list((await session.execute(query)).unique().scalars())


async def store_directory(
    session: AsyncSession, companies: Sequence[CompanyRow], users: Sequence[UserRow], *, with_names: bool
) -> tuple[int, int]:
    """Adds and changes these; others stay. Returns how many users are new, and how many changed or their company did.

    Each user's company is among `companies`. Without `with_names` the users' names stay as they are.
    """
    changed = await _store_companies(session, companies)
    ids = {company.name: company.id for company in (await session.execute(select(Company))).scalars()}
    known = {user.email: user for user in (await session.execute(select(User))).scalars()}
    created = updated = 0
    for row in users:
        values = {**asdict(row), "company_id": ids[row.company]}
        del values["company"]
        if not with_names:
            del values["name"]
        user = known.get(row.email)
        if user is None:
            session.add(User(**values))
            created += 1
        elif _assign(user, values) or row.company in changed:
            updated += 1
    await session.flush()
    return created, updated


async def _store_companies(session: AsyncSession, companies: Sequence[CompanyRow]) -> set[str]:
    """Stores the companies; returns the names of those that were known and are different now."""
    known = {company.name: company for company in (await session.execute(select(Company))).scalars()}
    changed = set()
    for row in companies:
        company = known.get(row.name)
        if company is None:
            session.add(Company(**asdict(row)))
        elif _assign(company, asdict(row)):
            changed.add(row.name)
    await session.flush()
    return changed


def _assign(row: Company | User, values: dict[str, object]) -> bool:
    """Sets the values on the row; whether any was different."""
    different = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)
