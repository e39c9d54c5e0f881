"""How often the likely case reason and area come first, and how well what support does not do is told apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bot.desk.choices import NEARLY_SURE, OTHER, Choices, Likely
from bot.desk.described import IN_SCOPE, Described, Example, read_examples
from bot.desk.scope import Scope
from bot.locales import LANGUAGES, Catalogue, load_catalogues
from bot.policy.policy import load_policy
from kb_index.encoder import Encoder
from tests.benchmarks.figures import Figure, milliseconds, percentile, show
from tests.benchmarks.knowledge import ENCODER

HELD_OUT = Path(__file__).parents[1] / "unit/desk/choices"
GROUPS = {"case_reason": 1, "application_area": 0}
FIRST, FIRST_THREE, PRECISION = 0.8, 0.95, 0.95


def held_out_summaries() -> list[Example]:
    """Names: application area, case reason."""
    return read_examples(HELD_OUT / "summaries.yml", levels=2)


def held_out_requests() -> list[Example]:
    """Requests that are out of scope, by topic, and those that are in scope, the held-out summaries among them."""
    requests = read_examples(HELD_OUT / "scope.yml", levels=1)
    return requests + [Example(one.language, (IN_SCOPE,), one.text) for one in held_out_summaries()]


def choices(encoder: Encoder) -> list[Figure]:
    """Shares of the held-out summaries, beside those of the nearest label or word of the vocabulary."""
    catalogues, judged = load_catalogues(), Choices(Described(encoder))
    took, _ = milliseconds(judged.prepare, catalogues["en"])
    figures: list[Figure] = []
    times: list[float] = []
    for group, level in GROUPS.items():
        answers: list[tuple[Likely, str]] = []
        for language in LANGUAGES:
            own = [row for row in held_out_summaries() if row.language == language]
            words = _nearest_words([row.text for row in own], group, catalogues[language], encoder)
            judgements = [milliseconds(judged.likely, row.text, group, catalogues[language]) for row in own]
            times += [ms for ms, _ in judgements]
            likely = [found for _, found in judgements]
            answers += [(found, row.names[level]) for found, row in zip(likely, own, strict=True)]
            for first, aim in ((1, FIRST), (3, FIRST_THREE)):
                # OTHER comes last by design.
                rows = [n for n, row in enumerate(own) if row.names[level] != OTHER]
                share = np.mean([own[n].names[level] in likely[n].ranked[:first] for n in rows])
                before = np.mean([own[n].names[level] in words[n][:first] for n in rows])
                against = f"nearest word: {before:.3f}; aim: at least {aim}; {len(rows)} summaries"
                figures.append(Figure(f"{group}, {language}: in the first {first}", float(share), "", against, aim))
        sure = [found.ranked[0] == value for found, value in answers if found.probability >= NEARLY_SURE]
        share_of_all = f"{len(sure)} of {len(answers)} summaries, those of no value included"
        figures.append(Figure(f"{group}: first is right where nearly sure", float(np.mean(sure)), "", share_of_all))
    figures.append(Figure("learning both, with the vectors", took / 1000, "s"))
    figures.append(Figure("a judgement, p50", percentile(times, 50), "ms"))
    return figures


def _nearest_words(texts: list[str], group: str, catalogue: Catalogue, encoder: Encoder) -> list[list[str]]:
    """What the choices are compared with: values by the likeness of their label or nearest expression."""
    vocabulary = catalogue.content["vocabulary"][group].items()
    pairs = [(value, word) for value, words in vocabulary for word in (catalogue.label(group, value), *words)]
    likeness = encoder.encode_queries(texts) @ encoder.encode_queries([word for _, word in pairs]).T
    ranked = [[pairs[column][0] for column in np.argsort(-row)] for row in likeness]
    return [[value for value in dict.fromkeys(values) if value != OTHER] for values in ranked]


def scope(encoder: Encoder) -> list[Figure]:
    """Precision and recall of "support does not do that", and how often the topic is right where it is said."""
    judged = Scope(Described(encoder), load_policy())
    said = [(row, judged.out_of_scope_topic(row.text)) for row in held_out_requests()]
    figures: list[Figure] = []
    for languages in (*((language,) for language in LANGUAGES), LANGUAGES):
        own = [(row.names[0], topic) for row, topic in said if row.language in languages]
        out = [(expected, topic) for expected, topic in own if topic is not None]
        right = [(expected, topic) for expected, topic in out if expected != IN_SCOPE]
        all_out = sum(expected != IN_SCOPE for expected, _ in own)
        name, count = " ".join(languages), f"{len(own)} requests, {all_out} out of scope"
        aim = f"aim: at least {PRECISION}; {count}"
        figures.append(Figure(f"{name}: precision", len(right) / len(out), "", aim, PRECISION))
        figures.append(Figure(f"{name}: recall", len(right) / all_out, ""))
        figures.append(Figure(f"{name}: right topic", sum(a == b for a, b in right) / len(right), ""))
    return figures


def main() -> None:
    encoder = Encoder.load(ENCODER)
    show("choices", choices(encoder))
    show("scope", scope(encoder))


if __name__ == "__main__":
    main()
