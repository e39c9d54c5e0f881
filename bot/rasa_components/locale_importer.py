"""Turns the four text catalogues (bot/locales/<lang>.yml) into Rasa's conditional response variations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.exceptions import RasaException
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.importers.rasa import RasaFileImporter

LANGUAGES = ("en", "es", "fr", "de")
DEFAULT_LANGUAGE = "en"


class LocaleImporter(RasaFileImporter):
    """Rasa's file importer plus the responses of the catalogues; English answers when no language is known."""

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
        responses = responses_from_catalogues(self._locales)
        return super().get_domain().merge(Domain.from_dict({"responses": responses}))


def responses_from_catalogues(directory: Path) -> dict[str, list[dict[str, Any]]]:
    """Response key → variations, one per language, each conditioned on the `language` slot, and the default."""
    catalogues = {}
    for language in LANGUAGES:
        path = directory / f"{language}.yml"
        if not path.is_file():
            raise RasaException(f"The text catalogue {path} is missing.")
        catalogues[language] = yaml.safe_load(path.read_text(encoding="utf-8"))

    responses: dict[str, list[dict[str, Any]]] = {}
    for key in catalogues[DEFAULT_LANGUAGE]["responses"]:
        variations = []
        for language, catalogue in catalogues.items():
            if key not in catalogue["responses"]:
                raise RasaException(f"{directory / language}.yml has no response {key}.")
            variation = _variation(catalogue, catalogue["responses"][key])
            condition = [{"type": "slot", "name": "language", "value": language}]
            variations.append({"condition": condition, **variation})
            if language == DEFAULT_LANGUAGE:
                variations.append(variation)  # Rasa falls silent without a variation that has no condition
        responses[key] = variations
    return responses


def _variation(catalogue: dict[str, Any], response: dict[str, Any]) -> dict[str, Any]:
    labels = catalogue["labels"]
    buttons = [dict(button) for button in response.get("buttons", [])]
    if "choices" in response:
        choices = labels[response["choices"]].items()
        buttons += [{"value": value, "title": title, "intent": "affirm"} for value, title in choices]
    if response.get("skip"):
        buttons.append({"value": "skip", "title": labels["actions"]["skip"], "intent": "skip"})
    variation: dict[str, Any] = {"text": response["text"]}
    if buttons:
        variation["buttons"] = [{**button, "payload": button["value"]} for button in buttons]
    return variation


__all__ = ["LocaleImporter", "TrainingDataImporter", "responses_from_catalogues"]
