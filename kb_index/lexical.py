"""Word search (BM25) over whole articles of one language, with title, description, headings and body apart."""

from __future__ import annotations

import math
import re
import threading
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import bm25s
import numpy as np
import numpy.typing as npt
import Stemmer

from kb_index.articles import Article
from kb_index.chunker import readable_sections
from kb_index.compounds import CompoundSplitter

LEXICAL_VERSION = 2
"""Raise it with every change of `terms` or of the fields."""

FIELDS: tuple[str, ...] = ("title", "description", "headings", "body", "all")
"""all: title, headings and body as one text."""
MAX_QUERY_TERMS = 64
_K1 = 1.5
_LENGTH_WEIGHT = {"title": 0.5, "description": 0.5, "headings": 0.5, "body": 0.75, "all": 0.75}

Floats = npt.NDArray[np.float32]

_ALGORITHMS = {"en": "english", "es": "spanish", "fr": "french", "de": "german"}
_COMPOUNDING = frozenset({"de"})
_NO_COMPOUNDS = CompoundSplitter()
_COMPOUNDS_FILE = "compounds.json"
_OF_THREAD = threading.local()
_WORD = re.compile(r"\w+")
_STOPWORD_TEXTS = {
    "en": (
        "a an and are as at be but by can could did do does for from had has have how i if in into is it its me my "
        "no not of on or our please should so such that the their then there these they this to was we were what "
        "when where which who why will with would you your"
    ),
    "es": (
        "a al algo como con cual cuando de del desde donde e el ella en entre era es esta estan estar este esto "
        "estos fue ha hacer han hasta hay la las le les lo los mas me mi mis muy no nos o para pero por porque puede "
        "puedo que quien se ser si sin sobre son su sus tambien te tiene todo tu u un una uno y ya yo"
    ),
    "fr": (
        "a ai as au aux avec c ce ces cette comment d dans de des dont du elle en est et etre eu fait faire il ils j "
        "je l la le les leur lui m ma mais me mes mon n ne nos notre nous on ont ou par pas peut peux pour qu quand "
        "que quel quelle qui s sa sans se ses si son sont sur t ta te tes tu un une vos votre vous y"
    ),
    "de": (
        "aber als am an auch auf aus bei bin bis da das dass dem den der des die dies diese dieser du durch ein eine "
        "einem einen einer eines er es fur hat haben hier ich ihr ihre im in ist ja kann kein keine konnen man mein "
        "meine mich mir mit nach nicht noch nur oder sein sich sie sind so um und uns unser von vor was wenn wer wie "
        "wir wird wo zu zum zur"
    ),
}
_STOPWORDS = {language: frozenset(text.split()) for language, text in _STOPWORD_TEXTS.items()}


def fold(text: str) -> str:
    """Lower case without accents, so that 'conciliación' and 'CONCILIACION' are one word; ß becomes ss."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _stem_word(language: str) -> Callable[[str], str]:
    # A Snowball stemmer keeps a buffer of its own, so threads must not share one.
    stemmers: dict[str, Callable[[str], str]] = _OF_THREAD.__dict__
    if language not in stemmers:
        stemmers[language] = Stemmer.Stemmer(_ALGORITHMS[language]).stemWord
    return stemmers[language]


def terms(text: str, language: str, compounds: CompoundSplitter = _NO_COMPOUNDS) -> list[str]:
    """Search terms of a text in reading order: folded, without stopwords, stemmed; a compound's parts follow it."""
    stop, stem = _STOPWORDS[language], _stem_word(language)
    found: list[str] = []
    for word in _WORD.findall(fold(text)):
        if word not in stop:
            found.append(stem(word))
            found += map(stem, compounds.parts(word))
    return found


def query_terms(text: str, language: str, compounds: CompoundSplitter = _NO_COMPOUNDS) -> list[str]:
    """Distinct terms of a query, the first MAX_QUERY_TERMS of them."""
    return list(dict.fromkeys(terms(text, language, compounds)))[:MAX_QUERY_TERMS]


def _field_texts(article: Article) -> tuple[str, ...]:
    """Title, description, headings and body as plain text."""
    sections = readable_sections(article)
    headings = "\n".join(heading for heading, _ in sections)
    return article.title, article.description, headings, "\n".join(text for _, text in sections)


