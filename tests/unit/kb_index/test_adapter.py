"""The correction of question vectors: learned where texts and articles differ, refused where it does not carry over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb_index.adapter import Approval, Floats, Passages, QueryAdapter, TrainingTexts, _gradient, train_adapter, unit

DIMENSION = 12
ARTICLES = 300
TEXTS_EACH = 2
LANGUAGES = 2


def drawn(seed: int, *shape: int) -> Floats:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def rotation(strength: float) -> Floats:
    """An orthogonal matrix, the identity at 0."""
    direction = drawn(1, DIMENSION, DIMENSION)
    rotated, triangle = np.linalg.qr(np.eye(DIMENSION) + strength * (direction - direction.T))
    turned: Floats = (rotated * np.sign(np.diag(triangle))).astype(np.float32)
    return turned


TOPICS = unit(drawn(2, ARTICLES, DIMENSION))
"""What each article is about; its passages, two in each language, lie around it."""
PASSAGES = Passages(
    [unit(np.repeat(TOPICS, 2, axis=0) + 0.1 * drawn(3 + n, 2 * ARTICLES, DIMENSION)) for n in range(LANGUAGES)],
    [np.arange(ARTICLES) * 2] * LANGUAGES,
    [np.full(ARTICLES, 2)] * LANGUAGES,
)


def texts_about(topics: Floats) -> TrainingTexts:
    """Short texts near those directions (articles, dimension), two an article, in both languages in turn."""
    articles = np.repeat(np.arange(len(topics)), TEXTS_EACH)
    near = unit(topics[articles] + 0.05 * drawn(9, len(articles), DIMENSION))
    return TrainingTexts(near, articles, np.arange(len(articles)) % LANGUAGES)


@pytest.fixture(scope="module")
def rotated() -> TrainingTexts:
    """Texts that lie beside their articles, all turned by the same rotation."""
    return texts_about(TOPICS @ rotation(0.2))


@pytest.fixture(scope="module")
def learned(rotated: TrainingTexts) -> tuple[QueryAdapter, Approval]:
    return train_adapter(rotated, PASSAGES)


def test_a_rotation_between_texts_and_articles_is_learned_and_approved(
    rotated: TrainingTexts, learned: tuple[QueryAdapter, Approval]
) -> None:
    adapter, approval = learned
    assert adapter.learned and approval.granted
    assert approval.texts == ARTICLES / 10 * TEXTS_EACH
    assert approval.after > approval.before + 0.05
    held_out = rotated.articles % 10 == 0
    own = TOPICS[rotated.articles[held_out]]
    near = (adapter.adapt(rotated.vectors[held_out]) * own).sum(axis=1)
    assert near.mean() > (rotated.vectors[held_out] * own).sum(axis=1).mean() + 0.03


def test_the_same_texts_teach_the_same(rotated: TrainingTexts, learned: tuple[QueryAdapter, Approval]) -> None:
    adapter, approval = train_adapter(rotated, PASSAGES)
    assert approval == learned[1]
    np.testing.assert_array_equal(adapter.adapt(rotated.vectors), learned[0].adapt(rotated.vectors))


def test_what_was_learned_is_saved_and_loaded(
    rotated: TrainingTexts, learned: tuple[QueryAdapter, Approval], tmp_path: Path
) -> None:
    learned[0].save(tmp_path / "adapter.npy")
    loaded = QueryAdapter.load(tmp_path / "adapter.npy")
    np.testing.assert_array_equal(loaded.adapt(rotated.vectors), learned[0].adapt(rotated.vectors))
    assert not np.array_equal(loaded.adapt(rotated.vectors), rotated.vectors)


def test_what_helps_only_the_texts_it_was_learned_from_is_refused() -> None:
    one, other = TOPICS @ rotation(0.1), TOPICS @ rotation(0.1).T
    held_out = np.arange(ARTICLES) % 10 == 0
    adapter, approval = train_adapter(texts_about(np.where(held_out[:, None], other, one)), PASSAGES)
    assert approval.texts >= 40
    assert approval.after < approval.before
    assert not approval.granted
    assert not adapter.learned
    np.testing.assert_array_equal(adapter.adapt(TOPICS), TOPICS)


@pytest.mark.parametrize("seed", [11, 12])
def test_texts_that_have_nothing_to_do_with_their_articles_find_them_no_better_than_by_chance(seed: int) -> None:
    adapter, approval = train_adapter(texts_about(unit(drawn(seed, ARTICLES, DIMENSION))), PASSAGES)
    assert max(approval.before, approval.after) < 0.1
    assert adapter.learned == approval.granted
    if not approval.after > approval.before:
        assert not approval.granted
        np.testing.assert_array_equal(adapter.adapt(TOPICS), TOPICS)


@pytest.mark.parametrize(("gained", "lost", "granted"), [(0, 0, False), (20, 12, False), (20, 9, True), (9, 20, False)])
def test_what_chance_could_have_done_is_not_granted_however_many_texts_were_asked(
    gained: int, lost: int, granted: bool
) -> None:
    assert Approval(10_000, 0.3, 0.3 + (gained - lost) / 10_000, gained, lost).granted is granted


def test_a_held_out_part_too_small_to_judge_approves_nothing() -> None:
    few = 190
    passages = Passages([rows[: 2 * few] for rows in PASSAGES.vectors], *([[a[:few] for a in arrays] for arrays in (
        PASSAGES.first, PASSAGES.counts)]))  # fmt: skip
    adapter, approval = train_adapter(texts_about(TOPICS[:few] @ rotation(0.2)), passages)
    assert approval.after > approval.before
    assert approval.texts == 38
    assert not approval.granted
    assert not adapter.learned


def test_without_any_text_nothing_is_learned() -> None:
    adapter, approval = train_adapter(texts_about(TOPICS[:0]), PASSAGES)
    assert (approval, adapter.learned) == (Approval(0, 0.0, 0.0, 0, 0), False)


def test_an_article_that_lacks_a_language_is_sought_in_the_others() -> None:
    second = np.where(np.arange(ARTICLES) < ARTICLES // 2, -1, np.cumsum(np.arange(ARTICLES) >= ARTICLES // 2) * 2 - 2)
    vectors = [PASSAGES.vectors[0], PASSAGES.vectors[1][ARTICLES:]]
    passages = Passages(vectors, [PASSAGES.first[0], second], [PASSAGES.counts[0], np.where(second < 0, 0, 2)])
    adapter, approval = train_adapter(texts_about(TOPICS @ rotation(0.2)), passages)
    assert adapter.learned
    assert approval.after > approval.before + 0.05


def test_nothing_learned_is_the_identity_and_leaves_no_file(tmp_path: Path) -> None:
    QueryAdapter(None).save(tmp_path / "adapter.npy")
    assert list(tmp_path.iterdir()) == []
    loaded = QueryAdapter.load(tmp_path / "adapter.npy")
    assert not loaded.learned
    np.testing.assert_array_equal(loaded.adapt(TOPICS), TOPICS)


@pytest.mark.parametrize("content", [b"no array", b"\x93NUMPY\x01\x00\x10"])
def test_a_damaged_file_is_no_adapter(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "adapter.npy").write_bytes(content)
    with pytest.raises(ValueError):
        QueryAdapter.load(tmp_path / "adapter.npy")


def test_adapted_vectors_have_length_one_for_one_question_as_for_many(
    learned: tuple[QueryAdapter, Approval],
) -> None:
    adapted = learned[0].adapt(TOPICS)
    np.testing.assert_allclose(np.linalg.norm(adapted, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(learned[0].adapt(TOPICS[7]), adapted[7], rtol=1e-4, atol=1e-6)


def test_a_vector_of_length_zero_stays_as_it_is() -> None:
    np.testing.assert_array_equal(unit(np.zeros((1, 3), dtype=np.float32)), np.zeros((1, 3)))


def contrast(matrix: np.ndarray, vectors: np.ndarray, towards: np.ndarray) -> float:
    """The loss in its plainest form: mean of -log of the share that each text gives to its own passage."""
    total = 0.0
    for number, vector in enumerate(vectors):
        moved = vector + vector @ matrix
        scores = towards @ (moved / np.linalg.norm(moved)) / 0.05
        total -= scores[number] - scores.max() - np.log(np.exp(scores - scores.max()).sum())
    return total / len(vectors)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), texts=st.integers(2, 6), dimension=st.integers(2, 5))
def test_the_gradient_is_that_of_the_contrast(seed: int, texts: int, dimension: int) -> None:
    random = np.random.default_rng(seed)
    matrix = 0.1 * random.normal(size=(dimension, dimension))
    vectors, towards = (random.normal(size=(texts, dimension)) for _ in range(2))
    vectors, towards = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (vectors, towards))
    numerical = np.zeros_like(matrix)
    for place in np.ndindex(*matrix.shape):
        step = np.zeros_like(matrix)
        step[place] = 1e-6
        difference = contrast(matrix + step, vectors, towards) - contrast(matrix - step, vectors, towards)
        numerical[place] = difference / 2e-6
    np.testing.assert_allclose(_gradient(matrix, vectors, towards), numerical, rtol=1e-3, atol=1e-4)
