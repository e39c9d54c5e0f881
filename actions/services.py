"""The desk services that actions call, put together by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.desk.attachments import Attachments
from bot.desk.cases import Cases
from bot.desk.contact import Contact
from bot.desk.directory import Directory
from bot.desk.identity import Identity
from bot.desk.knowledge import Knowledge
from bot.desk.privacy import Privacy
from bot.desk.understanding import Understanding
from bot.locales import Catalogue
from bot.policy.policy import Policy


@dataclass(frozen=True)
class Services:
    """Everything an action may use; who is speaking is asked of `identity`, never read from a slot."""

    identity: Identity
    directory: Directory
    knowledge: Knowledge
    understanding: Understanding
    cases: Cases
    contact: Contact
    attachments: Attachments
    privacy: Privacy
    policy: Policy
    catalogues: Mapping[str, Catalogue]
    clock: Callable[[], datetime]
