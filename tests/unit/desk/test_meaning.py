"""Questions that mean the same are found to do so, in four languages, and other questions are kept apart."""

from __future__ import annotations

import tracemalloc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from bot.desk.meaning import Floats, Meaning, grouped
from bot.locales import LANGUAGES, Catalogue, load_catalogues
from kb_index.encoder import Encoder

QUESTIONS: dict[str, dict[str, list[list[str]]]] = yaml.safe_load(
    Path(__file__).with_name("gap_questions.yml").read_text(encoding="utf-8")
)
QUESTION_COUNT = 40


@pytest.fixture(scope="module")
def catalogues() -> Mapping[str, Catalogue]:
    return load_catalogues()


@pytest.fixture(scope="module")
def meaning(encoder: Encoder) -> Meaning:
    return Meaning(encoder)


def pairs(part: str, meaning: Meaning, catalogues: Mapping[str, Catalogue]) -> dict[str, float]:
    """How the groups of one part compare with the true ones: precision and recall of pairs, and purity."""
    right = wrong = missed = pure = count = 0
    for language, groups in QUESTIONS[part].items():
        true = np.array([number for number, group in enumerate(groups) for _ in group])
        measure = meaning.measure(catalogues[language])
        unit = measure.unit(meaning.vectors([question for group in groups for question in group]))
        found = grouped(unit, [1.0] * len(true), measure.same)
        first, second = np.triu_indices(len(true), 1)
        belong, together = true[first] == true[second], found[first] == found[second]
        right += int((belong & together).sum())
        wrong += int((together & ~belong).sum())
        missed += int((belong & ~together).sum())
        pure += sum(int(np.bincount(true[found == middle]).max()) for middle in np.unique(found))
        count += len(true)
    return {"precision": right / (right + wrong), "recall": right / (right + missed), "purity": pure / count}


def test_the_questions_of_the_evaluation_are_enough_and_in_all_languages() -> None:
    for part in ("development", "held_out"):
        assert set(QUESTIONS[part]) == set(LANGUAGES)
        assert sum(len(group) for groups in QUESTIONS[part].values() for group in groups) >= QUESTION_COUNT


@pytest.mark.parametrize("part", ["development", "held_out"])
def test_questions_of_one_meaning_come_together_and_others_stay_apart(
    part: str, meaning: Meaning, catalogues: Mapping[str, Catalogue]
) -> None:
    figures = pairs(part, meaning, catalogues)
    print(part, figures)
    assert figures["purity"] >= 0.97, figures
    assert figures["precision"] >= 0.9, figures
    assert figures["recall"] >= 0.65, figures


def test_without_taking_off_what_all_questions_share_the_groups_would_be_worse(
    meaning: Meaning, catalogues: Mapping[str, Catalogue]
) -> None:
    """The best threshold that there is without centring, chosen with the answers known, is no match."""
    found: list[tuple[float, bool]] = []
    centred: list[tuple[float, bool]] = []
    for language, groups in QUESTIONS["held_out"].items():
        true = [number for number, group in enumerate(groups) for _ in group]
        vectors = meaning.vectors([question for group in groups for question in group])
        for rows, unit in ((found, vectors), (centred, meaning.measure(catalogues[language]).unit(vectors))):
            likeness = unit @ unit.T
            rows += [(float(likeness[a, b]), true[a] == true[b]) for a in range(len(true)) for b in range(a)]
    assert best_f(centred) > best_f(found) + 0.05


def best_f(rows: list[tuple[float, bool]]) -> float:
    ranked = np.array([belongs for _, belongs in sorted(rows, reverse=True)])
    right = np.cumsum(ranked)
    return float((2 * right / (np.arange(1, len(ranked) + 1) + ranked.sum())).max())


