"""Whether and when a message goes round again after a try that failed. Pure: it returns a decision and never sleeps or sends.

A try that may have been taken is never decided here: an unknown outcome is a person's, not a retry's. Times are case time;
what a provider says (`Retry-After`) is machine time, and the caller converts it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.ledger import codes

MARGIN: Final = timedelta(hours=2)
"""Before a deadline: from here on a person is asked rather than waiting for another try."""
LONGEST: Final = timedelta(hours=48)
"""How long a message that is proven not sent is tried, from its first try."""
SHORT: Final = timedelta(minutes=10)
"""A wait this short is worth taking even within the margin, or when the deadline has passed."""

_STEPS: Final[Mapping[str, Sequence[timedelta]]] = {
    "sms": tuple(timedelta(seconds=seconds) for seconds in (60, 300, 900, 3600, 4 * 3600)),
    "email": tuple(timedelta(seconds=seconds) for seconds in (300, 900, 3600, 2 * 3600, 4 * 3600)),
}
_PROVIDER_WIDE: Final = timedelta(minutes=2)
_UNDELIVERED: Final[Mapping[str, Sequence[timedelta]]] = {
    # Twilio 30003, unreachable handset: its own page says that a later try can succeed; at most two more.
    "twilio:30003": (timedelta(hours=1), timedelta(hours=3)),
    "twilio:30008": (timedelta(hours=1),),
    "twilio:30001": (timedelta(minutes=15), timedelta(hours=1)),
    "twilio:30036": (timedelta(minutes=15),),  # our own validity period ran out
    "smtp:4.2.2": (timedelta(hours=4),),
    "smtp:5.2.2": (timedelta(hours=4),),
}
_CARRIER: Final = (timedelta(minutes=15), timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Tried:
    """A try that failed. `number` counts from 1; `first_at` is when the first try of the message was made."""

    channel: str
    number: int
    now: datetime
    first_at: datetime
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """`again_at` None: a person takes it. `reason` is a constant word."""

    again_at: datetime | None
    reason: str


def after_not_sent(
    tried: Tried, *, retry_after: timedelta | None = None, provider_wide: bool = False, spread: float = 0.0
) -> Decision:
    """Proven not sent: try again by schedule. `spread` in [0, 1) lengthens the wait by up to a fifth, so retries do not meet.

    Trouble with the account, the sign-in or TLS is not about the message: it waits for as long as its deadline allows.
    """
    if provider_wide:
        wait = _PROVIDER_WIDE
    else:
        steps = _STEPS[tried.channel]
        wait = steps[min(tried.number, len(steps)) - 1]
    if retry_after is not None:
        wait = retry_after if not provider_wide else max(wait, retry_after)
    return _within(tried, wait * (1 + spread / 5), "not_sent")


def after_undelivered(tried: Tried, code: str | None, *, spread: float = 0.0) -> Decision:
    """Taken, and then it failed: only what may pass by itself is tried again, a fixed number of times."""
    if codes.meaning(code).contact is not None:
        return Decision(None, "contact_bad")
    steps = _steps_of(code)
    if tried.number > len(steps):
        return Decision(None, "tried_enough" if steps else "not_worth_trying")
    return _within(tried, steps[tried.number - 1] * (1 + spread / 5), "undelivered")


def _steps_of(code: str | None) -> Sequence[timedelta]:
    if code is None:
        return ()
    if code.startswith("twilio:304") and len(code) == len("twilio:30410"):
        return _CARRIER
    provider, _, rest = code.partition(":")
    return _UNDELIVERED.get(code) or _UNDELIVERED.get(f"{provider}:{rest.rpartition('/')[2]}", ())


def _within(tried: Tried, wait: timedelta, reason: str) -> Decision:
    again_at = tried.now + wait
    if again_at - tried.first_at > LONGEST:
        return Decision(None, "tried_long_enough")
    if tried.due_at is not None and again_at > tried.due_at - MARGIN and wait > SHORT:
        return Decision(None, "deadline_near")
    return Decision(again_at, reason)
