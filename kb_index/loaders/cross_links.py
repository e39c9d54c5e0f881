"""Makes links between the articles of a source lead to where those articles are shown now."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from kb_index.articles import Article

_ESCAPE_CODE_OR_LINK = re.compile(r"\\.|(`+)(?!`).*?(?<!`)\1(?!`)|\]\(([^()\s]+)\)", re.DOTALL)
"""In Markdown as `loaders.html` writes it: each backtick and bracket of a text is escaped, all code is closed."""


def relinked(article: Article, article_at: Callable[[str], Article | None]) -> Article:
    """The article with its links to other articles replaced by their `Article.link`, the fragment kept.

    Only for bodies that `kb_index.loaders.html` wrote. `article_at` is asked with the address of each link, without
    its fragment; None leaves the link as it is.
    """

    def written(found: re.Match[str]) -> str:
        address, _, fragment = (found[2] or "").partition("#")
        target = article_at(address) if address else None
        return found[0] if target is None else f"]({target.link(fragment)})"

    return replace(article, body=_ESCAPE_CODE_OR_LINK.sub(written, article.body))
