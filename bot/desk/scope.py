"""Judges whether a problem is work that support does not do (policy: "Out of scope").

A defect in such an area is in scope, and so is a question how the product does something; asking support to do the
work, or for advice that is no matter of the product, is not.
"""

from __future__ import annotations

import threading
from collections import Counter

from bot.desk.described import IN_SCOPE, SCOPE, Described, check_values
from bot.desk.judge import Judge
from bot.policy.policy import Policy

# Whoever is told wrongly that support does not help is worse off than whoever is asked a few questions in vain.
# Chosen for a precision of at least 0.95 (tests/benchmarks/choices.py).
LEAST_PROBABILITY = 0.65
_PARTS = 6


class Scope:
    """Learns on first use from the described requests and summaries, in all languages. Safe between threads."""

    def __init__(self, described: Described, policy: Policy) -> None:
        self._described, self._topics = described, policy.support_scope.out_of_scope
        self._lock = threading.Lock()
        self._learned: Judge | None = None

    def out_of_scope_topic(self, text: str) -> str | None:
        """The topic of the policy's list that a problem belongs to, in any language; None when it is in scope.

        Raises ExamplesError for examples that do not fit, see `check`.
        """
        judge = self._judge()
        probabilities = judge.probabilities(text, self._described.encoder.encode_queries([text])[0])
        in_scope = probabilities.pop(IN_SCOPE)
        if 1 - in_scope < LEAST_PROBABILITY:
            return None
        return max(probabilities, key=lambda topic: probabilities[topic])

    def check(self) -> None:
        """Raises ExamplesError when the examples do not fit the policy's topics."""
        check_values(self._described.requests, 0, [*self._topics, IN_SCOPE], self._described.folder / SCOPE)

    def prepare(self) -> None:
        """Learns now, in some seconds; else the first problem waits for it."""
        self._judge()

    def _judge(self) -> Judge:
        with self._lock:
            if self._learned is None:
                self._learned = self._learn()
            return self._learned

    def _learn(self) -> Judge:
        self.check()
        requests, summaries = self._described.requests, self._described.summaries
        # The languages list much the same requests in much the same order: those of one part are left out together.
        counts = Counter((request.language, *request.names) for request in requests)
        seen: Counter[tuple[str, ...]] = Counter()
        parts: list[tuple[str, ...]] = []
        for request in requests:
            place = (request.language, *request.names)
            parts.append((*request.names, str(seen[place] * _PARTS // counts[place])))
            seen[place] += 1
        texts = [example.text for example in (*requests, *summaries)]
        labels = [request.names[0] for request in requests] + [IN_SCOPE] * len(summaries)
        groups = [*parts, *(summary.names for summary in summaries)]
        return Judge.fit(texts, self._described.vectors(texts), labels, groups)
