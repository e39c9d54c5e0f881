"""The described examples are complete, and a file that is not says what is wrong with it and where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from bot.desk.described import FEWEST, Described, ExamplesError, check_values, read_examples
from bot.locales import LANGUAGES
from bot.locales.wording import normalise
from tests.benchmarks.choices import held_out_requests, held_out_summaries


def written(folder: Path, content: Any) -> Path:
    path = folder / "examples.yml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
    return path


def in_all_languages(below: Any) -> dict[str, Any]:
    return {language: below for language in LANGUAGES}


def test_nothing_that_is_measured_was_learned(described: Described) -> None:
    learned = {normalise(example.text) for example in (*described.summaries, *described.requests)}
    measured = {normalise(example.text) for example in (*held_out_summaries(), *held_out_requests())}
    assert learned & measured == set()


def test_the_held_out_summaries_are_enough_for_every_value_and_language() -> None:
    summaries = held_out_summaries()
    for level in (0, 1):
        for value in {summary.names[level] for summary in summaries}:
            for language in LANGUAGES:
                found = [s for s in summaries if s.names[level] == value and s.language == language]
                assert len(found) >= FEWEST, (language, value)


def test_examples_know_their_language_and_the_names_above_them(tmp_path: Path) -> None:
    path = written(tmp_path, in_all_languages({"inventory": {"performance": ["stock list is slow"]}}))
    examples = read_examples(path, levels=2)
    assert [example.language for example in examples] == list(LANGUAGES)
    assert {(example.names, example.text) for example in examples} == {
        (("inventory", "performance"), "stock list is slow")
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("en: [", "cannot be read"),
        ("just words", "expected the languages en, es, fr, de, found: str"),
        ({"en": {}, "es": {}, "fr": {}}, "found: en, es, fr"),
        (in_all_languages(["a text"]), "en: expected names with examples below them"),
        (in_all_languages({"training": "a text"}), "en.training: expected a list of texts, found 'a text'"),
        (in_all_languages({"training": [True]}), "en.training: expected texts, found True; put it in quotes"),
        (in_all_languages({"training": ["a course", "a course"]}), "'a course' stands 2 times"),
    ],
)
def test_a_bad_file_says_what_is_wrong_and_where(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(ExamplesError) as error:
        read_examples(written(tmp_path, content), levels=1)
    assert message in str(error.value)
    assert "examples.yml" in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExamplesError, match=r"nowhere\.yml cannot be read"):
        read_examples(tmp_path / "nowhere.yml", levels=1)


def test_a_value_without_enough_examples_or_one_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    texts = [f"text {number}" for number in range(FEWEST)]
    path = written(tmp_path, in_all_languages({"training": texts}))
    examples = read_examples(path, levels=1)
    check_values(examples, 0, ["training"], path)
    with pytest.raises(ExamplesError, match="'reports' has 0 examples; expected at least 5"):
        check_values(examples, 0, ["training", "reports"], path)
    with pytest.raises(ExamplesError, match="unknown value 'training'; expected one of reports"):
        check_values(examples, 0, ["reports"], path)


def test_vectors_are_those_of_the_encoder_in_the_order_asked_for(described: Described) -> None:
    vectors = described.vectors(["slow report", "langsamer Bericht", "slow report"])
    assert np.array_equal(vectors[0], vectors[2])
    assert np.array_equal(vectors[:2], described.encoder.encode_queries(["slow report", "langsamer Bericht"]))
