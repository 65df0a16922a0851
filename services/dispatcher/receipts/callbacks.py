"""What a genuine callback of Twilio looks like: its signature, and the exact shape of every field that we use. Pure.

The signature covers the URL and every field, but not the boundaries between names and values, and it has no date: a captured
callback can be sent again, or cut up differently (https://www.twilio.com/docs/usage/webhooks/webhooks-security). So a field
counts only in its exact shape, and what a callback does is safe to do twice.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from twilio.request_validator import RequestValidator, add_port, remove_port

LARGEST_BODY: Final = 16 * 1024
MOST_FIELDS: Final = 100
_STATUSES: Final = (
    "accepted|scheduled|queued|sending|sent|delivered|undelivered|failed|canceled|read|partially_delivered"
)
"""Twilio's words for what became of an outgoing text (https://www.twilio.com/docs/messaging/api/message-resource)."""

_SID: Final = re.compile(r"(?:SM|MM)[0-9a-fA-F]{32}\Z")
_CODE: Final = re.compile(r"[0-9]{4,6}\Z")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{16,64}\Z")
_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}\Z")
_STATUS: Final = re.compile(rf"(?:{_STATUSES})\Z")
_ANYBODY: Final = re.compile(r"[+A-Za-z0-9 .:_-]{1,40}\Z")
_ANYTHING: Final = re.compile(r"(?s).{0,8000}\Z")
_OPT_OUT: Final = re.compile(r"(?:STOP|START|HELP)\Z")


_UNSHIFTED: Final = ("ErrorCode", "MessageSid", "MessageStatus")
"""No field of Twilio's begins with one of these: a name that does has swallowed a piece of the value."""


class Malformed(ValueError):
    """Raised when a signed callback does not have the shape that Twilio's have; names the field, never its value."""


@dataclass(frozen=True, slots=True)
class StatusCallback:
    """What became of a text."""

    token: str
    sid: str
    status: str
    code: str | None


@dataclass(frozen=True, slots=True)
class InboundText:
    """A text that somebody sent to one of our numbers. Who typed it is not known, whatever `sender` says."""

    sid: str
    sender: str
    body: str
    opt_out: str | None


class Fields:
    """A form as it was sent: names may repeat, empty values count. What twilio's validator calls a multi-dict."""

    def __init__(self, body: bytes) -> None:
        try:
            pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
        except ValueError:
            raise Malformed("the body is not a form") from None
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def getlist(self, name: str) -> list[str]:
        """Every value of `name`, in order."""
        return self._values.get(name, [])

    def one(self, name: str, shape: re.Pattern[str]) -> str:
        """The value of a field that must be there once and in this shape; raises Malformed."""
        values = self.getlist(name)
        if len(values) != 1 or not shape.match(values[0]):
            raise Malformed(name)
        return values[0]

    def maybe(self, name: str, shape: re.Pattern[str]) -> str | None:
        """The same for a field that may be absent or empty."""
        return None if self.getlist(name) in ([], [""]) else self.one(name, shape)


def genuine(tokens: Sequence[str], url: str, fields: Fields, signature: str) -> bool:
    """Whether one of our auth tokens signed this callback: HMAC-SHA1 over the URL as the provider sees it and the fields.

    The scheme is pinned here and never chosen by a header. Twilio is not consistent about a port in the URL, so the URL
    counts with and without it, as in twilio's own validator; comparing takes the same time whatever differs.
    """
    parts = urlsplit(url)
    urls = {url, add_port(parts), remove_port(parts)}
    given = signature.encode("utf-8", "replace")
    good = False
    for token in tokens:
        validator = RequestValidator(token)
        for candidate in urls:
            good |= hmac.compare_digest(validator.compute_signature(candidate, fields).encode(), given)
    return good


def status_callback(query: bytes, fields: Fields) -> StatusCallback:
    """Read a status callback; raises Malformed."""
    for used in _UNSHIFTED:
        if any(name.startswith(used) and name != used for name in fields):
            raise Malformed(used)
    return StatusCallback(
        token=Fields(query).one("attempt", _TOKEN),
        sid=fields.one("MessageSid", _SID),
        status=fields.one("MessageStatus", _STATUS),
        code=fields.maybe("ErrorCode", _CODE),
    )


def inbound_text(fields: Fields) -> InboundText:
    """Read a text that came in; raises Malformed."""
    return InboundText(
        sid=fields.one("MessageSid", _SID),
        sender=fields.one("From", _ANYBODY),
        body=fields.one("Body", _ANYTHING),
        opt_out=fields.maybe("OptOutType", _OPT_OUT),
    )


def recipient(raw: bytes) -> str | None:
    """The number that a stored callback says the text went to; None if it says none that can be one."""
    try:
        return Fields(raw).maybe("To", _NUMBER)
    except Malformed:
        return None
