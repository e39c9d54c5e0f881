from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_index.steps import Piece, pieces_of, sentences_of


def shown(text: str, language: str = "en", longest_item: int = 300) -> list[str]:
    return [piece.text.strip() for piece in pieces_of(text, language, longest_item)]


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ["Fees, e.g. those of No. 5, are due.", "See fig. 2 of guide.pdf.", "Then pay 3.5 percent."]),
        ("en", ["Ask Dr. Smith or J. Brown.", "No.", "You cannot do it at 5 p.m. Eastern time."]),
        ("es", ["Use p. ej. 3.5 o el n.º 4.", "Vea la pág. 3 del archivo datos.csv.", "Pregunte al Sr. López."]),
        ("es", ["¿No funciona?", "«El periodo está cerrado.»", "¡Ábralo!", "Vale para EE. UU. también."]),
        ("fr", ["Voir l’art. 3.", "« Attention ! »", "Et après ?", "M. Dupont signe le fichier export.csv."]),
        ("de", ["Kosten, z. B. Gebühren, ca. 3,5 Prozent.", "Nach Abs. 2 vom 3. März gilt Nr. 5.", "Danach nicht."]),
        ("de", ["Das sind d. h. zwei, bzw. Drei.", "Die 2. Mahnstufe folgt.", "Ihre USt-IdNr. Fehlt."]),
        ("en", ["Choose Browse... and wait… for it.", "Wait...", "Then go on."]),
        ("en", ["It was paid on Nov. 3 by Acme Inc. in full.", "It must be done in min.", "Fine."]),
        ("fr", ["Le 12 févr. 2026 à 9 h 00, l’envoi cesse.", "C’est tout."]),
        ("en", ["He said “Stop.”", "(Then he left.)", "3 people stayed."]),
    ],
)
def test_a_line_is_cut_between_sentences_and_nowhere_else(language: str, sentences: list[str]) -> None:
    assert [sentence.strip() for sentence in sentences_of(" ".join(sentences), language)] == sentences


def test_a_list_marker_without_its_text_is_no_sentence() -> None:
    assert sentences_of("1. Open the register", "en") == ["1. Open the register"]


@pytest.mark.parametrize("code", ["if (x) { Run. Stop. }", "Total := A. B;", "Save.All(). Then"])
def test_code_is_not_cut(code: str) -> None:
    assert sentences_of(code, "en") == [code]


def test_a_step_keeps_its_number_and_all_its_sentences() -> None:
    first, second = pieces_of("1. Open it. Wait.\n2. Close it.", "en", 300)
    assert (first.text, first.number, first.is_item) == ("1. Open it. Wait.\n", 1, True)
    assert (second.text, second.number, second.is_item) == ("2. Close it.", 2, True)


def test_a_list_begins_with_what_introduces_it() -> None:
    assert shown("It depends. On production:\n- P1: all.\n- P2: some.") == [
        "It depends.",
        "On production:\n- P1: all.",
        "- P2: some.",
    ]


def test_a_label_goes_with_what_it_stands_above() -> None:
    assert shown("Dunning run\n1. Choose the date.\nNote\nTake care. Or not.") == [
        "Dunning run\n1. Choose the date.",
        "Note\nTake care.",
        "Or not.",
    ]


def test_a_label_with_nothing_below_it_is_known_as_one() -> None:
    assert [piece.is_label for piece in pieces_of("Take care.\nRelated topics", "en", 300)] == [False, True]


def test_lines_that_belong_to_an_item_stay_with_it() -> None:
    assert shown("- one\n  and more.\n- two") == ["- one\n  and more.", "- two"]


def test_a_paragraph_between_two_steps_in_sequence_belongs_to_the_first_one() -> None:
    assert shown("1. Open it.\nThe list appears.\n2. Close it.\nThat is all.") == [
        "1. Open it.\nThe list appears.",
        "2. Close it.",
        "That is all.",
    ]


def test_a_paragraph_below_a_bullet_that_is_a_mere_name_explains_it() -> None:
    assert shown("- Views\nThey show less.\n- Filters\nThey hide rows.") == [
        "- Views\nThey show less.",
        "- Filters",
        "They hide rows.",
    ]


def test_a_paragraph_between_two_lists_stands_alone() -> None:
    assert shown("- One is wrong.\nCorrect it there.\n- Another is missing.") == [
        "- One is wrong.",
        "Correct it there.",
        "- Another is missing.",
    ]


def test_nested_items_name_the_item_they_are_in() -> None:
    pieces = pieces_of("1. Choose:\n  - this\n    - or that\n  - or those\n2. Go on.", "en", 300)
    assert [piece.parent for piece in pieces] == [None, 0, 1, 0, None]


def test_an_item_that_is_too_long_is_cut_into_sentences_that_name_it() -> None:
    pieces = pieces_of("1. Open it. Wait for it.\n2. Close it.", "en", 20)
    assert [(piece.text.strip(), piece.parent) for piece in pieces] == [
        ("1. Open it.", None),
        ("Wait for it.", 0),
        ("2. Close it.", None),
    ]


def test_a_table_row_is_one_piece_and_names_the_head_of_its_table() -> None:
    pieces = pieces_of("Plan | Hours. Days\nGold | 4. Or less\nBronze | 8\nThat is all.", "en", 300)
    assert [piece.parent for piece in pieces] == [None, 0, 0, None]


words = st.text(alphabet="abB1.-: \n|é«", max_size=300)


@given(words, st.sampled_from(["en", "es", "fr", "de"]), st.integers(1, 300))
def test_no_character_of_a_passage_is_lost_or_moved(text: str, language: str, longest_item: int) -> None:
    pieces: list[Piece] = pieces_of(text, language, longest_item)
    assert "".join(piece.text for piece in pieces) == text
    assert all(piece.parent is None or piece.parent < place for place, piece in enumerate(pieces))