def _compounds_in(language: str, texts: Sequence[tuple[str, ...]]) -> CompoundSplitter:
    if language not in _COMPOUNDING:
        return _NO_COMPOUNDS
    return CompoundSplitter.learn(frozenset(_WORD.findall(fold("\n".join(fields)))) for fields in texts)


@dataclass(frozen=True, slots=True)
class LexicalMatch:
    """How the articles of one language answer a query's words."""

    fields: Floats
    """(len(FIELDS), articles): BM25 score of each field divided by the summed rarity of the query's words."""
    coverage: Floats
    """(articles,): share of the query's words, weighted by rarity, that occur anywhere in the article."""
    known: float
    """Share of the query's words, weighted by rarity, that occur in any article of the language."""


class LexicalIndex:
    """BM25 over the articles of one language, in the order they were given."""

    def __init__(self, language: str, count: int, models: dict[str, bm25s.BM25], compounds: CompoundSplitter) -> None:
        self.language = language
        self.count = count
        self._models = models
        self._compounds = compounds
        everything = models.get("all")
        self._vocabulary: dict[str, int] = everything.vocab_dict if everything else {}

    @classmethod
    def build(cls, language: str, articles: Sequence[Article]) -> LexicalIndex:
        """Indexes the articles; a field that is empty in all of them is left out."""
        texts = [_field_texts(article) for article in articles]
        compounds = _compounds_in(language, texts)
        fields = [[terms(text, language, compounds) for text in of_article] for of_article in texts]
        for of_article in fields:
            title, _, headings, body = of_article
            of_article.append(title + headings + body)
        models = {}
        for position, name in enumerate(FIELDS):
            tokens = [article_fields[position] for article_fields in fields]
            if any(tokens):
                model = bm25s.BM25(method="lucene", k1=_K1, b=_LENGTH_WEIGHT[name])
                model.index(tokens, create_empty_token=False, show_progress=False)
                models[name] = model
        return cls(language, len(articles), models, compounds)

    def save(self, directory: Path) -> None:
        """Writes one folder per field below `directory`, which is made."""
        directory.mkdir(parents=True)
        self._compounds.save(directory / _COMPOUNDS_FILE)
        for name, model in self._models.items():
            model.save(directory / name, show_progress=False)

    @classmethod
    def load(cls, language: str, count: int, directory: Path) -> LexicalIndex:
        """Reads what `save` wrote; the postings are memory-mapped. OSError or ValueError when something is missing."""
        models = {}
        for name in FIELDS:
            if (directory / name).is_dir():
                model = bm25s.BM25.load(directory / name, mmap=True, show_progress=False)
                # Plain arrays on the same mapped pages: slicing numpy's memmap class is ten times slower.
                model.scores.update({part: np.asarray(model.scores[part]) for part in ("data", "indices", "indptr")})
                models[name] = model
        return cls(language, count, models, CompoundSplitter.load(directory / _COMPOUNDS_FILE))

    def match(self, query: str) -> LexicalMatch:
        """Scores every article for the query's words; all zero when none of them occurs."""
        words = query_terms(query, self.language, self._compounds)
        fields = np.zeros((len(FIELDS), self.count), dtype=np.float32)
        coverage = np.zeros(self.count, dtype=np.float32)
        total, known_weight = 0.0, 0.0
        known: list[str] = []
        for word in words:
            weight, holders = self._rarity(word)
            total += weight
            if len(holders):
                known.append(word)
                known_weight += weight
                coverage[holders] += weight
        if not known:
            return LexicalMatch(fields, coverage, 0.0)
        for position, name in enumerate(FIELDS):
            model = self._models.get(name)
            present = [word for word in known if model is not None and word in model.vocab_dict]
            if model is not None and present:
                fields[position] = model.get_scores(present)
        return LexicalMatch(fields / np.float32(total), coverage / np.float32(total), known_weight / total)

    def _rarity(self, word: str) -> tuple[float, npt.NDArray[np.integer]]:
        """(inverse document frequency, articles that hold the word); an unknown word is as rare as can be."""
        column = self._vocabulary.get(word)
        holders: npt.NDArray[np.integer] = np.empty(0, dtype=np.int32)
        if column is not None:
            scores = self._models["all"].scores
            holders = scores["indices"][scores["indptr"][column] : scores["indptr"][column + 1]]
        return math.log(1 + (self.count - len(holders) + 0.5) / (len(holders) + 0.5)), holders
