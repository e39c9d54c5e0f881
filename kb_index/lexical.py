"""Word search (BM25) over whole articles of one language, its fields and what links say of it apart."""

from __future__ import annotations

import math
import re
import threading
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import bm25s
import numpy as np
import numpy.typing as npt
import Stemmer

from kb_index.articles import Article
from kb_index.chunker import readable_sections
from kb_index.compounds import CompoundSplitter
from kb_index.links import Inbound
from kb_index.postings import FieldScores, Postings

LEXICAL_VERSION = 4
"""Raise it with every change of `terms` or of the fields."""

FIELDS: tuple[str, ...] = ("title", "description", "headings", "body", "anchors", "context", "all")
"""anchors, context: `links.Inbound`; all: title, headings and body as one text."""
MAX_QUERY_TERMS = 64
_K1 = 1.5
_LENGTH_WEIGHT = {"title": 0.5, "description": 0.5, "headings": 0.5}
_LENGTH_WEIGHT_OF_LONG_TEXTS = 0.75

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_ALGORITHMS = {"en": "english", "es": "spanish", "fr": "french", "de": "german"}
_COMPOUNDING = frozenset({"de"})
_NO_COMPOUNDS = CompoundSplitter()
_COMPOUNDS_FILE = "compounds.json"
_LINKS_FILE = "links.npy"
_OF_THREAD = threading.local()
_WORD = re.compile(r"\w+")
_NOBODY = np.zeros(0, dtype=np.int64)
_NOTHING = np.zeros(0, dtype=np.float32)
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
    if not unicodedata.is_normalized("NFC", text):  # a letter and its accent apart are two words to the pattern
        text = unicodedata.normalize("NFC", text)
    found: list[str] = []
    if not compounds:
        for word in _WORD.findall(text):
            found += _stems(word, language)
        return found
    stem = _stem_word(language)
    for word in _WORD.findall(text):
        stems = _stems(word, language)
        found += stems
        if stems:
            found += map(stem, compounds.parts(fold(word)))
    return found


@lru_cache(maxsize=100_000)
def _stems(word: str, language: str) -> tuple[str, ...]:
    """The stem of a word, none for a stopword, several where folding makes more than one word of it."""
    stop, stem = _STOPWORDS[language], _stem_word(language)
    return tuple(stem(part) for part in _WORD.findall(fold(word)) if part not in stop)


def query_terms(text: str, language: str, compounds: CompoundSplitter = _NO_COMPOUNDS) -> list[str]:
    """Distinct terms of a query, the first MAX_QUERY_TERMS of them."""
    return list(dict.fromkeys(terms(text, language, compounds)))[:MAX_QUERY_TERMS]


def _field_texts(article: Article, inbound: Inbound) -> tuple[str, ...]:
    """Plain texts in the order of FIELDS, less the last."""
    sections = readable_sections(article)
    headings = "\n".join(heading for heading, _ in sections)
    body = "\n".join(text for _, text in sections)
    return article.title, article.description, headings, body, "\n".join(inbound.anchors), "\n".join(inbound.contexts)


def _compounds_in(language: str, texts: Sequence[tuple[str, ...]]) -> CompoundSplitter:
    if language not in _COMPOUNDING:
        return _NO_COMPOUNDS
    return CompoundSplitter.learn(frozenset(_WORD.findall(fold("\n".join(fields)))) for fields in texts)


def _field_scores(field: str, tokens: Sequence[list[str]]) -> FieldScores | None:
    """BM25 scores of one field in all articles, `tokens` of each; None when it is empty in all of them."""
    if not any(tokens):
        return None
    model = bm25s.BM25(method="lucene", k1=_K1, b=_LENGTH_WEIGHT.get(field, _LENGTH_WEIGHT_OF_LONG_TEXTS))
    model.index(tokens, create_empty_token=False, show_progress=False)
    columns = model.scores
    return FieldScores(model.vocab_dict, columns["indptr"], columns["indices"], columns["data"])


