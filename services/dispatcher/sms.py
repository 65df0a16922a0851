"""Texts through Twilio, by twilio's own client over our transport; every answer becomes one of the four outcomes.

Branch on the HTTP status first, then on Twilio's code (https://www.twilio.com/docs/api/errors). A status of 5xx, a lost
answer and a success that cannot be read are *unknown*: Twilio has no idempotency key, so repeating could text somebody twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

import orjson
from twilio.rest import Client

from services.dispatcher.gateways import Accepted, NotSent, Outcome, Refused, Sms, Unknown
from services.dispatcher.transport import ANSWER_SECONDS, CONNECT_SECONDS, HttpTransport, NotWritten, ReplyLost

SID: Final = re.compile(r"(?:SM|MM)[0-9a-fA-F]{32}\Z")
"""A message's name at Twilio."""
LARGEST_BODY: Final = 1600
"""Characters that Twilio takes in one message."""

_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}\Z")
_SENDER: Final = re.compile(r"(?:\+?[0-9]{3,15}|[A-Za-z0-9][A-Za-z0-9 &+_-]{0,10}|MG[0-9a-fA-F]{32})\Z")
_CALLBACK: Final = re.compile(r"https?://[!-~]{1,2000}\Z")
_NOT_TEXT: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ACCOUNT: Final = frozenset({20003, 10001, 30002})
"""Sign-in refused, account not active, account suspended: nothing will be taken until a person has looked."""
_BUSY: Final = frozenset({20429, 21611, 30001})
"""Too many requests, or the sender's queue is full."""
_THEIRS: Final = frozenset({20500, 20503})
"""Twilio's own trouble, whatever the status says."""
_LONGEST_WAIT: Final = 86_400.0


class TwilioSms:
    """Sends texts (`gateways.SmsGateway`). One a process, made inside its event loop; times are machine seconds."""

    def __init__(
        self,
        *,
        account_sid: str,
        api_key: str,
        api_secret: str,
        base_url: str = "https://api.twilio.com",
        connections: int = 64,
        connect_seconds: float = CONNECT_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
        ca_file: Path | None = None,
    ) -> None:
        self._transport = HttpTransport(
            connections=connections, connect_seconds=connect_seconds, answer_seconds=answer_seconds, ca_file=ca_file
        )
        self.client = Client(
            api_key,
            api_secret,
            account_sid,
            http_client=self._transport,
            # Left out, the client would take its region and edge from whatever the process's environment holds.
            environment={"TWILIO_EDGE": "", "TWILIO_REGION": ""},
        )
        self._url = f"{base_url.rstrip('/')}/2010-04-01/Accounts/{account_sid}/Messages.json"

    async def send(self, sms: Sms) -> Outcome:
        """Hand over one text, once. Never raises for what Twilio or the network does."""
        if wrong := _unsafe(sms):
            return Refused(f"kept:{wrong}", "The text was not offered to the provider: it is not fit to be sent.")
        try:
            # Below the client's resource classes, which drop the headers of an answer (Retry-After is one).
            response = await self.client.request_async("POST", self._url, data=_form(sms))
        except NotWritten as error:
            return not_written(error)
        except ReplyLost as error:
            return Unknown(f"http:{error.why}", "The provider's answer was lost.")
        return answered(response.status_code, response.headers, response.text)

    async def close(self) -> None:
        """Let go of every connection."""
        await self._transport.close()


def answered(status: int, headers: Mapping[str, str], text: str) -> Outcome:
    """What an answer means. Pure; total over every status and text."""
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        said = None
    if status == 429:
        return NotSent("twilio:429", "The provider is busy.", retry_after=retry_after(headers, datetime.now(UTC)))
    if not 200 <= status < 300:
        return refused(status, said.get("code") if isinstance(said, dict) else None)
    if not isinstance(said, dict):
        return Unknown("twilio:unreadable", "The provider's answer could not be read.")
    sid = said.get("sid")
    if not isinstance(sid, str) or not SID.match(sid):
        return Unknown("twilio:no_sid", "The provider's answer does not name the message.")
    return Accepted(sid, str(said.get("status") or "accepted"))


def not_written(error: NotWritten) -> NotSent:
    """What it means that nothing of a request left."""
    if error.why == "tls":
        return NotSent("http:tls", "No safe connection to the provider could be made.", provider_wide=True)
    return NotSent(f"http:{error.why}", "The provider could not be reached.")


def refused(status: int, code: object) -> Outcome:
    """What an answer other than a success means. Pure; total over every status and code."""
    own = int(text) if (text := str(code)).isdecimal() and len(text) < 8 and int(text) != status else None
    if status >= 500 or own in _THEIRS:
        return Unknown(f"twilio:{own or status}", "The provider had trouble and may have taken the message.")
    if not 400 <= status < 500 or status == 408:
        return Unknown(f"twilio:{own or status}", "The provider's answer says neither yes nor no.")
    if own in _ACCOUNT or status == 401 or (status == 403 and not _is_about_a_message(own)):
        return NotSent(
            f"twilio:{own or status}", "The provider refuses our account or our sign-in.", provider_wide=True
        )
    if status == 429 or own in _BUSY:
        return NotSent(f"twilio:{own or status}", "The provider is busy.")
    return Refused(f"twilio:{own or status}", "The provider refused this message.")


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds of machine time that a Retry-After header asks for (RFC 9110 section 10.2.3: a number, or a date)."""
    text = headers.get("retry-after", "").strip()
    if text.isdigit() and text.isascii():
        return min(float(text), _LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    seconds = (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds()
    return min(max(0.0, seconds), _LONGEST_WAIT)


def _is_about_a_message(code: int | None) -> bool:
    """Whether a code is of Twilio's family about messages and numbers: one number's refusal must not stop everybody else's."""
    return code is not None and 21000 <= code < 22000


def _form(sms: Sms) -> dict[str, object]:
    """The fields of a new message (https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource)."""
    return {
        "To": sms.to,
        "MessagingServiceSid" if sms.sender.startswith("MG") else "From": sms.sender,
        "Body": sms.body,
        "StatusCallback": sms.status_callback,
        "ValidityPeriod": sms.validity_seconds,
        "SmartEncoded": "false",  # what was counted and kept is what leaves
    }


def _unsafe(sms: Sms) -> str | None:
    """The first thing about a text that keeps it from the provider, in a word."""
    if not _NUMBER.match(sms.to):
        return "bad_recipient"
    if not _SENDER.match(sms.sender):
        return "bad_sender"
    if not _CALLBACK.match(sms.status_callback):
        return "bad_callback"
    if not 1 <= sms.validity_seconds <= 36_000:
        return "bad_validity"
    if not sms.body.strip() or len(sms.body) > LARGEST_BODY or _NOT_TEXT.search(sms.body):
        return "bad_body"
    return None
