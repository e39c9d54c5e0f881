"""Dates, times, countries and languages as people of each language write them (CLDR through Babel)."""

from __future__ import annotations

from datetime import datetime, time
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale, dates

# CLDR sets thin and narrow spaces around times; chat clients and scripts handle a plain no-break space better.
_THIN_SPACES = str.maketrans({"\u202f": "\u00a0", "\u2009": " "})
# Babel has no skeleton with the full weekday, so weekday and day are joined as each language does.
_AFTER_WEEKDAY = {"fr": " ", "es": " "}


def day_and_time(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """E.g. "Monday, March 16, 10:30 AM" in the zone, without the year."""
    local = moment.astimezone(zone)
    weekday = dates.format_date(local, "EEEE", locale=language)
    day = dates.format_skeleton("MMMMd", local, locale=language)
    return f"{weekday}{_AFTER_WEEKDAY.get(language, ', ')}{day}, {clock_time(local.timetz(), language)}"


def clock_time(moment: time | datetime, language: str) -> str:
    """E.g. "6:00 AM" or "06:00"."""
    return dates.format_time(moment, format="short", locale=language).translate(_THIN_SPACES)


def zone_name(zone: ZoneInfo, language: str) -> str:
    """E.g. "Central European Time", "hora de Europa central"."""
    return dates.get_timezone_name(zone, locale=language)


@cache
def territories(language: str) -> dict[str, str]:
    """ISO country code → name, countries only."""
    names = Locale.parse(language).territories
    return {code: name for code, name in names.items() if len(code) == 2 and code.isalpha()}


def country_name(code: str, language: str) -> str:
    return territories(language).get(code, code)


def language_name(code: str, language: str) -> str:
    """The name of a language inside a sentence, e.g. "Englisch", "anglais"."""
    return str(Locale.parse(language).languages.get(code, code))
