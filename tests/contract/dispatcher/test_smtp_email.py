"""Mail through aiosmtplib against relays that misbehave at every step: how far it came decides, and TLS or nothing."""

from __future__ import annotations

import asyncio
import email
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from services.dispatcher.email import SmtpEmail
from services.dispatcher.gateways import Accepted, Email, NotSent, Refused, Unknown
from tests.contract.dispatcher.servers import Certificates, SmtpServer, free_port, make_certificates, smtp_server

MAIL = Email(
    to="sam@example.org",
    sender="updates@staffs.example",
    sender_name='Staffs "Police", Ŵales',
    return_path="bounce+0123456789abcdef0123456789abcdef@bounce.staffs.example",
    message_id="7f1c.1@staffs.example",
    envelope_id="0123456789abcdef0123456789abcdef",
    subject="An update on KF7Q2R8M",
    body="Hello,\n.\n..two dots\nDiolch, Ŵ\n",
)


async def nothing() -> None:
    """The marker before DATA, for tests that do not look at it."""


@asynccontextmanager
async def gateway(server: SmtpServer, **options: Any) -> AsyncIterator[SmtpEmail]:
    made = SmtpEmail(
        **{
            "host": "127.0.0.1",
            "port": server.port,
            "tls": "none-local",
            "connect_seconds": 0.8,
            "command_seconds": 0.4,
            "answer_seconds": 0.4,
            **options,
        }
    )
    try:
        yield made
    finally:
        await made.close()


def parsed(server: SmtpServer) -> EmailMessage:
    """The one mail that the relay took, as a reader's program sees it."""
    [raw] = server.mails
    message = email.message_from_bytes(raw.replace(b"\r\n..", b"\r\n.").replace(b"\r\n", b"\n"), policy=default)
    assert isinstance(message, EmailMessage)
    return message


async def test_a_mail_is_one_transaction_for_one_recipient_with_its_tokens() -> None:
    """Envelope, ENVID, NOTIFY, headers and body arrive as they were meant, and the marker is set before DATA."""
    order: list[str] = []

    async with smtp_server(SmtpServer()) as server, gateway(server) as mail:

        async def marker() -> None:
            order.extend(server.verbs())

        assert await mail.send(MAIL, marker) == Accepted(MAIL.message_id)
    assert order == ["EHLO", "MAIL", "RCPT"]
    assert server.verbs() == ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]
    size = len(server.mails[0].replace(b"\r\n..", b"\r\n."))
    assert server.commands[1] == (f"MAIL FROM:<{MAIL.return_path}> SIZE={size} RET=HDRS ENVID={MAIL.envelope_id}")
    assert server.commands[2] == "RCPT TO:<sam@example.org> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;sam@example.org"
    message = parsed(server)
    assert not message.defects
    assert message["Message-ID"] == f"<{MAIL.message_id}>"
    assert message["Subject"] == MAIL.subject
    assert message["From"].addresses[0].display_name == MAIL.sender_name
    assert message["From"].addresses[0].addr_spec == MAIL.sender
    assert [address.addr_spec for address in message["To"].addresses] == [MAIL.to]
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "en"
    assert message["Date"].datetime.tzinfo is not None
    assert message.get_content() == MAIL.body


async def test_a_relay_without_dsn_is_asked_for_none() -> None:
    """Nothing is asked of a relay that it did not offer (RFC 3461 section 3)."""
    async with smtp_server(SmtpServer(extensions=())) as server, gateway(server) as mail:
        assert await mail.send(MAIL, nothing) == Accepted(MAIL.message_id)
    assert server.commands[1:3] == [f"MAIL FROM:<{MAIL.return_path}>", "RCPT TO:<sam@example.org>"]


async def test_a_connection_is_used_again_and_replaced_when_it_died() -> None:
    """Mails share a resting connection; one that the relay dropped meanwhile costs nothing but a new connection."""
    async with smtp_server(SmtpServer()) as server, gateway(server) as mail:
        for _ in range(3):
            assert isinstance(await mail.send(MAIL, nothing), Accepted)
        assert server.connections == 1
        server.replies["MAIL"] = "421 4.4.2 been quiet too long"
        assert await mail.send(MAIL, nothing) == NotSent("smtp:421/4.4.2", "The relay put the mail off at mail.")
        assert server.connections == 2
        del server.replies["MAIL"]
        assert isinstance(await mail.send(MAIL, nothing), Accepted)
    assert len(server.mails) == 4


