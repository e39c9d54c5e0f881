"""The likely case reason and area come first, in four languages, with a probability that can be taken at its word."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from bot.desk.choices import NEARLY_SURE, OTHER, Choices, Likely
from bot.desk.described import SUMMARIES, Described, ExamplesError
from bot.locales import LANGUAGES, Catalogue, load_catalogues
from kb_index.encoder import Encoder
from tests.benchmarks.choices import GROUPS, held_out_summaries

# Below what tests/benchmarks/choices.py prints, by two or three summaries, so that only a real loss is reported.
LEAST_FIRST, LEAST_FIRST_THREE = 0.75, 0.9
LEAST_RIGHT_WHERE_SURE = 0.93


@pytest.fixture(scope="module")
def catalogues() -> Mapping[str, Catalogue]:
    return load_catalogues()


@pytest.fixture(scope="module")
def choices(described: Described) -> Choices:
    return Choices(described)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("group", GROUPS)
def test_the_right_value_of_an_unseen_summary_comes_first_or_nearly(
    choices: Choices, catalogues: Mapping[str, Catalogue], group: str, language: str
) -> None:
    level = GROUPS[group]
    rows = [row for row in held_out_summaries() if row.language == language and row.names[level] != OTHER]
    ranked = [choices.likely(row.text, group, catalogues[language]).ranked for row in rows]
    values = [row.names[level] for row in rows]
    assert sum(v == r[0] for v, r in zip(values, ranked, strict=True)) / len(rows) >= LEAST_FIRST
    assert sum(v in r[:3] for v, r in zip(values, ranked, strict=True)) / len(rows) >= LEAST_FIRST_THREE


@pytest.mark.parametrize("group", GROUPS)
def test_a_value_that_is_nearly_sure_is_nearly_always_right(
    choices: Choices, catalogues: Mapping[str, Catalogue], group: str
) -> None:
    judged = [(row, choices.likely(row.text, group, catalogues[row.language])) for row in held_out_summaries()]
    sure = [found.ranked[0] == row.names[GROUPS[group]] for row, found in judged if found.probability >= NEARLY_SURE]
    assert len(sure) >= len(judged) / 3
    assert sum(sure) / len(sure) >= LEAST_RIGHT_WHERE_SURE


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("summary", ["", "🙈", "hello", "we want to cancel the contract"])
def test_what_says_nothing_of_the_product_is_not_proposed(
    choices: Choices, catalogues: Mapping[str, Catalogue], group: str, summary: str
) -> None:
    found = choices.likely(summary, group, catalogues["en"])
    assert found.probability < NEARLY_SURE
    assert sorted(found.ranked) == sorted(catalogues["en"].labels(group))
    assert found.ranked[-1] == OTHER


def test_the_same_summary_is_judged_alike_again(choices: Choices, catalogues: Mapping[str, Catalogue]) -> None:
    first = choices.likely("rapport lent", "case_reason", catalogues["fr"])
    assert first == choices.likely("rapport lent", "case_reason", catalogues["fr"])
    assert isinstance(first, Likely)


def test_only_groups_that_are_described_are_judged(choices: Choices, catalogues: Mapping[str, Catalogue]) -> None:
    with pytest.raises(KeyError):
        choices.likely("a summary", "environment", catalogues["en"])


def test_a_desk_with_values_that_nobody_described_does_not_start(
    tmp_path: Path, encoder: Encoder, described: Described, catalogues: Mapping[str, Catalogue]
) -> None:
    content = yaml.safe_load((described.folder / SUMMARIES).read_text(encoding="utf-8"))
    del content["fr"]["inventory"]
    (tmp_path / SUMMARIES).write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(ExamplesError, match="fr: 'inventory' has 0 examples"):
        Choices(Described(encoder, tmp_path)).check(catalogues["en"])
