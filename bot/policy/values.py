"""The kinds of value a policy file is made of, each checked here with a message for the person who edits it."""

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence, Sized
from datetime import time
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, NoReturn, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    SerializerFunctionWrapHandler,
    ValidationError,
    WrapSerializer,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

Key = TypeVar("Key")
Value = TypeVar("Value")
Item = TypeVar("Item", bound=Hashable)
Collection = TypeVar("Collection", bound=Sized)

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class Weekday(StrEnum):
    """Days in the order of `datetime.weekday()`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def number(self) -> int:
        """Monday is 0, as in `datetime.weekday()`."""
        return list(Weekday).index(self)


def expected(message: str) -> PydanticCustomError:
    """An error whose text reaches the reader of the policy file as it is."""
    return PydanticCustomError("policy", "{message}", {"message": message})


def problem(where: Sequence[str | int], message: str, value: object) -> InitErrorDetails:
    """One thing that is wrong at `where`, a path inside the section that is being checked."""
    return InitErrorDetails(type=expected(message), loc=tuple(where), input=value)


def reject(problems: list[InitErrorDetails]) -> None:
    """Raises all `problems`, each at its own place; does nothing when there are none."""
    if problems:
        raise ValidationError.from_exception_data("policy", problems)


class Section(BaseModel):
    """A mapping of the policy file: every key is known, every key is there, nothing changes after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _has_exactly_its_keys(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            keys = ", ".join(cls.model_fields)
            unknown = [
                problem([key], f"unknown key; expected only: {keys}", key)
                for key in data
                if key not in cls.model_fields
            ]
            missing = [
                problem([key], f"missing key; expected all of: {keys}", None)
                for key, field in cls.model_fields.items()
                if field.is_required() and key not in data
            ]
            reject(unknown + missing)
        return data


def not_empty(entries: Collection) -> Collection:
    if not entries:
        raise expected("expected at least one entry")
    return entries


def unique(items: tuple[Item, ...]) -> tuple[Item, ...]:
    repeated = sorted({str(item) for item in items if items.count(item) > 1})
    if repeated:
        raise expected(f"expected each entry once, but repeated: {', '.join(repeated)}")
    return items


def _clock(value: object) -> time:
    if isinstance(value, time):
        return value
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise expected("expected a time of day from 00:00 to 23:59")
    return time(int(match[1]), int(match[2]))


def _closing_clock(value: object) -> time:
    return time(0, 0) if value == "24:00" else _clock(value)


def _zone(value: object) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    if not isinstance(value, str):
        _reject_zone()
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        _reject_zone()


def _reject_zone() -> NoReturn:
    raise expected("unknown time zone; expected an IANA name such as Europe/London")


def _matching(pattern: str, description: str) -> AfterValidator:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if compiled.fullmatch(value) is None:
            raise expected(f"expected {description}")
        return value

    return AfterValidator(check)


def _as_plain(mapping: Mapping[Any, Any], serialise: SerializerFunctionWrapHandler) -> Any:
    return serialise(dict(mapping))


Identifier = Annotated[str, _matching(r"[a-z][a-z0-9_]*", "a name in lower case such as work_stopped")]
Text = Annotated[str, _matching(r"(?s)\S(.*\S)?", "a text without blanks at its ends")]
CountryCode = Annotated[str, _matching(r"[A-Z]{2}", "an ISO 3166 country code such as GB")]
Url = Annotated[str, _matching(r"https?://\S+", "an address that starts with https:// or http://")]
Zone = Annotated[ZoneInfo, PlainValidator(_zone), PlainSerializer(str)]
ClockTime = Annotated[time, BeforeValidator(_clock)]
ClosingTime = Annotated[time, BeforeValidator(_closing_clock)]
"""A time at which something ends. Midnight at the end of the day, 24:00 in the file, is held as 00:00."""
Flag = Annotated[bool, Field(strict=True)]
Count = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Days = Annotated[int, Field(strict=True, ge=1, le=3650)]
Hours = Annotated[float, Field(strict=True, gt=0, le=8760)]
Identifiers = Annotated[tuple[Identifier, ...], AfterValidator(not_empty), AfterValidator(unique)]
FrozenMapping = Annotated[Mapping[Key, Value], AfterValidator(MappingProxyType), WrapSerializer(_as_plain)]
FilledMapping = Annotated[FrozenMapping[Key, Value], AfterValidator(not_empty)]


def unknown_names(
    where: Sequence[str | int], names: Iterable[str], known: Iterable[str], kind: str
) -> list[InitErrorDetails]:
    """A problem for each of `names` that is not among `known`; in a mapping the place is the name's own key."""
    allowed = list(known)
    return [
        problem([*where, name], f"unknown {kind}; expected one of: {', '.join(allowed)}", name)
        for name in names
        if name not in allowed
    ]
