"""Rasa's SQL tracker store for the gateway's channel: it can forget, and keeps what was just saved at hand."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException

KEPT_AT_HAND = 256


class DeskTrackerStore(SQLTrackerStore):
    """Set as `tracker_store: type:` in endpoints.yml."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._saved: OrderedDict[str, DialogueStateTracker] = OrderedDict()
        if self.engine.dialect.name == "sqlite":
            # A reader no longer waits for a writer, and a commit no longer for the disk; after a crash of the machine
            # the last turns may be missing here, but never half of one.
            sa.event.listen(self.engine, "connect", _set_up_sqlite)
            self.engine.dispose()

    async def save(self, tracker: DialogueStateTracker) -> None:
        await super().save(tracker)
        self._saved[tracker.sender_id] = tracker
        self._saved.move_to_end(tracker.sender_id)
        while len(self._saved) > KEPT_AT_HAND:
            self._saved.popitem(last=False)

    def take_saved(self, conversation: str) -> DialogueStateTracker | None:
        """The tracker that this process saved last for a conversation, once: to tell the state right after a turn."""
        return self._saved.pop(conversation, None)

    def forget(self, conversation: str) -> None:
        """Erases a conversation's events, for which Rasa has no call."""
        self._saved.pop(conversation, None)
        with self.session_scope() as session:
            session.query(self.SQLEvent).filter(self.SQLEvent.sender_id == conversation).delete()
            session.commit()


def desk_store(store: TrackerStore) -> DeskTrackerStore:
    """The store behind Rasa's wrapper that survives its failures. Raises RasaException for another kind of store."""
    inner = getattr(store, "_tracker_store", store)
    if not isinstance(inner, DeskTrackerStore):
        raise RasaException(f"{type(inner).__name__} is no DeskTrackerStore; see tracker_store in endpoints.yml.")
    return inner


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
