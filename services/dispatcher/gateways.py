"""The far ends as the dispatcher sees them. Every send ends in one of four answers; adapters translate, nobody else guesses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took it and gave it a name."""

    provider_id: str
    status: str = "accepted"


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider said no to this message; sending the same again would be refused again."""

    code: str  # the provider's, such as twilio:21211 or smtp:550/5.1.1
    reason: str  # our sentence; never the provider's text, which may hold the number


@dataclass(frozen=True, slots=True)
class NotSent:
    """Proven that nothing left: it may be tried again."""

    code: str
    reason: str
    retry_after: float | None = None  # machine seconds, if the provider said
    provider_wide: bool = False  # account, sign-in or TLS trouble: it is not about this message


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been taken or not: reconciled, never retried blindly."""

    code: str
    reason: str


Outcome: TypeAlias = Accepted | Refused | NotSent | Unknown


@dataclass(frozen=True, slots=True)
class Sms:
    """One text. `status_callback` carries the attempt's token."""

    to: str  # E.164
    sender: str
    body: str
    status_callback: str
    validity_seconds: int


@dataclass(frozen=True, slots=True)
class Email:
    """One mail to one recipient. `return_path` is the VERP address that carries the attempt's token."""

    to: str
    sender: str
    sender_name: str
    return_path: str
    message_id: str  # without brackets; the same at every attempt of a message
    envelope_id: str  # ENVID (RFC 3461), the attempt's token
    subject: str
    body: str
    language: str = "en"


class SmsGateway(Protocol):
    """Sends texts. It never sends one twice by itself and never raises for what the provider or the network does."""

    async def send(self, sms: Sms) -> Outcome:
        """Hand over one text."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...


class EmailGateway(Protocol):
    """Sends mail, one recipient a transaction."""

    async def send(self, email: Email, before_data: Callable[[], Awaitable[None]]) -> Outcome:
        """Hand over one mail; `before_data` is awaited just before the DATA command (it commits the marker)."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...
