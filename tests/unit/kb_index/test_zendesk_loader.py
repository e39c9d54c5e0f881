"""Exports of a Zendesk Help Center, as its API writes them."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kb_index.articles import LoadResult
from kb_index.chunker import passages_of
from kb_index.errors import SourceError
from kb_index.links import inbound_links
from kb_index.loaders import load_sources

HELP = "https://acme.example/hc"


def article(number: int = 360001, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "url": f"https://acme.example/api/v2/help_center/en-us/articles/{number}.json",
        "html_url": f"{HELP}/en-us/articles/{number}-Void-a-check",
        "author_id": 9,
        "comments_disabled": False,
        "draft": False,
        "promoted": False,
        "position": 0,
        "section_id": 7,
        "created_at": "2025-01-01T00:00:00Z",
        "updated_at": "2026-09-09T09:00:00Z",
        "edited_at": "2026-08-08T23:59:59Z",
        "name": "Void a check",
        "title": "Void a check",
        "source_locale": "en-us",
        "locale": "en-us",
        "outdated": False,
        "outdated_locales": [],
        "user_segment_id": None,
        "permission_group_id": 4,
        "label_names": ["check"],
        "body": '<p>A voided check keeps its number.</p><h2 id="h_01">Steps</h2><ol><li>Open it.</li><li>Void it.</ol>',
    } | changes  # fmt: skip


def translation(number: int = 360001, locale: str = "de", **changes: Any) -> dict[str, Any]:
    return {
        "id": number * 10,
        "url": f"https://acme.example/api/v2/help_center/articles/{number}/translations/{locale}.json",
        "html_url": f"{HELP}/{locale}/articles/{number}-Titel",
        "source_id": number,
        "source_type": "Article",
        "locale": locale,
        "title": "Einen Scheck entwerten",
        "body": "<p>Der Scheck behält seine Nummer.</p>",
        "outdated": False,
        "draft": False,
        "hidden": False,
        "created_at": "2025-01-01T00:00:00Z",
        "updated_at": "2026-07-07T07:00:00Z",
    } | changes


def articles_page(*entries: Any, **more: Any) -> dict[str, Any]:
    return {"count": len(entries), "next_page": None, "page": 1, "per_page": 30, "articles": [*entries]} | more


def translations_page(*entries: Any) -> dict[str, Any]:
    return {"count": len(entries), "next_page": None, "translations": [*entries]}


def export(folder: Path, *pages: Any) -> Path:
    for number, content in enumerate(pages):
        (folder / f"page-{number}.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def load(folder: Path, *pages: Any) -> LoadResult:
    return load_sources([export(folder, *pages)])


def test_an_article_and_its_translation_come_with_all_they_say(tmp_path: Path) -> None:
    loaded = load(tmp_path, articles_page(article()), translations_page(translation()))
    english, german = loaded.articles
    assert (english.key, german.key) == (("en", "360001"), ("de", "360001"))
    assert (english.title, german.title) == ("Void a check", "Einen Scheck entwerten")
    assert (english.updated, german.updated) == (date(2026, 8, 8), date(2026, 7, 7))
    assert (english.audience, german.audience) == ("everyone", "everyone")
    assert english.source == f"{tmp_path / 'page-0.json'}: article 360001 (en-us)"
    assert english.body.startswith(
        "# Void a check\n\nA voided check keeps its number.\n\n## Steps {#h_01}\n\n1. Open it."
    )
    steps = passages_of(english, lambda text: len(text.split()))[-1]
    assert english.link(steps.anchor) == f"{HELP}/en-us/articles/360001-Void-a-check#h_01"
    assert loaded.problems == []


def test_links_between_articles_lead_to_them_in_the_language_of_the_reader(tmp_path: Path) -> None:
    ways = {
        "/hc/en-us/articles/360002": "without title",
        f"{HELP}/en-us/articles/360002-An-old-title#h_1": "old title",
        "https://help.acme.example/hc/articles/360002-Title": "other host",
        "/hc/en-us/articles/360003": "not translated",
        "/hc/en-us/articles/999999": "not in the export",
        "/hc/en-us/sections/360002": "a section",
    }
    body = "<p>See: " + ", ".join(f'<a href="{href}">{words}</a>' for href, words in ways.items()) + "</p>"
    loaded = load(
        tmp_path,
        articles_page(article(body=body), article(360002), article(360003)),
        translations_page(translation(body=body), translation(360002, html_url=None)),
    )
    bodies = {found.key: found.body for found in loaded.articles}
    english, second = f"{HELP}/en-us/articles", "360002-Void-a-check"
    others = [f"{english}/360003-Void-a-check", f"{english}/999999", f"{HELP}/en-us/sections/360002"]
    assert re.findall(r"\]\((.*?)\)", bodies["en", "360001"]) == [
        f"{english}/{second}", f"{english}/{second}#h_1", f"{english}/{second}", *others,
    ]  # fmt: skip
    german = "/articles/de/360002"
    assert re.findall(r"\]\((.*?)\)", bodies["de", "360001"]) == [german, f"{german}#h_1", german, *others]
    in_english = [found for found in loaded.articles if found.language == "en"]
    assert [links.anchors for links in inbound_links(in_english)] == [
        [], ["without title", "old title", "other host"], ["not translated"],
    ]  # fmt: skip


def test_one_combined_file_is_as_good_as_many_pages(tmp_path: Path) -> None:
    combined = articles_page(article(), article(360002), translations=[translation()], sections=[{"id": 7}], users=[])
    for content in (combined, [articles_page(article(), article(360002)), translations_page(translation())]):
        (tmp_path / "all.json").write_text(json.dumps(content))
        loaded = load_sources([tmp_path / "all.json"])
        assert [article.key for article in loaded.articles] == [("en", "360001"), ("en", "360002"), ("de", "360001")]


def test_translations_inside_their_articles_and_single_answers_are_read_too(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        articles_page(article(translations=[translation(locale="en-us"), translation(locale="fr")])),
        {"article": article(360002)},
        {"translation": translation(360002, "es")},
    )
    assert {article.key for article in loaded.articles} == {
        ("en", "360001"), ("fr", "360001"), ("en", "360002"), ("es", "360002"),
    }  # fmt: skip


def test_pages_that_overlap_and_the_sources_own_translation_are_no_duplicates(tmp_path: Path) -> None:
    loaded = load(
        tmp_path, articles_page(article()), articles_page(article()), translations_page(translation(locale="en-us"))
    )
    assert len(loaded.articles) == 1
    assert loaded.problems == []


def test_drafts_and_locales_that_are_not_served_are_counted_in_notes(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        articles_page(article(), article(360002, draft=True), article(360003, draft=True)),
        translations_page(translation(locale="pt-br"), translation(locale="de", draft=True)),
    )
    assert [article.key for article in loaded.articles] == [("en", "360001")]
    assert [(problem.reason, problem.skipped) for problem in loaded.problems] == [
        ("drafts, left out: 3", False),
        ("in pt-br, which is not served, left out: 1", False),
    ]


def test_of_several_locales_of_a_language_the_source_comes_first_then_the_plain_language(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        articles_page(article(), article(360002)),
        translations_page(
            translation(360001, "en-gb", title="British"),
            translation(360001, "es-419", title="Latinoamérica"),
            translation(360001, "es", title="España"),
            translation(360001, "fr-fr", title="France"),
            translation(360001, "fr-ca", title="Canada"),
        ),
    )
    titles = {article.key: article.title for article in loaded.articles}
    assert (titles["en", "360001"], titles["es", "360001"], titles["fr", "360001"]) == (
        "Void a check", "España", "Canada",
    )  # fmt: skip
    assert [problem.reason for problem in loaded.problems] == [
        "in a further locale of a language that is used, left out: 3"
    ]


def test_when_the_first_locale_of_a_language_has_no_text_the_next_one_serves(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        articles_page(article()),
        translations_page(translation(locale="es", body=""), translation(locale="es-419", title="Anular")),
    )
    assert [(article.language, article.title) for article in loaded.articles][1:] == [("es", "Anular")]
    assert [problem.reason for problem in loaded.problems] == [
        "article 360001 (es): has no text, neither a body nor a description"
    ]


def test_the_audience_is_the_segment_that_may_read_the_article_by_its_name_if_known(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        articles_page(
            article(360001, user_segment_id=81),
            article(360002, user_segment_id=82),
            article(360003, user_segment_id=None, user_segment_ids=[81, 82]),
        ),
        translations_page(translation(360001)),
        {"user_segments": [{"id": 81, "name": "Signed-in users", "user_type": "signed_in_users"}]},
    )
    assert {article.key: article.audience for article in loaded.articles} == {
        ("en", "360001"): "Signed-in users",
        ("de", "360001"): "Signed-in users",
        ("en", "360002"): "segment 82",
        ("en", "360003"): "Signed-in users, segment 82",
    }


def test_a_translation_whose_article_is_missing_is_left_out_because_its_readers_are_not_known(tmp_path: Path) -> None:
    loaded = load(tmp_path, articles_page(article()), translations_page(translation(999999)))
    assert [article.id for article in loaded.articles] == ["360001"]
    assert "article 999999, which is not in the export" in loaded.problems[0].reason
    assert loaded.problems[0].skipped


def test_translations_that_are_marked_as_outdated_are_used_and_counted(tmp_path: Path) -> None:
    loaded = load(tmp_path, articles_page(article()), translations_page(translation(outdated=True)))
    assert len(loaded.articles) == 2
    assert [problem.reason for problem in loaded.problems] == ["marked as outdated but used: 1"]


def test_translations_of_sections_are_no_articles(tmp_path: Path) -> None:
    loaded = load(tmp_path, articles_page(article()), translations_page(translation(7, source_type="Section")))
    assert (len(loaded.articles), loaded.problems) == (1, [])


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (article(360002, title=None), "article 360002 (en-us): lacks a title"),
        (article(360002, title={"en": "x"}), "title must be a text"),
        (article(360002, body=None), "has no text"),
        (article(360002, body="<script>x</script><p>\u00a0</p>"), "has no text"),
        (article(360002, body=["x"]), "body must be a text"),
        (article(360002, body="<p>" + "word " * 1_000_000), "at most"),
        (article(360002, body="<div>" * 100_000), "nested"),
        (article(id="../x"), "may hold only letters"),
        (article(id=None), "article Void a check lacks an id"),
        (article(360002, html_url="javascript:alert(1)"), "url 'javascript:alert(1)' is no http(s) address"),
        ("no object", "an entry of \"articles\" is no object: 'no object'"),
    ],
)
def test_a_bad_article_is_listed_with_its_file_and_number_and_the_rest_is_loaded(
    tmp_path: Path, bad: Any, reason: str
) -> None:
    loaded = load(tmp_path, articles_page(article(), bad))
    assert [article.id for article in loaded.articles] == ["360001"]
    (problem,) = loaded.problems
    assert (problem.path, problem.skipped) == (str(tmp_path / "page-0.json"), True)
    assert reason in problem.reason


def test_an_article_without_locale_is_counted_as_not_served(tmp_path: Path) -> None:
    loaded = load(tmp_path, articles_page(article(), article(360002, locale=None)))
    assert [p.reason for p in loaded.problems] == ["in no locale, which is not served, left out: 1"]


def test_half_characters_in_the_json_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(articles_page(article(title="Half \ud83d", body="<p>Half \ud83d</p>"))))
    (loaded,) = load_sources([tmp_path]).articles
    assert loaded.title.encode() and loaded.body.encode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "no JSON"),
        ('{"articles": [', "no JSON: .*line 1"),
        ("{}", "no Help Center export"),
        ('{"name": "package", "version": "1"}', "no Help Center export"),
        ("[1, 2]", "no Help Center export"),
        ('"text"', "no Help Center export"),
        ('{"articles": {"id": 1}}', '"articles" must be a list'),
        ("[" * 200_000, "nested too deeply"),
        (b"\xff\xfe\xfa", "UTF"),
    ],
)
def test_json_that_is_no_export_is_named_and_beside_a_good_page_only_listed(
    tmp_path: Path, content: str | bytes, reason: str
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SourceError, match=f"{bad}.*{reason}"):
        load_sources([bad])
    loaded = load(tmp_path, articles_page(article()))
    assert len(loaded.articles) == 1
    assert [problem.path for problem in loaded.problems] == [str(bad)]
