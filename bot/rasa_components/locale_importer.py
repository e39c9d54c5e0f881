"""Gives Rasa the responses that rules say themselves, from the text catalogues (bot/locales/<lang>.yml).

What actions say is not among them: actions make their texts from the same catalogues, so that the domain, which Rasa
sends along with every call of an action, stays small.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.exceptions import RasaException
from rasa.shared.importers.rasa import RasaFileImporter

LANGUAGES = ("en", "es", "fr", "de")
DEFAULT_LANGUAGE = "en"


class LocaleImporter(RasaFileImporter):
    """Rasa's file importer plus the catalogues' responses; English answers when no language is known."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        locales: str = "bot/locales",
    ) -> None:
        super().__init__(config_file, domain_path, training_data_paths)
        self._locales = Path(locales)

    def get_domain(self) -> Domain:
        responses = responses_from_catalogues(self._locales, self._said_by_rules())
        return super().get_domain().merge(Domain.from_dict({"responses": responses}))

    def _said_by_rules(self) -> list[str]:
        # The story reader of Rasa needs the domain, which is what is being made here; so the files are read plainly.
        said: set[str] = set()
        for path in self._story_files:
            content = yaml.safe_load(Path(path).read_text(encoding="utf-8")) or {}
            for block in [*content.get("rules", []), *content.get("stories", [])]:
                said.update(step["action"] for step in block["steps"] if "action" in step)
        return sorted(name for name in said if name.startswith("utter_"))


def responses_from_catalogues(directory: Path, keys: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Response key → variations, one per language, each conditioned on the `language` slot, and the default."""
    catalogues = {}
    for language in LANGUAGES:
        path = directory / f"{language}.yml"
        if not path.is_file():
            raise RasaException(f"The text catalogue {path} is missing.")
        catalogues[language] = yaml.safe_load(path.read_text(encoding="utf-8"))["responses"]

    responses: dict[str, list[dict[str, Any]]] = {}
    for key in keys:
        variations = []
        for language, texts in catalogues.items():
            if key not in texts:
                raise RasaException(f"{directory / language}.yml has no response {key}, which a rule says.")
            variation = _variation(texts[key])
            variations.append({"condition": [{"type": "slot", "name": "language", "value": language}], **variation})
            if language == DEFAULT_LANGUAGE:
                variations.append(variation)  # Rasa falls silent without a variation that has no condition
        responses[key] = variations
    return responses


def _variation(response: dict[str, Any]) -> dict[str, Any]:
    buttons = [{**button, "payload": button["value"]} for button in response.get("buttons", [])]
    return {"text": response["text"], **({"buttons": buttons} if buttons else {})}
