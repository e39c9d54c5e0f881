"""The postings against the library that computes the scores: one list by term must say what its many lists say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb_index.postings import FieldScores, Postings

WORDS = ["void", "check", "bank", "prüfen", "gw0011", "a", "9"]
Tokens = list[list[str]]


def model_of(tokens: Tokens) -> bm25s.BM25 | None:
    """BM25 as the word index uses it; None for a field without any word."""
    if not any(tokens):
        return None
    model = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    model.index(tokens, create_empty_token=False, show_progress=False)
    return model


def postings_of(models: Sequence[bm25s.BM25 | None]) -> Postings:
    return Postings.of(
        [
            model
            and FieldScores(model.vocab_dict, model.scores["indptr"], model.scores["indices"], model.scores["data"])
            for model in models
        ]
    )


def summed(postings: Postings, query: list[str], articles: int, fields: int) -> np.ndarray:
    """(articles, fields): the rows of the query's terms added up."""
    scores = np.zeros((articles, fields), dtype=np.float32)
    for term in query:
        rows = postings.rows(term)
        scores[postings.articles[rows]] += postings.scores[rows]
    return scores


def fields_of(articles: int) -> st.SearchStrategy[list[Tokens]]:
    """Several fields of that many articles, some fields and some articles without words."""
    text = st.lists(st.sampled_from(WORDS), max_size=6)
    field = st.lists(text, min_size=articles, max_size=articles) | st.just([list[str]() for _ in range(articles)])
    return st.lists(field, min_size=1, max_size=4)


@settings(max_examples=80, deadline=None)
@given(fields=st.integers(1, 6).flatmap(fields_of), query=st.lists(st.sampled_from([*WORDS, "zebra"]), unique=True))
def test_every_field_scores_every_query_as_the_library_does(fields: list[Tokens], query: list[str]) -> None:
    articles, models = len(fields[0]), [model_of(tokens) for tokens in fields]
    found = summed(postings_of(models), query, articles, len(fields))
    for column, model in enumerate(models):
        known = [term for term in query if model is not None and term in model.vocab_dict]
        expected = model.get_scores(known) if model is not None and known else np.zeros(articles)
        np.testing.assert_allclose(found[:, column], expected, rtol=1e-5, atol=1e-7)


@settings(max_examples=40, deadline=None)
@given(fields=st.integers(1, 6).flatmap(fields_of))
def test_the_holders_of_a_term_are_the_articles_that_have_it_in_any_field(fields: list[Tokens]) -> None:
    postings = postings_of([model_of(tokens) for tokens in fields])
    for term in [*WORDS, "zebra"]:
        having = [n for n in range(len(fields[0])) if any(term in tokens[n] for tokens in fields)]
        assert postings.articles[postings.rows(term)].tolist() == having
        assert postings.frequency(term) == len(having)
    np.testing.assert_array_equal(postings.sums, postings.scores.sum(axis=1))


ONE = [[["void", "check"], ["bank"], []], [[], [], []], [["check"], ["check", "prüfen"], ["gw0011"]]]


def test_an_unknown_term_has_no_rows() -> None:
    postings = postings_of([model_of(tokens) for tokens in ONE])
    for term in ("zebra", "", "\n"):
        assert len(postings.articles[postings.rows(term)]) == postings.frequency(term) == 0


def test_an_empty_field_keeps_its_column() -> None:
    postings = postings_of([model_of(tokens) for tokens in ONE])
    assert postings.scores.shape[1] == 3
    assert not postings.scores[:, 1].any()
    assert postings.scores[:, 0].any() and postings.scores[:, 2].any()


def test_fields_without_any_word_make_postings_without_rows(tmp_path: Path) -> None:
    empty = postings_of([None, None])
    empty.save(tmp_path)
    for postings in (empty, Postings.load(tmp_path)):
        assert postings.scores.shape == (0, 2)
        assert postings.frequency("void") == 0


def test_what_is_saved_says_the_same_when_it_is_loaded(tmp_path: Path) -> None:
    built = postings_of([model_of(tokens) for tokens in ONE])
    built.save(tmp_path)
    loaded = Postings.load(tmp_path)
    for term in [*WORDS, "zebra"]:
        assert loaded.rows(term) == built.rows(term)
        assert loaded.frequency(term) == built.frequency(term)
    np.testing.assert_array_equal(loaded.scores, built.scores)
    np.testing.assert_array_equal(loaded.sums, built.sums)


def test_loaded_rows_are_pages_of_the_file_and_cannot_be_changed(tmp_path: Path) -> None:
    postings_of([model_of(tokens) for tokens in ONE]).save(tmp_path)
    loaded = Postings.load(tmp_path)
    for rows in (loaded.articles, loaded.scores):
        assert type(rows) is np.ndarray, "a memmap would be sliced ten times more slowly"
        assert isinstance(rows.base, np.memmap)
        assert not rows.flags.writeable


@pytest.mark.parametrize("name", ["vocabulary.txt", "starts.npy", "articles.npy", "scores.npy"])
def test_a_missing_or_damaged_file_is_refused(tmp_path: Path, name: str) -> None:
    postings_of([model_of(tokens) for tokens in ONE]).save(tmp_path)
    path = tmp_path / name
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError):
        Postings.load(tmp_path)
    path.write_bytes(b"\xff" * len(content))
    with pytest.raises(ValueError):
        Postings.load(tmp_path)
    path.unlink()
    with pytest.raises(OSError):
        Postings.load(tmp_path)


def test_files_of_two_indexes_are_not_mixed(tmp_path: Path) -> None:
    for name, fields in (("a", ONE), ("b", ONE[:1])):
        (tmp_path / name).mkdir()
        postings_of([model_of(tokens) for tokens in fields]).save(tmp_path / name)
    (tmp_path / "b" / "vocabulary.txt").replace(tmp_path / "a" / "vocabulary.txt")
    with pytest.raises(ValueError, match="contradict each other"):
        Postings.load(tmp_path / "a")
