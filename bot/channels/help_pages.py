"""The help center's articles as plain readable pages, so that every link the desk gives leads somewhere."""

from __future__ import annotations

import html
import re
from itertools import pairwise
from pathlib import Path

import nh3
from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from markdown_it import MarkdownIt

from bot.desk.knowledge import Knowledge
from bot.gateway.messages import TurnRefused
from kb_index.chunker import heading_anchor, markdown_parser

_PAGE = Path(__file__).with_name("help_page.html").read_text(encoding="utf-8")

_ARTICLE_LINK = re.compile(r"([\w-]+)\.md(#[\w-]+)?")
_ATTRIBUTES = {"a": {"href"}, "th": {"align"}, "td": {"align"}, **{f"h{level}": {"id"} for level in range(1, 7)}}


def help_router(knowledge: Knowledge) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    markdown = markdown_parser()

    @router.get("/articles/{language}/{article_id}", response_class=HTMLResponse)
    async def article(language: str, article_id: str) -> HTMLResponse:
        found = knowledge.article(language, article_id)
        if found is None:
            raise TurnRefused("article_unknown", f"There is no article {article_id} in {language}.", 404)
        page = _PAGE.replace("{language}", language).replace("{title}", html.escape(found.title))
        return HTMLResponse(page.replace("{body}", _rendered(markdown, found.body, language)))

    return router


def _rendered(markdown: MarkdownIt, body: str, language: str) -> str:
    """Safe HTML with the anchors that search results link to, and links between articles as links between pages."""
    taken: dict[str, int] = {}
    tokens = markdown.parse(body)
    for token, following in pairwise(tokens):
        if token.type == "heading_open":
            anchor = heading_anchor(token, following.content, taken)
            if anchor:
                token.attrSet("id", anchor)
        for child in token.children or ():
            target = _ARTICLE_LINK.fullmatch(str(child.attrGet("href") or ""))
            if target:
                child.attrSet("href", f"/articles/{language}/{target[1]}{target[2] or ''}")
    # Articles come from outside: whatever is not plain formatting is taken out.
    return nh3.clean(markdown.renderer.render(tokens, markdown.options, {}), attributes=_ATTRIBUTES)
