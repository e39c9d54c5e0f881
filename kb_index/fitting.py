"""Fits the weights of ranking and of answerability on questions with known answers: `python -m kb_index.fitting`.

The result is printed as constants for `ranking.py` and `answerability.py`; nothing is fitted while the product runs.
Each figure printed with it comes from articles that its weights were not fitted on (five parts of the articles).
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kb_index.answerability import SIGNALS, signals
from kb_index.articles import LANGUAGES
from kb_index.encoder import Encoder
from kb_index.evaluate import Query, auroc, read_queries
from kb_index.ranking import Ranking
from kb_index.search import KnowledgeIndex
from kb_index.weights import CROSS_WEIGHTS, FEATURES, NATIVE_WEIGHTS

Array = npt.NDArray[np.float64]

_PARTS = 5
_RANKING_RIDGE = 3e-3
_ANSWERABILITY_RIDGE = 1e-2
_NEWTON_STEPS = 30
_CONVERGED = 1e-4


@dataclass(frozen=True, slots=True)
class Case:
    """One question with its candidates; `right` is the row of the right article, None when it is not among them."""

    file: str
    query: Query
    ranking: Ranking
    right: int | None
    weight: float

    @property
    def part(self) -> int:
        """Which of the parts it is held out with; translations of an article are in the same one."""
        return zlib.crc32((self.query.article or self.query.query).encode()) % _PARTS


def collect(
    index: KnowledgeIndex, encoder: Encoder, files: Sequence[Path], articles_in: str | None = None
) -> list[Case]:
    """Ranks every question of the files: in its own language, or in `articles_in` if it is another one.

    Every file counts the same in total.
    """
    cases = []
    for file in files:
        rows = [row for row in read_queries([file]) if row.language != articles_in]
        vectors = encoder.encode_queries([row.query for row in rows])
        for row, vector in zip(rows, vectors, strict=True):
            ranker, question = (
                index.ranker(articles_in or row.language),
                index.question(row.query, vector, row.language),
            )
            weights = CROSS_WEIGHTS if articles_in else NATIVE_WEIGHTS
            ranking = ranker.rank(question, weights, translations=articles_in is None)
            found = [ranker.entries[article].id for article in ranking.articles]
            right = found.index(row.article) if row.article in found else None
            cases.append(Case(file.stem, row, ranking, right, 1 / len(rows)))
    return cases


def fit_ranking(cases: Sequence[Case]) -> Array:
    """Weights (len(FEATURES),) that make the right article's share of exp(score) among the candidates largest."""
    usable = [case for case in cases if case.right is not None]
    scale = np.concatenate([case.ranking.features for case in usable]).std(axis=0) + 1e-9
    features = [case.ranking.features.astype(np.float64) / scale for case in usable]
    total = sum(case.weight for case in usable)

    def derivatives(weights: Array) -> tuple[float, Array, Array]:
        loss, gradient, curvature = 0.0, np.zeros_like(weights), np.zeros((len(weights), len(weights)))
        for case, rows in zip(usable, features, strict=True):
            shares = _softmax(rows @ weights)
            mean = shares @ rows
            loss -= float(case.weight / total * np.log(shares[case.right] + 1e-300))
            gradient += case.weight / total * (mean - rows[case.right])
            curvature += case.weight / total * ((rows.T * shares) @ rows - np.outer(mean, mean))
        return float(loss), gradient, curvature

    return _newton(derivatives, len(FEATURES), _RANKING_RIDGE) / scale


def fit_answerability(positive: Array, negative: Array) -> tuple[Array, float]:
    """(weights, offset) of a logistic regression; both kinds count the same in total. Arrays: (rows, SIGNALS)."""
    rows = np.concatenate([positive, negative])
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    design = np.column_stack([(rows - mean) / scale, np.ones(len(rows))])
    labels = np.repeat([1.0, 0.0], [len(positive), len(negative)])
    share = np.repeat([0.5 / len(positive), 0.5 / len(negative)], [len(positive), len(negative)])

    def derivatives(weights: Array) -> tuple[float, Array, Array]:
        chance = 1 / (1 + np.exp(-design @ weights))
        loss = -share @ np.log(np.where(labels > 0, chance, 1 - chance) + 1e-300)
        return (
            float(loss),
            design.T @ (share * (chance - labels)),
            (design.T * (share * chance * (1 - chance))) @ design,
        )

    fitted = _newton(derivatives, design.shape[1], _ANSWERABILITY_RIDGE)
    weights = fitted[:-1] / scale
    return weights, float(fitted[-1] - weights @ mean)


