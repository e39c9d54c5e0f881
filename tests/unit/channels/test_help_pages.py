"""Articles as pages: every link of a search result leads to its section, and nothing from outside runs."""

from __future__ import annotations

import re

import httpx2


async def test_an_article_is_a_page_with_the_anchors_that_results_link_to(http: httpx2.AsyncClient) -> None:
    found = (await http.get("/api/kb/search", params={"q": "void a check steps again", "language": "en"})).json()
    path, _, anchor = found["results"][0]["url"].partition("#")
    reply = await http.get(path)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert not anchor or f'id="{anchor}"' in reply.text
    assert re.findall(r'<h2 id="([^"]+)"', reply.text)[0] == "steps"
    assert len(set(re.findall(r' id="([^"]+)"', reply.text))) == len(re.findall(r' id="([^"]+)"', reply.text))
    assert "<table>" in reply.text and "<strong>Void</strong>" in reply.text


async def test_links_between_articles_lead_to_their_pages(http: httpx2.AsyncClient) -> None:
    page = (await http.get("/articles/en/void-a-check")).text
    assert 'href="/articles/en/bank-rec#steps"' in page
    assert 'href="https://help.example/a"' in page


async def test_nothing_in_an_article_runs_in_the_readers_browser(http: httpx2.AsyncClient) -> None:
    page = (await http.get("/articles/en/void-a-check")).text
    body = page[page.index("<h1") :]
    assert (
        "<script" not in body
        and "onerror" not in body
        and "javascript:" not in body.replace("[a trap](javascript:", "")
    )
    assert "<title>Void a &lt;printed&gt; check" in page


async def test_an_article_that_does_not_exist_is_a_problem(http: httpx2.AsyncClient) -> None:
    for path in ("/articles/en/nope", "/articles/xx/void-a-check", "/articles/de/void-a-check", "/articles/en/..%2fx"):
        assert (await http.get(path)).status_code == 404
