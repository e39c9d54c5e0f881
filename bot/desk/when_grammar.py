"""What may stand around the words for a time, and what makes them the time of something else than a problem."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from bot.desk.when_scan import WORDS, spaced


@dataclass(frozen=True)
class Grammar:
    """Patterns of one language, over folded text."""

    before: re.Pattern[str]  # the little words before the first piece
    since_before: re.Pattern[str]  # those before a piece that takes no preposition, such as "yesterday"
    between: re.Pattern[str]
    since: re.Pattern[str]
    about: re.Pattern[str]
    on: re.Pattern[str]
    at: re.Pattern[str]
    not_after: re.Pattern[str]
    not_before: re.Pattern[str]
    recurring: re.Pattern[str]
    to_come: re.Pattern[str]
    past: re.Pattern[str]
    case: re.Pattern[str]
    worked: re.Pattern[str]
    negated: re.Pattern[str]
    goes_on: re.Pattern[str]
    follow: re.Pattern[str]
    fillers: re.Pattern[str]
    tomorrow: re.Pattern[str]
    other_zone: re.Pattern[str]


@cache
def grammar_of(language: str) -> Grammar:
    words = WORDS[language]

    def word(alternatives: str) -> str:
        # Words that end in an apostrophe are followed by the next at once.
        return rf"(?<!\w)(?:{spaced(alternatives)})(?:(?<=')|(?!\w))"

    vetoes = set(words.before.split("|"))
    glue = "|".join(w for w in words.glue.split("|") if w not in vetoes)
    since = rf"{word(words.since)}\s+(?:{spaced(words.updates)}\s*)?"
    little = f"{words.at}|{words.on}|{words.about}"
    return Grammar(
        before=re.compile(rf"(?:{since})?(?:{word(f'{little}|{glue}')}[\s~]*)*$"),
        since_before=re.compile(rf"(?:{since})?(?:{word(words.about)}[\s~]*)*$"),
        between=re.compile(rf"[\s,;()~–-]*(?:{word(f'{little}|{words.glue}|{words.since}')}[\s,~]*)*"),
        since=re.compile(word(words.since)),
        about=re.compile(rf"{word(words.about)}|~"),
        on=re.compile(word(words.on)),
        at=re.compile(word(words.at)),
        not_after=re.compile(rf"{word(words.before)}[\s:]*$"),
        not_before=re.compile(rf"\s*{word(words.after)}"),
        recurring=re.compile(word(words.recurring)),
        to_come=re.compile(word(words.to_come)),
        past=re.compile(word(words.past)),
        case=re.compile(word(words.case)),
        worked=re.compile(word(words.worked)),
        negated=re.compile(rf"{word(words.negations)}|n't"),
        goes_on=re.compile(word(words.goes_on)),
        follow=re.compile(rf"\s*(?:$|[.,;:!?)]|{word(words.follow)})"),
        fillers=re.compile(rf"{word(f'{words.fillers}|{little}|{glue}')}|[^\w]"),
        tomorrow=re.compile(spaced(words.tomorrow)),
        other_zone=re.compile(rf"\s*\(?{word(words.named_zones)}"),
    )
