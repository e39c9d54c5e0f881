"""What the sentence encoder tells about a message of the case form; each judgement runs in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from bot.desk.choices import Choices
from bot.desk.described import Described
from bot.desk.meaning import Meaning
from bot.desk.problems import TwoProblems, two_problems
from bot.desk.scope import Scope
from bot.locales import Catalogue
from bot.policy.policy import Policy
from kb_index.encoder import Encoder


class Understanding:
    """Judges messages by described examples. What it learns from them it learns on first use, or in `prepare`.

    Raises ExamplesError at once when the examples do not fit the catalogues or the policy.
    """

    def __init__(self, encoder: Encoder, policy: Policy, catalogues: Mapping[str, Catalogue]) -> None:
        described = Described(encoder)
        self._catalogues = catalogues
        self._meaning = Meaning(encoder)
        self._choices, self._scope = Choices(described), Scope(described, policy)
        self._choices.check(catalogues["en"])
        self._scope.check()

    def prepare(self) -> None:
        """Learns everything now, in some seconds of CPU; else the first cases wait for it."""
        self._choices.prepare(self._catalogues["en"])
        self._scope.prepare()
        for catalogue in self._catalogues.values():
            self._meaning.measure(catalogue)
            for group in ("problem_examples", "remark_examples"):
                self._meaning.examples(group, catalogue)

    async def plausible(self, text: str) -> bool:
        """Whether a text can mean anything, or is keys that were hit at random."""
        return await asyncio.to_thread(self._meaning.plausible, text)

    async def two_problems(self, text: str, catalogue: Catalogue) -> TwoProblems | None:
        """The two problems that a summary clearly holds (policy: "One specific problem per case")."""
        return await asyncio.to_thread(two_problems, text, catalogue, self._meaning)

    async def out_of_scope_topic(self, text: str) -> str | None:
        """The kind of work on the policy's out-of-scope list that is asked for, or None."""
        return await asyncio.to_thread(self._scope.out_of_scope_topic, text)

    async def rank_choices(self, text: str, group: str, catalogue: Catalogue) -> list[str]:
        """The values of case_reason or application_area, the likely ones first; `other` stays last."""
        return (await asyncio.to_thread(self._choices.likely, text, group, catalogue)).ranked
