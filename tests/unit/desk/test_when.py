"""When a problem happened is heard as people say it in four languages, and what is no such moment is left alone."""

from __future__ import annotations

import time as clock
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from bot.desk.when import DayPart, Span, When, heard_when
from bot.desk.when_written import written
from bot.locales import LANGUAGES, Catalogue, load_catalogues

EXAMPLES = Path(__file__).with_name("when")
BERLIN, CHICAGO = ZoneInfo("Europe/Berlin"), ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 24, 14, 20, tzinfo=BERLIN)
LONGEST_CALL_SECONDS = 0.02


def examples(language: str, part: str = "") -> Iterator[tuple[str, datetime, ZoneInfo, str | None]]:
    """Text, now, zone and the moment that is meant, as the files write it."""
    content: dict[str, Any] = yaml.safe_load((EXAMPLES / f"{language}{part}.yml").read_text(encoding="utf-8"))
    for example in content["examples"]:
        zone = ZoneInfo(example.get("zone", content["zone"]))
        now = datetime.fromisoformat(str(content["now"])).replace(tzinfo=zone)
        yield example["say"], now, zone, example.get("means")


def as_in_the_files(when: When | None) -> str | None:
    """Day, clock, part, span, "~" and "since", in that order."""
    if when is None:
        return None
    words = [when.day.isoformat(), when.time.strftime("%H:%M") if when.time else "", when.part or ""]
    words += [
        "" if when.span is Span.DAY else when.span,
        "~" if when.approximate else "",
        "since" if when.since else "",
    ]
    return " ".join(word for word in words if word)


def in_order(means: str | None) -> str | None:
    if means is None:
        return None
    marks = {"~": 1, "since": 2}
    return " ".join(sorted(means.split(), key=lambda word: marks.get(word, 0)))


ALL = [(language, *example) for language in LANGUAGES for example in examples(language)]


@pytest.fixture(scope="module")
def catalogues() -> Mapping[str, Catalogue]:
    return load_catalogues()


@pytest.mark.parametrize(("language", "text", "now", "zone", "means"), ALL, ids=[f"{e[0]}: {e[1]}" for e in ALL])
def test_a_customers_words_are_heard_as_they_are_meant(
    language: str, text: str, now: datetime, zone: ZoneInfo, means: str | None
) -> None:
    heard = heard_when(text, now, zone, language)
    assert as_in_the_files(heard) == in_order(means)
    assert heard is None or heard.said in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_examples_are_enough_and_some_name_no_time(language: str) -> None:
    meant = [means for *_, means in examples(language)]
    assert len(meant) >= 40
    assert meant.count(None) >= 10
    assert len(list(examples(language, ".heldout"))) >= 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_that_no_rule_was_made_for_are_rarely_missed_and_not_misheard(language: str) -> None:
    right = wrong = missed = 0
    for text, now, zone, means in examples(language, ".heldout"):
        heard, meant = as_in_the_files(heard_when(text, now, zone, language)), in_order(means)
        right += heard is not None and heard == meant
        wrong += heard is not None and heard != meant
        missed += meant is not None and heard != meant
    print(f"{language}: precision {right / (right + wrong):.3f}, recall {right / (right + missed):.3f}")
    assert right / (right + wrong) >= 0.95
    assert right / (right + missed) >= 0.85


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_ever_heard_that_has_not_happened_yet(language: str) -> None:
    for hours in range(0, 24 * 9, 5):
        now = datetime(2026, 3, 25, 0, 30, tzinfo=UTC) + timedelta(hours=hours)  # over a change of the clocks
        for text, _, zone, _ in examples(language):
            heard = heard_when(text, now, zone, language)
            if heard is not None:
                earliest = datetime.combine(heard.day, heard.time or time(0), zone)
                assert earliest <= now, f"{text!r} at {now}"


def test_the_day_is_that_of_the_user_not_that_of_the_server() -> None:
    now = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    chicago, berlin = heard_when("yesterday", now, CHICAGO, "en"), heard_when("yesterday", now, BERLIN, "en")
    assert chicago is not None and chicago.day == date(2026, 11, 22)
    assert berlin is not None and berlin.day == date(2026, 11, 23)


