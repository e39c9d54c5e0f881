"""Splits German compounds at words the help center uses on their own: Bankabstimmung is found by 'Bank' too."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Set
from pathlib import Path

from kb_index.errors import IndexFormatError

_MIN_PART = 4
_MIN_COMPOUND = 9
_MIN_ARTICLES = 3
"""A part must stand alone in this many articles; rarer ones are mostly accidents ('ung', names)."""
_LINKS = ("", "s", "n", "en", "es", "e")


class CompoundSplitter:
    """Splits folded words into two known words; without any known words it never splits."""

    def __init__(self, words: Set[str] = frozenset()) -> None:
        self._words = words

    @classmethod
    def learn(cls, articles: Iterable[Set[str]]) -> CompoundSplitter:
        """`articles`: the folded words of each article."""
        counts = Counter(word for words in articles for word in words)
        known = (word for word, count in counts.items() if count >= _MIN_ARTICLES and len(word) >= _MIN_PART)
        return cls(frozenset(word for word in known if word.isalpha()))

    def __bool__(self) -> bool:
        return bool(self._words)

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(sorted(self._words), ensure_ascii=True), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> CompoundSplitter:
        """Raises OSError when the file is missing and IndexFormatError when it is not one of ours."""
        words = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(words, list):
            raise IndexFormatError(f"{path} is damaged: not a list of words")
        return cls(frozenset(words))

    def parts(self, word: str) -> tuple[str, ...]:
        """(first, second) of a compound, with the longest first part there is, or nothing."""
        if len(word) < _MIN_COMPOUND or len(word) > 60:
            return ()
        for cut in range(len(word) - _MIN_PART, _MIN_PART - 1, -1):
            second = word[cut:]
            if second in self._words:
                for link in _LINKS:
                    first = word[:cut].removesuffix(link) if link else word[:cut]
                    if word[:cut].endswith(link) and first in self._words:
                        return first, second
        return ()