class LexicalMatch:
    """How the articles of one language answer a query's words, worked out only for the articles somebody asks about."""

    def __init__(
        self,
        postings: Postings,
        count: int,
        words: Mapping[str, float],
        among: npt.NDArray[np.bool_] | None,
    ) -> None:
        """Use `LexicalIndex.match`; `count` is the number of articles."""
        self._postings = postings
        self._count = count
        self._among = among
        self._rows = [postings.rows(word) for word in words]
        bounds = np.array([(rows.start, rows.stop) for rows in self._rows], dtype=np.int64).reshape(-1, 2)
        self._starts, self._holders = bounds[:, 0], bounds[:, 1] - bounds[:, 0]
        self._weights = np.array(list(words.values()), dtype=np.float64)
        self._values = self._weights * rarities(self._holders, count)
        self._total = float(self._values.sum())
        self._articles = np.concatenate([postings.articles[rows] for rows in self._rows] or [_NOBODY])

    @property
    def known(self) -> float:
        """Share of the query's words, weighted by rarity, that occur in any of the articles that count."""
        held = self._holders > 0
        if self._among is not None:
            held = np.array([self._among[self._postings.articles[rows]].any() for rows in self._rows], dtype=bool)
        return float(self._values[held].sum()) / self._total if self._total else 0.0

    def sums(self) -> npt.NDArray[np.float64]:
        """(articles,): the scores of all fields added up, of every article."""
        sums = np.concatenate([self._postings.sums[rows] for rows in self._rows] or [_NOTHING])
        weights = np.repeat(self._weights / (self._total or 1.0), self._holders)
        return np.bincount(self._articles, sums * weights, self._count).astype(np.float64, copy=False)

    def scores(self, articles: Ints) -> Floats:
        """(articles, len(FIELDS) + 1), of some articles, each named once.

        The columns are the BM25 score of each field divided by the summed rarity of the query's words, and the
        coverage: the share of those words, weighted by rarity, that occur anywhere in the article.
        """
        places, words, rows = self._found(articles)
        weighted = self._postings.scores[rows] * self._weights[words, None]
        return self._added(len(articles), places, np.column_stack((weighted, self._values[words])))

    def whole(self, articles: Ints) -> Floats:
        """(articles, 2): of the scores, those of the field "all" and the coverage."""
        places, words, rows = self._found(articles)
        weighted = self._postings.scores[rows, -1] * self._weights[words]
        return self._added(len(articles), places, np.column_stack((weighted, self._values[words])))

    def _found(self, articles: Ints) -> tuple[Ints, Ints, Ints]:
        """Of every word in every one of the articles that holds it: places in `articles`, words, postings."""
        place_of = np.full(self._count, -1, dtype=np.int64)
        place_of[articles] = np.arange(len(articles))
        places = place_of[self._articles]
        found = np.flatnonzero(places >= 0)
        ends = np.cumsum(self._holders)
        words = np.searchsorted(ends, found, side="right")
        return places[found], words, found + (self._starts - ends + self._holders)[words]

    def _added(self, count: int, places: Ints, values: npt.NDArray[np.float64]) -> Floats:
        width = values.shape[1]
        cells = places[:, None] * width + np.arange(width)
        added = np.bincount(cells.ravel(), values.ravel(), count * width).reshape(count, width)
        return (added / (self._total or 1.0)).astype(np.float32)


class LexicalIndex:
    """BM25 over the articles of one language, in the order they were given.

    One list of postings per term holds the scores of all fields: a query adds up few rows instead of many lists.
    """

    def __init__(self, language: str, links: Floats, postings: Postings, compounds: CompoundSplitter) -> None:
        self.language = language
        self.links = links
        """(articles,): how many others link to each."""
        self.count = len(links)
        self._postings = postings
        self._compounds = compounds

    @classmethod
    def build(cls, language: str, articles: Sequence[Article], inbound: Sequence[Inbound]) -> LexicalIndex:
        """Indexes the articles; `inbound` is what `links.inbound_links` found of them."""
        texts = [_field_texts(article, found) for article, found in zip(articles, inbound, strict=True)]
        compounds = _compounds_in(language, [of_article[:4] for of_article in texts])
        fields = [[terms(text, language, compounds) for text in of_article] for of_article in texts]
        for of_article in fields:
            title, _, headings, body, *_ = of_article
            of_article.append(title + headings + body)
        scores = [_field_scores(name, [of_article[n] for of_article in fields]) for n, name in enumerate(FIELDS)]
        links = np.array([len(found.articles) for found in inbound], dtype=np.float32)
        return cls(language, links, Postings.of(scores), compounds)

    def save(self, directory: Path) -> None:
        """Writes into `directory`, which is made."""
        directory.mkdir(parents=True)
        self._compounds.save(directory / _COMPOUNDS_FILE)
        np.save(directory / _LINKS_FILE, self.links)
        self._postings.save(directory)

    @classmethod
    def load(cls, language: str, count: int, directory: Path) -> LexicalIndex:
        """Reads what `save` wrote; the postings are memory-mapped. OSError or ValueError when something is missing."""
        links = np.load(directory / _LINKS_FILE)
        if links.shape != (count,):
            raise ValueError(f"{directory / _LINKS_FILE} counts {len(links)} articles instead of {count}")
        return cls(language, links, Postings.load(directory), CompoundSplitter.load(directory / _COMPOUNDS_FILE))

    def terms_of(self, text: str) -> list[str]:
        """Search terms of a text of this language, in reading order."""
        return terms(text, self.language, self._compounds)

    def query_terms(self, query: str) -> list[str]:
        """Distinct terms of a query, the first MAX_QUERY_TERMS of them."""
        return query_terms(query, self.language, self._compounds)

    def knows(self, term: str) -> bool:
        """Whether the term occurs in any article."""
        return self._postings.frequency(term) > 0

    def rarity(self, term: str) -> float:
        """Inverse document frequency, as `rarities`."""
        holders = self._postings.frequency(term)
        return math.log(1 + (self.count - holders + 0.5) / (holders + 0.5))

    def match(self, words: Mapping[str, float], among: npt.NDArray[np.bool_] | None = None) -> LexicalMatch:
        """What the articles say of terms with their weights (1 for a word as it was asked).

        With `among` (articles,) only the words of marked articles are known.
        """
        return LexicalMatch(self._postings, self.count, words, among)


def rarities(holders: Ints, count: int) -> npt.NDArray[np.float64]:
    """Inverse document frequency of terms that so many of `count` articles hold; an unknown one is the rarest."""
    return np.log(1 + (count - holders + 0.5) / (holders + 0.5))
