"""What the dialogue does: one module per flow. Each action reads slots, calls a desk service, utters, returns events."""

from actions.registry import all_actions
from actions.services import Services

__all__ = ["Services", "all_actions"]
