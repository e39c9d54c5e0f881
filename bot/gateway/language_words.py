"""What the words of a message say about its language: counts from the product's texts, and short lists written by hand.

Fits help-desk messages of a few words, where a detector trained on encyclopaedias guesses.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.gateway.letter_runs import LetterRuns
from bot.locales import LANGUAGES
from bot.locales.wording import normalise

COUNTS_FILE = Path(__file__).with_name("language_words.tsv")
LISTS_FILE = Path(__file__).with_name("language_words.yml")
NONE = "none"  # of the four
# How many words of another language a text in this one holds: English terms are everywhere, others come now and then.
BORROWED_ENGLISH, BORROWED = 0.04, 0.01
# A text in none of the four shares words with its neighbours.
SHARED_WITH_NEIGHBOURS = 0.03
LETTER_WEIGHT = 1.5
_LETTERS = {
    "ñ¿¡": ("es",),
    "áí": ("es", NONE),
    "óú": ("es", NONE),
    "ß": ("de",),
    "ä": ("de", NONE),
    "ö": ("de", NONE),
    "ü": ("de", "es", NONE),
    "œûî": ("fr",),
    "êèàùâôëï": ("fr", NONE),
    "ç": ("fr", NONE),
}
_LETTER_LANGUAGES = {letter: languages for letters, languages in _LETTERS.items() for letter in letters}
_SHARED_LETTERS = frozenset("é")


class LanguageWords:
    """Knows how much more a word belongs to one language than to the others."""

    def __init__(self, counts: Mapping[str, Sequence[int]], lists: Mapping[str, Any]) -> None:
        """counts: normalised word → how often it occurs in each of LANGUAGES, in their order."""
        self._evidence = _evidence(counts, [normalise(word).strip() for word in lists["foreign"]])
        self._runs = LetterRuns(counts)
        self._alone = {name: _normalised(words) for name, words in lists["alone"].items()}
        self._as_written = {word: name for name, words in lists["alone_as_written"].items() for word in words}
        self._borrowed = {name: _normalised(words) for name, words in lists["borrowed"].items()}
        self._english_grammar = _normalised(lists["english_grammar"])
        self._voice = {name: _normalised(words) for name, words in lists["voice"].items()}
        self._telling = {name: _normalised(words) for name, words in lists["telling"].items()}

    def known(self, word: str) -> bool:
        return all(part in self._evidence for part in normalise(word).split())

    def evidence(self, words: Iterable[str]) -> dict[str, float]:
        """Language (and NONE) → how likely these words are in it: natural logarithms, of use only to compare."""
        total = dict.fromkeys((*LANGUAGES, NONE), 0.0)
        letters: set[str] = set()
        for word in words:
            for part in normalise(word).split():
                for language, value in zip(total, self._of(part, written=word), strict=True):
                    total[language] += value
            letters |= {c for c in word.lower() if c > "\x7f"}
        for letter in letters - _SHARED_LETTERS:
            for language in _LETTER_LANGUAGES.get(letter, (NONE,) if letter.isalpha() else ()):
                total[language] += LETTER_WEIGHT
        return total

    def _of(self, part: str, *, written: str) -> Sequence[float]:
        found = self._evidence.get(part)
        if found is not None:
            return found
        # A name says nothing, nor does a single letter.
        return _NOTHING if written[:1].isupper() or len(part) < 2 else self._runs.evidence(part)

    def said_alone(self, words: Sequence[str], current: str | None) -> str | None:
        """The language of a message whose words are all greetings, thanks, yes, no and the like, of one language."""
        if len(words) == 1 and words[0].lower() in self._as_written:
            return self._as_written[words[0].lower()]
        parts = [part for word in words for part in normalise(word).split()]
        if not parts or (current is not None and self._borrowed[current].issuperset(parts)):
            return None
        of = [language for language in LANGUAGES if self._alone[language].issuperset(parts)]
        return of[0] if len(of) == 1 else None

    def has_english_grammar(self, words: Iterable[str]) -> bool:
        return any(part in self._english_grammar for word in words for part in normalise(word).split())

    def has_voice(self, words: Iterable[str], language: str, *, telling: bool) -> bool:
        """Whether somebody speaks for themselves in that language; `telling`: or tells what they do and expect."""
        parts = {part for word in words for part in normalise(word).split()}
        return bool(parts & self._voice[language] or (telling and parts & self._telling[language]))


@lru_cache(maxsize=1)
def load_language_words() -> LanguageWords:
    """Raises FileNotFoundError when the counts are missing; `python -m bot.gateway.count_words` makes them."""
    lines = COUNTS_FILE.read_text(encoding="utf-8").splitlines()[1:]
    rows = (line.split("\t") for line in lines)
    counts = {word: [int(count) for count in row] for word, *row in rows}
    return LanguageWords(counts, yaml.safe_load(LISTS_FILE.read_text(encoding="utf-8")))


def _normalised(words: Iterable[str]) -> frozenset[str]:
    return frozenset(part for word in words for part in normalise(word).split())


_NOTHING = (0.0,) * (len(LANGUAGES) + 1)


def _evidence(counts: Mapping[str, Sequence[int]], foreign: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """Word → logarithm of its probability in each of LANGUAGES and in none of them, less that of the likeliest."""
    sizes = [sum(column) for column in zip(*counts.values(), strict=True)]
    english = LANGUAGES.index("en")
    listed = frozenset(foreign)
    evidence = {}
    for word in (*counts, *(listed - counts.keys())):
        plain = [n / size for n, size in zip(counts.get(word, (0,) * len(sizes)), sizes, strict=True)]
        floor = 0.1 / min(sizes)
        shares = [
            max(own, BORROWED * max(plain), BORROWED_ENGLISH * plain[english] if i != english else 0.0) + floor
            for i, own in enumerate(plain)
        ]
        shares.append(SHARED_WITH_NEIGHBOURS * max(plain) + (1 / len(listed) if word in listed else 0.0) + floor)
        best = max(shares)
        evidence[word] = tuple(math.log(share / best) for share in shares)
    return evidence
