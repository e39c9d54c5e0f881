"""How often two problems in one summary are told, how often rightly, and what a look at a summary costs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.desk.meaning import Meaning
from bot.desk.problems import TwoProblems, two_problems
from bot.locales import LANGUAGES, Catalogue, load_catalogues
from bot.locales.wording import normalise
from kb_index.encoder import Encoder
from tests.benchmarks.figures import Figure, milliseconds, percentile, show
from tests.benchmarks.knowledge import ENCODER

EXAMPLES = Path(__file__).parents[1] / "unit/desk/problems"
PARTS = ("development", "held_out")
"""The rules of `bot.desk.problems` were chosen on the first."""
_TYING = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True)
class Example:
    """A summary, and its two problems as written; no problems where it holds only one."""

    text: str
    holds_two: bool
    parts: tuple[str, ...]

    def is_split_by(self, found: TwoProblems) -> bool:
        """Whether the parts are right; where no words tie them together, whether they make up the text."""
        split = (normalise(found.first), normalise(found.second))
        return split == self.parts or normalise(" ".join(split)) == normalise(self.text)


def examples(language: str, part: str) -> list[Example]:
    groups = yaml.safe_load((EXAMPLES / f"{language}.yml").read_text(encoding="utf-8"))[part]
    return [_example(text, group == "two") for group in ("two", "one") for text in groups[group]]


def _example(marked: str, holds_two: bool) -> Example:
    parts = tuple(normalise(part) for part in _TYING.split(marked) if normalise(part).strip())
    return Example(marked.replace("{", "").replace("}", ""), holds_two, parts if holds_two else ())


@dataclass(frozen=True)
class Score:
    """Summaries with two problems; those said to have two, rightly and wrongly; and rightly with the right parts."""

    with_two: int
    right: int
    wrong: int
    right_parts: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / self.with_two

    def __add__(self, other: Score) -> Score:
        return Score(
            self.with_two + other.with_two,
            self.right + other.right,
            self.wrong + other.wrong,
            self.right_parts + other.right_parts,
        )


def score(found: list[tuple[Example, TwoProblems | None]]) -> Score:
    said = [(example, two) for example, two in found if two is not None]
    return Score(
        with_two=sum(example.holds_two for example, _ in found),
        right=sum(example.holds_two for example, _ in said),
        wrong=sum(not example.holds_two for example, _ in said),
        right_parts=sum(example.holds_two and example.is_split_by(two) for example, two in said),
    )


def judged(part: str, catalogue: Catalogue, meaning: Meaning) -> list[tuple[Example, TwoProblems | None]]:
    """The examples of a part, in the catalogue's language, with what is made of each."""
    return [(e, two_problems(e.text, catalogue, meaning)) for e in examples(catalogue.language, part)]


def problems() -> list[Figure]:
    meaning, catalogues = Meaning(Encoder.load(ENCODER)), load_catalogues()
    figures: list[Figure] = []
    for part in PARTS:
        scores = {language: score(judged(part, catalogues[language], meaning)) for language in LANGUAGES}
        for name, one in {**scores, "all": sum(scores.values(), Score(0, 0, 0, 0))}.items():
            counts = f"aim: at least 0.95; {one.right} right, {one.wrong} wrong"
            figures.append(Figure(f"{part}, {name}: precision", one.precision, "", counts, 0.95))
            figures.append(Figure(f"{part}, {name}: recall", one.recall, "", f"aim: 0.7; of {one.with_two}", 0.7))
            whole = f"of {one.right} rightly told"
            figures.append(Figure(f"{part}, {name}: right parts", one.right_parts / one.right, "", whole))
    texts = [(e.text, language) for language in LANGUAGES for part in PARTS for e in examples(language, part)]
    times = [milliseconds(two_problems, text, catalogues[language], meaning)[0] for text, language in texts]
    for share in (50, 95):
        figures.append(Figure(f"a summary, p{share}", percentile(times, share), "ms", "aim: at most 40 ms", 40))
    return figures


if __name__ == "__main__":
    show("problems", problems())
