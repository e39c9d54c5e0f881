"""What articles say about each other: the words around links describe the article that they lead to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin, urlsplit

from markdown_it.token import Token

from kb_index.articles import Article
from kb_index.chunker import inline_text, markdown_parser

_LONGEST_CONTEXT = 400
_PAGE_ENDINGS = (".md", ".html", ".htm")


@dataclass(slots=True)
class Inbound:
    """The links that lead to one article from others of its language; each text once."""

    anchors: list[str] = field(default_factory=list)
    """What the links are called."""
    contexts: list[str] = field(default_factory=list)
    """The paragraphs and list items they stand in, overlong ones left out."""
    articles: set[int] = field(default_factory=set)
    """Positions of the articles that link here."""


def inbound_links(articles: Sequence[Article]) -> list[Inbound]:
    """For each article of one language, in their order, what the others say where they link to it.

    A link is recognised by the other article's address, or by its id as the last part of a path.
    """
    by_id = {article.id: number for number, article in enumerate(articles)}
    by_address = {address: n for n, article in enumerate(articles) if (address := _address(article.url))}
    inbound = [Inbound() for _ in articles]
    for number, article in enumerate(articles):
        for target, anchor, context in _links(article):
            address = _address(target, article.url)
            # Some sites tell their pages apart by the query, on others it only says where a visitor came from.
            place = by_address.get(address, by_address.get(address.partition("?")[0]))
            if place is None:
                place = by_id.get(_last_part(target))
            if place is None or place == number:
                continue
            found = inbound[place]
            found.articles.add(number)
            if anchor and anchor not in found.anchors:
                found.anchors.append(anchor)
            if len(context) <= _LONGEST_CONTEXT and context != anchor and context not in found.contexts:
                found.contexts.append(context)
    return inbound


def _links(article: Article) -> Iterator[tuple[str, str, str]]:
    """(target, words of the link, words of the paragraph or list item around it)"""
    if "](" not in article.body and "]:" not in article.body:
        return
    for token in markdown_parser().parse(article.body):
        if token.type == "inline":
            links = list(_links_in(token))
            context = inline_text(token) if links else ""
            yield from ((target, anchor, context) for target, anchor in links)


def _links_in(token: Token) -> Iterator[tuple[str, str]]:
    target, words = "", list[str]()
    for child in token.children or ():
        if child.type == "link_open":
            target, words = str(child.attrGet("href") or ""), []
        elif child.type == "link_close":
            yield target, " ".join("".join(words).split())
            target = ""
        elif target and child.type in ("text", "code_inline"):
            words.append(child.content)
        elif target and child.type in ("softbreak", "hardbreak"):
            words.append(" ")


def _address(url: str, base: str = "") -> str:
    parts = _parts(url, base)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}{query}"


def _parts(url: str, base: str = "") -> SplitResult:
    try:
        return urlsplit(urljoin(base, url))
    except ValueError:  # a typing error in an address must not stop a build; it leads nowhere
        return urlsplit("")


def _last_part(target: str) -> str:
    """'' for another site's address."""
    parts = _parts(target)
    if parts.netloc:
        return ""
    last = parts.path.rstrip("/").rsplit("/", 1)[-1]
    ending = next((ending for ending in _PAGE_ENDINGS if last.endswith(ending)), "")
    return last.removesuffix(ending)
