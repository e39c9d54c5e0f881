"""Chooses which passage of a found article is shown: the one that answers need not be the nearest vector."""

from __future__ import annotations

from collections.abc import Sequence

from kb_index.snippets import Nearness


def best_passage(texts: Sequence[str], cosines: Sequence[float], nearness: Nearness) -> int:
    """Position of the passage that answers best among some of one article, the nearest by vector.

    `cosines` are their vectors' with the question's, `nearness` rates texts from 0 to 1; the best sum of both wins, of
    equals the earlier one. That they count the same was chosen on the development half of
    tests/benchmarks/data/snippets.jsonl; the figures change little around it. Raises ValueError without passages, or
    unless there is a cosine for each.
    """
    if not texts or len(texts) != len(cosines):
        raise ValueError(f"{len(texts)} passages and {len(cosines)} cosines: one cosine for each passage is needed")
    if len(texts) == 1:
        return 0
    rated = [cosine + rating for cosine, rating in zip(cosines, nearness(texts), strict=True)]
    return max(range(len(rated)), key=rated.__getitem__)
