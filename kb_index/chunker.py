"""Cuts an article into passages: pieces small enough for one vector, each with the heading it can be linked by."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from semantic_text_splitter import MarkdownSplitter

from kb_index.articles import Article

CHUNKER_VERSION = 3
"""Raise it with every change that cuts or encodes differently: stored passages of another version are not reused."""

MAX_PASSAGE_TOKENS = 220
_SURELY_SHORT = MAX_PASSAGE_TOKENS  # a token has at least one character
_MOSTLY_LINKS = 0.7

_ANCHOR = re.compile(r"(?<!\\)\{#([^\s{}]*)\}\s*$")
# A pasted file, say: nobody reads it, and cutting 200,000 characters without a space took 48 s instead of 2 s.
_ENDLESS_WORD = re.compile(r"\S{500}(?=\S)")
_CALLOUT = re.compile(r"^\s*\[![A-Za-z]+\]\s*", re.MULTILINE)
_HTML = re.compile(r"<!--.*?-->|<[^>]+>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of one article."""

    heading: str
    """Titles of the sections it stands in, outermost first, joined by ' > '; empty before the first heading."""
    anchor: str
    """Where a link to the passage leads: the anchor of the innermost heading (`heading_anchor`), of an earlier one when
    that has none, or empty for the article as a whole."""
    text: str
    encoded: str
    """What the encoder sees: title, heading and text."""

    @property
    def digest(self) -> bytes:
        """32 bytes that are equal exactly when the vectors would be."""
        return hashlib.sha256(self.encoded.encode("utf-8", "replace")).digest()


@dataclass(slots=True)
class _Section:
    path: tuple[str, ...]
    anchor: str
    text: str
    is_link_list: bool


def passages_of(article: Article, count_tokens: Callable[[str], int]) -> list[Passage]:
    """Passages of the article in reading order, the first made of title and description.

    Sections that hold little but links ("see also") are left out: they would answer for the articles they name.
    """
    passages = [Passage("", "", article.description, _encoded(article.title, "", article.description))]
    splitter = MarkdownSplitter.from_callback(count_tokens, MAX_PASSAGE_TOKENS)
    for section in _sections(article):
        if section.is_link_list or not section.text:
            continue
        heading = " > ".join(section.path)
        for text in _split(section.text, splitter, count_tokens):
            passages.append(Passage(heading, section.anchor, text, _encoded(article.title, heading, text)))
    return passages


def readable_sections(article: Article) -> list[tuple[str, str]]:
    """(heading, plain text) of every section that is not a mere list of links; what word search looks at."""
    return [
        (section.path[-1] if section.path else "", section.text)
        for section in _sections(article)
        if not section.is_link_list
    ]


def slug(heading: str, taken: dict[str, int]) -> str:
    """GitHub's anchor for a heading; `taken` counts the ones given out so far in the same article."""
    kept = (c for c in heading.strip().lower() if c in " -_" or unicodedata.category(c)[0] in "LN")
    base = "".join(kept).replace(" ", "-")
    number = taken.get(base, 0)
    taken[base] = number + 1
    return f"{base}-{number}" if number else base


def markdown_parser() -> MarkdownIt:
    """A CommonMark parser with tables that takes `{#anchor}` at the end of a heading off its text."""
    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.before("inline", "heading_anchors", _take_anchors)
    return parser


def heading_anchor(token: Token, heading: str, taken: dict[str, int]) -> str:
    """The anchor of a heading that `markdown_parser` opened with `token`: the one written behind it, else its slug.

    "" when `{#}` is written there: the page that readers are sent to has no anchor for it. `taken` as for `slug`.
    """
    written = token.meta.get("anchor")
    if written is None:
        return slug(heading, taken)
    taken.setdefault(written, 1)
    return str(written)


