"""The training data holds together: every intent in every language, no sentence under two intents, nothing held out."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("en", "es", "fr", "de")
INTENTS = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["intents"]
FEWEST_EXAMPLES = 25


def examples(language: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "data/nlu" / language).glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            lines = block["examples"].splitlines()
            found[block["intent"]] += [line.strip()[2:].strip() for line in lines if line.strip()]
    return found


def held_out(language: str) -> list[dict[str, str]]:
    lines = (ROOT / f"tests/nlu/{language}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_intent_has_enough_examples(language: str) -> None:
    found = examples(language)
    assert set(found) == set(INTENTS) and len(INTENTS) == 31
    assert min(len(texts) for texts in found.values()) >= FEWEST_EXAMPLES


def test_no_sentence_stands_under_two_intents_in_whichever_language() -> None:
    intents = defaultdict(set)
    for language in LANGUAGES:
        for intent, texts in examples(language).items():
            for text in texts:
                intents[text.casefold()].add(intent)
    assert {text: found for text, found in intents.items() if len(found) > 1} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_held_out_is_not_trained_on(language: str) -> None:
    trained = {text.casefold() for texts in examples(language).values() for text in texts}
    rows = held_out(language)
    assert [row["text"] for row in rows if row["text"].casefold() in trained] == []
    assert {row["intent"] for row in rows} == set(INTENTS)
