"""From the bytes of a page to a tree that is safe to walk: charset, size and depth are settled before it is parsed."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from kb_index.errors import UnusableArticle

MAX_HTML_CHARACTERS = 10_000_000
"""Pages may carry pictures and scripts inside, so this is more than an article may have."""

MAX_DEPTH = 512
"""As in browsers. The parser's time grows with the square of the depth: 200,000 open tags would take minutes."""

TEXT = "-text"
"""The tag of a text between elements."""

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHARSET = re.compile(r"\bcharset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META_CHARSET = re.compile(rf"<meta\b[^>]*?{_CHARSET.pattern}", re.IGNORECASE)
_START = 4096
"""Bytes that are looked at to know what the page is."""
_LAST_RESORT = "windows-1252"
_MEANT_AS_LAST_RESORT = frozenset({"iso8859-1", "ascii"})
"""The HTML standard reads these names as windows-1252, which has quotes and dashes where they have nothing."""

_TAG = re.compile(
    r"<(?:!--(?:.*?-->|.*)|(script|style|svg|textarea)\b(?:.*?</\1|.*)|(/?)([a-zA-Z][a-zA-Z0-9]*))",
    re.IGNORECASE | re.DOTALL,
)
_NEVER_NESTED = frozenset((
    "a", "area", "base", "br", "button", "col", "colgroup", "dd", "dt", "embed", "hr", "img", "input", "li", "link",
    "meta", "nobr", "option", "p", "param", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr",
))  # fmt: skip


def parse_html(html: str, *, needs_tags: bool = True) -> LexborNode:
    """The root of the parsed page; broken markup is mended as browsers do.

    Raises UnusableArticle when it is too long or too deeply nested, or, with `needs_tags`, when no tag is in it.
    """
    if len(html) > MAX_HTML_CHARACTERS:
        raise UnusableArticle(f"page has {len(html):,} characters; {MAX_HTML_CHARACTERS:,} at most")
    depth, tags = _shape(html)
    if depth > MAX_DEPTH:
        raise UnusableArticle(f"tags are nested {depth:,} deep; {MAX_DEPTH} at most")
    if needs_tags and not tags:
        raise UnusableArticle("is no HTML: there is no tag in it" if html.strip() else "is empty")
    root = LexborHTMLParser(html).root
    if root is None:
        raise UnusableArticle("is no HTML: nothing could be parsed")
    return root


def decode_html(data: bytes, content_type: str = "") -> tuple[str, str]:
    """(text, remark): the text of a page, and what had to be guessed about its characters ("" for nothing).

    After a byte order mark, text that is valid UTF-8 is UTF-8 whatever the page claims: no other text looks like it
    by chance, and wrong claims are common. Then the charset in the Content-Type header counts, then the one in the
    page's head, then windows-1252, as the HTML standard says. Raises UnusableArticle for binary data.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace"), ""
    if b"\x00" in data[:_START]:
        raise UnusableArticle("is no HTML: it holds binary data")
    named = _CHARSET.search(content_type), _META_CHARSET.search(data[:_START].decode("latin-1"))
    claims = [match[1] for match in named if match]
    for charset in ["utf-8", *claims]:
        try:
            encoding = codecs.lookup(charset).name
            return data.decode(_LAST_RESORT if encoding in _MEANT_AS_LAST_RESORT else encoding), ""
        except (UnicodeError, LookupError):
            continue
    said = f"is not in the charset it names ({', '.join(claims)})" if claims else "names no charset and is not UTF-8"
    return data.decode(_LAST_RESORT, errors="replace"), f"{said}; read as {_LAST_RESORT}"


def children(node: LexborNode) -> Iterator[LexborNode]:
    """Elements and texts directly in the node."""
    return node.iter(include_text=True)


def attribute(node: LexborNode, name: str) -> str:
    """The value without spaces around it; "" when it is missing or empty."""
    return (node.attributes.get(name) or "").strip()


def _shape(text: str) -> tuple[int, int]:
    """(most tags open at once, tags), counted before parsing; a tag that is never closed counts to the end."""
    depth, deepest, tags = 0, 0, 0
    for found in _TAG.finditer(text):
        name = found[3]
        tags += 1
        if name is None or name.lower() in _NEVER_NESTED:
            continue
        depth = max(0, depth - 1) if found[2] else depth + 1
        deepest = max(deepest, depth)
    return deepest, tags
