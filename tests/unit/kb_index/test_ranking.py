"""Ranking the articles of one language: by vectors, by words, and by what their translations say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb_index.adapter import unit
from kb_index.articles import Article
from kb_index.content import ArticleEntry
from kb_index.encoder import Encoder
from kb_index.lexical import FIELDS, LexicalIndex
from kb_index.links import inbound_links
from kb_index.ranking import LanguageRanker, Question, Ranking
from kb_index.search import KnowledgeIndex
from kb_index.vectors import VectorPartition
from kb_index.weights import CROSS_WEIGHTS, FEATURES, NATIVE_WEIGHTS

DIMENSION = 8
ROUNDING = 1e-3
"""Stored vectors are of length 1 but for the rounding of half precision."""
VERSIONS = [n for n, name in enumerate(FEATURES) if name.startswith("versions_")]


def asked(index: KnowledgeIndex, encoder: Encoder, query: str, language: str) -> Question:
    return index.question(query, encoder.encode_queries([query])[0], language)


def ids(ranker: LanguageRanker, ranking: Ranking) -> list[str]:
    return [ranker.entries[article].id for article in ranking.articles]


def feature(ranking: Ranking, name: str, row: int) -> float:
    return float(ranking.features[row, FEATURES.index(name)])


def random_ranker(seed: int, counts: list[int]) -> tuple[LanguageRanker, np.ndarray, Question]:
    """A ranker of articles with so many passages each, all its vectors (passages, dimension), and a question."""
    random = np.random.default_rng(seed)
    rows = unit(random.normal(0.5, 1, (sum(counts), DIMENSION)).astype(np.float32))
    articles = [Article(f"a{n}", "en", ("void check", "bank", "print check")[n % 3]) for n in range(len(counts))]
    starts = np.cumsum(counts) - counts
    entries = [
        ArticleEntry(n, "en", f"a{n}", "", "", int(start), count)
        for n, (start, count) in enumerate(zip(starts, counts, strict=True))
    ]
    vectors = VectorPartition.from_array(rows)
    ranker = LanguageRanker("en", entries, vectors, LexicalIndex.build("en", articles, inbound_links(articles)))
    vector, adapted = unit(random.normal(0.5, 1, (2, DIMENSION)).astype(np.float32))
    words = dict.fromkeys(ranker.lexical.query_terms("void a check"), 1.0)
    centred = unit(vector - ranker.centre)
    question = Question(vector, centred, adapted, unit(centred + adapted), {"en": words}, {"en": 1.0})
    return ranker, vectors.rows(0, vectors.count), question


COUNTS = st.lists(st.integers(1, 6), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1_000), counts=COUNTS)
def test_the_dense_features_are_the_cosines_of_centred_passages(seed: int, counts: list[int]) -> None:
    ranker, rows, question = random_ranker(seed, counts)
    ranking = ranker.rank(question, NATIVE_WEIGHTS)
    assert sorted(ranking.articles) == list(range(len(counts)))
    centred, starts = unit(rows - ranker.centre), np.cumsum(counts) - counts
    for row, article, _ in ranking.rows(len(ranking)):
        own = slice(starts[article], starts[article] + counts[article])
        for kind, vector in (("dense", question.centred), ("adapted", question.adapted)):
            cosines = centred[own] @ vector
            assert feature(ranking, f"{kind}_best", row) == pytest.approx(cosines.max(), abs=ROUNDING)
            assert feature(ranking, f"{kind}_top3", row) == pytest.approx(np.sort(cosines)[-3:].mean(), abs=ROUNDING)
            assert feature(ranking, f"{kind}_summary", row) == pytest.approx(cosines[0], abs=ROUNDING)
        near = centred[own] @ question.adapted
        nearest = (rows[own] @ question.vector)[near >= near.max() - ROUNDING]
        assert np.abs(nearest - feature(ranking, "dense_plain", row)).min() <= ROUNDING
        assert feature(ranking, "length", row) == pytest.approx(np.log1p(counts[article]))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1_000), counts=COUNTS)
def test_the_passage_of_an_article_is_its_nearest_one_and_the_description_only_where_it_is_alone(
    seed: int, counts: list[int]
) -> None:
    ranker, rows, question = random_ranker(seed, counts)
    ranking = ranker.rank(question, NATIVE_WEIGHTS)
    centred, starts = unit(rows - ranker.centre), np.cumsum(counts) - counts
    for row, article, _ in ranking.rows(len(ranking)):
        passage = ranking.passages[row]
        near = centred[starts[article] : starts[article] + counts[article]] @ question.adapted
        if counts[article] == 1:
            assert passage == 0
        else:
            assert 1 <= passage < counts[article]
            assert near[passage] >= near[1:].max() - ROUNDING


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1_000), counts=COUNTS, data=st.data())
def test_an_order_limited_to_some_articles_holds_them_alone_and_knows_their_words_alone(
    seed: int, counts: list[int], data: st.DataObject
) -> None:
    ranker, _, question = random_ranker(seed, counts)
    whole = ranker.rank(question, NATIVE_WEIGHTS)
    keep = np.array(data.draw(st.lists(st.booleans(), min_size=len(counts), max_size=len(counts))))
    kept = ranker.rank(question, NATIVE_WEIGHTS, keep=keep)
    assert sorted(kept.articles) == np.flatnonzero(keep).tolist()
    dense = [FEATURES.index(name) for name in ("dense_best", "adapted_top3", "dense_plain")]
    by_article = {article: whole.features[row, dense] for row, article, _ in whole.rows(len(whole))}
    for row, article, _ in kept.rows(len(kept)):
        np.testing.assert_allclose(kept.features[row, dense], by_article[article], atol=1e-6)
    holders = {word: ranker.lexical.match({word: 1.0}).sums() > 0 for word in question.words["en"]}
    rarity = {word: ranker.lexical.rarity(word) for word in holders}
    known = sum(rarity[word] for word, articles in holders.items() if (articles & keep).any())
    assert kept.known_words == pytest.approx(known / sum(rarity.values()))


def test_candidates_come_best_first_and_can_be_left_out() -> None:
    ranker, _, question = random_ranker(3, [2, 3, 4, 1, 2])
    ranking = ranker.rank(question, NATIVE_WEIGHTS)
    assert ranking.scores.tolist() == sorted(ranking.scores, reverse=True)
    np.testing.assert_allclose(ranking.scores, ranking.features @ NATIVE_WEIGHTS, rtol=1e-5)
    rest = ranking.without([True, False, True, False, False])
    assert len(rest) == 3
    for new, old in enumerate((1, 3, 4)):
        assert rest.articles[new] == ranking.articles[old]
        assert rest.scores[new] == ranking.scores[old]
        assert rest.passages[new] == ranking.passages[old]
        np.testing.assert_array_equal(rest.features[new], ranking.features[old])
    assert [article for _, article, _ in ranking.rows(2)] == ranking.articles[:2].tolist()


def test_nobody_left_makes_an_empty_ranking() -> None:
    ranker, _, question = random_ranker(3, [2, 3])
    nobody = ranker.rank(question, NATIVE_WEIGHTS, keep=np.zeros(2, dtype=bool))
    assert (len(nobody), nobody.known_words) == (0, 0.0)
    assert list(nobody.rows(3)) == []
    assert nobody.features.shape == (0, len(FEATURES))
    assert nobody.passages.shape == (0,)


def test_word_scores_are_also_given_relative_to_the_best_candidate() -> None:
    ranker, _, question = random_ranker(5, [1] * 6)
    ranking = ranker.rank(question, NATIVE_WEIGHTS)
    for name in (*FIELDS, "coverage"):
        column = ranking.features[:, FEATURES.index(name)]
        relative = ranking.features[:, FEATURES.index(f"{name}_relative")]
        np.testing.assert_allclose(relative * column.max(), column, rtol=1e-5)
    assert ranking.features[:, FEATURES.index("title_relative")].max() == 1
    assert not ranking.features[:, FEATURES.index("headings_relative")].any()


def test_a_question_finds_an_article_that_nobody_translated_by_a_translated_word(
    translated_index: KnowledgeIndex, encoder: Encoder
) -> None:
    question = asked(translated_index, encoder, "los números de las facturas", "es")
    ranker = translated_index.ranker("en")
    assert "invoic" in question.words["en"]
    found = ranker.rank(question, CROSS_WEIGHTS)
    row = ids(ranker, found).index("invoice-numbers")
    assert feature(found, "title", row) > 0 and feature(found, "coverage", row) > 0
    other = ids(ranker, found).index("themes")
    assert feature(found, "title", other) == 0

    untranslated = replace(question, words=question.words | {"en": {}}, known=question.known | {"en": 0.0})
    without = ranker.rank(untranslated, CROSS_WEIGHTS)
    assert feature(without, "coverage", ids(ranker, without).index("invoice-numbers")) == 0
    assert found.scores[row] > without.scores[ids(ranker, without).index("invoice-numbers")]
    assert found.known_words > without.known_words == 0

    outcome = translated_index.search("los números de las facturas", language="es", scope="en")
    assert "invoice-numbers" in [result.article for result in outcome.results]


def test_a_word_without_translation_lowers_what_is_known_in_the_other_language(
    translated_index: KnowledgeIndex, encoder: Encoder
) -> None:
    known, partly = (
        translated_index.ranker("en").rank(asked(translated_index, encoder, query, "es"), CROSS_WEIGHTS).known_words
        for query in ("aprobar factura", "aprobar factura jirafa elefante")
    )
    assert known == 1
    assert partly == pytest.approx(0.5)


def test_what_the_translations_of_an_article_say_counts_when_it_is_asked_for(
    translated_index: KnowledgeIndex, encoder: Encoder
) -> None:
    question = asked(translated_index, encoder, "void a check", "en")
    ranker = translated_index.ranker("en")
    alone, together = (ranker.rank(question, NATIVE_WEIGHTS, translations=yes) for yes in (False, True))
    own = [FEATURES.index(name) for name in ("dense_summary", "adapted_summary", "all", "coverage")]
    np.testing.assert_array_equal(alone.features[:, VERSIONS], alone.features[:, own])
    order = {article: row for row, article, _ in alone.rows(len(alone))}
    spanish = translated_index.ranker("es")
    places = {entry.id: number for number, entry in enumerate(spanish.entries)}
    theirs = spanish.rank(question, NATIVE_WEIGHTS)
    their_row = {article: row for row, article, _ in theirs.rows(len(theirs))}
    changed = 0
    for row, article, _ in together.rows(len(together)):
        before = alone.features[order[article]]
        rest = np.setdiff1d(np.arange(len(FEATURES)), VERSIONS)
        np.testing.assert_array_equal(together.features[row, rest], before[rest])
        place = places.get(ranker.entries[article].id)
        if place is None:
            np.testing.assert_array_equal(together.features[row], before)
        else:
            mean = (before[own] + theirs.features[their_row[place]][own]) / 2
            np.testing.assert_allclose(together.features[row, VERSIONS], mean, atol=1e-5)
            changed += not np.array_equal(together.features[row], before)
    assert changed > 10
    assert len(ranker.entries) - len(places) == 2


def test_the_adapter_is_the_identity_where_nothing_was_learned(small_index: KnowledgeIndex, encoder: Encoder) -> None:
    question = asked(small_index, encoder, "void a printed check", "en")
    np.testing.assert_array_equal(question.adapted, question.centred)
    ranking = small_index.ranker("en").rank(question, NATIVE_WEIGHTS)
    for part in ("best", "top3", "summary"):
        adapted, dense = (ranking.features[:, FEATURES.index(f"{kind}_{part}")] for kind in ("adapted", "dense"))
        np.testing.assert_array_equal(adapted, dense)


def test_the_question_is_centred_on_its_own_language(translated_index: KnowledgeIndex, encoder: Encoder) -> None:
    vector = encoder.encode_queries(["void a check"])[0]
    for language in ("en", "es"):
        question = translated_index.question("void a check", vector, language)
        expected = unit(vector - translated_index.ranker(language).centre)
        np.testing.assert_allclose(question.centred, expected, atol=1e-6)
        np.testing.assert_array_equal(question.vector, vector)
    unserved = translated_index.question("void a check", vector, "fr")
    np.testing.assert_allclose(unserved.centred, vector, atol=1e-6)
