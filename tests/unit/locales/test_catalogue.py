"""Reading the catalogues: texts are filled, buttons are built, and what is missing is said with file and key."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import bot.locales.catalogue
from bot.locales import LANGUAGES, Catalogue, CatalogueError, load_catalogues
from bot.locales.catalogue import fill

OWN = Path(bot.locales.catalogue.__file__).parent
SMALL = Catalogue(
    "en",
    {
        "responses": {
            "utter_plain": {"text": "Hello {name}, case {number}."},
            "utter_choice": {"text": "Where?", "choices": "environment"},
            "utter_both": {
                "text": "Files?",
                "buttons": [{"value": "done", "title": "Done", "intent": "affirm"}],
                "choices": "environment",
                "skip": True,
            },
        },
        "phrases": {"promise": "by {due}"},
        "labels": {"environment": {"production": "Production", "sandbox": "Sandbox"}, "actions": {"skip": "Skip"}},
        "vocabulary": {"environment": {"production": ["live"], "sandbox": ["test system"]}, "colour": {"red": ["red"]}},
    },
)


def test_a_text_is_filled_with_the_values_it_asks_for_and_others_are_ignored() -> None:
    text, buttons = SMALL.response("utter_plain", name="Dana", number=7, colour="red")
    assert (text, buttons) == ("Hello Dana, case 7.", [])
    assert SMALL.phrase("promise", due="noon") == "by noon"


def test_braces_in_a_value_are_text_and_not_a_placeholder() -> None:
    assert fill("Summary: {summary}", {"summary": "{number} and {"}) == "Summary: {number} and {"


def test_a_placeholder_without_a_value_is_an_error_and_never_shown() -> None:
    with pytest.raises(CatalogueError, match=r"\{number\}"):
        SMALL.response("utter_plain", name="Dana")


def test_choices_become_buttons_in_their_order_after_the_others_and_skip_comes_last() -> None:
    assert SMALL.response("utter_choice")[1] == [
        {"value": "production", "title": "Production", "intent": "affirm"},
        {"value": "sandbox", "title": "Sandbox", "intent": "affirm"},
    ]
    assert [(b["value"], b["intent"]) for b in SMALL.response("utter_both")[1]] == [
        ("done", "affirm"),
        ("production", "affirm"),
        ("sandbox", "affirm"),
        ("skip", "skip"),
    ]


def test_who_changes_a_button_changes_it_for_this_once_only() -> None:
    SMALL.response("utter_both")[1][0]["title"] = "changed"
    assert SMALL.response("utter_both")[1][0]["title"] == "Done"
    SMALL.labels("environment").clear()
    assert SMALL.label("environment", "sandbox") == "Sandbox"


@pytest.mark.parametrize(
    ("ask", "key"),
    [
        (lambda: SMALL.response("utter_nothing"), "responses.utter_nothing"),
        (lambda: SMALL.phrase("nothing"), "phrases.nothing"),
        (lambda: SMALL.label("environment", "moon"), "labels.environment.moon"),
        (lambda: SMALL.labels("moons"), "labels.moons"),
        (lambda: SMALL.vocabulary("moons"), "vocabulary.moons"),
    ],
)
def test_a_missing_text_is_named_with_its_file(ask: object, key: str) -> None:
    assert callable(ask)
    with pytest.raises(CatalogueError, match=rf"bot/locales/en\.yml has no {key}"):
        ask()


def test_a_label_can_be_said_too_unless_it_is_an_everyday_word() -> None:
    assert SMALL.vocabulary("environment").find("in production") == "production"
    assert SMALL.vocabulary("environment", with_labels=False).find("in production") is None
    assert SMALL.vocabulary("environment", with_labels=False).find("live") == "production"
    assert SMALL.vocabulary("colour").find("red") == "red"


def test_asking_for_a_vocabulary_twice_does_not_change_the_catalogue() -> None:
    before = {value: list(words) for value, words in SMALL.content["vocabulary"]["environment"].items()}
    SMALL.vocabulary("environment")
    SMALL.vocabulary("environment")
    assert SMALL.content["vocabulary"]["environment"] == before


def test_all_four_languages_are_read() -> None:
    catalogues = load_catalogues()
    assert tuple(catalogues) == LANGUAGES == ("en", "es", "fr", "de")
    assert {language: c.language for language, c in catalogues.items()} == {
        language: language for language in LANGUAGES
    }
    assert len({c.response("utter_greet")[0] for c in catalogues.values()}) == 4


@pytest.mark.parametrize("broken", [None, "responses: [", "a: b: c"])
def test_a_catalogue_that_is_missing_or_broken_is_named(tmp_path: Path, broken: str | None) -> None:
    for language in LANGUAGES:
        shutil.copy(OWN / f"{language}.yml", tmp_path)
    if broken is None:
        (tmp_path / "fr.yml").unlink()
    else:
        (tmp_path / "fr.yml").write_text(broken)
    with pytest.raises(CatalogueError, match=r"fr\.yml cannot be read"):
        load_catalogues(tmp_path)
