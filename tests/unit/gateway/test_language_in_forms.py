"""Whoever answers a question of the form in another language is followed, and the answer arrives whole."""

from __future__ import annotations

import pytest

from bot.gateway.messages import InboundMessage
from bot.gateway.turn import Gateway
from tests.fakes.engine import FakeEngine, answer, message


@pytest.mark.parametrize(
    ("awaiting", "said", "language"),
    [
        ("error_message", "Es kommt keine Meldung, die Seite bleibt einfach leer", "de"),
        ("replication_steps", "abro la factura, hago clic en Guardar y se queda cargando", "es"),
        ("expected_result", "la facture devrait être validée", "fr"),
        ("worked_before", "ja, bis letzten Freitag ging es noch", "de"),
    ],
)
async def test_an_answer_in_another_language_is_followed_and_kept_whole(
    gateway: Gateway, engine: FakeEngine, awaiting: str, said: str, language: str
) -> None:
    engine.reply = lambda call: answer([message("?", "utter_ask")], awaiting=awaiting)
    conversation = await gateway.open_conversation(channel="web", language="en")
    await gateway.handle_turn(conversation.id, InboundMessage(None, text="open a case please"))
    result = await gateway.handle_turn(conversation.id, InboundMessage(None, text=said))
    assert (engine.calls[-1].text, engine.calls[-1].metadata["language"]) == (said, language)
    assert (result.state.language, result.state.awaiting) == (language, awaiting)
    assert "intent" not in engine.calls[-1].metadata


async def test_the_first_word_of_a_conversation_is_enough(gateway: Gateway, engine: FakeEngine) -> None:
    conversation = await gateway.open_conversation(channel="web", language="en")
    await gateway.handle_turn(conversation.id, InboundMessage(None, text="rechnung"))
    await gateway.handle_turn(conversation.id, InboundMessage(None, text="facture"))
    assert [call.metadata["language"] for call in engine.calls] == ["de", "de"]


async def test_steps_copied_from_an_english_screen_are_not_followed(gateway: Gateway, engine: FakeEngine) -> None:
    engine.reply = lambda call: answer([message("?", "utter_ask")], awaiting="replication_steps")
    conversation = await gateway.open_conversation(channel="web", language="de")
    await gateway.handle_turn(conversation.id, InboundMessage(None, text="Bitte einen Fall anlegen"))
    steps = "Open Cash Management, then click Reconcile and choose the account"
    await gateway.handle_turn(conversation.id, InboundMessage(None, text=steps))
    assert (engine.calls[-1].text, engine.calls[-1].metadata["language"]) == (steps, "de")
