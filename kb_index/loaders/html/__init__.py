"""Makes articles of HTML: whole pages of a help center, or the pieces of HTML that a help desk stores as articles."""

from __future__ import annotations

from kb_index.loaders.html.article import article_from_html, body_from_html

__all__ = ["article_from_html", "body_from_html"]
