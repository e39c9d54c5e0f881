"""Finds the anchor by which a page can be opened at one of its headings."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from kb_index.loaders.html.tree import TEXT, attribute

_WRITABLE = re.compile(r"[^\s{}]+")
_WRAPPERS = frozenset((
    "section", "div", "article", "header", "hgroup", "span", "li", "details", "summary", "dt", "td", "a",
))  # fmt: skip
_MAX_WRAPPERS = 3


def anchor_of(heading: LexborNode) -> str:
    """The id of the heading, else of an element in it, right before it or wrapped around it; "" without any.

    An element is wrapped around a heading when the heading is the first thing to read in it.
    """
    return (
        _id(heading)
        or next((found for node in heading.css("a[id], a[name], span[id]") if (found := _id(node))), "")
        or _id_before(heading)
        or _id_around(heading)
    )


def _id(node: LexborNode) -> str:
    found = attribute(node, "id") or (attribute(node, "name") if node.tag == "a" else "")
    return found if _WRITABLE.fullmatch(found) else ""


def _id_before(node: LexborNode) -> str:
    """The id of an element without text that ends right before the node."""
    before = node.prev
    while before is not None and not _text(before):
        if before.is_element_node:
            for inside in [*reversed(before.css("a[id], a[name], span[id]")), before]:
                if _id(inside):
                    return _id(inside)
        before = before.prev
    return ""


def _id_around(heading: LexborNode) -> str:
    node = heading
    for _ in range(_MAX_WRAPPERS):
        parent = node.parent
        if parent is None or parent.tag not in _WRAPPERS or _has_text_before(node):
            return ""
        found = _id(parent) or _id_before(parent)
        if found:
            return found
        node = parent
    return ""


def _has_text_before(node: LexborNode) -> bool:
    before = node.prev
    while before is not None:
        if _text(before):
            return True
        before = before.prev
    return False


def _text(node: LexborNode) -> str:
    if node.tag == TEXT:
        return (node.text_content or "").strip()
    return node.text().strip() if node.is_element_node else ""
