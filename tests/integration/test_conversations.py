"""What customers do, through the HTTP API, against the real two processes."""

from __future__ import annotations

import re
import threading
from datetime import datetime
from uuid import uuid4

import pytest

from tests.support.client import Desk, Talk
from tests.support.stack import Stack

ANSWERS = {
    "issue_summary": "Posting a batch of vendor bills stops half-way and the rest stays in draft.",
    "impact_scope": "multiple_users",
    "business_impact": "work_stopped",
    "environment": "production",
    "case_reason": "error_or_defect",
    "application_area": "accounts_payable",
}


def fill(talk: Talk, **answers: str) -> None:
    """Answers what is asked until the review comes; what may be skipped is skipped."""
    answers = {**ANSWERS, **answers}
    for _ in range(30):
        if "utter_case_review" in talk.responses:
            return
        awaiting = talk.state["awaiting"]
        values = [b["value"] for m in talk.messages for b in m["buttons"]]
        if awaiting in answers and answers[awaiting] in values:
            talk.tap(answers[awaiting])
        elif awaiting in answers:
            talk.say(answers[awaiting])
        else:
            talk.tap("skip")
    raise AssertionError(f"no review: {talk.responses}")


def test_an_article_is_shown_with_snippet_and_link_and_its_page_opens(desk: Desk) -> None:
    talk = desk.talk(language="de")
    assert "utter_kb_results" in talk.say("Wie storniere ich einen Scheck, der schon gedruckt ist?")
    article = talk.messages[0]["articles"][0]
    assert article["language"] == "de" and article["snippet"]
    page = desk.http.get(article["url"].partition("#")[0])
    assert page.status_code == 200 and article["title"] in page.text


def test_what_has_nothing_to_do_with_the_desk_is_told_as_such(desk: Desk) -> None:
    talk = desk.talk()
    assert talk.say("which team will win the cup on sunday") == ["utter_out_of_scope"]
    assert talk.state["intent"] == "out_of_scope" and talk.state["confidence"] > 0.5


def test_articles_shown_once_are_not_shown_again_for_the_same_question(desk: Desk) -> None:
    talk = desk.talk()
    talk.say("bank reconciliation does not balance")
    first = {a["id"] for m in talk.messages for a in m["articles"]}
    talk.tap("more")
    second = {a["id"] for m in talk.messages for a in m["articles"]}
    assert first and not first & second


def test_a_case_is_opened_with_the_promise_in_the_users_own_zone(desk: Desk) -> None:
    talk = desk.talk(as_="ruby@outback.example")
    talk.say("please open a case")
    fill(talk)
    assert "utter_case_opened" in talk.tap("confirm")
    case = talk.case
    assert (case["priority"], case["sla_applies"], case["waiting_on"]) == ("P2", True, "support")
    assert datetime.fromisoformat(case["first_response_due"]) > datetime.fromisoformat(case["opened_at"])
    shown = talk.get(f"/api/cases/{case['number']}").json()
    assert shown["issue_summary"] == ANSWERS["issue_summary"]
    assert shown["opened_by"] == "ruby@outback.example"


def test_the_same_message_sent_twice_opens_one_case(desk: Desk) -> None:
    talk = desk.talk(as_="kagiso@karoo.example")
    talk.say("open a ticket")
    fill(talk)
    message = talk.messages[-1]
    index = [b["value"] for b in message["buttons"]].index("confirm")
    body = {"client_message_id": str(uuid4()), "tap": {"message_id": message["id"], "button": index}}
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(talk.post("/messages", body).json())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = {m["case"]["number"] for a in answers for m in a["messages"] if m["case"]}
    assert len(numbers) == 1
    assert len({a["messages"][0]["id"] for a in answers}) == 1


def test_a_double_tap_with_two_message_ids_opens_one_case(desk: Desk) -> None:
    talk = desk.talk(as_="chris@maple.example")
    before = len(talk.get("/api/cases").json()["cases"])
    talk.say("open a ticket")
    fill(talk)
    review = talk.messages[-1]
    index = [b["value"] for b in review["buttons"]].index("confirm")
    first = talk.send(tap={"message_id": review["id"], "button": index})
    second = talk.send(tap={"message_id": review["id"], "button": index})
    assert first.status_code == 200
    assert (second.status_code, second.json()["code"]) == (409, "button_stale")
    assert len(talk.get("/api/cases").json()["cases"]) == before + 1


def test_another_companys_case_is_not_found(desk: Desk) -> None:
    dana = desk.talk(as_="dana@acme.example")
    number = dana.get("/api/cases").json()["cases"][0]["number"]
    uma = desk.talk(as_="uma@thames.example")
    assert uma.get(f"/api/cases/{number}").status_code == 404
    assert "utter_case_not_found" in uma.say(f"status of case {number}")


