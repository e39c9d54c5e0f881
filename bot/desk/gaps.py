"""Finds what people asked and nobody answered, grouped by meaning, so that an author knows what to write or improve."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from bot.desk.gap_report import Gap, GapsReport, Nearest
from bot.desk.masking import masked
from bot.desk.meaning import Floats, Meaning, grouped
from bot.locales import Catalogue
from bot.locales.wording import normalise
from bot.store import searches
from bot.store.engine import Database
from bot.store.searches import Asked
from kb_index.encoder import Encoder
from kb_index.search import KnowledgeIndex

MOST_SEARCHES = 20_000
"""The newest that are looked at: if all differ, a first report takes 100 MB and a minute and a half of a CPU."""
MOST_GAPS = 100
EXAMPLES = 3
EXAMPLE_LENGTH = 200
# What the desk did not even understand as a question is worth telling once several people said it.
UNCLEAR_CONVERSATIONS = 3
# The point of a question is near its beginning.
_CHARACTERS_COMPARED = 500


@dataclass
class _Question:
    """One wording: `text` stands for all that differ from it in case, accents and punctuation only."""

    text: str
    asked: list[Asked] = field(default_factory=list)
    solved: list[Asked] = field(default_factory=list)


@dataclass(frozen=True)
class _Group:
    """Wordings of one meaning, the most central first, and what of them is open."""

    language: str
    texts: list[str]
    open: list[Asked]

    @property
    def conversations(self) -> int:
        return len({asked.conversation_id for asked in self.open} - {None})

    @property
    def people(self) -> int:
        """Conversations, and searches outside of one: the nearest to people that is known."""
        return self.conversations + sum(asked.conversation_id is None for asked in self.open)

    @property
    def last_asked(self) -> datetime:
        return max(asked.created_at for asked in self.open)

    @property
    def is_clear(self) -> bool:
        return self.people >= UNCLEAR_CONVERSATIONS or any(asked.outcome != "unclear" for asked in self.open)


class Gaps:
    """Reports on the searches that were kept. Vectors of the questions of the last report are kept for the next."""

    def __init__(
        self,
        database: Database,
        index: KnowledgeIndex,
        encoder: Encoder,
        catalogues: Mapping[str, Catalogue],
        clock: Callable[[], datetime],
    ) -> None:
        self._database, self._index, self._catalogues, self._clock = database, index, catalogues, clock
        self._meaning = Meaning(encoder)
        self._vectors: dict[bytes, Floats] = {}
        self._one_at_a_time = asyncio.Lock()

    def now(self) -> datetime:
        """The desk's current instant (UTC), which "30d" counts back from."""
        return self._clock()

    async def report(
        self,
        *,
        since: datetime,
        language: str | None = None,
        limit: int = 20,
        at_once: int = 1,
        progress: Callable[[int, int], None] | None = None,
    ) -> GapsReport:
        """What was asked since then and not answered, in one language or in all.

        `at_once` questions are handed to the encoder at a time: 1 leaves the other CPUs to those who talk to the desk.
        `progress` is told (done, of how many), from another thread.
        """
        now = self._clock()
        async with self._one_at_a_time:
            async with self._database.session(read_only=True) as session:
                total = await searches.count_searches(session, since=since, language=language)
                count = await searches.count_unanswered(session, since=since, language=language)
                asked = await searches.unanswered(session, since=since, language=language, limit=MOST_SEARCHES)
                solved = await searches.solved(session, since=since, language=language, limit=MOST_SEARCHES)
            talked = {one.conversation_id for one in asked}
            solved = [one for one in solved if one.conversation_id in talked]
            questions = await asyncio.to_thread(self._questions, asked, solved)
            await asyncio.to_thread(self._encode, questions, at_once, progress)
            groups = await asyncio.to_thread(self._groups, questions)
            clear = sorted(
                (group for group in groups if group.is_clear),
                key=lambda group: (-group.people, -len(group.open), -group.last_asked.timestamp(), group.texts[0]),
            )
            gaps = [await asyncio.to_thread(self._gap, group, total) for group in clear[:limit]]
        kept, open_ = sum(len(q.asked) for q in questions.values()), sum(len(group.open) for group in groups)
        return GapsReport(
            since=since,
            until=now,
            language=language,
            searches=total,
            unanswered=count,
            gaps_found=len(clear),
            solved_later=kept - open_,
            not_questions=len(asked) - kept,
            unclear=open_ - sum(len(group.open) for group in clear),
            older=max(0, count - len(asked)),
            gaps=gaps,
        )

    def _questions(self, asked: Iterable[Asked], solved: Iterable[Asked]) -> dict[tuple[str, str], _Question]:
        """By language and plain wording; without greetings and random keys."""
        questions: dict[tuple[str, str], _Question] = {}
        for one in asked:
            text = " ".join(one.query.split())[:_CHARACTERS_COMPARED]
            key = (one.language, normalise(text))
            if key in questions or self._is_question(text):
                questions.setdefault(key, _Question(text)).asked.append(one)
        for one in solved:
            text = " ".join(one.query.split())[:_CHARACTERS_COMPARED]
            questions.setdefault((one.language, normalise(text)), _Question(text)).solved.append(one)
        return questions

    def _is_question(self, text: str) -> bool:
        if any(c.is_only("small_talk", "small_talk", text) for c in self._catalogues.values()):
            return False
        return self._meaning.plausible(text)

    def _encode(
        self,
        questions: Mapping[tuple[str, str], _Question],
        at_once: int,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        texts = sorted({question.text for question in questions.values()})
        self._vectors = {_key(text): self._vectors[_key(text)] for text in texts if _key(text) in self._vectors}
        new = [text for text in texts if _key(text) not in self._vectors]
        for start in range(0, len(new), at_once):
            part = new[start : start + at_once]
            self._vectors.update(zip(map(_key, part), self._meaning.vectors(part), strict=True))
            if progress is not None:
                progress(start + len(part), len(new))

    def _groups(self, questions: Mapping[tuple[str, str], _Question]) -> list[_Group]:
        found: list[_Group] = []
        for language in sorted({language for language, _ in questions}):
            own = [question for (code, _), question in sorted(questions.items()) if code == language]
            measure = self._meaning.measure(self._catalogues[language])
            unit = measure.unit(np.stack([self._vectors[_key(question.text)] for question in own]))
            members: dict[int, list[int]] = defaultdict(list)
            for row, middle in enumerate(grouped(unit, [len(q.asked) for q in own], measure.same).tolist()):
                members[middle].append(row)
            for rows in members.values():
                group = _group(language, [own[row] for row in rows], unit[rows])
                if group.open:
                    found.append(group)
        return found

    def _gap(self, group: _Group, total: int) -> Gap:
        outcomes = [asked.outcome for asked in group.open]
        rejected, opened = outcomes.count("rejected"), outcomes.count("case")
        return Gap(
            language=group.language,
            count=len(outcomes),
            conversations=group.conversations,
            share=round(len(outcomes) / total, 4),
            unanswerable=len(outcomes) - rejected - opened,
            rejected=rejected,
            case_opened=opened,
            examples=_examples(group.texts),
            last_asked=group.last_asked,
            nearest=self._nearest(group.texts[0], group.language),
        )

    def _nearest(self, text: str, language: str) -> Nearest | None:
        found = self._index.search(text, language=language, limit=1)
        if not found.results:
            return None
        best = found.results[0]
        return Nearest(best.article, best.title, best.language, best.url, round(found.probability, 4))


def _group(language: str, questions: Sequence[_Question], unit: Floats) -> _Group:
    """The group of these wordings, whose vectors are the rows of `unit`.

    What a conversation asked before it said of a question of the same meaning that it was solved is not open.
    """
    weights = np.array([len(question.asked) for question in questions], dtype=np.float32)
    central = (unit @ (weights @ unit)).tolist()
    order = sorted(range(len(questions)), key=lambda row: (-central[row], questions[row].text))
    solved: dict[str | None, int] = {}
    for one in (one for question in questions for one in question.solved):
        solved[one.conversation_id] = max(one.id, solved.get(one.conversation_id, 0))
    still_open = [
        one for question in questions for one in question.asked if one.id > solved.get(one.conversation_id, 0)
    ]
    open_ids = {one.id for one in still_open}
    texts = [questions[row].text for row in order if any(one.id in open_ids for one in questions[row].asked)]
    return _Group(language, texts, still_open)


def _key(text: str) -> bytes:
    """Stands for a text: of what a user has erased meanwhile, the words must not stay in memory."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _examples(texts: Iterable[str]) -> list[str]:
    """Up to three that differ after masking."""
    examples: dict[str, None] = {}
    for text in texts:
        plain = masked(text)
        examples[plain if len(plain) <= EXAMPLE_LENGTH else plain[:EXAMPLE_LENGTH].rsplit(" ", 1)[0] + " …"] = None
        if len(examples) == EXAMPLES:
            break
    return list(examples)
