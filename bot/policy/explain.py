"""Tells the person who edits a policy file what is wrong with it: place, value and what is expected."""

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.policy.errors import PolicyError
from bot.policy.yaml_source import YamlSource

_EXPECTATIONS = {
    "string_type": "expected a text (put it in quotes)",
    "int_type": "expected a whole number",
    "float_type": "expected a number",
    "bool_type": "expected true or false",
    "tuple_type": "expected a list",
    "dict_type": "expected keys with values",
    "mapping_type": "expected keys with values",
    "model_type": "expected keys with values",
}
_LONGEST_VALUE = 60


def policy_error(error: ValidationError, source: YamlSource) -> PolicyError:
    """One PolicyError with a line for each thing that is wrong in `source`."""
    return PolicyError("\n".join(_describe(details, source) for details in error.errors()))


def _describe(details: ErrorDetails, source: YamlSource) -> str:
    # Pydantic marks an error about a mapping's key, as opposed to its value, with this last element.
    path = tuple(part for part in details["loc"] if part != "[key]")
    message = _EXPECTATIONS.get(details["type"], details["msg"])
    return f"{source.place(path)}: {message}{_shown(details['type'], details['input'])}"


def _shown(kind: str, value: object) -> str:
    if isinstance(value, (str, int, float)):
        return f", got {repr(value)[:_LONGEST_VALUE]}"
    if kind == "policy":
        # What is missing is named by the check itself, and a whole list or mapping would say nothing new.
        return ""
    return ", got nothing" if value is None else f", got {'a list' if isinstance(value, list) else 'keys with values'}"
