"""A judge learns from few examples, says how sure it is, and is not surer of what it was taught twice."""

from __future__ import annotations

import pytest

from bot.desk.described import Described
from bot.desk.judge import Judge

SLOW = ["the page is slow", "saving takes forever", "reports load slowly", "the screen hangs for minutes"]
LOCKED = ["i cannot log in", "my password is refused", "my account is locked", "the login page rejects me"]


def judge(described: Described, groups: list[int]) -> Judge:
    texts, labels = SLOW + LOCKED, ["slow"] * len(SLOW) + ["locked"] * len(LOCKED)
    return Judge.fit(texts, described.vectors(texts), labels, groups)


def probabilities(judge: Judge, described: Described, text: str) -> dict[str, float]:
    return judge.probabilities(text, described.vectors([text])[0])


@pytest.mark.parametrize(
    ("text", "value"), [("everything is so slow today", "slow"), ("die Anmeldung lehnt mein Passwort ab", "locked")]
)
def test_a_text_gets_the_value_of_examples_that_mean_the_same(described: Described, text: str, value: str) -> None:
    found = probabilities(judge(described, list(range(8))), described, text)
    assert max(found, key=lambda name: found[name]) == value
    assert sum(found.values()) == pytest.approx(1, abs=1e-5)


def test_a_text_of_no_known_piece_is_judged_by_its_meaning_alone(described: Described) -> None:
    found = probabilities(judge(described, list(range(8))), described, "🙈")
    assert set(found) == {"slow", "locked"}
    assert all(0 < share < 1 for share in found.values())


def test_whoever_left_out_all_examples_of_a_value_together_trusts_none_of_them(described: Described) -> None:
    # Left out alone, an example is judged by its neighbours; left out with all of them, it cannot be judged rightly.
    alone, together = judge(described, list(range(8))), judge(described, [0] * 4 + [1] * 4)
    assert together.temperature < alone.temperature
