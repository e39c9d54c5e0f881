"""Existing cases: status, list, comment, escalation, closing and reopening, for people of the case's company only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from actions.case_texts import say_status, shortened
from actions.knowledge import solved
from actions.people import Flow, with_person
from actions.turn import DeskAction, Turn, button
from bot.desk.case_fields import CANCELLED, SKIPPED
from bot.desk.cases import CaseClosed, CaseNotFound, TooLateToReopen
from bot.desk.directory import Person
from bot.desk.said import CONFIDENT
from bot.policy.lifecycle import IllegalTransition
from bot.store.models import Case

# A number counts as a case's where it is as long as ours or stands beside a word for case (in the four languages).
_OUR_NUMBER = re.compile(r"(?<![\w.,-])(\d{6,12})(?![\w-])")
_NAMED_NUMBER = re.compile(
    r"(?:#|\b(?:case|ticket|caso|incidencia|dossier|cas|fall|supportfall)\b)"
    r"\W{0,3}(?:(?:number|no|nr|n|num|número|numero|numéro|nummer)\W{0,3})?(\d{3,12})(?![\w-])",
    re.IGNORECASE,
)
CASES_SHOWN = 12
COMMENT_WORDS = 3


def number_in(turn: Turn) -> str | None:
    """The case number that was tapped or written."""
    if turn.choice and turn.choice.isdigit():
        return turn.choice
    found = _NAMED_NUMBER.search(turn.text) or _OUR_NUMBER.search(turn.text)
    return found[1] if found else None


@dataclass(frozen=True)
class Chosen:
    """A case that is meant; `said` is False when it is not certain that this is wanted for this case."""

    case: Case
    said: bool


async def _chosen_case(turn: Turn, person: Person, intent: str, *, closed: bool) -> Chosen | None:
    """The case that is named, or talked about, or the only possible one; else it is asked for and None comes back."""
    number = number_in(turn)
    if number is not None:
        try:
            return Chosen(await turn.services.cases.get(person, number), said=_is_plain_wish(turn))
        except CaseNotFound:
            turn.utter("utter_case_not_found", number=number)
            return None
    cases = await turn.services.cases.of_company(person)
    possible = [c for c in cases if (c.state == "closed") == closed]
    talked_about = [c for c in possible if c.number == turn.slot("case_number")]
    if talked_about:
        return Chosen(talked_about[0], said=_is_plain_wish(turn))
    if len(possible) == 1:
        return Chosen(possible[0], said=False)
    if not possible:
        turn.utter("utter_no_cases", company=person.company)
        return None
    buttons = [button(str(c.number), f"{c.number}: {shortened(c.issue_summary, 50)}", intent) for c in possible]
    turn.utter("utter_case_ask_number", buttons=buttons[:CASES_SHOWN])
    return None


def _is_plain_wish(turn: Turn) -> bool:
    """Whether the user surely wants it done: "do not close it" and "who closed it?" look alike to the classifier."""
    if turn.choice is not None:
        return True
    asks = "?" in turn.text or any(c.mentions("refusals", turn.text) for c in turn.catalogue.in_all_languages())
    return turn.said.confidence >= CONFIDENT and not asks


async def show_cases(turn: Turn, person: Person) -> dict[str, Any]:
    """One case in plain words, or the list of the company's."""
    cases = turn.services.cases
    number = number_in(turn)
    if number is not None:
        try:
            case = await cases.get(person, number)
        except CaseNotFound:
            turn.utter("utter_case_not_found", number=number)
            return {}
        say_status(turn, person, case)
        return {"case_number": case.number}
    own = await cases.of_company(person)
    if not own:
        turn.utter("utter_no_cases", company=person.company)
        return {}
    phrase, label = turn.catalogue.phrase, turn.catalogue.label
    lines = [
        phrase("case_line", number=c.number, summary=shortened(c.issue_summary), state=label("case_state", c.state))
        for c in own[:CASES_SHOWN]
    ]
    turn.utter(
        "utter_case_list",
        company=person.company,
        cases="\n".join(lines),
        buttons=[button(str(c.number), str(c.number), "check_case_status") for c in own[:CASES_SHOWN]],
    )
    return {}


async def start_comment(turn: Turn, person: Person) -> dict[str, Any]:
    chosen = await _chosen_case(turn, person, "comment_on_case", closed=False)
    if chosen is None:
        return {}
    number = chosen.case.number
    if chosen.case.state == "closed":
        turn.utter("utter_comment_on_closed", number=number)
        return {"case_number": number}
    told = turn.text.partition(":")[2].strip()
    if len(told.split()) >= COMMENT_WORDS:  # "add to case 100042: it happens in Firefox too"
        await _comment(turn, person, str(number), told)
        return {"case_number": number}
    return {"case_number": number, "next_step": "comment_form", "comment_text": None}


async def _comment(turn: Turn, person: Person, number: str, text: str) -> None:
    cases = turn.services.cases
    try:
        case = await cases.comment(person, number, text, key=turn.id, conversation_id=turn.conversation_id)
        turn.utter("utter_comment_added", number=number, case=cases.card(case))
    except CaseNotFound:
        turn.utter("utter_case_not_found", number=number)
    except CaseClosed:
        turn.utter("utter_comment_on_closed", number=number)


