"""Cuts a passage into the pieces that can be shown by themselves: sentences, table rows, steps with their numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

_MARKER = re.compile(r"(\s*)(?:(\d{1,3})[.)]|[-*•–])[ \t]+(?=\S)")
_SENTENCE_END = re.compile(r"[.!?…]+[ \u00a0\u202f]?[»”\"’'“)\]]*\s+(?=\S)")
_SENTENCE_OPENERS = frozenset("\"'«“„‚‘(¿¡[")
_LAST_WORD = re.compile(r"[^\s(\[«“„\"'’-]*$")
_NUMBERED_PART = re.compile(r"\b(?:\w{1,3}\.|\w*[sS]eite|\w*[sS]chritt|\w*[kK]apitel) \d+$")
_ENDS_SENTENCE = re.compile(r"[.!?…:;,][»”\"’'“)\]]*$")
_CODE = re.compile(r"[{}]|\(\)|:=|==|</|;\s*$")
_CELL_BORDER = " | "
_LONGEST_ABBREVIATION = 20
_LONGEST_LABEL = 80
_LONGEST_LEAD_IN = 160

_ABBREVIATION_TEXT = (
    # numbers, parts and amounts
    "nr nº núm num abs ref réf tel tél ext abb vol chap cap kap pág págs pp approx ca env std mio mrd tsd "
    # remarks
    "bzw vgl ggf inkl exkl evtl zzgl einschl ggü sog gem vs cf ej incl excl "
    # titles and names
    "mr mrs ms dr dra prof sr sra srta st mme mlle hr jr abt kto idnr ust mwst ee"
)
_ABBREVIATIONS = frozenset(_ABBREVIATION_TEXT.split())
"""What stands before a full stop that ends no sentence, in four languages. One letter, and short parts with stops
between them ('z.B.', 'e.g.', 'p.m.'), never end one either. A sentence too few is harmless, one cut in two is not."""
_MONTH_TEXT = "jan janv ene feb févr mar apr avr abr jun jul juil aug ago sep sept oct okt nov dec déc dic dez"
_BEFORE_NUMBERS = frozenset(f"no art fig min max ver {_MONTH_TEXT}".split())
"""Abbreviations only where a number follows, else words of their own or not to be told from them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a passage."""

    text: str
    """With the white space after it."""
    opens_line: bool
    number: int | None = None
    """Of a numbered step."""
    parent: int | None = None
    """Position of the piece without which this one says little: the item it continues, the head of its table."""
    is_item: bool = False
    is_label: bool = False
    """A line that is no sentence and that introduces nothing."""


@dataclass(slots=True)
class _Block:
    """A line, or a list item with the lines that belong to it."""

    text: str
    indent: int | None = None
    """None: no list item."""
    number: int | None = None

    @property
    def is_row(self) -> bool:
        return self.indent is None and _CELL_BORDER in self.text

    @property
    def is_label(self) -> bool:
        return self.indent is None and _is_label(self.text)


def pieces_of(text: str, language: str, longest_item: int) -> list[Piece]:
    """The pieces of a passage in reading order; joined they are the passage again.

    A list item is one piece, with its lead-in ("On production:") if it is the first; one longer than `longest_item`
    characters is cut into its sentences, which name it as `parent`. Table rows and lines of code stay whole.
    """
    cutter = _Cutter(language, longest_item)
    blocks = _with_continuations(_blocks(text))
    for position, block in enumerate(blocks):
        cutter.add(block, blocks[position + 1] if position + 1 < len(blocks) else None)
    return cutter.pieces


def sentences_of(line: str, language: str) -> list[str]:
    """The sentences of a line, each with the white space after it. Code is not cut."""
    if _CODE.search(line):
        return [line]
    ends = (m.end() for m in _SENTENCE_END.finditer(line) if m.end() < len(line) and _is_end(line, m, language))
    places = [0, *ends, len(line)]
    return [line[start:end] for start, end in pairwise(places)]


def _is_end(line: str, match: re.Match[str], language: str) -> bool:
    following = line[match.end()]
    if not (following.isupper() or following.isdigit() or following in _SENTENCE_OPENERS):
        return False
    if not match[0].startswith(".") or match[0].startswith(".."):
        return True
    found = _LAST_WORD.search(line, max(0, match.start() - _LONGEST_ABBREVIATION), match.start())
    word = found[0].casefold() if found else ""
    if word.isdigit():
        # In German, '3. März' is a date and '2. Mahnstufe' an ordinal number; '1.' at the beginning numbers a line.
        is_ordinal = language == "de" and not _NUMBERED_PART.search(line[: match.start()][-_LONGEST_ABBREVIATION:])
        return not (len(word) <= 2 and (is_ordinal or match.start() == len(word)))
    parts = word.split(".")
    if all(part.isalpha() and len(part) <= 2 for part in parts) and (len(parts) > 1 or len(word) == 1):
        return False
    if word in _BEFORE_NUMBERS:
        return not following.isdigit()
    return word not in _ABBREVIATIONS


def _blocks(text: str) -> list[_Block]:
    blocks: list[_Block] = []
    for line in text.splitlines(keepends=True):
        marker = _MARKER.match(line)
        if marker:
            blocks.append(_Block(line, len(marker[1].expandtabs(4)), int(marker[2]) if marker[2] else None))
        elif blocks and (not line.strip() or (line[0].isspace() and blocks[-1].indent is not None)):
            blocks[-1].text += line
        else:
            blocks.append(_Block(line))
    return blocks


def _with_continuations(blocks: list[_Block]) -> list[_Block]:
    """Joins what nothing marks as part of an item: paragraphs between two steps in sequence or after a mere name."""
    joined: list[_Block] = []
    position = 0
    while position < len(blocks):
        block = blocks[position]
        end = position + 1
        if block.indent is not None:
            while end < len(blocks) and blocks[end].indent is None:
                end += 1
            following = blocks[end] if end < len(blocks) else None
            if following is None or not _continues(block, following):
                end = position + 1
            block.text += "".join(other.text for other in blocks[position + 1 : end])
        joined.append(block)
        position = end
    return joined


def _continues(item: _Block, following: _Block) -> bool:
    if item.indent != following.indent:
        return False
    if item.number is not None:
        return following.number == item.number + 1
    return following.number is None and _is_label(item.text.lstrip(" \t-*•–"))


def _is_label(line: str) -> bool:
    words = line.strip()
    return (
        0 < len(words) <= _LONGEST_LABEL
        and words[0].isalpha()
        and _CELL_BORDER not in words
        and not _ENDS_SENTENCE.search(words)
        and not _CODE.search(words)
    )


class _Cutter:
    """Takes blocks in order and makes pieces of them."""

    def __init__(self, language: str, longest_item: int) -> None:
        self.pieces: list[Piece] = []
        self._language = language
        self._longest_item = longest_item
        self._lead_in = ""
        self._open_items: list[tuple[int, int]] = []
        """(indent, position) of the items around the next block."""
        self._table: int | None = None

    def add(self, block: _Block, following: _Block | None) -> None:
        if block.indent is not None:
            self._add_item(block, block.indent)
            return
        self._open_items = []
        if block.is_row:
            self._add_row(block)
        else:
            self._add_paragraph(block, following)

    def _add_item(self, block: _Block, indent: int) -> None:
        self._table = None
        while self._open_items and self._open_items[-1][0] >= indent:
            self._open_items.pop()
        parent = self._open_items[-1][1] if self._open_items else None
        position = len(self.pieces)
        self._open_items.append((indent, position))
        parts = [block.text]
        if len((self._lead_in + block.text).rstrip()) > self._longest_item:
            lines = block.text.splitlines(keepends=True)
            parts = [part for line in lines for part in sentences_of(line, self._language)]
        self.pieces.append(Piece(self._with_lead_in(parts[0]), True, block.number, parent, is_item=True))
        for before, part in pairwise(parts):
            self.pieces.append(Piece(part, before.endswith("\n"), parent=position))

    def _add_row(self, block: _Block) -> None:
        head, position = self._table, len(self.pieces)
        self._table = position if head is None else head
        self.pieces.append(Piece(self._with_lead_in(block.text), True, parent=head))

    def _add_paragraph(self, block: _Block, following: _Block | None) -> None:
        self._table = None
        sentences = sentences_of(block.text, self._language)
        for position, sentence in enumerate(sentences):
            opens_line = not position or bool(self._lead_in)
            is_last = position == len(sentences) - 1
            if is_last and following is not None and _introduces(sentence, block, following):
                self._lead_in += sentence
                return
            is_label = is_last and block.is_label and not self._lead_in
            self.pieces.append(Piece(self._with_lead_in(sentence), opens_line, is_label=is_label))

    def _with_lead_in(self, text: str) -> str:
        whole, self._lead_in = self._lead_in + text, ""
        return whole


def _introduces(sentence: str, block: _Block, following: _Block) -> bool:
    """Whether the last sentence of a paragraph belongs to what comes after it: a label, or a colon before a list."""
    if len(sentence) > _LONGEST_LEAD_IN:
        return False
    if block.is_label:
        return not following.is_label
    return (following.indent is not None or following.is_row) and sentence.rstrip().endswith(":")
