"""Chooses the part of a passage that a reader is shown under the article's title."""

from __future__ import annotations

import re
from collections.abc import Set

from kb_index.lexical import terms

MAX_SNIPPET = 300

_STEP = re.compile(r"^\s*(?:\d+\.|-) ")
_SENTENCE_END = re.compile(r"(?<=[.!?…:])\s+(?=[\"'«“„(¿¡A-ZÀ-ÖØ-Þ0-9])")


def snippet(text: str, query_words: Set[str], language: str, limit: int = MAX_SNIPPET) -> str:
    """The stretch of `text` that holds most of the query's terms, at most `limit` characters.

    `query_words`: terms as `lexical.terms` makes them. A stretch is made of whole sentences and whole list items with
    their numbers; of equally good ones the first is taken. A longer single sentence is cut between words, marked by
    an ellipsis.
    """
    if len(text) <= limit:
        return text.strip("\n").rstrip()
    pieces = _pieces(text)
    hits = [query_words & set(terms(piece.strip(), language)) for piece in pieces]
    best, most = "", -1
    for start in range(len(pieces)):
        stretch, found = "", set[str]()
        for piece, words in zip(pieces[start:], hits[start:], strict=True):
            if stretch and len((stretch + piece).rstrip()) > limit:
                break
            stretch += piece
            found |= words
        if len(found) > most:
            best, most = stretch, len(found)
    return shorten(best.strip("\n").rstrip(), limit)


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
