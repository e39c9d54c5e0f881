"""Hears when a problem happened, in four languages: a wrong moment misleads the specialist, so in doubt there is none.

`dateparser` was measured on the same examples (tests/unit/desk/when/): of what it heard, even the day alone was right
in 54 to 63 of 100, as it takes "we" for Wednesday and "esta mañana" for tomorrow, and does not know "gegen halb acht".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bot.desk.when_grammar import Grammar, grammar_of
from bot.desk.when_resolve import Moment, Span, resolved
from bot.desk.when_scan import Folded, Kind, Piece, fold, pieces
from bot.desk.when_words import DayPart

__all__ = ["DayPart", "Span", "When", "heard_when"]

# No little words before a time are longer, in characters; so that a long text takes no longer than it must.
_REACH = 80
# A text with more pieces of times is a log or a list.
_MOST_PIECES = 24
# They take no preposition, so none of the words before is theirs, apart from "since" and "about".
_BY_THEMSELVES = frozenset([Kind.AGO, Kind.LASTING, Kind.MOMENT, Kind.LATELY, Kind.DAY])
_CLAUSE_END = re.compile(
    r"[;!?\n]|\.(?=\s|$)|,(?=\s)|(?<!\w)(?:but|however|aber|doch|mais|pero|sino|and now|und jetzt|et maintenant|"
    r"y ahora)(?!\w)"
)
_LAST = re.compile(r"(?<!\w)(?:last|past|letzte\w*|vergangene\w*|vorige\w*|dernier|passe|pasado)(?!\w)")
_THIS = re.compile(r"(?<!\w)(?:this|diese\w*|ce|este)(?!\w)")
_SEE_YOU = re.compile(r"(?:^|\s)a\s+$")  # "à lundi"
_PAST_FOR_CERTAIN = (Kind.AGO, Kind.MOMENT, Kind.DATE, Kind.ISO)
_SHARE = re.compile(r"\s*(?:of|der|des|de|von)\b")
# "Three hours and 20 minutes ago": more of a length than was understood.
_MORE = re.compile(r"\s+(?:and|und|et|y)\s+\d+\s*(?:m|h|st)")
# As a whole answer this is a length, or perhaps a time.
_LENGTH = re.compile(r"\d+\s*(?:h|hs|hrs|heures?)")
_POSSESSIVE = re.compile(r"'s?\b|-\w")


@dataclass(frozen=True)
class When:
    """When a problem happened, in the user's zone.

    said: the words, verbatim. time: None when only the day, or a part of it, is known. since: from then on, not once.
    span: the day is the first of a week or a month when no more than that was said.
    """

    said: str
    day: date
    time: time | None
    approximate: bool
    since: bool
    part: DayPart | None = None
    span: Span = Span.DAY


@dataclass(frozen=True)
class _Chain:
    """Pieces that belong together, with the little words around them."""

    pieces: Sequence[Piece]
    start: int
    end: int
    little: str  # the little words before and between

    def has(self, *kinds: Kind) -> bool:
        return any(piece.kind in kinds for piece in self.pieces)


def heard_when(text: str, now: datetime, zone: ZoneInfo, language: str) -> When | None:
    """The one moment of the problem that a text names, relative to `now` (aware), for a user in the zone.

    None where there is none, several, or the time of something else: a deadline, a plan, a document's date, a habit,
    the time when all was still well. Only words of the language count, and dates in numbers.
    A ValueError for a `now` without a time zone, a KeyError for a language that the desk does not speak.
    """
    if now.tzinfo is None:
        raise ValueError(f"now must be aware, with a time zone, but is {now.isoformat()}")
    folded, grammar = fold(text), grammar_of(language)
    heard: list[When] = []
    for chain in _chains(folded, language, grammar):
        if not _counts(chain, folded, language, grammar):
            continue
        last, this = bool(_LAST.search(chain.little)), bool(_THIS.search(chain.little))
        moment = resolved(chain.pieces, now, zone, language, last=last, this=this)
        if moment is not None:
            heard.append(_when(chain, moment, folded, grammar))
    if len({(w.day, w.time, w.part) for w in heard}) > 1:
        heard = [w for w in heard if w.since]
    return heard[0] if len({(w.day, w.time, w.part) for w in heard}) == 1 else None


def _when(chain: _Chain, moment: Moment, folded: Folded, grammar: Grammar) -> When:
    since = bool(grammar.since.search(chain.little)) or chain.has(Kind.LASTING)
    approximate = moment.approximate or bool(grammar.about.search(folded.plain, chain.start, chain.end))
    said = folded.said(chain.start, chain.end)
    return When(said, moment.day, moment.time, approximate, since, moment.part, moment.span)


def _chains(folded: Folded, language: str, grammar: Grammar) -> list[_Chain]:
    plain, groups = folded.plain, list[list[Piece]]()
    found = pieces(folded, language)
    for piece in _sound(found, plain, grammar) if len(found) <= _MOST_PIECES else ():
        if groups and grammar.between.fullmatch(plain, groups[-1][-1].end, piece.start):
            groups[-1].append(piece)
        else:
            groups.append([piece])
    chains = []
    for group in groups:
        while len(group) > 1 and group[-1].kind is Kind.ZONE and group[-2].kind is not Kind.CLOCK:
            group.pop()
        end = group[-1].end
        pattern = grammar.since_before if group[0].kind in _BY_THEMSELVES else grammar.before
        before = pattern.search(plain, max(0, group[0].start - _REACH), group[0].start)
        start = before.start() if before else group[0].start
        ends = [start, *(p.end for p in group[:-1])]
        little = " | ".join(plain[a : p.start] for a, p in zip(ends, group, strict=True))
        about = re.match(rf"\s*(?:{grammar.about.pattern})(?=\s*(?:$|[.,;:!?)]))", plain[end:])
        if about:
            little, end = f"{little} | {about[0]}", end + about.end()
        chains.append(_Chain(group, start, end, little))
    return chains


def _sound(found: list[Piece], plain: str, grammar: Grammar) -> list[Piece]:
    """Without the bare numbers that are no hours: those need "at" before and nothing countable behind."""
    kept = []
    for place, piece in enumerate(found):
        if piece.kind is Kind.CLOCK and not piece.strong:
            before = grammar.before.search(plain, max(0, piece.start - _REACH), piece.start)
            little = before[0] if before else ""
            joined = place + 1 < len(found) and grammar.between.fullmatch(plain, piece.end, found[place + 1].start)
            if not any(p.search(little) for p in (grammar.at, grammar.about, grammar.since)):
                continue
            if not joined and not grammar.follow.match(plain, piece.end):
                continue
        kept.append(piece)
    return kept


def _counts(chain: _Chain, folded: Folded, language: str, grammar: Grammar) -> bool:
    """Whether these words name the time of a problem for certain."""
    plain, first = folded.plain, chain.pieces[0]
    head, tail = plain[: chain.start], plain[chain.end :]
    if chain.has(Kind.OTHER) or _is_of_something_else(chain, plain, grammar):
        return False
    if _POSSESSIVE.match(tail) or _MORE.match(tail) or (chain.has(Kind.CLOCK) and grammar.other_zone.match(tail)):
        return False
    tomorrow = first.kind is Kind.PART and grammar.tomorrow.fullmatch(plain[first.start : first.end])
    if tomorrow and not re.search(r"(?<!\w)la\s+$", plain[: first.start]):
        return False
    clause = _clause(plain, chain)
    since = bool(grammar.since.search(chain.little))
    if grammar.worked.search(clause) and not grammar.negated.search(clause):
        return False
    bare = not grammar.fillers.sub("", f"{head} {tail}")
    lasts = since or chain.has(Kind.LASTING)
    if not bare and (grammar.case.search(clause) or (grammar.recurring.search(clause) and not lasts)):
        return False
    today = all(p.kind is not Kind.DAY or p.number == 0 for p in chain.pieces) and not chain.has(*_PAST_FOR_CERTAIN)
    if today and not (bare or lasts) and (grammar.to_come.search(clause) or _asks(plain, chain)):
        return False
    if not chain.has(*(set(Kind) - {Kind.CLOCK, Kind.PART, Kind.ZONE, Kind.RANGE})):
        return _hour_counts(chain, plain, grammar, bare=bare, since=since)
    return all(_day_counts(p, chain, folded, language, grammar, clause, bare=bare, since=since) for p in chain.pieces)


def _is_of_something_else(chain: _Chain, plain: str, grammar: Grammar) -> bool:
    """Whether the word beside it makes it the date of a document, a deadline or a version."""
    if grammar.not_before.match(plain, chain.end):
        return True
    before = grammar.not_after.search(plain, max(0, chain.start - _REACH), chain.start)
    if before is None:
        return False
    # "Bills have not posted since yesterday" tells the problem; "posted yesterday" dates a document.
    tells = grammar.since.search(chain.little) and grammar.negated.search(_clause(plain, chain))
    return not tells or grammar.negated.search(before[0]) is not None


def _clause(plain: str, chain: _Chain) -> str:
    starts = [m.end() for m in _CLAUSE_END.finditer(plain) if m.end() <= chain.start]
    following = _CLAUSE_END.search(plain, chain.end)
    return plain[starts[-1] if starts else 0 : following.start() if following else len(plain)]


def _asks(plain: str, chain: _Chain) -> bool:
    """Whether the sentence is a question."""
    end = re.search(r"[.?!\n](?=\s|$)", plain[chain.end :])
    return end is not None and end[0] == "?"


def _hour_counts(chain: _Chain, plain: str, grammar: Grammar, *, bare: bool, since: bool) -> bool:
    """An hour without a day: "at 9:15", "since nine"."""
    if chain.pieces[0].kind is not Kind.CLOCK or chain.has(Kind.RANGE):
        return False
    said_at = since or bool(grammar.at.search(chain.little)) or bool(grammar.about.search(chain.little))
    length = _LENGTH.fullmatch(plain, chain.start, chain.end)
    strong = any(piece.kind is Kind.CLOCK and piece.strong for piece in chain.pieces)
    return (strong and bare and not length) or (said_at and (strong or bare or since))


def _day_counts(
    piece: Piece,
    chain: _Chain,
    folded: Folded,
    language: str,
    grammar: Grammar,
    clause: str,
    *,
    bare: bool,
    since: bool,
) -> bool:
    """A piece that names a day, a week or a month, each with what it needs beside it."""
    on = since or bool(grammar.on.search(chain.little))
    plain, clock, day = folded.plain, chain.has(Kind.CLOCK), chain.has(Kind.DATE, Kind.ISO)
    match piece.kind:
        case Kind.ISO:
            return piece.number >= 0 or on or clock or bare
        case Kind.DATE:
            share = piece.number and not piece.day[0] and _SHARE.match(plain[piece.end :])
            return not share and (on or clock or bare or chain.has(Kind.WEEKDAY))
        case Kind.LASTING:
            return piece.strong or bare or bool(grammar.goes_on.search(clause))
        case Kind.SPAN:
            return since or bare or chain.has(Kind.WEEKDAY)
        case Kind.MONTH:
            return since
        case Kind.WEEKDAY if not piece.strong:
            return day or clock or (on and language != "fr")
        case Kind.WEEKDAY:
            alone = not plain[chain.end :].strip(" .!") or (language == "de" and not plain[: chain.start].strip())
            habit = language == "fr" and re.search(r"(?<!\w)le\s", chain.little) and not day
            if (habit and not chain.has(Kind.SPAN)) or (
                language == "fr" and _SEE_YOU.search(chain.little.split("|")[0])
            ):
                return False
            certain = since or bare or day or chain.has(Kind.SPAN) or _LAST.search(chain.little)
            if not certain and not grammar.past.search(clause):
                return False
            return on or clock or day or bare or alone or language == "fr" or chain.has(Kind.PART, Kind.SPAN)
    return True
