"""The desk follows the user's language, but not every foreign word, and an explicit wish stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.gateway.language import LanguageSettler, SettledLanguage
from bot.locales import LANGUAGES, load_catalogues

SENTENCES = {
    "en": "My bank reconciliation does not balance since yesterday",
    "es": "Mi conciliación bancaria no cuadra desde ayer",
    "fr": "Le rapprochement bancaire ne tombe pas juste depuis hier",
    "de": "Seit gestern stimmt der Bankabgleich nicht mehr",
}
SETTLER = LanguageSettler(load_catalogues())


@pytest.mark.parametrize("current", LANGUAGES)
@pytest.mark.parametrize("spoken", LANGUAGES)
def test_a_sentence_takes_the_conversation_to_its_language(
    languages: LanguageSettler, current: str, spoken: str
) -> None:
    assert languages.settle(SENTENCES[spoken], current) == SettledLanguage(spoken, False)


@pytest.mark.parametrize(
    ("greeting", "language"),
    [("hola", "es"), ("Bonjour !", "fr"), ("Guten Morgen", "de"), ("Hi", "en"), ("merci beaucoup", "fr"), ("sí", "es")],
)
def test_a_greeting_or_a_thank_you_is_enough(languages: LanguageSettler, greeting: str, language: str) -> None:
    other = "de" if language != "de" else "en"
    assert languages.settle(greeting, other).language == language


@pytest.mark.parametrize("text", ["ok", "sandbox", "BL03000076", "42", "a", "", "🙈🙉", "…", "non"])
@pytest.mark.parametrize("current", LANGUAGES)
def test_what_tells_nothing_keeps_the_language(languages: LanguageSettler, text: str, current: str) -> None:
    assert languages.settle(text, current) == SettledLanguage(current, False)


@pytest.mark.parametrize(
    "text", ["La mia riconciliazione bancaria non quadra da ieri", "请帮我开一个工单", "مرحبا، كيف أفتح تذكرة؟"]
)
def test_a_language_that_the_desk_does_not_speak_keeps_the_language(languages: LanguageSettler, text: str) -> None:
    assert languages.settle(text, "fr") == SettledLanguage("fr", False)


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("can we speak French?", "fr"),
        ("en español por favor", "es"),
        ("Können wir auf Deutsch weitermachen?", "de"),
        ("parlons anglais", "en"),
        ("English please", "en"),
        ("français", "fr"),
        ("DEUTSCH", "de"),
        ("¿habla español?", "es"),
    ],
)
def test_a_language_that_is_asked_for_is_taken_and_pinned(languages: LanguageSettler, wish: str, language: str) -> None:
    settled = languages.settle(wish, "en" if language != "en" else "de")
    assert settled == SettledLanguage(language, pinned=True, wished=True)


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_a_pinned_language_stays_whatever_is_spoken(languages: LanguageSettler, spoken: str) -> None:
    assert languages.settle(SENTENCES[spoken], "fr", pinned=True) == SettledLanguage("fr", True)


def test_a_pinned_language_goes_when_another_is_asked_for(languages: LanguageSettler) -> None:
    assert languages.settle("auf Deutsch bitte", "fr", pinned=True) == SettledLanguage("de", True, True)


@pytest.mark.parametrize(
    "text",
    [
        "my French customer cannot pay",
        "Do you speak Spanish or French?",
        "the German language of the invoice template is wrong and I would like it to be changed",
    ],
)
def test_a_language_that_is_only_mentioned_is_no_wish(languages: LanguageSettler, text: str) -> None:
    assert languages.wished(text) is None


@pytest.mark.parametrize("slot", ["error_message", "replication_steps", "expected_result", "email", "code"])
def test_a_quoted_error_or_an_address_does_not_switch_the_language(languages: LanguageSettler, slot: str) -> None:
    error = "The transaction could not be posted because the period is closed"
    assert languages.settle(error, "de", awaiting=slot) == SettledLanguage("de", False)
    assert languages.settle(error, "de", awaiting="worked_before").language == "en"


def test_a_wish_is_heard_while_an_error_is_asked_for(languages: LanguageSettler) -> None:
    settled = languages.settle("can we speak English?", "de", awaiting="error_message")
    assert (settled.language, settled.wished) == ("en", True)


def test_a_text_of_several_lines_is_one_text(languages: LanguageSettler) -> None:
    assert languages.detect(SENTENCES["es"] + "\n\n" + SENTENCES["es"] + "\r\n") == "es"


@settings(max_examples=150)
@given(st.text(max_size=200), st.sampled_from(LANGUAGES), st.booleans())
def test_any_text_settles_on_one_of_the_four_languages(text: str, current: str, pinned: bool) -> None:
    settled = SETTLER.settle(text, current, pinned=pinned)
    assert settled.language in LANGUAGES
    assert settled.pinned or not pinned
