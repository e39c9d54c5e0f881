"""Chooses the part of a passage that a reader is shown under the article's title."""

from __future__ import annotations

import re
from collections.abc import Set

from kb_index.lexical import terms

MAX_SNIPPET = 300

_STEP = re.compile(r"^\s*(?:\d+\.|-) ")
_SENTENCE_END = re.compile(r"(?<=[.!?…:])\s+(?=[\"'«“„(¿¡A-ZÀ-ÖØ-Þ0-9])")


def snippet(text: str, query_words: Set[str], language: str, limit: int = MAX_SNIPPET) -> str:
    """The consecutive sentences of `text` that hold most of the query's terms, at most `limit` characters.

    `query_words`: terms as `lexical.terms` makes them. List items stay whole lines with their numbers. Without any
    shared word it is the beginning of the text. Cut only between words, marked by an ellipsis.
    """
    pieces = _pieces(text)
    if not pieces:
        return ""
    hits = [query_words & set(terms(piece.strip(), language)) for piece in pieces]
    best_start, best_end, best_score = 0, 1, (-1, 0)
    for start in range(len(pieces)):
        length, found = 0, set[str]()
        for end in range(start, len(pieces)):
            length += len(pieces[end])
            if length > limit and end > start:
                break
            found |= hits[end]
            # Equal words: the shorter stretch is chosen and then filled up with what follows it.
            score = (len(found), -(end - start))
            if score > best_score:
                best_start, best_end, best_score = start, end + 1, score
    chosen = pieces[best_start:best_end]
    for piece in pieces[best_end:]:
        if len("".join(chosen)) + len(piece) > limit:
            break
        chosen.append(piece)
    return shorten("".join(chosen).strip("\n").rstrip(), limit)


def shorten(text: str, limit: int) -> str:
    """The text, or as many of its words as fit with an ellipsis; a single longer word is cut."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    if not text[limit - 1].isspace():
        space = max(head.rfind(" "), head.rfind("\n"))
        head = head[:space] if space > 0 else head
    return head.rstrip(" \n,;:") + "…"


def _pieces(text: str) -> list[str]:
    """Sentences and list items, each with the white space that followed it, so that joining gives the text back."""
    pieces: list[str] = []
    for line in text.splitlines(keepends=True):
        if _STEP.match(line):
            pieces.append(line)
            continue
        start = 0
        for boundary in _SENTENCE_END.finditer(line):
            pieces.append(line[start : boundary.end()])
            start = boundary.end()
        if start < len(line):
            pieces.append(line[start:])
    return pieces
