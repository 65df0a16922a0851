"""Delivery reports: RFC 3464 read as relays write it, and anything else taken for nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.receipts.reports import other_mail, read_report, verp_token

TOKEN = "0123456789abcdef0123456789abcdef"


def report(
    recipient: str = "Final-Recipient: rfc822; sam@example.org\nAction: failed\nStatus: 5.1.1\n"
    "Diagnostic-Code: smtp; 550 5.1.1 <sam@example.org> User unknown\n",
    *,
    message: str = f"Reporting-MTA: dns; relay.example.org\nOriginal-Envelope-Id: {TOKEN}\n",
    returned: str = "Content-Type: text/rfc822-headers\n\nMessage-ID: <m1@staffs.example>\nSubject: An update\n",
    kind: str = "multipart/report; report-type=delivery-status",
) -> bytes:
    return (
        "From: Mail System <mailer-daemon@example.org>\nSubject: Undelivered\nAuto-Submitted: auto-replied\n"
        f'MIME-Version: 1.0\nContent-Type: {kind}; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nI could not deliver it.\n\n"
        f"--b\nContent-Type: message/delivery-status\n\n{message}\n{recipient}\n"
        f"--b\n{returned}\n--b--\n"
    ).encode()


def test_a_failure_is_read_with_its_codes_and_its_names() -> None:
    """Action, both codes, ENVID and the Message-ID of the mail that came back as headers."""
    found = read_report(report())
    assert found is not None
    assert (found.action, found.code, found.envelope_id, found.message_id) == (
        "failed",
        "smtp:550/5.1.1",
        TOKEN,
        "m1@staffs.example",
    )


def test_the_returned_mail_may_come_whole() -> None:
    """message/rfc822 names the Message-ID as well."""
    whole = "Content-Type: message/rfc822\n\nMessage-ID: <m1@staffs.example>\nSubject: An update\n\nHello\n"
    found = read_report(report(returned=whole))
    assert found is not None
    assert found.message_id == "m1@staffs.example"


@pytest.mark.parametrize("action", ["failed", "delayed", "delivered", "relayed", "expanded"])
def test_every_action_is_told_apart(action: str) -> None:
    """In any case of letters."""
    for spelt in (action, action.upper(), f" {action} "):
        found = read_report(report(f"Final-Recipient: rfc822; x\nAction: {spelt}\nStatus: 2.0.0\n"))
        assert found is not None
        assert found.action == action


def test_without_a_diagnostic_the_enhanced_code_stands_alone() -> None:
    """And without any code there is none."""
    found = read_report(report("Final-Recipient: rfc822; x\nAction: failed\nStatus: 4.4.1 (no answer)\n"))
    assert found is not None
    assert found.code == "smtp:4.4.1"
    found = read_report(report("Final-Recipient: rfc822; x\nAction: failed\nStatus: five\n"))
    assert found is not None
    assert found.code is None


def test_of_several_recipients_the_worst_counts() -> None:
    """A list behind the address may answer for many."""
    first = "Final-Recipient: rfc822; a\nAction: delivered\nStatus: 2.0.0\n"
    blocks = first + "\nFinal-Recipient: rfc822; b\nAction: failed\nStatus: 5.2.1\n"
    found = read_report(report(blocks))
    assert found is not None
    assert (found.action, found.code) == ("failed", "smtp:5.2.1")


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"Subject: I am away\nAuto-Submitted: auto-replied\n\nBack on Monday",
        report(kind="multipart/mixed"),
        report(kind="multipart/report; report-type=disposition-notification", recipient="Disposition: displayed\n"),
        report("Final-Recipient: rfc822; x\nAction: vanished\n"),
        report("Status: 5.1.1\n"),
        b"Content-Type: multipart/report; boundary=b\n\n" + b"--b\n\n" * 500,
        b"Content-Type: multipart/report\n\nno boundary",
    ],
)
def test_anything_else_is_no_report(mail: bytes) -> None:
    """Nothing of it is guessed at."""
    assert read_report(mail) is None


def test_a_machine_that_says_so_is_told_from_a_mail_to_be_read() -> None:
    """RFC 3834: an automatic answer says what it is."""
    assert other_mail(b"Auto-Submitted: auto-replied (vacation)\n\nAway") == "auto_reply"
    assert other_mail(b"Subject: failure notice\n\nHi. This is the qmail-send program") == "not_a_report"


@given(st.binary(max_size=500))
def test_r41_no_bytes_break_it(noise: bytes) -> None:
    """Fuzz: alone, and in the middle of a report."""
    read_report(noise)
    other_mail(noise)
    whole = report()
    read_report(whole[: len(whole) // 2] + noise + whole[len(whole) // 2 :])


@pytest.mark.parametrize(
    ("address", "token"),
    [
        (f"bounce+{TOKEN}@bounce.staffs.example", TOKEN),
        (f"BOUNCE+{TOKEN}@x", TOKEN),
        ("bounce+short@x", None),
        ("bounce@x", None),
        (f"{TOKEN}@x", None),
        (f"bounce+{TOKEN}'--@x", None),
        ("", None),
    ],
)
def test_the_return_path_names_the_attempt(address: str, token: str | None) -> None:
    """bounce+TOKEN, or nothing."""
    assert verp_token(address) == token
