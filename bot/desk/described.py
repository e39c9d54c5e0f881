"""Reads and checks the described examples that summaries are judged by, and encodes them once for all who judge."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from bot.locales import LANGUAGES
from kb_index.encoder import Encoder

Floats = npt.NDArray[np.float32]

FOLDER = Path(__file__).with_name("examples")
SUMMARIES, SCOPE = "summaries.yml", "scope.yml"
IN_SCOPE = "in_scope"
# Of each value in each language; with fewer a value is hardly ever found.
FEWEST = 5


class ExamplesError(Exception):
    """A file of examples cannot be used; the message names the file, the place in it and what is expected."""


@dataclass(frozen=True)
class Example:
    """A text as a customer writes it. `names` say where it stands below its language, outermost first."""

    language: str
    names: tuple[str, ...]
    text: str


class Described:
    """The examples of a folder and their vectors. Safe to share between threads; ExamplesError for a bad file."""

    def __init__(self, encoder: Encoder, folder: Path = FOLDER) -> None:
        self.encoder, self.folder = encoder, folder
        self._lock = threading.Lock()
        self._vectors: dict[str, Floats] = {}

    @cached_property
    def summaries(self) -> list[Example]:
        """All in scope; names: application area, case reason."""
        return read_examples(self.folder / SUMMARIES, levels=2)

    @cached_property
    def requests(self) -> list[Example]:
        """Names: the topic that is out of scope, or IN_SCOPE."""
        return read_examples(self.folder / SCOPE, levels=1)

    def vectors(self, texts: Collection[str]) -> Floats:
        """(len(texts), dimension); those of a text are made once, in some milliseconds, and kept."""
        with self._lock:
            new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
            if new:
                self._vectors.update(zip(new, self.encoder.encode_queries(new), strict=True))
            return np.stack([self._vectors[text] for text in texts])


def read_examples(path: Path, *, levels: int) -> list[Example]:
    """The examples of a YAML file with so many levels of names between a language and its texts.

    Raises ExamplesError for a file that cannot be read, a language that is missing or unknown, anything but texts
    where texts belong, and a text that stands twice in a language.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ExamplesError(f"{path} cannot be read: {error}") from error
    if not isinstance(content, Mapping) or set(content) != set(LANGUAGES):
        found = ", ".join(map(str, content)) if isinstance(content, Mapping) else type(content).__name__
        raise ExamplesError(f"{path}: expected the languages {', '.join(LANGUAGES)}, found: {found}")
    examples: list[Example] = []
    for language in LANGUAGES:
        own = [Example(language, names, text) for names, text in _texts(content[language], levels, (language,), path)]
        for text, count in Counter(example.text for example in own).items():
            if count > 1:
                raise ExamplesError(f"{path}, {language}: {text!r} stands {count} times; expected it once")
        examples += own
    return examples


def _texts(node: Any, levels: int, place: tuple[str, ...], path: Path) -> Iterator[tuple[tuple[str, ...], str]]:
    where = f"{path}, {'.'.join(place)}"
    if levels:
        if not isinstance(node, Mapping):
            raise ExamplesError(f"{where}: expected names with examples below them, found {node!r}")
        for name, below in node.items():
            yield from _texts(below, levels - 1, (*place, str(name)), path)
        return
    if not isinstance(node, list):
        raise ExamplesError(f"{where}: expected a list of texts, found {node!r}")
    for text in node:
        if not isinstance(text, str) or not text.strip():
            raise ExamplesError(f"{where}: expected texts, found {text!r}; put it in quotes")
        yield place[1:], text


def check_values(examples: Collection[Example], level: int, values: Collection[str], path: Path) -> None:
    """Raises ExamplesError unless the names at that level are exactly the values, each with enough examples."""
    for language in LANGUAGES:
        counts = Counter(example.names[level] for example in examples if example.language == language)
        for name in counts:
            if name not in values:
                raise ExamplesError(f"{path}, {language}: unknown value {name!r}; expected one of {', '.join(values)}")
        for value in values:
            if counts[value] < FEWEST:
                raise ExamplesError(
                    f"{path}, {language}: {value!r} has {counts[value]} examples; expected at least {FEWEST}"
                )
