"""Turns the text of one paragraph, heading or cell into Markdown: white space, escapes, emphasis, code, links."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

_SPACE = re.compile(r"[ \t\r\f\n]+")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\x00]")
_SPECIAL = re.compile(r"[\\`*_\[\]<]|&(?=#?\w+;)|\{(?=#)")
_LINE_START = re.compile(r"(?m)^(?:([#>+=~|-])|(\d{1,9})([.)])(?=\s|$))")
_BACKTICKS = re.compile(r"`+")
_EMPHASIS = frozenset(("*", "**"))
_SCHEMES = frozenset(("", "http", "https", "mailto", "tel"))
_UNSAFE_IN_LINK = str.maketrans({" ": "%20", "(": "%28", ")": "%29", "<": "%3C", ">": "%3E", "\\": "%5C", "\n": ""})

BREAK = "\n"
"""A <br> in the text."""


@dataclass(slots=True)
class _Span:
    """A stretch of the text, by its first character and the one behind its last."""

    kind: str
    start: int
    end: int = -1
    href: str = ""


@dataclass(slots=True)
class InlineText:
    """Text of one block as it comes in, with the spans that were opened and closed in it."""

    _parts: list[str] = field(default_factory=list)
    _length: int = 0
    _spans: list[_Span] = field(default_factory=list)

    def add(self, text: str) -> None:
        """Text as it stands in the page; its line breaks are only spaces there."""
        self._append(_SPACE.sub(" ", _INVISIBLE.sub("", text)))

    def add_break(self) -> None:
        self._append(BREAK)

    def open(self, kind: str, href: str = "") -> None:
        """Begins a span: '**', '*', '`' or 'link'."""
        self._spans.append(_Span(kind, self._length, href=href))

    def close(self, kind: str) -> None:
        """Ends the last open span of the kind, if it began in this block."""
        for span in reversed(self._spans):
            if span.kind == kind and span.end < 0:
                span.end = self._length
                return

    @property
    def ends_with_break(self) -> bool:
        """Whether a second break now would be an empty line."""
        return "".join(self._parts).rstrip(" ").endswith(BREAK)

    def markdown(self, *, one_line: bool = False) -> str:
        """The Markdown of the block; with `one_line`, breaks are spaces. "" when there is nothing to read in it."""
        text = "".join(self._parts)
        spans = [span for span in self._spans if span.end > span.start and (span.href or span.kind != "link")]
        kept, positions = _collapsed(text, one_line)
        for span in spans:
            span.start, span.end = (min(positions[place], len(kept)) for place in (span.start, span.end))
            while span.start < span.end and kept[span.start].isspace():
                span.start += 1
            while span.end > span.start and kept[span.end - 1].isspace():
                span.end -= 1
        return _written(kept, _wanted(kept, spans))

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)


def usable_link(href: str, base: str) -> str:
    """The address a link leads to, or "" when it leads nowhere a reader could go."""
    if not href:
        return ""
    try:
        target = urljoin(base, href) if base else href
        return target.translate(_UNSAFE_IN_LINK) if urlsplit(target).scheme.lower() in _SCHEMES else ""
    except ValueError:
        return ""


def escaped(text: str, *, at_line_start: bool = True) -> str:
    """Plain text as Markdown that reads the same."""
    safe = _SPECIAL.sub(lambda found: "\\" + found[0], text)
    if at_line_start:
        safe = _LINE_START.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", safe)
    return safe


def code_span(text: str) -> str:
    """Text in backticks, more of them than stand together inside."""
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    ticks = "`" * (longest + 1)
    return f"{ticks} {text} {ticks}" if longest else f"{ticks}{text}{ticks}"


def _collapsed(text: str, one_line: bool) -> tuple[str, list[int]]:
    """(text with single spaces and none at its ends, new position of every old one or one behind the end)."""
    kept: list[str] = []
    positions: list[int] = []
    for character in text:
        positions.append(len(kept))
        if character == BREAK and not one_line:
            while kept and kept[-1] == " ":
                kept.pop()
            if kept:
                kept.append(BREAK)
        elif character in " \n":
            if kept and kept[-1] not in " \n":
                kept.append(" ")
        elif kept or not character.isspace():
            kept.append(character)
    while kept and kept[-1].isspace():
        kept.pop()
    positions.append(len(kept))
    return "".join(kept), positions


def _wanted(text: str, spans: list[_Span]) -> list[_Span]:
    """The spans that Markdown can express where they stand, outer before inner."""
    wanted: list[_Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        outer = [other for other in wanted if other.start <= span.start and span.end <= other.end]
        if span.start >= span.end or any(other.kind == "`" or other.kind == span.kind for other in outer):
            continue
        if span.kind in _EMPHASIS:
            others = [other for other in wanted if other.kind in _EMPHASIS]
            if any(other.end >= span.start for other in others) or not _can_stand(text, span):
                continue
        wanted.append(span)
    return wanted


def _can_stand(text: str, span: _Span) -> bool:
    """Whether '*' would be read as emphasis there: only beside spaces and punctuation on its outer sides."""
    before, after = text[: span.start][-1:], text[span.end :][:1]
    return BREAK not in text[span.start : span.end] and not before.isalnum() and not after.isalnum()


def _written(text: str, spans: list[_Span]) -> str:
    marks: list[tuple[int, int, str]] = []
    covered: list[tuple[int, int]] = []
    for number, span in enumerate(spans):
        if span.kind == "`":
            covered.append((span.start, span.end))
            continue
        opening, closing = ("[", f"]({span.href})") if span.kind == "link" else (span.kind, span.kind)
        # At one place all closings come before all openings, inner ones first.
        marks += [(span.start, number + 1, opening), (span.end, -number - 1, closing)]
    parts: list[str] = []
    position = 0
    for place, _, mark in sorted(marks):
        segment = _segment(text, position, place, covered)
        if mark == "[" and segment.endswith("!"):
            # Together they would be a picture.
            segment = segment[:-1] + "\\!"
        parts += [segment, mark]
        position = place
    return "".join([*parts, _segment(text, position, len(text), covered)])


def _segment(text: str, start: int, end: int, code: list[tuple[int, int]]) -> str:
    parts: list[str] = []
    position = start
    for first, last in code:
        if start <= first and last <= end:
            parts += [_plain(text, position, first), code_span(text[first:last].replace(BREAK, " "))]
            position = last
    return "".join([*parts, _plain(text, position, end)])


def _plain(text: str, start: int, end: int) -> str:
    at_start = start == 0 or text[start - 1 : start] == BREAK
    piece = text[start:end]
    first, *rest = piece.split(BREAK)
    lines = [escaped(first, at_line_start=at_start), *(escaped(line) for line in rest)]
    return "\\\n".join(lines)
