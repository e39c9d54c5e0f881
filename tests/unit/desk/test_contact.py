"""Which line and hours people are told: by the country they name, in any of the four languages, or ISO code."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.desk.contact import Contact
from bot.locales import LANGUAGES, load_catalogues
from bot.locales.formats import territories
from bot.policy.policy import load_policy
from tests.support.clock import Clock

POLICY, CATALOGUES = load_policy(), load_catalogues()
CONTACT = Contact(POLICY, CATALOGUES, Clock())
MONDAY_1400_UTC = datetime(2026, 3, 16, 14, 0, tzinfo=UTC)
SUNDAY = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "language", "region"),
    [
        ("What is the number for the UK?", "en", "GB"),
        ("we are in London", "en", "GB"),
        ("I'm calling from the States", "en", "US"),
        ("phone number in the U.S.A. please", "en", "US"),
        ("Canada", "en", "CA"),
        ("Llamo desde Londres", "es", "GB"),
        ("¿teléfono para Sudáfrica?", "es", "ZA"),
        ("desde España", "es", "ES"),
        ("le numéro pour le Québec", "fr", "CA"),
        ("QUEBEC", "fr", "CA"),
        ("en Allemagne", "fr", "DE"),
        ("Südafrika", "de", "ZA"),
        ("aus den USA", "de", "US"),
        ("Vereinigtes Königreich", "de", "GB"),
        ("Australien!", "de", "AU"),
    ],
)
def test_a_country_or_city_is_found_in_what_people_write(text: str, language: str, region: str) -> None:
    assert CONTACT.region_in(text, language) == region


@pytest.mark.parametrize("spoken", LANGUAGES)
@pytest.mark.parametrize(
    ("text", "region"), [("Alemania", "DE"), ("Germany", "DE"), ("Deutschland", "DE"), ("Allemagne", "DE")]
)
def test_a_country_is_understood_in_another_of_the_four_languages(text: str, region: str, spoken: str) -> None:
    assert CONTACT.region_in(text, spoken) == region


@pytest.mark.parametrize("text", ["US", "us", " us ", "the US office", "Phone US?"])
def test_us_is_the_country_in_capitals_or_alone(text: str) -> None:
    assert CONTACT.region_in(text, "en") == "US"


@pytest.mark.parametrize(
    "text", ["can you tell us the phone number", "please call us back", "what are your opening hours?", "", "🙈", "42"]
)
def test_no_country_is_made_up(text: str) -> None:
    for language in LANGUAGES:
        assert CONTACT.region_in(text, language) is None


@settings(max_examples=100)
@given(st.sampled_from(LANGUAGES), st.data())
def test_every_country_is_found_by_its_own_name(language: str, data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(sorted(territories(language))))
    name = territories(language)[code]
    assert territories(language)[CONTACT.region_in(name, language) or "none"] == name


def test_canada_shares_the_north_american_line_but_not_its_rule() -> None:
    america, canada = CONTACT.card(CONTACT.hours("US")), CONTACT.card(CONTACT.hours("CA"))
    assert america["phone"] == canada["phone"] == "(877) 704-3700"
    assert (america["designated_users_only"], canada["designated_users_only"]) == (True, False)
    assert (america["timezone"], canada["timezone"]) == ("America/New_York", "America/Toronto")


def test_the_card_of_an_open_line() -> None:
    assert CONTACT.card(CONTACT.hours("GB")) == {
        "region": "GB",
        "phone": "+44 (0)19 1479 5990",
        "timezone": "Europe/London",
        "hours": {"opens": "06:00", "closes": "18:00"},
        "open_now": True,
        "next_opening": "2026-03-17T06:00:00+00:00",
        "designated_users_only": False,
        "after_hours": "high_priority_only",
    }


def test_a_country_without_a_line_gets_all_lines() -> None:
    card = CONTACT.card(CONTACT.hours("ES"))
    assert (card["phone"], card["timezone"]) == (None, "Europe/Madrid")
    assert [line["region"] for line in card["lines"]] == ["US", "GB", "AU", "ZA", "FR", "DE"]
    assert {"region": "FR", "phone": "01 70 73 16 40"} in card["lines"]


def test_on_a_sunday_the_next_opening_is_monday_in_the_zone_that_is_asked_for() -> None:
    card = CONTACT.card(CONTACT.hours("ZA", at=SUNDAY))
    assert (card["open_now"], card["next_opening"]) == (False, "2026-03-16T06:00:00+02:00")


def test_the_users_own_zone_goes_before_that_of_the_country() -> None:
    card = CONTACT.card(CONTACT.hours("US", "America/Los_Angeles", MONDAY_1400_UTC))
    assert (card["timezone"], card["open_now"]) == ("America/Los_Angeles", True)
    assert CONTACT.hours("US", "America/Los_Angeles", MONDAY_1400_UTC.replace(hour=12)).open_now is False
    assert CONTACT.hours("US", None, MONDAY_1400_UTC.replace(hour=12)).open_now is True


def test_without_a_moment_the_clock_of_the_desk_counts() -> None:
    clock = Clock(SUNDAY)
    contact = Contact(POLICY, CATALOGUES, clock)
    assert not contact.hours("DE").open_now
    clock.move(days=1)
    assert contact.hours("DE").open_now


@pytest.mark.parametrize("region", ["GBR", "", "Germany", "4U", "🇬🇧"])
def test_what_is_no_country_code_is_an_error(region: str) -> None:
    with pytest.raises(ValueError):
        CONTACT.hours(region)
