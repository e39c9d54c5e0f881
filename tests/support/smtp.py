"""A real SMTP server inside the test's event loop that keeps what it is given."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class MailServer:
    """`port` is where it listens, `logins` counts tries, `received` has (recipients, mail, whether encrypted)."""

    port: int = 0
    user: str = ""
    password: str = ""
    refuse: str = ""
    logins: int = 0
    received: list[tuple[list[str], EmailMessage, bool]] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refuse:
            return self.refuse
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.received.append((list(envelope.rcpt_tos), mail, session.ssl is not None))
        return "250 OK"

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        self.logins += 1
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (
            self.user.encode(),
            self.password.encode(),
        )
        return AuthResult(success=good, handled=False)


@asynccontextmanager
async def mail_server(
    *,
    user: str = "",
    password: str = "",
    refuse: str = "",
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[MailServer]:
    """A server on a free port of 127.0.0.1; with a user it wants them to log in."""
    kept = MailServer(user=user, password=password, refuse=refuse)

    def session() -> SMTP:
        with warnings.catch_warnings():
            # The library warns of servers that take passwords unencrypted, which this one does to catch senders at it.
            warnings.simplefilter("ignore", UserWarning)
            return SMTP(
                kept,
                tls_context=starttls,
                require_starttls=starttls is not None,
                auth_required=bool(user),
                auth_require_tls=False,
                authenticator=kept.authenticate if user else None,
                hostname="localhost",
            )

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0, ssl=tls)
    kept.port = server.sockets[0].getsockname()[1]
    try:
        yield kept
    finally:
        server.close()
        await server.wait_closed()


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS settings with a fresh certificate for localhost, and the file of that certificate."""
    key, file = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(file)),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    return context, file
