from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb_index.builder import build_index
from kb_index.encoder import Encoder
from kb_index.errors import UnknownLanguage
from kb_index.search import KnowledgeIndex


def test_a_question_finds_its_article_with_snippet_and_link(small_index: KnowledgeIndex) -> None:
    outcome = small_index.search("how do I cancel a check that is already printed", language="en")
    best = outcome.results[0]
    assert (best.article, best.language, best.title) == ("void-a-check", "en", "Void a printed check")
    assert best.url.startswith("/articles/en/void-a-check")
    assert 0 < len(best.snippet) <= 300
    assert outcome.took_ms > 0


def test_the_link_leads_to_the_section_that_matched(small_index: KnowledgeIndex) -> None:
    best = small_index.search("payment entered twice error GW-0011 stopped the import", language="en").results[0]
    assert (best.heading, best.url) == ("Typical causes", "/articles/en/bank-reconciliation#typical-causes")
    assert "GW-0011" in best.snippet


def test_numbered_steps_are_shown_as_steps(small_index: KnowledgeIndex) -> None:
    best = small_index.search("steps: open the check register, choose the void action", language="en").results[0]
    assert best.snippet == "1. Open the check register.\n2. Select the check.\n3. Choose the void action."


def test_an_article_of_a_foreign_address_links_there(tmp_path: Path, encoder: Encoder) -> None:
    fields = "id: a\nlanguage: en\ntitle: Void a check\nurl: https://help.example/a"
    (tmp_path / "a.md").write_text(f"---\n{fields}\n---\n## First steps\n\nOpen the register of checks.")
    build_index([tmp_path], tmp_path / "index", encoder)
    index = KnowledgeIndex.open(tmp_path / "index", encoder)
    assert index.search("open register of checks", language="en").results[0].url == "https://help.example/a#first-steps"


def test_the_own_language_is_shown_even_when_the_words_are_those_of_another(small_index: KnowledgeIndex) -> None:
    outcome = small_index.search("Void a printed check", language="es")
    assert (outcome.results[0].article, outcome.results[0].language) == ("void-a-check", "es")


def test_an_article_that_the_own_language_lacks_is_shown_in_another(small_index: KnowledgeIndex) -> None:
    outcome = small_index.search("Run depreciation for fixed assets", language="es")
    assert (outcome.results[0].article, outcome.results[0].language) == ("depreciation", "en")


def test_articles_that_the_own_language_lacks_stay_behind_where_it_answers(small_index: KnowledgeIndex) -> None:
    outcome = small_index.search("¿Cómo puedo anular un cheque que ya se imprimió?", language="es", limit=10)
    first, *others = outcome.results
    assert (first.article, first.language) == ("void-a-check", "es")
    foreign = [result.score for result in others if result.language != "es"]
    assert foreign and max(foreign) < first.score - 5