async def test_a_connection_rests_only_so_long() -> None:
    """Older than the limit, a connection is not used again."""
    async with smtp_server(SmtpServer()) as server, gateway(server, idle_seconds=0.0) as mail:
        for _ in range(2):
            assert isinstance(await mail.send(MAIL, nothing), Accepted)
            await asyncio.sleep(0.01)
        assert server.connections == 2


@pytest.mark.parametrize("reply", ["reset", "silence", "what?", "250-only half"])
@pytest.mark.parametrize("step", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA"])
async def test_before_the_last_dot_nothing_was_taken(step: str, reply: str) -> None:
    """Dropped, silent or unreadable before the mail was handed over: proven not sent, and no mail arrived."""
    async with smtp_server(SmtpServer({step: reply})) as server, gateway(server) as mail:
        outcome = await mail.send(MAIL, nothing)
    assert isinstance(outcome, NotSent)
    assert not outcome.provider_wide
    assert not server.mails


@pytest.mark.parametrize("reply", ["reset", "silence", "what?", "250-only half", "354 more", "199 hm"])
async def test_r37_after_the_last_dot_only_a_reply_decides(reply: str) -> None:
    """Dropped, silent or unreadable after the dot: unknown, whether or not the relay took it; handed over once."""
    async with smtp_server(SmtpServer({"DOT": reply})) as server, gateway(server) as mail:
        outcome = await mail.send(MAIL, nothing)
    assert isinstance(outcome, Unknown)
    assert len(server.mails) == 1


@pytest.mark.parametrize("step", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "DOT"])
async def test_r38_put_off_at_every_step(step: str) -> None:
    """451 anywhere, after the dot too, is the relay's word that it took nothing: not sent, and not about our account."""
    async with smtp_server(SmtpServer({step: "451 4.7.1 later"})) as server, gateway(server) as mail:
        outcome = await mail.send(MAIL, nothing)
    phase = {"GREETING": "connect", "EHLO": "hello"}.get(step, step.lower())
    assert outcome == NotSent("smtp:451/4.7.1", f"The relay put the mail off at {phase}.")


@pytest.mark.parametrize(
    ("step", "reply", "code"),
    [
        ("RCPT", "550 5.1.1 no such person sam@example.org", "smtp:550/5.1.1"),
        ("RCPT", "550 no such person", "smtp:550"),
        ("DATA", "554 5.7.1 no", "smtp:554/5.7.1"),
        ("DOT", "552 5.3.4 too big", "smtp:552/5.3.4"),
        ("MAIL", "552 5.3.4 too big", "smtp:552/5.3.4"),
    ],
)
async def test_r39_a_refusal_of_this_mail(step: str, reply: str, code: str) -> None:
    """A 5xx about the recipient or the mail is a refusal with the relay's codes and never its words, which hold the address."""
    async with smtp_server(SmtpServer({step: reply})) as server, gateway(server) as mail:
        outcome = await mail.send(MAIL, nothing)
    assert isinstance(outcome, Refused)
    assert outcome.code == code
    assert "sam@" not in repr(outcome)


@pytest.mark.parametrize(
    ("step", "reply"),
    [
        ("GREETING", "554 5.3.2 closed"),
        ("MAIL", "550 5.7.1 not you"),
        ("MAIL", "530 5.7.0 sign in first"),
        ("RCPT", "530 5.7.0 sign in first"),
        ("DATA", "538 5.7.11 encryption required"),
    ],
)
async def test_a_refusal_of_us_is_not_about_the_recipient(step: str, reply: str) -> None:
    """Refused before anybody was named, or for want of a sign-in: nothing was sent, and it concerns every mail."""
    async with smtp_server(SmtpServer({step: reply})) as server, gateway(server) as mail:
        outcome = await mail.send(MAIL, nothing)
    assert isinstance(outcome, NotSent)
    assert outcome.provider_wide


async def test_r40_one_recipient_by_construction() -> None:
    """There is one RCPT a mail, and an address that would make two is refused before the library sees it."""
    async with smtp_server(SmtpServer()) as server, gateway(server) as mail:
        assert isinstance(await mail.send(MAIL, nothing), Accepted)
        for address in ("sam@example.org,eve@example.org", "sam@example.org, eve@example.org", "<sam@example.org>"):
            assert isinstance(await mail.send(replace(MAIL, to=address), nothing), Refused)
    assert server.verbs().count("RCPT") == 1


