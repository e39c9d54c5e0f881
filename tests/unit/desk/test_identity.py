"""Who is speaking: tokens are used once, codes cannot be guessed, no answer tells whether an address is known."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import jwt
import pytest
from sqlalchemy import select, text

from bot.desk.directory import Directory
from bot.desk.identity import CodeLimit, CodeResult, Identity, IdentityError, Visitor
from bot.desk.mail import MailError
from bot.store.conversations import ConversationNotFound, create_conversation, get_conversation
from bot.store.demo_data import DIRECTORY_FILE
from bot.store.engine import Database
from bot.store.models import OneTimeCode
from tests.support.clock import Clock
from tests.support.rows import NOW, add_conversation

SECRET = "a-secret-of-the-tests-that-is-long-enough-for-hs256"
DANA, UNKNOWN = "dana@acme.example", "nobody@acme.example"


class Postbox:
    """Keeps the mails that were handed over; can be slow, or refuse them."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str, str]] = []
        self.delay = 0.0
        self.broken = False

    async def send(self, to: str, subject: str, text: str) -> None:
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.broken:
            raise MailError("the mail server is away")
        self.mails.append((to, subject, text))

    @property
    def last_code(self) -> str:
        return re.findall(r"\b\d{6}\b", self.mails[-1][2])[0]


def compose(language: str, code: str, minutes: int) -> tuple[str, str]:
    return f"Code ({language})", f"{code} for {minutes} minutes"


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def real_clock() -> Clock:
    """Apart from the desk's, which may stand still."""
    return Clock(NOW + timedelta(days=200))


@pytest.fixture
async def identity(database: Database, postbox: Postbox, clock: Clock, real_clock: Clock) -> AsyncIterator[Identity]:
    directory = Directory(database)
    await directory.import_csv(DIRECTORY_FILE.read_text(encoding="utf-8"))
    made = Identity(database, directory, postbox, secret=SECRET, clock=clock, compose=compose, real_clock=real_clock)
    yield made
    await made.settle()


@pytest.fixture
async def conversation(database: Database) -> str:
    return await add_conversation(database)


def token(real_clock: Clock, **changes: Any) -> str:
    claims = {
        "aud": "frontdesk",
        "email": DANA,
        "exp": (real_clock.now + timedelta(minutes=5)).timestamp(),
        "jti": str(uuid.uuid4()),
    }
    return jwt.encode({**claims, **changes}, SECRET, "HS256")


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


async def stored_codes(database: Database) -> list[OneTimeCode]:
    async with database.session(read_only=True) as session:
        return list((await session.execute(select(OneTimeCode).order_by(OneTimeCode.id))).scalars())


# Tokens


async def test_a_new_conversation_is_nobodys(identity: Identity, conversation: str) -> None:
    assert await identity.who(conversation) == Visitor(None, None)
    assert not (await identity.who("no such conversation")).verified


async def test_a_token_says_who_is_speaking_from_then_on(
    identity: Identity, conversation: str, real_clock: Clock
) -> None:
    accepted = await identity.accept_token(conversation, token(real_clock))
    later = await identity.who(conversation)
    assert accepted == later
    assert later.verified
    assert later.email == DANA
    assert later.person is not None
    assert later.person.company == "Acme Manufacturing"


async def test_a_signed_address_that_the_directory_does_not_know_is_verified_without_a_person(
    identity: Identity, conversation: str, real_clock: Clock
) -> None:
    await identity.accept_token(conversation, token(real_clock, email=UNKNOWN))
    assert await identity.who(conversation) == Visitor(UNKNOWN, None)


async def test_a_token_is_used_once(identity: Identity, database: Database, real_clock: Clock) -> None:
    signed = token(real_clock)
    await identity.accept_token(await add_conversation(database), signed)
    second = await add_conversation(database)
    with pytest.raises(IdentityError) as caught:
        await identity.accept_token(second, signed)
    assert caught.value.code == "token_replayed"
    assert not (await identity.who(second)).verified


async def test_of_many_who_use_a_token_at_once_one_succeeds(
    identity: Identity, database: Database, real_clock: Clock
) -> None:
    signed = token(real_clock)
    conversations = [await add_conversation(database) for _ in range(8)]
    outcomes = await asyncio.gather(
        *(identity.accept_token(one, signed) for one in conversations), return_exceptions=True
    )
    assert sum(isinstance(outcome, Visitor) for outcome in outcomes) == 1
    assert {getattr(o, "code", None) for o in outcomes if not isinstance(o, Visitor)} == {"token_replayed"}