def test_an_anonymous_visitor_proves_an_address_and_goes_on_with_what_was_wanted(desk: Desk, stack: Stack) -> None:
    talk = desk.talk()
    assert "utter_verify_ask_email" in talk.say("I want to open a support case")
    before = len(stack.mails())
    assert "utter_verify_code_sent" in talk.say("beth@bayou.example")
    code = _code_in(stack, before)
    assert "utter_verified" in talk.say(code)
    assert talk.state["verified"] and talk.state["form"] == "case_form"


def test_five_wrong_codes_lock_and_an_unknown_address_is_answered_alike(desk: Desk) -> None:
    talk = desk.talk()
    talk.say("I want to open a support case")
    assert talk.say("nobody@nowhere.example") == ["utter_verify_code_sent"]
    for _ in range(4):
        assert talk.say("000000") == ["utter_verify_code_wrong"]
    assert "utter_verify_locked" in talk.say("000000")
    assert not talk.state["verified"] and talk.state["form"] is None


def _code_in(stack: Stack, since: int) -> str:
    for _ in range(100):
        found = re.search(r"\b(\d{6})\b", stack.mails()[since:])
        if found:
            return found[1]
        threading.Event().wait(0.1)
    raise AssertionError("no code was mailed")


def test_a_form_filled_in_at_once_comes_to_the_review(desk: Desk) -> None:
    talk = desk.talk(as_="ines@iberia.example", language="es")
    reply = talk.send(form=ANSWERS)
    assert reply.status_code == 200, reply.text
    while "utter_case_review" not in talk.responses:
        talk.tap("skip")
    assert "utter_case_opened" in talk.tap("confirm")
    assert talk.case["application_area"] == "accounts_payable"


def test_a_wrong_field_of_a_form_is_named_and_nothing_changes(desk: Desk) -> None:
    talk = desk.talk(as_="ines@iberia.example")
    reply = talk.send(form={"environment": "moon", "issue_summary": 7, "color": "red"})
    assert reply.status_code == 422 and reply.json()["code"] == "form_invalid"
    assert all(name in reply.json()["detail"] for name in ("environment", "issue_summary", "color"))
    assert talk.get(f"/api/conversations/{talk.id}/messages").json()["messages"][-1]["from"] == "bot"


def test_history_comes_in_order_and_after_a_message(desk: Desk) -> None:
    talk = desk.talk()
    talk.say("hello")
    path = f"/api/conversations/{talk.id}/messages"
    everything = talk.get(path).json()["messages"]
    assert [m["from"] for m in everything] == ["bot", "user", "bot"]
    assert talk.get(path, after=everything[1]["id"]).json()["messages"] == everything[2:]
    assert talk.get(path, after="no-such-message").status_code == 404


def test_erasing_leaves_nothing_of_the_conversation_and_keeps_the_case(desk: Desk) -> None:
    talk = desk.talk(as_="greta@nordwind.example", language="de")
    talk.say("Bitte einen Supportfall eröffnen")
    fill(talk)
    talk.tap("confirm")
    number = talk.case["number"]
    talk.say("löscht bitte meine Daten")
    assert "utter_data_erased" in talk.tap("yes")
    assert talk.send(text="hallo").status_code == 404
    again = desk.talk(as_="greta@nordwind.example")
    assert again.get(f"/api/cases/{number}").status_code == 200


def test_files_are_attached_to_the_case_that_is_opened_next(desk: Desk) -> None:
    talk = desk.talk(as_="fleur@lumiere.example", language="fr")
    talk.say("je veux ouvrir un dossier")
    upload = talk.http.post(
        f"/api/conversations/{talk.id}/attachments",
        files={"file": ("../../trace.txt", b"10:00 started\n10:01 failed\n")},
        headers=talk.headers,
    )
    assert upload.status_code == 201 and "/" not in upload.json()["name"]
    fill(talk)
    assert "trace.txt" in talk.text
    talk.tap("confirm")
    assert [a["size"] for a in talk.case["attachments"]] == [27]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"MZ" + bytes(200), 415, "attachment_type_not_allowed"),
        (b"", 422, "attachment_empty"),
        (b"a" * (20 * 1024 * 1024 + 1), 413, "attachment_too_large"),
    ],
)
def test_a_file_that_is_not_taken_says_why(desk: Desk, content: bytes, status: int, code: str) -> None:
    talk = desk.talk()
    reply = talk.http.post(
        f"/api/conversations/{talk.id}/attachments", files={"file": ("a.bin", content)}, headers=talk.headers
    )
    assert (reply.status_code, reply.json()["code"]) == (status, code)
