"""Sets two versions of an index against each other, question by question, so that somebody dares to publish one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kb_index.articles import LANGUAGES
from kb_index.evaluate import Query
from kb_index.progress import Progress, counted, ignore
from kb_index.search import KnowledgeIndex

DEPTH = 10
"""Results looked at; an article further down counts as not found."""
_HIT_DEPTHS = (1, 3, 5)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one of the two gave for a question."""

    rank: int | None
    """Of the wanted article, 1 is best; None: not among the first ten, or no article is wanted."""
    first: str | None
    """The first result as language/id."""
    answerable: bool
    has_article: bool
    """Whether the wanted article is in the index at all, in any language."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A question with both answers."""

    row: Query
    before: Answer
    after: Answer

    @property
    def change(self) -> Literal["better", "worse", "same"]:
        """By the rank of the wanted article; rows without one are always the same."""
        before, after = (answer.rank or DEPTH + 1 for answer in (self.before, self.after))
        return "same" if before == after else "better" if after < before else "worse"

    @property
    def is_judged_otherwise(self) -> bool:
        """Whether one of the two shows its results and the other says that it has no answer."""
        return self.before.answerable != self.after.answerable

    def as_dict(self) -> dict[str, Any]:
        """For JSON; pairs are [before, after]."""
        pair = (self.before, self.after)
        shown: dict[str, Any] = {"language": self.row.language, "query": self.row.query}
        if self.row.article is not None:
            shown["article"] = self.row.article
            shown["rank"] = [answer.rank for answer in pair]
            shown["has_article"] = [answer.has_article for answer in pair]
        return shown | {
            "first": [answer.first for answer in pair],
            "answerable": [answer.answerable for answer in pair],
        }


def compare(
    before: KnowledgeIndex,
    after: KnowledgeIndex,
    rows: Sequence[Query],
    *,
    scope: str = "same",
    progress: Progress = ignore,
) -> list[Compared]:
    """Asks both everything, in the order of `rows`. `scope` as for `KnowledgeIndex.search`; raises as that does."""
    tell = counted("searching both", progress)
    compared = []
    for number, row in enumerate(rows):
        tell(number, len(rows))
        compared.append(Compared(row, _ask(before, row, scope), _ask(after, row, scope)))
    tell(len(rows), len(rows))
    return compared


def _ask(index: KnowledgeIndex, row: Query, scope: str) -> Answer:
    outcome = index.search(row.query, language=row.language, limit=DEPTH, scope=scope)
    found = [result.article for result in outcome.results]
    return Answer(
        rank=found.index(row.article) + 1 if row.article in found else None,
        first=next((f"{result.language}/{result.article}" for result in outcome.results), None),
        answerable=outcome.answerable,
        has_article=row.article is not None and any(index.article(code, row.article) for code in LANGUAGES),
    )


def figures(compared: Sequence[Compared]) -> dict[str, Any]:
    """Figures over all rows, also by language.

    Of rows with an article: {"n", "before", "after", "difference": {"hit@1", "hit@3", "hit@5", "mrr@10", "answered"},
    "p": {"hit@1", …, "rank"}, "better", "worse", "same"}, where `answered` is the share judged answerable. Of the
    others: {"unlabelled": {"n", "before", "after"}}, how many are judged answerable. Parts without rows are left out.
    """
    total = _figures(compared)
    languages = sorted({one.row.language for one in compared}, key=LANGUAGES.index)
    total["by_language"] = {code: _figures([one for one in compared if one.row.language == code]) for code in languages}
    return total


def _figures(compared: Sequence[Compared]) -> dict[str, Any]:
    labelled = [one for one in compared if one.row.article is not None]
    others = [one for one in compared if one.row.article is None]
    found: dict[str, Any] = {}
    if labelled:
        before, after = _rates([one.before for one in labelled]), _rates([one.after for one in labelled])
        found = {"n": len(labelled), "before": before, "after": after}
        found["difference"] = {name: round(after[name] - before[name], 4) for name in before}
        found["p"] = _chances(labelled)
        for change in ("better", "worse", "same"):
            found[change] = sum(one.change == change for one in labelled)
    if others:
        found["unlabelled"] = {
            "n": len(others),
            "before": sum(one.before.answerable for one in others),
            "after": sum(one.after.answerable for one in others),
        }
    return found


def _rates(answers: Sequence[Answer]) -> dict[str, float]:
    rates = {f"hit@{depth}": sum(_is_hit(one, depth) for one in answers) / len(answers) for depth in _HIT_DEPTHS}
    rates["mrr@10"] = sum(1 / one.rank for one in answers if one.rank is not None) / len(answers)
    rates["answered"] = sum(one.answerable for one in answers) / len(answers)
    return {name: round(rate, 4) for name, rate in rates.items()}


def _is_hit(answer: Answer, depth: int) -> bool:
    return answer.rank is not None and answer.rank <= depth


def _chances(labelled: Sequence[Compared]) -> dict[str, float]:
    """Sign tests over the questions whose hit, or whose rank, changed."""
    chances = {}
    for depth in _HIT_DEPTHS:
        changes = [_is_hit(one.after, depth) - _is_hit(one.before, depth) for one in labelled]
        chances[f"hit@{depth}"] = sign_test(changes.count(1), changes.count(-1))
    ranks = [one.change for one in labelled]
    chances["rank"] = sign_test(ranks.count("better"), ranks.count("worse"))
    return chances


def sign_test(better: int, worse: int) -> float:
    """Two-sided probability (0–1) of a split at least so uneven, if better and worse were the toss of a coin."""
    changed = better + worse
    tail = sum(math.comb(changed, k) for k in range(min(better, worse) + 1))
    return round(min(1.0, 2 * tail / 2**changed), 4)
