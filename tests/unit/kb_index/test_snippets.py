from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_index.lexical import terms
from kb_index.snippets import ELLIPSIS, MAX_SNIPPET, shorten, snippet


def words(text: str) -> frozenset[str]:
    return frozenset(terms(text, "en"))


FILLER = "This sentence speaks about nothing in particular. "

STEPS = """1. Open the check register and filter by bank account and check number.
2. Compare payee, date and amount with the paper check.
3. Choose the void action.
4. Enter the void date and a reason, such as "lost in the mail".
5. Confirm. If the bill itself was wrong, reverse or correct it as well before anybody pays it again.
6. Mark the paper check "VOID" and file it."""

CAUSES = """- "The check has been reconciled": if the bank really paid it, do not void it; record a refund instead.
- "The period is closed": choose a void date in an open period, or ask a colleague who may reopen the old one for you.
- The void action is missing: your role lacks the permission, or the payment is still waiting for approval.
- The printer jammed: void the numbers that were spoiled and print the rest of the batch again."""


def test_a_short_passage_is_shown_whole() -> None:
    assert snippet("1. Open it.\n2. Close it.", words("close"), "en") == "1. Open it.\n2. Close it."


def test_the_sentence_with_the_questions_words_is_shown_wherever_it_stands() -> None:
    text = FILLER * 12 + "Voided checks keep their number. " + FILLER * 12
    shown = snippet(text, words("void a check number"), "en")
    assert shown.startswith("Voided checks keep their number.")
    assert len(shown) <= MAX_SNIPPET


def test_a_rare_word_counts_more_than_several_frequent_ones() -> None:
    text = "Payment bill vendor. " + FILLER * 8 + "The escheat ledger."
    question = words("payment bill vendor escheat")
    common = {word: 0.1 for word in words("payment bill vendor")}
    assert snippet(text, question, "en", 60).startswith("Payment bill vendor.")
    assert snippet(text, question, "en", 60, weights=common).endswith("The escheat ledger.")


def test_a_sentence_that_only_repeats_the_title_gives_way_to_one_that_says_more() -> None:
    text = "You can void a printed check. " + FILLER * 8 + "Jammed paper leaves two numbers."
    question = words("void printed check jammed")
    assert snippet(text, question, "en", 60).startswith("You can void a printed check.")
    assert snippet(text, question, "en", 60, topic=words("Void a printed check")).endswith("leaves two numbers.")


def test_of_two_sentences_with_the_same_words_the_one_that_has_them_together_is_shown() -> None:
    apart = "The date is shown once somebody who is allowed to see it has opened the void. "
    text = apart + FILLER * 8 + "Enter the void date."
    assert snippet(text, words("void date"), "en", 80).endswith("Enter the void date.")


def test_steps_are_kept_whole_with_their_numbers() -> None:
    text = "\n".join(f"{n}. Step number {n} tells what has to be done in this place." for n in range(1, 15))
    *lines, end = snippet(text, words("step"), "en").splitlines()
    assert lines == text.splitlines()[: len(lines)]
    assert end == ELLIPSIS, "the procedure goes on"
    assert len(lines) > 2


def test_a_question_for_the_whole_procedure_gets_its_first_steps() -> None:
    shown = snippet(STEPS, words("how to void a check"), "en", topic=words("Void a printed check Steps"))
    assert shown.splitlines() == [*STEPS.splitlines()[:4], ELLIPSIS]


def test_a_question_for_one_step_gets_that_step_with_its_number() -> None:
    shown = snippet(STEPS, words("bill was wrong, correct it?"), "en", 120, topic=words("Void a printed check"))
    assert shown.startswith(f"{ELLIPSIS}\n5. Confirm. If the bill itself was wrong")


def test_one_word_out_of_many_does_not_make_a_single_step_the_answer() -> None:
    question = words("cheque went astray, supplier phoned, want money back, mark urgent")
    assert snippet(STEPS, question, "en").startswith("1. Open the check register")


