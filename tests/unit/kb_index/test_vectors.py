from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faiss
import numpy as np
import pytest

from kb_index import search_method
from kb_index.errors import IndexFormatError
from kb_index.search_method import EXACT
from kb_index.vectors import VectorPartition

DIMENSION = 32
CLUSTERS = 300
VERY_LARGE = 21_000
HALF_PRECISION = 2.0**-11
"""How far, relatively, a number may be from its half-precision neighbour."""


def _unit(drawn: np.ndarray) -> np.ndarray:
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


def _clustered(count: int, dimension: int = DIMENSION) -> np.ndarray:
    """As passages are: in clusters, and all of them on one side."""
    random = np.random.default_rng(count)
    centres = random.normal(size=(CLUSTERS, dimension)) + 1
    return _unit(centres[random.integers(0, CLUSTERS, count)] + 0.7 * random.normal(size=(count, dimension)))


def _questions_between(vectors: np.ndarray) -> np.ndarray:
    """Not among the passages, as questions are not: between any two of them, less what all share."""
    one, other = np.random.default_rng(3).integers(0, len(vectors), (2, 200))
    return _unit(vectors[one] + vectors[other] - 2 * vectors.mean(axis=0))


def _never() -> np.ndarray:
    raise AssertionError("nobody needs questions for so few passages")


def _best(partition: VectorPartition, query: np.ndarray, limit: int) -> np.ndarray:
    """Row numbers by the plain product with every vector."""
    return np.argsort(-(partition.rows(0, partition.count) @ query), kind="stable")[:limit]


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    return _unit(np.random.default_rng(7).normal(size=(200, 16)))


@pytest.fixture(scope="module")
def many() -> np.ndarray:
    return _clustered(search_method.EXACT_BELOW + 1_000)


@pytest.fixture(scope="module")
def coded(many: np.ndarray) -> VectorPartition:
    return VectorPartition.from_array(many, lambda: _questions_between(many))


@pytest.fixture
def saved(tmp_path: Path, vectors: np.ndarray) -> Path:
    VectorPartition.from_array(vectors).save(tmp_path / "en.faiss")
    return tmp_path / "en.faiss"


def test_a_small_partition_is_searched_exactly_before_and_after_saving(saved: Path, vectors: np.ndarray) -> None:
    query = vectors[3] + vectors[9]
    for partition in (VectorPartition.from_array(vectors, _never), VectorPartition.load(saved)):
        assert partition.method == EXACT
        scores, rows = partition.search(query, 10)
        assert rows.tolist() == _best(partition, query, 10).tolist()
        np.testing.assert_allclose(scores, (vectors @ query)[rows], atol=1e-3)


def test_rows_come_back_in_the_precision_in_which_they_are_kept(saved: Path, vectors: np.ndarray) -> None:
    loaded = VectorPartition.load(saved)
    np.testing.assert_array_equal(loaded.rows(5, 3), vectors[5:8].astype(np.float16).astype(np.float32))
    np.testing.assert_allclose(loaded.rows(0, 200), vectors, rtol=HALF_PRECISION, atol=1e-7)
    np.testing.assert_array_equal(loaded.take(np.array([7, 5])), loaded.rows(5, 3)[[2, 0]])
    assert loaded.rows(5, 0).shape == (0, 16)
    assert (loaded.count, loaded.dimension) == (200, 16)


def test_every_number_that_half_precision_knows_comes_back_as_it_is() -> None:
    every = np.arange(2**16, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)].astype(np.float32).reshape(-1, 16)
    np.testing.assert_array_equal(VectorPartition.from_array(finite).rows(0, len(finite)), finite)


