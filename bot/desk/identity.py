"""Who is speaking in a conversation, and how they prove it: a signed token or a code sent to their address."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk import identity_token
from bot.desk.directory import Directory, Person
from bot.desk.directory_file import is_email, normal_email
from bot.desk.identity_token import IdentityError, TokenClaims
from bot.desk.mail import Mailer, MailError
from bot.store import codes, conversations
from bot.store.engine import Database

__all__ = ["CodeLimit", "CodeResult", "Compose", "Identity", "IdentityError", "TokenClaims", "Visitor"]

Compose = Callable[[str, str, int], tuple[str, str]]
_CODE = re.compile(r"\d{6}", re.ASCII)
_LIMIT_PERIOD = timedelta(hours=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Visitor:
    """Who is speaking: nobody proven (`email` is None), or somebody, whom the directory may not know (`person`)."""

    email: str | None
    person: Person | None

    @property
    def verified(self) -> bool:
        return self.email is not None


class CodeResult(StrEnum):
    """What came of a code: the last wrong try already says LOCKED; NONE is that there is no code to try."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"
    EXPIRED = "expired"
    NONE = "none"


class CodeLimit(Exception):
    """Too many codes were asked for; `retry_after` is when the next one can be."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(f"too many codes were asked for; the next one can be sent in {retry_after}")
        self.retry_after = retry_after


class Identity:
    """Binds conversations to proven addresses. Nothing else says who is speaking."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        mailer: Mailer,
        *,
        secret: str,
        clock: Callable[[], datetime],
        compose: Compose,
        code_lifetime: timedelta = timedelta(minutes=10),
        tries: int = 5,
        sends_per_conversation: int = 5,
        sends_per_address: int = 10,
        real_clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`compose(language, code, minutes)` gives a mail's subject and text; the limits of sends are for an hour.

        `clock` is the desk's; identity tokens and limits follow `real_clock`, also where the desk's stands still.
        Raises ValueError for an empty secret.
        """
        if not secret:
            raise ValueError("FRONTDESK_IDENTITY_SECRET is empty; anybody could sign with it")
        self._database, self._directory, self._mailer = database, directory, mailer
        self._secret, self._clock, self._real_clock = secret, clock, real_clock
        self._compose, self.code_lifetime, self._tries = compose, code_lifetime, tries
        self._sends_per_conversation, self._sends_per_address = sends_per_conversation, sends_per_address
        # Tokens and codes must not share a key: what one of them signs would be valid as the other.
        self._code_key = hmac.digest(secret.encode(), b"frontdesk one-time codes", "sha256")
        self._deliveries: set[asyncio.Task[None]] = set()

    def check_token(self, token: str) -> TokenClaims:
        """What the token says, if it is good; it is not used up. Raises IdentityError, but never token_replayed."""
        return identity_token.check_token(token, self._secret, self._real_clock())

    async def accept_token(self, conversation_id: str, token: str, session: AsyncSession | None = None) -> Visitor:
        """Uses the token up and binds the conversation to its address.

        With a `session`, works there: a conversation made in the same one is not kept when the token is refused.
        Raises IdentityError (all codes), ConversationNotFound.
        """
        claims = self.check_token(token)
        if session is None:
            async with self._database.session() as own:
                return await self._accept(own, conversation_id, claims)
        return await self._accept(session, conversation_id, claims)

    async def _accept(self, session: AsyncSession, conversation_id: str, claims: TokenClaims) -> Visitor:
        until = claims.expires_at + identity_token.LEEWAY
        if not await codes.use_token(session, claims.jti, until, self._real_clock()):
            raise IdentityError("token_replayed", "the identity token was used before; sign one for each conversation")
        await conversations.set_verified_email(session, conversation_id, claims.email, self._clock())
        return Visitor(claims.email, await self._directory.person_by_email(claims.email, session))

    async def who(self, conversation_id: str) -> Visitor:
        """Who is speaking there, as the directory knows them now. Nobody in a conversation that does not exist."""
        async with self._database.session(read_only=True) as session:
            conversation = await conversations.get_conversation(session, conversation_id)
            email = conversation.verified_email if conversation else None
            return Visitor(email, await self._directory.person_by_email(email, session) if email else None)

    async def send_code(self, conversation_id: str, email: str, language: str) -> None:
        """Sends a new code to the address if the directory knows it; from then on only this code counts.

        An address that is not known looks the same from outside, in what is stored, answered and limited, and in time:
        the mail goes out in the background. Raises CodeLimit, ConversationNotFound.
        """
        address = _address(email)
        code = f"{secrets.randbelow(10**6):06}"
        minutes = int(self.code_lifetime.total_seconds() // 60)
        subject, text = self._compose(language, code, minutes)
        async with self._database.session() as session:
            await conversations.lock_conversation(session, conversation_id)
            await self._limit(session, conversation_id, address)
            known = await self._directory.person_by_email(address, session) is not None
            hashed = self._hash(conversation_id, address, code)
            await codes.add_code(
                session,
                conversation_id=conversation_id,
                email=address,
                code_hash=hashed if known else None,
                tries=self._tries,
                expires_at=self._clock() + self.code_lifetime,
                now=self._real_clock(),
            )
        if known:
            delivery = asyncio.create_task(self._deliver(address, subject, text))
            self._deliveries.add(delivery)
            delivery.add_done_callback(self._deliveries.discard)
        # Lets a mailer that has nothing to wait for finish first.
        await asyncio.sleep(0)

    async def check_code(self, conversation_id: str, code: str) -> CodeResult:
        """Tries the code; the right one binds the conversation to the address it was sent to and is used up.

        Spaces and dashes inside are ignored. What is no six digits is WRONG without costing a try.
        """
        digits = re.sub(r"[\s\-\u2010-\u2015]", "", unicodedata.normalize("NFKC", code))
        async with self._database.session() as session:
            try:
                await conversations.lock_conversation(session, conversation_id)
            except conversations.ConversationNotFound:
                return CodeResult.NONE
            newest = await codes.newest_code(session, conversation_id)
            if newest is None or newest.used_at is not None:
                return CodeResult.NONE
            if self._clock() >= newest.expires_at:
                return CodeResult.EXPIRED
            if newest.tries_left <= 0:
                return CodeResult.LOCKED
            if not _CODE.fullmatch(digits):
                return CodeResult.WRONG
            left = await codes.take_try(session, newest.id)
            if left is None:
                return CodeResult.LOCKED
            expected = newest.code_hash or self._hash(conversation_id, newest.email, "no code was sent")
            if not hmac.compare_digest(expected, self._hash(conversation_id, newest.email, digits)):
                return CodeResult.WRONG if left else CodeResult.LOCKED
            await codes.use_code(session, newest.id, self._clock())
            await conversations.set_verified_email(session, conversation_id, newest.email, self._clock())
            return CodeResult.RIGHT

    async def settle(self) -> None:
        """Waits until the mails on their way are delivered or failed; for shutting down."""
        while self._deliveries:
            await asyncio.wait(self._deliveries)

    async def _limit(self, session: AsyncSession, conversation_id: str, email: str) -> None:
        now = self._real_clock()
        since = now - _LIMIT_PERIOD
        await codes.delete_codes_before(session, now - timedelta(days=1))
        asked = (
            (await codes.sent_to_conversation(session, conversation_id, since), self._sends_per_conversation),
            (await codes.sent_to_address(session, email, since), self._sends_per_address),
        )
        waits = [times[-limit] + _LIMIT_PERIOD - now for times, limit in asked if len(times) >= limit]
        if waits:
            raise CodeLimit(max(waits))

    async def _deliver(self, email: str, subject: str, text: str) -> None:
        try:
            await self._mailer.send(email, subject, text)
        except MailError as error:
            # The visitor has been told that a code is on its way, whether or not the address is known, and can ask for
            # another; only the desk can see why it did not arrive. The error's text may hold the address.
            log.error("code_mail_failed", error=type(error.__cause__ or error).__name__)

    def _hash(self, conversation_id: str, email: str, code: str) -> str:
        return hmac.new(self._code_key, f"{conversation_id}\n{email}\n{code}".encode(), hashlib.sha256).hexdigest()


def _address(email: str) -> str:
    """The address in its stored form. What is no address becomes one text of its own that the directory cannot know."""
    address = normal_email(email)
    return address if is_email(address) else hashlib.sha256(address.encode(errors="backslashreplace")).hexdigest()
