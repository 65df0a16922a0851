"""What the sandbox's mail server does with each of its recipients, seen through aiosmtplib over real SMTP."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from email.message import EmailMessage

import aiosmtplib
import pytest

from services.sandbox.mailbox import Mailbox, mailbox
from services.sandbox.mails import Step
from tests.conftest import eventually
from tests.contract.dispatcher.servers import Certificates, make_certificates

RETURN_PATH = "bounce+7fTok@bounces.example"
CONTENT = (
    b"From: a@force.example\r\nSubject: Call us\r\nMessage-ID: <m1@force.example>\r\n\r\nPlease call us.\r\n..dots\r\n"
)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """An authority of our own and what it signed."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
async def returns() -> AsyncIterator[Mailbox]:
    """Where the return path leads."""
    async with mailbox() as box:
        yield box


@pytest.fixture
async def box(returns: Mailbox) -> AsyncIterator[Mailbox]:
    """A mail server whose reports follow at once."""
    async with mailbox(bounces_to=(returns.host, returns.port), delay_ms=(0, 0)) as box:
        yield box


async def send(
    box: Mailbox, to: str, content: bytes = CONTENT, notify: str | None = "SUCCESS,FAILURE", limit: float = 5
) -> aiosmtplib.SMTPResponse:
    """Hand over one mail, step by step."""
    async with aiosmtplib.SMTP(hostname=box.host, port=box.port, start_tls=False, timeout=limit) as client:
        await client.ehlo()
        assert client.supports_extension("dsn")
        asked = [] if notify is None else [f"NOTIFY={notify}", f"ORCPT=rfc822;{to}"]
        await client.mail(RETURN_PATH, options=["ENVID=Ab+2BcD", "RET=HDRS"])
        await client.rcpt(to, options=asked)
        return await client.data(content)


async def test_a_mail_is_kept_as_it_came(box: Mailbox) -> None:
    """Bytes, dots, return path and what was asked of the server, the envelope id's case included."""
    response = await send(box, "ann@example.org")
    assert response.code == 250
    (mail,) = box.to("ann@example.org")
    assert mail.content == CONTENT
    assert (mail.sender, mail.message_id) == (RETURN_PATH, "m1@force.example")
    assert mail.envelope_id == "Ab+cD"
    assert sorted(mail.notify) == ["FAILURE", "SUCCESS"]
    assert mail.original_recipient == "rfc822;ann@example.org"
    assert mail.body.startswith("Please call us.")
    assert mail.tls is False


@pytest.mark.parametrize(
    ("to", "code", "enhanced"),
    [
        ("refused@example.org", 550, "5.1.1"),
        ("refused.2@example.org", 550, "5.1.1"),
        ("full@example.org", 452, "4.2.2"),
    ],
)
async def test_a_refused_recipient_is_refused_every_time(box: Mailbox, to: str, code: int, enhanced: str) -> None:
    """The refusal comes at RCPT, and nothing is kept."""
    for _ in range(2):
        with pytest.raises(aiosmtplib.SMTPRecipientRefused) as refused:
            await send(box, to)
        assert refused.value.code == code
        assert refused.value.message.startswith(enhanced)
    assert box.messages == []
    assert [address for address, _ in box.refused] == [to, to]


async def test_greylisting_passes_at_the_second_try(box: Mailbox) -> None:
    """451 4.7.1 once for each address, then the mail is taken."""
    for to in ("greylist@example.org", "greylist@example.com"):
        with pytest.raises(aiosmtplib.SMTPRecipientRefused) as refused:
            await send(box, to)
        assert (refused.value.code, refused.value.message[:5]) == (451, "4.7.1")
        assert (await send(box, to)).code == 250
    assert len(box.messages) == 2


async def test_a_reset_after_the_dot_hides_a_mail_that_was_taken(box: Mailbox) -> None:
    """The connection breaks without a reply; the mail is there."""
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await send(box, "drops@example.org")
    assert len(box.messages) == 1
    assert (await send(box, "ann@example.org")).code == 250


async def test_silence_after_the_dot_hides_a_mail_that_was_taken(box: Mailbox) -> None:
    """The reply never comes; the mail is there."""
    with pytest.raises(aiosmtplib.SMTPReadTimeoutError):
        await send(box, "silent@example.org", limit=0.3)
    assert len(box.messages) == 1


async def test_garbage_after_the_dot_hides_a_mail_that_was_taken(box: Mailbox) -> None:
    """The reply cannot be read; the mail is there."""
    with pytest.raises(aiosmtplib.SMTPResponseException) as unreadable:
        await send(box, "garbage@example.org")
    assert unreadable.value.code == -1
    assert len(box.messages) == 1


