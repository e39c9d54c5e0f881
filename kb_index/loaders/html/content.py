"""Finds the article on a help-center page: which element holds it, and what inside it is navigation or decoration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from kb_index.loaders.html.tree import TEXT, attribute, children

_CONTAINERS = (
    "[itemprop=articleBody], .article-body, .article__body, .article_body, .articleBody, #article-body, "
    ".article-content, .markdown-body, .theme-doc-markdown, .sl-markdown-content, .vp-doc, .md-content__inner, "
    ".entry-content, .post-content, .kb-article, .kb-content, .topic-content"
)
"""What the usual help desks and documentation generators call the element with nothing but the article in it."""
_GENERIC_CONTAINERS = "#content, #main, #main-content, .main-content, .page-content, .content, .document"
_MOST = 0.5
_NEARLY_ALL = 0.9

_WHOLES = frozenset(("p", "pre", "ul", "ol", "dl", "blockquote"))
_PARTS = frozenset(("table", "thead", "tbody", "tfoot", "tr"))

_NEVER_TEXT = frozenset((
    "script", "style", "noscript", "template", "iframe", "object", "embed", "canvas", "svg", "video", "audio", "map",
    "nav", "footer", "button", "input", "select", "option", "textarea", "dialog", "head", "rp", "rt",
))  # fmt: skip
_NEVER_NOISE = frozenset(("html", "body", "main", "article"))
_NOISE_ROLES = frozenset((
    "navigation", "banner", "contentinfo", "search", "dialog", "alertdialog", "menu", "menubar", "toolbar",
))  # fmt: skip
_BLOCKS = frozenset((
    "div", "section", "ul", "ol", "dl", "p", "form", "header", "aside", "table", "fieldset", "small", "figure",
))  # fmt: skip
_NOISE_NAMES = re.compile(
    r"(?:^|-)(?:bread-?crumbs?|cookies?(?:-?(?:bar|banner|consent|notice))?|consent|gdpr|toc|table-of-contents"
    r"|on-this-page|side-?bar|side-?nav|nav-?bar|navigation|nav(?:-\w+)?|sub-?nav|skip-?(?:link|nav|navigation|to-content)"
    r"|pagination|pager|prev-next|share|sharing|social|feedback|helpful|votes?|voting|related(?:-\w+)?|comments?"
    r"|newsletter|subscribe|edit-(?:this-)?page|edit-link|last-updated|byline|author|article-meta|post-meta"
    r"|search(?:-(?:bar|box|container|form))?|announcement|pop-?up|modal|advert\w*|promo|more-questions)(?:-|$)"
)
_NOISE_IDS = re.compile(
    r"(?:^|-)(?:bread-?crumbs?|cookie-?(?:bar|banner|consent|notice)|side-?bar|on-this-page|page-toc)(?:-|$)"
)
"""Fewer than class names: generators make ids of headings, and an article may have one about sharing or cookies."""
_HIDDEN_NAMES = re.compile(
    r"(?:^|-)(?:sr-only|visually-hidden|visuallyhidden|screen-reader(?:-text)?|hash-link|header-?link|header-anchor"
    r"|anchor-link|permalink|perma-link|copy-(?:button|code)|line-?nos?|line-numbers-rows|gutter)(?:-|$)"
)
_CALLOUT_NAMES = re.compile(
    r"note|tip|hint|info|warning|caution|danger|important|attention|callout|admonition|alert|notice"
)
_CAMEL_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")

_FEEDBACK = re.compile(
    r"\W*(?:(?:was|is|did|were)\s+(?:this|these|it)\b.{0,30}\b(?:helpful|useful|help(?:\s+you)?|answer\s+your\s+question)"
    r"|(?:war|hat|ist|waren)\b.{0,20}\b(?:dies(?:e[rs]?)?|das|ihnen|dir)\b.{0,30}\b(?:hilfreich|geholfen|nützlich)"
    r"|(?:te|le|les|fue|ha|es|esta?e?|resultó)\b.{0,50}\b(?:útil|ayudado|ayudó|servido)\b.{0,30}"
    r"|(?:cet(?:te)?|ce|ces|cela|avez)\b.{0,60}\b(?:utiles?|aidée?s?))\s*\?\W*",
    re.IGNORECASE,
)
"""The question under an article whether it helped, in the languages the desk serves."""
_FEEDBACK_PARENTS = frozenset((
    "div", "form", "fieldset", "section", "span", "p", "strong", "em", "b", "h2", "h3", "h4", "h5", "h6", "legend",
    "label",
))  # fmt: skip
_FEEDBACK_REST = 40


@dataclass(frozen=True, slots=True)
class Content:
    """The element that holds the article, and what in the page is not to be read."""

    root: LexborNode
    noise: frozenset[int]
    """`mem_id` of the outermost elements to leave out."""


def find_content(page: LexborNode) -> Content:
    """The article of a whole page: in the element made for it if there is one, else where most running text is."""
    noise = frozenset(_noise(page, _running_text(page, frozenset())))
    lengths = _running_text(page, noise)
    body = page.css_first("body") or page
    main = _longest(page, "main, [role=main]", lengths)
    least = _MOST * lengths.get((main or body).mem_id, 0) if main is not None else 0
    for selector in (_CONTAINERS, "article"):
        found = _longest(page, selector, lengths)
        if found is not None and lengths[found.mem_id] >= least:
            return Content(found, noise)
    if main is not None:
        return Content(main, noise)
    generic = _longest(page, _GENERIC_CONTAINERS, lengths)
    if generic is not None and lengths[generic.mem_id] >= _MOST * lengths.get(body.mem_id, 0):
        return Content(generic, noise)
    return Content(_densest(body, lengths), noise)


def content_of_fragment(page: LexborNode) -> Content:
    """The article of markup that is nothing but an article: all of its body."""
    root = page.css_first("body") or page
    return Content(root, frozenset(node.mem_id for node in _elements(root, frozenset()) if _is_silent(node)))


def _longest(page: LexborNode, selector: str, lengths: dict[int, int]) -> LexborNode | None:
    """Of the elements with running text, the one with most of it."""
    found = [node for node in page.css(selector) if lengths.get(node.mem_id)]
    return max(found, key=lambda node: lengths[node.mem_id], default=None)


def _densest(body: LexborNode, lengths: dict[int, int]) -> LexborNode:
    """The innermost element that still holds nearly all running text; a whole table or list, not a part of it."""
    wanted = _NEARLY_ALL * lengths.get(body.mem_id, 0)
    found: LexborNode | None = body
    innermost = body
    while found is not None:
        if found.tag not in _PARTS:
            innermost = found
        found = next((node for node in found.iter() if wanted and lengths.get(node.mem_id, 0) >= wanted), None)
        if found is not None and found.tag in _WHOLES:
            break
    return innermost


def _elements(root: LexborNode, left_out: Set[int]) -> Iterator[LexborNode]:
    """Elements below the root in the order of the page; what is left out is not entered."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.mem_id not in left_out:
            yield node
            stack.extend(reversed([child for child in node.iter() if child.is_element_node]))


