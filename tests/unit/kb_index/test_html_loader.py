"""Pages of help centers as they are found: each kind of site becomes an article with nothing of the site around it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kb_index.articles import MAX_BODY_CHARACTERS, Article
from kb_index.chunker import Passage, passages_of
from kb_index.errors import UnusableArticle
from kb_index.loaders.html import article_from_html, body_from_html
from kb_index.loaders.html.tree import MAX_HTML_CHARACTERS, decode_html

PAGES = Path(__file__).with_name("pages")


def load(name: str, fallback_language: str = "") -> Article:
    html, _ = decode_html((PAGES / name).read_bytes())
    return article_from_html(html, source=name, fallback_id="file", fallback_language=fallback_language)


def page(body: str, head: str = "<title>Title</title>") -> str:
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'


def read(html: str, url: str = "") -> Article:
    return article_from_html(html, source="page", url=url, fallback_id="file")


def passages(article: Article) -> list[Passage]:
    return passages_of(article, lambda text: len(text.split()))


def test_a_page_of_a_help_desk_gives_its_article_and_what_it_says_about_it() -> None:
    article = load("guide_centre.html")
    assert (article.id, article.language, article.title) == ("360012345671", "en", "Reverse a posted payment")
    assert article.description == "Take a posted payment back so that the invoice is open again."
    assert article.updated == date(2026, 8, 21)
    assert article.url == "https://help.northfield.example/hc/en-us/articles/360012345671-Reverse-a-posted-payment"
    assert article.source == "guide_centre.html"
    assert article.body.startswith("# Reverse a posted payment\n\nWhen a payment was posted to the wrong invoice")


@pytest.mark.parametrize(
    ("name", "site_texts"),
    [
        (
            "guide_centre.html",
            ("Skip to", "Sign in", "Northfield", "Articles in", "Robin", "Updated", "Follow", "Share"),
        ),
        ("guide_centre.html", ("helpful", "Yes", "more questions", "Related", "Privacy", "tracking", "color: #222")),
        ("docs_generator.html", ("Zum Hauptinhalt", "Neuigkeiten", "Erste Schritte", "Brotkrumen", "Auf dieser Seite")),
        (
            "docs_generator.html",
            ("Kopieren", "bearbeiten", "Zuletzt", "Zurück", "Copyright", "Direkter Link", "\u200b"),
        ),
        ("plain_manual.html", ("Navigation", "index", "Table des matières", "générateur", "¶", "Lien permanent")),
        ("bare_page.html", ("Inicio", "Precios", "cookies", "Aceptar", "Cobrar una factura", "Aviso legal")),
    ],
)
def test_nothing_of_the_site_around_the_article_is_left(name: str, site_texts: tuple[str, ...]) -> None:
    body = load(name).body
    assert [text for text in site_texts if text in body] == []


def test_steps_keep_their_numbers_tables_their_cells_and_code_its_lines() -> None:
    body = load("guide_centre.html").body
    assert (
        "1. Open **Receivables > Payments**.\n\n   The list of payments with the button Reverse at the top\n2." in body
    )
    assert (
        "   1. Enter the reversal date.\n   2. Enter a reason, for example \\*wrong invoice\\*.\n3. Confirm.\n" in body
    )
    assert "\n\n4. Apply the payment to the right invoice.\n" in body
    assert "- You need the permission `AR_REVERSE`:\n  - granted by an administrator,\n  - valid from" in body
    assert "| **Account** | **Debit** | **Credit** |\n| --- | --- | --- |\n| Receivables | 100.00 |  |\n" in body
    assert "| Unapplied \\| cash |" in body
    assert '```json\n{\n  "state": "reversed",\n  "reversal_date": "2026-08-21"\n}\n```' in body
    link = "https://help.northfield.example/hc/en-us/articles/360012345670-Apply-a-payment"
    assert f"[Apply a customer payment]({link})" in body


def test_a_result_links_to_the_heading_or_to_the_nearest_one_before_that_can_be_linked() -> None:
    found = [(passage.heading, passage.anchor) for passage in passages(load("guide_centre.html"))]
    assert found == [
        ("", ""),
        ("", ""),
        ("Before you start", "h_01HBZ7Q0A1"),
        ("Steps", "h_01HBZ7Q0A2"),
        ("What is posted", "h_01HBZ7Q0A2"),
    ]


def test_a_page_of_a_documentation_generator_keeps_its_anchors_code_and_notes() -> None:
    article = load("docs_generator.html")
    assert (article.id, article.language) == ("docs.bank.bankauszug-importieren", "de")
    assert (article.title, article.updated) == ("Bankauszug importieren", date(2026, 5, 3))
    assert "## Voraussetzungen {#voraussetzungen}\n\nHinweis\n\nDas Konto muss freigeschaltet sein." in article.body
    assert (
        "   ```bash\n   nordlicht import --format camt053\n     auszug_2026_05.xml\n   ```\n3. Prüfen" in article.body
    )
    assert "### Über CSV {#über-csv}" in article.body
    assert "| `datum` | ja |" in article.body
    assert "Welche Trennzeichen gehen?\n\nSemikolon und Komma." in article.body


def test_a_plain_manual_gives_its_audience_and_the_anchors_around_inside_and_before_its_headings() -> None:
    article = load("plain_manual.html")
    assert (article.language, article.title, article.audience) == ("fr", "Clôturer un exercice", "administrators")
    assert (article.updated, article.url, article.id) == (date(2026, 1, 19), "", "file")
    headings = [line for line in article.body.splitlines() if line.startswith("#")]
    assert headings == [
        "# Clôturer un exercice {#cloturer-un-exercice}",
        "## Préparation {#avant-cloture}",
        "## Étapes {#etapes}",
        "### Annulation {#annulation}",
        "### Remarques",
    ]
    assert "Lettrage\n\nToutes les factures payées sont lettrées." in article.body
    assert "   ```console\n   $ garonne cloture --exercice 2025\n   Exercice 2025 clos\n   ```" in article.body


def test_on_a_page_without_any_landmarks_the_article_is_where_the_running_text_is() -> None:
    article = load("bare_page.html")
    assert article.title == "Anular una factura"
    assert article.body.startswith("# Anular una factura\n\nUna factura contabilizada no se borra")
    assert article.body.endswith("envíe la factura rectificativa por correo.")
    assert "1. Abra la factura en **Ventas > Facturas**.\n2. Elija *Anular* y escriba el motivo.\n3." in article.body


def test_broken_markup_is_mended_as_browsers_do() -> None:
    body = load("broken_page.html", fallback_language="en").body
    assert "Load the check stock **face up**" in body
    assert "## When the paper jams {#jam}\n\nOpen the tray & pull. 5 \\< 6 pages are enough." in body
    assert "| Tray | Paper |\n| 1 | Checks |" in body


def test_a_page_that_is_not_utf_8_is_read_in_the_charset_its_head_names() -> None:
    article = load("latin1_page.html")
    assert article.title == "Übergabe an die Prüfer"
    assert "Außenprüfung" in article.body


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("", "is empty"),
        (" \n ", "is empty"),
        ('{"articles": []}', "no tag"),
        ("Just a sentence.", "no tag"),
        (page("<p>Text</p>", head=""), "lacks a title"),
        (page("<nav><a href=x>Home</a></nav><script>x()</script>"), "no text"),
        (page("<main></main>"), "no text"),
        (page("<p>Ciao a tutti</p>").replace('"en"', '"it"'), "unknown language 'it'"),
        ("<title>Title</title><p>Which language is this?</p>", "does not say its language"),
        (page("<p>" + "word " * 1_000_000), f"{MAX_BODY_CHARACTERS:,} at most"),
        (page("<p>x</p>" + " " * MAX_HTML_CHARACTERS), f"{MAX_HTML_CHARACTERS:,} at most"),
        (page("<div>" * 100_000 + "x"), "nested 100,002 deep; 512 at most"),
    ],
)
def test_what_cannot_become_an_article_says_why(html: str, reason: str) -> None:
    with pytest.raises(UnusableArticle, match=reason):
        read(html)


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 400 + "Deep inside",
        "<ul><li>" * 200 + "Deep inside",
        "<blockquote>" * 400 + "Deep inside",
        "<table><tr><td>" * 120 + "Deep inside",
        "<b>" * 400 + "Deep inside",
        "<script>" + "if (a < b) <b>" * 2_000 + "</script><p>Deep inside</p>",
        "<svg>" + "<path/>" * 2_000 + "</svg><p>Deep inside</p>",
    ],
)
def test_a_page_may_be_nested_as_deeply_as_browsers_allow(body: str) -> None:
    assert "Deep inside" in read(page(body)).body


def test_an_article_may_be_only_a_table() -> None:
    table = (
        "<table><tr><th>Code</th><th>Meaning</th></tr><tr><td>GW-0011</td><td>The bank did not answer</td></tr></table>"
    )
    assert [p.text for p in passages(read(page(table)))][1:] == ["Code | Meaning\nGW-0011 | The bank did not answer"]


def test_an_article_may_be_only_code() -> None:
    assert passages(read(page("<pre>select 1\nfrom dual</pre>")))[1].text == "select 1\nfrom dual"


def test_sections_named_like_parts_of_a_site_stay_when_they_are_of_the_article() -> None:
    sections = "".join(
        f'<section id="{name}"><h2>{name}</h2><p>All about {name}.</p></section>'
        for name in ("sharing", "comments", "cookies", "navigation", "search")
    )
    found = [passage.anchor for passage in passages(read(page(f"<main><h1>Title</h1>{sections}</main>")))]
    assert found == ["", "sharing", "comments", "cookies", "navigation", "search"]


def test_a_form_or_sidebar_that_holds_the_whole_page_is_the_page() -> None:
    article = (
        '<div class="with-sidebar"><form id="aspnetForm"><h1>Title</h1><p>The whole text is here.</p></form></div>'
    )
    assert read(page(article)).body == "# Title\n\nThe whole text is here."


def test_asides_that_are_notes_stay_and_other_asides_go() -> None:
    body = read(page('<p>The text.</p><aside class="callout tip">Mind this.</aside><aside>Our webinar!</aside>')).body
    assert body == "# Title\n\nThe text.\n\nMind this."


@pytest.mark.parametrize(
    "question",
    [
        "Was this article helpful?",
        "Did this answer your question?",
        "War dieser Artikel hilfreich?",
        "Hat Ihnen diese Seite geholfen?",
        "¿Te resultó útil este artículo?",
        "¿Fue útil?",
        "Cet article vous a-t-il été utile\u00a0?",
        "Avez-vous trouvé cet article utile ?",
    ],
)
def test_the_question_whether_it_helped_goes_with_its_buttons(question: str) -> None:
    block = f"<div><h3>{question}</h3><div><span>A</span> <span>B</span></div></div>"
    assert read(page(f"<h1>Title</h1><p>Open the list of payments and choose one.</p>{block}")).body == (
        "# Title\n\nOpen the list of payments and choose one."
    )


def test_a_teaser_is_not_taken_for_the_article() -> None:
    teaser = "<article><h2>Webinar</h2><p>Join us.</p></article>"
    body = read(page(f"<main><h1>Title</h1><p>{'The long text of the article. ' * 9}</p>{teaser}</main>")).body
    assert "The long text of the article." in body


def test_headings_of_a_page_elsewhere_without_anchor_say_so_and_those_the_desk_shows_get_one() -> None:
    html = page("<main><h1>Title</h1><h2>Steps</h2><p>Do it.</p></main>")
    elsewhere, here = read(html, "https://help.example/a/b"), read(html)
    assert ("## Steps {#}" in elsewhere.body, "## Steps\n" in here.body) == (True, True)
    assert elsewhere.link(passages(elsewhere)[1].anchor) == "https://help.example/a/b"
    assert here.link(passages(here)[1].anchor) == "/articles/en/file#steps"


def test_a_piece_of_html_becomes_a_body_under_its_title() -> None:
    assert body_from_html("<h1>Before</h1><p>Text</p>", title="1. All *new*", url="https://help.example/1") == (
        "# 1\\. All \\*new\\*\n\n# Before {#}\n\nText"
    )


@pytest.mark.parametrize(("markup", "body"), [("Only words", "# T\n\nOnly words"), ("<p> </p>", ""), ("", "")])
def test_a_piece_of_html_may_have_no_tags_or_no_text(markup: str, body: str) -> None:
    assert body_from_html(markup, title="T") == body
