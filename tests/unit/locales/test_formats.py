"""Dates, times and countries read as people of each language write them, without exotic spaces."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.locales import LANGUAGES, load_catalogues
from bot.locales.formats import clock_time, country_name, day_and_time, language_name, territories, zone_name

MOMENT = datetime(2026, 3, 16, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "zone", "text"),
    [
        ("en", "America/Chicago", "Monday, March 16, 9:30\u00a0AM"),
        ("es", "Europe/Madrid", "lunes 16 de marzo, 15:30"),
        ("fr", "Europe/Paris", "lundi 16 mars, 15:30"),
        ("de", "Europe/Berlin", "Montag, 16. März, 15:30"),
        ("de", "Australia/Sydney", "Dienstag, 17. März, 01:30"),
    ],
)
def test_a_moment_is_told_in_the_zone_and_language_of_the_user(language: str, zone: str, text: str) -> None:
    assert day_and_time(MOMENT, ZoneInfo(zone), language) == text


def test_a_moment_is_the_same_wherever_it_was_measured() -> None:
    zone = ZoneInfo("Europe/Paris")
    assert day_and_time(MOMENT.astimezone(ZoneInfo("Asia/Tokyo")), zone, "fr") == day_and_time(MOMENT, zone, "fr")


def test_the_hour_that_comes_twice_in_autumn_is_told_as_the_clock_shows_it() -> None:
    zone = ZoneInfo("Europe/Berlin")
    for hour in (0, 1):
        moment = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
        assert day_and_time(moment, zone, "de") == "Sonntag, 25. Oktober, 02:30"


@pytest.mark.parametrize(
    ("language", "opens", "noon"),
    [
        ("en", "6:00\u00a0AM", "12:00\u00a0PM"),
        ("es", "6:00", "12:00"),
        ("fr", "06:00", "12:00"),
        ("de", "06:00", "12:00"),
    ],
)
def test_hours_are_written_as_in_the_language(language: str, opens: str, noon: str) -> None:
    assert (clock_time(time(6), language), clock_time(time(12), language)) == (opens, noon)


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("en", "Central European Time"),
        ("es", "hora de Europa central"),
        ("fr", "heure d’Europe centrale"),
        ("de", "Mitteleuropäische Zeit"),
    ],
)
def test_a_zone_has_a_name_in_every_language(language: str, name: str) -> None:
    assert zone_name(ZoneInfo("Europe/Berlin"), language) == name


@pytest.mark.parametrize(
    ("language", "name"), [("en", "Germany"), ("es", "Alemania"), ("fr", "Allemagne"), ("de", "Deutschland")]
)
def test_a_country_has_a_name_in_every_language(language: str, name: str) -> None:
    assert country_name("DE", language) == name
    assert country_name("QQ", language) == "QQ"


@pytest.mark.parametrize(
    ("language", "text"), [("en", "in German"), ("es", "en alemán"), ("fr", "en allemand"), ("de", "auf Deutsch")]
)
def test_a_language_has_a_name_inside_a_sentence(language: str, text: str) -> None:
    catalogue = load_catalogues()[language]
    assert catalogue.phrase("source_language", language=language_name("de", language)) == text
    assert language_name("qqq", language) == "qqq"


@pytest.mark.parametrize("language", LANGUAGES)
def test_territories_are_countries_and_no_continents(language: str) -> None:
    names = territories(language)
    assert {"US", "CA", "GB", "FR", "DE", "AU", "ZA", "ES"} <= set(names)
    assert all(len(code) == 2 and code.isalpha() for code in names)
    assert "001" not in names


@settings(max_examples=60)
@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["UTC", "America/St_Johns", "Asia/Kathmandu", "Pacific/Kiritimati", "Africa/Johannesburg"]),
    st.sampled_from(LANGUAGES),
)
def test_no_moment_brings_a_space_that_scripts_stumble_over(moment: datetime, zone: str, language: str) -> None:
    text = day_and_time(moment, ZoneInfo(zone), language) + clock_time(moment, language)
    assert not set("\u202f\u2009\u200e") & set(text)
    assert "{" not in text