def _newton(derivatives: Callable[[Array], tuple[float, Array, Array]], size: int, ridge: float) -> Array:
    """Minimum of a convex loss plus ridge · |weights|², by Newton's method with step halving."""
    weights = np.zeros(size)
    loss, gradient, curvature = derivatives(weights)
    for _ in range(_NEWTON_STEPS):
        step = np.linalg.solve(curvature + 2 * ridge * np.eye(size), gradient + 2 * ridge * weights)
        value, length = loss + ridge * weights @ weights, 1.0
        while length > 1e-3:
            tried = weights - length * step
            loss, gradient, curvature = derivatives(tried)
            if loss + ridge * tried @ tried <= value:
                break
            length /= 2
        weights = tried
        if np.abs(length * step).max() < _CONVERGED:
            break
    return weights


def _softmax(scores: Array) -> Array:
    shares: Array = np.exp(scores - scores.max())
    return shares / shares.sum()


def _in_first_three(case: Case, weights: Array) -> bool:
    if case.right is None:
        return False
    scores = case.ranking.features @ weights
    return int((scores > scores[case.right]).sum()) < 3


def _held_out_hits(cases: Sequence[Case]) -> dict[str, float]:
    """By file and language."""
    hits: dict[str, list[bool]] = {}
    for part in range(_PARTS):
        weights = fit_ranking([case for case in cases if case.part != part])
        for case in cases:
            if case.part == part:
                hits.setdefault(f"{case.file} {case.query.language}", []).append(_in_first_three(case, weights))
    return {name: round(sum(found) / len(found), 3) for name, found in sorted(hits.items())}


def _report_answerability(cases: Sequence[Case]) -> None:
    rows = np.array([_signals_and_language(case.ranking) for case in cases])
    known = np.array([case.query.article is not None for case in cases])
    parts = np.array([case.part for case in cases])
    languages = np.array([case.query.language for case in cases])
    scores = np.zeros(len(cases))
    for part in range(_PARTS):
        weights, offset = fit_answerability(rows[known & (parts != part)], rows[~known & (parts != part)])
        scores[parts == part] = rows[parts == part] @ weights + offset
    for language in sorted(set(languages)):
        own = languages == language
        print(f"  {language}: held-out auroc {auroc(scores[own & known], scores[own & ~known]):.3f}")
        for pass_at in (0.2, 0.25, 0.27, 0.3, 0.35):
            passed = scores[own] >= np.log(pass_at / (1 - pass_at))
            answered, falsely = passed[known[own]].mean(), passed[~known[own]].mean()
            print(f"    from {pass_at} on {answered:.3f} of the answerable pass, {falsely:.3f} of the others")
    weights, offset = fit_answerability(rows[known], rows[~known])
    names = (*SIGNALS, *LANGUAGES)
    print(f"answerability: {dict(zip(names, weights.round(3).tolist(), strict=True))} offset {offset:.3f}")


def _signals_and_language(ranking: Ranking) -> Array:
    """(len(SIGNALS) + len(LANGUAGES),): a weight of the latter is what a language adds."""
    return np.concatenate([signals(ranking), [ranking.language == language for language in LANGUAGES]])


def main() -> None:
    """Reads the arguments, fits, prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, help="rows {language, query, article}, as for kb eval")
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--encoder", type=Path, default=Path("models/encoder"))
    arguments = parser.parse_args()
    encoder = Encoder.load(arguments.encoder)
    index = KnowledgeIndex.open(arguments.index, encoder)
    files = [file for file in arguments.files if read_queries([file])[0].article is not None]
    for label, articles_in in (("NATIVE_WEIGHTS", None), ("CROSS_WEIGHTS", "en")):
        cases = collect(index, encoder, files, articles_in)
        print(f"{label}: {dict(zip(FEATURES, fit_ranking(cases).round(3).tolist(), strict=True))}")
        print(f"  held-out hit@3: {_held_out_hits(cases)}")
    _report_answerability(collect(index, encoder, arguments.files))


if __name__ == "__main__":
    main()
