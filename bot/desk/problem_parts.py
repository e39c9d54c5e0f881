"""Finds where a text may turn from one problem to another: words that say so, numbers, or just a new sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from bot.locales import Catalogue
from bot.locales.wording import normalise

_WORD = re.compile(r"\w+")
_SENTENCE_END = re.compile(r"[.!?…]\W*\s|\n")
_CLAUSE_END = re.compile(r"[.,;:!?…()\n–—]|\s-\s")
_COMMA = re.compile(r"[,\s'’-]*")
# "1)" and "b)" count problems up wherever they stand, "1." only where a sentence may begin: it is a date as well.
_NUMBER = re.compile(r"(?:(?<=\s)|^)\(?(?P<number>[1-4a-d])(?:\)|\.(?=\s))\s*")
_DASH = re.compile(r"(?:(?<=\s)|^)[-–•*]\s+")
_EDGES = " \t\r\n,;:–—-•*"
_MOST_FILLERS = 6
_LONGEST_GREETING = 8


class Tie(Enum):
    """What stands between two parts of a text."""

    NAMED = "named"  # words for another problem
    COUNTED = "counted"  # "second", or a list of two problems that was announced
    LISTED = "listed"  # numbers, letters, dashes: of problems or of steps
    ADDED = "added"  # "also", "besides"
    NONE = "none"  # a new sentence


@dataclass(frozen=True)
class Split:
    """Two parts of a text, verbatim and without the words that tie them together."""

    first: str
    second: str
    tie: Tie


@dataclass(frozen=True)
class _Word:
    text: str  # normalised
    start: int
    end: int
    gap: str  # what stands between the word and the one before

    @property
    def opens_clause(self) -> bool:
        return bool(_CLAUSE_END.search(self.gap))

    @property
    def opens_sentence(self) -> bool:
        return bool(_SENTENCE_END.search(self.gap))


class _Phrases:
    """Expressions of the catalogue, found as whole words at a place of a text."""

    def __init__(self, catalogue: Catalogue, group: str) -> None:
        self._by_first: dict[str, list[list[str]]] = {}
        for expression in catalogue.expressions(group):
            words = expression.split()
            self._by_first.setdefault(words[0], []).append(words)

    def length_at(self, words: Sequence[_Word], place: int) -> int:
        """The number of words of the longest expression there; 0 when there is none."""
        if place >= len(words):
            return 0
        for expression in self._by_first.get(words[place].text, ()):
            found = words[place : place + len(expression)]
            if [w.text for w in found] == expression and all(_COMMA.fullmatch(w.gap) for w in found[1:]):
                return len(expression)
        return 0


@dataclass(frozen=True)
class _Opening:
    """How a text begins: where its first problem does, and whether it announced several or began to count."""

    start: int
    announced: bool
    counted: bool


class _Reader:
    def __init__(self, text: str, catalogue: Catalogue) -> None:
        self.text = text
        self.words = _words(text)
        groups = ("another_problem", "separate_words", "addition_words", "first_words", "second_words", "third_words")
        others = ("problem_announcements", "joining_words", "problem_fillers", "problem_links")
        self.phrases = {group: _Phrases(catalogue, group) for group in (*groups, *others)}

    def length_at(self, group: str, place: int) -> int:
        return self.phrases[group].length_at(self.words, place)

    def opening(self) -> _Opening:
        place, announced, counted = 0, False, False
        while (found := self._opened_at(place)) is not None:
            place, by_number = found
            announced, counted = announced or not by_number, counted or by_number
        return _Opening(self._begin(place) if place else 0, announced, counted)

    def _opened_at(self, place: int) -> tuple[int, bool] | None:
        """The place after an announcement or a first number there, and whether it was a number."""
        for start in self._past_fillers(place, across=True):
            if length := self.length_at("first_words", start):
                return start + length, True
            for group in ("problem_announcements", "another_problem"):
                length = self.length_at(group, start)
                # "Two things happen when …" announces nothing.
                if length and start + length < len(self.words) and self.words[start + length].opens_clause:
                    return start + length, False
        return None

    def _past_fillers(self, place: int, *, across: bool = False) -> Iterator[int]:
        """The place itself and those after one filler, two … ; `across` the ends of clauses, too."""
        for _ in range(_MOST_FILLERS + 1):
            yield place
            length = self.length_at("problem_fillers", place)
            place += length
            if not length or place >= len(self.words) or (self.words[place].opens_clause and not across):
                return

    def tied(self, opening: _Opening) -> Iterator[Split]:
        """Parts with words between them that say that something is added, and sentences without."""
        counts = opening.counted or opening.announced
        counts = counts and not any(
            self.length_at("third_words", p) for p, w in enumerate(self.words) if w.opens_clause
        )
        past = 0
        for place, word in enumerate(self.words):
            joined = place > 0 and bool(self.length_at("joining_words", place - 1)) and not word.opens_clause
            if word.start <= opening.start or place < past or not (word.opens_clause or joined):
                continue
            found = self._tie_at(place, counts=counts)
            past, tie = found or (place, Tie.NONE)
            if found is not None or word.opens_sentence:
                yield self._split(opening.start, place - 1 if joined else place, past, tie)

    def _tie_at(self, place: int, *, counts: bool) -> tuple[int, Tie] | None:
        """Where the second problem begins after words that tie it to the first, and what kind they are."""
        groups = {"separate_words": Tie.NAMED, "another_problem": Tie.NAMED}
        if counts:
            groups["second_words"] = Tie.COUNTED
        for start in self._past_fillers(place):
            for group, tie in groups.items():
                if length := self.length_at(group, start):
                    past = start + length
                    cut = past >= len(self.words) or self.words[past].opens_clause
                    links = 0 if cut else self.length_at("problem_links", past)
                    if group == "another_problem" and not (cut or links):
                        # "Another problem with the bank feed" says what it is with, and "is the button" may go on.
                        return place, Tie.ADDED
                    return past + links, tie
        for start in (place, place + self.length_at("joining_words", place)):
            if length := self.length_at("addition_words", start):
                # "Besides, another problem: …" names it all the same.
                named = self._tie_at(start + length, counts=False)
                return named if named and named[1] is Tie.NAMED else (start + length, Tie.ADDED)
        return None

    def _split(self, start: int, end: int, second: int, tie: Tie) -> Split:
        """The text up to the word `end`, and that from the word `second` on."""
        return Split(_trimmed(self.text[start : self._begin(end)]), _trimmed(self.text[self._begin(second) :]), tie)

    def _begin(self, place: int) -> int:
        """Where a word begins with what stands right before it, such as a quotation mark."""
        if place >= len(self.words):
            return len(self.text)
        word = self.words[place]
        return word.start - len(re.split(r"\s", word.gap)[-1])

    def numbered(self, opening: _Opening) -> Split | None:
        """The parts after 1 and 2, or after two dashes; None when there are more: those are mostly steps."""
        marks = [m for m in _NUMBER.finditer(self.text) if ")" in m[0] or self._may_begin(m)]
        series = [m for m in marks if m["number"] in "12"] or [m for m in marks if m["number"] in "ab"]
        if [m["number"] for m in marks] not in (["1", "2"], ["a", "b"]):
            series = [m for m in _DASH.finditer(self.text) if opening.announced or self._begins_line(m)]
        if len(series) != 2:
            return None
        one, two = series
        before = self.text[: one.start()]
        if len(before.split()) > _LONGEST_GREETING and not opening.announced:
            return None
        # A greeting can be left out; "since the update" cannot.
        start = one.end() if opening.announced or not before.strip() else 0
        tie = Tie.COUNTED if opening.announced else Tie.LISTED
        return Split(_trimmed(self.text[start : two.start()]), _trimmed(self.text[two.end() :]), tie)

    def _may_begin(self, mark: re.Match[str]) -> bool:
        before = self.text[: mark.start()].rstrip(" ")
        return not before or before[-1] in ".!?;:,\n"

    def _begins_line(self, mark: re.Match[str]) -> bool:
        return not self.text[: mark.start()].rpartition("\n")[2].strip()


def splits(text: str, catalogue: Catalogue) -> list[Split]:
    """Every place where the text may turn to another problem, in its order; numbers first."""
    reader = _Reader(text, catalogue)
    opening = reader.opening()
    numbered = reader.numbered(opening)
    return [*([numbered] if numbered else []), *reader.tied(opening)]


def _words(text: str) -> list[_Word]:
    found, end = [], 0
    for match in _WORD.finditer(text):
        found.append(_Word(normalise(match[0]).strip(), match.start(), match.end(), text[end : match.start()]))
        end = match.end()
    return found


def _trimmed(part: str) -> str:
    return part.strip(_EDGES).lstrip("." + _EDGES)
