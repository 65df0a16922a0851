"""What came after: later facts that change what news means (PR02), and later news that tells it too (PR13). Pure."""

from __future__ import annotations

from typing import Final

from schemas.editions.model import UpdatePoint
from services.ledger.effective import Effective
from services.scheduler.plan.case import Case, same_matter
from services.scheduler.plan.replaced import key_of
from services.scheduler.working_days import local_date

_WITH_ATTENDANCE: Final = frozenset({"r8-attend", "w-attend"})
"""Telling somebody to come on a day that has moved since is stale too."""


def overtaking(case: Case, item: Effective, point: UpdatePoint) -> Effective | None:
    """The last event that changed what this news means; None if nothing did.

    What the calendar raises is never overtaken: whoever expands its rule reads the state as it stands.
    """
    if point.timed:
        return None
    kinds = point.overtaken_by
    moves = point.id in _WITH_ATTENDANCE
    if not kinds and not moves:
        return None
    file = case.file
    for later in reversed(file.events[file.position[key_of(item)] + 1 :]):
        if later.withdrawn or not (later.type in kinds or (moves and later.type == "wcu.received.hearing_changed")):
            continue
        if same_matter(later, item):
            return later
    return None


def subsuming(case: Case, item: Effective, point: UpdatePoint) -> frozenset[str]:
    """The points raised in this case that tell this one too: later, or on the same day, and of the same suspect."""
    return frozenset(
        other.id
        for told, other in case.tells_also
        if point.id in other.subsumes and told is not item and _covers(case, told, item)
    )


def _covers(case: Case, told: Effective, item: Effective) -> bool:
    if told.withdrawn or not same_matter(told, item):
        return False
    position = case.file.position
    return position[key_of(told)] > position[key_of(item)] or local_date(told.time) == local_date(item.time)
