"""Yes and no mean what the bot said last."""

from __future__ import annotations

from typing import Any

from actions.case_form import start_case
from actions.cases import close_now, escalate_now, reopen_now
from actions.knowledge import case_wanted, rejected, solved
from actions.people import with_person
from actions.turn import DeskAction, Turn
from bot.desk.directory import Person

CASE_OFFERED = {
    "utter_kb_no_results",
    "utter_kb_no_more",
    "utter_human",
    "utter_account_manager",
    "utter_reopen_too_late",
    "utter_no_cases",
    "utter_second_problem",
}
ABOUT_A_CASE = {"utter_escalate_first", "utter_close_confirm", "utter_reopen_confirm"}
ASKED = {
    "utter_erase_confirm",
    "utter_thanks",
    "utter_anything_else",
    "utter_kb_solved",
    "utter_case_opened",
    "utter_case_cancelled",
}


class Affirm(DeskAction):
    action_name = "action_affirm"

    async def act(self, turn: Turn) -> dict[str, Any]:
        last = turn.last_response
        if last == "utter_kb_results" or turn.choice == "solved":
            await solved(turn)
        elif last in CASE_OFFERED:
            await case_wanted(turn)
            return await with_person(turn, start_case)
        elif last == "utter_escalate_first":
            return await with_person(turn, escalate_now)
        elif last in ("utter_close_confirm", "utter_reopen_confirm"):
            return await with_person(turn, _close if last == "utter_close_confirm" else _reopen)
        elif last == "utter_erase_confirm":
            await turn.services.privacy.erase_conversation(turn.conversation_id)
            turn.utter("utter_data_erased")
        else:
            turn.utter("utter_anything_else")
        return {"next_step": "none"}


async def _close(turn: Turn, person: Person) -> dict[str, Any]:
    await close_now(turn, person, str(turn.slot("case_number")))
    return {}


async def _reopen(turn: Turn, person: Person) -> dict[str, Any]:
    await reopen_now(turn, person, str(turn.slot("case_number")))
    return {}


class Deny(DeskAction):
    action_name = "action_deny"

    async def act(self, turn: Turn) -> dict[str, Any]:
        last = turn.last_response
        if last == "utter_kb_results":
            await rejected(turn)
            turn.utter("utter_kb_not_helpful")
        elif last == "utter_kb_not_helpful":
            turn.utter("utter_kb_no_more")
        elif last in ABOUT_A_CASE:
            turn.utter("utter_anything_else")
            return {"next_step": "none", "case_number": None}  # that was not the case that is meant
        elif last in CASE_OFFERED | ASKED:
            turn.utter("utter_anything_else")
        else:  # "it doesn't work", and what does not was not told yet
            turn.utter("utter_kb_ask_question")
        return {"next_step": "none"}
