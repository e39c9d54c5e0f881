"""Counts the words of the four languages in the product's own texts: `python -m bot.gateway.count_words`.

Reads the training examples (data/nlu) and the sample articles (kb_index/articles); writes language_words.tsv, which the
language of a message is judged by. Run it after either has grown much.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import yaml

from bot.gateway.language_words import COUNTS_FILE
from bot.locales import LANGUAGES
from bot.locales.wording import normalise

ROOT = Path(__file__).parents[2]
# Once is chance: a typo, a name, a foreign word.
LEAST = 2
_ENTITY = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")
_CODE_BLOCK = re.compile(r"`[^`]*`|https?://\S+")


def count_words(language: str) -> Counter[str]:
    """Normalised word → how often it occurs. Raises FileNotFoundError when the texts are not there."""
    counts: Counter[str] = Counter()
    for text in _texts(language):
        counts.update(normalise(_CODE_BLOCK.sub(" ", _ENTITY.sub(r"\1", text))).split())
    return counts


def _texts(language: str) -> Iterator[str]:
    topics = sorted((ROOT / "data/nlu" / language).glob("*.yml"))
    articles = sorted((ROOT / "kb_index/articles" / language).glob("*.md"))
    if not topics or not articles:
        raise FileNotFoundError(f"no texts to count: data/nlu/{language}/*.yml, kb_index/articles/{language}/*.md")
    for topic in topics:
        for intent in yaml.safe_load(topic.read_text(encoding="utf-8"))["nlu"]:
            yield from (line.lstrip(" -") for line in intent.get("examples", "").splitlines())
    for article in articles:
        yield article.read_text(encoding="utf-8")


def main() -> None:
    counts = {language: count_words(language) for language in LANGUAGES}
    lines = ["\t".join(("word", *LANGUAGES))]
    for word in sorted(set().union(*counts.values())):
        row = [counts[language][word] for language in LANGUAGES]
        if sum(row) >= LEAST and not any(c.isdigit() for c in word):
            lines.append("\t".join((word, *map(str, row))))
    COUNTS_FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines) - 1} words in {COUNTS_FILE}")


if __name__ == "__main__":
    main()
