"""Finds known expressions in what people write, whatever the case, the accents and the punctuation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

_NOT_WORD = re.compile(r"[^\w]+")


def normalise(text: str) -> str:
    """Lower case, no accents, no punctuation, single spaces, one space at each end.

    The spaces at the ends let whole words be found with a plain substring test.
    """
    # Decomposed first as well: signs such as "№" hold capitals that folding alone does not reach.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return f" {_NOT_WORD.sub(' ', plain).strip()} "


class Vocabulary:
    """Value → the expressions that mean it."""

    def __init__(self, expressions: Mapping[str, Iterable[str]]) -> None:
        self._by_expression = {normalise(e): value for value, words in expressions.items() for e in words}
        self._longest_first = sorted(self._by_expression, key=len, reverse=True)

    def exact(self, text: str) -> str | None:
        """The value whose expression is the whole text."""
        return self._by_expression.get(normalise(text))

    def find(self, text: str) -> str | None:
        """The value of the longest expression in the text; None when there is none, or two values of equal length."""
        padded = normalise(text)
        found = [e for e in self._longest_first if e in padded]
        best = [e for e in found if len(e) == len(found[0])]
        values = {self._by_expression[e] for e in best}
        return values.pop() if len(values) == 1 else None
