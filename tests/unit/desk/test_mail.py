"""Mail goes to a real SMTP server, encrypted where it should be, and cannot be turned to other recipients."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from bot.desk.mail import ConsoleMailer, MailError, SmtpMailer, mailer_from_url
from tests.support.smtp import certificate, mail_server

SENDER = "Support desk <support@help.example>"
TO = "dana@acme.example"


async def test_a_mail_arrives_as_it_was_written(capsys: pytest.CaptureFixture[str]) -> None:
    async with mail_server() as server:
        await mailer_from_url(f"smtp://127.0.0.1:{server.port}", SENDER).send(
            TO, "Ihr Code – für heute", "Größe: 5 €\n"
        )
    recipients, mail, encrypted = server.received[0]
    assert recipients == [TO]
    assert not encrypted
    assert (mail["From"], mail["To"], mail["Subject"]) == (SENDER, TO, "Ihr Code – für heute")
    assert mail.get_content().splitlines() == ["Größe: 5 €"]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"]
    assert str(mail["Message-ID"]).endswith("@help.example>")
    assert capsys.readouterr().out == ""


async def test_user_and_password_may_have_characters_that_urls_escape() -> None:
    async with mail_server(user="desk@help.example", password="p:a/s s%") as server:
        url = f"smtp://desk%40help.example:p%3Aa%2Fs%20s%25@127.0.0.1:{server.port}?starttls=no"
        await mailer_from_url(url, SENDER).send(TO, "Hello", "text")
    assert len(server.received) == 1


async def test_a_wrong_password_is_told_without_the_password() -> None:
    async with mail_server(user="desk", password="right") as server:
        mailer = mailer_from_url(f"smtp://desk:not-right@127.0.0.1:{server.port}?starttls=no", SENDER)
        with pytest.raises(MailError, match=r"127\.0\.0\.1 did not take a mail") as caught:
            await mailer.send(TO, "Hello", "text")
    assert "not-right" not in str(caught.value)
    assert server.logins >= 1
    assert server.received == []


async def test_starttls_and_smtps_encrypt_with_a_certificate_that_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, file = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    async with mail_server(user="desk", password="secret", starttls=context) as server:
        await mailer_from_url(f"smtp://desk:secret@localhost:{server.port}", SENDER).send(TO, "Hello", "text")
    async with mail_server(tls=context) as encrypted:
        await mailer_from_url(f"smtps://localhost:{encrypted.port}", SENDER).send(TO, "Hello", "text")
    assert server.received[0][2]
    assert len(encrypted.received) == 1


async def test_a_server_with_a_certificate_that_nobody_trusts_gets_no_mail(tmp_path: Path) -> None:
    context, _ = certificate(tmp_path)
    async with mail_server(starttls=context) as server:
        with pytest.raises(MailError, match=r"(?i)certificate"):
            await mailer_from_url(f"smtp://localhost:{server.port}", SENDER).send(TO, "Hello", "text")
    assert server.received == []


async def test_a_password_never_goes_to_a_server_that_does_not_encrypt() -> None:
    async with mail_server(user="desk", password="secret") as server:
        with pytest.raises(MailError):
            await mailer_from_url(f"smtp://desk:secret@127.0.0.1:{server.port}", SENDER).send(TO, "Hello", "text")
    assert (server.logins, server.received) == (0, [])


async def test_a_server_that_refuses_the_mail_is_told() -> None:
    async with mail_server(refuse="554 not today") as server:
        with pytest.raises(MailError, match="not today"):
            await mailer_from_url(f"smtp://127.0.0.1:{server.port}", SENDER).send(TO, "Hello", "text")


async def test_a_server_that_is_away_is_told() -> None:
    async with mail_server() as server:
        port = server.port
    with pytest.raises(MailError, match="FRONTDESK_MAIL_URL"):
        await mailer_from_url(f"smtp://127.0.0.1:{port}", SENDER).send(TO, "Hello", "text")


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("dana@acme.example\r\nBcc: all@acme.example", "Hello"),
        ("dana@acme.example\nX: y", "Hello"),
        (TO, "Hello\r\nBcc: all@acme.example"),
        (TO, "Hello\n\nbody"),
        (TO, "Hello\x00"),
        ("dana@acme.example, nick@acme.example", "Hello"),
        ("Dana <dana@acme.example>", "Hello"),
        ("dana", "Hello"),
        ("", "Hello"),
        ("dana@acme.example\u2028", "Hello"),
    ],
)
async def test_headers_and_recipients_cannot_be_smuggled_in(to: str, subject: str) -> None:
    stream = io.StringIO()
    with pytest.raises(MailError):
        await ConsoleMailer(SENDER, stream).send(to, subject, "text")
    assert stream.getvalue() == ""
    async with mail_server() as server:
        with pytest.raises(MailError):
            await SmtpMailer("127.0.0.1", server.port, SENDER).send(to, subject, "text")
    assert server.received == []


async def test_without_a_server_mails_are_printed_in_a_frame(capsys: pytest.CaptureFixture[str]) -> None:
    await mailer_from_url("console://", SENDER).send(TO, "Ihr Code", "123456\n")
    printed = capsys.readouterr().out
    assert f"From: {SENDER}\nTo: {TO}\nSubject: Ihr Code\n\n123456\n" in printed
    assert printed.count("=" * 72) == 2
    assert "printed, not sent" in printed


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example",
        "http://mail.example",
        "smtp://",
        "smtp:///x",
        "smtp://mail.example:port",
        "smtp://mail.example:99999",
        "smtp://mail.example?starttls=perhaps",
        "smtp://mail.example?tls=yes",
        "smtp://mail.example?starttls",
        "smtps://mail.example?starttls=yes",
        "smtp://desk:secret@mail.example?starttls=auto",
    ],
)
def test_a_url_that_is_no_mail_server_is_refused_with_what_is_expected(url: str) -> None:
    with pytest.raises(MailError, match="FRONTDESK_MAIL_URL") as caught:
        mailer_from_url(url, SENDER)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("sender", ["", "Support desk", "support@help.example\nBcc: x@y.example"])
def test_a_sender_that_is_no_address_is_refused_before_anything_is_sent(sender: str) -> None:
    with pytest.raises(MailError):
        mailer_from_url("console://", sender)
