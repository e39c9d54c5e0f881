"""How the parts of an HTML article are written as Markdown, and that they read the same afterwards."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_index.articles import Article
from kb_index.chunker import markdown_parser, readable_sections
from kb_index.loaders.cross_links import relinked
from kb_index.loaders.html import body_from_html

INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\x00]")


def markdown(markup: str, url: str = "") -> str:
    return body_from_html(markup, title="T", url=url).removeprefix("# T\n\n")


def shown(source: str) -> str:
    """The text a reader sees of the Markdown."""
    blocks = [token.children or () for token in markdown_parser().parse(source)]
    texts = ("".join(" " if token.type.endswith("break") else token.content for token in block) for block in blocks)
    return " ".join(" ".join(texts).split())


@pytest.mark.parametrize(
    ("markup", "written"),
    [
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ("<ol start=4><li>a</li><li value=9>b</li><li>c</li></ol>", "4. a\n9. b\n10. c"),
        ("<ol start=-2><li>a</li></ol>", "0. a"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c"),
        ("<ul><li>a</li><ul><li>b</li></ul><li>c</li></ul>", "- a\n   - b\n- c"),
        ("<ol><li>a<ol start=7><li>b</li></ol></li></ol>", "1. a\n\n   7. b"),
        ("<ol><li>a</li></ol><ol><li>b</li></ol>", "1. a\n\n1) b"),
        ("<ul><li>a</li></ul><ul><li>b</li></ul>", "- a\n\n* b"),
        ("<ul><li>a</li></ul><p>x</p><ul><li>b</li></ul>", "- a\n\nx\n\n- b"),
        ("<ul><li></li><li><p>a</p><p>b</p></li></ul>", "- a\n\n  b"),
        ("<ol><li>a<pre>x\n\ny</pre></li><li>b</li></ol>", "1. a\n\n   ```\n   x\n\n   y\n   ```\n2. b"),
        ("<li>stray</li>", "- stray"),
        ("<blockquote><p>a</p><ul><li>b</li></ul></blockquote><p>c</p>", "> a\n> - b\n\nc"),
        ("<dl><dt>a</dt><dd>b</dd></dl>", "a\n\nb"),
    ],
)
def test_lists_and_quotes(markup: str, written: str) -> None:
    assert markdown(markup) == written


@pytest.mark.parametrize(
    ("markup", "written"),
    [
        ("<b>Note: </b>text", "**Note:** text"),
        ("un<b>do</b>ne", "undone"),
        ("<b>a</b><b>b</b>", "ab"),
        ("<b>a <i>b</i></b>", "**a b**"),
        ("<b><a href=/x>a</a></b>", "**[a](/x)**"),
        ("a <em> b </em> c", "a *b* c"),
        ("<b>a<br><br>b</b>", "a\n\nb"),
        ("<code>a_b</code>, <kbd>Ctrl</kbd>+<kbd>C</kbd>", "`a_b`, `Ctrl`+`C`"),
        ("<code>a`b</code>", "`` a`b ``"),
        ("<a href='/q'><code>x</code></a>", "[`x`](/q)"),
        ("<a name=x>a</a> <a href>b</a> <a href='javascript:f()'>c</a>", "a b c"),
        ("<a href='/a b(1)'>x</a>", "[x](/a%20b%281%29)"),
        ("<a href='mailto:help@acme.example'>x</a>", "[x](mailto:help@acme.example)"),
        ("<a href='http://[bad'>x</a>", "x"),
        ("it!<a href=/x>x</a>", "it\\![x](/x)"),
        ("<a href=/x><h2>Card</h2><p>text</p></a>", "## Card\n\ntext"),
        ("a<br>b<br> <br>c", "a\\\nb\n\nc"),
        ("so\u00adft\u200b &nbsp;x", "soft \u00a0x"),
        ("<q>a</q>", "“a”"),
        ('<img src=x alt="The list of payments"> <img alt="logo.png of us"> <img alt=Logo>', "The list of payments"),
    ],
)
def test_emphasis_code_links_and_pictures(markup: str, written: str) -> None:
    assert markdown(markup) == written


def test_links_are_made_whole_when_the_address_of_the_page_is_known() -> None:
    found = markdown("<a href='../b'>b</a> <a href='#c'>c</a>", "https://help.example/en/a/x")
    assert found == "[b](https://help.example/en/b) [c](https://help.example/en/a/x#c)"


@pytest.mark.parametrize(
    ("markup", "written"),
    [
        ("<pre>\na\n  b\n</pre>", "```\na\n  b\n```"),
        ("<pre class='brush: sql'>a</pre>", "```sql\na\n```"),
        ("<div class=highlight-console><div><pre>a</pre></div></div>", "```console\na\n```"),
        ("<pre><code class='language-c++'>a</code></pre>", "```c++\na\n```"),
        ("<pre>```\nx\n```</pre>", "````\n```\nx\n```\n````"),
        ("<pre><span>a</span><br><span>b</span></pre>", "```\na\nb\n```"),
        ("<pre><span class=lineno>1 </span>a</pre>", "```\na\n```"),
        ("<pre class=line-numbers>a</pre>", "```\na\n```"),
        ("<pre> \n </pre>", ""),
    ],
)
def test_code_blocks(markup: str, written: str) -> None:
    assert markdown(markup) == written


@pytest.mark.parametrize(
    ("markup", "written"),
    [
        ("<tr><th>a<th>b<tr><td>1<td>2", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        ("<tr><td>a<td>b<tr><td>1<td>2", "|  |  |\n| --- | --- |\n| a | b |\n| 1 | 2 |"),
        ("<tr><td rowspan=2>a<td>b<tr><td>c", "|  |  |\n| --- | --- |\n| a | b |\n| a | c |"),
        ("<tr><th>a<th>b<tr><td colspan=2>c", "| a | b |\n| --- | --- |\n| c |  |"),
        ("<tr><th>a<th>b<tr><td>x|y<br>z<td><ul><li>1<li>2</ul>", "| a | b |\n| --- | --- |\n| x\\|y z | - 1 - 2 |"),
        ("<caption>C</caption><tr><th>a<th>b<tr><td>1", "C\n\n| a | b |\n| --- | --- |\n| 1 |  |"),
        ("<tr><td>left<td><h2>H</h2><p>text", "left\n\n## H\n\ntext"),
        ("<tr><td>only<tr><td>one column", "only\n\none column"),
        ("<tr><td><table><tr><th>a<th>b<tr><td>1<td>2</table>", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        ("<tr><th>a<th>b<tr><td colspan=999999999>1", "| a | b |" + "  |" * 48 + "\n" + "| --- " * 50 + "|"),
        ("<tr><td> <td> <tr><td> <td> ", ""),
    ],
)
def test_tables_of_data_stay_tables_and_tables_that_only_arrange_do_not(markup: str, written: str) -> None:
    assert markdown(f"<table>{markup}</table>").startswith(written)
    assert bool(markdown(f"<table>{markup}</table>")) == bool(written)


@pytest.mark.parametrize(
    ("markup", "anchor"),
    [
        ("<h2 id=own>H</h2>", "own"),
        ("<h2><a name=inside>H</a></h2>", "inside"),
        ("<h2><span id=inside></span>H</h2>", "inside"),
        ("<a id=before></a><h2>H</h2>", "before"),
        ("<p><a name=before></a></p>\n<h2>H</h2>", "before"),
        ("<section id=around><h2>H</h2></section>", "around"),
        ("<section id=around><div><a></a><h2>H</h2></div><p>text</p></section>", "around"),
        ("<section id=around><p>text</p><h2>H</h2></section>", ""),
        ("<p id=text>text</p><h2>H</h2>", ""),
        ("<h2 id=own><a href='#own'>H</a></h2>", "own"),
        ("<h2 id=own>H<a href='#own'>§</a><button id=copy>Copy</button></h2>", "own"),
        ("<h2>H<button id=copy><svg></svg></button></h2>", ""),
        ("<h2 id='with space'>H</h2>", ""),
        ("<h2 id='a}b'>H</h2>", ""),
        ("<h2 id='_a_*b*'>H</h2>", "_a_*b*"),
    ],
)
def test_a_heading_has_the_anchor_that_leads_to_it_on_the_page(markup: str, anchor: str) -> None:
    lines = markdown(markup, "https://help.example/x").splitlines()
    assert [line for line in lines if line.startswith("#")] == [f"## H {{#{anchor}}}"]


def test_what_follows_in_an_unclosed_heading_is_text() -> None:
    assert markdown("<h2><div>H</div><p>text") == "## H\n\ntext"


@given(st.text(max_size=200))
def test_any_text_reads_the_same_after_it_was_written_as_markdown(text: str) -> None:
    seen = " ".join(INVISIBLE.sub("", text).split())
    assert shown(markdown(f"<p>{html.escape(text)}</p>")) == seen


@given(
    st.sampled_from(["", "https://help.example/x"]),
    st.text("*_`[]()<>#!&;{}\\|~-+=.1 \nab", max_size=60),
    st.sampled_from(["b", "em", "code", "a href=/x", "h2", "li"]),
)
def test_signs_of_markdown_in_a_text_stay_signs(url: str, text: str, tag: str) -> None:
    escaped = html.escape(text)
    source = markdown(f"<p>{escaped}</p><{tag}>{escaped}</{tag.split()[0]}>", url)
    assert shown(source) == " ".join([*text.split(), *text.split()])


@given(st.text("<>/abdilnpqrtuhe1234=\" '#&;", max_size=200))
def test_any_markup_is_read_without_an_error(markup: str) -> None:
    for heading, text in readable_sections(Article("a", "en", "T", "", markdown(markup))):
        assert "\x00" not in heading + text


@given(st.text("`\\\\[](/x)! \nab", max_size=40), st.text("`\\\\[](/x)~ \nab", max_size=40))
def test_only_links_are_changed_when_links_are(text: str, code: str) -> None:
    escaped, tags = html.escape(text), html.escape(code)
    source = f"{markdown(f'<p>{escaped} <code>{tags}</code> <a href=/x>y</a> {escaped}</p><pre>{tags}</pre>')}"
    target = Article("target", "en", "Target", url="https://help.example/new")
    body = relinked(Article("a", "en", "A", body=source), lambda address: target if address == "/x" else None).body
    assert body == "[y](https://help.example/new)".join(source.rsplit("[y](/x)", 1))


def test_every_link_to_an_article_is_changed_and_keeps_its_fragment() -> None:
    source = markdown("<p><code>[a](/x)</code> <a href=/x>a</a> <b><a href='/x#y'>`b]</a></b> <a href='#y'>c</a></p>")
    target = Article("target", "en", "Target")
    body = relinked(Article("a", "en", "A", body=source), lambda address: target if address == "/x" else None).body
    assert re.findall(r"\]\((.*?)\)", body) == ["/x", "/articles/en/target", "/articles/en/target#y", "#y"]