async def escalate(turn: Turn, person: Person) -> dict[str, Any]:
    """Says first what usually helps (policy: "Escalation"); escalates when the user agrees."""
    chosen = await _chosen_case(turn, person, "escalate_case", closed=False)
    if chosen is None:
        return {}
    closed = chosen.case.state == "closed"
    turn.utter("utter_comment_on_closed" if closed else "utter_escalate_first", number=chosen.case.number)
    return {"case_number": chosen.case.number}


async def escalate_now(turn: Turn, person: Person) -> dict[str, Any]:
    number, wish = str(turn.slot("case_number")), turn.catalogue.phrase("escalation_comment")
    try:
        case = await turn.services.cases.comment(person, number, wish, key=turn.id, kind="escalation")
    except CaseClosed:
        turn.utter("utter_comment_on_closed", number=number)
    else:
        turn.utter("utter_escalated", number=number, case=turn.services.cases.card(case))
    return {}


async def close(turn: Turn, person: Person) -> dict[str, Any]:
    """Closes the case that was named; one that we only guess is asked about first."""
    chosen = await _chosen_case(turn, person, "close_case", closed=False)
    if chosen is None:
        return {}
    case, number = chosen.case, str(chosen.case.number)
    if case.state == "closed":
        turn.utter("utter_case_already_closed", number=number)
    elif chosen.said:
        await close_now(turn, person, number)
    else:
        turn.utter("utter_close_confirm", number=number, summary=shortened(case.issue_summary))
    return {"case_number": number}


async def close_now(turn: Turn, person: Person, number: str) -> None:
    try:
        case = await turn.services.cases.close(person, number, key=turn.id, text=turn.text)
    except CaseClosed:
        turn.utter("utter_case_already_closed", number=number)
        return
    days = turn.services.policy.case_states.reopening.within_days
    turn.utter("utter_case_closed", number=number, days=days, case=turn.services.cases.card(case))


async def reopen(turn: Turn, person: Person) -> dict[str, Any]:
    """Reopens the case that was named; one that we only guess is asked about first."""
    if turn.choice == "reopen_case" and turn.slot("case_number"):
        await reopen_now(turn, person, str(turn.slot("case_number")))
        return {}
    chosen = await _chosen_case(turn, person, "reopen_case", closed=True)
    if chosen is None:
        return {}
    number = str(chosen.case.number)
    if chosen.said:
        await reopen_now(turn, person, number)
    else:
        turn.utter("utter_reopen_confirm", number=number, summary=shortened(chosen.case.issue_summary))
    return {"case_number": number}


async def reopen_now(turn: Turn, person: Person, number: str) -> None:
    try:
        case = await turn.services.cases.reopen(person, number, key=turn.id, text=turn.text)
    except TooLateToReopen:
        days = turn.services.policy.case_states.reopening.within_days
        turn.utter("utter_reopen_too_late", number=number, days=days)
    except IllegalTransition:
        case = await turn.services.cases.get(person, number)
        state = turn.catalogue.label("case_state", case.state)
        turn.utter("utter_reopen_not_closed", number=number, state=state)
    else:
        turn.utter("utter_reopened", number=number, case=turn.services.cases.card(case))


class _PersonalAction(DeskAction):
    """An action that needs to know who is speaking."""

    flow: Flow

    async def act(self, turn: Turn) -> dict[str, Any]:
        return await with_person(turn, type(self).flow)


class ShowCases(_PersonalAction):
    action_name = "action_show_cases"
    flow = staticmethod(show_cases)


class StartComment(_PersonalAction):
    action_name = "action_start_comment"
    flow = staticmethod(start_comment)


class EscalateCase(_PersonalAction):
    action_name = "action_escalate_case"
    flow = staticmethod(escalate)


class CloseCase(_PersonalAction):
    """After articles, "that solved it" is about the question, not about a case."""

    action_name = "action_close_case"
    flow = staticmethod(close)

    async def act(self, turn: Turn) -> dict[str, Any]:
        if turn.last_response == "utter_kb_results" and number_in(turn) is None and turn.choice is None:
            await solved(turn)
            return {"next_step": "none"}
        return await super().act(turn)


class ReopenCase(_PersonalAction):
    action_name = "action_reopen_case"
    flow = staticmethod(reopen)


class ValidateComment(DeskAction):
    """Whatever is written now is the comment; only cancel leaves it, and a short question is answered in between."""

    action_name = "validate_comment_form"

    async def act(self, turn: Turn) -> dict[str, Any]:
        if turn.is_fresh and turn.slot("requested_slot") == "comment_text":
            said, catalogue = turn.said, turn.catalogue
            if said.cancels(catalogue):
                return {"comment_text": CANCELLED, "requested_slot": None}
            digression = said.choice is not None or said.digresses(catalogue, from_text=True)
            return {} if digression else {"comment_text": said.text}
        turn.utter("utter_ask_comment_text", number=turn.slot("case_number"))
        return {"requested_slot": "comment_text"}


class SubmitComment(DeskAction):
    action_name = "action_submit_comment"

    async def act(self, turn: Turn) -> dict[str, Any]:
        text, number = turn.slot("comment_text"), str(turn.slot("case_number"))
        person = (await turn.visitor()).person
        if text in (None, CANCELLED, SKIPPED) or person is None:
            turn.utter("utter_comment_cancelled")
        else:
            await _comment(turn, person, number, text)
        return {"comment_text": None}
