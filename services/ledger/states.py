"""The two lives: an update is what is owed, an attempt is one try at it. One table of allowed moves each.

Every move is written down with the sentence that explains it; a move that is not here is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

UpdateState = Literal["planned", "released", "sent", "told", "unconfirmed", "held", "declined", "withdrawn"]
AttemptState = Literal[
    "intent", "accepted", "sent", "delivered", "undelivered", "refused", "not_sent", "unknown", "absent", "ghost"
]
Evidence = Literal["delivered", "no_bounce", "conversation", "letter", "owner_confirmed", "done"]

UPDATE_STATES: Final[tuple[UpdateState, ...]] = get_args(UpdateState)
ATTEMPT_STATES: Final[tuple[AttemptState, ...]] = get_args(AttemptState)

UPDATE_MOVES: Final[Mapping[tuple[UpdateState, UpdateState], str]] = {
    ("planned", "released"): "its time came and its message was given to a dispatcher",
    ("released", "planned"): "the lease ran out, a gate shut for a while, or it was proven not sent",
    ("released", "sent"): "the provider accepted the message",
    ("sent", "told"): "the provider says it arrived, or the mail did not bounce in time",
    ("sent", "unconfirmed"): "no receipt for 72 hours of case time",
    ("sent", "planned"): "undelivered: planned again on this channel or the next",
    ("unconfirmed", "told"): "a receipt or a conversation came after all",
    ("unconfirmed", "held"): "a person is asked to make sure",
    ("planned", "held"): "a machine must not send it",
    ("released", "held"): "a gate shut, or the provider's answer was lost",
    ("sent", "held"): "it did not arrive, or nothing says that it did",
    ("held", "told"): "a person told them, or late evidence shows that the message arrived",
    ("held", "sent"): "late evidence: the provider had accepted it after all",
    ("held", "planned"): "handed back, or the reason is gone and nobody has taken it",
    ("told", "held"): "a bounce came after the mail was counted as told, or the conversation never was",
    ("planned", "told"): "a recorded conversation, letter or owner's word fulfilled it before anything left",
    ("released", "told"): "a recorded conversation fulfilled it before anything left",
    ("planned", "declined"): "the person does not want it",
    ("released", "declined"): "the person does not want it, and nothing had left",
    ("held", "declined"): "rightly not told, with a good reason",
    ("planned", "withdrawn"): "cancelled, corrected or superseded before anything left",
    ("released", "withdrawn"): "cancelled, corrected or superseded before anything left",
    ("held", "withdrawn"): "cancelled, corrected or superseded before anybody took it",
    ("declined", "planned"): "the word that they do not want it was itself taken back or put right, and nothing left",
    ("withdrawn", "planned"): "wanted again, and nothing ever left",
    ("withdrawn", "held"): "wanted again, nothing ever left, and a machine must not send it",
}

ATTEMPT_MOVES: Final[Mapping[tuple[AttemptState, AttemptState], str]] = {
    ("intent", "accepted"): "the provider took it and gave it a name",
    ("intent", "refused"): "the provider said no to this message",
    ("intent", "not_sent"): "proven that nothing left",
    ("intent", "unknown"): "the answer was lost, or the lease ran out after the intent",
    ("intent", "sent"): "a receipt overtook the provider's own answer",
    ("intent", "delivered"): "a receipt overtook the provider's own answer",
    ("intent", "undelivered"): "a receipt overtook the provider's own answer",
    ("accepted", "sent"): "the provider handed it to the carrier",
    ("accepted", "delivered"): "the handset or mailbox has it",
    ("accepted", "undelivered"): "the carrier gave up",
    ("sent", "delivered"): "the handset or mailbox has it",
    ("sent", "undelivered"): "the carrier gave up",
    ("undelivered", "delivered"): "carriers do contradict themselves: both are kept, delivered is shown",
    ("delivered", "undelivered"): "a bounce that comes after the mail was taken (email only)",
    ("unknown", "accepted"): "a receipt or the provider's list shows it was taken",
    ("unknown", "sent"): "a receipt shows it was taken and passed on",
    ("unknown", "delivered"): "a receipt shows it arrived",
    ("unknown", "undelivered"): "a receipt shows it was taken and failed",
    ("unknown", "absent"): "the horizon passed and nothing shows it was taken",
    ("absent", "ghost"): "it turned up after all",
}

LIVE_ATTEMPT_STATES: Final[tuple[AttemptState, ...]] = ("intent", "accepted", "sent", "delivered", "unknown")
"""At most one attempt a message may be in one of these: a partial unique index holds it."""

FINAL_UPDATE_STATES: Final[tuple[UpdateState, ...]] = ("told", "declined", "withdrawn")


class MoveNotAllowed(ValueError):
    """Raised when code asks for a move that the table does not hold."""


def sources_of(to: UpdateState) -> tuple[UpdateState, ...]:
    """Every state from which an update may move to `to`."""
    return tuple(start for start, end in UPDATE_MOVES if end == to)


def attempt_sources_of(to: AttemptState) -> tuple[AttemptState, ...]:
    """Every state from which an attempt may move to `to`; a receipt that would go backwards finds none."""
    return tuple(start for start, end in ATTEMPT_MOVES if end == to)


def check_update_move(start: UpdateState, end: UpdateState) -> str:
    """Return the sentence for an allowed move; raise MoveNotAllowed otherwise."""
    try:
        return UPDATE_MOVES[start, end]
    except KeyError:
        raise MoveNotAllowed(f"an update never moves from {start} to {end}") from None


def check_attempt_move(start: AttemptState, end: AttemptState) -> str:
    """Return the sentence for an allowed move; raise MoveNotAllowed otherwise."""
    try:
        return ATTEMPT_MOVES[start, end]
    except KeyError:
        raise MoveNotAllowed(f"an attempt never moves from {start} to {end}") from None
