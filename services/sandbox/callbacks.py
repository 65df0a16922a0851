"""What Twilio says of its own accord: signed POSTs on the status of a message, and the texts that people send.

Signature: base64 of HMAC-SHA1, keyed with the account's auth token, over the URL as it was given followed by every
parameter's name and value in order of name (https://www.twilio.com/docs/usage/webhooks/webhooks-security).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from services.sandbox.messages import VERSION, Message

TIME_LIMIT: Final = 15.0
TRIES: Final = 2
"""Twilio asks again once, and only when it could not connect; whatever is answered, even 500, counts as told."""


def signature(auth_token: str, url: str, parameters: Mapping[str, str]) -> str:
    """The value of the header `X-Twilio-Signature`."""
    text = url + "".join(f"{name}{parameters[name]}" for name in sorted(parameters))
    return base64.b64encode(hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def status_parameters(message: Message, status: str, error_code: int | None) -> dict[str, str]:
    """The form of a status callback. The status that a message is created with is never called back."""
    parameters = {
        "AccountSid": message.account_sid,
        "ApiVersion": VERSION,
        "From": message.sender or "",
        "MessageSid": message.sid,
        "MessageStatus": status,
        "SmsSid": message.sid,
        "SmsStatus": status,
        "To": message.to,
    }
    if message.service_sid:
        parameters["MessagingServiceSid"] = message.service_sid
    if error_code is not None:
        parameters["ErrorCode"] = str(error_code)
    if status == "delivered":
        parameters["RawDlrDoneDate"] = datetime.now(UTC).strftime("%y%m%d%H%M")
    return parameters


def inbound_parameters(message: Message) -> dict[str, str]:
    """The form of a text that came in. Twilio knows no places for British numbers: those fields are there and empty."""
    places = {f"{end}{what}": "" for end in ("From", "To") for what in ("City", "State", "Zip")}
    return places | {
        "AccountSid": message.account_sid,
        "ApiVersion": VERSION,
        "Body": message.body,
        "From": message.sender or "",
        "FromCountry": "GB",
        "MessageSid": message.sid,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsStatus": "received",
        "To": message.to,
        "ToCountry": "GB",
    }


class Caller:
    """Makes the calls, over connections that are kept."""

    def __init__(self, auth_token: str) -> None:
        self._auth_token = auth_token
        # Any number at once: a receiver that is slow for one message must not delay the others.
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=TIME_LIMIT)
        )

    async def call(self, url: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        """POST once, and once more if no connection came about; returns what became of it: `answer` is a status or null."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "TwilioProxy/1.1",
            "X-Twilio-Signature": signature(self._auth_token, url, parameters),
            "I-Twilio-Idempotency-Token": secrets.token_hex(16),
        }
        answer: int | None = None
        for _ in range(TRIES):
            try:
                async with self._session.post(
                    # The URL goes out as it was signed, not as a library would write it.
                    URL(url, encoded=True),
                    data=urlencode(parameters).encode(),
                    headers=headers,
                    allow_redirects=False,
                ) as response:
                    answer = response.status
            except aiohttp.ClientConnectorError:
                continue
            except (aiohttp.ClientError, TimeoutError):
                pass
            break
        return {"at": datetime.now(UTC).isoformat(), "answer": answer}

    async def close(self) -> None:
        """Let go of every connection."""
        await self._session.close()