def test_a_procedure_begins_with_what_introduces_it() -> None:
    text = FILLER * 6 + "\nAsk the bank first. Then do this:\n" + STEPS
    shown = snippet(text, words("void check"), "en", topic=words("Void a check"))
    assert shown.startswith("Then do this:\n1. Open the check register")


def test_two_answers_that_stand_apart_are_shown_with_an_ellipsis_between_them() -> None:
    shown = snippet(CAUSES, words("reconciled, or has the printer jammed"), "en")
    first, *_, last = CAUSES.splitlines()
    assert shown == f"{first}\n{ELLIPSIS}\n{last}"


def test_at_most_one_place_is_left_out() -> None:
    text = " ".join(f"{name} comes here. {FILLER * 2}" for name in ("Alpha", "Beta", "Gamma", "Delta"))
    shown = snippet(text, words("alpha beta gamma delta"), "en", 100)
    assert shown.count(ELLIPSIS) == 1


def test_without_a_shared_word_the_beginning_is_shown() -> None:
    text = "First. " + FILLER * 20
    assert snippet(text, words("zebra"), "en").startswith("First. This sentence")


def test_what_is_near_in_meaning_is_shown_without_a_shared_word() -> None:
    def nearness(texts: Sequence[str]) -> list[float]:
        return [0.9 if "approval" in text else 0.1 for text in texts]

    shown = snippet(CAUSES, words("my boss is on leave"), "en", 120, nearness=nearness)
    assert shown == f"{CAUSES.splitlines()[2]}\n{ELLIPSIS}"


@pytest.mark.parametrize(
    "pointer",
    [
        "See also case states.",
        "For more information, see Case states.",
        "See case states.",
        "Siehe auch Fallstatus.",
        "Weitere Informationen finden Sie unter Fallstatus.",
        "Consulte también estados de un caso.",
        "Para obtener más información, consulte Estados.",
        "Voir aussi les états.",
        "Pour en savoir plus, consultez les états.",
        "- See also case states.",
    ],
)
def test_a_reference_to_another_article_does_not_end_a_snippet(pointer: str) -> None:
    assert snippet(f"The case closes after 9 days.\n{pointer}", words("case"), "en") == "The case closes after 9 days."
    assert snippet(pointer, words("case"), "en") == pointer


def test_a_sentence_that_begins_like_a_reference_but_tells_something_stays() -> None:
    told = "See which of the lines has no vendor, because that one was posted by hand in the past."
    assert snippet(f"Open it.\n{told}", frozenset(), "en").endswith(told)


@pytest.mark.parametrize("rest", ["Note", "Related topics", "Sample content."])
def test_a_label_or_a_few_last_words_do_not_end_a_snippet(rest: str) -> None:
    assert snippet(f"The case closes after 9 days.\n{rest}", words("case"), "en") == "The case closes after 9 days."


def test_a_table_row_stays_one_line_and_comes_with_the_head_of_its_table() -> None:
    rows = [f"Plan number {n} | answers within {n} hours on every working day" for n in range(1, 12)]
    text = "\n".join(["Name | First answer", *rows, "Platinum | answers at once"])
    shown = snippet(text, words("platinum"), "en", 100).splitlines()
    assert (shown[0], shown[-1]) == ("Name | First answer", "Platinum | answers at once")
    assert set(shown) <= {*text.splitlines(), ELLIPSIS}


def test_code_is_shown_as_it_is() -> None:
    code = "curl -s $BASE/api/contact {\n  region. Of;\n}"
    assert snippet(f"{FILLER * 7}Call this:\n{code}", words("curl region contact"), "en").endswith(code)


def test_the_sentence_of_a_long_step_comes_with_the_beginning_of_the_step() -> None:
    text = "2. Choose the vendor. " + FILLER * 8 + "An escheated check needs a form. " + FILLER
    shown = snippet(text, words("escheated form"), "en", 120)
    assert shown == f"{ELLIPSIS}\n2. Choose the vendor. {ELLIPSIS} An escheated check needs a form. {FILLER.strip()}"


