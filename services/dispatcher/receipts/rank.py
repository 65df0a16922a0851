"""Which of several receipts decides, and what it makes of its attempt. Pure: receipts come late, doubled and in any order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.ledger.receipts import Stored
from services.ledger.states import ATTEMPT_MOVES, AttemptState

_STATUS: Final[Mapping[str, AttemptState]] = {
    # Twilio's words (https://www.twilio.com/docs/messaging/api/message-resource#message-status-values).
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending"), "accepted"),
    "sent": "sent",
    "partially_delivered": "sent",
    **dict.fromkeys(("delivered", "read"), "delivered"),
    **dict.fromkeys(("undelivered", "failed", "canceled"), "undelivered"),
}
_ACTION: Final[Mapping[str, AttemptState]] = {
    # RFC 3464 section 2.3.3; delayed and expanded say nothing about the end.
    "failed": "undelivered",
    "delivered": "delivered",
    "relayed": "sent",
}
_RANK: Final[Mapping[str, tuple[AttemptState, ...]]] = {
    # Carriers do contradict themselves: of a text, delivered stands. A mail can bounce after it was taken.
    "sms": ("accepted", "sent", "undelivered", "delivered"),
    "email": ("accepted", "sent", "delivered", "undelivered"),
}


@dataclass(frozen=True, slots=True)
class Decided:
    """What a receipt does: `to` is None when it changes nothing, and `outcome` is the word for why."""

    outcome: str
    to: AttemptState | None = None


def meaning(receipt: Stored) -> AttemptState | None:
    """The state that a receipt reports; None if it reports none."""
    words = _ACTION if receipt.kind == "bounce" else _STATUS
    return words.get(receipt.status or "")


def decide(channel: str, state: AttemptState, said: AttemptState | None) -> Decided:
    """What a receipt that says `said` does to an attempt in `state`. Never backwards; total over every state."""
    if said is None:
        return Decided("ignored")
    if state in {"absent", "ghost"}:
        return Decided("applied", "ghost") if state == "absent" else Decided("duplicate")
    if said == state:
        return Decided("duplicate")
    order = _RANK[channel]
    if (state, said) not in ATTEMPT_MOVES or (state in order and order.index(said) < order.index(state)):
        # Among them: a receipt for a try that was refused or never left, which the caller tells somebody about.
        return Decided("ignored" if state in order else "contradicts")
    return Decided("applied", said)


def leading(channel: str, said: Sequence[tuple[int, AttemptState]]) -> int:
    """Which of the receipts (id, state) of one attempt outranks the others; the first of equals."""
    order = _RANK[channel]
    return max(said, key=lambda item: (order.index(item[1]), -item[0]))[0]
