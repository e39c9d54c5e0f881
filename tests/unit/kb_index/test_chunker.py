from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_index.articles import Article
from kb_index.chunker import MAX_PASSAGE_TOKENS, passages_of, slug


def words(text: str) -> int:
    return len(text.split())


def article(body: str, **fields: str) -> Article:
    return Article("a", "en", fields.get("title", "Title"), fields.get("description", "About it."), body)


def test_the_first_passage_is_title_and_description() -> None:
    first = passages_of(article("Text"), words)[0]
    assert (first.heading, first.anchor, first.text, first.encoded) == ("", "", "About it.", "Title\nAbout it.")


def test_sections_carry_their_heading_path_and_anchor() -> None:
    body = "# Title\n\nIntro.\n\n## Steps & checks\n\nDo it.\n\n### On Mondays\n\nWait.\n\n## Später prüfen\n\nDone."
    found = [(p.heading, p.anchor, p.text) for p in passages_of(article(body), words)[1:]]
    assert found == [
        ("", "", "Intro."),
        ("Steps & checks", "steps--checks", "Do it."),
        ("Steps & checks > On Mondays", "on-mondays", "Wait."),
        ("Später prüfen", "später-prüfen", "Done."),
    ]


def test_title_and_heading_are_encoded_with_the_text() -> None:
    assert passages_of(article("## Steps\n\nDo it."), words)[1].encoded == "Title\nSteps\nDo it."


def test_numbered_steps_keep_their_numbers_and_nested_ones_their_indent() -> None:
    body = "## Steps\n\n3. Open it.\n4. Choose:\n   - this\n   - or **that**\n5. Close `it`.\n"
    assert passages_of(article(body), words)[1].text == "3. Open it.\n4. Choose:\n  - this\n  - or that\n5. Close it."


def test_a_list_of_links_is_no_passage_because_it_would_answer_for_other_articles() -> None:
    body = "Text.\n\n## See also\n\n- [Void a check](void.md)\n- [Close a period](close.md)\n"
    assert [p.text for p in passages_of(article(body), words)] == ["About it.", "Text."]


def test_links_in_running_text_leave_their_words() -> None:
    assert passages_of(article("Before that, read [how to void](void.md) it."), words)[1].text == (
        "Before that, read how to void it."
    )


def test_a_long_section_is_cut_into_passages_of_bounded_size_and_nothing_is_lost() -> None:
    body = "## Long\n\n" + "\n\n".join(f"Sentence {n} " + "word " * 30 + "end." for n in range(60))
    pieces = passages_of(article(body), words)[1:]
    assert all(words(piece.text) <= MAX_PASSAGE_TOKENS for piece in pieces)
    assert {piece.anchor for piece in pieces} == {"long"}
    kept = " ".join(piece.text for piece in pieces)
    assert all(f"Sentence {n} " in kept for n in range(60))


@pytest.mark.parametrize(
    ("headings", "slugs"),
    [
        (["Steps", "Steps", "Steps"], ["steps", "steps-1", "steps-2"]),
        (["What's new?", "A_b - c"], ["whats-new", "a_b---c"]),
        (["¿Cómo anular?"], ["cómo-anular"]),
    ],
)
def test_anchors_are_made_as_github_makes_them(headings: list[str], slugs: list[str]) -> None:
    taken: dict[str, int] = {}
    assert [slug(heading, taken) for heading in headings] == slugs


def test_an_anchor_written_behind_a_heading_is_used_and_is_no_part_of_its_text() -> None:
    body = (
        "# Title {#top}\n\nA.\n\n## Steps {#s-1}\n\nB.\n\n### Über {#_a_*b*}\n\nC.\n\nD {#no}\n\nSteps {#u}\n---\n\nE."
    )
    assert [(p.heading, p.anchor, p.text) for p in passages_of(article(body), words)[1:]] == [
        ("", "", "A."),
        ("Steps", "s-1", "B."),
        ("Steps > Über", "_a_*b*", "C.\nD {#no}"),
        ("Steps", "u", "E."),
    ]


def test_a_heading_that_cannot_be_linked_is_reached_by_the_one_before_it() -> None:
    body = "## First {#}\n\nA.\n\n## Second {#two}\n\nB.\n\n### Third {#}\n\nC.\n\n## Fourth\n\nD."
    assert [p.anchor for p in passages_of(article(body), words)[1:]] == ["", "two", "two", "fourth"]


def test_a_slug_is_not_given_out_when_another_heading_has_it_as_its_anchor() -> None:
    body = "## One {#steps}\n\nA.\n\n## Steps\n\nB."
    assert [p.anchor for p in passages_of(article(body), words)[1:]] == ["steps", "steps-1"]


@pytest.mark.parametrize("heading", ["Use {curly} brackets", "Set {#a b}", "Escaped \\{#a}", "{#a} first", "Price {#"])
def test_other_brackets_in_a_heading_are_text(heading: str) -> None:
    passage = passages_of(article(f"## {heading}\n\nA."), words)[1]
    assert passage.heading == heading.replace("\\", "")
    assert passage.anchor == slug(passage.heading, {})


@given(st.text(max_size=400))
def test_any_text_is_cut_without_an_error(body: str) -> None:
    for passage in passages_of(article(body), words):
        assert "\x00" not in passage.text
        assert len(passage.digest) == 32
