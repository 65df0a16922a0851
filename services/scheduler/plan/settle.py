"""Moves settle before anybody is told of them (PR09): courts change a date twice in an hour. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from services.ledger.effective import Effective
from services.scheduler.plan import court
from services.scheduler.plan.case import Case
from services.scheduler.plan.facts import arrival
from services.scheduler.plan.replaced import key_of

MOVES: Final = frozenset(
    {
        "wcu.received.hearing_listed",
        "wcu.received.hearing_changed",
        "wcu.received.hearing_vacated",
        "wcu.received.appeal_listed",
        "wcu.received.attendance_required",
    }
)
"""Events that move something where another of the same matter stood before. A stand-down is said at once."""


def settled(
    case: Case, item: Effective, base: datetime, starts: Sequence[datetime], due_at: datetime | None
) -> datetime:
    """From when the news of `item` may go, where it could first go at `base`.

    A move waits for so many minutes (the force's rule) after the last change reached us, unless a hearing that it is about is
    near (`court.CALL_UNDER`) or the deadline would pass meanwhile.
    """
    wait = case.known.rules.settle_minutes
    if not wait or item.type not in MOVES or key_of(item) not in case.replaced.before:
        return base
    until = arrival(item, case.known.arrived) + timedelta(minutes=wait)
    if until <= base or (due_at is not None and base <= due_at < until):
        return base
    if starts and court.is_soon(case, min(starts), base, court.CALL_UNDER):
        return base
    return until