async def test_what_the_marker_raises_goes_up_and_nothing_is_sent() -> None:
    """If the marker before DATA cannot be committed, no DATA command is given."""

    async def fails() -> None:
        raise RuntimeError("the ledger is away")

    async with smtp_server(SmtpServer()) as server, gateway(server) as mail:
        with pytest.raises(RuntimeError, match="away"):
            await mail.send(MAIL, fails)
        assert isinstance(await mail.send(MAIL, nothing), Accepted)
    assert server.verbs().count("DATA") == 1
    assert server.connections == 2


async def test_nobody_listening_is_not_sent() -> None:
    """A refused connection is proof that nothing left."""
    async with gateway(SmtpServer(port=free_port())) as mail:
        outcome = await mail.send(MAIL, nothing)
    assert outcome == NotSent("smtp:lost", "Nothing was taken: the relay got no further than connect.")


async def test_waiting_for_a_free_connection_ends() -> None:
    """With every connection busy, a mail gives up unsent in time."""
    async with smtp_server(SmtpServer({"DOT": "silence"})) as server, gateway(server, connections=1) as mail:
        first, second = await asyncio.gather(mail.send(MAIL, nothing), mail.send(MAIL, nothing))
        assert isinstance(first, Unknown)
        assert isinstance(second, NotSent)


# ---------------------------------------------------------------- S33: TLS or nothing


def _old_tls(context: ssl.SSLContext) -> ssl.SSLContext:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


@pytest.mark.parametrize("how", ["starttls", "implicit"])
async def test_s33_with_a_verified_relay_mail_goes_through(certificates: Certificates, how: str) -> None:
    """STARTTLS and TLS from the start work with a certificate that our authority signed, sign-in included."""
    server = SmtpServer(tls=certificates.right, extensions=("DSN", "AUTH PLAIN LOGIN"))
    async with smtp_server(server, implicit_tls=how == "implicit"):
        options = {"host": "localhost", "tls": how, "ca_file": certificates.ca_file, "username": "u", "password": "p"}
        async with gateway(server, **options) as mail:
            assert isinstance(await mail.send(MAIL, nothing), Accepted)
    assert "AUTH" in server.verbs()


@pytest.mark.parametrize(
    "case", ["no STARTTLS", "stripped", "refused", "self-signed", "wrong host", "TLS 1.0", "broken handshake"]
)
async def test_s33_without_a_safe_connection_no_data_is_ever_sent(
    certificates: Certificates, tmp_path_factory: pytest.TempPathFactory, case: str
) -> None:
    """Whatever keeps TLS from being verified, the relay hears no address and no DATA, and it is not about the recipient."""
    fresh = make_certificates(tmp_path_factory.mktemp("fresh"))
    server = SmtpServer(extensions=("DSN", "AUTH PLAIN"))
    ca_file = certificates.ca_file
    match case:
        case "stripped":
            server.tls, server.offers_starttls = certificates.right, False
        case "refused":
            server.tls, server.replies = certificates.right, {"STARTTLS": "454 4.7.0 not now"}
        case "self-signed":
            server.tls = certificates.self_signed
        case "wrong host":
            server.tls = certificates.wrong_host
        case "TLS 1.0":
            server.tls, ca_file = _old_tls(fresh.right), fresh.ca_file
        case "broken handshake":
            server.tls, server.replies = certificates.right, {"STARTTLS": "220 go on"}
    async with (
        smtp_server(server),
        gateway(server, host="localhost", tls="starttls", ca_file=ca_file, username="user", password="secret") as mail,
    ):
        outcome = await mail.send(MAIL, nothing)
    assert isinstance(outcome, NotSent)
    assert outcome.provider_wide or case == "broken handshake"
    assert not {"MAIL", "RCPT", "DATA", "AUTH"} & set(server.verbs())
    assert not server.mails


@pytest.mark.parametrize("case", ["self-signed", "wrong host", "plain"])
async def test_s33_tls_from_the_start_is_verified_too(certificates: Certificates, case: str) -> None:
    """The same where TLS is to be there from the first byte."""
    contexts = {"self-signed": certificates.self_signed, "wrong host": certificates.wrong_host, "plain": None}
    server = SmtpServer(tls=contexts[case])
    async with (
        smtp_server(server, implicit_tls=True),
        gateway(server, host="localhost", tls="implicit", ca_file=certificates.ca_file) as mail,
    ):
        outcome = await mail.send(MAIL, nothing)
    assert isinstance(outcome, NotSent)
    assert outcome.provider_wide
    assert not {"EHLO", "MAIL", "RCPT", "DATA"} & set(server.verbs())


