"""What a mail to our return path says: a delivery report (RFC 3464) of one of our mails, or something else. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser, HeaderParser
from email.policy import compat32
from typing import Final, Literal

Action = Literal["failed", "delayed", "delivered", "relayed", "expanded"]
"""RFC 3464 section 2.3.3."""
_ACTIONS: Final[tuple[Action, ...]] = ("failed", "delivered", "relayed", "expanded", "delayed")
"""What outranks what when a report names more than one recipient."""
NOT_A_REPORT: Final = "not_a_report"
"""The status of a mail to the return path that is something else; AUTO_REPLY if a machine says so of itself (RFC 3834)."""
AUTO_REPLY: Final = "auto_reply"

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{16,64}\Z")
_BOUNCE: Final = re.compile(r"bounce\+([A-Za-z0-9_-]{16,64})\Z", re.IGNORECASE)
_ENHANCED: Final = re.compile(r"\s*([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])")
_REPLY: Final = re.compile(r"\s*smtp\s*;\s*([245][0-9]{2})(?![0-9])", re.IGNORECASE)
_MESSAGE_ID: Final = re.compile(r"\s*<([^<>\s]{3,250})>\s*\Z")
_MOST_PARTS: Final = 50


@dataclass(frozen=True, slots=True)
class Report:
    """What a delivery report says of the one recipient that our mails have."""

    action: Action
    code: str | None  # smtp:550/5.1.1, or smtp:5.1.1
    envelope_id: str | None
    message_id: str | None


def verp_token(address: str) -> str | None:
    """The attempt's token in a return path `bounce+TOKEN@...`."""
    found = _BOUNCE.match(address.rpartition("@")[0])
    return None if found is None else found.group(1)


def read_report(mail: bytes) -> Report | None:
    """The delivery report in `mail`, or None if there is none that can be read. Never raises, whatever the bytes."""
    try:
        return _read(BytesParser(policy=compat32).parsebytes(mail))
    except Exception:  # noqa: BLE001 - the standard library's parser raises many things on hostile mail; none says more than None
        return None


def other_mail(mail: bytes) -> str:
    """What a mail that is no report is: AUTO_REPLY (somebody is away) or NOT_A_REPORT. Never raises."""
    try:
        said = str(BytesParser(policy=compat32).parsebytes(mail, headersonly=True).get("Auto-Submitted", ""))
    except Exception:  # noqa: BLE001 - as above
        return NOT_A_REPORT
    return AUTO_REPLY if said.strip().lower().startswith("auto-replied") else NOT_A_REPORT


def _read(mail: Message) -> Report | None:
    if mail.get_content_type() != "multipart/report":
        return None
    blocks: list[Message] = []
    returned: Message | None = None
    for number, part in enumerate(mail.walk()):
        if number > _MOST_PARTS:
            return None
        kind = part.get_content_type()
        payload = part.get_payload()
        if kind == "message/delivery-status" and isinstance(payload, list) and not blocks:
            blocks = [block for block in payload if isinstance(block, Message)]
        elif kind == "message/rfc822" and isinstance(payload, list) and payload and returned is None:
            found = payload[0]
            returned = found if isinstance(found, Message) else None
        elif kind == "text/rfc822-headers" and isinstance(payload, str) and returned is None:
            returned = HeaderParser(policy=compat32).parsestr(payload)
    recipients = [block for block in blocks if block.get("Action") is not None]
    said = [(action, block) for block in recipients if (action := _action(block)) is not None]
    if not said:
        return None
    action, block = min(said, key=lambda item: _ACTIONS.index(item[0]))
    return Report(action, _code(block), _envelope_id(blocks), _message_id(returned))


def _action(block: Message) -> Action | None:
    word = str(block.get("Action", "")).strip().lower()
    return next((action for action in _ACTIONS if action == word), None)


def _code(block: Message) -> str | None:
    enhanced = _ENHANCED.match(str(block.get("Status", "")))
    if enhanced is None:
        return None
    reply = _REPLY.match(str(block.get("Diagnostic-Code", "")))
    return f"smtp:{reply.group(1)}/{enhanced.group(1)}" if reply is not None else f"smtp:{enhanced.group(1)}"


def _envelope_id(blocks: list[Message]) -> str | None:
    for block in blocks:
        text = str(block.get("Original-Envelope-Id", "")).strip()
        if _TOKEN.match(text):
            return text
    return None


def _message_id(returned: Message | None) -> str | None:
    found = _MESSAGE_ID.match(str(returned.get("Message-ID", ""))) if returned is not None else None
    return None if found is None else found.group(1)
