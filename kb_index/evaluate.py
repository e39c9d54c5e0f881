"""Measures search on questions with known answers: hit rates, rank, speed, and telling the unanswerable apart."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kb_index.articles import LANGUAGES
from kb_index.errors import EvaluationFileError
from kb_index.search import KnowledgeIndex

_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Query:
    """One row of an evaluation file; `article` is None for a question that no article answers."""

    language: str
    query: str
    article: str | None


@dataclass(frozen=True, slots=True)
class _Measured:
    row: Query
    rank: int | None
    """1 is best; None: not among the first ten."""
    probability: float
    answerable: bool
    took_ms: float


def read_queries(paths: Iterable[Path]) -> list[Query]:
    """Reads JSON Lines rows {"language", "query", "article"?}. Raises EvaluationFileError naming file and line."""
    rows: list[Query] = []
    for path in paths:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise EvaluationFileError(f"cannot read {path}: {error}") from error
        found = [_row(line, f"{path} line {number}") for number, line in enumerate(lines, 1) if line.strip()]
        if not found:
            raise EvaluationFileError(f"{path} holds no queries")
        rows += found
    return rows


def _row(line: str, place: str) -> Query:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise EvaluationFileError(f"{place}: not JSON: {error}") from error
    if not isinstance(row, dict):
        raise EvaluationFileError(f"{place}: a row must be an object, not {line.strip()[:40]}")
    language, query, article = row.get("language"), row.get("query"), row.get("article")
    if language not in LANGUAGES:
        raise EvaluationFileError(f"{place}: language {language!r} is not one of {', '.join(LANGUAGES)}")
    if not isinstance(query, str) or not query.strip():
        raise EvaluationFileError(f"{place}: query must be a non-empty text, not {query!r}")
    if article is not None and not isinstance(article, str):
        raise EvaluationFileError(f"{place}: article must be an article id, not {article!r}")
    return Query(language, query, article)


def evaluate(
    index: KnowledgeIndex, rows: Sequence[Query], *, scope: str = "same", progress: Callable[[int], None] | None = None
) -> dict[str, Any]:
    """Searches every row and returns the figures of `frontdesk kb eval`, also by language.

    Hit rates and mrr@10 are over rows with an article, times (milliseconds, with encoding, without snippets) over all
    rows; answerable_auroc and false_answer_rate are there when both kinds of rows are.
    """
    measured = []
    for number, row in enumerate(rows, 1):
        measured.append(_measure(index, row, scope))
        if progress is not None:
            progress(number)
    figures = _figures(measured)
    languages = sorted({row.language for row in rows}, key=LANGUAGES.index)
    figures["by_language"] = {code: _figures([m for m in measured if m.row.language == code]) for code in languages}
    return figures


def unknown_articles(index: KnowledgeIndex, rows: Sequence[Query]) -> list[str]:
    """Ids in the rows that the index has in no language: they can only count as not found."""
    wanted = {row.article for row in rows if row.article is not None}
    return sorted(id_ for id_ in wanted if not any(index.article(code, id_) for code in index.meta.languages))


def _measure(index: KnowledgeIndex, row: Query, scope: str) -> _Measured:
    outcome = index.search(row.query, language=row.language, limit=_DEPTH, scope=scope, snippets=False)
    found = [result.article for result in outcome.results]
    rank = found.index(row.article) + 1 if row.article in found else None
    return _Measured(row, rank, outcome.probability, outcome.answerable, outcome.took_ms)


def _figures(measured: Sequence[_Measured]) -> dict[str, Any]:
    ranks = [m.rank for m in measured if m.row.article is not None]
    times = np.array([m.took_ms for m in measured])
    figures: dict[str, Any] = {"n": len(measured)}
    if ranks:
        for depth in (1, 3, 5):
            figures[f"hit@{depth}"] = round(sum(rank is not None and rank <= depth for rank in ranks) / len(ranks), 4)
        figures["mrr@10"] = round(sum(1 / rank for rank in ranks if rank is not None) / len(ranks), 4)
    figures["p50_ms"] = round(float(np.percentile(times, 50)), 2)
    figures["p95_ms"] = round(float(np.percentile(times, 95)), 2)
    figures |= _answerability([m for m in measured if m.row.article], [m for m in measured if not m.row.article])
    return figures


def _answerability(answerable: Sequence[_Measured], unanswerable: Sequence[_Measured]) -> dict[str, float]:
    if not answerable or not unanswerable:
        return {}
    return {
        "answerable_auroc": round(auroc([m.probability for m in answerable], [m.probability for m in unanswerable]), 4),
        "answered_rate": round(sum(m.answerable for m in answerable) / len(answerable), 4),
        "false_answer_rate": round(sum(m.answerable for m in unanswerable) / len(unanswerable), 4),
    }


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Probability that a positive scores above a negative, ties counting half."""
    above = np.asarray(positive)[:, None] - np.asarray(negative)[None, :]
    return float((above > 0).mean() + (above == 0).mean() / 2)
