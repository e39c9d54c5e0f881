"""Yes and no mean what the bot said last."""

from __future__ import annotations

from typing import Any

from actions.case_form import start_case
from actions.cases import escalate_now
from actions.people import with_person
from actions.turn import DeskAction, Turn

CASE_OFFERED = {
    "utter_kb_no_results",
    "utter_kb_no_more",
    "utter_human",
    "utter_account_manager",
    "utter_reopen_too_late",
    "utter_no_cases",
}


class Affirm(DeskAction):
    action_name = "action_affirm"

    async def act(self, turn: Turn) -> dict[str, Any]:
        last = turn.last_response
        if last == "utter_kb_results" or turn.choice == "solved":
            await turn.services.knowledge.feedback(turn.conversation_id, "solved")
            turn.utter("utter_kb_solved")
        elif last in CASE_OFFERED:
            return await with_person(turn, start_case)
        elif last == "utter_escalate_first":
            return await with_person(turn, escalate_now)
        elif last == "utter_erase_confirm":
            await turn.services.privacy.erase_conversation(turn.conversation_id)
            turn.utter("utter_data_erased")
        else:
            turn.utter("utter_anything_else")
        return {"next_step": "none"}


class Deny(DeskAction):
    action_name = "action_deny"

    async def act(self, turn: Turn) -> dict[str, Any]:
        last = turn.last_response
        if last == "utter_kb_results":
            await turn.services.knowledge.feedback(turn.conversation_id, "rejected")
            turn.utter("utter_kb_not_helpful")
        elif last == "utter_kb_not_helpful":
            turn.utter("utter_kb_no_more")
        else:
            turn.utter("utter_anything_else")
        return {"next_step": "none"}