def test_a_long_sentence_ends_between_words_with_an_ellipsis() -> None:
    text = "word " * 100
    shown = snippet(text, words("word"), "en")
    assert shown.endswith("word…")
    assert len(shown) <= MAX_SNIPPET


def test_one_endless_word_is_cut_because_there_is_no_other_way() -> None:
    assert shorten("x" * 1000, 300) == "x" * 299 + "…"


_WORD = st.sampled_from(["void", "check", "Open", "period.", "See", "also", "No.", "3.", "é", "Note:", "z.", "B.", "|"])
_LINE = st.lists(_WORD, min_size=1, max_size=25).map(" ".join)
_MARKER = st.sampled_from(["", "", "1. ", "2. ", "3. ", "- ", "  - "])


@st.composite
def passages(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A passage, and those of its lines that continue a list item."""
    lines: list[str] = []
    continuations: list[str] = []
    for number, (marker, line) in enumerate(draw(st.lists(st.tuples(_MARKER, _LINE), min_size=1, max_size=14))):
        lines.append(f"{marker}{line} end{number}.")
        if marker and draw(st.booleans()):
            continuations.append(f"more{number} {line}.")
            lines.append(f"    {continuations[-1]}")
    return "\n".join(lines), continuations


@given(passages(), st.integers(20, 300), st.sampled_from(["en", "es", "fr", "de"]), st.booleans())
def test_a_snippet_is_made_of_whole_words_in_their_order_and_begins_where_something_begins(
    passage: tuple[str, list[str]], limit: int, language: str, about_topic: bool
) -> None:
    text, continuations = passage
    asked = frozenset(terms("void check period", language))
    shown = snippet(text, asked, language, limit, topic=asked if about_topic else frozenset())
    assert 0 < len(shown) <= limit
    left = iter(text.split())
    assert all(any(word in (other, other.rstrip(",;:")) for other in left) for word in shown.replace("…", " ").split())
    assert not any(shown.startswith(line.split()[0]) for line in continuations)


@given(st.text(alphabet="abc .\n1-|:", max_size=900), st.integers(20, 300))
def test_it_is_never_longer_than_the_limit_and_never_ends_inside_a_word(text: str, limit: int) -> None:
    shown = snippet(text, words("abc"), "en", limit)
    assert len(shown) <= limit
    assert bool(shown) == bool(text.strip())
    for part in re.split(rf"\s*{ELLIPSIS}\s*", shown.removesuffix(ELLIPSIS)):
        assert part in text
        if len(part.split()) > 1:
            assert re.search(re.escape(part) + r"(?:$|[ \n,;:])", text)


def test_a_procedure_that_is_shown_to_its_end_or_from_its_beginning_has_no_open_end_there() -> None:
    steps = [f"{n}. Step number {n} tells what has to be done." for n in range(1, 5)]
    text = "\n".join(steps)
    last = snippet(text, words("4 number"), "en", 60)
    assert last == f"{ELLIPSIS}\n{steps[3]}"
    assert snippet(text, words("1"), "en", 60) == f"{steps[0]}\n{ELLIPSIS}"


def test_an_open_end_is_not_marked_where_the_mark_would_not_fit() -> None:
    steps = [f"{n}. Step number {n} tells what has to be done." for n in range(1, 5)]
    for limit in range(len(steps[1]), len(steps[1]) + 6):
        shown = snippet("\n".join(steps), words("2"), "en", limit)
        assert len(shown) <= limit
        assert steps[1] in shown


def test_who_asks_how_is_shown_the_procedure_from_its_first_step_whatever_words_they_share_with_a_later_one() -> None:
    question = words("bill was wrong, correct it?")
    assert snippet(STEPS, question, "en", 120, from_first_step=True).startswith("1. Open the check register")
