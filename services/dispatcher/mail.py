"""One mail as bytes: checked field by field, then written out without the standard library's costly message object. Pure.

Everything that could end a header early, smuggle a command or show a reader something else than was written is refused before
any library sees it (RFC 5321 section 4.1.2, RFC 5322 section 2.2, RFC 2047): nothing is ever shortened, escaped away or mended.
"""

from __future__ import annotations

import base64
import quopri
import re
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

from services.dispatcher.gateways import Email

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(rf"(?=.{{3,254}}\Z)(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*\Z")
_MESSAGE_ID: Final = re.compile(rf"(?=.{{3,250}}\Z){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*\Z")
_ENVELOPE_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,100}\Z")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[A-Z]{2})?\Z")
_NOT_IN_A_LINE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|=\?")
"""Control characters, every kind of line break, half characters, and what a reader's program would decode (RFC 2047)."""
_NOT_IN_A_BODY: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LONGEST_NAME: Final = 100
_LONGEST_SUBJECT: Final = 200
_LARGEST_BODY: Final = 100_000
_LONGEST_LINE: Final = 900
"""RFC 5322 allows 998 octets in a line."""


def unsafe(email: Email) -> str | None:
    """The first field that keeps a mail from the relay, in a word such as `bad_subject`; None if all are fit."""
    for name, address in (("recipient", email.to), ("sender", email.sender), ("return_path", email.return_path)):
        if not _ADDRESS.match(address) or "=?" in address:
            return f"bad_{name}"
    if _NOT_IN_A_LINE.search(email.sender_name) or len(email.sender_name) > _LONGEST_NAME:
        return "bad_sender_name"
    if not email.subject.strip() or _NOT_IN_A_LINE.search(email.subject) or len(email.subject) > _LONGEST_SUBJECT:
        return "bad_subject"
    if not _MESSAGE_ID.match(email.message_id) or "=?" in email.message_id:
        return "bad_message_id"
    if not _ENVELOPE_ID.match(email.envelope_id):
        return "bad_envelope_id"
    if not _LANGUAGE.match(email.language):
        return "bad_language"
    if not email.body.strip() or len(email.body) > _LARGEST_BODY or _NOT_IN_A_BODY.search(email.body):
        return "bad_body"
    return None


def render(email: Email, at: datetime) -> bytes:
    """The mail as it is handed over: 7-bit, CR/LF lines, no dot-stuffing. Call `unsafe` first. `at` is machine time."""
    encoding, body = _body(email.body)
    head = (
        f"From: {_named(email.sender_name, email.sender)}\r\n"
        f"To: <{email.to}>\r\n"
        f"Subject: {_text(email.subject)}\r\n"
        f"Date: {format_datetime(at.astimezone(UTC))}\r\n"
        f"Message-ID: <{email.message_id}>\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\n"
        f"Content-Language: {email.language}\r\n"
        "Auto-Submitted: auto-generated\r\n"  # RFC 3834: other machines do not answer it
        "X-Auto-Response-Suppress: All\r\n"
        "\r\n"
    )
    return head.encode("ascii") + body


def stuffed(message: bytes) -> bytes:
    """Ready for the DATA command: a dot that begins a line is doubled, and the last dot stands (RFC 5321 section 4.5.2)."""
    if b"\n." in message:
        message = message.replace(b"\n.", b"\n..")
    return message + b".\r\n"


def _body(text: str) -> tuple[str, bytes]:
    if not text.endswith("\n"):
        text += "\n"
    if text.isascii() and max(map(len, text.split("\n"))) <= _LONGEST_LINE:
        return "7bit", text.replace("\n", "\r\n").encode("ascii")
    quoted = quopri.encodestring(text.encode("utf-8"))
    return "quoted-printable", quoted.replace(b"\n", b"\r\n")


def _named(name: str, address: str) -> str:
    if not name:
        return f"<{address}>"
    if name.isascii():
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{address}>'
    return f"{_text(name)} <{address}>"


def _text(text: str) -> str:
    """Header text: as it is, or as encoded words of at most 75 characters (RFC 2047), never splitting a character."""
    if text.isascii():
        return text
    words, piece = [], b""
    for mark in text:
        encoded = mark.encode("utf-8")
        if len(piece) + len(encoded) > 45:
            words.append(piece)
            piece = b""
        piece += encoded
    words.append(piece)
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(word).decode('ascii')}?=" for word in words)
