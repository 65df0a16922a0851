"""Twilio's Message resource: what a request to create one must hold, and how one reads.

Fields and answers: Twilio's OpenAPI file (`twilio_fields.json`, written by `scripts/twilio_fields.py`). Codes: Twilio's
error dictionary, https://www.twilio.com/docs/api/errors.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

VERSION: Final = "2010-04-01"
LONGEST_BODY: Final = 1600
CREATE_FIELDS: Final = frozenset(json.loads(Path(__file__).with_name("twilio_fields.json").read_text())["create"])
ERRORS: Final[dict[int, str]] = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "An internal server error has occurred",
    20503: "The service is temporarily unavailable",
    21211: "The 'To' number {to} is not a valid phone number.",
    21212: "The 'From' number is not a valid phone number, shortcode, or alphanumeric sender ID.",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21609: "The 'StatusCallback' URL is not a valid URL.",
    21610: "Attempt to send to unsubscribed recipient",
    21617: "The concatenated message body exceeds the 1600 character limit.",
    90007: "ValidityPeriod is out of range: it must be a whole number from 1 to 36000.",
}
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_SENDER = re.compile(r"\+[1-9]\d{6,14}|\d{3,6}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
_GSM_PLAIN = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_DOUBLE = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request is refused: an HTTP status and Twilio's code."""

    status: int
    code: int


@dataclass(slots=True)
class Message:
    """One message that the look-alike has taken, or that a person sent."""

    account_sid: str
    to: str
    sender: str | None
    body: str
    status: str = "queued"
    service_sid: str | None = None
    direction: str = "outbound-api"
    status_callback: str | None = None
    validity_seconds: int = 36_000
    unknown_fields: tuple[str, ...] = ()
    sid: str = field(default_factory=lambda: "SM" + secrets.token_hex(16))
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated: datetime = field(default_factory=lambda: datetime.now(UTC))
    sent: datetime | None = None
    error_code: int | None = None
    callbacks: list[dict[str, Any]] = field(default_factory=list)

    @property
    def uri(self) -> str:
        """Its address on Twilio's API, without the host."""
        return f"/{VERSION}/Accounts/{self.account_sid}/Messages/{self.sid}.json"

    def move(self, status: str, error_code: int | None = None) -> None:
        """It has got so far."""
        self.status, self.error_code, self.updated = status, error_code, datetime.now(UTC)
        if status == "sent":
            self.sent = self.updated

    def resource(self) -> dict[str, Any]:
        """The message as Twilio's API shows it."""
        return {
            "account_sid": self.account_sid,
            "api_version": VERSION,
            "body": self.body,
            "date_created": _date(self.created),
            "date_sent": _date(self.sent),
            "date_updated": _date(self.updated),
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": None,
            "from": self.sender,
            "messaging_service_sid": self.service_sid,
            "num_media": "0",
            "num_segments": "0" if self.service_sid and self.sent is None else str(segments(self.body)),
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": self.uri.replace(".json", "/Media.json")},
            "to": self.to,
            "uri": self.uri,
        }

    def entry(self) -> dict[str, Any]:
        """The message as the sandbox's own ledger shows it, in plain words and machine time."""
        return {
            "sid": self.sid,
            "to": self.to,
            "from": self.sender or self.service_sid,
            "body": self.body,
            "direction": self.direction,
            "status": self.status,
            "error_code": self.error_code,
            "status_callback": self.status_callback,
            "validity_seconds": self.validity_seconds,
            "unknown_fields": list(self.unknown_fields),
            "created": self.created.isoformat(),
            "callbacks": list(self.callbacks),
        }


def read_create(account_sid: str, pairs: Iterable[tuple[str, str]]) -> Message | Problem:
    """The message that a form asks for, or why Twilio would refuse it (in Twilio's order: to, from, body, the rest)."""
    form: dict[str, str] = {}
    for name, value in pairs:
        form.setdefault(name, value)
    to, sender, service, body = (form.get(name, "") for name in ("To", "From", "MessagingServiceSid", "Body"))
    if not to:
        return Problem(400, 21604)
    if not _E164.fullmatch(to):
        return Problem(400, 21211)
    if not sender and not service:
        return Problem(400, 21603)
    if (sender and not _SENDER.fullmatch(sender)) or (service and not _SERVICE.fullmatch(service)):
        return Problem(400, 21212)
    if not body:
        return Problem(400, 21602)
    if len(body) > LONGEST_BODY:
        return Problem(400, 21617)
    callback = form.get("StatusCallback") or None
    if callback is not None and not _is_url(callback):
        return Problem(400, 21609)
    validity = form.get("ValidityPeriod", "36000")
    if not (validity.isascii() and validity.isdigit() and 1 <= int(validity) <= 36_000):
        return Problem(400, 90007)
    return Message(
        account_sid=account_sid,
        to=to,
        sender=sender or None,
        service_sid=service or None,
        body=body,
        # A Messaging Service first chooses a sender.
        status="accepted" if service else "queued",
        status_callback=callback,
        validity_seconds=int(validity),
        # Twilio ignores what it does not know; the ledger shows it, for it is a slip of the caller's.
        unknown_fields=tuple(sorted(form.keys() - CREATE_FIELDS)),
    )


def problem_body(problem: Problem, to: str = "") -> dict[str, Any]:
    """The JSON with which Twilio refuses. It repeats the number, as Twilio does: whoever logs it must be caught at it."""
    return {
        "code": problem.code,
        "message": ERRORS.get(problem.code, "Error").format(to=to),
        "more_info": f"https://www.twilio.com/docs/errors/{problem.code}",
        "status": problem.status,
    }


def segments(body: str) -> int:
    """How many parts a text takes: 160 or 153 septets a part, or 70 or 67 UTF-16 units; nothing is split in the middle."""
    if all(character in _GSM_PLAIN or character in _GSM_DOUBLE for character in body):
        widths, whole, part = [2 if character in _GSM_DOUBLE else 1 for character in body], 160, 153
    else:
        widths, whole, part = [2 if ord(character) > 0xFFFF else 1 for character in body], 70, 67
    if sum(widths) <= whole:
        return 1
    count, room = 1, part
    for width in widths:
        if width > room:
            count, room = count + 1, part
        room -= width
    return count


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "_" not in (parts.hostname or "")
    except ValueError:
        return False


def _date(at: datetime | None) -> str | None:
    return None if at is None else format_datetime(at)
