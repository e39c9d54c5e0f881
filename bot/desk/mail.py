"""Sends e-mail: to an SMTP server, or to the terminal where there is none."""

from __future__ import annotations

import sys
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid, parseaddr
from typing import Protocol, TextIO
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

DEFAULT_SENDER = "Support desk <support@help.example>"
_TIMEOUT_S = 20.0
_EXPECTED = "console://, smtp://user:password@host:587?starttls=yes or smtps://user:password@host"


class MailError(Exception):
    """A mail could not be sent, or mail is set up wrongly; the message says why, without passwords."""


class Mailer(Protocol):
    async def send(self, to: str, subject: str, text: str) -> None:
        """Sends a plain text mail to one address. Raises MailError."""


def mailer_from_url(url: str, sender: str = DEFAULT_SENDER) -> Mailer:
    """The mailer that FRONTDESK_MAIL_URL names; `sender` is FRONTDESK_MAIL_FROM. Connects to nothing yet.

    smtp:// takes the query `starttls`: yes (must be encrypted), no, or auto (encrypted if the server offers it), which
    is the default without credentials; with credentials it is yes, and auto is refused: whoever stands between could
    make it no. Raises MailError for another or incomplete URL.
    """
    parts = urlsplit(url)
    _message(sender, "nobody@help.example", "", "")
    if parts.scheme == "console":
        return ConsoleMailer(sender)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise MailError(f"FRONTDESK_MAIL_URL names {parts.scheme or 'no'!r} mail; expected {_EXPECTED}")
    try:
        port = parts.port
        query = parse_qs(parts.query, strict_parsing=True) if parts.query else {}
    except ValueError as error:
        raise MailError(f"FRONTDESK_MAIL_URL has no usable port or query; expected {_EXPECTED}") from error
    starttls = query.pop("starttls", ["yes" if parts.username else "auto"])[-1]
    if query or starttls not in ("yes", "no", "auto") or (parts.scheme == "smtps" and "starttls" in parts.query):
        raise MailError(
            f"FRONTDESK_MAIL_URL has an unknown query; expected starttls=yes, no or auto, as in {_EXPECTED}"
        )
    if parts.username and starttls == "auto":
        raise MailError("FRONTDESK_MAIL_URL has a password and starttls=auto; expected starttls=yes, or no if you must")
    return SmtpMailer(
        parts.hostname,
        port,
        sender,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=parts.scheme == "smtps",
        starttls={"yes": True, "no": False, "auto": None}[starttls],
    )


class ConsoleMailer:
    """Prints mails, so that the desk can be tried without a mail server."""

    def __init__(self, sender: str = DEFAULT_SENDER, stream: TextIO | None = None) -> None:
        self._sender = sender
        self._stream = stream

    async def send(self, to: str, subject: str, text: str) -> None:
        mail = _message(self._sender, to, subject, text)
        line = "=" * 72
        head = f"From: {mail['From']}\nTo: {mail['To']}\nSubject: {mail['Subject']}"
        # One write: lines of other tasks must not come between.
        stream = self._stream or sys.stdout
        stream.write(
            f"\n{line}\nMail (printed, not sent: FRONTDESK_MAIL_URL is console://)\n{head}\n\n{text}\n{line}\n"
        )
        stream.flush()


class SmtpMailer:
    """Hands mails to an SMTP server, each over a connection of its own."""

    def __init__(
        self,
        host: str,
        port: int | None,
        sender: str,
        *,
        username: str | None = None,
        password: str | None = None,
        tls: bool = False,
        starttls: bool | None = None,
    ) -> None:
        """`tls` encrypts from the start, `starttls` after it (None: if the server can). No port: the usual one."""
        self._host, self._port, self._sender = host, port, sender
        self._username, self._password = username, password
        self._tls, self._starttls = tls, starttls

    async def send(self, to: str, subject: str, text: str) -> None:
        mail = _message(self._sender, to, subject, text)
        try:
            await aiosmtplib.send(
                mail,
                hostname=self._host,
                port=self._port,
                username=self._username,
                password=self._password,
                use_tls=self._tls,
                start_tls=False if self._tls else self._starttls,
                timeout=_TIMEOUT_S,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailError(
                f"the mail server {self._host} did not take a mail ({type(error).__name__}: {error}); "
                "check FRONTDESK_MAIL_URL"
            ) from error


def _message(sender: str, to: str, subject: str, text: str) -> EmailMessage:
    """Raises MailError for what would change the headers or the recipients."""
    if any(not value.isprintable() for value in (sender, to, subject)):
        raise MailError("a mail's sender, recipient and subject must be one line without control characters")
    name, address = parseaddr(sender)
    if "@" not in address:
        raise MailError(f"FRONTDESK_MAIL_FROM is {sender!r}; expected an address such as {DEFAULT_SENDER}")
    mail = EmailMessage(policy=SMTP)
    try:
        mail["From"] = Address(display_name=name, addr_spec=address)
        mail["To"] = Address(addr_spec=to)
        mail["Subject"] = subject
    except (MessageError, ValueError, IndexError) as error:
        raise MailError(f"the recipient or sender is no e-mail address ({type(error).__name__})") from error
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid(domain=address.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    return mail
