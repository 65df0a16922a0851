"""Whether news may free a suspect or end a protection, and by when the force means a person to have told it (PR03). Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from schemas.editions.model import UpdatePoint
from services.ledger.effective import Effective
from services.scheduler.plan.care import Care
from services.scheduler.plan.case import Case
from services.scheduler.plan.deadline import Deadline
from services.scheduler.plan.recipients import Recipient
from services.scheduler.plan.replaced import key_of
from services.scheduler.plan.told import OUTSIDE_OWNERS
from services.scheduler.working_days import BeyondHolidayList, end_of, local_date

SAFETY_TARGET: Final = timedelta(hours=2)
"""The force's own target for what bears on safety, from when it knew (victims-code 2.6)."""
CHASE_DAYS: Final = 5
"""Working days after which a body whose duty has no limit is asked whether it told the person: the project's own (D)."""


def is_safety_critical(case: Case, item: Effective, point: UpdatePoint) -> bool:
    """Whether it may free a suspect or end a protection."""
    return point.cls == "safety_critical" or (point.ends_bail and case.file.on_bail.get(key_of(item), False))


def target(item: Effective) -> datetime:
    """Before the release where the force knew of it beforehand, else two hours from when it knew (victims-code 2.6, 6.7)."""
    known_at = item.event.known_at
    return item.time if item.time > known_at else known_at + SAFETY_TARGET


def chase_at(case: Case, limit: Deadline, since: datetime) -> datetime | None:
    """By when the body that owes it is asked: the working day before the deadline, else `CHASE_DAYS` after it was known.

    None where it cannot be counted; what is due sooner than that is asked for by the deadline itself.
    """
    try:
        if limit.due_on is None:
            return end_of(case.calendar.after(local_date(since), CHASE_DAYS).due_on)
        before = end_of(case.calendar.on_or_before(limit.due_on - timedelta(days=1)))
    except BeyondHolidayList:
        return None
    return before if before > limit.clock_start else limit.due_at


def is_agreed(case: Case, point: UpdatePoint, recipient: Recipient, care: Care) -> bool:
    """Whether the force agreed that a machine tells this person such news.

    Only of one suspect, to somebody who was assessed as standard, in a case of no domestic, sexual, child or hate class and of
    nobody bereaved, and never what another body owes.
    """
    return (
        care.assessed
        and not care.flagged
        and care.under_18 is False
        and recipient.role != "bereaved_relative"
        and len(case.file.suspects) <= 1
        and point.owner not in OUTSIDE_OWNERS
        and case.known.rules.tells_safety(point.id, care.classes, enhanced=care.enhanced)
    )


def was_warned(case: Case, item: Effective, point: UpdatePoint, person: str) -> bool:
    """Whether an officer spoke with this person about what another body owes.

    The police hold is then done with, though the update is not: that is met by its owner's word alone (6.11).
    """
    return any(
        contact.data.person == person
        and contact.time >= item.time
        and point.id in (contact.data.update_points or ())
        and (contact.data.events is None or item.event.id in contact.data.events)
        for contact in case.file.contacts
    )