def test_of_two_articles_that_answer_as_well_the_one_in_the_own_language_comes_first(
    small_index: KnowledgeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "Run depreciation for fixed assets"
    found = {result.article: result for result in small_index.search(question, language="es", limit=10).results}
    lead = found["depreciation"].score - max(r.score for r in found.values() if r.language == "es")
    monkeypatch.setattr("kb_index.search._FOREIGN_HANDICAP", 0.5 + lead + 0.01)
    assert small_index.search(question, language="es").results[0].language == "es"


def test_a_language_without_articles_is_served_from_the_others(small_index: KnowledgeIndex) -> None:
    outcome = small_index.search("Einen gedruckten Scheck stornieren", language="de")
    assert outcome.results[0].article == "void-a-check"


def test_no_article_appears_twice_in_several_languages(small_index: KnowledgeIndex) -> None:
    for scope in (None, "mixed"):
        found = [r.article for r in small_index.search("anular cheque", language="es", scope=scope, limit=10).results]
        assert len(found) == len(set(found))


def test_scopes_limit_the_languages(small_index: KnowledgeIndex) -> None:
    def languages(scope: str) -> set[str]:
        outcome = small_index.search("depreciation of machines", language="es", scope=scope, limit=10)
        return {result.language for result in outcome.results}

    assert languages("same") == {"es"}
    assert languages("en") == {"en"}
    assert languages("mixed") == {"es", "en"}
    assert languages("fr") == set()


def test_rejected_articles_are_not_shown_again_in_any_language(small_index: KnowledgeIndex) -> None:
    outcome = small_index.search("anular un cheque", language="es", exclude={"void-a-check"}, limit=10)
    assert outcome.results
    assert "void-a-check" not in {result.article for result in outcome.results}


def test_rejecting_everything_leaves_an_unanswerable_question(small_index: KnowledgeIndex) -> None:
    everything = {"void-a-check", "bank-reconciliation", "depreciation"}
    outcome = small_index.search("anular un cheque", language="es", exclude=everything)
    assert (outcome.results, outcome.answerable, outcome.probability) == ([], False, 0.0)


@pytest.mark.parametrize("query", ["", "   ", "\n\t", "\x00"])
def test_an_empty_question_gives_an_empty_unanswerable_outcome(small_index: KnowledgeIndex, query: str) -> None:
    outcome = small_index.search(query, language="en")
    assert (outcome.results, outcome.answerable) == ([], False)


def test_a_question_of_100000_characters_is_answered_from_its_beginning(small_index: KnowledgeIndex) -> None:
    outcome = small_index.search("How do I void a printed check? " + "x" * 100_000, language="en")
    assert outcome.results[0].article == "void-a-check"
    assert outcome.took_ms < 5000


@pytest.mark.parametrize("query", ["😀", "a", "كيف ألغي الشيك", "\ud800", "void\x00check", "'; DROP TABLE articles"])
def test_odd_questions_get_a_clean_outcome(small_index: KnowledgeIndex, query: str) -> None:
    assert len(small_index.search(query, language="en").results) <= 3


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=200), language=st.sampled_from([None, "en", "es", "fr", "de"]))
def test_any_text_gets_ordered_results_and_a_probability(
    small_index: KnowledgeIndex, query: str, language: str | None
) -> None:
    outcome = small_index.search(query, language=language)
    assert 0 <= outcome.probability <= 1
    assert all(len(result.snippet) <= 300 for result in outcome.results)
    if language == "en":
        scores = [result.score for result in outcome.results]
        assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(("language", "scope"), [("xx", None), ("EN", None), ("en", "xx"), ("", None)])
def test_an_unknown_language_is_named(small_index: KnowledgeIndex, language: str, scope: str | None) -> None:
    with pytest.raises(UnknownLanguage, match="known are en, es, fr, de"):
        small_index.search("void a check", language=language, scope=scope)


def test_without_a_language_all_are_searched(small_index: KnowledgeIndex) -> None:
    assert small_index.search("La conciliación bancaria no cuadra").results[0].language == "es"
    assert small_index.search("Bank reconciliation does not balance").results[0].language == "en"


def test_an_article_is_given_back_whole(small_index: KnowledgeIndex) -> None:
    article = small_index.article("es", "void-a-check")
    assert article is not None
    assert (article.title, article.key) == ("Anular un cheque impreso", ("es", "void-a-check"))
    assert "1. Abra el registro de cheques." in article.body
    assert small_index.article("fr", "void-a-check") is None


def test_the_limit_is_kept(small_index: KnowledgeIndex) -> None:
    assert len(small_index.search("check", language="en", limit=1).results) == 1
    assert small_index.search("check", language="en", limit=0).results == []


def test_without_snippets_the_order_is_the_same_and_no_text_is_made(small_index: KnowledgeIndex) -> None:
    for language, scope in (("en", None), ("es", "mixed"), (None, None)):
        whole, bare = (
            small_index.search("void a check", language=language, scope=scope, limit=10, snippets=wanted)
            for wanted in (True, False)
        )
        assert len(bare.results) == len(whole.results) > 1
        assert [(r.article, r.language, r.score) for r in bare.results] == [
            (r.article, r.language, r.score) for r in whole.results
        ]
        assert {result.snippet for result in bare.results} == {""}
        assert all(result.snippet for result in whole.results)
        assert (bare.answerable, bare.probability) == (whole.answerable, whole.probability)