def _running_text(root: LexborNode, left_out: Set[int]) -> dict[int, int]:
    """Characters of text outside links, for every element that can be read, by `mem_id`."""
    lengths: dict[int, int] = {root.mem_id: 0}
    order: list[tuple[int, int]] = []
    stack: list[tuple[LexborNode, bool]] = [(root, False)]
    while stack:
        node, linked = stack.pop()
        number = node.mem_id
        for child in children(node):
            if child.tag == TEXT:
                lengths[number] += 0 if linked else len(" ".join((child.text_content or "").split()))
            elif child.is_element_node and child.tag not in _NEVER_TEXT and child.mem_id not in left_out:
                lengths[child.mem_id] = 0
                order.append((child.mem_id, number))
                stack.append((child, linked or (child.tag == "a" and "href" in child.attributes)))
    for number, parent in reversed(order):
        lengths[parent] += lengths[number]
    return lengths


def _noise(page: LexborNode, lengths: dict[int, int]) -> Iterator[int]:
    half = _MOST * lengths[page.mem_id]
    stack = [(page, False)]
    while stack:
        node, in_article = stack.pop()
        in_article = in_article or node.tag in ("main", "article") or attribute(node, "role") == "main"
        for child in children(node):
            if child.tag == TEXT:
                if _FEEDBACK.fullmatch(child.text_content or ""):
                    yield _feedback_block(node, lengths).mem_id
            elif child.is_element_node:
                # What holds most of the page is the page, whatever it is called.
                is_most = lengths.get(child.mem_id, 0) > half
                if _is_silent(child) or (not is_most and _is_decoration(child, in_article)):
                    yield child.mem_id
                else:
                    stack.append((child, in_article))


def _is_silent(node: LexborNode) -> bool:
    """Whether no reader of the article would miss it: scripts, controls, hidden helpers."""
    return node.tag in _NEVER_TEXT or any(_HIDDEN_NAMES.search(name) for name in _names(node, "class"))


def _is_decoration(node: LexborNode, in_article: bool) -> bool:
    tag, attributes = node.tag, node.attributes
    if tag in _NEVER_NOISE:
        return False
    role = (attributes.get("role") or "").lower()
    if tag == "aside" or role == "complementary":
        return not any(_CALLOUT_NAMES.search(name) for name in _names(node, "class"))
    if role in _NOISE_ROLES or tag == "form" or (attributes.get("aria-hidden") or "").lower() == "true":
        return True
    if tag == "header":
        # That of an article holds its title and lead, that of a section the section's heading.
        return not in_article and (node.css_first("h1") is not None or node.css_first("h2, h3, h4, h5, h6") is None)
    if tag not in _BLOCKS:
        return False
    called = any(_NOISE_NAMES.search(name) for name in _names(node, "class"))
    return called or any(_NOISE_IDS.search(name) for name in _names(node, "id"))


def _names(node: LexborNode, attribute_name: str) -> list[str]:
    """Class names or ids in lower case with dashes: tableOfContents_x becomes table-of-contents-x."""
    names = (node.attributes.get(attribute_name) or "").split()
    return [_CAMEL_HUMP.sub("-", name).replace("_", "-").lower() for name in names]


def _feedback_block(node: LexborNode, lengths: dict[int, int]) -> LexborNode:
    """The outermost element that holds little more than the question in `node`: its buttons and counts."""
    question = lengths.get(node.mem_id, 0)
    while (parent := node.parent) is not None and parent.tag in _FEEDBACK_PARENTS:
        rest = lengths.get(parent.mem_id, 0) - question
        if rest > _FEEDBACK_REST or parent.css_first("h1, li, td, pre, dd") is not None:
            break
        node = parent
    return node
