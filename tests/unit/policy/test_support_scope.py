"""What support does and does not do."""

import pytest

from bot.policy.errors import UnknownNameError
from bot.policy.policy import Policy
from bot.policy.support_scope import is_out_of_scope


@pytest.mark.parametrize(
    "topic",
    [
        "implementation",
        "data_changes",
        "sso_rollout",
        "reports",
        "document_templates",
        "ach_formats",
        "reconciliation_services",
        "workflow_reviews",
        "training",
        "accounting_advice",
    ],
)
def test_services_are_out_of_scope(policy: Policy, topic: str) -> None:
    assert is_out_of_scope(policy, topic)


@pytest.mark.parametrize(
    "topic", ["system_problems", "product_behaviour", "engineering_involvement", "options_and_workarounds"]
)
def test_help_with_the_product_is_in_scope(policy: Policy, topic: str) -> None:
    assert not is_out_of_scope(policy, topic)


def test_the_lists_have_nothing_else_and_documented_steps_are_the_exception(policy: Policy) -> None:
    assert (len(policy.support_scope.in_scope), len(policy.support_scope.out_of_scope)) == (4, 10)
    assert policy.support_scope.documented_steps_are_supported


def test_a_topic_that_the_policy_does_not_mention_is_not_guessed(policy: Policy) -> None:
    with pytest.raises(UnknownNameError, match="unknown topic 'catering'; the policy knows: system_problems"):
        is_out_of_scope(policy, "catering")
