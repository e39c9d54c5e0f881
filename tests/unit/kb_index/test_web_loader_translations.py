from __future__ import annotations

from kb_index.articles import Article
from kb_index.loaders.web.translations import SitePage, settle


def page(url: str, language: str, article: str, *alternates: str, canonical: str = "", text: str = "") -> SitePage:
    made = Article(article, language, "Title", body=text or f"Text of {url}", source=url, url=url)
    return SitePage(made, url, canonical, frozenset(alternates))


def ids(*pages: SitePage) -> dict[str, str]:
    return {article.url: article.id for article in settle(pages).result.articles}


def test_pages_that_name_each_other_are_one_article_with_the_english_id() -> None:
    everyone = ("/es/anular", "/en/void", "/de/storno", "/fr/annuler")
    pages = [page(url, url[1:3], url[4:], *everyone) for url in everyone]
    assert set(ids(*pages).values()) == {"void"}


def test_without_an_english_page_the_first_language_gives_the_id() -> None:
    pages = [page("/de/storno", "de", "storno", "/fr/annuler"), page("/fr/annuler", "fr", "annuler", "/de/storno")]
    assert set(ids(*pages).values()) == {"annuler"}


def test_a_page_that_does_not_name_the_other_back_is_no_translation() -> None:
    pages = [page("/en/a", "en", "a", "/es/"), page("/en/b", "en", "b", "/es/"), page("/es/", "es", "inicio")]
    assert ids(*pages) == {"/en/a": "a", "/en/b": "b", "/es/": "inicio"}


def test_a_page_in_between_makes_no_two_articles_of_one_language_one() -> None:
    pages = [
        page("/en/a", "en", "a", "/es/x"),
        page("/es/x", "es", "x", "/en/a", "/en/b"),
        page("/en/b", "en", "b", "/es/x"),
    ]
    assert ids(*pages) == {"/en/a": "a", "/es/x": "a", "/en/b": "b"}


def test_of_two_regional_versions_in_one_language_the_first_is_used_and_the_other_noted() -> None:
    everyone = ("/en-gb/a", "/en-us/a", "/es/a")
    result = settle([page(url, url[1:3], "a", *everyone) for url in everyone]).result
    assert [article.url for article in result.articles] == ["/en-gb/a", "/es/a"]
    (problem,) = result.problems
    assert (problem.path, problem.skipped) == ("/en-us/a", False)
    assert "/en-gb/a" in problem.reason


def test_pages_that_would_share_an_id_keep_apart_in_whatever_order_they_are_found() -> None:
    first, second = page("/kb?id=1", "en", "kb"), page("/kb?id=2", "en", "kb")
    found = ids(first, second)
    assert len(set(found.values())) == 2
    assert found == ids(second, first)
    assert all(article_id.startswith("kb-") for article_id in found.values())


def test_a_translation_keeps_the_id_that_another_page_of_its_language_has_too() -> None:
    pages = [
        page("/es/void", "es", "void"),
        page("/en/void", "en", "void", "/es/anular"),
        page("/es/anular", "es", "anular", "/en/void"),
    ]
    found = ids(*pages)
    assert found["/en/void"] == found["/es/anular"] == "void"
    assert found["/es/void"].startswith("void-")


def test_two_groups_that_would_share_an_id_do_not() -> None:
    pages = [
        page("/a/en/void", "en", "void", "/a/es/void"),
        page("/a/es/void", "es", "void", "/a/en/void"),
        page("/b/en/void", "en", "void", "/b/es/void"),
        page("/b/es/void", "es", "void", "/b/en/void"),
    ]
    found = ids(*pages)
    assert found["/a/en/void"] == found["/a/es/void"] != found["/b/en/void"] == found["/b/es/void"]


def test_a_copy_gives_way_to_the_page_it_names() -> None:
    result = settle(
        [page("/en/a?print=1", "en", "a", canonical="/en/a-old"), page("/en/a-old", "en", "a", canonical="/en/a"),
         page("/en/a", "en", "a", canonical="/en/a")]
    ).result  # fmt: skip
    assert [article.url for article in result.articles] == ["/en/a"]
    assert [(problem.path, problem.skipped) for problem in result.problems] == [
        ("/en/a?print=1", False),
        ("/en/a-old", False),
    ]


def test_a_page_whose_original_was_not_found_stays() -> None:
    assert ids(page("/en/a", "en", "a", canonical="/en/missing")) == {"/en/a": "a"}


def test_pages_that_call_each_other_the_original_leave_one() -> None:
    pages = [page("/en/b", "en", "b", canonical="/en/a"), page("/en/a", "en", "a", canonical="/en/b")]
    assert ids(*pages) == {"/en/a": "a"}


def test_a_translation_that_names_the_original_as_canonical_stays() -> None:
    pages = [page("/en/a", "en", "a", canonical="/en/a"), page("/de/a", "de", "a", canonical="/en/a")]
    assert ids(*pages) == {"/en/a": "a", "/de/a": "a"}


def test_of_pages_with_the_same_text_the_one_that_calls_itself_canonical_is_shown_for_all() -> None:
    pages = [page("/a", "en", "x", text="T"), page("/a/b", "en", "y", canonical="/a/b", text="T")]
    settled = settle(pages)
    assert [article.url for article in settled.result.articles] == ["/a/b"]
    assert {article.url for article in settled.places.values()} == {"/a/b"}
    assert [found.url for found in settled.most_alike] == ["/a", "/a/b"]
