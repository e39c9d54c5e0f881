"""Chooses the part of a passage that a reader is shown under the article's title: what answers, with its steps."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from itertools import pairwise

from kb_index.lexical import terms
from kb_index.steps import Piece, pieces_of

MAX_SNIPPET = 300

ELLIPSIS = "…"

Nearness = Callable[[Sequence[str]], Sequence[float]]
"""How near each of some texts is to the question in meaning, from 0 to 1; of the passage's pieces, in their order."""

# Chosen on the development half of tests/benchmarks/data/snippets.jsonl; the figures change little around them.
_WORDS_WEIGHT = 0.5
"""Of the words against the nearness."""
_TOPIC_WEIGHT = 0.2
_PAIR_WEIGHT = 0.5
_PAIR_DISTANCE = 3
_POINTER_WEIGHT = 0.3
_WORTH_A_GAP = 0.4
"""Share of the best piece's score at which another one is shown though something between them is left out."""
_MOST_GAPS = 1
_MOSTLY_TOPIC = 0.75
_WEAK_EVIDENCE = 0.3
"""Share of the question's words below which a single step is no better answer than the beginning of the procedure."""

_FEW_WORDS = re.compile(r"[^\W\d_]\S*(?: \S+){0,2}\.")
_LONGEST_BARE_POINTER = 60
_POINTER = re.compile(
    r"(?:[-*•–] )?(?:"
    r"see also|related (?:topics|articles|information)|(?:to )?learn more|"
    r"(?:for )?(?:more|further|additional) (?:information|details)(?:,|:| on| about| see| go)|"
    r"siehe auch|(?:weitere|mehr|nähere) (?:informationen|details)(?:,|:| finden| zu| über| siehe| erhalten)|"
    r"(?:ver|véase|vea|consulte) también|(?:para (?:obtener )?)?más (?:información|detalles)(?:,|:| sobre| en)|"
    r"(?:voir|voyez|consultez) aussi|(?:pour )?plus d.informations?(?:,|:| sur| voir)|(?:pour )?en savoir plus)",
    re.IGNORECASE,
)
_BARE_POINTER = re.compile(r"(?:[-*•–] )?(?:see|siehe|véase|vea|voir|voyez)\s", re.IGNORECASE)


def snippet(
    text: str,
    query_words: Set[str],
    language: str,
    limit: int = MAX_SNIPPET,
    *,
    weights: Mapping[str, float] | None = None,
    topic: Set[str] = frozenset(),
    nearness: Nearness | None = None,
    from_first_step: bool = False,
) -> str:
    """The sentences, list items and steps of `text` that answer best, at most `limit` characters.

    `query_words` and `topic` are terms as `lexical.terms` makes them for `language`, that of the text. `weights` says
    how much a query word counts (its rarity; 1 where it is missing). `topic` holds the words of title and heading,
    which tell the sentences below them apart the least. `nearness` rates the pieces by more than their words.
    `from_first_step`: a procedure is shown from its beginning.

    What is shown stands in the order of the text, with an ellipsis where something is left out: at most once in
    between, and where a procedure began before or goes on. A question for the topic as a whole gets a procedure from
    step 1 on, one that nothing answers gets the beginning. Labels and references to other articles are not shown at the
    ends. A sentence longer than `limit` is cut between words and marked by an ellipsis. Empty only for a text without a
    visible character.
    """
    text = text.strip()
    pieces = pieces_of(text, language, limit)
    chosen = set(range(len(pieces)))
    if len(text) > limit:
        rating = _Rating(pieces, query_words, language, weights or {}, topic)
        scores = rating.scores(nearness)
        weak = nearness is None and max(scores) < _WEAK_EVIDENCE * _WORDS_WEIGHT
        first = _first_step(pieces) if from_first_step or weak or rating.asks_for_topic else None
        chosen = _beginning_at(pieces, first, limit) if first is not None else _best(pieces, scores, limit)
    return shorten(_with_open_ends(pieces, _without_fillers(pieces, chosen), limit), limit)