@pytest.mark.parametrize(
    ("language", "summary", "others", "expected"),
    [
        (
            "en",
            "The bank reconciliation does not balance since Friday",
            ["bank rec is off by 12.40", "how do I void a check"],
            [True, False],
        ),
        (
            "de",
            "Der Bankabgleich geht seit Freitag nicht auf",
            ["Differenz beim Bankabgleich", "Wie storniere ich einen Scheck?"],
            [True, False],
        ),
        (
            "es",
            "La conciliación bancaria no cuadra desde el viernes",
            ["diferencia en la conciliación", "¿Cómo anulo un cheque?"],
            [True, False],
        ),
        (
            "fr",
            "Le rapprochement bancaire ne tombe pas juste depuis vendredi",
            ["il reste un écart dans le rapprochement bancaire", "Comment annuler un chèque ?"],
            [True, False],
        ),
    ],
)
def test_within_a_conversation_other_words_for_one_matter_are_recognised(
    meaning: Meaning,
    catalogues: Mapping[str, Catalogue],
    language: str,
    summary: str,
    others: list[str],
    expected: list[bool],
) -> None:
    assert meaning.related(summary, others, catalogues[language]) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("How do I void a check?", "bitcoin", "ELSTER Schnittstelle", "GW-0011", "BL03000076", "SSO", "RFC", "1099"),
        *("IFRS 16", "Umsatzsteuervoranmeldung", "nómina", "relevé d'identité bancaire", "AP aging"),
    ],
)
def test_questions_words_abbreviations_and_codes_can_be_questions(meaning: Meaning, text: str) -> None:
    assert meaning.plausible(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "?", "...", "🙈🙈", "x", "1", "42", "aaaaaaa", "hahaha", "bla bla bla", "lololol", "asdfgh"),
        *("sdkfjh skdjfh", "dfgdfgdfg", "lkjhgfdsa", "ñlkjñlkj", "xcvbn", "kjsdhf ksjdhf ksdjhf kjsdh"),
    ],
)
def test_random_keys_laughter_and_punctuation_cannot(meaning: Meaning, text: str) -> None:
    assert not meaning.plausible(text)


# Groups of vectors


def near(direction: int, *, off: float = 0.0, towards: int = 1, dimension: int = 8) -> Floats:
    """A vector of length 1 along one axis, turned `off` (radians) towards another."""
    vector = np.zeros(dimension, dtype=np.float32)
    vector[direction], vector[towards] = np.cos(off), np.sin(off)
    return vector


def test_the_middle_of_a_group_is_where_most_was_asked() -> None:
    between = np.stack([near(0), near(0, off=0.2), near(0, off=0.4), near(5)])
    assert grouped(between, [1, 1, 1, 1], 0.9).tolist() == [1, 1, 1, 3]
    two = np.stack([near(0), near(0, off=0.2)])
    assert grouped(two, [9, 1], 0.9).tolist() == [0, 0]
    assert grouped(two, [1, 9], 0.9).tolist() == [1, 1]


def test_a_chain_of_neighbours_does_not_become_one_group() -> None:
    unit = np.stack([near(0, off=step * 0.4) for step in range(8)])
    groups = grouped(unit, [1] * 8, 0.9)
    for row, middle in enumerate(groups.tolist()):
        assert unit[row] @ unit[middle] >= 0.9
    assert len(set(groups.tolist())) >= 3


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_questions_make_few_groups(count: int) -> None:
    assert grouped(np.stack([near(0), near(5)])[:count], [1] * count, 0.5).tolist() == list(range(count))


def test_the_same_questions_make_the_same_groups_whatever_their_order() -> None:
    unit, weights = clustered(600, seed=3)
    groups = grouped(unit, weights, 0.7)
    order = np.random.default_rng(4).permutation(len(unit))
    again = grouped(unit[order], [weights[row] for row in order], 0.7)
    assert (grouped(unit, weights, 0.7) == groups).all()
    assert (order[again] == groups[order]).all()


def clustered(count: int, seed: int) -> tuple[Floats, list[float]]:
    """Vectors in about count / 20 heaps, and how often each was asked (no two heaps alike)."""
    random = np.random.default_rng(seed)
    heaps = random.normal(size=(count // 20, 384))
    vectors = heaps[random.integers(len(heaps), size=count)] + 0.5 * random.normal(size=(count, 384))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit.astype(np.float32), list(1 + random.random(count))


def test_memory_grows_with_the_number_of_questions_and_not_with_its_square() -> None:
    unit, weights = clustered(6000, seed=1)
    tracemalloc.start()
    groups = grouped(unit, weights, 0.7)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(set(groups.tolist())) == 300
    assert peak < 60e6, f"{peak / 1e6:.0f} MB; the whole matrix alone would take 144"


def test_thousands_of_times_the_same_is_one_group() -> None:
    unit: Any = np.repeat(near(0, dimension=384)[None], 3000, axis=0)
    assert set(grouped(unit, [1] * len(unit), 0.9).tolist()) == {0}
