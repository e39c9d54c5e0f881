"""Work that support does not do is told apart from defects in the same area, in four languages, precision first."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.desk.described import IN_SCOPE, SCOPE, SUMMARIES, Described, ExamplesError
from bot.desk.scope import Scope
from bot.locales import LANGUAGES
from bot.policy.policy import load_policy
from kb_index.encoder import Encoder
from tests.benchmarks.choices import PRECISION, held_out_requests

POLICY = load_policy()
LEAST_RECALL, LEAST_RIGHT_TOPICS = 0.7, 0.85


@pytest.fixture(scope="module")
def scope(described: Described) -> Scope:
    return Scope(described, POLICY)


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_unseen_requests_few_are_missed_and_hardly_any_is_refused_wrongly(scope: Scope, language: str) -> None:
    rows = [row for row in held_out_requests() if row.language == language]
    judged = [(row.names[0], scope.out_of_scope_topic(row.text)) for row in rows]
    said = [(expected, topic) for expected, topic in judged if topic is not None]
    right = [(expected, topic) for expected, topic in said if expected != IN_SCOPE]
    assert len(right) / len(said) >= PRECISION
    assert len(right) / sum(expected != IN_SCOPE for expected, _ in judged) >= LEAST_RECALL
    assert sum(expected == topic for expected, topic in right) / len(right) >= LEAST_RIGHT_TOPICS


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("please build us a report that lists sales by region", "reports"),
        ("der Bericht zeigt falsche Summen", None),
        ("¿pueden hacernos la conciliación bancaria?", "reconciliation_services"),
        ("la page du rapprochement bancaire plante", None),
        ("", None),
        ("hello", None),
        ("🙈", None),
    ],
)
def test_a_request_to_do_the_work_is_told_from_a_defect(scope: Scope, text: str, topic: str | None) -> None:
    assert scope.out_of_scope_topic(text) == topic


def test_every_topic_of_the_policy_can_be_found(scope: Scope) -> None:
    found = {scope.out_of_scope_topic(row.text) for row in held_out_requests()}
    assert found == {*POLICY.support_scope.out_of_scope, None}


def test_a_policy_with_a_topic_that_nobody_described_is_refused(
    tmp_path: Path, encoder: Encoder, described: Described
) -> None:
    for name in (SCOPE, SUMMARIES):
        text = (described.folder / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace("  training:", "  lessons:"), encoding="utf-8")
    with pytest.raises(ExamplesError, match="unknown value 'lessons'; expected one of implementation"):
        Scope(Described(encoder, tmp_path), POLICY).check()