async def test_a_token_used_long_ago_is_still_refused(
    identity: Identity, database: Database, real_clock: Clock
) -> None:
    signed = token(real_clock)
    await identity.accept_token(await add_conversation(database), signed)
    real_clock.move(minutes=5, seconds=29)
    await identity.accept_token(await add_conversation(database), token(real_clock))
    with pytest.raises(IdentityError, match="used before"):
        await identity.accept_token(await add_conversation(database), signed)
    real_clock.move(seconds=2)
    await identity.accept_token(await add_conversation(database), token(real_clock))
    with pytest.raises(IdentityError, match="expired"):
        await identity.accept_token(await add_conversation(database), signed)


async def test_looking_at_a_token_does_not_use_it_up(identity: Identity, conversation: str, real_clock: Clock) -> None:
    signed = token(real_clock)
    assert identity.check_token(signed).email == DANA
    assert identity.check_token(signed).email == DANA
    assert (await identity.accept_token(conversation, signed)).verified


async def test_a_refused_token_leaves_no_conversation_when_both_share_a_session(
    identity: Identity, database: Database, conversation: str, real_clock: Clock
) -> None:
    signed = token(real_clock)
    await identity.accept_token(conversation, signed)
    with pytest.raises(IdentityError):
        async with database.session() as session:
            await create_conversation(session, id="second", token_hash="0" * 64, channel="web", language="en", now=NOW)
            await identity.accept_token("second", signed, session)
    async with database.session(read_only=True) as session:
        assert await get_conversation(session, "second") is None


async def test_a_token_for_a_conversation_that_does_not_exist_is_not_used_up(
    identity: Identity, conversation: str, real_clock: Clock
) -> None:
    signed = token(real_clock)
    with pytest.raises(ConversationNotFound):
        await identity.accept_token("gone", signed)
    assert (await identity.accept_token(conversation, signed)).verified


async def test_tokens_follow_real_time_where_the_desks_clock_stands_still(
    identity: Identity, conversation: str, clock: Clock, real_clock: Clock
) -> None:
    assert real_clock.now - clock.now > timedelta(days=100)
    with pytest.raises(IdentityError) as caught:
        await identity.accept_token(conversation, token(clock))
    assert caught.value.code == "token_expired"


async def test_a_user_who_is_deactivated_is_inactive_in_a_conversation_that_is_open_already(
    identity: Identity, database: Database, conversation: str, real_clock: Clock
) -> None:
    await identity.accept_token(conversation, token(real_clock))
    await Directory(database).import_csv(
        DIRECTORY_FILE.read_text(encoding="utf-8").replace(f"{DANA},yes", f"{DANA},no")
    )
    person = (await identity.who(conversation)).person
    assert person is not None
    assert not person.active


def test_an_empty_secret_is_refused(tmp_path: Any) -> None:
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    with pytest.raises(ValueError, match="FRONTDESK_IDENTITY_SECRET"):
        Identity(database, Directory(database), Postbox(), secret="", clock=Clock(), compose=compose)


# Codes


async def test_the_right_code_says_who_is_speaking_and_is_used_up(
    identity: Identity, conversation: str, postbox: Postbox
) -> None:
    await identity.send_code(conversation, " Dana@Acme.Example ", "fr")
    assert [(to, subject) for to, subject, _ in postbox.mails] == [(DANA, "Code (fr)")]
    assert postbox.mails[0][2].endswith("for 10 minutes")
    assert not (await identity.who(conversation)).verified
    assert await identity.check_code(conversation, postbox.last_code) is CodeResult.RIGHT
    assert (await identity.who(conversation)).email == DANA
    assert await identity.check_code(conversation, postbox.last_code) is CodeResult.NONE


async def test_an_inactive_user_gets_a_code_too_so_that_they_can_be_told_why_not(
    identity: Identity, conversation: str, postbox: Postbox
) -> None:
    await identity.send_code(conversation, "otto@acme.example", "en")
    assert await identity.check_code(conversation, postbox.last_code) is CodeResult.RIGHT


@pytest.mark.parametrize("written", ["{0} {1}", " {0}-{1}\n", "{0}\u2013{1}", "{0}\u00a0{1}"])
async def test_a_code_may_be_written_with_spaces_and_dashes(
    identity: Identity, conversation: str, postbox: Postbox, written: str
) -> None:
    await identity.send_code(conversation, DANA, "en")
    code = postbox.last_code
    assert await identity.check_code(conversation, written.format(code[:3], code[3:])) is CodeResult.RIGHT


async def test_without_a_code_there_is_nothing_to_try(identity: Identity, conversation: str) -> None:
    assert await identity.check_code(conversation, "123456") is CodeResult.NONE
    assert await identity.check_code("no such conversation", "123456") is CodeResult.NONE


async def test_five_wrong_tries_lock_the_code_and_then_the_right_one_is_no_use(
    identity: Identity, conversation: str, postbox: Postbox
) -> None:
    await identity.send_code(conversation, DANA, "en")
    guess = wrong(postbox.last_code)
    assert [await identity.check_code(conversation, guess) for _ in range(6)] == [CodeResult.WRONG] * 4 + [
        CodeResult.LOCKED
    ] * 2
    assert await identity.check_code(conversation, postbox.last_code) is CodeResult.LOCKED
    assert not (await identity.who(conversation)).verified


