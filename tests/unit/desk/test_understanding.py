"""What the encoder tells about a message: likely choices, two problems, work out of scope, keys hit at random."""

from __future__ import annotations

import pytest

from bot.desk.case_fields import FIELDS, Kind
from bot.desk.understanding import Understanding
from bot.locales import LANGUAGES, load_catalogues
from bot.policy.policy import load_policy
from kb_index.encoder import Encoder

CATALOGUES = load_catalogues()


@pytest.fixture(scope="session")
def understanding(encoder: Encoder) -> Understanding:
    """One for all: it learns its examples on first use."""
    return Understanding(encoder, load_policy(), CATALOGUES)


@pytest.mark.parametrize(
    ("language", "summary", "area"),
    [
        ("en", "the bank reconciliation does not balance", "cash_management"),
        ("es", "la depreciación de los activos fijos es incorrecta", "fixed_assets"),
        ("fr", "les commandes d'achat ne sont pas approuvées", "purchasing"),
        ("de", "Lagerbestand der Artikel stimmt nicht", "inventory"),
    ],
)
async def test_the_likely_area_is_offered_first(
    understanding: Understanding, language: str, summary: str, area: str
) -> None:
    ranked = await understanding.rank_choices(summary, "application_area", CATALOGUES[language])
    assert area in ranked[:3]


@pytest.mark.parametrize(
    ("group", "language"), [("case_reason", "fr"), *(("application_area", language) for language in LANGUAGES)]
)
async def test_every_choice_is_offered_once_and_something_else_comes_last(
    understanding: Understanding, language: str, group: str
) -> None:
    assert FIELDS[group].kind is Kind.CHOICE
    for summary in ("", "🙈", "something else"):
        ranked = await understanding.rank_choices(summary, group, CATALOGUES[language])
        assert sorted(ranked) == sorted(CATALOGUES[language].labels(group))
        assert ranked[-1] == "other"


async def test_two_problems_and_their_parts_are_told(understanding: Understanding) -> None:
    text = "The bank feed has been empty since Monday. Another problem: nobody can print purchase orders any more."
    two = await understanding.two_problems(text, CATALOGUES["en"])
    assert two is not None
    assert two.first.startswith("The bank feed") and "purchase orders" in two.second
    assert await understanding.two_problems("The bank feed has been empty since Monday.", CATALOGUES["en"]) is None


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Please build us a custom report of sales by region", "reports"),
        ("The sales report shows wrong totals since yesterday", None),
    ],
)
async def test_work_that_support_does_not_do_is_told_from_defects(
    understanding: Understanding, text: str, topic: str | None
) -> None:
    assert await understanding.out_of_scope_topic(text) == topic


async def test_what_is_learned_before_gives_the_same_answers(encoder: Encoder, understanding: Understanding) -> None:
    prepared = Understanding(encoder, load_policy(), CATALOGUES)
    prepared.prepare()
    for text in ("rapport lent", "posting stops"):
        ranked = [await one.rank_choices(text, "case_reason", CATALOGUES["fr"]) for one in (prepared, understanding)]
        assert ranked[0] == ranked[1]


async def test_keys_hit_at_random_are_no_message(understanding: Understanding) -> None:
    assert not await understanding.plausible("qwrtzp xkcvb asdfgh")
    assert await understanding.plausible("open the register")
