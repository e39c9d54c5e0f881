"""Finds the words for days, hours and durations in a text; what they mean together is decided in when.py."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import cache

from bot.desk.when_words import DE, EN, DayPart, Words
from bot.desk.when_words_romance import ES, FR

WORDS = {"en": EN, "de": DE, "fr": FR, "es": ES}

# Digits that go on before or behind belong to an amount, a code, a version or an address.
_LEFT = r"(?<!\w)(?:(?=\D)|(?<![.,:/+#€$£-]))"
_RIGHT = r"(?!\w)(?![.,:/-]\d)(?!\s*(?:[%€$£°]|percent|prozent|pour cent|por ciento|euros?\b|eur\b|usd\b))"
_AM_PM = r"(?P<ap>a\.?\s?m\b\.?|p\.?\s?m\b\.?)"
_ISO = (
    r"(?P<y>20\d\d)-(?P<mo>\d\d)-(?P<d>\d\d)"
    r"(?:(?:t|\s+)(?P<h>\d\d):(?P<m>\d\d)(?::\d\d(?:[.,]\d+)?)?\s?(?P<z>z|utc|[+-]\d\d:?\d\d)?)?"
)
_NUMERIC = (
    r"(?P<a>\d{1,2})(?P<sep>[./-])(?P<b>\d{1,2})(?P=sep)(?P<y>20\d\d|\d\d)",
    r"(?P<a>\d{1,2})/(?P<b>\d{1,2})",
)
_GERMAN = (r"(?P<a>\d{1,2})\.\s?(?P<b>\d{1,2})\.", r"(?:(?<=am )|(?<=dem ))(?P<a>\d{1,2})\.(?P<b>\d{1,2})")
_ZONES = {
    "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles", "PT": "America/Los_Angeles",
    "MST": "America/Denver", "MDT": "America/Denver", "MT": "America/Denver",
    "CST": "America/Chicago", "CDT": "America/Chicago", "CT": "America/Chicago",
    "EST": "America/New_York", "EDT": "America/New_York", "ET": "America/New_York",
    "UTC": "UTC", "GMT": "UTC", "BST": "Europe/London",
    "CET": "Europe/Berlin", "CEST": "Europe/Berlin", "MEZ": "Europe/Berlin", "MESZ": "Europe/Berlin",
}  # fmt: skip
_ZONE = r"(?:" + "|".join(_ZONES).lower() + r")(?![+-]\d)"
_SPELLED_ZONES = {
    "pacific": "America/Los_Angeles", "mountain": "America/Denver", "central": "America/Chicago",
    "eastern": "America/New_York",
}  # fmt: skip


class Kind(Enum):
    """What a piece of a time is; where two pieces begin and end alike, the first of these counts."""

    OTHER = auto()
    RANGE = auto()
    ISO = auto()
    DATE = auto()
    LASTING = auto()
    AGO = auto()
    MOMENT = auto()
    LATELY = auto()
    DAY = auto()
    SPAN = auto()
    CLOCK = auto()
    WEEKDAY = auto()
    MONTH = auto()
    PART = auto()
    ZONE = auto()


@dataclass(frozen=True)
class Piece:
    """A piece of a time in the folded text, from start to end (exclusive)."""

    kind: Kind
    start: int
    end: int
    number: float = 0  # days, weekday, month, hours and minutes of a clock in minutes, amount of units
    strong: bool = True  # means a time without any preposition
    vague: bool = False
    unit: str = ""  # of a duration; of a clock "am", "pm", "literal" (24 hours), "written" (perhaps 24 hours)
    part: DayPart | None = None
    zone: str = ""
    day: tuple[int, int, int] = (0, 0, 0)  # year or 0, month, day; of a numeric date year, first, second number


@dataclass(frozen=True)
class Folded:
    """A text in lower case without accents, and where each of its characters came from."""

    text: str
    plain: str
    origin: tuple[int, ...]

    def said(self, start: int, end: int) -> str:
        """The words as they were written, for a stretch of `plain`."""
        return self.text[self.origin[start] : self.origin[end - 1] + 1].strip(" ,;.")


def fold(text: str) -> Folded:
    """Folds the text one character at a time, so that the place in the original stays known."""
    plain: list[str] = []
    origin: list[int] = []
    for place, character in enumerate(text):
        for folded in unicodedata.normalize("NFKD", character.casefold()):
            if not unicodedata.combining(folded):
                plain.append("'" if folded in "’`´‘" else folded)
                origin.append(place)
    return Folded(text, "".join(plain), tuple(origin))


def spaced(pattern: str) -> str:
    """A pattern of the words with its spaces for any white space."""
    return pattern.replace(" ?", r"\s*").replace(" ", r"\s+")


def value_of(word: str, numbers: dict[str, float]) -> float:
    """The number that digits or a word stand for; a LookupError for another word."""
    if word.isdecimal():
        return int(word)
    for pattern, value in numbers.items():
        if re.fullmatch(spaced(pattern), word):
            return value
    raise LookupError(word)


def _any(patterns: dict[str, float]) -> str:
    return "|".join(sorted((p for pattern in patterns for p in pattern.split("|")), key=len, reverse=True))


@cache
def compiled(language: str) -> tuple[tuple[Kind, re.Pattern[str], object], ...]:
    """Every pattern of a language with what it means; made once."""
    words = WORDS[language]
    # "a" and "ein" are articles; "une heure" and "la una" are one o'clock.
    articles = ("an?", "eine[rmns]?|ein")
    hours = {p: v for p, v in words.numbers.items() if v == int(v) and v <= 24 and p not in articles}
    minutes = {p: v for p, v in words.numbers.items() if v == int(v) and v < 60 and p not in articles}
    months = "|".join(f"(?:{month})" for month in words.months)
    fill = {
        "{n}": rf"(?P<n>\d{{1,3}}|{_any(words.numbers | words.vague)})",
        "{u}": "(?P<u>" + "|".join(words.units.values()) + ")",
        "{a}": f"(?:(?P<about>{words.about}) )?",
        "{hw}": f"(?P<h>{_any(hours)})",
        "{h}": rf"(?P<h>[0-2]?\d|{_any(hours)})",
        "{mm}": r"(?P<m>[0-5]\d)",
        "{mw}": f"(?P<m>{_any(minutes)})",
        "{m}": rf"(?P<m>[0-5]?\d|{_any(minutes)})",
        "{ap}": _AM_PM,
        "{d}": r"(?P<d>[0-3]?\d)",
        "{month}": f"(?P<mo>{months})",
        "{year}": r"(?P<y>20\d\d|'\d\d)",
        "{c}": rf"(?:[0-2]?\d(?:[:.h]\s?[0-5]\d)?\s*(?:am|pm|uhr|heures?|hs?)?|(?:{_any(hours)})(?:\s+heures)?)",
    }

    def build(pattern: str, left: str = _LEFT, right: str = _RIGHT) -> re.Pattern[str]:
        pattern = spaced(pattern)
        for name, meaning in fill.items():
            pattern = pattern.replace(name, spaced(meaning))
        return re.compile(f"{left}(?:{pattern}){right}")

    compound = left = ""
    if language == "de":  # "Montagabend"
        left, compound = r"(?:(?<!\w)|(?<=tag)|(?<=woch))", "|".join(p for p, _ in words.parts)
    weekday_end = rf"(?:(?!\w)|(?={compound}))" if compound else r"(?!\w)"
    found: list[tuple[Kind, re.Pattern[str], object]] = [(Kind.ISO, re.compile(_LEFT + _ISO + _RIGHT), None)]
    numeric = _NUMERIC + (_GERMAN if language == "de" else ())
    found += [(Kind.DATE, re.compile(_LEFT + pattern + r"(?!\w)(?![.,:/-]?\d)"), None) for pattern in numeric]
    found += [(Kind.DATE, build(pattern), None) for pattern in words.dates]
    found += [(Kind.OTHER, build(words.other), None), (Kind.RANGE, build(words.ranges), None)]
    found += [(Kind.LASTING, build(pattern), True) for pattern in words.lasting]
    found += [(Kind.LASTING, build(words.at_length), False)]
    found += [(Kind.AGO, build(pattern), True) for pattern in words.ago]
    found += [(Kind.MOMENT, build(words.moments), None), (Kind.LATELY, build(words.lately), None)]
    found += [(Kind.DAY, build(pattern), (days, part)) for pattern, days, part in words.days]
    found += [(Kind.SPAN, build(pattern), (unit, back)) for pattern, unit, back in words.spans]
    found += [(Kind.CLOCK, build(pattern), (plus, sign, strong)) for pattern, plus, sign, strong in words.clocks]
    found += [(Kind.WEEKDAY, build(p, right=weekday_end), (n, True)) for n, p in enumerate(words.weekdays)]
    found += [(Kind.WEEKDAY, build(f"(?:{p})\\.?"), (n, False)) for n, p in enumerate(words.short_weekdays)]
    found += [(Kind.MONTH, build(f"(?:(?P<edge>{words.edge}) )?(?:{p})(?: {{year}})?"), n + 1)
              for n, p in enumerate(words.months)]  # fmt: skip
    found += [(Kind.PART, build(pattern, left=left or _LEFT), part) for pattern, part in words.parts]
    found += [(Kind.ZONE, build(_ZONE), None)]
    if language == "en":
        found += [
            (Kind.ZONE, build(f"(?P<spelled>{'|'.join(_SPELLED_ZONES)})(?: standard| daylight)?(?: time)?"), None)
        ]
    return tuple(found)


def pieces(folded: Folded, language: str) -> list[Piece]:
    """The pieces of times in a text, in order, none in another: the earliest, then the longest, counts."""
    words, candidates = WORDS[language], []
    for kind, pattern, meaning in compiled(language):
        for match in pattern.finditer(folded.plain):
            piece = _piece(kind, match, meaning, words, folded)
            if piece is not None:
                candidates.append(piece)
    candidates.sort(key=lambda p: (p.start, -p.end, p.kind.value, not p.strong))
    chosen: list[Piece] = []
    for piece in candidates:
        if not chosen or piece.start >= chosen[-1].end:
            chosen.append(piece)
    return chosen


def _piece(kind: Kind, match: re.Match[str], meaning: object, words: Words, folded: Folded) -> Piece | None:
    groups, (start, end) = match.groupdict(), match.span()
    match kind, meaning:
        case Kind.CLOCK, (int(plus), int(sign), bool(strong)):
            return _clock(start, end, groups, words, plus, sign, strong)
        case Kind.DAY, (int(days), part):
            return Piece(kind, start, end, days, part=part if isinstance(part, DayPart) else None)
        case Kind.SPAN, (str(unit), int(back)):
            return Piece(kind, start, end, back, unit=unit)
        case Kind.WEEKDAY, (int(weekday), bool(strong)):
            # Short ones are words of their own in small letters: "so", "do", "mar", "sun".
            return Piece(kind, start, end, weekday, strong) if strong or folded.said(start, end)[0].isupper() else None
        case Kind.PART, DayPart() as part:
            return Piece(kind, start, end, part=part)
        case Kind.MONTH, int(month):
            return Piece(kind, start, end, month, vague=bool(groups["edge"]), day=(_year(groups["y"]), month, 1))
        case ((Kind.LASTING | Kind.AGO), bool(strong)):
            return replace(_duration(kind, start, end, groups, words), strong=strong)
        case Kind.DATE, _:
            return _date(start, end, groups, words)
        case Kind.ISO, _:
            day = (int(groups["y"]), int(groups["mo"]), int(groups["d"]))
            minutes = int(groups["h"]) * 60 + int(groups["m"]) if groups["h"] else -1
            return Piece(kind, start, end, minutes, zone=groups["z"] or "", day=day)
        case Kind.ZONE, _:
            name = folded.said(start, end)
            spelled = groups.get("spelled")
            zone = _SPELLED_ZONES[spelled] if spelled else _ZONES.get(name, "")
            # "et" and "est" are words of French; in capitals throughout nothing tells them apart.
            return Piece(kind, start, end, zone=zone) if zone and (spelled or not folded.text.isupper()) else None
    return Piece(kind, start, end)


def _clock(
    start: int, end: int, groups: dict[str, str | None], words: Words, plus: int, sign: int, strong: bool
) -> Piece | None:
    if groups.get("noon"):
        return Piece(Kind.CLOCK, start, end, 12 * 60 + plus, True, unit="literal")
    hour_said, minutes_said, half = groups["h"] or "", groups.get("m"), groups.get("ap")
    hour = value_of(hour_said, words.numbers)
    minutes = value_of(minutes_said, words.numbers) if minutes_said else 0
    if hour > 23 or (half and not 1 <= hour <= 12):
        return None
    unit = f"{half[0]}m" if half else ""
    if not half and (hour > 12 or hour == 0 or hour_said.startswith("0")):
        unit = "literal"
    elif not half and words is not EN and minutes_said and minutes_said.isdecimal() and hour_said.isdecimal():
        unit = "written"
    return Piece(Kind.CLOCK, start, end, hour * 60 + plus + sign * minutes, strong, unit=unit)


def _duration(kind: Kind, start: int, end: int, groups: dict[str, str | None], words: Words) -> Piece:
    unit = next((u for u, p in words.units.items() if re.fullmatch(spaced(p), groups.get("u") or "")), "")
    if groups.get("u") == "viertelstunde":
        return Piece(kind, start, end, 15, unit="minute")
    said = (groups.get("n") or "").strip()
    vague = next((value for p, value in words.vague.items() if re.fullmatch(spaced(p), said)), None)
    number = vague if vague is not None else value_of(said, words.numbers) if said else 1
    if groups.get("half"):
        number += 0.5
    return Piece(kind, start, end, number, vague=vague is not None, unit=unit)


def _year(said: str | None) -> int:
    return 0 if not said else 2000 + int(said[-2:])


def _date(start: int, end: int, groups: dict[str, str | None], words: Words) -> Piece | None:
    year, month_said = _year(groups.get("y")), groups.get("mo")
    if month_said is None:
        # Two numbers, in an order that depends on the country.
        return Piece(Kind.DATE, start, end, 1, day=(year, int(groups["a"] or 0), int(groups["b"] or 0)))
    month = next(n for n, p in enumerate(words.months, 1) if re.fullmatch(p, month_said))
    return Piece(Kind.DATE, start, end, day=(year, month, int(groups["d"] or 0)))
