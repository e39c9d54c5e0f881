"""Two versions against each other: what moved, by how much, and whether that may be chance."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb_index.builder import build_index
from kb_index.compare import Answer, Compared, compare, figures, sign_test
from kb_index.encoder import Encoder
from kb_index.errors import UnknownLanguage
from kb_index.evaluate import Query
from kb_index.search import KnowledgeIndex

VOID = Query("en", "void a printed check", "void-a-check")
CONCILIATION = Query("es", "la conciliación bancaria no cuadra", "bank-reconciliation")
VEHICLES = Query("en", "monthly depreciation of vehicles", None)


@pytest.fixture
def changed(help_center: Path, tmp_path: Path, encoder: Encoder) -> KnowledgeIndex:
    """That help center without the article on voiding checks and with one on vehicles."""
    for language in ("en", "es"):
        (help_center / language / "void-a-check.md").unlink()
    article = (help_center / "en" / "depreciation.md").read_text()
    article = article.replace("id: depreciation", "id: vehicles").replace(
        "Run depreciation for fixed assets", "Monthly depreciation of vehicles"
    )
    (help_center / "en" / "vehicles.md").write_text(article)
    build_index([help_center], tmp_path / "changed", encoder)
    return KnowledgeIndex.open(tmp_path / "changed", encoder)


def found(rank: int | None, *, answerable: bool = True, first: str | None = "en/a") -> Answer:
    return Answer(rank, first, answerable, True)


def moved(before: int | None, after: int | None, language: str = "en") -> Compared:
    return Compared(Query(language, "how", "a"), found(before), found(after))


def test_an_index_is_as_good_as_itself(small_index: KnowledgeIndex) -> None:
    rows = [VOID, CONCILIATION, VEHICLES]
    compared = compare(small_index, small_index, rows)
    assert [one.row for one in compared] == rows
    assert all(one.before == one.after and one.change == "same" for one in compared)
    assert compared[0].before == Answer(1, "en/void-a-check", True, True)


def test_a_question_whose_article_was_removed_is_worse_and_says_that_it_is_gone(
    small_index: KnowledgeIndex, changed: KnowledgeIndex
) -> None:
    lost, kept, other = compare(small_index, changed, [VOID, CONCILIATION, VEHICLES])
    assert (lost.change, lost.before.rank, lost.after.rank) == ("worse", 1, None)
    assert (lost.before.has_article, lost.after.has_article) == (True, False)
    assert (kept.change, kept.after.rank) == ("same", 1)
    assert (other.change, other.before.first, other.after.first) == ("same", "en/depreciation", "en/vehicles")
    (back,) = compare(changed, small_index, [VOID])
    assert back.change == "better"


def test_the_scope_is_that_of_the_search(small_index: KnowledgeIndex) -> None:
    (only_english,) = compare(small_index, small_index, [CONCILIATION], scope="en")
    assert only_english.before.first is not None and only_english.before.first.startswith("en/")
    with pytest.raises(UnknownLanguage, match="xx"):
        compare(small_index, small_index, [CONCILIATION], scope="xx")


def test_figures_of_both_their_difference_and_counts_by_language() -> None:
    compared = [moved(1, 1), moved(4, 1), moved(None, 2, "de"), moved(2, 5, "de")]
    shown = figures(compared)
    assert shown["before"] == {"hit@1": 0.25, "hit@3": 0.5, "hit@5": 0.75, "mrr@10": 0.4375, "answered": 1.0}
    assert shown["after"] == {"hit@1": 0.5, "hit@3": 0.75, "hit@5": 1.0, "mrr@10": 0.675, "answered": 1.0}
    assert shown["difference"] == {"hit@1": 0.25, "hit@3": 0.25, "hit@5": 0.25, "mrr@10": 0.2375, "answered": 0.0}
    assert (shown["better"], shown["worse"], shown["same"]) == (2, 1, 1)
    assert {code: part["n"] for code, part in shown["by_language"].items()} == {"en": 2, "de": 2}
    assert shown["by_language"]["de"]["difference"]["hit@3"] == 0.0
    assert "unlabelled" not in shown


def test_questions_without_an_article_count_only_by_their_judgement() -> None:
    row = Query("en", "who wins the cup", None)
    compared = [
        Compared(row, found(None, answerable=False), found(None, answerable=True)),
        Compared(row, found(None, answerable=False), found(None, answerable=False)),
    ]
    assert figures(compared) == {
        "unlabelled": {"n": 2, "before": 0, "after": 1},
        "by_language": {"en": {"unlabelled": {"n": 2, "before": 0, "after": 1}}},
    }
    assert [one.is_judged_otherwise for one in compared] == [True, False]


@pytest.mark.parametrize(
    ("better", "worse", "chance"),
    # Exact binomial probabilities: 2 · (1 + 6) / 2⁶, 2 · 1 / 2⁶, 2 · (1 + 10) / 2¹⁰, capped at 1.
    [(5, 1, 0.2188), (1, 5, 0.2188), (6, 0, 0.0312), (9, 1, 0.0215), (3, 3, 1.0), (0, 0, 1.0), (1, 0, 1.0)],
)
def test_the_sign_test_gives_the_binomial_probability(better: int, worse: int, chance: float) -> None:
    assert sign_test(better, worse) == chance


def test_the_sign_test_holds_for_thousands_of_questions() -> None:
    assert sign_test(5000, 5000) == 1.0
    assert sign_test(5300, 4700) < 0.001


def test_only_hits_that_changed_decide_about_chance() -> None:
    compared = [moved(4, 3) for _ in range(8)] + [moved(1, 1) for _ in range(50)]
    chances = figures(compared)["p"]
    assert chances["hit@3"] == chances["rank"] == 0.0078
    assert chances["hit@1"] == chances["hit@5"] == 1.0
