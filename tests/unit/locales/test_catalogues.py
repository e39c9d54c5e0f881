"""The four text catalogues say the same things, so that no language is ever silent, ambiguous or badly typeset."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bot.locales import LANGUAGES, Catalogue, load_catalogues
from bot.locales.wording import normalise

CATALOGUES = load_catalogues()
PATTERN = CATALOGUES["en"]
TRANSLATED = [language for language in LANGUAGES if language != "en"]
TEXT_SECTIONS = ("responses", "phrases", "labels")
CHOICE_GROUPS = [entry["choices"] for entry in PATTERN.content["responses"].values() if "choices" in entry]
# Texts that tell people which button to press.
NAMED_BUTTONS = ("utter_ask_attachments", "utter_invalid_attachments")

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_EMPHASISED = re.compile(r"\*([^*]+)\*")
_SENTENCE_END = re.compile(r"[.?!](?=\s|$)")

every_language = pytest.mark.parametrize("language", LANGUAGES)
every_translation = pytest.mark.parametrize("language", TRANSLATED)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """(dotted path, value) of everything in a catalogue that is not itself a mapping or a list of mappings."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for index, inner in enumerate(value):
            yield from leaves(inner, f"{path}.{index}")
    else:
        yield path, value


def texts(catalogue: Catalogue) -> dict[str, str]:
    """Dotted path → text, for all that people read; buttons by their titles."""
    sections = {section: catalogue.content[section] for section in TEXT_SECTIONS}
    technical = (".value", ".intent", ".choices", ".skip")
    in_responses = [(p, v) for p, v in leaves(sections) if not (p.startswith("responses.") and p.endswith(technical))]
    return dict(in_responses)


def pairs(language: str) -> Iterator[tuple[str, str, str]]:
    """(dotted path, English text, translated text); the test of the keys tells which text has no counterpart."""
    translated = texts(CATALOGUES[language])
    return ((path, text, translated[path]) for path, text in texts(PATTERN).items() if path in translated)


def buttons(catalogue: Catalogue) -> dict[str, list[tuple[Any, Any]]]:
    """Response → (value, intent) of its buttons, in the order shown."""
    responses = catalogue.content["responses"]
    return {key: [(b["value"], b["intent"]) for b in entry.get("buttons", [])] for key, entry in responses.items()}


def expressions(catalogue: Catalogue) -> Iterator[tuple[str, str, str]]:
    """(group, value, expression) of the vocabulary; a label counts as an expression of its value."""
    for group, values in catalogue.content["vocabulary"].items():
        if isinstance(values, Mapping):
            labels = catalogue.content["labels"].get(group, {})
            for value, words in values.items():
                for word in [*words, *([labels[value]] if value in labels else [])]:
                    yield group, value, word


@every_translation
def test_a_translation_has_exactly_the_keys_of_the_english_catalogue(language: str) -> None:
    expected = {path for path, _ in leaves(PATTERN.content)}
    found = {path for path, _ in leaves(CATALOGUES[language].content)}
    assert found == expected, f"missing: {sorted(expected - found)}; unknown: {sorted(found - expected)}"


@every_translation
def test_every_text_has_the_placeholders_of_its_english_counterpart(language: str) -> None:
    for path, text, translated in pairs(language):
        assert set(_PLACEHOLDER.findall(translated)) == set(_PLACEHOLDER.findall(text)), path


@every_translation
def test_every_response_offers_the_same_buttons_in_the_same_order(language: str) -> None:
    assert buttons(CATALOGUES[language]) == buttons(PATTERN)


@every_translation
def test_every_response_offers_the_same_choices_and_may_be_skipped_alike(language: str) -> None:
    for key, entry in PATTERN.content["responses"].items():
        translated = CATALOGUES[language].content["responses"][key]
        assert (translated.get("choices"), translated.get("skip")) == (entry.get("choices"), entry.get("skip")), key


@every_translation
def test_labels_come_in_the_same_order_because_they_become_buttons(language: str) -> None:
    for group, labels in PATTERN.content["labels"].items():
        assert list(CATALOGUES[language].labels(group)) == list(labels), group


@every_language
def test_no_text_is_empty(language: str) -> None:
    catalogue = CATALOGUES[language]
    for path, text in [("name", catalogue.content["name"]), *texts(catalogue).items()]:
        assert isinstance(text, str) and text.strip(), f"{path}: {text!r}"


@every_language
def test_every_value_of_a_vocabulary_can_be_said_somehow(language: str) -> None:
    for path, words in leaves(CATALOGUES[language].content["vocabulary"]):
        assert isinstance(words, list) and words, path
        for word in words:
            assert isinstance(word, str) and normalise(word).strip(), f"{path}: {word!r}"
            assert word == word.lower(), f"{path}: {word!r}"


