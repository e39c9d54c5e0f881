"""Who is speaking: an e-mail address and a code sent there, then on with what was wanted."""

from __future__ import annotations

import re
from typing import Any

from actions.case_form import start_case
from actions.cases import close, escalate, reopen, show_cases, start_comment
from actions.people import cleared, with_person
from actions.turn import DeskAction, Turn
from bot.desk.identity import CodeLimit, CodeResult

_EMAIL = re.compile(r"[^\s<>@,;]+@[^\s<>@,;]+\.[^\s<>@,;]{2,}")
_CODE = re.compile(r"(?<!\d)(\d[\s-]?){6}(?!\d)")
REFUSAL_WORDS = 3


class ValidateVerify(DeskAction):
    """Takes the address, sends the code, checks the code; a short question is answered in between."""

    action_name = "validate_verify_form"

    async def act(self, turn: Turn) -> dict[str, Any]:
        requested = turn.slot("requested_slot")
        if not turn.is_fresh or requested not in ("email", "code"):
            if requested == "code":
                turn.utter("utter_verify_ask_code")
                return {"requested_slot": "code"}
            turn.utter("utter_verify_ask_email")
            return {"requested_slot": "email"}
        email = _EMAIL.search(turn.text)
        if email:  # while the code is asked for, too: another address
            return await _send(turn, email[0].strip(".").lower())
        refuses = turn.said.means("deny") and turn.said.words <= REFUSAL_WORDS
        if turn.said.cancels(turn.catalogue) or refuses:
            return _left("cancelled")
        if turn.said.choice is not None or turn.said.digresses(turn.catalogue, from_text=True):
            return {}
        if requested == "email":
            turn.utter("utter_invalid_email")
            return {"email": None, "requested_slot": "email"}
        return await _check(turn)


async def _send(turn: Turn, email: str) -> dict[str, Any]:
    identity = turn.services.identity
    try:
        await identity.send_code(turn.conversation_id, email, turn.language)
    except CodeLimit:
        turn.utter("utter_verify_locked")
        return _left("locked")
    minutes = round(identity.code_lifetime.total_seconds() / 60)
    turn.utter("utter_verify_code_sent", email=email, minutes=minutes)
    return {"email": email, "code": None, "requested_slot": "code"}


async def _check(turn: Turn) -> dict[str, Any]:
    code = _CODE.search(turn.text)
    if code is None:
        turn.utter("utter_verify_ask_code")
        return {"code": None, "requested_slot": "code"}
    digits = re.sub(r"\D", "", code[0])
    match await turn.services.identity.check_code(turn.conversation_id, digits):
        case CodeResult.RIGHT:
            return _left("right")
        case CodeResult.WRONG:
            turn.utter("utter_verify_code_wrong")
            return {"code": None, "requested_slot": "code"}
        case CodeResult.EXPIRED:
            turn.utter("utter_verify_code_expired")
            return {"code": None, "email": None, "requested_slot": "email"}
    turn.utter("utter_verify_locked")
    return _left("locked")


def _left(verification: str) -> dict[str, Any]:
    """Leaves the form; the code itself is never kept."""
    return {"verification": verification, "email": None, "code": None, "requested_slot": None}


FLOWS = {
    "open_case": start_case,
    "check_case_status": show_cases,
    "comment_on_case": start_comment,
    "escalate_case": escalate,
    "close_case": close,
    "reopen_case": reopen,
}


class AfterVerification(DeskAction):
    """Goes on with what was wanted, now that we know who is speaking."""

    action_name = "action_after_verification"

    async def act(self, turn: Turn) -> dict[str, Any]:
        outcome, pending = turn.slot("verification"), turn.slot("pending_intent") or {}
        done = cleared("email", "code", "verification", "pending_intent")
        if outcome != "right":
            if outcome == "cancelled":
                turn.utter("utter_verify_cancelled")
            return {"next_step": "none", **done}
        visitor = await turn.visitor()
        name = visitor.person.name if visitor.person else visitor.email
        turn.utter("utter_verified", name=name)
        earlier = turn.resumed(pending)
        flow = FLOWS.get(str(pending.get("intent")), start_case)
        return {**done, **await with_person(earlier, flow)}
