"""Bounces over real SMTP: kept raw before they are acknowledged, matched by what only the real one can know."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import aiosmtplib
import pytest

from services.dispatcher.receipts.apply import Applier
from services.dispatcher.receipts.bounces import bounce_listener
from services.ledger.connection import Pool
from services.runner import bind
from tests.integration.dispatcher.rows import CLOCK, Ledger, Sent
from tests.unit.dispatcher.test_reports import report

DOMAIN = "bounces.staffs.example"


@pytest.fixture
async def port(pool: Pool) -> AsyncIterator[int]:
    """The listener, on a port of its own."""
    socket = bind(("127.0.0.1", 0), "KEPT_RECEIPTS_SMTP_LISTEN")
    async with bounce_listener(pool, CLOCK, domain=DOMAIN, on=socket):
        yield socket.getsockname()[1]


async def deliver(port: int, mail: bytes, to: str = f"bounce@{DOMAIN}") -> str:
    """Hand a mail to the listener; returns its last reply."""
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False, timeout=5) as client:
        await client.mail("")
        try:
            await client.rcpt(to)
            return str((await client.data(mail)).code)
        except aiosmtplib.SMTPResponseException as error:
            return f"{error.code}"


def of(sent: Sent | None, *, envelope: bool = False, mail: bool = False, action: str = "failed") -> bytes:
    """A delivery report that carries as much of `sent` as it is told."""
    envelope_id = f"Original-Envelope-Id: {sent.token}\n" if sent and envelope else ""
    message_id = sent.message_id if sent and mail else "somebody.else@example.org"
    code = {"failed": "5.1.1", "delayed": "4.4.1"}.get(action, "2.0.0")
    return report(
        f"Final-Recipient: rfc822; x\nAction: {action}\nStatus: {code}\n",
        message=f"Reporting-MTA: dns; relay.example.org\n{envelope_id}",
        returned=f"Content-Type: text/rfc822-headers\n\nMessage-ID: <{message_id}>\n",
    )


@pytest.mark.parametrize("by", ["envelope", "return path", "message id"])
async def test_r39_a_bounce_is_matched_by_any_one_of_three(port: int, ledger: Ledger, pool: Pool, by: str) -> None:
    """ENVID, the return path's token or the Message-ID alone: the attempt is undelivered, and a person has the update."""
    sent, other = await ledger.sent(channel="email"), await ledger.sent(channel="email")
    to = f"bounce+{sent.token}@{DOMAIN}" if by == "return path" else f"bounce@{DOMAIN}"
    assert await deliver(port, of(sent, envelope=by == "envelope", mail=by == "message id"), to) == "250"
    assert await ledger.value("select applied_at is null and raw like '%delivery-status%'::bytea from receipts")
    assert await Applier(pool, CLOCK).once() == 1
    assert await ledger.outcomes() == ["applied"]
    assert await ledger.state(sent) == ("undelivered", "held")
    assert await ledger.state(other) == ("accepted", "sent")
    assert await ledger.value("select suspect_at is not null from contact_detail where address = $1", sent.address)


@pytest.mark.parametrize(
    ("action", "attempt", "update", "outcome"),
    [
        ("delayed", "accepted", "sent", "ignored"),
        ("expanded", "accepted", "sent", "ignored"),
        ("relayed", "sent", "sent", "applied"),
        ("delivered", "delivered", "told", "applied"),
    ],
)
async def test_r39_other_actions(
    port: int, ledger: Ledger, pool: Pool, action: str, attempt: str, update: str, outcome: str
) -> None:
    """Delay is no failure; delivery is evidence; passed on is not yet either."""
    sent = await ledger.sent(channel="email")
    assert await deliver(port, of(sent, envelope=True, action=action)) == "250"
    await Applier(pool, CLOCK).once()
    assert await ledger.state(sent) == (attempt, update)
    assert await ledger.outcomes() == [outcome]


async def test_a_late_bounce_undoes_what_counted_as_told(port: int, ledger: Ledger, pool: Pool) -> None:
    """Delivered first and bounced afterwards: a person is asked."""
    sent = await ledger.sent(channel="email")
    await deliver(port, of(sent, envelope=True, action="delivered"))
    await Applier(pool, CLOCK).once()
    assert await ledger.state(sent) == ("delivered", "told")
    await deliver(port, of(sent, envelope=True))
    await Applier(pool, CLOCK).once()
    assert await ledger.state(sent) == ("undelivered", "held")


async def test_r41_a_forged_report_is_kept_and_counts_for_nothing(port: int, ledger: Ledger, pool: Pool) -> None:
    """Without a token or a Message-ID of ours nothing moves, and a token of a text is no proof about a mail."""
    mail, text = await ledger.sent(channel="email"), await ledger.sent(channel="sms")
    await deliver(port, of(None))
    await deliver(port, of(None), f"bounce+{'0' * 32}@{DOMAIN}")
    await deliver(port, of(text, envelope=True))
    await Applier(pool, CLOCK).once()
    assert await ledger.outcomes() == ["unmatched", "unmatched", "mismatch"]
    assert await ledger.state(mail) == ("accepted", "sent")
    assert await ledger.state(text) == ("accepted", "sent")


async def test_a_mail_that_only_a_person_can_read_is_told(port: int, ledger: Ledger, pool: Pool) -> None:
    """A bounce in a form of its own must not pass for silence; a machine that says it is away may."""
    sent = await ledger.sent(channel="email")
    path = f"bounce+{sent.token}@{DOMAIN}"
    await deliver(port, b"Subject: failure notice\r\n\r\nHi. This is the qmail-send program.\r\n", path)
    await deliver(port, b"Subject: away\r\nAuto-Submitted: auto-replied\r\n\r\nBack on Monday.\r\n", path)
    await Applier(pool, CLOCK).once()
    assert await ledger.outcomes() == ["ignored", "ignored"]
    assert await ledger.alerts() == {"mail_unread": 1}
    assert await ledger.state(sent) == ("accepted", "sent")


async def test_only_our_own_return_path_is_taken(port: int, ledger: Ledger) -> None:
    """Other domains, a second recipient and more than anybody needs are refused."""
    assert await deliver(port, of(None), "sam@example.org") == "550"
    assert await deliver(port, b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * 9000) == "552"
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False, timeout=5) as client:
        await client.mail("")
        await client.rcpt(f"bounce@{DOMAIN}")
        with pytest.raises(aiosmtplib.SMTPRecipientRefused) as refused:
            await client.rcpt(f"bounce+{'1' * 32}@{DOMAIN}")
    assert refused.value.code == 452
    assert await ledger.value("select count(*) from receipts") == 0


async def test_with_the_ledger_away_the_sender_keeps_the_mail(port: int, pool: Pool) -> None:
    """451: it comes again."""
    await pool.close()
    assert await deliver(port, of(None)) == "451"


async def test_nothing_personal_is_logged(port: int, caplog: pytest.LogCaptureFixture) -> None:
    """At the level that the services run their libraries at, no address of a mail is logged."""
    caplog.set_level(logging.WARNING)
    await deliver(port, of(None), "sam@example.org")
    await asyncio.sleep(0)
    assert "sam@" not in caplog.text
