"""Tables of a page: which of them hold data, and how those are written as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from kb_index.loaders.html.tree import attribute

_MAX_SPAN = 50
_MAX_COLUMNS = 100
_LONGEST_CELL = 1_000
_BAR = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Row:
    cells: list[LexborNode]
    is_header: bool


def is_data_table(table: LexborNode) -> bool:
    """False for a table that only arranges what is on the page, and for what no Markdown table can hold."""
    if attribute(table, "role").lower() in ("presentation", "none"):
        return False
    if table.css_first("h1, h2, h3, h4, h5, h6, pre, blockquote") is not None or len(table.css("table")) > 1:
        return False
    rows = table_rows(table, frozenset())
    if max((len(row.cells) for row in rows), default=0) < 2:
        return False
    if len(rows) < 2 and table.css_first("th") is None:
        return False
    return all(len(cell.text()) <= _LONGEST_CELL for row in rows for cell in row.cells)


def table_rows(table: LexborNode, noise: frozenset[int]) -> list[Row]:
    """Rows from top to bottom, without cells that are noise (line numbers)."""
    rows = []
    for line in table.css("tr"):
        cells = [cell for cell in line.iter() if cell.tag in ("td", "th") and cell.mem_id not in noise]
        is_header = line.parent is not None and line.parent.tag == "thead"
        is_header = is_header or (bool(cells) and all(cell.tag == "th" or _is_bold(cell) for cell in cells))
        if cells:
            rows.append(Row(cells, is_header))
    return rows


def table_lines(rows: list[Row], text_of: Callable[[LexborNode], str]) -> list[str]:
    """The table in Markdown; a first row that is no heading stands below an empty one. [] without any text.

    A cell over several rows is repeated in each, one over several columns is followed by empty ones.
    """
    grid: list[list[str]] = []
    hanging: dict[int, tuple[int, str]] = {}
    for row in rows:
        line: list[str] = []
        for cell in row.cells:
            _fill(line, hanging)
            text = _BAR.sub(r"\\|", text_of(cell))
            below = _span(cell, "rowspan") - 1
            if below and len(line) < _MAX_COLUMNS:
                hanging[len(line)] = (below, text)
            line += [text] + [""] * (_span(cell, "colspan") - 1)
        _fill(line, hanging)
        grid.append(line[:_MAX_COLUMNS])
    width = max((len(line) for line in grid), default=0)
    if not any(text for line in grid for text in line):
        return []
    full = [line + [""] * (width - len(line)) for line in grid]
    head, body = (full[0], full[1:]) if rows[0].is_header else ([""] * width, full)
    return [_line(head), _line(["---"] * width), *(_line(line) for line in body if any(line))]


def _fill(line: list[str], hanging: dict[int, tuple[int, str]]) -> None:
    """Adds the cells that hang down from rows above, where the line has come to them."""
    while len(line) in hanging:
        left, text = hanging.pop(len(line))
        if left > 1:
            hanging[len(line)] = (left - 1, text)
        line.append(text)


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _span(cell: LexborNode, name: str) -> int:
    text = attribute(cell, name)
    return min(_MAX_SPAN, max(1, int(text))) if re.fullmatch(r"\d{1,9}", text) else 1


def _is_bold(cell: LexborNode) -> bool:
    bold = cell.css_first("strong, b")
    return bold is not None and bold.text().strip() == cell.text().strip() != ""
