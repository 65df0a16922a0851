"""What every decision of one plan reads: the case folded once, and which rules its events raise. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from schemas.editions.model import Books, UpdatePoint
from services.ledger.effective import Effective
from services.ledger.force_rules import ForceRules
from services.ledger.second_word import Contact
from services.ledger.sharing import Sharing
from services.scheduler.plan import contact, facts, replaced
from services.scheduler.plan.care import Care
from services.scheduler.plan.types import Known
from services.scheduler.working_days import WorkingDays, local_date


@dataclass(frozen=True, slots=True)
class Case:
    """One case at one instant."""

    known: Known
    books: Books
    calendar: WorkingDays
    file: facts.CaseFile
    replaced: replaced.Replaced
    who_has: Sharing
    raised: tuple[tuple[Effective, tuple[UpdatePoint, ...]], ...]
    """Every event that raises rules, with the rules as it raises them."""
    tells_also: tuple[tuple[Effective, UpdatePoint], ...]
    """Those of them that tell other points too (PR13)."""
    today: date
    """The date of `known.now` in London."""
    cares: dict[tuple[str, str, str, datetime], Care] = field(default_factory=dict)
    """By person, ward, role and start of the clock: reckoned once for all that one event raises."""
    options: dict[tuple[str, bool], list[Contact]] = field(default_factory=dict)
    """By person and whether flagged: the contacts that a machine could use."""
    reached: dict[tuple[str, str, bool, bool | None], contact.Reach] = field(default_factory=dict)
    """By person, contact, whether flagged and of domestic abuse: whether a machine may use it."""


def open_case(known: Known, books: Books, calendar: WorkingDays) -> Case:
    """Fold a case and find what its events raise."""
    file = facts.read(known)
    raised: list[tuple[Effective, tuple[UpdatePoint, ...]]] = []
    live_from = known.rules.live_from
    for item in file.events:
        if (live_from is not None and item.time < live_from) or replaced.key_of(item) in file.extra_crimes:
            continue
        points = rules_of(item, file, known.rules, books)
        if points:
            raised.append((item, points))
    return Case(
        known=known,
        books=books,
        calendar=calendar,
        file=file,
        replaced=replaced.replaced(file),
        who_has=contact.holders(known, file),
        raised=tuple(raised),
        tells_also=tuple((item, point) for item, points in raised for point in points if point.subsumes),
        today=local_date(known.now),
    )


def rules_of(item: Effective, file: facts.CaseFile, rules: ForceRules, books: Books) -> tuple[UpdatePoint, ...]:
    """The rules that an event raises, of the editions that govern it and for the suspects whom they concern."""
    if not books.raises(item.type):
        return ()
    on, data = event_date(item), item.data.__dict__
    points = books.raised_by(item.type, data, on)
    if rules.edition_by == "report_date" and file.crime_at is not None:
        points = _by_report(points, books.raised_by(item.type, data, local_date(file.crime_at)), on)
    if any(point.arrested_from is not None for point in points):
        arrested = _arrested_on(item, file)
        points = tuple(point for point in points if point.concerns_arrest(arrested))
    return points


def event_date(item: Effective) -> date:
    """The date by which the edition goes: the event's own, for what the Witness Care Unit receives the court's (6.1)."""
    occurred: date | None = item.get("occurred_on")
    return occurred or local_date(item.time)


def _by_report(
    by_event: tuple[UpdatePoint, ...], by_report: tuple[UpdatePoint, ...], on: date
) -> tuple[UpdatePoint, ...]:
    """The Code as it stood when the crime was reported, and every other book as it stands; unverified goes by the event still."""
    code = (
        replace(point, status="unverified") if point.is_unverified(on) else point
        for point in by_report
        if point.book == "code"
    )
    return (*code, *(point for point in by_event if point.book != "code"))


def _arrested_on(item: Effective, file: facts.CaseFile) -> date | None:
    """When the suspect of `item` was last arrested before it; any suspect, where it names none. None is not known."""
    suspect = item.get("suspect")
    for event in reversed(file.events[: file.position[replaced.key_of(item)] + 1]):
        if event.type == "suspect.arrested" and not event.withdrawn and suspect in {None, event.get("suspect")}:
            return local_date(event.time)
    return None


def same_matter(one: Effective, other: Effective) -> bool:
    """Whether two events may be about the same suspect, hearing and person: what one does not name may be any."""
    for name in ("suspect", "hearing", "person"):
        here, there = one.get(name), other.get(name)
        if here is not None and there is not None and here != there:
            return False
    return True
