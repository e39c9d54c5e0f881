"""Opening a case in conversation: entitlement, the questions, the review, the case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from actions.case_texts import promise_of, shortened
from actions.knowledge import case_wanted, show
from actions.people import cleared, with_person
from actions.turn import DeskAction, Turn, button
from bot.desk.case_fields import (
    CONFIRMED,
    CORRECTION,
    FIELDS,
    MEMORY,
    REVIEW,
    SCOPE,
    SECOND_PROBLEM,
    SKIPPED,
    SLOTS,
    Kind,
    case_values,
    next_question,
)
from bot.desk.case_form import ONLY_THE_CODE, answer
from bot.desk.cases import NotEntitled
from bot.desk.directory import Person
from bot.desk.form_outcome import Outcome
from bot.desk.listening import HearsTime, Moment, error_code_in, problem_in
from bot.desk.problems import TwoProblems
from bot.desk.when import heard_when
from bot.desk.when_written import written
from bot.policy.authorization import Entitlement

LIKELY_FIRST = ("case_reason", "application_area")
TEXT_IN_REVIEW = 300


async def start_case(turn: Turn, person: Person) -> dict[str, Any]:
    """Starts the form for somebody who may open a case; says to everybody else what they can do."""
    entitlement = turn.services.cases.entitlement(person)
    if entitlement is not Entitlement.ALLOWED:
        await deny(turn, person, entitlement)
        return {"next_step": "none"}
    turn.utter("utter_case_form_started", company=person.company)
    told = turn.choice is None and turn.answers is None and problem_in(turn.text, turn.catalogue)
    draft = {"question": turn.text} if told and turn.said.intent == "open_case" else {}
    return {"next_step": "case_form", **cleared(*SLOTS, *MEMORY), **draft, **(turn.said.answers or {})}


async def deny(turn: Turn, person: Person, entitlement: Entitlement) -> None:
    """Policy: "Who may contact support". Names are told to people of the same company only, which they are."""
    if entitlement is Entitlement.NOT_DESIGNATED:
        colleagues = await turn.services.directory.designated_users(person.company_id)
        if colleagues:
            names = ", ".join(f"{c.name} ({c.email})" if c.name != c.email else c.email for c in colleagues)
            turn.utter("utter_denied_not_designated", company=person.company, designated=names)
        else:
            turn.utter("utter_denied_not_designated_nobody", company=person.company)
    elif entitlement is Entitlement.PARTNER_SUPPORTED:
        turn.utter("utter_denied_partner_supported", company=person.company, partner=person.implemented_by)
    elif entitlement is Entitlement.INACTIVE:
        turn.utter("utter_denied_inactive", company=person.company)
    else:
        turn.utter("utter_denied_unknown")


class StartCase(DeskAction):
    action_name = "action_start_case"

    async def act(self, turn: Turn) -> dict[str, Any]:
        await case_wanted(turn)
        return await with_person(turn, start_case)


async def _two_problems(turn: Turn, outcome: Outcome) -> TwoProblems | None:
    """Those of the summary that was given or agreed to (policy: "One specific problem per case")."""
    summary = outcome.values.get("issue_summary")
    return await turn.services.understanding.two_problems(summary, turn.catalogue) if summary else None


async def _topic(turn: Turn, slots: Mapping[str, Any]) -> str | None:
    """The name of the work on the policy's out-of-scope list that the summary asks for, or None."""
    topic = await turn.services.understanding.out_of_scope_topic(str(slots.get("issue_summary") or ""))
    return None if topic is None else turn.catalogue.label("scope_topic", topic)


async def _is_out_of_scope(turn: Turn, slots: Mapping[str, Any]) -> bool:
    """Whether support does not do what is asked for, which is then asked back.

    Policy, "Out of scope": with steps that the Help Center documents support does help; the article is shown.
    """
    topic = await _topic(turn, slots)
    if topic is None:
        return False
    found = await turn.services.knowledge.search(str(slots["issue_summary"]), turn.language, limit=1)
    if found["answerable"]:
        show(turn, found["results"], "utter_scope_documented", topic=topic)
        return False
    return True


async def _hears_time(turn: Turn) -> HearsTime:
    """Finds moments in the zone of the user's browser, else of their company."""
    person = (await turn.visitor()).person
    zone = ZoneInfo(turn.timezone or (person.timezone if person else "UTC"))
    now = turn.services.clock()

    def hears(text: str) -> Moment | None:
        when = heard_when(text, now, zone, turn.language)
        return None if when is None else Moment(when.said, written(when, turn.catalogue))

    return hears


