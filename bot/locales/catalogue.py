"""Reads the text catalogues; the same files become Rasa's responses (bot/rasa_components/locale_importer.py)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.locales.wording import Vocabulary, normalise

LANGUAGES = ("en", "es", "fr", "de")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class CatalogueError(Exception):
    """A catalogue is missing, broken or lacks a text; the message names the file and the key."""


@dataclass(frozen=True)
class Catalogue:
    """All texts of one language."""

    language: str
    content: Mapping[str, Any]
    siblings: Mapping[str, Catalogue] = field(default_factory=dict, repr=False)
    # Normalised once; a form asks for the same vocabularies at every turn.
    _vocabularies: dict[tuple[str, bool], Vocabulary] = field(default_factory=dict, repr=False)
    _expressions: dict[str, list[str]] = field(default_factory=dict, repr=False)

    def in_all_languages(self) -> list[Catalogue]:
        """This catalogue first, then those of the other languages: people mix them."""
        return [self, *(c for language, c in self.siblings.items() if language != self.language)]

    def mentions(self, group: str, text: str) -> bool:
        """Whether a text holds one of the expressions of a plain list in the vocabulary."""
        padded = normalise(text)
        return any(expression in padded for expression in self.expressions(group))

    def expressions(self, group: str) -> list[str]:
        """A plain list of the vocabulary, normalised, the longest first."""
        if group not in self._expressions:
            words = [normalise(expression) for expression in self._entry("vocabulary", group)]
            self._expressions[group] = sorted(words, key=len, reverse=True)
        return self._expressions[group]

    def is_only(self, group: str, fillers: str, text: str) -> bool:
        """Whether a text holds an expression of the group and, apart from fillers, nothing else."""
        rest = normalise(text)
        for expression in self.expressions(group):
            rest = rest.replace(expression, " ")
        said = rest != normalise(text)
        for filler in self.expressions(fillers):
            # Twice, because neighbours share the space between them.
            rest = rest.replace(filler, " ").replace(filler, " ")
        return said and not rest.strip()

    def phrase(self, key: str, **values: object) -> str:
        """A part of a response; KeyError-free: a missing key is a CatalogueError."""
        return fill(self._entry("phrases", key), values)

    def label(self, group: str, value: str) -> str:
        """The name that people read for a value, e.g. label("environment", "sandbox")."""
        return str(self._entry("labels", group, value))

    def labels(self, group: str) -> dict[str, str]:
        """Value → name, in the order of the catalogue."""
        return dict(self._entry("labels", group))

    def vocabulary(self, group: str, *, with_labels: bool = True) -> Vocabulary:
        """Finds the values of a group in what people write; their labels count as expressions too, unless said else."""
        if (group, with_labels) not in self._vocabularies:
            expressions = {value: list(words) for value, words in self._entry("vocabulary", group).items()}
            for value, label in self.content["labels"].get(group, {}).items() if with_labels else ():
                expressions.setdefault(value, []).append(label)
            self._vocabularies[group, with_labels] = Vocabulary(expressions)
        return self._vocabularies[group, with_labels]

    def short_answers(self, group: str) -> Vocabulary:
        """Bare words that mean a value only as the whole answer to its question."""
        key = (f"short_answers.{group}", False)
        if key not in self._vocabularies:
            self._vocabularies[key] = Vocabulary(self._entry("vocabulary", "short_answers").get(group, {}))
        return self._vocabularies[key]

    def response(self, key: str, **values: object) -> tuple[str, list[dict[str, str]]]:
        """Text and buttons ({"value", "title", "intent"}) of a response; unused values are ignored."""
        entry = self._entry("responses", key)
        buttons = [dict(button) for button in entry.get("buttons", [])]
        if "choices" in entry:
            choices = self.labels(entry["choices"]).items()
            buttons += [{"value": value, "title": title, "intent": "affirm"} for value, title in choices]
        if entry.get("skip"):
            buttons.append({"value": "skip", "title": self.label("actions", "skip"), "intent": "skip"})
        return fill(entry["text"], values), buttons

    def _entry(self, *path: str) -> Any:
        found: Any = self.content
        for key in path:
            try:
                found = found[key]
            except (KeyError, TypeError):
                raise CatalogueError(f"bot/locales/{self.language}.yml has no {'.'.join(path)}") from None
        return found


def fill(text: str, values: Mapping[str, object]) -> str:
    """Puts values into {placeholders}; a placeholder without a value is a CatalogueError."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise CatalogueError(f"no value for {{{match[1]}}} in {text!r}")
        return str(values[match[1]])

    return _PLACEHOLDER.sub(value, text)


def load_catalogues(directory: Path | None = None) -> dict[str, Catalogue]:
    """Language → catalogue, for all four languages."""
    directory = directory or Path(__file__).parent
    catalogues: dict[str, Catalogue] = {}
    for language in LANGUAGES:
        path = directory / f"{language}.yml"
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError) as error:
            raise CatalogueError(f"{path} cannot be read: {error}") from error
        catalogues[language] = Catalogue(language, content, catalogues)
    return catalogues