@every_language
def test_no_expression_means_two_values_of_the_same_group(language: str) -> None:
    meaning: dict[tuple[str, str], str] = {}
    for group, value, word in expressions(CATALOGUES[language]):
        known = meaning.setdefault((group, normalise(word)), value)
        assert known == value, f"{group}: {word!r} means {known} and {value}"


@every_language
def test_no_expression_stands_twice_under_one_value(language: str) -> None:
    for path, words in leaves(CATALOGUES[language].content["vocabulary"]):
        normalised = [normalise(word) for word in words]
        assert len(set(normalised)) == len(normalised), f"{path}: {sorted(normalised)}"


@every_language
@pytest.mark.parametrize("group", CHOICE_GROUPS)
def test_every_choice_can_be_typed_as_its_button_reads(language: str, group: str) -> None:
    catalogue = CATALOGUES[language]
    for value, label in catalogue.labels(group).items():
        assert catalogue.vocabulary(group).exact(label) == value


@every_language
def test_every_value_and_intent_of_a_button_is_a_string_and_not_a_yaml_boolean(language: str) -> None:
    for key, offered in buttons(CATALOGUES[language]).items():
        for value, intent in offered:
            assert isinstance(value, str) and isinstance(intent, str), f"{key}: {value!r}, {intent!r}"


@every_language
def test_every_key_is_a_string_and_not_a_yaml_boolean(language: str) -> None:
    def keys(value: Any) -> Iterator[Any]:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                yield key
                yield from keys(inner)

    assert [key for key in keys(CATALOGUES[language].content) if not isinstance(key, str)] == []


@every_language
def test_no_two_buttons_of_a_message_read_the_same(language: str) -> None:
    catalogue = CATALOGUES[language]
    for key, entry in catalogue.content["responses"].items():
        titles = [button["title"] for button in entry.get("buttons", [])]
        assert len(set(titles)) == len(titles), f"{key}: {titles}"
    for group in CHOICE_GROUPS:
        titles = list(catalogue.labels(group).values())
        assert len(set(titles)) == len(titles), f"{group}: {titles}"


@every_language
def test_every_label_group_that_choices_refer_to_exists(language: str) -> None:
    catalogue = CATALOGUES[language]
    referred = [entry["choices"] for entry in catalogue.content["responses"].values() if "choices" in entry]
    assert referred
    for group in referred:
        assert catalogue.labels(group)


@every_language
def test_skippable_questions_have_a_name_for_the_skip_button(language: str) -> None:
    assert CATALOGUES[language].label("actions", "skip").strip()


@every_translation
def test_parts_that_are_joined_keep_the_spaces_at_their_ends(language: str) -> None:
    for path, text, translated in pairs(language):
        starts, ends = text.startswith(" "), text.endswith(" ")
        assert (translated.startswith(" "), translated.endswith(" ")) == (starts, ends), path


@every_language
def test_nobody_reads_more_than_three_sentences_before_a_choice(language: str) -> None:
    for key, entry in CATALOGUES[language].content["responses"].items():
        if "buttons" in entry or "choices" in entry or "skip" in entry:
            assert len(_SENTENCE_END.findall(entry["text"])) <= 3, key


@every_language
def test_a_text_names_its_buttons_and_states_as_they_read(language: str) -> None:
    catalogue = CATALOGUES[language]
    done = catalogue.content["responses"]["utter_ask_attachments"]["buttons"][0]["title"]
    for key in NAMED_BUTTONS:
        named = _EMPHASISED.findall(catalogue.content["responses"][key]["text"])
        assert set(named) <= {done, catalogue.label("actions", "skip")} and done in named, key
    state = _EMPHASISED.findall(catalogue.content["responses"]["utter_case_process"]["text"])
    assert state == [catalogue.label("case_state", "verify_resolution")]


@pytest.mark.parametrize(("closing", "opening"), [("?", "¿"), ("!", "¡")])
def test_spanish_questions_and_exclamations_are_opened(closing: str, opening: str) -> None:
    for path, text in texts(CATALOGUES["es"]).items():
        assert text.count(closing) == text.count(opening), f"{path}: {text!r}"


def test_french_has_no_ordinary_space_where_a_line_must_not_break() -> None:
    for path, text in texts(CATALOGUES["fr"]).items():
        assert not re.search(r"(?<!\u202f)[;!?»]", text), f"{path}: {text!r}"
        assert not re.search(r"«(?!\u202f)", text), f"{path}: {text!r}"
        assert not re.search(r"(?<!\u00a0):(?!//)", text), f"{path}: {text!r}"


@every_language
def test_apostrophes_and_quotation_marks_are_typographic(language: str) -> None:
    marks = {"en": "“”", "es": "“”", "fr": "«»", "de": "„“"}[language]
    others = set("“”„«»\"'") - set(marks)
    for path, text in texts(CATALOGUES[language]).items():
        apostrophes = "'" if language == "en" else ""
        assert not (others - set(apostrophes)) & set(text), f"{path}: {text!r}"
        assert text.count(marks[0]) == text.count(marks[1]), f"{path}: {text!r}"
