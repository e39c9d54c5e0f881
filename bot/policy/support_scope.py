"""Says whether support does something at all (policy: "What support does with a case")."""

from bot.policy.errors import UnknownNameError
from bot.policy.policy import Policy


def is_out_of_scope(policy: Policy, topic: str) -> bool:
    """Whether `topic` is one that support does not do, apart from steps that are documented in the Help Center.

    Raises UnknownNameError for a topic that the policy has in neither of its lists: it does not say.
    """
    scope = policy.support_scope
    if topic in scope.out_of_scope:
        return True
    if topic in scope.in_scope:
        return False
    raise UnknownNameError("topic", topic, (*scope.in_scope, *scope.out_of_scope))