async def test_a_mailbox_ends_while_somebody_waits_for_its_reply() -> None:
    """A silent conversation does not keep the server from ending."""
    async with mailbox() as box:
        waiting = asyncio.create_task(send(box, "silent@example.org", limit=30))
        await eventually(lambda: _kept(box, 1))
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await waiting


async def _kept(box: Mailbox, count: int) -> bool:
    return len(box.messages) == count


def parts(report: EmailMessage) -> tuple[EmailMessage, EmailMessage, str]:
    """A report's fields on the message, those on its recipient, and what it returns of the mail."""
    assert report.get_content_type() == "multipart/report"
    assert report.get_param("report-type") == "delivery-status"
    _, status, returned = report.iter_parts()
    assert isinstance(status, EmailMessage)
    assert status.get_content_type() == "message/delivery-status"
    message, recipient = status.iter_parts()
    assert isinstance(message, EmailMessage)
    assert isinstance(recipient, EmailMessage)
    return message, recipient, returned.as_string()


async def test_a_bounce_follows_to_the_return_path(box: Mailbox, returns: Mailbox) -> None:
    """A report of RFC 3464 with the envelope id, the status and the mail's headers, sent with the empty return path."""
    assert (await send(box, "bounces@example.org")).code == 250
    await box.settled()
    (came,) = returns.messages
    assert came.to == RETURN_PATH
    assert came.sender in ("", "<>")
    message, recipient, returned = parts(came.parsed)
    assert message["Original-Envelope-Id"] == "Ab+cD"
    assert recipient["Final-Recipient"] == "rfc822; bounces@example.org"
    assert recipient["Original-Recipient"] == "rfc822;bounces@example.org"
    assert (recipient["Action"], recipient["Status"]) == ("failed", "5.1.1")
    assert "Message-ID: <m1@force.example>" in returned
    assert "Please call us." not in returned


@pytest.mark.parametrize(
    ("to", "notify", "action"),
    [
        ("confirms@example.org", "SUCCESS,FAILURE", "delivered"),
        ("confirms@example.org", "FAILURE", None),
        ("confirms@example.org", None, None),
        ("bounces@example.org", None, "failed"),
        ("bounces@example.org", "NEVER", None),
        ("bounces@example.org", "SUCCESS", None),
        ("ann@example.org", "SUCCESS,FAILURE", None),
    ],
)
async def test_a_report_comes_only_when_it_was_asked_for(
    box: Mailbox, returns: Mailbox, to: str, notify: str | None, action: str | None
) -> None:
    """RFC 3461: success is reported on request only, failure unless it was declined."""
    await send(box, to, notify=notify)
    await box.settled()
    assert [parts(mail.parsed)[1]["Action"] for mail in returns.messages] == ([action] if action else [])


async def test_a_report_waits_for_a_return_path_that_is_not_there_yet(box: Mailbox, returns: Mailbox) -> None:
    """As a relay would, it tries again."""
    returns.faults["mail"] = "451 4.3.0 Try again later"
    await send(box, "bounces@example.org")
    assert returns.messages == []
    returns.faults.clear()
    await eventually(lambda: _kept(returns, 1), within=5)


@pytest.mark.parametrize("step", ["connect", "ehlo", "mail", "rcpt", "data", "dot"])
async def test_any_step_can_be_made_to_fail(box: Mailbox, step: Step) -> None:
    """The client sees the reply that was set for the step, and nothing is kept; without it, the mail goes through."""
    box.faults[step] = "451 4.3.2 Not now"
    with pytest.raises(aiosmtplib.SMTPResponseException) as refused:
        await send(box, "ann@example.org")
    assert (refused.value.code, refused.value.message) == (451, "4.3.2 Not now")
    assert box.messages == []
    box.faults.clear()
    assert (await send(box, "ann@example.org")).code == 250


async def test_starttls_is_offered_and_insisted_on_where_set(certificates: Certificates) -> None:
    """With a certificate STARTTLS is offered; with `require_tls` a mail in clear is refused; a login is checked."""
    trusted = ssl.create_default_context(cafile=str(certificates.ca_file))
    async with mailbox(tls=certificates.right, require_tls=True, login=("kept", "s3cret")) as box:
        with pytest.raises(aiosmtplib.SMTPException):
            await send(box, "ann@example.org")
        client = aiosmtplib.SMTP(
            hostname="localhost", port=box.port, start_tls=True, tls_context=trusted, username="kept", password="s3cret"
        )
        async with client:
            await client.sendmail("a@force.example", "ann@example.org", CONTENT)
        assert [mail.tls for mail in box.messages] == [True]
        with pytest.raises(aiosmtplib.SMTPAuthenticationError):
            async with aiosmtplib.SMTP(
                hostname="localhost", port=box.port, start_tls=True, tls_context=trusted, username="kept", password="x"
            ):
                pass