@pytest.mark.parametrize(
    ("language", "query", "title"),
    [
        ("es", "Void a printed check", "Anular un cheque impreso"),
        ("en", "Anular un cheque impreso", "Void a printed check"),
        ("es", "Bank reconciliation does not balance", "La conciliación bancaria no cuadra"),
    ],
)
def test_of_all_languages_together_the_version_in_the_readers_own_is_shown(
    small_index: KnowledgeIndex, language: str, query: str, title: str
) -> None:
    best = small_index.search(query, language=language, scope="mixed").results[0]
    assert (best.title, best.language) == (title, language)


def test_a_question_in_an_unknown_language_finds_the_version_whose_language_it_is(small_index: KnowledgeIndex) -> None:
    for query, title in (
        ("¿Cómo anulo un cheque impreso?", "Anular un cheque impreso"),
        ("How do I void a printed check?", "Void a printed check"),
    ):
        outcome = small_index.search(query)
        assert outcome.results[0].title == title
        assert outcome.answerable


def test_a_question_in_an_unknown_language_stays_in_the_language_it_is_limited_to(small_index: KnowledgeIndex) -> None:
    results = small_index.search("anular un cheque", scope="en", limit=10).results
    assert {result.language for result in results} == {"en"}


@pytest.mark.parametrize("scope", [None, "same", "mixed", "en"])
def test_what_is_excluded_is_shown_in_no_scope_and_the_rest_moves_up(
    small_index: KnowledgeIndex, scope: str | None
) -> None:
    def found(exclude: set[str]) -> list[str]:
        outcome = small_index.search("void a check", language="es", scope=scope, limit=10, exclude=exclude)
        return [result.article for result in outcome.results]

    everything = found(set())
    assert "void-a-check" in everything
    assert sorted(found({"void-a-check", "unknown"})) == sorted(set(everything) - {"void-a-check"})


def test_words_of_articles_that_exist_in_the_own_language_do_not_speak_for_others(small_index: KnowledgeIndex) -> None:
    # "Void", "printed" and "check" are English words that the only article without a Spanish version does not have.
    results = small_index.search("Void a printed check", language="es", limit=10).results
    assert (results[0].article, results[0].language) == ("void-a-check", "es")
    assert "en" not in [result.language for result in results[:2]]


def test_an_article_only_another_language_has_is_found_by_a_question_in_the_readers(
    translated_index: KnowledgeIndex,
) -> None:
    best = translated_index.search("Colores y temas de la pantalla", language="es").results[0]
    assert (best.article, best.language) == ("themes", "en")


def test_the_description_is_shown_only_of_an_article_that_has_no_other_text(tmp_path: Path, encoder: Encoder) -> None:
    fields = "language: en\ndescription: How printed checks are voided."
    (tmp_path / "a.md").write_text(f"---\nid: a\ntitle: Void a check\n{fields}\n---\n## Steps\n\nOpen the register.")
    (tmp_path / "b.md").write_text(f"---\nid: b\ntitle: Voiding checks\n{fields}\n---\n")
    build_index([tmp_path], tmp_path / "index", encoder)
    index = KnowledgeIndex.open(tmp_path / "index", encoder)
    shown = {r.article: r.snippet for r in index.search("how are printed checks voided", language="en").results}
    assert shown == {"a": "Open the register.", "b": "How printed checks are voided."}


def test_who_asks_how_is_shown_the_steps_and_who_asks_for_a_detail_the_passage_that_tells_it(
    small_index: KnowledgeIndex,
) -> None:
    how_to = small_index.search("void a printed check", language="en").results[0]
    assert (how_to.heading, how_to.url) == ("Steps", "/articles/en/void-a-check#steps")
    assert how_to.snippet.startswith("1. Open the check register.")
    detail = small_index.search("must it be cleared before I start", language="en").results[0]
    assert (detail.heading, detail.snippet) == ("Before you start", "The check must not be cleared.")


def test_a_question_in_another_language_is_shown_the_passage_that_answers(translated_index: KnowledgeIndex) -> None:
    best = translated_index.search("¿dónde abro el archivo de las facturas por año?", language="es", scope="en").results
    shown = {result.article: result.heading for result in best}
    assert shown["invoice-numbers"] == "Where"
