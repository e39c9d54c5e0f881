"""Answers from the support policy that depend on its values, on the time, or on who asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from actions.turn import DeskAction, Turn
from bot.desk.directory import Person
from bot.locales.formats import clock_time, country_name, day_and_time, zone_name
from bot.policy import maintenance
from bot.policy.authorization import Entitlement
from bot.policy.contact import ContactHours, all_lines


class AnswerContact(DeskAction):
    """Phone and hours for the region that was named, or else for the user's company; else asks for it."""

    action_name = "action_answer_contact"

    async def act(self, turn: Turn) -> None:
        contact = turn.services.contact
        person = (await turn.visitor()).person
        named = turn.choice if turn.choice not in (None, "contact") else contact.region_in(turn.text, turn.language)
        region = named or (person.country if person else None)
        if region is None:
            turn.utter("utter_contact_ask_region")
            return
        own_zone = person.timezone if person and person.country == region else turn.timezone if not person else None
        hours = contact.hours(region, own_zone if named is None or (person and person.country == region) else None)
        turn.utter("utter_contact", details=_contact_text(turn, hours), contact=contact.card(hours))


def _contact_text(turn: Turn, hours: ContactHours) -> str:
    catalogue, language = turn.catalogue, turn.language
    zone = ZoneInfo(hours.timezone)
    region = country_name(hours.region, language)
    if hours.phone:
        parts = [catalogue.phrase("contact_line", region=region, phone=hours.phone)]
    else:
        lines = "\n".join(
            f"- {country_name(line.region, language)}: {line.phone}" for line in all_lines(turn.services.policy)
        )
        parts = [catalogue.phrase("contact_no_line", region=region, lines=lines) + "\n\n"]
    parts.append(
        catalogue.phrase(
            "contact_hours",
            opens=clock_time(hours.opens, language),
            closes=clock_time(hours.closes, language),
            timezone=zone_name(zone, language),
        )
    )
    if hours.open_now:
        parts.append(catalogue.phrase("contact_open_now"))
    else:
        parts.append(catalogue.phrase("contact_opens_at", when=day_and_time(hours.next_opening, zone, language)))
        parts.append(catalogue.phrase("contact_after_hours"))
    parts.append(catalogue.phrase("contact_designated_only" if hours.designated_users_only else "contact_case_first"))
    return " ".join(parts).replace("\n ", "\n")


class ExplainAuthorization(DeskAction):
    """Who may contact support, and for somebody known: whether they may."""

    action_name = "action_explain_authorization"

    async def act(self, turn: Turn) -> None:
        visitor = await turn.visitor()
        yours = await _own_entitlement(turn, visitor.person) if visitor.person else ""
        turn.utter("utter_authorization_info", yours=yours)


async def _own_entitlement(turn: Turn, person: Person) -> str:
    phrase = turn.catalogue.phrase
    match turn.services.cases.entitlement(person):
        case Entitlement.ALLOWED:
            return phrase("authorization_allowed")
        case Entitlement.NOT_DESIGNATED:
            colleagues = await turn.services.directory.designated_users(person.company_id)
            if not colleagues:
                return phrase("authorization_not_designated_nobody", company=person.company)
            names = ", ".join(c.name for c in colleagues)
            return phrase("authorization_not_designated", company=person.company, designated=names)
        case Entitlement.PARTNER_SUPPORTED:
            return phrase("authorization_partner_supported", partner=person.implemented_by)
        case Entitlement.INACTIVE:
            return phrase("authorization_inactive")
    return ""


class ExplainResponseTimes(DeskAction):
    """The table of first-response targets, and the user's own plan."""

    action_name = "action_explain_response_times"

    async def act(self, turn: Turn) -> None:
        levels = turn.services.policy.first_response.service_levels
        rows = [
            turn.catalogue.phrase(
                "response_times_row",
                priority=priority,
                **{name: f"{level.hours[priority]:g}" for name, level in levels.items()},
            )
            for priority in turn.services.policy.priority.levels
        ]
        person = (await turn.visitor()).person
        if person and person.plan:
            rows.append(turn.catalogue.phrase("response_times_yours", plan=person.plan))
        turn.utter("utter_response_times", table="\n".join(rows))


class ExplainCaseProcess(DeskAction):
    """What happens after a case is logged, or what the state means that was asked about."""

    action_name = "action_explain_case_process"

    async def act(self, turn: Turn) -> None:
        states = turn.services.policy.case_states
        # Labels such as "Open" and "Closed" are everyday words, so only the wordings for states count.
        state = turn.catalogue.vocabulary("case_state", with_labels=False).find(turn.text)
        if state is not None:
            turn.utter(
                "utter_case_state_info",
                state=turn.catalogue.label("case_state", state),
                meaning=turn.catalogue.label("state_meaning", state),
                waiting_on=turn.catalogue.label("waiting_on", states.states[state].waiting_on.value),
            )
            return
        turn.utter(
            "utter_case_process",
            auto_close_days=states.automatic_closing.after_days,
            reopen_days=states.reopening.within_days,
        )


class ExplainMaintenance(DeskAction):
    """The next planned windows in the user's own time, and whether one is on now."""

    action_name = "action_explain_maintenance"

    async def act(self, turn: Turn) -> None:
        policy, now = turn.services.policy, turn.services.clock()
        zone = await own_zone(turn) or policy.maintenance.zone
        current = maintenance.window_at(policy, now)
        windows = maintenance.upcoming(policy, now, timedelta(days=7))
        phrase, label = turn.catalogue.phrase, turn.catalogue.label
        running = ""
        if current:
            product = label("maintenance_product", current.product)
            running = phrase(
                "maintenance_now", product=product, end=clock_time(current.ends.astimezone(zone), turn.language)
            )
        lines = [
            phrase(
                "maintenance_window",
                product=label("maintenance_product", window.product),
                start=day_and_time(window.starts, zone, turn.language),
                end=f"{clock_time(window.ends.astimezone(zone), turn.language)} ({zone_name(zone, turn.language)})",
            )
            for window in windows
        ]
        turn.utter("utter_maintenance", now=running, windows="\n".join(lines), status_page=policy.status_page.page)


class ExplainSelfService(DeskAction):
    """Where to find help without a case."""

    action_name = "action_explain_self_service"

    async def act(self, turn: Turn) -> None:
        urls: dict[str, Any] = {c.id: c.url for c in turn.services.policy.self_service.channels}
        turn.utter("utter_self_service", **urls)


class ExplainPartnerSupport(DeskAction):
    """How partners' customers get support; the partner's name for those who have one."""

    action_name = "action_explain_partner_support"

    async def act(self, turn: Turn) -> None:
        person = (await turn.visitor()).person
        if person and person.implemented_by:
            turn.utter("utter_partner_support_yours", partner=person.implemented_by)
        else:
            turn.utter("utter_partner_support")


class ChangeLanguage(DeskAction):
    """The gateway has settled the language before; here it is confirmed, or asked for when none was named."""

    action_name = "action_change_language"

    async def act(self, turn: Turn) -> None:
        turn.utter("utter_language_changed" if turn.language_asked_for else "utter_language_ask")


async def own_zone(turn: Turn) -> ZoneInfo | None:
    """The user's own zone: from the directory, else from the browser."""
    person = (await turn.visitor()).person
    name = person.timezone if person else turn.timezone
    return ZoneInfo(name) if name else None
