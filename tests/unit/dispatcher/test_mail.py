"""A mail written by hand reads the same as one that the standard library would have written."""

from __future__ import annotations

import email
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.dispatcher.gateways import Email
from services.dispatcher.mail import render, stuffed, unsafe

_MARKS = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])
LINE = st.text(alphabet=_MARKS, max_size=100)
LINES = st.lists(st.text(alphabet=_MARKS, max_size=1200), min_size=1, max_size=3).map("\n".join)
AT = datetime(2026, 3, 9, 10, 15, tzinfo=UTC)


def a_mail(subject: str = "An update on KF7Q2R8M", name: str = "Staffs Police", body: str = "Hello\n") -> Email:
    return Email(
        to="sam.o'neil+x@example.org",
        sender="updates@staffs.example",
        sender_name=name,
        return_path="bounce+0123456789abcdef@bounce.staffs.example",
        message_id="m1@staffs.example",
        envelope_id="0123456789abcdef",
        subject=subject,
        body=body,
        language="cy",
    )


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw.replace(b"\r\n", b"\n"), policy=default)
    assert isinstance(message, EmailMessage)
    return message


def displayed(raw: bytes) -> str:
    """The sender's name; the newer address parser of the standard library puts spaces between encoded words."""
    name, _ = parseaddr(str(email.message_from_bytes(raw.replace(b"\r\n", b"\n"))["From"]))
    return str(make_header(decode_header(name)))


@settings(max_examples=60)
@given(LINE, LINE, LINES)
def test_what_passes_the_check_reads_back_as_it_was_written(subject: str, name: str, body: str) -> None:
    """Any subject, name and body that the check lets through arrive unchanged, in lines that mail allows, without defects."""
    mail = a_mail(subject, name, body)
    assume(unsafe(mail) is None)
    raw = render(mail, AT)
    message = read(raw)
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert not message.defects
    assert message.get_content().rstrip("\n") == body.rstrip("\n")
    assert " ".join(str(message["Subject"]).split()) == " ".join(subject.split())
    assert message["From"].addresses[0].addr_spec == mail.sender
    assert " ".join(displayed(raw).split()) == " ".join(name.split())
    assert len(message.keys()) == 11


@given(LINES)
def test_a_mail_ends_with_its_own_dot_and_no_other(body: str) -> None:
    """However many dots a body has, only the last line of what is handed over is a dot alone."""
    mail = a_mail(body=body)
    assume(unsafe(mail) is None)
    lines = stuffed(render(mail, AT)).split(b"\r\n")
    assert lines[-2:] == [b".", b""]
    assert b"." not in lines[:-2]


@given(st.text(min_size=1, max_size=40))
def test_s34_an_address_is_plain_or_refused(text: str) -> None:
    """What is accepted as an address has one @, no space, no bracket, no control and no quotation mark."""
    for address in (text, f"{text}@example.org", f"sam@{text}"):
        mail = a_mail()
        if unsafe(Email(address, *_rest(mail))) is None:
            assert address.isascii()
            assert address.count("@") == 1
            assert not set(address) & set(' <>()[],;:\\"\r\n\0\t')


def _rest(mail: Email) -> tuple[str, ...]:
    names = ("sender", "sender_name", "return_path", "message_id", "envelope_id", "subject", "body", "language")
    return tuple(getattr(mail, name) for name in names)
