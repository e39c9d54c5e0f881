"""The current turn as an action sees it, and the base of every action."""

from __future__ import annotations

from abc import ABC, abstractmethod
from copy import copy
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.services import Services
from bot.desk.identity import Visitor
from bot.desk.said import Said
from bot.locales import Catalogue

CARDS = ("articles", "case", "contact", "form")


class Turn:
    """What was said, by whom, in which language, after what; and a way to answer."""

    def __init__(self, services: Services, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        self.services, self._dispatcher, self._tracker = services, dispatcher, tracker
        self._event: dict[str, Any] = next(e for e in reversed(tracker.events) if e["event"] == "user")
        self._metadata: dict[str, Any] = self._event.get("metadata") or {}

    def resumed(self, earlier: dict[str, Any]) -> Turn:
        """This turn with what was said earlier ({"text", "choice"}), to go on after the user's identity is known."""
        turn = copy(self)
        turn._metadata = {**self._metadata, **{k: earlier.get(k) for k in ("text", "choice", "answers")}}
        return turn

    @property
    def conversation_id(self) -> str:
        return str(self._tracker.sender_id)

    @property
    def id(self) -> str:
        """The gateway's id of this turn: the key that makes what it does happen once."""
        return str(self._event["message_id"])

    @property
    def language(self) -> str:
        return str(self._metadata["language"])

    @property
    def catalogue(self) -> Catalogue:
        return self.services.catalogues[self.language]

    @property
    def timezone(self) -> str | None:
        """The zone of the user's browser, where it told one."""
        return self._metadata.get("timezone")

    @property
    def language_asked_for(self) -> bool:
        """Whether the user asked for the language of this turn, now or earlier."""
        return bool(self._metadata.get("language_pinned"))

    @property
    def text(self) -> str:
        """What the user wrote. The engine gets it without a leading slash, which would be a command to it."""
        return str(self._metadata.get("text") or self._event.get("text") or "")

    @property
    def choice(self) -> str | None:
        """The value of the button that was tapped in this turn."""
        return self._metadata.get("choice")

    @property
    def answers(self) -> dict[str, Any] | None:
        """The fields of a form that was filled in at once, checked by the gateway."""
        return self._metadata.get("answers")

    @property
    def said(self) -> Said:
        latest = self._tracker.latest_message
        ranking = [i for i in latest.get("intent_ranking") or [] if i["name"] != "nlu_fallback"]
        best = ranking[0] if ranking else latest["intent"]
        return Said(self.text, best["name"], float(best["confidence"]), self.choice, self.answers)

    def slot(self, name: str) -> Any:
        return self._tracker.get_slot(name)

    @property
    def slots(self) -> dict[str, Any]:
        return dict(self._tracker.current_slot_values())

    @property
    def last_response(self) -> str | None:
        """The response key of the last thing the bot said before this turn."""
        before = self._tracker.events[: self._tracker.events.index(self._event)]
        return next((e["metadata"].get("utter_action") for e in reversed(before) if e["event"] == "bot"), None)

    @property
    def is_fresh(self) -> bool:
        """Whether a form's validation sees this message for the first time.

        After a digression Rasa runs the validation again with the message that was answered already.
        """
        done = [e["name"] for e in self._tracker.events if e["event"] == "action"]
        done = [name for name in done if name != "action_extract_slots"]
        # The last one is the form itself, added by Rasa for the validation.
        return len(done) < 2 or done[-2] == "action_listen"

    async def visitor(self) -> Visitor:
        return await self.services.identity.who(self.conversation_id)

    def utter(self, response: str, *, buttons: list[dict[str, str]] | None = None, **values: Any) -> None:
        """Says a response of the catalogues; articles, case, contact and form travel beside the text.

        The text is made here and not by the engine, which would send all texts along with every call of an action.
        """
        text, offered = self.catalogue.response(response, **values)
        cards = {name: values[name] for name in CARDS if name in values}
        shown = [{**b, "payload": b["value"]} for b in [*(buttons or []), *offered]]
        self._dispatcher.utter_message(text=text, buttons=shown, utter_action=response, **cards)


def button(value: str, title: str, intent: str = "affirm") -> dict[str, str]:
    """A button; intent is what a tap on it means."""
    return {"value": value, "title": title, "intent": intent}


class DeskAction(Action, ABC):
    """An action with the desk's services; subclasses name themselves and implement `act`."""

    action_name: str

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return self.action_name

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        slots = await self.act(Turn(self._services, dispatcher, tracker))
        return [SlotSet(name, value) for name, value in (slots or {}).items()]

    @abstractmethod
    async def act(self, turn: Turn) -> dict[str, Any] | None:
        """Does the work; returns the slots that change."""
