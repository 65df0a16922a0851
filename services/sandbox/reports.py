"""Delivery status notifications as a mail server writes them (RFC 3464, asked for by RFC 3461)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import Final, Literal

HOST: Final = "relay.sandbox.example"

Action = Literal["failed", "delayed", "delivered", "relayed"]


@dataclass(frozen=True, slots=True)
class About:
    """The mail that a report is about."""

    sender: str
    recipient: str
    content: bytes
    arrived: datetime
    envelope_id: str | None
    original_recipient: str | None
    whole: bool = False


def report(about: About, action: Action, status: str, diagnostic: str) -> bytes:
    """A report to the mail's return path; `status` is an enhanced code, `diagnostic` what the far server said."""
    top = MIMEMultipart("report", report_type="delivery-status")
    top["From"] = f"Mail Delivery System <MAILER-DAEMON@{HOST}>"
    top["To"] = about.sender
    top["Subject"] = (
        "Successful Mail Delivery Report" if action == "delivered" else "Undelivered Mail Returned to Sender"
    )
    top["Date"] = format_datetime(about.arrived)
    top["Message-ID"] = make_msgid(domain=HOST)
    top["Auto-Submitted"] = "auto-replied"
    top.attach(
        MIMEText(f"This is the mail system at host {HOST}.\n\n<{about.recipient}>: {diagnostic}\n", "plain", "us-ascii")
    )
    top.attach(_status(about, action, status, diagnostic))
    top.attach(_returned(about))
    return top.as_bytes(policy=SMTP)


def _status(about: About, action: Action, status: str, diagnostic: str) -> Message:
    """The part for machines: one group of fields on the message, one on its recipient."""
    message = Message()
    if about.envelope_id is not None:
        message["Original-Envelope-Id"] = about.envelope_id
    message["Reporting-MTA"] = f"dns; {HOST}"
    message["Arrival-Date"] = format_datetime(about.arrived)
    recipient = Message()
    if about.original_recipient is not None:
        recipient["Original-Recipient"] = about.original_recipient
    recipient["Final-Recipient"] = f"rfc822; {about.recipient}"
    recipient["Action"] = action
    recipient["Status"] = status
    recipient["Diagnostic-Code"] = f"smtp; {diagnostic}"
    part = MIMEBase("message", "delivery-status")
    part.set_payload([message, recipient])
    return part


def _returned(about: About) -> Message:
    """The mail itself, or its headers only, which is what is sent unless the whole was asked for."""
    headers = about.content.partition(b"\r\n\r\n")[0] + b"\r\n"
    part = MIMEBase("message", "rfc822") if about.whole else MIMEBase("text", "rfc822-headers")
    text = (about.content if about.whole else headers).decode("utf-8", "replace").replace("\r\n", "\n")
    part.set_payload(text)
    return part
