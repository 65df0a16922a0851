"""When a message may go: at once, in the next hour that force and person allow. Pure.

It counts from when the last thing that it depends on reached us, so that planning again without news moves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from services.ledger.contact_hours import next_open, windows_from
from services.ledger.effective import Effective
from services.ledger.force_rules import ForceRules
from services.ledger.people import Person
from services.scheduler.plan.facts import CaseFile, Key, arrival


def base_of(file: CaseFile, item: Effective, people: tuple[Person, ...], arrived: Mapping[Key, datetime]) -> datetime:
    """When the latest of what an update depends on had reached us: its event, the crime's classes, the word on its people."""
    latest = arrival(item, arrived)
    if file.classed is not None and file.classed > latest:
        latest = file.classed
    for person in people:
        heard = file.heard_of.get(person.id)
        if heard is not None and heard > latest:
            latest = heard
    return latest


def send_at(base: datetime, rules: ForceRules, person: Person) -> datetime | None:
    """The first allowed instant from `base` on; None if there is none within a week."""
    allowed = [rules.send_hours]
    if person.safe_hours:
        allowed.append(windows_from(person.safe_hours))
    return next_open(base, allowed, windows_from(person.quiet_hours) if person.quiet_hours else ())


def too_late(at: datetime | None, due_at: datetime | None, base: datetime) -> bool:
    """Whether no allowed hour is left before the deadline. What was late already is sent when it may."""
    if at is None:
        return True
    return due_at is not None and at > due_at >= base
