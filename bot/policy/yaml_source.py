"""Reads YAML into plain data and remembers the line of every value, so that an error can point at it.

Plain values follow YAML 1.2, not 1.1: `NO` is the country code and not false, `06:00` is a text and not 360.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from bot.policy.errors import PolicyError

KeyPath = tuple[str | int, ...]

_TAG = "tag:yaml.org,2002:"
_SCALARS: dict[str, Callable[[str], Any]] = {
    f"{_TAG}str": str,
    f"{_TAG}int": int,
    f"{_TAG}float": float,
    f"{_TAG}bool": lambda text: text == "true",
    f"{_TAG}null": lambda text: None,
}


class _Loader(yaml.SafeLoader):
    """A safe loader without the guesses of YAML 1.1 about what a plain value is."""


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver(f"{_TAG}bool", re.compile(r"(true|false)$"), ["t", "f"])
_Loader.add_implicit_resolver(f"{_TAG}int", re.compile(r"-?(0|[1-9]\d*)$"), list("-0123456789"))
_Loader.add_implicit_resolver(f"{_TAG}float", re.compile(r"-?\d+\.\d+$"), list("-0123456789"))
_Loader.add_implicit_resolver(f"{_TAG}null", re.compile(r"(~|null)?$"), ["~", "n", ""])


@dataclass(frozen=True)
class YamlSource:
    """The plain data of one YAML document and, for each path into it, the line (from 1) where it stands."""

    name: str
    data: Any
    lines: dict[KeyPath, int]

    def place(self, path: KeyPath) -> str:
        """`file, line 7, contact.hours.0`: the line is that of the nearest thing on the path that exists."""
        existing = next(path[:size] for size in range(len(path), -1, -1) if path[:size] in self.lines)
        return _place(self.name, self.lines[existing], path)


def read_yaml(text: str, name: str) -> YamlSource:
    """Parses one YAML document; `name` is what messages call the file.

    Raises PolicyError for what is not YAML, an empty document, a repeated key, a tag or a value that contains itself.
    """
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        line, reason = _reason(error, text)
        message = f"this is not valid YAML ({reason}); expected keys and values, indented by blanks"
        raise PolicyError(f"{_place(name, line, ())}: {message}") from error
    if root is None:
        raise PolicyError(f"{name}, line 1: the file is empty; expected the sections of a support policy")
    reader = _Reader(name)
    data = reader.plain(root, (), ())
    return YamlSource(name, data, {(): 1, **reader.lines})


class _Reader:
    """Walks a document once, collecting lines as it goes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[KeyPath, int] = {}

    def plain(self, node: yaml.Node, path: KeyPath, inside: tuple[yaml.Node, ...]) -> Any:
        if node in inside:
            raise self._error(node, path, "the value contains itself; expected plain values")
        # The line of a key is nearer to what the reader looks for than the line where its block begins.
        self.lines.setdefault(path, _line(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, (*inside, node))
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item, (*path, index), (*inside, node)) for index, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: KeyPath, inside: tuple[yaml.Node, ...]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._error(key_node, path, "a key is a list or mapping; expected a name")
            key = key_node.value
            if key in result:
                first = self.lines[(*path, key)]
                raise self._error(
                    key_node, (*path, key), f"the key stands here again after line {first}; expected it once"
                )
            self.lines[(*path, key)] = _line(key_node)
            result[key] = self.plain(value_node, (*path, key), inside)
        return result

    def _scalar(self, node: yaml.Node, path: KeyPath) -> Any:
        convert = _SCALARS.get(node.tag)
        if convert is None:
            raise self._error(node, path, f"the tag {node.tag!r} is not allowed; expected a plain value")
        try:
            return convert(node.value)
        except ValueError as error:
            raise self._error(
                node, path, f"{node.value!r} does not fit its tag {node.tag!r}; expected a plain value"
            ) from error

    def _error(self, node: yaml.Node, path: KeyPath, message: str) -> PolicyError:
        return PolicyError(f"{_place(self.name, _line(node), path)}: {message}")


def _reason(error: yaml.YAMLError, text: str) -> tuple[int, str]:
    """The line and the cause, which PyYAML keeps in one way for the grammar and in another for characters."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return error.problem_mark.line + 1, error.problem or error.context or "unknown reason"
    position = getattr(error, "position", 0)
    return text.count("\n", 0, position) + 1, getattr(error, "reason", "unknown reason")


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _place(name: str, line: int, path: KeyPath) -> str:
    dotted = ".".join(str(part) for part in path)
    return f"{name}, line {line}" + (f", {dotted}" if dotted else "")
