"""What the dialogue does: a module per flow. Actions read slots, call a desk service, utter, return events."""

from actions.registry import all_actions
from actions.services import Services

__all__ = ["Services", "all_actions"]
