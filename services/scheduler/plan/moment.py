"""When a message may go: at once, in the next hour that force and person allow. Pure.

It counts from when the last thing that it depends on reached us, so that planning again without news moves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from services.ledger.contact_hours import Window, next_open, windows_from
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
    safe, quiet = person.safe_hours, person.quiet_hours
    return _first(
        base,
        rules.send_hours,
        windows_from(safe) if safe else None,
        windows_from(quiet) if quiet else (),
    )


@lru_cache(maxsize=1024)
def _first(
    base: datetime, send: tuple[Window, ...], safe: tuple[Window, ...] | None, quiet: tuple[Window, ...]
) -> datetime | None:
    """One event raises several updates that begin at one instant: it is reckoned once."""
    return next_open(base, [send] if safe is None else [send, safe], quiet)


def too_late(at: datetime | None, due_at: datetime | None, base: datetime) -> bool:
    """Whether no allowed hour is left before the deadline. What was late already is sent when it may."""
    if at is None:
        return True
    return due_at is not None and at > due_at >= base
