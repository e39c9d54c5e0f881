"""Help centers larger than the product's own, made of its articles, to see how searching grows with them."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kb_index.adapter import unit
from kb_index.articles import Article
from kb_index.builder import searched_vectors
from kb_index.chunker import CHUNKER_VERSION, Passage
from kb_index.content import Content, write_content
from kb_index.encoder import Encoder
from kb_index.errors import IndexFormatError
from kb_index.index_store import LanguageCounts, Meta, current_version, read_meta, version_path
from kb_index.learning import LEARNING_VERSION, Learned
from kb_index.lexical import LEXICAL_VERSION, LexicalIndex
from kb_index.links import inbound_links
from kb_index.search_method import SearchMethod
from kb_index.vectors import VectorPartition
from kb_index.versions import publish_version, start_version

Floats = npt.NDArray[np.float32]

PASSAGES_AN_ARTICLE = 10
"""Of the real help center that retrieval was tuned on: 34,510 passages of 3,264 articles."""
SENTENCES_A_PASSAGE = 4
_NEIGHBOURS = 10
_OWN_SHARE = 0.5
_NOISE = 0.2
_BLOCK = 10_000
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_LEAST_CHARACTERS = 20


def write_large_index(
    source: Path, directory: Path, encoder: Encoder, languages: Sequence[str], passages: int
) -> dict[str, SearchMethod]:
    """Writes an index of about so many passages, spread evenly over the languages, from the small one in `source`.

    Texts are sentences of the source's articles in new order; a question's words occur in about as large a share of the
    articles as in a real help center. Vectors are not encoded but grown (`_grown`). What the source learned is copied.
    Returns how each language's vectors are searched. Raises IndexFormatError when there is no index in `source`.
    """
    name = current_version(source)
    if name is None:
        raise IndexFormatError(f"there is no index in {source}; run: make index")
    version = version_path(source, name)
    articles = passages // len(languages) // PASSAGES_AN_ARTICLE
    directory.mkdir(parents=True, exist_ok=True)
    building = start_version(directory)
    shutil.copytree(version / "learned", building / "learned")
    learned = Learned.load(version / "learned")
    (building / "vectors").mkdir()
    members = [pair for language in sorted(languages) for pair in _articles(version, language, articles)]
    methods = {}
    for number, language in enumerate(sorted(languages)):
        own = [article for article, _ in members[number * articles : (number + 1) * articles]]
        LexicalIndex.build(language, own, inbound_links(own)).save(building / "lexical" / language)
        vectors = _grown(_passages(version), language, articles * PASSAGES_AN_ARTICLE)
        partition = searched_vectors(vectors, [article.title for article in own], learned.adapter, encoder)
        partition.save(building / "vectors" / f"{language}.faiss")
        methods[language] = partition.method
    write_content(building / "content.sqlite", members)
    counts = LanguageCounts(articles, articles * PASSAGES_AN_ARTICLE)
    meta = Meta(
        encoder_name=encoder.name,
        encoder_fingerprint=encoder.fingerprint,
        dimension=encoder.dimension,
        chunker_version=CHUNKER_VERSION,
        lexical_version=LEXICAL_VERSION,
        learning_version=LEARNING_VERSION,
        languages=dict.fromkeys(sorted(languages), counts),
        sources=[str(source)],
    )
    publish_version(directory, building, meta)
    return methods


def _articles(version: Path, language: str, count: int) -> Iterator[tuple[Article, list[Passage]]]:
    """New articles made of the sentences of the version's, the same ones at every call."""
    content = Content(version / "content.sqlite")
    known = [content.article(entry.number) for entry in content.entries() if entry.language == language]
    content.close()
    lines = [text for article in known for text in _SENTENCE.split(article.body)]
    sentences = [text for text in lines if len(text) >= _LEAST_CHARACTERS and not text.startswith(("#", "|", "["))]
    drawn = random.Random(language)
    for number in range(count):
        first, second = (drawn.choice(known) for _ in range(2))
        title, description = f"{first.title} {number}", second.description
        texts = [" ".join(drawn.choices(sentences, k=SENTENCES_A_PASSAGE)) for _ in range(PASSAGES_AN_ARTICLE - 1)]
        body = "\n\n".join(f"## {drawn.choice(known).title}\n\n{text}" for text in texts)
        article = Article(
            id=f"article-{number:06}",
            language=language,
            title=title,
            description=description,
            body=body,
            updated=first.updated,
            audience=first.audience,
            source=first.source,
            url=first.url,
        )
        yield article, [Passage("", "", text, f"{title}\n{text}") for text in (description, *texts)]


def _passages(version: Path) -> dict[str, Floats]:
    meta = read_meta(version.parents[1], version.name)
    partitions = {code: VectorPartition.load(version / "vectors" / f"{code}.faiss") for code in meta.languages}
    return {code: partition.rows(0, partition.count) for code, partition in partitions.items()}


def _grown(known: dict[str, Floats], language: str, count: int) -> Floats:
    """(count, dimension): each between two known passages near each other, plus a little of how any two differ.

    The passages of an article are grown around one known passage. So vectors lie in clusters and articles in parts of
    them, as on a real help center. The other languages' passages are moved to the language's mean, to have more of them
    to begin with.
    """
    mean = known[language].mean(axis=0)
    base = np.concatenate([unit(rows - rows.mean(axis=0) + mean) for rows in known.values()])
    centred = unit(base - mean)
    nearest = np.argsort(-(centred @ centred.T), axis=1)[:, :_NEIGHBOURS]
    drawn = np.random.default_rng(len(base))
    subjects = np.repeat(drawn.integers(0, len(base), -(-count // PASSAGES_AN_ARTICLE)), PASSAGES_AN_ARTICLE)[:count]
    vectors = np.empty((count, base.shape[1]), dtype=np.float32)
    for start in range(0, count, _BLOCK):
        block = vectors[start : start + _BLOCK]
        one = nearest[subjects[start : start + _BLOCK], drawn.integers(0, _NEIGHBOURS, len(block))]
        other = nearest[one, drawn.integers(1, _NEIGHBOURS, len(block))]
        left, right = drawn.integers(0, len(base), (2, len(block)))
        share = drawn.uniform(_OWN_SHARE, 1, (len(block), 1)).astype(np.float32)
        block[:] = unit(share * base[one] + (1 - share) * base[other] + _NOISE * unit(base[left] - base[right]))
    return vectors
