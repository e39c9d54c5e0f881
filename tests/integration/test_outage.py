"""Rasa down: the user is told, the message is kept, and sending again doubles nothing."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.integration.test_conversations import fill
from tests.support.client import Desk
from tests.support.stack import Stack, running_stack


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("fragile")) as running:
        yield running


def test_a_case_confirmed_while_rasa_is_down_is_opened_once_afterwards(fragile: Stack) -> None:
    with Desk(fragile.base) as desk:
        talk = desk.talk(as_="uma@thames.example", language="es")
        talk.say("Quiero abrir un caso de soporte")
        fill(talk, issue_summary="La conciliación bancaria no guarda los movimientos de enero.")
        review = talk.messages[-1]
        index = [b["value"] for b in review["buttons"]].index("confirm")
        body = {"client_message_id": str(uuid4()), "tap": {"message_id": review["id"], "button": index}}

        fragile.stop_rasa()
        refused = talk.send(**body)
        assert (refused.status_code, refused.json()["code"]) == (503, "engine_unavailable")
        assert "mensaje" in refused.json()["detail"]
        assert refused.headers["retry-after"]
        assert desk.http.get("/readyz").status_code == 503
        kept = talk.get(f"/api/conversations/{talk.id}/messages").json()["messages"]
        assert kept[-1]["from"] == "user"

        fragile.start_rasa()
        assert talk.send(**body).status_code == 200
        assert "utter_case_opened" in talk.responses
        number = talk.case["number"]
        assert talk.send(**body).status_code == 200
        assert talk.case["number"] == number
        assert len(talk.get("/api/cases").json()["cases"]) == 1
        kept = talk.get(f"/api/conversations/{talk.id}/messages").json()["messages"]
        assert [m["from"] for m in kept].count("user") == len({m["id"] for m in kept if m["from"] == "user"})
