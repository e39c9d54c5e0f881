"""What a crawler has to know of a page: where it leads, and what it says about being indexed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin

from selectolax.lexbor import LexborNode

from kb_index.loaders.html.tree import attribute, parse_html
from kb_index.loaders.web.addresses import Site
from kb_index.loaders.web.client import USER_AGENT

_AGENT_RULE = re.compile(r"\s*([\w-]+)\s*:\s*(.*)", re.DOTALL)
_AT_ONCE = re.compile(r"0(?:\.0*)?\s*[;,]\s*(?:url\s*=\s*)?[\"']?\s*([^\"'\s]+)\s*[\"']?", re.IGNORECASE)
_RULES_WITH_VALUES = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a page says; all addresses canonical and on the site's host."""

    links: tuple[str, ...] = ()
    """In the order of the page, each once; empty when the page asks not to follow its links."""
    canonical: str = ""
    """The address the page says it should be known by; "" when it names none on this host."""
    alternates: frozenset[str] = frozenset()
    """The same page in other languages (hreflang), possibly with itself or with a chooser of languages."""
    language: str = ""
    """The language or locale that it has among them."""
    moved_to: str = ""
    """Where it sends its readers at once (meta refresh); as it is written there, made whole."""
    noindex: bool = False


def read_page(html: str, address: str, site: Site, robots_tag: str = "") -> PageFacts:
    """Reads the facts of the page at `address`; `robots_tag` is its X-Robots-Tag header.

    Raises UnusableArticle when it is no HTML or nested too deeply.
    """
    tree = parse_html(html)
    base_node = tree.css_first("base[href]")
    base = site.page(attribute(base_node, "href"), address) if base_node is not None else address
    rules = _robots_rules(tree, robots_tag)
    canonical, language, alternates = "", "", set()
    for node in tree.css("link[rel][href]"):
        kinds = attribute(node, "rel").lower().split()
        target = site.page(attribute(node, "href"), base or address)
        if target is None:
            continue
        if "canonical" in kinds:
            canonical = canonical or target
        elif "alternate" in kinds and (locale := attribute(node, "hreflang").lower()):
            alternates.add(target)
            if target == address and locale != "x-default":
                language = locale
    # A base on another host puts every relative link there.
    links = _links(tree, base, site) if base and not rules & {"nofollow", "none"} else ()
    noindex = bool(rules & {"noindex", "none"})
    return PageFacts(links, canonical, frozenset(alternates), language, _refresh(tree, base or address), noindex)


def _links(tree: LexborNode, base: str, site: Site) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for node in tree.css("a[href], area[href]"):
        if "nofollow" not in attribute(node, "rel").lower().split():
            target = site.page(attribute(node, "href"), base)
            if target is not None:
                found[target] = None
    return tuple(found)


def _refresh(tree: LexborNode, base: str) -> str:
    """The address of a meta refresh without delay; "" for a page that only loads itself again."""
    for node in tree.css("meta[http-equiv][content]"):
        found = _AT_ONCE.fullmatch(attribute(node, "content"))
        is_for_all = node.parent is None or node.parent.tag != "noscript"
        if found is not None and is_for_all and attribute(node, "http-equiv").lower() == "refresh":
            try:
                return urljoin(base, found[1])
            except ValueError:
                return ""
    return ""


def _robots_rules(tree: LexborNode, robots_tag: str) -> set[str]:
    rules = _rules_of_header(robots_tag)
    for node in tree.css("meta[name][content]"):
        if attribute(node, "name").strip().lower() in ("robots", USER_AGENT.lower()):
            rules |= {part.strip() for part in attribute(node, "content").lower().split(",")}
    return rules


def _rules_of_header(header: str) -> set[str]:
    """The rules of an X-Robots-Tag for everybody and for this program; "name: rule" starts those of one program."""
    rules = set()
    agent = ""
    for part in header.lower().split(","):
        named = _AGENT_RULE.fullmatch(part)
        if named is not None and named.group(1) not in _RULES_WITH_VALUES:
            agent, part = named.group(1), named.group(2)
        if agent in ("", USER_AGENT.lower()):
            rules.add(part.strip())
    return rules