def _take_anchors(state: StateCore) -> None:
    # Before the text is parsed: an id may hold what would be emphasis there.
    for token, following in pairwise(state.tokens):
        written = _ANCHOR.search(following.content) if token.type == "heading_open" else None
        if written:
            token.meta["anchor"] = written[1]
            following.content = following.content[: written.start()].rstrip()


def _encoded(title: str, heading: str, text: str) -> str:
    return "\n".join(part for part in (title, heading, text) if part)


def _split(text: str, splitter: MarkdownSplitter, count_tokens: Callable[[str], int]) -> list[str]:
    if len(text) <= _SURELY_SHORT:
        return [text]
    text = _ENDLESS_WORD.sub(r"\g<0> ", text)
    if count_tokens(text) <= MAX_PASSAGE_TOKENS:
        return [text]
    return [piece for piece in splitter.chunks(text) if piece.strip()]


_MARKDOWN = markdown_parser()


def _sections(article: Article) -> Iterator[_Section]:
    tokens = _MARKDOWN.parse(article.body)
    path: dict[int, str] = {}
    taken: dict[str, int] = {}
    anchor, start, first_heading = "", 0, True
    for position, token in enumerate(tokens):
        if token.type != "heading_open" or token.level:
            continue
        yield _section(path, anchor, tokens[start:position])
        heading, level = inline_text(tokens[position + 1]), int(token.tag[1])
        path = {depth: text for depth, text in path.items() if depth < level}
        # The leading h1 repeats the title: text below it belongs to the article as a whole.
        anchor = heading_anchor(token, heading, taken) or anchor
        if first_heading and level == 1:
            anchor = ""
        else:
            path[level] = heading
        first_heading, start = False, position + 3
    yield _section(path, anchor, tokens[start:])


def _section(path: dict[int, str], anchor: str, tokens: Sequence[Token]) -> _Section:
    words, linked = 0, 0
    for token in tokens:
        if token.type == "inline":
            words += len(inline_text(token).split())
            linked += len(_linked_text(token).split())
    is_link_list = words > 0 and linked >= _MOSTLY_LINKS * words
    return _Section(tuple(path[level] for level in sorted(path)), anchor, _plain(tokens), is_link_list)


def _plain(tokens: Sequence[Token]) -> str:
    """Text without markup but with its lists and tables.

    '1. ' and '- ' stay, nested items are indented by two spaces; a row of a table is one line, its cells set apart by
    ' | '.
    """
    lines: list[str] = []
    counters: list[int | None] = []
    marker = ""
    cells: list[str] | None = None
    for token in tokens:
        if token.type == "ordered_list_open":
            counters.append(int(token.attrGet("start") or 1))
        elif token.type == "bullet_list_open":
            counters.append(None)
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            counters.pop()
        elif token.type == "list_item_open" and counters:
            number = counters[-1]
            marker = "- " if number is None else f"{number}. "
            counters[-1] = None if number is None else number + 1
        elif token.type == "tr_open":
            cells = []
        elif token.type == "tr_close" and cells is not None:
            if any(cells):
                lines.append(" | ".join(cells))
            cells = None
        elif token.type == "inline" and cells is not None:
            cells.append(inline_text(token))
        elif token.type in ("inline", "fence", "code_block"):
            text = inline_text(token) if token.type == "inline" else token.content.strip("\n")
            if text:
                lines.append("  " * max(0, len(counters) - 1) + marker + text)
                marker = ""
    return "\n".join(lines).replace("\x00", "")


def inline_text(token: Token) -> str:
    """What a reader sees of an inline token, on one line."""
    parts: list[str] = []
    for child in token.children or ():
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return " ".join(_HTML.sub(" ", _CALLOUT.sub("", "".join(parts))).split())


def _linked_text(token: Token) -> str:
    depth, parts = 0, []
    for child in token.children or ():
        depth += {"link_open": 1, "link_close": -1}.get(child.type, 0)
        if depth and child.type in ("text", "code_inline"):
            parts.append(child.content)
    return " ".join(parts)