def test_the_mean_and_the_products_with_it_are_there_without_reading_the_rows(saved: Path) -> None:
    loaded = VectorPartition.load(saved)
    rows = loaded.rows(0, loaded.count)
    np.testing.assert_allclose(loaded.mean, rows.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(loaded.along_mean, rows @ rows.mean(axis=0), atol=1e-6)


def test_asking_for_more_rows_than_there_are_gives_all(vectors: np.ndarray) -> None:
    scores, rows = VectorPartition.from_array(vectors).search(vectors[0], 1000)
    assert sorted(rows.tolist()) == list(range(200))
    assert scores[0] == pytest.approx(1, abs=1e-3)


def test_a_partition_made_of_another_ones_rows_is_the_same_file_by_file(tmp_path: Path, coded: VectorPartition) -> None:
    again = VectorPartition.from_array(
        coded.rows(0, coded.count), lambda: _questions_between(_clustered(search_method.EXACT_BELOW + 1_000))
    )
    coded.save(tmp_path / "one.faiss")
    again.save(tmp_path / "two.faiss")
    for suffix in (".faiss", ".mean", ".codes", ".json"):
        one, two = ((tmp_path / f"{name}{suffix}").read_bytes() for name in ("one", "two"))
        assert one == two, suffix


def test_a_large_partition_is_searched_by_codes_and_finds_what_exact_search_finds(
    tmp_path: Path, coded: VectorPartition, many: np.ndarray
) -> None:
    coded.save(tmp_path / "en.faiss")
    assert coded.method.name == "codes"
    assert coded.method.recall >= search_method.RECALL_FLOOR
    others = _questions_between(many[::-1])
    for partition in (coded, VectorPartition.load(tmp_path / "en.faiss")):
        assert partition.method == coded.method
        found = [partition.search(query, 100) for query in others]
        shares = [
            np.isin(_best(partition, query, 10), rows[:10]).mean()
            for query, (_, rows) in zip(others, found, strict=True)
        ]
        assert np.mean(shares) >= search_method.RECALL_FLOOR
        scores, rows = found[0]
        assert len(set(rows.tolist())) == 100
        np.testing.assert_allclose(scores, partition.take(rows) @ others[0], atol=1e-5)
        assert (np.diff(scores) <= 0).all()


def test_a_very_large_partition_looks_only_into_the_nearest_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_method, "LISTS_FROM", VERY_LARGE)
    vectors = _clustered(VERY_LARGE)
    built = VectorPartition.from_array(vectors, lambda: _questions_between(vectors))
    assert (built.method.name, built.method.lists) == ("lists", 512)
    built.save(tmp_path / "en.faiss")
    loaded = VectorPartition.load(tmp_path / "en.faiss")
    for query in _questions_between(vectors[::-1])[:20]:
        np.testing.assert_array_equal(loaded.search(query, 100)[1], built.search(query, 100)[1])


def test_lists_that_miss_too_much_are_passed_over_and_the_description_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_method, "LISTS_FROM", VERY_LARGE)
    scattered = _unit(np.random.default_rng(1).normal(size=(VERY_LARGE, 64)))
    questions = _unit(np.random.default_rng(2).normal(size=(200, 64)))
    method = VectorPartition.from_array(scattered, lambda: questions).method
    assert (method.name, method.lists) == ("codes", 0)
    assert [reason.split()[1] for reason in method.passed_over] == ["64", "128", "192", "256"]


def test_where_everything_faster_misses_too_much_the_search_stays_exact(many: np.ndarray) -> None:
    crowded = _unit(many[:, :4] + 3)
    partition = VectorPartition.from_array(crowded, lambda: _questions_between(crowded))
    assert partition.method.is_exact
    assert str(partition.method).startswith("exact; not codes, recall@10 0.")
    query = _questions_between(crowded)[0]
    assert partition.search(query, 10)[1].tolist() == _best(partition, query, 10).tolist()


def test_a_large_partition_without_questions_is_searched_exactly_and_says_why(many: np.ndarray) -> None:
    partition = VectorPartition.from_array(many)
    assert partition.method.is_exact
    assert str(partition.method) == "exact; only 0 questions to measure anything faster with"
    assert partition.search(many[5], 1)[1].tolist() == [5]


def test_an_odd_dimension_has_codes_too() -> None:
    vectors = _clustered(search_method.EXACT_BELOW, 7)
    partition = VectorPartition.from_array(vectors, lambda: _questions_between(vectors))
    assert partition.method.name == "codes"


def test_searches_in_several_threads_do_not_disturb_each_other(coded: VectorPartition, many: np.ndarray) -> None:
    queries = _questions_between(many)[:64]
    alone = [coded.search(query, 50)[1].tolist() for query in queries]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda query: coded.search(query, 50)[1].tolist(), queries))
    assert together == alone


