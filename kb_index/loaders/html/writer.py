"""Writes the article found on a page as Markdown: headings with their real anchors, lists, code, quotes, text.

The tree is walked with a stack of its own, not by recursion, so that no page is nested too deeply for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from kb_index.loaders.html.anchors import anchor_of
from kb_index.loaders.html.content import Content
from kb_index.loaders.html.inline import BREAK, InlineText, usable_link
from kb_index.loaders.html.tables import is_data_table, table_lines, table_rows
from kb_index.loaders.html.tree import TEXT, attribute, children

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SPANS = {"strong": "**", "b": "**", "em": "*", "i": "*", "code": "`", "kbd": "`", "tt": "`", "samp": "`"}
_INLINE = frozenset((
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "label", "mark", "nobr", "o:p", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time",
    "tt", "u", "var", "wbr",
))  # fmt: skip
_LANGUAGE = re.compile(r"(?:^|\s)(?:lang|language|highlight|brush:?)[-:\s]\s*([\w+#.-]+)")
_FENCE = re.compile(r"`{3,}")
_FILE_NAME = re.compile(r"[\w%-]+\.(?:png|jpe?g|gif|svg|webp|bmp|ico)", re.IGNORECASE)
_LANGUAGE_PARENTS = 3
_MAX_NUMBER = 999_999_999


@dataclass(slots=True)
class _Frame:
    """What stands before the lines of a list item or a quote."""

    marker: str
    indent: str
    is_new: bool = True
    """The marker is not written yet."""


@dataclass(slots=True)
class _List:
    number: int | None
    """Of the next item; None: not numbered."""
    delimiter: str
    is_inside_item: bool
    """It stands between the items of another list and got a frame to hang below the last of them."""


@dataclass(slots=True)
class _Writer:
    base: str
    has_own_address: bool
    in_cell: bool = False
    lines: list[str] = field(default_factory=list)
    inline: InlineText = field(default_factory=InlineText)
    frames: list[_Frame] = field(default_factory=list)
    lists: list[_List] = field(default_factory=list)
    gap: bool = True
    """A blank line is due before the next block even if it begins a list item."""
    ended_list: tuple[int, str] | None = None
    """(depth, delimiter) of a list after which nothing was written yet."""
    heading: LexborNode | None = None
    """The heading whose text is being collected; blocks after it in the same element are not part of it."""
    first_heading: int = 0
    """Level of the first heading; 0 before it."""

    def block(self, lines: list[str]) -> None:
        """Writes lines as one block, below the list items and quotes that are open."""
        begins_item = any(frame.is_new for frame in self.frames)
        if self.lines and (self.gap or not begins_item):
            self.lines.append("".join(frame.indent for frame in self.frames if not frame.is_new).rstrip())
        for line in lines:
            before = "".join(frame.marker if frame.is_new else frame.indent for frame in self.frames)
            for frame in self.frames:
                frame.is_new = False
            self.lines.append((before + line).rstrip() if not line else before + line)
        self.gap, self.ended_list = False, None

    def flush(self) -> None:
        """Ends the paragraph or heading that is being collected."""
        inline, self.inline = self.inline, InlineText()
        text = inline.markdown(one_line=self.in_cell or self.heading is not None)
        if not text:
            return
        heading, self.heading = self.heading, None
        self.block(text.split("\n") if heading is None or self.in_cell else [self._heading_line(heading, text)])

    def enter(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag in _SPANS:
            self.inline.open(_SPANS[tag])
        elif tag == "a":
            href = attribute(node, "href")
            # Many headings are links to themselves.
            leads_on = not (self.heading is not None and href.startswith("#"))
            self.inline.open("link", usable_link(href, self.base) if leads_on else "")
        elif tag == "q":
            self.inline.add("“")
        elif tag not in _INLINE:
            self.flush()
            self._enter_block(tag, node)

    def leave(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag in _SPANS:
            self.inline.close(_SPANS[tag])
        elif tag == "a":
            self.inline.close("link")
        elif tag == "q":
            self.inline.add("”")
        elif tag not in _INLINE:
            self.flush()
            self._leave_block(tag)

    def line_break(self) -> None:
        if self.inline.ends_with_break:
            self.flush()
        else:
            self.inline.add_break()

    def _enter_block(self, tag: str, node: LexborNode) -> None:
        if tag in ("ul", "ol", "menu"):
            self._open_list(node, is_numbered=tag == "ol")
        elif tag == "li":
            number = _integer(attribute(node, "value"))
            marker = self._next_marker(number)
            self.frames.append(_Frame(marker, " " * len(marker)))
        elif tag == "blockquote":
            self.frames.append(_Frame("> ", "> "))
        elif tag in _HEADINGS:
            self.heading = node

    def _leave_block(self, tag: str) -> None:
        if tag in ("ul", "ol", "menu"):
            ended = self.lists.pop()
            if ended.is_inside_item:
                self.frames.pop()
            self.ended_list = (len(self.lists), ended.delimiter)
        elif tag in ("li", "blockquote"):
            self.frames.pop()
        elif tag in _HEADINGS:
            self.heading = None

    def _open_list(self, node: LexborNode, *, is_numbered: bool) -> None:
        start = max(0, _integer(attribute(node, "start"), 1) or 0) if is_numbered else None
        delimiters = (".", ")") if is_numbered else ("-", "*")
        # Two lists of one kind, one right after the other, would be read as one.
        same = self.ended_list == (len(self.lists), delimiters[0])
        parent = node.parent.tag if node.parent is not None else ""
        hangs = bool(self.lists) and parent in ("ul", "ol", "menu")
        if hangs:
            self.frames.append(_Frame("   ", "   ", is_new=False))
        self.gap = not self.frames or start not in (None, 1) or same
        self.lists.append(_List(start, delimiters[1 if same else 0], hangs))

    def _next_marker(self, number: int | None) -> str:
        if not self.lists or self.lists[-1].number is None:
            return f"{self.lists[-1].delimiter if self.lists else '-'} "
        current = self.lists[-1]
        shown = min(_MAX_NUMBER, max(0, (current.number or 0) if number is None else number))
        current.number = shown + 1
        return f"{shown}{current.delimiter} "

    def _heading_line(self, node: LexborNode, text: str) -> str:
        level = _HEADINGS[node.tag or ""]
        self.first_heading = self.first_heading or level
        anchor = anchor_of(node)
        # Without one, a heading of a page elsewhere says so; the desk's own page gives it an anchor.
        suffix = f" {{#{anchor}}}" if anchor or self.has_own_address else ""
        # Signs at the end would be read as the end of the heading.
        text = re.sub(r"(?<=\s)(#+)$", r"\\\1", text)
        return f"{'#' * level} {text}{suffix}"


def markdown_of(content: Content, *, base: str, has_own_address: bool) -> tuple[str, int]:
    """(Markdown of the content, level of its first heading or 0).

    `base`: the address that relative links start from, "" to leave them. `has_own_address`: readers are sent to the
    page itself, so a heading that has no anchor there is written with an empty one, `{#}`.
    """
    writer = _Writer(base, has_own_address)
    _write(content.root, content.noise, writer)
    return "\n".join(writer.lines), writer.first_heading


def _write(root: LexborNode, noise: frozenset[int], writer: _Writer) -> None:
    stack: list[tuple[LexborNode, bool]] = [(root, False)]
    while stack:
        node, is_leaving = stack.pop()
        if is_leaving:
            writer.leave(node)
        elif node.tag == TEXT:
            writer.inline.add(node.text_content or "")
        elif node.is_element_node and node.mem_id not in noise and not _write_whole(node, noise, writer):
            writer.enter(node)
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(list(children(node))))
    writer.flush()


def _write_whole(node: LexborNode, noise: frozenset[int], writer: _Writer) -> bool:
    """Writes the elements that are not written child by child; False: it is none of them."""
    if node.tag == "br":
        writer.line_break()
    elif node.tag == "img":
        writer.inline.add(_alternative_text(node))
    elif node.tag == "pre":
        writer.flush()
        _write_code(node, noise, writer)
    elif node.tag == "a" and _is_permalink_sign(node):
        return True
    elif node.tag == "table" and is_data_table(node):
        writer.flush()
        _write_table(node, noise, writer)
    else:
        return False
    return True


def _write_code(node: LexborNode, noise: frozenset[int], writer: _Writer) -> None:
    code = "".join(_raw_text(node, noise)).strip("\n").rstrip().replace("\x00", "")
    if writer.in_cell:
        writer.inline.open("`")
        writer.inline.add(code)
        writer.inline.close("`")
    elif code.strip():
        fence = "`" * max(3, 1 + max((len(run) for run in _FENCE.findall(code)), default=0))
        writer.block([fence + _code_language(node), *code.split("\n"), fence])


def _write_table(node: LexborNode, noise: frozenset[int], writer: _Writer) -> None:
    def text_of(cell: LexborNode) -> str:
        within = _Writer(writer.base, writer.has_own_address, in_cell=True)
        _write(cell, noise, within)
        return " ".join(line.strip() for line in within.lines if line)

    caption = node.css_first("caption")
    if caption is not None:
        writer.block([text_of(caption)] if text_of(caption) else [])
    lines = table_lines(table_rows(node, noise), text_of)
    if lines:
        writer.block(lines)


def _raw_text(node: LexborNode, noise: frozenset[int]) -> Iterator[str]:
    stack = [node]
    while stack:
        at = stack.pop()
        if at.tag == TEXT:
            yield at.text_content or ""
        elif at.tag == "br":
            yield BREAK
        elif at.is_element_node and at.mem_id not in noise:
            stack.extend(reversed(list(children(at))))


def _code_language(pre: LexborNode) -> str:
    """The language that class names of the block, its code or the elements around tell; "" when none does."""
    code = pre.css_first("code")
    at: LexborNode | None = pre
    places = [code] if code is not None else []
    for _ in range(_LANGUAGE_PARENTS):
        if at is not None:
            places.append(at)
            at = at.parent
    found = (_LANGUAGE.search(attribute(place, "class")) for place in places)
    return next((match[1] for match in found if match), "")


def _is_permalink_sign(link: LexborNode) -> bool:
    """Whether it is only a sign ('#', '¶', '§') that links to the place it stands at."""
    return attribute(link, "href").startswith("#") and not any(map(str.isalnum, link.text()))


def _alternative_text(image: LexborNode) -> str:
    """The alternative text when it says something: more than one word and no file name."""
    text = attribute(image, "alt")
    return f" {text} " if len(text.split()) > 1 and not _FILE_NAME.search(text) else ""


def _integer(text: str, default: int | None = None) -> int | None:
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else default
