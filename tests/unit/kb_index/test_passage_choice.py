"""The passage of a found article that is shown: the nearest one, or the steps for who asks how it is done."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_index.passage_choice import is_how_to, procedure

TITLE = {"void", "check"}


@pytest.mark.parametrize(
    ("question", "how_to"),
    [
        ({"void": 1.0, "check": 1.0}, True),
        ({"void": 1.0, "printer": 1.0}, True),
        ({"void": 1.0, "printer": 1.1}, False),
        ({"void": 2.0, "printer": 0.5, "jam": 0.5}, True),
        ({"printer": 1.0}, False),
        ({}, False),
    ],
)
def test_who_asks_for_little_more_than_the_title_says_wants_to_know_how_it_is_done(
    question: dict[str, float], how_to: bool
) -> None:
    assert is_how_to(question, TITLE) is how_to


@given(st.dictionaries(st.sampled_from(["void", "check", "printer", "jam"]), st.floats(0.01, 10), min_size=1))
def test_how_much_all_words_weigh_makes_no_difference_and_no_title_asks_how(question: dict[str, float]) -> None:
    # Powers of two keep floating-point sums exact.
    assert is_how_to(question, TITLE) == is_how_to({word: 4 * weight for word, weight in question.items()}, TITLE)
    assert not is_how_to(question, frozenset())


@pytest.mark.parametrize(
    ("texts", "position"),
    [
        (["About checks.", "1. Open the register.\n2. Void the check."], 1),
        (["About checks.", "Do this:\n1. Open the register.", "1. Another way."], 1),
        (["About checks.", "Do this:\n  1. Open the register."], 1),
        (["2. Void the check.", "1. Open the register."], 1),
        (["About version 1. It is old.", "1.5 percent", "11. Eleventh", "1.\tstep"], None),
        ([], None),
    ],
)
def test_a_procedure_begins_where_a_line_is_the_first_step(texts: list[str], position: int | None) -> None:
    assert procedure(texts) == position