def test_a_search_keeps_to_its_own_thread(coded: VectorPartition, many: np.ndarray) -> None:
    def threads_after_a_search() -> int:
        faiss.omp_set_num_threads(4)
        coded.search(many[0], 10)
        return int(faiss.omp_get_max_threads())

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(threads_after_a_search).result() == 1


def test_a_process_that_opens_vectors_has_mapped_all_of_them_and_copied_none(tmp_path: Path, many: np.ndarray) -> None:
    VectorPartition.from_array(many).save(tmp_path / "en.faiss")
    path = tmp_path / "en.faiss"
    script = (
        "import sys, psutil; from pathlib import Path; from kb_index.vectors import VectorPartition\n"
        "partition = VectorPartition.load(Path(sys.argv[1]))\n"
        "mapped = [one for one in psutil.Process().memory_maps() if one.path == sys.argv[1]]\n"
        "print(sum(one.rss for one in mapped), sum(one.anonymous for one in mapped))"
    )
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-c", script, str(path)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    mapped, copied = map(int, done.stdout.split())
    assert mapped >= path.stat().st_size
    assert copied == 0


def test_vectors_of_an_earlier_index_are_still_read(tmp_path: Path, vectors: np.ndarray) -> None:
    plain = faiss.IndexFlatIP(vectors.shape[1])
    plain.add(vectors)
    faiss.write_index(plain, str(tmp_path / "en.faiss"))
    loaded, made = VectorPartition.load(tmp_path / "en.faiss"), VectorPartition.from_array(vectors)
    np.testing.assert_array_equal(loaded.rows(0, 200), made.rows(0, 200))
    assert loaded.search(vectors[9], 1)[1].tolist() == [9]


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "en.faiss").write_bytes(b"not vectors")
    with pytest.raises(IndexFormatError, match=r"en\.faiss.*build the index again"):
        VectorPartition.load(tmp_path / "en.faiss")


def test_another_kind_of_faiss_index_is_refused(tmp_path: Path, vectors: np.ndarray) -> None:
    other = faiss.IndexHNSWFlat(vectors.shape[1], 8)
    other.add(vectors)
    faiss.write_index(other, str(tmp_path / "en.faiss"))
    with pytest.raises(IndexFormatError, match="IndexHNSWFlat"):
        VectorPartition.load(tmp_path / "en.faiss")


@pytest.mark.parametrize("damage", ["", "{}", "[1]", '{"name": "magic", "passed_over": []}', None])
def test_a_missing_or_damaged_description_is_refused(saved: Path, damage: str | None) -> None:
    if damage is None:
        saved.with_suffix(".json").unlink()
    else:
        saved.with_suffix(".json").write_text(damage, encoding="utf-8")
    with pytest.raises(IndexFormatError, match=r"what belongs to .*en\.faiss"):
        VectorPartition.load(saved)


def test_a_missing_mean_is_refused(saved: Path) -> None:
    saved.with_suffix(".mean").unlink()
    with pytest.raises(IndexFormatError, match=r"what belongs to .*en\.faiss"):
        VectorPartition.load(saved)


def test_files_of_two_builds_are_not_mixed(saved: Path, vectors: np.ndarray, coded: VectorPartition) -> None:
    fewer = saved.with_name("fewer.faiss")
    VectorPartition.from_array(vectors[:50]).save(fewer)
    coded.save(saved.with_name("coded.faiss"))
    described = json.loads(saved.with_suffix(".json").read_text(encoding="utf-8"))
    saved.with_suffix(".json").write_text(json.dumps(described | {"name": "codes"}), encoding="utf-8")
    with pytest.raises(IndexFormatError, match=r"cannot read vectors in .*en\.codes"):
        VectorPartition.load(saved)
    saved.with_name("coded.codes").rename(saved.with_suffix(".codes"))
    with pytest.raises(IndexFormatError, match=r"en\.codes does not belong"):
        VectorPartition.load(saved)
    fewer.with_suffix(".mean").rename(saved.with_suffix(".mean"))
    with pytest.raises(IndexFormatError, match=r"en\.mean does not belong"):
        VectorPartition.load(saved)
