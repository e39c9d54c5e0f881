"""A text is taken apart where it may turn to another problem, and the parts read as summaries by themselves."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.desk.problem_parts import Split, Tie, splits
from bot.locales import Catalogue, load_catalogues


@pytest.fixture(scope="module")
def catalogues() -> Mapping[str, Catalogue]:
    return load_catalogues()


def tied(text: str, catalogue: Catalogue) -> list[Split]:
    return [split for split in splits(text, catalogue) if split.tie is not Tie.NONE]


@pytest.mark.parametrize(
    ("language", "text", "first", "second", "tie"),
    [
        ("en", "Scans vanish. Also, bills are late.", "Scans vanish.", "bills are late.", Tie.ADDED),
        ("en", "Scans vanish; another problem is that bills are late", "Scans vanish", "bills are late", Tie.NAMED),
        ("en", "no scans and I also have a second problem, late bills", "no scans", "late bills", Tie.NAMED),
        ("en", "Two problems: 1) scans vanish 2) bills are late", "scans vanish", "bills are late", Tie.COUNTED),
        ("en", "Hi, two things. First, no scans. Second, late bills.", "no scans.", "late bills.", Tie.COUNTED),
        ("en", "- scans vanish\n- bills are late", "scans vanish", "bills are late", Tie.LISTED),
        ("de", "Belege fehlen. Außerdem ist die Post da.", "Belege fehlen.", "ist die Post da.", Tie.ADDED),
        ("de", "Belege fehlen, und noch etwas: Post ist da", "Belege fehlen", "Post ist da", Tie.NAMED),
        ("es", "Faltan recibos. Por otro lado, ¿llega el correo?", "Faltan recibos.", "¿llega el correo?", Tie.ADDED),
        ("es", "Faltan recibos y otro problema es que llega tarde", "Faltan recibos", "llega tarde", Tie.NAMED),
        ("fr", "Reçus perdus. Rien à voir, mais le mail est là.", "Reçus perdus.", "le mail est là.", Tie.NAMED),
        ("fr", "Reçus perdus à 80 %. D’autre part, retard.", "Reçus perdus à 80 %.", "retard.", Tie.ADDED),
    ],
)
def test_the_words_that_tie_two_parts_belong_to_neither(
    language: str, text: str, first: str, second: str, tie: Tie, catalogues: Mapping[str, Catalogue]
) -> None:
    assert tied(text, catalogues[language]) == [Split(first, second, tie)]


def test_a_quotation_mark_stays_with_the_part_that_it_opens_or_closes(catalogues: Mapping[str, Catalogue]) -> None:
    (split,) = tied('It says "wrong number". Also "no route" appears.', catalogues["en"])
    assert (split.first, split.second) == ('It says "wrong number".', '"no route" appears.')


def test_steps_and_dates_are_no_two_problems(catalogues: Mapping[str, Catalogue]) -> None:
    assert tied("1) open it 2) save it 3) it is gone", catalogues["en"]) == []
    assert tied("Seit dem 1. fehlt alles und am 2. kam es wieder", catalogues["de"]) == []
    assert tied("First I called, second I wrote. Third, I waited.", catalogues["en"]) == []
    assert tied("The order - the big one - is lost", catalogues["en"]) == []


def test_also_in_the_middle_of_a_clause_adds_no_problem(catalogues: Mapping[str, Catalogue]) -> None:
    assert tied("The totals are also wrong in the list", catalogues["en"]) == []
    assert tied("Die Summen sind außerdem in der Liste falsch", catalogues["de"]) == []


def test_what_an_announcement_goes_on_with_is_kept(catalogues: Mapping[str, Catalogue]) -> None:
    text = "Two things happen when I save. The screen is grey."
    assert [split.first for split in splits(text, catalogues["en"])] == ["Two things happen when I save."]


def test_another_problem_with_something_keeps_what_it_is_with(catalogues: Mapping[str, Catalogue]) -> None:
    (split,) = tied("Scans vanish. Another problem with the bills: they are late.", catalogues["en"])
    assert split.second == "Another problem with the bills: they are late."


@pytest.mark.parametrize("text", ["", " ", "Also", "1) 2)", "?!", "Two problems:", "- \n- ", "and also and also"])
def test_a_text_without_two_parts_never_fails(text: str, catalogues: Mapping[str, Catalogue]) -> None:
    for catalogue in catalogues.values():
        assert all(split.first == split.first.strip() for split in splits(text, catalogue))