async def test_the_fifth_try_may_be_the_right_one(identity: Identity, conversation: str, postbox: Postbox) -> None:
    await identity.send_code(conversation, DANA, "en")
    for _ in range(4):
        await identity.check_code(conversation, wrong(postbox.last_code))
    assert await identity.check_code(conversation, postbox.last_code) is CodeResult.RIGHT


async def test_a_new_code_unlocks_and_makes_the_older_one_worthless(
    identity: Identity, conversation: str, postbox: Postbox
) -> None:
    await identity.send_code(conversation, DANA, "en")
    old = postbox.last_code
    for _ in range(5):
        await identity.check_code(conversation, wrong(old))
    await identity.send_code(conversation, DANA, "en")
    while postbox.last_code == old:  # one time in a million
        await identity.send_code(conversation, DANA, "en")
    assert await identity.check_code(conversation, old) is CodeResult.WRONG
    assert await identity.check_code(conversation, postbox.last_code) is CodeResult.RIGHT


async def test_a_used_code_does_not_bring_an_older_one_back(
    identity: Identity, conversation: str, postbox: Postbox
) -> None:
    await identity.send_code(conversation, DANA, "en")
    old = postbox.last_code
    await identity.send_code(conversation, DANA, "en")
    await identity.check_code(conversation, postbox.last_code)
    assert await identity.check_code(conversation, old) is CodeResult.NONE


async def test_what_is_no_code_costs_no_try(identity: Identity, conversation: str, postbox: Postbox) -> None:
    await identity.send_code(conversation, DANA, "en")
    for text_ in ("", "hello", "12345", "1234567", "12345a", "it has not come"):
        assert await identity.check_code(conversation, text_) is CodeResult.WRONG
    assert (await identity.check_code(conversation, postbox.last_code)) is CodeResult.RIGHT


async def test_a_code_is_good_for_ten_minutes(
    identity: Identity, conversation: str, postbox: Postbox, clock: Clock
) -> None:
    await identity.send_code(conversation, DANA, "en")
    clock.move(minutes=10)
    assert await identity.check_code(conversation, postbox.last_code) is CodeResult.EXPIRED
    clock.move(seconds=-1)
    assert await identity.check_code(conversation, postbox.last_code) is CodeResult.RIGHT


async def test_a_code_is_good_in_its_own_conversation_only(
    identity: Identity, database: Database, conversation: str, postbox: Postbox
) -> None:
    other = await add_conversation(database)
    await identity.send_code(conversation, DANA, "en")
    dana_code = postbox.last_code
    await identity.send_code(other, "nick@acme.example", "en")
    if dana_code != postbox.last_code:
        assert await identity.check_code(other, dana_code) is CodeResult.WRONG
    assert not (await identity.who(other)).verified


async def test_racing_guesses_get_no_extra_tries(
    identity: Identity, conversation: str, postbox: Postbox, database: Database
) -> None:
    await identity.send_code(conversation, DANA, "en")
    guess = wrong(postbox.last_code)
    outcomes = await asyncio.gather(*(identity.check_code(conversation, guess) for _ in range(15)))
    assert sorted(outcomes) == [CodeResult.LOCKED] * 11 + [CodeResult.WRONG] * 4
    assert (await stored_codes(database))[0].tries_left == 0


async def test_of_racing_right_codes_one_is_right(identity: Identity, conversation: str, postbox: Postbox) -> None:
    await identity.send_code(conversation, DANA, "en")
    outcomes = await asyncio.gather(*(identity.check_code(conversation, postbox.last_code) for _ in range(5)))
    assert sorted(outcomes) == [CodeResult.NONE] * 4 + [CodeResult.RIGHT]


async def test_neither_the_code_nor_a_plain_hash_of_it_is_stored(
    identity: Identity, conversation: str, postbox: Postbox, database: Database
) -> None:
    await identity.send_code(conversation, DANA, "en")
    await identity.send_code(await add_conversation(database), DANA, "en")
    async with database.session(read_only=True) as session:
        rows = (await session.execute(text("SELECT * FROM one_time_codes"))).all()
    stored = [str(value) for row in rows for value in row]
    assert not {code for _, _, mail in postbox.mails for code in re.findall(r"\d{6}", mail)} & set(stored)
    assert len({row.code_hash for row in await stored_codes(database)}) == 2


# An address that nobody has


