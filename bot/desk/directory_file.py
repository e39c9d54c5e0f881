"""Reads a directory file (CSV) and finds everything that is wrong with it before anything is imported."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from zoneinfo import available_timezones

from bot.policy.policy import Policy
from bot.store.directory import CompanyRow, UserRow

COLUMNS = (
    "company",
    "country",
    "plan",
    "implemented_by",
    "company_is_partner",
    "user",
    "active",
    "designated",
    "may_authorise",
    "timezone",
)
OPTIONAL_COLUMNS = ("name",)
_BOOLEANS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\.]+(\.[^\s@<>,;:\"()\[\]\\.]+)+")


class DirectoryError(ValueError):
    """The file was not imported; `problems` has (line number, reason) for everything that is wrong with it."""

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        super().__init__("\n".join(f"line {line}: {reason}" for line, reason in problems))
        self.problems = problems


@dataclass(frozen=True)
class DirectoryFile:
    """A file without mistakes; companies and users in its order, each once. `has_names`: it has the column `name`."""

    companies: list[CompanyRow]
    users: list[UserRow]
    has_names: bool


def normal_email(email: str) -> str:
    """The form in which addresses are stored and compared."""
    return email.strip().lower()


def is_email(email: str) -> bool:
    return len(email) <= 254 and email.isprintable() and _EMAIL.fullmatch(email) is not None


def read_directory(text: str, policy: Policy) -> DirectoryFile:
    """Reads the whole file; columns as in COLUMNS, in any order, and `name` if wanted.

    A byte order mark and semicolons between the fields, as spreadsheets write them, are accepted.
    Raises DirectoryError.
    """
    reader = _Reader(policy)
    columns: list[str] = []
    for line, values in _records(text):
        if not columns:
            columns = _columns(values)
        elif len(values) != len(columns):
            reader.refuse(line, f"{len(values)} fields; expected {len(columns)} as in the first line")
        else:
            reader.read(line, dict(zip(columns, values, strict=True)))
    if not columns:
        raise DirectoryError([(1, f"the file is empty; expected a line with the columns {', '.join(COLUMNS)}")])
    if not reader.problems and not reader.users:
        reader.refuse(2, "no users; expected a line for each")
    if reader.problems:
        raise DirectoryError(sorted(reader.problems))
    companies = [company for company, _ in reader.companies.values()]
    return DirectoryFile(companies, [user for user, _ in reader.users.values()], has_names="name" in columns)


class _Reader:
    """Collects rows and problems, so that all of a file's mistakes can be told at once."""

    def __init__(self, policy: Policy) -> None:
        levels = policy.first_response.service_levels.values()
        self._plans = {plan.casefold(): plan for level in levels for plan in (*level.plans, *level.aliases)}
        self.problems: list[tuple[int, str]] = []
        self.companies: dict[str, tuple[CompanyRow, int]] = {}
        self.users: dict[str, tuple[UserRow, int]] = {}

    def read(self, line: int, fields: Mapping[str, str]) -> None:
        before = len(self.problems)
        company = CompanyRow(
            name=self._text(line, fields, "company", 200),
            country=self._country(line, fields["country"]),
            plan=self._plan(line, fields["plan"]),
            implemented_by=self._text(line, fields, "implemented_by", 200, required=False) or None,
            is_partner=self._boolean(line, fields, "company_is_partner"),
        )
        user = UserRow(
            email=self._email(line, fields["user"]),
            name=self._text(line, fields, "name", 200, required=False) or None,
            company=company.name,
            active=self._boolean(line, fields, "active"),
            designated=self._boolean(line, fields, "designated"),
            may_authorise=self._boolean(line, fields, "may_authorise"),
            timezone=self._zone(line, fields["timezone"]),
        )
        if len(self.problems) > before:
            return
        known, first = self.companies.setdefault(company.name.casefold(), (company, line))
        if known != company:
            self.refuse(line, f"says something else about the company {company.name!r} than line {first}")
        _, first = self.users.setdefault(user.email, (user, line))
        if first != line:
            self.refuse(line, f"the user {user.email!r} stands in line {first} already")

    def refuse(self, line: int, reason: str) -> None:
        self.problems.append((line, reason))

    def _text(self, line: int, fields: Mapping[str, str], column: str, longest: int, required: bool = True) -> str:
        value = " ".join(fields.get(column, "").split())
        if required and not value:
            self.refuse(line, f"{column} is empty")
        if len(value) > longest:
            self.refuse(line, f"{column} has {len(value)} characters; expected at most {longest}")
        if not value.isprintable():
            self.refuse(line, f"{column} {value!r} has control characters")
        return value

    def _boolean(self, line: int, fields: Mapping[str, str], column: str) -> bool:
        value = _BOOLEANS.get(fields[column].lower())
        if value is None:
            self.refuse(line, f"{column} is {fields[column]!r}; expected yes or no")
        return bool(value)

    def _country(self, line: int, value: str) -> str:
        if value.upper() not in _countries():
            self.refuse(line, f"country is {value!r}; expected an ISO 3166 code of two letters such as GB")
        return value.upper()

    def _plan(self, line: int, value: str) -> str | None:
        plan = self._plans.get(value.casefold())
        if value and plan is None:
            self.refuse(line, f"plan is {value!r}; expected nothing or one of: {', '.join(self._plans.values())}")
        return plan

    def _email(self, line: int, value: str) -> str:
        if not is_email(value):
            self.refuse(line, f"user is {value!r}; expected an e-mail address")
        return normal_email(value)

    def _zone(self, line: int, value: str) -> str:
        if value not in _zones():
            self.refuse(line, f"timezone is {value!r}; expected an IANA zone such as Europe/London")
        return value


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """(number of its first line, its fields without spaces around them) for each record that is not blank."""
    text = text.removeprefix("\ufeff")
    heading = next(iter(text.lstrip().splitlines()), "")
    delimiter = ";" if heading.count(";") > heading.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for row in rows:
            values = [value.strip() for value in row]
            if any(values):
                yield start, values
            start = rows.line_num + 1
    except csv.Error as error:
        raise DirectoryError([(start, f"not CSV: {error}")]) from error


def _columns(heading: list[str]) -> list[str]:
    columns = [name.lower() for name in heading]
    problems = [f"column {name} is missing" for name in COLUMNS if name not in columns]
    known = (*COLUMNS, *OPTIONAL_COLUMNS)
    problems += [f"unknown column {name!r}; expected only: {', '.join(known)}" for name in columns if name not in known]
    problems += [f"column {name} stands twice" for name in known if columns.count(name) > 1]
    if problems:
        raise DirectoryError([(1, reason) for reason in problems])
    return columns


@cache
def _countries() -> frozenset[str]:
    table = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text(encoding="utf-8")
    return frozenset(line[:2] for line in table.splitlines() if not line.startswith("#"))


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