def named_share(question: Mapping[str, float], words: Set[str]) -> float:
    """Share (0–1) of a question, its terms with their weights, that is among some words; 0 for an empty one."""
    total = sum(question.values())
    return sum(weight for term, weight in question.items() if term in words) / total if total > 0 else 0.0


def shorten(text: str, limit: int) -> str:
    """The text, or as many of its words as fit with an ellipsis; a single longer word is cut."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    if not text[limit - 1].isspace():
        space = max(head.rfind(" "), head.rfind("\n"))
        head = head[:space] if space > 0 else head
    return head.rstrip(" \n,;:") + ELLIPSIS


class _Rating:
    """How well the pieces of a passage answer a question."""

    def __init__(
        self,
        pieces: Sequence[Piece],
        query_words: Set[str],
        language: str,
        weights: Mapping[str, float],
        topic: Set[str],
    ) -> None:
        self._pieces = pieces
        self._weights = {word: weights.get(word, 1.0) for word in query_words}
        self._topic = topic
        self._places = [_places(piece.text, query_words, language) for piece in pieces]

    @property
    def asks_for_topic(self) -> bool:
        """Whether the question asks little more than what title and heading promise."""
        return named_share(self._weights, self._topic) >= _MOSTLY_TOPIC

    def scores(self, nearness: Nearness | None) -> list[float]:
        """By piece, 0 for one that has nothing to do with the question."""
        worth = self._worth()
        scores = [_WORDS_WEIGHT * _words_score(places, worth) for places in self._places]
        if nearness is not None:
            near = nearness([piece.text.strip() for piece in self._pieces])
            scores = [score + value for score, value in zip(scores, near, strict=True)]
        factors = [_POINTER_WEIGHT if _is_pointer(piece) else 1.0 for piece in self._pieces]
        return [score * factor for score, factor in zip(scores, factors, strict=True)]

    def _worth(self) -> dict[str, float]:
        """Share of the question that each of its words makes up, by weight, less for words that many pieces hold."""
        total, count = sum(self._weights.values()), len(self._pieces)
        worth = {}
        for word, weight in self._weights.items():
            holders = sum(word in places for places in self._places)
            if holders and total > 0:
                rarity = math.log1p(count / holders) / math.log1p(count)
                worth[word] = weight / total * rarity * (_TOPIC_WEIGHT if word in self._topic else 1.0)
        return worth


def _places(text: str, query_words: Set[str], language: str) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for place, word in enumerate(terms(text, language)):
        if word in query_words:
            places.setdefault(word, []).append(place)
    return places


def _words_score(places: Mapping[str, Sequence[int]], worth: Mapping[str, float]) -> float:
    """The worth of the words, and some more for different words that stand close together."""
    score = sum(worth.get(word, 0.0) for word in places)
    if len(places) > 1:
        found = sorted((place, word) for word, all_places in places.items() for place in all_places)
        pairs = {
            frozenset((word, after))
            for (place, word), (later, after) in pairwise(found)
            if word != after and later - place <= _PAIR_DISTANCE
        }
        score += _PAIR_WEIGHT * sum(min(worth.get(word, 0.0) for word in pair) for pair in pairs)
    return score


def _first_step(pieces: Sequence[Piece]) -> int | None:
    return next((position for position, piece in enumerate(pieces) if piece.number == 1), None)


def _best(pieces: Sequence[Piece], scores: Sequence[float], limit: int) -> set[int]:
    """The best piece, others that are worth a gap, and what stands around them."""
    order = sorted(range(len(pieces)), key=lambda position: -scores[position])
    best = scores[order[0]]
    chosen = _with_parents(pieces, order[0])
    if len(_joined(pieces, chosen)) > limit:
        return {min(chosen)}
    for position in order[1:]:
        if best > 0 and scores[position] >= _WORTH_A_GAP * best:
            chosen = _widened(pieces, chosen, position, limit)
    return _filled(pieces, chosen, order[0], limit)


def _beginning_at(pieces: Sequence[Piece], first: int, limit: int) -> set[int]:
    """As many pieces as fit from `first` on."""
    chosen = {first}
    for position in range(first + 1, len(pieces)):
        wider = chosen | {position}
        if len(_joined(pieces, wider)) > limit:
            break
        chosen = wider
    return chosen


def _filled(pieces: Sequence[Piece], chosen: set[int], best: int, limit: int) -> set[int]:
    """`chosen` and the neighbours that fit: first what closes a gap, then what follows, then what leads up to it."""
    tried = set(chosen)
    while True:
        after = {position + 1 for position in chosen} - tried - {len(pieces)}
        # Nothing of one procedure is put before the first step of another.
        before = {position - 1 for position in chosen if pieces[position].number != 1} - tried - {-1}
        candidates = after & before or after or before
        if not candidates:
            return chosen
        position = min(candidates, key=lambda one: (abs(one - best), one))
        tried.add(position)
        chosen = _widened(pieces, chosen, position, limit)


def _widened(pieces: Sequence[Piece], chosen: set[int], position: int, limit: int) -> set[int]:
    """`chosen` with the piece at `position`, or as it is when that does not fit."""
    wider = chosen | _with_parents(pieces, position)
    gaps = sum(one + 1 not in wider for one in wider) - 1
    return wider if gaps <= _MOST_GAPS and len(_joined(pieces, wider)) <= limit else chosen


def _with_parents(pieces: Sequence[Piece], position: int) -> set[int]:
    found = {position}
    parent = pieces[position].parent
    while parent is not None:
        found.add(parent)
        parent = pieces[parent].parent
    return found


def _without_fillers(pieces: Sequence[Piece], chosen: Set[int]) -> list[int]:
    """The positions in order, less what says nothing at the ends; at least one is left."""
    kept = sorted(chosen)
    while len(kept) > 1 and (_is_pointer(pieces[kept[-1]]) or _says_nothing(pieces, kept[-1])):
        kept.pop()
    while len(kept) > 1 and _is_pointer(pieces[kept[0]]):
        kept.pop(0)
    return kept


def _with_open_ends(pieces: Sequence[Piece], positions: Sequence[int], limit: int) -> str:
    """The pieces as one text; an ellipsis says so where a procedure goes on behind it, or began before it."""
    if not positions:
        return ""
    shown = _joined(pieces, positions)
    first, last = positions[0], positions[-1]
    number = pieces[first].number
    if number is not None and number > 1 and pieces[first].parent is None:
        shown = f"{ELLIPSIS}\n{shown}"
    rest = pieces[last + 1 :]
    if pieces[last].is_item and rest and rest[0].is_item and rest[0].number != 1:
        shown = f"{shown}\n{ELLIPSIS}"
    return shown if len(shown) <= limit else _joined(pieces, positions)


def _is_pointer(piece: Piece) -> bool:
    """Whether the piece only names another article."""
    text = piece.text.strip()
    return bool(_POINTER.match(text) or (len(text) <= _LONGEST_BARE_POINTER and _BARE_POINTER.match(text)))


def _says_nothing(pieces: Sequence[Piece], position: int) -> bool:
    """Whether the piece is a label, or a last line of a few words."""
    piece = pieces[position]
    is_closing = position == len(pieces) - 1 and piece.opens_line and not piece.is_item and piece.parent is None
    return piece.is_label or (is_closing and bool(_FEW_WORDS.fullmatch(piece.text.strip())))


def _joined(pieces: Sequence[Piece], positions: Collection[int]) -> str:
    """The pieces as one text, with an ellipsis where others between them are left out."""
    shown = ""
    before = -1
    for position in sorted(positions):
        piece = pieces[position]
        if shown and position != before + 1:
            shown = shown.rstrip() + (f"\n{ELLIPSIS}\n" if piece.opens_line else f" {ELLIPSIS} ")
        shown += piece.text
        before = position
    return shown.strip()
