"""What a recorded conversation, letter or owner's word has already fulfilled. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schemas.editions.model import UpdatePoint
from services.ledger.effective import Effective
from services.ledger.states import Evidence
from services.scheduler.plan.facts import CaseFile

OUTSIDE_OWNERS: Final = frozenset({"cps", "hmcts", "vlo"})


@dataclass(frozen=True, slots=True)
class Told:
    """How somebody was told, and when (case time)."""

    evidence: Evidence
    at: datetime


def told(
    file: CaseFile,
    item: Effective,
    point: UpdatePoint,
    person: str,
    also: frozenset[str],
    since: datetime | None = None,
) -> Told | None:
    """The first contact or confirmation that fulfils this person's update of `point`, if there is one.

    Only substantive contact counts, of that person, about those points, and not about what happened after it. `also` are the
    points that tell this one too (PR13). `since`: what was said before it does not count (what the calendar raises is owed only
    from its day on).
    """
    start = item.time if since is None else since
    covers = also | {point.id}
    for contact in file.contacts:
        said = contact.data
        if (
            said.person == person
            and start <= contact.time
            and not covers.isdisjoint(said.update_points or ())
            and (said.events is None or item.event.id in said.events)
        ):
            return Told("letter" if said.how == "letter" else "conversation", contact.time)
    if point.owner in OUTSIDE_OWNERS:
        for word in file.confirmations:
            at = word.data.at or word.time
            if word.data.person == person and word.data.update_point == point.id and start <= at:
                return Told("owner_confirmed", at)
    return None
