from __future__ import annotations

import json
from pathlib import Path

import pytest

from kb_index.errors import EvaluationFileError
from kb_index.evaluate import Query, auroc, evaluate, read_queries
from kb_index.search import KnowledgeIndex

GOOD = '{"language": "en", "query": "void a check", "article": "void-a-check"}'


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{broken", "not JSON"),
        ("[1]", "must be an object"),
        ('{"language": "xx", "query": "a"}', "language 'xx'"),
        ('{"query": "a"}', "language None"),
        ('{"language": "en"}', "query must be a non-empty text"),
        ('{"language": "en", "query": "  "}', "query must be a non-empty text"),
        ('{"language": "en", "query": "a", "article": 3}', "article must be an article id"),
    ],
)
def test_a_broken_row_is_named_by_file_and_line(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(f"{GOOD}\n\n{line}\n")
    with pytest.raises(EvaluationFileError, match=f"rows.jsonl line 3: .*{reason}"):
        read_queries([path])


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff"])
def test_a_file_without_rows_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "rows.jsonl").write_bytes(content)
    with pytest.raises(EvaluationFileError, match=r"rows\.jsonl"):
        read_queries([tmp_path / "rows.jsonl"])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvaluationFileError, match=r"nowhere\.jsonl"):
        read_queries([tmp_path / "nowhere.jsonl"])


def test_figures_count_what_was_found_and_at_which_rank(small_index: KnowledgeIndex) -> None:
    rows = [
        Query("en", "void a printed check", "void-a-check"),
        Query("en", "void a printed check", "no-such-article"),
        Query("es", "la conciliación bancaria no cuadra", "bank-reconciliation"),
    ]
    figures = evaluate(small_index, rows)
    assert (figures["n"], figures["hit@1"], figures["hit@5"], figures["mrr@10"]) == (3, 0.6667, 0.6667, 0.6667)
    assert figures["by_language"]["en"]["hit@3"] == 0.5
    assert figures["by_language"]["es"]["hit@3"] == 1
    assert figures["p95_ms"] >= figures["p50_ms"] > 0
    assert "answerable_auroc" not in figures


def test_unanswerable_rows_add_how_well_they_are_told_apart(small_index: KnowledgeIndex) -> None:
    rows = [
        Query("en", "How do I void a printed check?", "void-a-check"),
        Query("en", "who wins the football cup on sunday", None),
    ]
    figures = evaluate(small_index, rows)
    assert figures["answerable_auroc"] == 1
    assert figures["hit@1"] == 1
    assert 0 <= figures["false_answer_rate"] <= 1


def test_the_scope_is_passed_on(small_index: KnowledgeIndex) -> None:
    rows = [Query("es", "amortización de máquinas y vehículos", "depreciation")]
    assert evaluate(small_index, rows, scope="same")["hit@5"] == 0
    assert evaluate(small_index, rows, scope="en")["hit@5"] == 1
    assert evaluate(small_index, rows, scope="mixed")["hit@5"] == 1


def test_auroc_counts_pairs_and_half_of_the_ties() -> None:
    assert auroc([0.9, 0.5], [0.5, 0.1]) == 0.875


def test_rows_are_read_with_and_without_article(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(GOOD + "\n")
    (tmp_path / "b.jsonl").write_text(json.dumps({"language": "de", "query": "Wetter"}))
    rows = read_queries([tmp_path / "a.jsonl", tmp_path / "b.jsonl"])
    assert [(row.language, row.article) for row in rows] == [("en", "void-a-check"), ("de", None)]
