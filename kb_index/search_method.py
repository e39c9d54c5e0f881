"""Which way of searching vectors a partition gets: the fastest whose recall was measured and is good enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from kb_index.encoder import Encoder

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

EXACT_BELOW = 4_000
"""Passages; comparing a question with so many costs a fifteenth of encoding it, with 34,000 two thirds."""
LISTS_FROM = 100_000
"""Passages; looking at the codes of 75,000 costs a tenth of encoding a question, of 300,000 three quarters."""
RECALL_FLOOR = 0.99
"""Share of the true ten best passages that an approximate search has to find."""
RECALL_AT = 10

_STANDARD_ERRORS = 2
"""How many of them the measured recall has to be above the floor, so that it is above it for other questions, too."""
_LEAST_QUESTIONS = 50
_QUESTIONS = 200
_LISTS = 512
_PROBES = (64, 128, 192, 256)


@dataclass(frozen=True, slots=True)
class SearchMethod:
    """How a partition is searched, and how good that is.

    `name`: "exact" – the question is compared with every vector; "codes" – with a short code of every vector, then with
    the vectors of the best; "lists" – the same, but only with the codes in the `probes` nearest of `lists` clusters.
    `recall`: share of the true ten best found, measured with `questions` questions when the partition was built.
    `passed_over`: the faster methods that were not taken, and why.
    """

    name: str
    lists: int = 0
    probes: int = 0
    recall: float = 1.0
    questions: int = 0
    passed_over: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.name not in ("exact", "codes", "lists"):
            raise ValueError(f"there is no search method {self.name!r}")

    @classmethod
    def of_json(cls, stored: dict[str, Any]) -> SearchMethod:
        """What `dataclasses.asdict` gave. Raises TypeError, KeyError or ValueError for anything else."""
        return cls(**stored | {"passed_over": tuple(stored["passed_over"])})

    @property
    def is_exact(self) -> bool:
        return self.name == "exact"

    def __str__(self) -> str:
        """For people: 'codes, recall@10 0.9985 with 200 questions'."""
        scope = f"{self.probes} of {self.lists} lists" if self.lists else self.name
        measured = f", recall@{RECALL_AT} {self.recall:.4f} with {self.questions} questions" if self.questions else ""
        return scope + measured + "".join(f"; {reason}" for reason in self.passed_over)


EXACT = SearchMethod("exact")


def faster_methods(count: int) -> list[SearchMethod]:
    """What is worth trying instead of exact search in so many passages, fastest first."""
    methods = [SearchMethod("codes")] if count >= EXACT_BELOW else []
    if count >= LISTS_FROM:
        methods = [SearchMethod("lists", _LISTS, probes) for probes in _PROBES] + methods
    return methods


def fastest_method(
    methods: Iterable[SearchMethod], measure: Callable[[SearchMethod], Floats], questions: int
) -> SearchMethod:
    """The first whose recall, as `measure` finds it for so many questions, is safely above the floor; else exact."""
    if questions < _LEAST_QUESTIONS:
        return replace(EXACT, passed_over=(f"only {questions} questions to measure anything faster with",))
    passed_over: tuple[str, ...] = ()
    for method in methods:
        recalls = measure(method)
        measured = replace(method, recall=round(float(recalls.mean()), 4), questions=questions)
        if recalls.mean() - _STANDARD_ERRORS * recalls.std() / np.sqrt(questions) >= RECALL_FLOOR:
            return replace(measured, passed_over=passed_over)
        passed_over += (f"not {measured}",)
    return replace(EXACT, passed_over=passed_over)


def recalls_of(found: Iterable[Ints], best: Iterable[Ints]) -> Floats:
    """(questions,): share of each question's `best` rows that are among its `found` ones."""
    shares = [np.isin(right, rows).mean() for rows, right in zip(found, best, strict=True)]
    return np.array(shares, dtype=np.float32)


def trial_questions(titles: Sequence[str], encoder: Encoder, prepare: Callable[[Floats], Floats]) -> Floats:
    """Vectors (at most 200, dimension) that stand for customers' questions when recall is measured.

    They are titles from all over the language, encoded as questions; `prepare` does to the encoder's vectors what the
    ranking does before it searches. On vectors grown from a real help center they gave the recall that its customers'
    questions gave, to 0.001, and passages up to 0.03 more, because those lie where passages are.
    """
    step = max(1, len(titles) // _QUESTIONS)
    return prepare(encoder.encode_queries(titles[::step][:_QUESTIONS]))
