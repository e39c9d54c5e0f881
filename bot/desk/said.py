"""What a user did in a turn of a form: an answer, a command, or a question of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.locales import Catalogue

# A message that long is an answer, whatever intent was recognised in it.
SHORT_MESSAGE_WORDS = 12
COMMAND_WORDS = 8
CONFIDENT = 0.5
# Questions that are answered in the middle of the form, which then goes on.
DIGRESSIONS = frozenset(
    [
        "ask_contact",
        "ask_authorization",
        "ask_support_scope",
        "ask_response_time",
        "ask_case_process",
        "ask_maintenance",
        "ask_self_service",
        "ask_partner_support",
        "contact_account_manager",
        "talk_to_human",
        "help",
        "bot_challenge",
        "change_language",
        "check_case_status",
        "request_access_change",
    ]
)
SMALL_TALK = frozenset({"greet", "thank"})


@dataclass(frozen=True)
class Said:
    """What the user did in this turn."""

    text: str
    intent: str | None
    confidence: float
    choice: str | None = None  # the value of a tapped button
    answers: Mapping[str, Any] | None = None  # a form filled in at once
    plausible: bool = True  # False: keys that were hit at random

    @property
    def words(self) -> int:
        return len(self.text.split())

    def means(self, *intents: str) -> bool:
        """A tap, or a short message that was confidently recognised."""
        if self.intent not in intents:
            return False
        return self.choice is not None or (self.words <= COMMAND_WORDS and self.confidence >= CONFIDENT)

    def cancels(self, catalogue: Catalogue) -> bool:
        """A tap on cancel, or words for it and next to nothing else: "that I can cancel it" is an answer."""
        if self.choice is not None:
            return self.choice == "cancel"
        return self.words <= COMMAND_WORDS and any(
            c.is_only("cancel_words", "cancel_fillers", self.text) for c in catalogue.in_all_languages()
        )

    def asks_why(self, catalogue: Catalogue) -> bool:
        """Whether somebody wants to know why they are asked, and says nothing else."""
        return self._is_only("why_words", "why_fillers", catalogue)

    def does_not_know(self, catalogue: Catalogue) -> bool:
        """Whether somebody has no answer, and says nothing else."""
        return self._is_only("unknown_words", "unknown_fillers", catalogue)

    def is_done(self, catalogue: Catalogue) -> bool:
        """Whether somebody has nothing to add, and says nothing else."""
        return self._is_only("done_words", "done_fillers", catalogue)

    def mentions(self, group: str, catalogue: Catalogue) -> bool:
        """Whether the text holds an expression of that group of the vocabulary, in any of the four languages."""
        return any(c.mentions(group, self.text) for c in catalogue.in_all_languages())

    def _is_only(self, group: str, fillers: str, catalogue: Catalogue) -> bool:
        if self.choice is not None or self.words > SHORT_MESSAGE_WORDS:
            return False
        return any(c.is_only(group, fillers, self.text) for c in catalogue.in_all_languages())

    def digresses(self, catalogue: Catalogue, *, from_text: bool) -> bool:
        """Whether this is a question or a wish of its own instead of an answer.

        from_text: the field takes any text. Then only what is worded as a question or a request interrupts: answers
        such as "12 people in London" look like questions about hours to the classifier.
        """
        if self.choice is not None:
            return self.intent in DIGRESSIONS
        if self.words > SHORT_MESSAGE_WORDS or self.confidence < CONFIDENT:
            return False
        if not from_text:
            return self.intent in DIGRESSIONS | SMALL_TALK
        if self.intent == "change_language":
            return True
        asks = "?" in self.text or self.mentions("request_words", catalogue)
        return self.intent in DIGRESSIONS and asks
