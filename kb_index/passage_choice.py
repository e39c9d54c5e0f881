"""Chooses which passage of a found article is shown: mostly the nearest one, for a how-to the one with the steps."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set

from kb_index.snippets import named_share

_FIRST_STEP = re.compile(r"^ *1\. ", re.MULTILINE)
_MOSTLY_TITLE = 0.5


def is_how_to(question: Mapping[str, float], title: Set[str]) -> bool:
    """Whether somebody asks for little more than an article's title says, and so wants to know how it is done.

    `question` holds the question's terms with their weights, `title` the terms of the title.
    """
    return named_share(question, title) >= _MOSTLY_TITLE


def procedure(texts: Sequence[str]) -> int | None:
    """Position of the first of an article's passages that begins a procedure, or None."""
    return next((position for position, text in enumerate(texts) if _FIRST_STEP.search(text)), None)
