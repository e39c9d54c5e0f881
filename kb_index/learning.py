"""What an index learns from its own articles at build time, and keeps beside them: translations and the adapter."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kb_index.adapter import Passages, QueryAdapter, TrainingTexts, train_adapter, unit
from kb_index.articles import Article
from kb_index.chunker import Passage
from kb_index.lexical import LexicalIndex
from kb_index.lexicon import Lexicon, learn_tables
from kb_index.links import Inbound
from kb_index.progress import Progress, counted, longest_first

if TYPE_CHECKING:
    from kb_index.encoder import Encoder

LEARNING_VERSION = 2
"""Raise it with every change that would learn something else from the same articles."""

_MOST_TEXTS = 20_000
"""Short texts that the adapter learns from; more of them cost minutes of encoding and improve little."""
_LONGEST_TEXT = 300
_LEARN_AGAIN_AT = 0.05
"""Share of the articles that may have changed until everything is learned again."""
_CENTRING = 0.8
_CENTRING_NEEDS = 50
"""Passages at which half of the centring is done: the mean of a few passages would be their own content."""

Floats = npt.NDArray[np.float32]
Members = Sequence[tuple[Article, Sequence[Passage]]]


@dataclass(frozen=True, slots=True)
class LearningReport:
    """What was learned. `before` and `after`: share of held-out texts that find their article among the first three."""

    texts: int = 0
    adapter: bool = False
    before: float = 0.0
    after: float = 0.0
    translations: int = 0
    """Terms with a translation, over all pairs of languages."""
    changed_since: int = 0
    """Articles changed, added or removed by later builds that kept what was learned."""


@dataclass(frozen=True, slots=True)
class Learned:
    adapter: QueryAdapter = field(default_factory=lambda: QueryAdapter(None))
    lexicon: Lexicon = field(default_factory=lambda: Lexicon({}))
    report: LearningReport = field(default_factory=LearningReport)

    def save(self, directory: Path) -> None:
        """Writes into `directory`, which is made."""
        directory.mkdir()
        self.adapter.save(directory / "adapter.npy")
        self.lexicon.save(directory / "lexicon")
        (directory / "report.json").write_text(json.dumps(asdict(self.report), indent=1), encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> Learned:
        """Reads what `save` wrote. Raises OSError, ValueError or TypeError when it is missing or damaged."""
        report = LearningReport(**json.loads((directory / "report.json").read_text(encoding="utf-8")))
        return cls(QueryAdapter.load(directory / "adapter.npy"), Lexicon.load(directory / "lexicon"), report)

    def after_changes(self, changed: int) -> Learned:
        """The same, used again for articles of which `changed` more are different."""
        report = replace(self.report, changed_since=self.report.changed_since + changed)
        return replace(self, report=report)

    def may_stay(self, changed: int, articles: int) -> bool:
        """Whether it still fits when `changed` more of the articles are not what it was learned from."""
        return self.report.changed_since + changed <= _LEARN_AGAIN_AT * articles


def centring(passages: int) -> float:
    """How much of the mean vector of a language's passages, so many of them, is taken off its texts' vectors.

    Sentence encoders place all texts of a language in a narrow cone, where a few general passages are near to every
    question; centring takes that away, and the difference between two languages with it.
    """
    return _CENTRING * passages / (passages + _CENTRING_NEEDS)


def centre_of(vectors: Floats) -> Floats:
    """(dimension,): what centring takes off the vectors of a language with these passages (passages, dimension)."""
    centre: Floats = vectors.mean(axis=0) * np.float32(centring(len(vectors)))
    return centre


def learn(
    members: Mapping[str, Members],
    vectors: Mapping[str, Floats],
    lexical: Mapping[str, LexicalIndex],
    inbound: Mapping[str, Sequence[Inbound]],
    encoder: Encoder,
    progress: Progress,
) -> Learned:
    """Learns from all articles by language: their passages' vectors (passages, dimension), word indexes and links."""
    tell = counted("learning translations", progress)
    tables = {}
    pairs = list(combinations(members, 2))
    for number, (one, other) in enumerate(pairs):
        tell(number, len(pairs))
        units = [
            (lexical[one].terms_of(left), lexical[other].terms_of(right))
            for left, right in dict.fromkeys(_translated_texts(members[one], members[other]))
        ]
        tables[one, other], tables[other, one] = learn_tables(units)
    lexicon = Lexicon({pair: table for pair, table in tables.items() if table})
    texts, passages = _training(members, vectors, inbound, encoder, progress)
    adapter, approval = train_adapter(texts, passages)
    report = LearningReport(
        texts=len(texts.articles),
        adapter=adapter.learned,
        before=round(approval.before, 4),
        after=round(approval.after, 4),
        translations=len(lexicon),
    )
    return Learned(adapter, lexicon, report)


