"""From HTML to an article: what is on the page and what the page says about itself are brought together here."""

from __future__ import annotations

from datetime import date

from kb_index.articles import Article
from kb_index.errors import UnusableArticle
from kb_index.loaders.fields import checked_article
from kb_index.loaders.html.content import content_of_fragment, find_content
from kb_index.loaders.html.inline import escaped
from kb_index.loaders.html.metadata import PageMetadata
from kb_index.loaders.html.tree import parse_html
from kb_index.loaders.html.writer import markdown_of


def article_from_html(
    html: str,
    *,
    source: str,
    url: str = "",
    fallback_id: str = "",
    fallback_language: str = "",
    fallback_updated: date | None = None,
) -> Article:
    """The article on a help-center page.

    `url` is where the page was read, "" for a file. The article's address is the page's canonical one, else `url`; its
    id is what the page names as such, else made of the address (kb_index.loaders.article_ids). The fallbacks count
    where the page itself is silent. The body is Markdown that begins with a first-level heading; other headings carry
    the anchors they have on the page, as `## Heading {#anchor}`, and `{#}` when they have none there. Links are whole
    addresses when the page has an address.

    Raises UnusableArticle, saying why: no HTML, too long or too deeply nested, no title, no text, no language or one
    that is not served.
    """
    page = parse_html(html)
    content = find_content(page)
    said = PageMetadata(page, content.root, url)
    title, address = said.title, said.address
    text, first_heading = markdown_of(content, base=said.link_base, has_own_address=bool(address))
    if not text:
        raise UnusableArticle("has no text to read")
    language = said.language or fallback_language
    if not language:
        raise UnusableArticle("does not say its language (<html lang>)")
    return checked_article(
        id=said.article_id or fallback_id,
        language=language,
        title=title,
        description=said.description,
        body=text if first_heading == 1 else f"# {escaped(title)}\n\n{text}",
        updated=said.updated or fallback_updated,
        audience=said.audience,
        source=source,
        url=address,
    )


def body_from_html(html: str, *, title: str, url: str = "") -> str:
    """The Markdown body of an article that is stored as a piece of HTML, under its title as first-level heading.

    `url` is where readers see the article; "" when the desk shows it itself. "" when there is no text in it. Raises
    UnusableArticle when it is too long or too deeply nested.
    """
    content = content_of_fragment(parse_html(html, needs_tags=False))
    text, _ = markdown_of(content, base=url, has_own_address=bool(url))
    return f"# {escaped(title)}\n\n{text}" if text else ""
