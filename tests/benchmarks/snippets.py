"""How often the text shown under a found article holds the sentence that answers, and what choosing it costs."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from kb_index.chunker import Passage, passages_of
from kb_index.encoder import Encoder
from kb_index.lexical import terms
from kb_index.passage_choice import is_how_to, procedure
from kb_index.search import KnowledgeIndex
from kb_index.snippets import MAX_SNIPPET, shorten, snippet
from kb_index.steps import pieces_of
from kb_index.weights import NATIVE_WEIGHTS
from kb_index.word_vectors import WordVectors
from tests.benchmarks.figures import Figure, milliseconds, percentile, show
from tests.benchmarks.knowledge import ENCODER, INDEX

QUESTIONS = Path(__file__).parent / "data/snippets.jsonl"
PARTS = ("development", "held-out")
"""The figures of `kb_index.snippets` were chosen on the first; no article has questions in both."""
ROUNDS = 5
RESULTS = 3


@dataclass(frozen=True)
class Question:
    """A question about one of the product's own articles, and the words that its answer cannot do without."""

    part: str
    language: str
    question: str
    article: str
    anchor: str
    """Of the section that answers; '' for the beginning."""
    must: tuple[str, ...]

    def is_answered_by(self, text: str) -> bool:
        return all(words in text for words in self.must)


def questions() -> list[Question]:
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    return [Question(**{**row, "must": tuple(row["must"])}) for row in map(json.loads, lines)]


@dataclass(frozen=True)
class Case:
    """A question with the passages of its article, in one language, and the place of the one that answers."""

    question: Question
    title: str
    language: str
    passages: list[Passage]
    right: int
    must: tuple[str, ...]

    @property
    def passage(self) -> Passage:
        return self.passages[self.right]

    def topic(self) -> frozenset[str]:
        return frozenset(terms(f"{self.title} {self.passage.heading}", self.language))

    def is_answered_by(self, text: str) -> bool:
        return all(words in text for words in self.must)


def snippets(index_directory: Path = INDEX) -> list[Figure]:
    """Shares of the questions answered, in the passage that answers and by a whole search, and ms a snippet."""
    encoder = Encoder.load(ENCODER)
    index = KnowledgeIndex.open(index_directory, encoder)
    vectors = WordVectors.load(ENCODER, encoder.tokenizer)
    figures: list[Figure] = []
    times: list[float] = []
    for part in PARTS:
        rows = [row for row in questions() if row.part == part]
        own = [_case(index, encoder, row) for row in rows]
        foreign = [found for case in own if (found := _in_english(index, encoder, case)) is not None]
        for name, cases in (("", own), (", question in another language", foreign)):
            near = [case.is_answered_by(_shown(case, vectors, times)) for case in cases]
            by_words = [case.is_answered_by(_shown(case, None, [])) for case in cases]
            beginning = _share([case.is_answered_by(shorten(case.passage.text, MAX_SNIPPET)) for case in cases])
            against = f"by words alone; its beginning: {beginning:.3f}; {len(cases)} questions"
            figures.append(
                Figure(f"{part}: in the passage's snippet{name}", _share(near), "", against, _share(by_words))
            )
        choices = [_choices(index, encoder, case) for case in own]
        right, nearest = (_share(list(hits)) for hits in zip(*choices, strict=True))
        figures.append(Figure(f"{part}: in the passage chosen of the article", right, "", "nearest vector", nearest))
        found = [_is_found(index, row) for row in rows]
        figures.append(
            Figure(f"{part}: in a snippet of {RESULTS} results", _share(found), "", f"{len(rows)} questions")
        )
    figures.append(Figure("a snippet, p50", percentile(times, 50), "ms", "aim: at most 0.4 ms", 0.4))
    return figures


def _shown(case: Case, vectors: WordVectors | None, times: list[float]) -> str:
    """The snippet of the passage that answers; adds the milliseconds to `times`, the last rounds' with known words."""
    words = frozenset(terms(case.question.question, case.language))
    nearness = None if vectors is None else vectors.nearness(case.question.question)
    call = partial(snippet, case.passage.text, words, case.language, topic=case.topic(), nearness=nearness)
    for _ in range(ROUNDS):
        took, text = milliseconds(call)
        times.append(took)
    return str(text)


def _choices(index: KnowledgeIndex, encoder: Encoder, case: Case) -> tuple[bool, bool]:
    """Whether the product's choice of a passage, and whether the passage of the nearest vector, answers.

    Neither does where the article is no candidate for the question at all.
    """
    ranker, text = index.ranker(case.language), case.question.question
    # Only this article: which passage of it is shown is asked here, not whether it is found.
    only = np.array([entry.id == case.question.article for entry in ranker.entries])
    asked = index.question(text, encoder.encode_queries([text])[0], case.language)
    ranking = ranker.rank(asked, NATIVE_WEIGHTS, keep=only)
    if not len(ranking):
        return False, False
    texts, nearest = [passage.text for passage in case.passages], int(ranking.passages[0])
    weights = {word: ranker.lexical.rarity(word) for word in asked.words[case.language]}
    how_to = is_how_to(weights, frozenset(ranker.lexical.terms_of(case.title)))
    steps = procedure(texts) if how_to else None
    return case.is_answered_by(texts[nearest if steps is None else steps]), case.is_answered_by(texts[nearest])


def _is_found(index: KnowledgeIndex, row: Question) -> bool:
    results = index.search(row.question, language=row.language, limit=RESULTS).results
    return any(one.article == row.article and row.is_answered_by(one.snippet) for one in results)


def _case(index: KnowledgeIndex, encoder: Encoder, row: Question) -> Case:
    """Raises LookupError when the sample articles have changed."""
    article = index.article(row.language, row.article)
    passages = [] if article is None else passages_of(article, encoder.count_tokens)
    for right, passage in enumerate(passages):
        if article is not None and passage.anchor == row.anchor and row.is_answered_by(passage.text):
            return Case(row, article.title, row.language, passages, right, row.must)
    raise LookupError(f"{row.language}/{row.article}#{row.anchor} no longer says {row.must}; change {QUESTIONS.name}")


def _in_english(index: KnowledgeIndex, encoder: Encoder, case: Case) -> Case | None:
    """The same question on the English article; None where the two texts do not run in parallel or are shown whole."""
    article = index.article("en", case.question.article)
    if case.language == "en" or article is None:
        return None
    passages = passages_of(article, encoder.count_tokens)
    if len(passages) != len(case.passages) or len(passages[case.right].text) <= MAX_SNIPPET:
        return None
    pieces = pieces_of(case.passage.text, case.language, MAX_SNIPPET)
    english = pieces_of(passages[case.right].text, "en", MAX_SNIPPET)
    if len(pieces) != len(english):
        return None
    pairs = zip(pieces, english, strict=True)
    must = tuple(other.text.strip() for one, other in pairs if any(words in one.text for words in case.must))
    return Case(case.question, article.title, "en", passages, case.right, must) if must else None


def _share(hits: list[bool]) -> float:
    return sum(hits) / len(hits)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--index", type=Path, default=INDEX, help="an index of kb_index/articles")
    show("snippets", snippets(options.parse_args().index))


if __name__ == "__main__":
    main()