def _translated_texts(one: Members, other: Members) -> Iterator[tuple[str, str]]:
    """Texts of the articles in both languages that translate each other: the same piece of the same article.

    Bodies are taken line by line where they have as many lines, since translators keep paragraphs.
    """
    counterparts = {article.id: (article, passages) for article, passages in other}
    for article, passages in one:
        found = counterparts.get(article.id)
        if found is None:
            continue
        yield article.title, found[0].title
        yield article.description, found[0].description
        for pieces in (_headings, _lines):
            left, right = pieces(passages), pieces(found[1])
            if len(left) == len(right):
                yield from zip(left, right, strict=True)


def _headings(passages: Sequence[Passage]) -> list[str]:
    return [passage.heading.rsplit(" > ", 1)[-1] for passage in passages]


def _lines(passages: Sequence[Passage]) -> list[str]:
    return [line for passage in passages[1:] for line in passage.text.split("\n")]


def _training(
    members: Mapping[str, Members],
    vectors: Mapping[str, Floats],
    inbound: Mapping[str, Sequence[Inbound]],
    encoder: Encoder,
    progress: Progress,
) -> tuple[TrainingTexts, Passages]:
    ids = sorted({article.id for of_language in members.values() for article, _ in of_language})
    numbers = {article_id: number for number, article_id in enumerate(ids)}
    rows: list[tuple[str, int, int]] = []
    first = [np.full(len(ids), -1, dtype=np.int64) for _ in members]
    counts = [np.zeros(len(ids), dtype=np.int64) for _ in members]
    for language, (code, of_language) in enumerate(members.items()):
        places = [numbers[article.id] for article, _ in of_language]
        lengths = np.array([len(passages) for _, passages in of_language], dtype=np.int64)
        first[language][places], counts[language][places] = np.cumsum(lengths) - lengths, lengths
        for place, (article, passages), found in zip(places, of_language, inbound[code], strict=True):
            texts = [article.title, article.description, *_headings(passages), *found.anchors, *found.contexts]
            rows += [(text, place, language) for text in dict.fromkeys(texts) if 0 < len(text) <= _LONGEST_TEXT]
    # The same choice whatever order sources come in, and spread over all articles.
    rows = sorted(rows, key=lambda row: (zlib.crc32(f"{row[2]} {ids[row[1]]} {row[0]}".encode()), row))[:_MOST_TEXTS]
    centres = [centre_of(of_language) for of_language in vectors.values()]
    distinct = list(dict.fromkeys(text for text, _, _ in rows))
    tell = longest_first("learning what is asked", distinct, progress)
    tell(0)
    encoded = dict(zip(distinct, encoder.encode_queries(distinct, progress=tell), strict=True))
    centred = np.empty((len(rows), encoder.dimension), dtype=np.float32)
    for number, (text, _, language) in enumerate(rows):
        centred[number] = encoded[text] - centres[language]
    articles, languages = ([row[part] for row in rows] for part in (1, 2))
    return (
        TrainingTexts(unit(centred), np.array(articles, dtype=np.int64), np.array(languages, dtype=np.int64)),
        Passages([unit(v - centre) for v, centre in zip(vectors.values(), centres, strict=True)], first, counts),
    )