def test_hours_ago_are_counted_across_a_change_of_the_clocks() -> None:
    now = datetime(2026, 10, 25, 4, 0, tzinfo=BERLIN)  # an hour after the clocks went back from three to two
    heard = heard_when("vor zwei Stunden", now, BERLIN, "de")
    assert heard is not None and heard.time == time(2, 0)
    heard = heard_when("vor drei Stunden", now, BERLIN, "de")
    assert heard is not None and heard.time == time(2, 0)


def test_a_date_that_english_speakers_in_canada_write_either_way_is_not_guessed() -> None:
    toronto = ZoneInfo("America/Toronto")
    assert heard_when("on 09/02/2026 at 9:00 am", NOW, toronto, "en") is None
    heard = heard_when("on 09/22/2026 at 9:00 am", NOW, toronto, "en")
    assert heard is not None and heard.day == date(2026, 9, 22)


def test_the_words_of_the_customer_are_kept_as_they_were_written() -> None:
    heard = heard_when("Le rapport est vide depuis Mardi\u00a0dernier au matin ; merci", NOW, BERLIN, "fr")
    assert heard == When("depuis Mardi\u00a0dernier au matin", date(2026, 11, 17), None, False, True, DayPart.MORNING)


def test_a_log_full_of_times_is_no_moment_of_a_problem() -> None:
    log = "\n".join(f"2026-11-24 09:{minute:02d}:00 GW-0011" for minute in range(40))
    assert heard_when(log, NOW, BERLIN, "en") is None


def test_a_moment_without_a_time_zone_is_refused_with_its_value() -> None:
    with pytest.raises(ValueError, match="2026-11-24T14:20:00"):
        heard_when("yesterday", NOW.replace(tzinfo=None), BERLIN, "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_hearing_takes_no_time_that_anyone_would_notice(language: str) -> None:
    texts = list(examples(language))
    heard_when("", NOW, BERLIN, language)  # the patterns are made on first use
    began = clock.process_time()
    for text, now, zone, _ in texts:
        heard_when(text, now, zone, language)
    assert (clock.process_time() - began) / len(texts) < LONGEST_CALL_SECONDS


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "yesterday around nine", "Monday, November 23, 2026, around 9:00 AM"),
        ("en", "since this morning", "since Tuesday, November 24, 2026, in the morning"),
        ("en", "since last week", "since the week of Monday, November 16, 2026"),
        ("de", "gestern gegen neun", "Montag, 23. November 2026, gegen 09:00 Uhr"),
        ("de", "seit heute Vormittag", "seit Dienstag, 24. November 2026, vormittags"),
        ("de", "letzten Monat", "im Oktober 2026"),
        ("de", "vor ein paar Tagen", "etwa Samstag, 21. November 2026"),
        ("fr", "depuis hier 14h05", "depuis le lundi 23 novembre 2026 à 14:05"),
        ("fr", "depuis octobre", "depuis octobre 2026"),
        ("fr", "avant-hier", "dimanche 22 novembre 2026"),
        ("es", "ayer sobre las 9 y media", "lunes, 23 de noviembre de 2026, 9:30 aproximadamente"),
        ("es", "desde esta madrugada", "desde el martes, 24 de noviembre de 2026, de madrugada"),
        ("es", "la semana pasada", "en la semana del lunes, 16 de noviembre de 2026"),
    ],
)
def test_a_moment_is_written_as_people_of_the_language_do(
    language: str, text: str, expected: str, catalogues: Mapping[str, Catalogue]
) -> None:
    heard = heard_when(text, NOW, BERLIN, language)
    assert heard is not None
    assert written(heard, catalogues[language]).replace("\u00a0", " ") == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_of_a_day_has_words_in_every_language(language: str, catalogues: Mapping[str, Catalogue]) -> None:
    assert set(catalogues[language].labels("day_part")) == set(DayPart)