class ValidateCase(DeskAction):
    """Hands what was said to the form's state machine, does what it says, and asks the next question."""

    action_name = "validate_case_form"

    async def act(self, turn: Turn) -> dict[str, Any]:
        requested, slots = turn.slot("requested_slot"), turn.slots
        if not turn.is_fresh or requested not in SLOTS:
            return await self._ask(turn, requested or next_question(slots), slots)
        said = replace(turn.said, plausible=await turn.services.understanding.plausible(turn.text))
        draft = turn.slot("question") if slots.get("issue_summary") is None else None
        outcome = answer(requested, said, slots, draft, turn.catalogue, await _hears_time(turn))
        if outcome.digression:
            return {}  # nothing extracted: Rasa's form steps aside, a rule answers, and we are called again
        two = await _two_problems(turn, outcome)
        if two is not None:
            if said.answers is None:
                # Once more with the first alone, so that nothing is heard of the second.
                first = replace(said, text=two.first, choice=None, intent=None)
                outcome = answer(requested, first, slots, None, turn.catalogue, await _hears_time(turn))
            else:
                outcome.values["issue_summary"] = two.first
            outcome.values[SECOND_PROBLEM] = two.second
            turn.utter("utter_one_issue_per_case", first=shortened(two.first, TEXT_IN_REVIEW))
        for response, values in outcome.utterances:
            turn.utter(response, **values)
        slots |= outcome.values
        if outcome.ended:
            return {**outcome.values, "requested_slot": None}
        if outcome.values.get("issue_summary") and slots.get(SCOPE) is None and await _is_out_of_scope(turn, slots):
            outcome.request = SCOPE
        asked = await self._ask(turn, outcome.request or next_question(slots), slots)
        return {**outcome.values, **asked}

    async def _ask(self, turn: Turn, field: str | None, slots: Mapping[str, Any]) -> dict[str, Any]:
        """Asks for a field; None: everything is known."""
        if field == "issue_summary":
            _ask_summary(turn, slots)
        elif field in LIKELY_FIRST:
            await _ask_likely_first(turn, field, str(slots.get("issue_summary") or ""))
        elif field == CORRECTION:
            _ask_correction(turn, slots)
        elif field == "error_message":
            _ask_error(turn, str(slots.get("issue_summary") or ""))
        elif field == SCOPE:
            turn.utter("utter_out_of_support_scope", topic=await _topic(turn, slots))
        elif field == REVIEW:
            await _ask_review(turn, slots)
        elif field is not None:
            turn.utter(f"utter_ask_{field}")
        return {"requested_slot": field}


def _ask_summary(turn: Turn, slots: Mapping[str, Any]) -> None:
    """Proposes the question that was searched as the summary, unless there is a summary already."""
    draft = turn.slot("question")
    if not draft or slots.get("issue_summary") is not None:
        turn.utter("utter_ask_issue_summary")
        return
    turn.utter("utter_case_summary_draft", draft=shortened(draft, TEXT_IN_REVIEW))
    turn.utter("utter_ask_issue_summary", buttons=[button("yes", turn.catalogue.label("actions", "use_summary"))])


def _ask_error(turn: Turn, summary: str) -> None:
    """With a button for who knows no more than the code that the summary names."""
    code = error_code_in(summary, turn.catalogue)
    known = [button(ONLY_THE_CODE, turn.catalogue.phrase("only_the_code", code=code))] if code else []
    turn.utter("utter_ask_error_message", buttons=known)


async def _ask_likely_first(turn: Turn, field: str, summary: str) -> None:
    ranked = await turn.services.understanding.rank_choices(summary, field, turn.catalogue)
    turn.utter(f"utter_ask_{field}", buttons=[button(value, turn.catalogue.label(field, value)) for value in ranked])


def _ask_correction(turn: Turn, slots: Mapping[str, Any]) -> None:
    labels = turn.catalogue.labels("fields")
    answered = [name for name in FIELDS if slots.get(name) is not None]
    turn.utter("utter_ask_correction", buttons=[button(n, labels[n], "correct_answer") for n in answered])


async def _ask_review(turn: Turn, slots: Mapping[str, Any]) -> None:
    """Shows everything that was heard before the case is opened; each field can be changed."""
    files = await turn.services.attachments.list_unattached(turn.conversation_id)
    fields = []
    for f in FIELDS.values():
        value = slots.get(f.name)
        if f.kind is Kind.FILES:
            shown = ", ".join(file.name for file in files)
        elif value in (None, SKIPPED):
            shown = ""
        else:
            shown = turn.catalogue.label(f.name, value) if f.kind is Kind.CHOICE else str(value)
        fields.append({"slot": f.name, "label": turn.catalogue.label("fields", f.name), "value": shown})
    not_given = turn.catalogue.label("actions", "not_given")
    lines = [
        turn.catalogue.phrase("review_line", field=f["label"], value=shortened(f["value"], TEXT_IN_REVIEW) or not_given)
        for f in fields
    ]
    turn.utter("utter_case_review", summary="\n".join(lines), form={"name": "case_form", "fields": fields})


class SubmitCase(DeskAction):
    """Opens the case once, whatever is repeated, or says that nothing was sent."""

    action_name = "action_submit_case"

    async def act(self, turn: Turn) -> dict[str, Any]:
        done = cleared(*SLOTS, *MEMORY)
        person = (await turn.visitor()).person
        if turn.slot(REVIEW) != CONFIRMED or person is None:
            turn.utter("utter_case_cancelled")
            return done
        try:
            opened = await turn.services.cases.open(
                person,
                case_values(turn.slots),
                opening_key=turn.id,
                conversation_id=turn.conversation_id,
                language=turn.language,
                searched=await turn.services.knowledge.shown_in(turn.conversation_id),
            )
        except NotEntitled as refused:
            await deny(turn, person, refused.entitlement)
            return done
        case = opened.case
        await turn.services.knowledge.case_opened(turn.conversation_id, case.issue_summary, turn.catalogue)
        turn.utter(
            "utter_case_opened",
            number=case.number,
            priority=case.priority,
            promise=promise_of(turn, person, case),
            case=turn.services.cases.card(case),
        )
        second = turn.slot(SECOND_PROBLEM)
        if second:
            turn.utter("utter_second_problem", draft=shortened(second, TEXT_IN_REVIEW))
        return {**done, "question": second, "shown_articles": None, "case_number": case.number}
