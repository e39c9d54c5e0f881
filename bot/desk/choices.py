"""Judges which case reason and application area a summary is about, so that the likely ones are offered first."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from bot.desk.described import SUMMARIES, Described, check_values
from bot.desk.judge import Judge
from bot.locales import Catalogue

OTHER = "other"
# From that probability on the first value is right in at least 95 of 100 summaries (tests/benchmarks/choices.py).
NEARLY_SURE = 0.8
# Where the value of each group stands in the names of an example.
_LEVELS = {"application_area": 0, "case_reason": 1}


@dataclass(frozen=True)
class Likely:
    """All values of a group, the likely ones first and OTHER last, and how probable it is that the first is right."""

    ranked: list[str]
    probability: float


class Choices:
    """Learns on first use from the described summaries, and from the words of the catalogues that mean a value.

    One judgement serves all languages. Safe to share between threads.
    """

    def __init__(self, described: Described) -> None:
        self._described = described
        self._lock = threading.Lock()
        self._judges: dict[str, Judge] = {}

    def likely(self, text: str, group: str, catalogue: Catalogue) -> Likely:
        """For a group of values, "case_reason" or "application_area".

        Raises KeyError for any other group, and ExamplesError for examples that do not fit, see `check`.
        """
        judge = self._judge(group, catalogue)
        probabilities = judge.probabilities(text, self._described.encoder.encode_queries([text])[0])
        ranked = sorted((value for value in probabilities if value != OTHER), key=lambda value: -probabilities[value])
        # Whoever finds nothing that fits looks for a way out at the end of the list, however probable it is.
        return Likely([*ranked, *(value for value in probabilities if value == OTHER)], probabilities[ranked[0]])

    def check(self, catalogue: Catalogue) -> None:
        """Raises ExamplesError when the examples do not fit the catalogue's values."""
        for group, level in _LEVELS.items():
            values = list(catalogue.labels(group))
            check_values(self._described.summaries, level, values, self._described.folder / SUMMARIES)

    def prepare(self, catalogue: Catalogue) -> None:
        """Learns all groups now, in some seconds; else the first summary waits for it."""
        for group in _LEVELS:
            self._judge(group, catalogue)

    def _judge(self, group: str, catalogue: Catalogue) -> Judge:
        with self._lock:
            if group not in self._judges:
                self._judges[group] = self._learn(group, catalogue)
            return self._judges[group]

    def _learn(self, group: str, catalogue: Catalogue) -> Judge:
        level = _LEVELS[group]
        self.check(catalogue)
        examples = self._described.summaries
        words = list(
            dict.fromkeys(
                (expression, value)
                for one in catalogue.in_all_languages()
                for value, meant in one.content["vocabulary"][group].items()
                for expression in (one.label(group, value), *meant)
            )
        )
        texts = [example.text for example in examples] + [expression for expression, _ in words]
        labels = [example.names[level] for example in examples] + [value for _, value in words]
        groups = [example.names for example in examples] + [None] * len(words)
        return Judge.fit(texts, self._described.vectors(texts), labels, groups)
