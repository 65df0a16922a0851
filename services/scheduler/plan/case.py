"""What every decision of one plan reads: the case folded once, and which rules its events raise. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from schemas.editions.model import Books, UpdatePoint
from services.ledger.effective import Effective
from services.scheduler.plan import contact, facts, replaced
from services.scheduler.plan.types import Known
from services.scheduler.working_days import WorkingDays, local_date


@dataclass(frozen=True, slots=True)
class Case:
    """One case at one instant."""

    known: Known
    calendar: WorkingDays
    file: facts.CaseFile
    replaced: replaced.Replaced
    who_has: contact.Holders
    raised: tuple[tuple[Effective, tuple[UpdatePoint, ...]], ...]
    """Every event that raises rules, with the rules as it raises them."""
    tells_also: tuple[tuple[Effective, UpdatePoint], ...]
    """Those of them that tell other points too (PR13)."""
    today: date
    """The date of `known.now` in London."""


def open_case(known: Known, books: Books, calendar: WorkingDays) -> Case:
    """Fold a case and find what its events raise."""
    file = facts.read(known)
    raised: list[tuple[Effective, tuple[UpdatePoint, ...]]] = []
    live_from = known.rules.live_from
    for item in file.events:
        if (live_from is not None and item.time < live_from) or replaced.key_of(item) in file.extra_crimes:
            continue
        if not books.raises(item.type):
            continue
        points = books.raised_by(item.type, item.data.__dict__, edition_date(item))
        if points:
            raised.append((item, points))
    return Case(
        known=known,
        calendar=calendar,
        file=file,
        replaced=replaced.replaced(file),
        who_has=contact.holders(known.people),
        raised=tuple(raised),
        tells_also=tuple((item, point) for item, points in raised for point in points if point.subsumes),
        today=local_date(known.now),
    )


def edition_date(item: Effective) -> date:
    """The date by which the edition goes: the event's own, for what the Witness Care Unit receives the court's."""
    occurred: date | None = item.get("occurred_on")
    return occurred or local_date(item.time)


def same_matter(one: Effective, other: Effective) -> bool:
    """Whether two events may be about the same suspect, hearing and person: what one does not name may be any."""
    for name in ("suspect", "hearing", "person"):
        here, there = one.get(name), other.get(name)
        if here is not None and there is not None and here != there:
            return False
    return True