async def test_s33_a_sign_in_that_is_not_offered_or_refused_stops_everything(certificates: Certificates) -> None:
    """No AUTH offered, or a wrong password: no mail, and it concerns every mail."""
    for extensions, replies in ((("DSN",), {}), (("AUTH PLAIN",), {"AUTH": "535 5.7.8 wrong"})):
        server = SmtpServer(dict(replies), extensions, certificates.right)
        async with (
            smtp_server(server),
            gateway(
                server, host="localhost", tls="starttls", ca_file=certificates.ca_file, username="u", password="p"
            ) as mail,
        ):
            outcome = await mail.send(MAIL, nothing)
        assert isinstance(outcome, NotSent)
        assert outcome.provider_wide
        assert "MAIL" not in server.verbs()


# ---------------------------------------------------------------- S34: nothing smuggled

EVIL = {
    "CR/LF": "a\r\nBcc: eve@example.org",
    "LF": "a\nb",
    "CR": "a\rb",
    "NUL": "a\0b",
    "NEL": "a\x85b",
    "line separator": "a\u2028b",
    "paragraph separator": "a\u2029b",
    "vertical tab": "a\x0bb",
    "escape": "a\x1bb",
    "half a character": "a\ud800b",
    "encoded word": "=?utf-8?q?a=0D=0ABcc:_eve=40example.org?=",
    "10 kB": "x" * 10_000,
}


@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL)
@pytest.mark.parametrize(
    "field", ["to", "sender", "sender_name", "return_path", "message_id", "envelope_id", "subject", "language"]
)
async def test_s34_line_breaks_and_their_like_never_reach_the_library(field: str, evil: str) -> None:
    """In every field, alone and inside an address, they are refused before the relay is even connected to."""
    async with smtp_server(SmtpServer()) as server, gateway(server) as mail:
        for value in (evil, f"{evil}@example.org", f"a@example.org{evil}", f"a@example.org>\r\nRCPT TO:<{evil}"):
            outcome = await mail.send(replace(MAIL, **{field: value}), nothing)
            if isinstance(outcome, Accepted):
                # Text with an @ in it is no danger in a name or a subject, if nothing else is wrong with it.
                pytest.fail(f"{value!r} was sent")
            assert isinstance(outcome, Refused)
            assert outcome.code == f"kept:bad_{'recipient' if field == 'to' else field}"
    assert server.connections == 0


@pytest.mark.parametrize(
    "evil", ["a\0b", "a\rb", "a\r\n.\r\nMAIL FROM:<eve@example.org>", "a\u2028b", "a\x1bb", "\ud800", " \n"]
)
async def test_s34_a_body_is_plain_lines(evil: str) -> None:
    """A body with anything but text and line feeds is refused, so no dot of its own can end it early."""
    async with smtp_server(SmtpServer()) as server, gateway(server) as mail:
        outcome = await mail.send(replace(MAIL, body=evil), nothing)
    assert isinstance(outcome, Refused)
    assert outcome.code == "kept:bad_body"
    assert server.connections == 0


@pytest.mark.parametrize("body", [".\n", "a\n.\nMAIL FROM:<eve@example.org>\n", "\n.\n.\n", "=\n.=\n", "x" * 5000])
async def test_s34_dots_and_long_lines_arrive_as_they_are(body: str) -> None:
    """A dot alone on a line does not end the mail, and no line is longer than mail allows."""
    async with smtp_server(SmtpServer()) as server, gateway(server) as mail:
        assert isinstance(await mail.send(replace(MAIL, body=body), nothing), Accepted)
    assert parsed(server).get_content() == (body if body.endswith("\n") else body + "\n")
    assert max(map(len, server.mails[0].split(b"\r\n"))) <= 998
    assert server.verbs() == ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]


async def test_nothing_personal_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Even with every logger at its loudest, no address and no word of a mail is logged."""
    caplog.set_level(1)
    async with (
        smtp_server(SmtpServer({"RCPT": "550 5.1.1 sam@example.org is unknown"})) as server,
        gateway(server) as mail,
    ):
        await mail.send(MAIL, nothing)
    assert "sam@" not in caplog.text
    assert "KF7Q2R8M" not in caplog.text
