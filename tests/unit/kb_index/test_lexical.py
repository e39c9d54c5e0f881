from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kb_index.articles import LANGUAGES, Article
from kb_index.lexical import FIELDS, MAX_QUERY_TERMS, LexicalIndex, fold, query_terms, terms

ARTICLES = [
    Article("void", "en", "Void a check", "Cancel a payment", "## Steps\n\nOpen the register and void the check."),
    Article("close", "en", "Close a period", "", "## Steps\n\nOpen the calendar. Checks must be posted."),
    Article("assets", "en", "Fixed assets", "", ""),
]


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "Reconciling CHECKS", "reconcile check"),
        ("es", "conciliación de las cuentas", "CONCILIACION cuenta"),
        ("fr", "les écritures comptabilisées", "ecriture comptabilisee"),
        ("de", "die Überweisungen prüfen", "uberweisung prufen"),
        ("de", "Groß", "GROSS"),
    ],
)
def test_accents_case_endings_and_small_words_make_no_difference(language: str, one: str, other: str) -> None:
    assert terms(one, language) == terms(other, language) != []


def test_error_codes_survive() -> None:
    assert terms("Error BL03000076!", "en") == ["error", "bl03000076"]


def test_a_query_has_a_bounded_number_of_distinct_terms() -> None:
    assert len(query_terms(" ".join(f"w{n} w{n}" for n in range(10_000)), "en")) == MAX_QUERY_TERMS


def test_each_field_scores_the_articles_that_hold_the_words() -> None:
    match = LexicalIndex.build("en", ARTICLES).match("void the check")
    title, body = match.fields[FIELDS.index("title")], match.fields[FIELDS.index("body")]
    assert title[0] > 0 == title[1] == title[2]
    assert body[0] > body[1] > 0 == body[2]
    assert match.coverage.argmax() == 0
    assert match.coverage[0] == pytest.approx(1)
    assert match.known == pytest.approx(1)


def test_words_that_no_article_has_lower_what_is_known() -> None:
    match = LexicalIndex.build("en", ARTICLES).match("void zebra")
    assert 0 < match.known < 1
    assert match.coverage[0] == pytest.approx(match.known)


@pytest.mark.parametrize("query", ["", "the of", "zebra", "😀"])
def test_a_query_without_known_words_scores_nothing(query: str) -> None:
    match = LexicalIndex.build("en", ARTICLES).match(query)
    assert not match.fields.any()
    assert match.known == 0


def test_it_gives_the_same_answers_after_saving_and_loading(tmp_path: Path) -> None:
    built = LexicalIndex.build("en", ARTICLES)
    built.save(tmp_path / "en")
    loaded = LexicalIndex.load("en", len(ARTICLES), tmp_path / "en")
    for query in ("void the check", "open", "zebra"):
        np.testing.assert_allclose(loaded.match(query).fields, built.match(query).fields)


def test_articles_without_any_words_can_be_indexed(tmp_path: Path) -> None:
    LexicalIndex.build("en", [Article("a", "en", "the")]).save(tmp_path / "en")
    assert not LexicalIndex.load("en", 1, tmp_path / "en").match("the check").fields.any()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_stemmer_and_folded_stopwords(language: str) -> None:
    assert terms("abc", language)
    from kb_index.lexical import _STOPWORDS

    assert all(fold(word) == word for word in _STOPWORDS[language])


def test_a_german_compound_is_found_by_its_parts_when_the_articles_know_them(tmp_path: Path) -> None:
    texts = ["Die Bank", "Eine Bank", "Bank und Abstimmung", "Abstimmung", "Abstimmung", "Zahlungseingang buchen"]
    articles = [Article(str(n), "de", text) for n, text in enumerate(texts)]
    LexicalIndex.build("de", articles).save(tmp_path / "de")
    match = LexicalIndex.load("de", len(articles), tmp_path / "de").match("Bankabstimmung")
    assert match.fields[FIELDS.index("title")].argmax() == 2
    assert match.coverage[5] == 0
