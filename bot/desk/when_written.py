"""Writes when a problem happened as people of each language do, for the review card and the specialist."""

from __future__ import annotations

from babel import dates

from bot.desk.when import Span, When
from bot.locales import Catalogue
from bot.locales.formats import clock_time


def written(when: When, catalogue: Catalogue) -> str:
    """E.g. "Montag, 23. November 2026, gegen 09:00 Uhr", "since Tuesday, November 24, 2026, in the morning"."""
    if when.span is Span.MONTH:
        month = dates.format_skeleton("yMMMM", when.day, locale=catalogue.language)
        return catalogue.phrase("when_since_month" if when.since else "when_month", month=month)
    day = dates.format_date(when.day, format="full", locale=catalogue.language)
    if when.span is Span.WEEK:
        return catalogue.phrase("when_since_week" if when.since else "when_week", day=day)
    if when.time is not None:
        time = clock_time(when.time, catalogue.language)
        moment = catalogue.phrase("when_time_about" if when.approximate else "when_time", day=day, time=time)
    elif when.part is not None:
        moment = catalogue.phrase("when_part", day=day, part=catalogue.label("day_part", when.part))
    elif when.approximate:
        moment = catalogue.phrase("when_day_about", day=day)
    else:
        moment = day
    return catalogue.phrase("when_since", when=moment) if when.since else moment
