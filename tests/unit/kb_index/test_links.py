"""What articles say of each other where they link."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb_index.articles import Article
from kb_index.links import Inbound, inbound_links

SITE = "https://help.example/hc"


def said_of_void(body: str, *, own: str = "", of: str = "") -> Inbound:
    """What an article with that body, and the address `own`, says of the article "void", whose address is `of`."""
    articles = [Article("faq", "en", "Questions", body=body, url=own), Article("void", "en", "Void a check", url=of)]
    faq, void = inbound_links(articles)
    assert faq == Inbound()
    return void


@pytest.mark.parametrize(
    "target",
    [
        "void.md",
        "./void.md",
        "../checks/void.md",
        "void.html",
        "void.htm",
        "void",
        "/articles/en/void",
        "/articles/en/void/",
        "void.md#steps",
        "void?from=faq",
        "/articles/en/void?from=faq#steps",
    ],
)
def test_a_path_that_ends_in_the_id_leads_to_the_article(target: str) -> None:
    found = said_of_void(f"See [how to cancel a check]({target}).")
    assert found.anchors == ["how to cancel a check"]
    assert found.articles == {0}


@pytest.mark.parametrize(
    ("own", "target"),
    [
        ("", f"{SITE}/a-1"),
        (f"{SITE}/faq", f"{SITE}/a-1"),
        (f"{SITE}/faq", f"{SITE}/a-1/"),
        (f"{SITE}/faq", "https://HELP.example/hc/a-1"),
        (f"{SITE}/faq", "http://help.example/hc/a-1#steps"),
        (f"{SITE}/faq", f"{SITE}/a-1?utm_source=faq"),
        (f"{SITE}/faq", "a-1"),
        (f"{SITE}/more/faq", "../a-1#steps"),
        (f"{SITE}/faq", "/hc/a-1"),
        (f"{SITE}/faq", "//help.example/hc/a-1"),
    ],
)
def test_an_address_leads_to_the_article_that_has_it(own: str, target: str) -> None:
    found = said_of_void(f"[cancel a check]({target})", own=own, of=f"{SITE}/a-1")
    assert (found.anchors, found.articles) == (["cancel a check"], {0})


def test_pages_that_only_the_query_tells_apart_are_told_apart() -> None:
    articles = [
        Article("faq", "en", "FAQ", body="[one](show.php?id=1) [two](show.php?id=2)", url=f"{SITE}/show.php?id=9"),
        *(Article(f"a{n}", "en", f"Article {n}", url=f"{SITE}/show.php?id={n}") for n in (1, 2, 3)),
    ]
    assert [found.anchors for found in inbound_links(articles)] == [[], ["one"], ["two"], []]


@pytest.mark.parametrize(
    "target",
    [
        "elsewhere.md",
        "#steps",
        "?page=2",
        "",
        "https://other.example/articles/en/void",
        "https://other.example/void.md",
        "//other.example/void",
        "mailto:void@help.example",
        "void.pdf",
        "void/print",
        "VOID.md",
    ],
)
def test_other_targets_lead_to_no_article(target: str) -> None:
    assert said_of_void(f"See [this]({target}).", own=f"{SITE}/faq", of=f"{SITE}/a-1") == Inbound()


def test_an_article_that_links_to_itself_says_nothing_of_itself() -> None:
    articles = [
        Article("void", "en", "Void", body=f"[up](#top), [here](void.md), [and here]({SITE}/v)", url=f"{SITE}/v")
    ]
    assert inbound_links(articles) == [Inbound()]


def test_the_paragraph_or_list_item_around_a_link_is_its_context() -> None:
    body = (
        "# Questions\n\nUnrelated.\n\nLost in\nthe mail? See [cancel\n*a* `check`](void.md) first.\n\n"
        "- Printed twice: [void it](void.md)\n- Other item\n"
    )
    found = said_of_void(body)
    assert found.anchors == ["cancel a check", "void it"]
    assert [" ".join(context.split()) for context in found.contexts] == [
        "Lost in the mail? See cancel a check first.",
        "Printed twice: void it",
    ]


def test_a_link_that_stands_alone_has_no_context_and_an_endless_paragraph_is_none() -> None:
    assert said_of_void("[void a check](void.md)").contexts == []
    long = said_of_void(f"[void a check](void.md) {'word ' * 100}")
    assert (long.anchors, long.contexts) == (["void a check"], [])


def test_what_is_said_twice_is_kept_once_and_every_article_that_links_counts() -> None:
    body = "See [void a check](void.md) here.\n\nSee [void a check](void.md) here."
    articles = [
        Article("void", "en", "Void"),
        Article("a", "en", "A", body=body),
        Article("b", "en", "B", body=body),
        Article("c", "en", "C", body="[cancel it](void)"),
    ]
    void = inbound_links(articles)[0]
    assert void == Inbound(["void a check", "cancel it"], ["See void a check here."], {1, 2, 3})


def test_links_by_reference_and_pictures_are_understood() -> None:
    assert said_of_void("Read [the steps][v].\n\n[v]: void.md").anchors == ["the steps"]
    assert said_of_void("![a picture](void)") == Inbound()
    found = said_of_void("Look: [![a picture](picture.png)](void)")
    assert (found.anchors, found.articles) == ([], {0})


def test_code_that_shows_a_link_is_none() -> None:
    assert said_of_void("```\n[void](void.md)\n```\n\n`[void](void.md)`") == Inbound()


@pytest.mark.parametrize("broken", ["http://[bad", "//[bad", "http://ex℀mple.com/a"])
def test_an_address_with_a_typing_error_leads_nowhere_and_stops_nothing(broken: str) -> None:
    assert said_of_void("[cancel a check](void.md)", own=broken, of=broken).anchors == ["cancel a check"]
    assert said_of_void(f"[cancel a check](<{broken}>) [top](#top)", of=broken) == Inbound()


@settings(max_examples=60, deadline=None)
@given(target=st.text(alphabet=st.characters(codec="utf-8"), max_size=30), own=st.text(max_size=20))
def test_no_target_and_no_address_stops_a_build(target: str, own: str) -> None:
    articles = [Article("faq", "en", "Questions", body=f"[x](<{target}>)", url=own), Article("void", "en", "Void")]
    assert len(inbound_links(articles)) == 2
