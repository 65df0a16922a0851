"""Attempts: each try to hand one message to one provider, and everything that follows from what became of it.

`move_attempts` is the one place where the outcome of a send, a receipt or a lost lease moves an attempt; its message, its
updates, its holds and its contact follow in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.ledger.connection import Connection
from services.ledger.journal import Journal
from services.ledger.states import AttemptState


@dataclass(frozen=True, slots=True)
class AttemptMove:
    """One attempt's move. `code` is `twilio:30003` or `smtp:550/5.1.1`; `reason` is our sentence, never the provider's text."""

    attempt: UUID
    to: AttemptState
    provider_id: str | None = None
    code: str | None = None
    reason: str | None = None
    again_at: datetime | None = None
    """Case time: the policy's decision to plan its message again then (`not_sent`, `undelivered`); None gives it to a person."""


async def move_attempts(connection: Connection, moves: Sequence[AttemptMove], journal: Journal) -> list[UUID]:
    """Move attempts as `states.ATTEMPT_MOVES` allows and all that follows; returns the ids of those that moved, in order.

    A move that the table does not hold from the attempt's present state (a receipt that would go backwards) does nothing. At
    most one move an attempt in one call. The caller owns the transaction and writes the journal last.
    """
    raise NotImplementedError
