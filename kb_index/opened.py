"""One version of the index, opened: its texts, the rankers of its languages, and what it has learned."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kb_index.adapter import midway, unit
from kb_index.articles import LANGUAGES
from kb_index.content import Content
from kb_index.errors import IndexFormatError
from kb_index.index_store import Meta, build_command, read_meta, require_encoder, version_path
from kb_index.learning import Learned
from kb_index.lexical import LexicalIndex, query_terms
from kb_index.ranking import LanguageRanker, Question
from kb_index.vectors import VectorPartition

if TYPE_CHECKING:
    from kb_index.encoder import Encoder


class OpenVersion:
    """One version of the index, immutable: searches that began on it end on it."""

    def __init__(self, directory: Path, version: str, encoder: Encoder) -> None:
        self.version = version
        self.meta: Meta = read_meta(directory, version)
        require_encoder(
            directory, self.meta, name=encoder.name, fingerprint=encoder.fingerprint, dimension=encoder.dimension
        )
        path = version_path(directory, version)
        self.content = Content(path / "content.sqlite")
        self.rankers: dict[str, LanguageRanker] = {}
        self.places: dict[tuple[str, str], tuple[LanguageRanker, int]] = {}
        entries = self.content.entries()
        for language, counts in self.meta.languages.items():
            own = [entry for entry in entries if entry.language == language]
            vectors = VectorPartition.load(path / "vectors" / f"{language}.faiss")
            if len(own) != counts.articles or vectors.count != sum(entry.passages for entry in own):
                raise IndexFormatError(f"the index in {path} contradicts itself; run: {build_command(directory)}")
            try:
                lexical = LexicalIndex.load(language, len(own), path / "lexical" / language)
            except (OSError, ValueError, KeyError) as error:
                raise IndexFormatError(
                    f"the word index in {path / 'lexical' / language} is damaged: {error}; "
                    f"run: {build_command(directory)}"
                ) from error
            ranker = LanguageRanker(language, own, vectors, lexical)
            self.rankers[language] = ranker
            self.places |= {(language, entry.id): (ranker, n) for n, entry in enumerate(own)}
        for ranker in self.rankers.values():
            ranker.link_translations([other for other in self.rankers.values() if other is not ranker])
        try:
            self.learned = Learned.load(path / "learned")
        except (OSError, ValueError, TypeError) as error:
            raise IndexFormatError(
                f"what the index learned in {path / 'learned'} is damaged: {error}; run: {build_command(directory)}"
            ) from error
        self.foreign_only = {language: self._foreign_only(language) for language in LANGUAGES}

    def _foreign_only(self, language: str) -> dict[str, npt.NDArray[np.bool_]]:
        """By other language, which of its articles have no version in `language`; languages without any left out."""
        marks = {}
        for code, ranker in self.rankers.items():
            missing = np.array([(language, entry.id) not in self.places for entry in ranker.entries], dtype=bool)
            if code != language and missing.any():
                marks[code] = missing
        return marks

    def question(self, query: str, vector: npt.NDArray[np.float32], language: str) -> Question:
        """What rankers need of a question in that language; `vector` is the encoder's, (dimension,)."""
        asked = self.rankers.get(language)
        spoken = asked.lexical.query_terms(query) if asked else query_terms(query, language)
        centred = unit(vector - asked.centre if asked else vector)
        words: dict[str, dict[str, float]] = {}
        known: dict[str, float] = {}
        for code, ranker in self.rankers.items():
            if code == language:
                words[code], known[code] = dict.fromkeys(spoken, 1.0), 1.0
            else:
                words[code], known[code] = self.learned.lexicon.translate(spoken, language, code, ranker.lexical.knows)
        adapted = self.learned.adapter.adapt(centred)
        return Question(vector, centred, adapted, midway(centred, adapted), words, known)