async def test_an_unknown_address_gets_nothing_and_looks_the_same_from_outside(
    identity: Identity, database: Database, postbox: Postbox
) -> None:
    async def outcomes(address: str) -> list[CodeResult]:
        conversation = await add_conversation(database)
        await identity.send_code(conversation, address, "en")
        guess = wrong(postbox.last_code)
        return [await identity.check_code(conversation, guess) for _ in range(6)]

    assert await outcomes(DANA) == await outcomes(UNKNOWN)
    assert [to for to, _, _ in postbox.mails] == [DANA]


async def test_no_code_fits_an_unknown_address(identity: Identity, conversation: str) -> None:
    await identity.send_code(conversation, UNKNOWN, "en")
    for guess in ("000000", "no code was sent"):
        assert await identity.check_code(conversation, guess) is CodeResult.WRONG


async def test_what_is_no_address_is_an_unknown_one(identity: Identity, database: Database, postbox: Postbox) -> None:
    for address in (
        "",
        "dana",
        f"{DANA}\r\nBcc: all@acme.example",
        "a" * 400 + "@acme.example",
        "\0@a.example",
        "\ud800",
    ):
        await identity.send_code(await add_conversation(database), address, "en")
    assert postbox.mails == []


async def test_a_slow_mail_server_does_not_tell_which_addresses_are_known(
    identity: Identity, database: Database, postbox: Postbox
) -> None:
    postbox.delay = 0.5

    async def seconds(address: str) -> float:
        conversation = await add_conversation(database)
        started = time.perf_counter()
        await identity.send_code(conversation, address, "en")
        return time.perf_counter() - started

    assert await seconds(DANA) < 0.4
    assert await seconds(UNKNOWN) < 0.4
    assert postbox.mails == []
    await identity.settle()
    assert len(postbox.mails) == 1


async def test_a_mail_server_that_is_away_looks_the_same_and_is_logged_without_the_address(
    identity: Identity, conversation: str, postbox: Postbox, capsys: pytest.CaptureFixture[str]
) -> None:
    postbox.broken = True
    await identity.send_code(conversation, DANA, "en")
    await identity.settle()
    logged = capsys.readouterr().out
    assert "code_mail_failed" in logged
    assert DANA not in logged
    assert await identity.check_code(conversation, "000000") in (CodeResult.WRONG, CodeResult.RIGHT)


# Limits


@pytest.mark.parametrize("address", [DANA, UNKNOWN])
async def test_a_conversation_gets_five_codes_an_hour_for_known_and_unknown_addresses(
    identity: Identity, conversation: str, real_clock: Clock, address: str
) -> None:
    for _ in range(5):
        await identity.send_code(conversation, address, "en")
        real_clock.move(minutes=1)
    with pytest.raises(CodeLimit) as caught:
        await identity.send_code(conversation, "ruby@outback.example", "en")
    assert caught.value.retry_after == timedelta(minutes=55)
    real_clock.move(minutes=55)
    await identity.send_code(conversation, address, "en")


async def test_an_address_gets_ten_codes_an_hour_from_all_conversations(
    identity: Identity, database: Database, postbox: Postbox
) -> None:
    for _ in range(10):
        await identity.send_code(await add_conversation(database), DANA, "en")
    with pytest.raises(CodeLimit):
        await identity.send_code(await add_conversation(database), f" {DANA.upper()}", "en")
    await identity.send_code(await add_conversation(database), "nick@acme.example", "en")
    assert len(postbox.mails) == 11


async def test_racing_requests_do_not_pass_the_limits(identity: Identity, database: Database, postbox: Postbox) -> None:
    conversations = [await add_conversation(database) for _ in range(14)]
    outcomes = await asyncio.gather(
        *(identity.send_code(one, DANA, "en") for one in conversations), return_exceptions=True
    )
    assert sum(isinstance(outcome, CodeLimit) for outcome in outcomes) == 4
    await identity.settle()
    assert len(postbox.mails) == 10


async def test_a_refused_request_leaves_the_earlier_code_good(
    identity: Identity, conversation: str, postbox: Postbox
) -> None:
    for _ in range(5):
        await identity.send_code(conversation, DANA, "en")
    with pytest.raises(CodeLimit):
        await identity.send_code(conversation, DANA, "en")
    assert len(postbox.mails) == 5
    assert await identity.check_code(conversation, postbox.last_code) is CodeResult.RIGHT


async def test_a_code_for_a_conversation_that_does_not_exist_is_told(identity: Identity, postbox: Postbox) -> None:
    with pytest.raises(ConversationNotFound):
        await identity.send_code("gone", DANA, "en")
    assert postbox.mails == []


async def test_codes_of_yesterday_are_not_kept(
    identity: Identity, database: Database, conversation: str, real_clock: Clock
) -> None:
    await identity.send_code(conversation, DANA, "en")
    real_clock.move(days=1, seconds=1)
    await identity.send_code(await add_conversation(database), DANA, "en")
    assert len(await stored_codes(database)) == 1
