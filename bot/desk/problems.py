"""Tells a summary that holds two unrelated problems, so that each can become a case of its own.

Source: support-policy, "One specific problem per case". Asking in vain costs more than missing a second problem, so a
cause with its effect, the steps, places and errors of one problem, and remarks on it stay together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from bot.desk.meaning import Floats, Meaning
from bot.desk.problem_parts import Split, Tie, splits
from bot.locales import Catalogue
from bot.locales.wording import normalise
from kb_index.lexical import terms

# A shorter part is no summary that a specialist can work with.
_FEWEST_WORDS = 4
# Words at the beginning of a part that are compared by meaning, and those that may point back.
_COMPARED_WORDS, _POINTING_WORDS = 24, 3
# Splits that are compared by meaning, the most telling first: each takes two calls of the encoder.
_MOST_COMPARED = 3
_NEAREST = 2
# Letters of a stem that is no ending, and of one that counts when it is only a part of the other word.
_SHORTEST_STEM, _SHORTEST_PART = 4, 5
# Logarithms of odds. They began as a logistic regression on the development examples of tests/unit/desk/problems; then
# "also" and a bare new sentence were made to weigh much less, until at most one in twenty of those found was none: half
# of the examples are hard, and fewer people have two problems than examples do.
_TIES = {Tie.NAMED: 1.5, Tie.COUNTED: 1.0, Tie.LISTED: 1.0, Tie.ADDED: -1.9, Tie.NONE: -3.0}
_SECOND_IS_PROBLEM, _FIRST_IS_PROBLEM, _PLAINLY = 9.0, 2.0, 0.2
_KEEPS_TO_IT, _POINTS_BACK, _OTHER_AREA, _SAME_AREA, _SAME_WORDS = -4.0, -3.0, 1.5, -2.0, -2.5
_LIKENESS, _NOT_ALIKE = -4.0, 0.7  # the latter as a share of the likeness of questions that mean the same


@dataclass(frozen=True)
class TwoProblems:
    """Both parts as they stand in the text, without the words that tie them together."""

    first: str
    second: str


def two_problems(text: str, catalogue: Catalogue, meaning: Meaning) -> TwoProblems | None:
    """The two problems of a summary in the catalogue's language; None when it holds one, or when that is uncertain.

    The first call in a language takes about a second more, to encode the catalogue's examples.
    """
    best, chosen = 0.0, None
    for split in _worth_comparing(text, catalogue):
        odds = _odds(split, catalogue, meaning)
        if odds > best:
            best, chosen = odds, TwoProblems(split.first, split.second)
    return chosen


def _worth_comparing(text: str, catalogue: Catalogue) -> list[Split]:
    """The most telling splits; those at a bare new sentence only where its area is another."""
    found = [
        split
        for split in splits(text, catalogue)
        if min(len(split.first.split()), len(split.second.split())) >= _FEWEST_WORDS
        and (split.tie is not Tie.NONE or _areas_compared(split, catalogue) == _OTHER_AREA)
    ]
    return sorted(found, key=lambda split: -_TIES[split.tie])[:_MOST_COMPARED]


def _odds(split: Split, catalogue: Catalogue, meaning: Meaning) -> float:
    """The logarithm of the odds that the parts are two problems."""
    beginnings = _beginnings(split)
    measure = meaning.measure(catalogue)
    unit = measure.unit(meaning.vectors(beginnings))
    problems, remarks = (meaning.examples(group, catalogue) for group in ("problem_examples", "remark_examples"))
    first, second = (min(_nearness(one, problems) - _nearness(one, remarks), _PLAINLY) for one in unit)
    if split.tie is Tie.LISTED and first < 0:
        return -np.inf  # steps are listed as well
    sentence = normalise(beginnings[1])
    start = f" {' '.join(sentence.split()[:_POINTING_WORDS])} "
    return (
        _TIES[split.tie]
        + _FIRST_IS_PROBLEM * first
        + _SECOND_IS_PROBLEM * second
        + _KEEPS_TO_IT * catalogue.mentions("same_problem_words", sentence)
        + _POINTS_BACK * catalogue.mentions("pointing_words", start)
        + _LIKENESS * max(0.0, float(unit[0] @ unit[1]) / measure.same - _NOT_ALIKE)
        + _areas_compared(split, catalogue)
        + _SAME_WORDS * _share_words(beginnings[0], beginnings[1], catalogue)
    )


def _share_words(first: str, second: str, catalogue: Catalogue) -> bool:
    """Whether a word of both parts has the same stem, or one is a part of the other: "Import", "Kundenimport"."""
    # "Two lines are missing" and "two users" share nothing.
    counting = " ".join(catalogue.expressions("problem_announcements"))
    common = set(terms(counting, catalogue.language))
    one, other = (
        {t for t in set(terms(part, catalogue.language)) - common if len(t) >= _SHORTEST_STEM and not t.isdigit()}
        for part in (first, second)
    )
    if one & other:
        return True
    return any(len(min(a, b, key=len)) >= _SHORTEST_PART and (a in b or b in a) for a in one for b in other)


def _beginnings(split: Split) -> list[str]:
    return [" ".join(part.split()[:_COMPARED_WORDS]) for part in (split.first, split.second)]


def _nearness(one: Floats, examples: Floats) -> float:
    """The mean likeness to the nearest examples: one alone may be like by chance."""
    return float(np.sort(examples @ one)[-_NEAREST:].mean())


def _areas_compared(split: Split, catalogue: Catalogue) -> float:
    """How much the areas of the product that the parts name speak for two problems."""
    first, second = (_areas(beginning, catalogue) for beginning in _beginnings(split))
    if first & second:
        return _SAME_AREA
    return _OTHER_AREA if first and second else 0.0


def _areas(part: str, catalogue: Catalogue) -> set[str]:
    padded = normalise(part)
    expressions = catalogue.content["vocabulary"]["application_area"]
    return {area for area, words in expressions.items() if any(_normalised(word) in padded for word in words)}


# The same few hundred expressions are looked for in every sentence.
_normalised = lru_cache(maxsize=4096)(normalise)
