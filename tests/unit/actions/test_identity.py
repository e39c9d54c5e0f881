"""Proving who one is in conversation: an address, a code, and then on with what was wanted."""

from __future__ import annotations

from tests.unit.actions.conftest import Desk, Talk

FORM = "validate_verify_form"


async def asked(
    desk: Desk, action: str = "action_start_case", text: str = "open a case", intent: str = "open_case"
) -> Talk:
    """An anonymous visitor who wanted something that needs an identity."""
    talk = await desk.talk()
    await talk.hear(action, text, intent)
    assert await talk.run(FORM, form="verify_form") == ["utter_verify_ask_email"]
    return talk


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


async def test_the_right_code_goes_on_with_what_was_wanted(desk: Desk) -> None:
    number = await desk.open_case("dana@acme.example")
    talk = await asked(desk, "action_show_cases", f"status of case {number}", "check_case_status")
    assert await talk.form(FORM, "it's Dana@Acme.example.", "ask_question") == ["utter_verify_code_sent"]
    assert "dana@acme.example" in talk.text and talk.slots["requested_slot"] == "code"
    code = desk.last_code
    await talk.form(FORM, f"the code is {code[:3]} {code[3:]}", "ask_question")
    assert talk.slots["verification"] == "right"
    assert (talk.slots["code"], talk.slots["email"], talk.slots["requested_slot"]) == (None, None, None)
    assert await talk.run("action_after_verification") == ["utter_verified", "utter_case_status"]
    assert talk.card("case")["number"] == number
    assert (talk.slots["pending_intent"], talk.slots["verification"]) == (None, None)


async def test_a_tapped_wish_goes_on_too(desk: Desk) -> None:
    talk = await desk.talk()
    await talk.hear("action_show_cases", "My cases", "check_case_status", choice="my_cases")
    await talk.run(FORM, form="verify_form")
    await talk.form(FORM, "uma@thames.example")
    await talk.form(FORM, desk.last_code)
    assert await talk.run("action_after_verification") == ["utter_verified", "utter_no_cases"]


async def test_a_form_filled_in_before_is_not_lost(desk: Desk) -> None:
    talk = await desk.talk()
    answers = {"issue_summary": "Posting a batch of bills stops.", "environment": "sandbox"}
    await talk.hear("action_start_case", "Form filled in", "open_case", answers=answers)
    await talk.run(FORM, form="verify_form")
    await talk.form(FORM, "uma@thames.example")
    await talk.form(FORM, desk.last_code)
    assert await talk.run("action_after_verification") == ["utter_verified", "utter_case_form_started"]
    assert talk.slots["next_step"] == "case_form"
    assert {name: talk.slots[name] for name in answers} == answers


async def test_a_known_and_an_unknown_address_look_the_same(desk: Desk) -> None:
    texts = []
    for email in ("dana@acme.example", "nobody@acme.example"):
        talk = await asked(desk)
        assert await talk.form(FORM, email) == ["utter_verify_code_sent"]
        texts.append(talk.text.replace(email, ""))
        assert await talk.form(FORM, "000000") in (["utter_verify_code_wrong"], [])
    assert texts[0] == texts[1]


async def test_a_wrong_code_can_be_tried_again_until_it_is_locked(desk: Desk) -> None:
    talk = await asked(desk)
    await talk.form(FORM, "dana@acme.example")
    for _ in range(4):
        assert await talk.form(FORM, wrong(desk.last_code)) == ["utter_verify_code_wrong"]
    assert await talk.form(FORM, wrong(desk.last_code)) == ["utter_verify_locked"]
    assert talk.slots["verification"] == "locked"
    assert await talk.run("action_after_verification") == []
    assert talk.slots["next_step"] == "none"
    assert not (await desk.identity.who(talk.id)).verified


async def test_a_code_that_is_too_old_asks_for_the_address_again(desk: Desk) -> None:
    talk = await asked(desk)
    await talk.form(FORM, "dana@acme.example")
    desk.clock.move(minutes=10)
    assert await talk.form(FORM, desk.last_code) == ["utter_verify_code_expired"]
    assert talk.slots["requested_slot"] == "email"


async def test_what_is_no_address_and_no_code_is_asked_again(desk: Desk) -> None:
    talk = await asked(desk)
    for text in ("dana", "dana@acme", "@acme.example", "🙈"):
        assert await talk.form(FORM, text, "out_of_scope") == ["utter_invalid_email"]
    await talk.form(FORM, "dana@acme.example")
    for text in ("12345", "1234567", "the code?", "abcdef"):
        assert await talk.form(FORM, text, "out_of_scope") == ["utter_verify_ask_code"]
        assert talk.slots["requested_slot"] == "code"


async def test_another_address_can_be_given_while_the_code_is_asked_for(desk: Desk) -> None:
    talk = await asked(desk)
    await talk.form(FORM, "dana@acme.example")
    first = desk.last_code
    assert await talk.form(FORM, "sorry, uma@thames.example") == ["utter_verify_code_sent"]
    if first != desk.last_code:
        assert await talk.form(FORM, first) == ["utter_verify_code_wrong"]
    await talk.form(FORM, desk.last_code)
    assert (await desk.identity.who(talk.id)).email == "uma@thames.example"


async def test_a_question_is_answered_in_between_and_nothing_is_lost(desk: Desk) -> None:
    talk = await asked(desk)
    await talk.form(FORM, "dana@acme.example")
    assert await talk.form(FORM, "what are your phone hours?", "ask_contact") == []
    assert talk.changed == {}
    talk.events.append({"event": "action", "name": "action_answer_contact"})
    assert await talk.run(FORM, form="verify_form") == ["utter_verify_ask_code"]


async def test_who_does_not_want_to_say_who_they_are_need_not(desk: Desk) -> None:
    for text, intent in (("cancel", "cancel"), ("no", "deny"), ("never mind", "cancel")):
        talk = await asked(desk)
        await talk.form(FORM, text, intent)
        assert talk.slots["verification"] == "cancelled"
        assert await talk.run("action_after_verification") == ["utter_verify_cancelled"]
        assert talk.slots["next_step"] == "none"


async def test_too_many_codes_are_not_sent(desk: Desk) -> None:
    talk = await asked(desk)
    for _ in range(5):
        assert await talk.form(FORM, "dana@acme.example") == ["utter_verify_code_sent"]
    assert await talk.form(FORM, "dana@acme.example") == ["utter_verify_locked"]


async def test_a_proven_address_that_no_customer_has_opens_nothing(desk: Desk) -> None:
    talk = await desk.talk("stranger@nowhere.example")
    talk.slots |= {"verification": "right", "pending_intent": {"intent": "open_case", "text": "open a case"}}
    talk.message("123456", "ask_question")
    assert await talk.run("action_after_verification") == ["utter_verified", "utter_denied_unknown"]
    assert talk.slots["next_step"] == "none"


async def test_a_slot_that_names_somebody_gives_no_rights(desk: Desk) -> None:
    """Who is speaking is asked of the desk, whatever the engine's memory holds."""
    number = await desk.open_case("dana@acme.example")
    talk = await desk.talk()
    talk.slots |= {"email": "dana@acme.example", "verification": "right", "case_number": number, "review": "confirmed"}
    assert await talk.hear("action_show_cases", f"case {number}", "check_case_status") == []
    assert talk.slots["next_step"] == "verify_form"
    assert await talk.run("action_submit_case") == ["utter_case_cancelled"]
