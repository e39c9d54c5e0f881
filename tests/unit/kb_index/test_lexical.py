from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_index.articles import LANGUAGES, Article
from kb_index.lexical import FIELDS, MAX_QUERY_TERMS, LexicalIndex, LexicalMatch, fold, query_terms, terms
from kb_index.links import inbound_links

ARTICLES = [
    Article("void", "en", "Void a check", "Cancel a payment", "## Steps\n\nOpen the register and void the check."),
    Article("close", "en", "Close a period", "", "## Steps\n\nOpen the calendar. Checks must be posted."),
    Article("assets", "en", "Fixed assets", "", ""),
]
COVERAGE = len(FIELDS)
"""Column of the scores that comes after those of the fields."""


def matched(index: LexicalIndex, query: str) -> LexicalMatch:
    """The match of a query in the language of the articles, each word as it was asked."""
    return index.match(dict.fromkeys(index.query_terms(query), 1.0))


def scores_of_all(index: LexicalIndex, match: LexicalMatch) -> np.ndarray:
    return match.scores(np.arange(index.count))


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


def indexed(language: str, articles: list[Article]) -> LexicalIndex:
    return LexicalIndex.build(language, articles, inbound_links(articles))


def test_each_field_scores_the_articles_that_hold_the_words() -> None:
    index = indexed("en", ARTICLES)
    match = matched(index, "void the check")
    scores = scores_of_all(index, match)
    title, body = scores[:, FIELDS.index("title")], scores[:, FIELDS.index("body")]
    assert title[0] > 0 == title[1] == title[2]
    assert body[0] > body[1] > 0 == body[2]
    assert scores[:, COVERAGE].argmax() == 0
    assert scores[0, COVERAGE] == pytest.approx(1)
    assert match.known == pytest.approx(1)
    np.testing.assert_allclose(match.sums(), scores[:, :COVERAGE].sum(axis=1), rtol=1e-5)


def test_words_that_no_article_has_lower_what_is_known() -> None:
    index = indexed("en", ARTICLES)
    match = matched(index, "void zebra")
    assert 0 < match.known < 1
    assert scores_of_all(index, match)[0, COVERAGE] == pytest.approx(match.known)


@pytest.mark.parametrize("query", ["", "the of", "zebra", "😀"])
def test_a_query_without_known_words_scores_nothing(query: str) -> None:
    index = indexed("en", ARTICLES)
    match = matched(index, query)
    assert not scores_of_all(index, match).any()
    assert not match.sums().any()
    assert match.known == 0


def test_it_gives_the_same_answers_after_saving_and_loading(tmp_path: Path) -> None:
    built = indexed("en", ARTICLES)
    built.save(tmp_path / "en")
    loaded = LexicalIndex.load("en", len(ARTICLES), tmp_path / "en")
    for query in ("void the check", "open", "zebra"):
        before, after = matched(built, query), matched(loaded, query)
        np.testing.assert_array_equal(scores_of_all(loaded, after), scores_of_all(built, before))
        np.testing.assert_array_equal(after.sums(), before.sums())
        assert after.known == before.known
    np.testing.assert_array_equal(loaded.links, built.links)


def test_articles_without_any_words_can_be_indexed(tmp_path: Path) -> None:
    indexed("en", [Article("a", "en", "the")]).save(tmp_path / "en")
    loaded = LexicalIndex.load("en", 1, tmp_path / "en")
    assert not scores_of_all(loaded, matched(loaded, "the check")).any()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_stemmer_and_folded_stopwords(language: str) -> None:
    assert terms("abc", language)
    from kb_index.lexical import _STOPWORDS

    assert all(fold(word) == word for word in _STOPWORDS[language])


def test_a_german_compound_is_found_by_its_parts_when_the_articles_know_them(tmp_path: Path) -> None:
    texts = ["Die Bank", "Eine Bank", "Bank und Abstimmung", "Abstimmung", "Abstimmung", "Zahlungseingang buchen"]
    articles = [Article(str(n), "de", text) for n, text in enumerate(texts)]
    indexed("de", articles).save(tmp_path / "de")
    loaded = LexicalIndex.load("de", len(articles), tmp_path / "de")
    scores = scores_of_all(loaded, matched(loaded, "Bankabstimmung"))
    assert scores[:, FIELDS.index("title")].argmax() == 2
    assert scores[5, COVERAGE] == 0


def test_a_word_of_less_weight_counts_less_than_one_that_was_asked() -> None:
    index = indexed("en", ARTICLES)
    asked = scores_of_all(index, index.match({"void": 1.0, "period": 1.0}))
    doubted = scores_of_all(index, index.match({"void": 1.0, "period": 0.25}))
    assert doubted[1, COVERAGE] < asked[1, COVERAGE]
    assert doubted[0, COVERAGE] > asked[0, COVERAGE]
    alone, doubted = (scores_of_all(index, index.match({"period": weight})) for weight in (1.0, 0.25))
    np.testing.assert_allclose(doubted, alone, rtol=1e-6)


def test_only_words_of_the_articles_that_count_are_known_while_the_scores_stay() -> None:
    index = indexed("en", ARTICLES)
    words = dict.fromkeys(index.query_terms("void the check register"), 1.0)
    everywhere = index.match(words)
    assert everywhere.known == pytest.approx(1)
    among = index.match(words, np.array([False, True, False]))
    assert 0 < among.known < 1
    assert index.match(words, np.array([False, False, True])).known == 0
    np.testing.assert_array_equal(scores_of_all(index, among), scores_of_all(index, everywhere))


@given(
    words=st.dictionaries(st.sampled_from(["void", "check", "open", "calendar", "zebra"]), st.floats(0.04, 1)),
    chosen=st.lists(st.integers(0, len(ARTICLES) - 1), unique=True),
)
def test_some_articles_are_scored_as_among_all(words: dict[str, float], chosen: list[int]) -> None:
    index = indexed("en", ARTICLES)
    match, articles = index.match(words), np.array(chosen, dtype=np.int64)
    expected = scores_of_all(index, match)[articles]
    np.testing.assert_array_equal(match.scores(articles), expected)
    np.testing.assert_array_equal(match.whole(articles), expected[:, [FIELDS.index("all"), COVERAGE]])


def test_what_others_call_an_article_finds_it_by_words_that_it_does_not_have_itself() -> None:
    articles = [
        Article("void", "en", "Void a check", "", "Choose the action."),
        Article("faq", "en", "Questions", "", "Lost in the mail? See [cancel a cheque](void.md) and read on."),
    ]
    index = indexed("en", articles)
    assert index.links.tolist() == [1, 0]
    by_name, by_context = (scores_of_all(index, matched(index, word))[0] for word in ("cheque", "mail"))
    assert by_name[FIELDS.index("anchors")] > 0
    assert by_context[FIELDS.index("context")] > 0
    assert by_context[FIELDS.index("all")] == 0


def test_a_rare_word_is_worth_more_than_a_frequent_one_and_an_unknown_one_most() -> None:
    index = indexed("en", ARTICLES)
    assert index.rarity("zebra") > index.rarity("void") > index.rarity("check") > 0
    assert index.knows("void") and not index.knows("zebra")


def test_a_word_index_of_other_articles_is_refused(tmp_path: Path) -> None:
    indexed("en", ARTICLES).save(tmp_path / "en")
    with pytest.raises(ValueError, match=r"links\.npy counts 3 articles instead of 4"):
        LexicalIndex.load("en", 4, tmp_path / "en")
