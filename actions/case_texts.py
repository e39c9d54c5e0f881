"""How a case is told: its status in plain words, its promise, its summary in a line."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from actions.turn import Turn
from bot.desk.directory import Person
from bot.locales.formats import day_and_time
from bot.store.models import Case

SUMMARY_SHOWN = 80


def shortened(text: str, length: int = SUMMARY_SHOWN) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else line[:length].rsplit(" ", 1)[0] + " …"


def say_status(turn: Turn, person: Person, case: Case) -> None:
    phrase, label = turn.catalogue.phrase, turn.catalogue.label
    card = turn.services.cases.card(case)
    zone = ZoneInfo(person.timezone)

    def local(instant: str) -> str:
        return day_and_time(datetime.fromisoformat(instant), zone, turn.language)

    promise = ""
    if card["closes_at"]:
        promise = phrase("closes_at", when=local(card["closes_at"]))
    elif card["reopen_until"]:
        promise = phrase("reopen_until", when=local(card["reopen_until"]))
    elif case.state == "open":
        promise = promise_of(turn, person, case)
    turn.utter(
        "utter_case_status",
        number=case.number,
        summary=shortened(case.issue_summary),
        state=label("case_state", case.state),
        meaning=label("state_meaning", case.state),
        promise=promise,
        case=card,
    )


def promise_of(turn: Turn, person: Person, case: Case) -> str:
    """When the first answer comes, in the user's own zone."""
    phrase = turn.catalogue.phrase
    if not case.sla_applies:
        return phrase("promise_no_sla")
    if case.first_response_due is None:
        return phrase("promise_no_plan")
    due = phrase("promise_due", due=day_and_time(case.first_response_due, ZoneInfo(person.timezone), turn.language))
    hours = turn.services.contact.hours(person.country, person.timezone)
    if case.priority == "P1" and not hours.open_now and hours.phone:
        return f"{due} {phrase('promise_after_hours', priority=case.priority, phone=hours.phone)}"
    return due
