"""By when somebody must have been told: working days from where the rule's clock starts, never lengthened. Pure.

Victims-code 2.2 and 6.5, PR08; the strict counts for both kinds of people are kept beside the one that holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from schemas.editions.model import Limit, UpdatePoint
from services.ledger.effective import Effective
from services.scheduler.plan.care import Care
from services.scheduler.plan.types import Reason
from services.scheduler.working_days import LONDON, BeyondHolidayList, WorkingDays, end_of, local_date

_ONE_DAY: Final = Limit(working_days=1)
_NO_LIMIT: Final = Reason("no_limit", "the book gives no limit")


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last instant at which the rule is still met, with every count that led to it."""

    clock_start: datetime
    due_at: datetime | None = None
    due_on: date | None = None
    due_on_standard: date | None = None
    due_on_enhanced: date | None = None
    counted_days: tuple[date, ...] = ()
    late_on_arrival: bool = False
    late_qualified: bool = False
    beyond: bool = False
    """The list of bank holidays ends before it: there is no date, and a person must look."""
    reason: Reason = _NO_LIMIT


@dataclass(frozen=True, slots=True)
class _Count:
    at: datetime
    on: date
    counted: tuple[date, ...]


def clock_start(point: UpdatePoint, item: Effective) -> datetime:
    """Where the rule's clock starts; a field that the event does not give counts from its time, the careful side."""
    match point.clock:
        case "knownat":
            return item.event.known_at
        case "received_at":
            received: datetime | None = item.get("received_at")
            return received or item.time
        case "occurred_on" | "received_on":
            day: date | None = item.get(point.clock)
            return item.time if day is None else datetime.combine(day, time(), LONDON).astimezone(UTC)
        case _:
            return item.time


def deadline(
    point: UpdatePoint,
    item: Effective,
    start: datetime,
    care: Care,
    calendar: WorkingDays,
    starts: tuple[datetime, ...],
    corrected_at: datetime | None = None,
) -> Deadline:
    """The deadline of one update. `starts` are what it announces, or what the person may still go to: it never lies after them.

    A correction (`corrected_at`) has one working day from the event that corrected it.
    """
    try:
        return _deadline(
            point, item, corrected_at or start, care, calendar, starts, correction=corrected_at is not None
        )
    except BeyondHolidayList:
        text = "the deadline cannot be counted: the list of bank holidays ends before it"
        return Deadline(start, beyond=True, reason=Reason("beyond_holiday_list", text))


def _deadline(
    point: UpdatePoint,
    item: Effective,
    start: datetime,
    care: Care,
    calendar: WorkingDays,
    starts: tuple[datetime, ...],
    *,
    correction: bool,
) -> Deadline:
    limit = _ONE_DAY if correction else point.standard
    strict = _ONE_DAY if correction else point.enhanced
    standard = _count(calendar, start, limit)
    enhanced = _count(calendar, start, strict) or standard
    chosen = (enhanced if care.enhanced_at_start else standard) or enhanced
    code, qualified = "enhanced" if care.enhanced_at_start else "standard", False
    if chosen is not None:
        for at in care.became_enhanced:
            again = _count(calendar, at, strict)
            if again is not None and again.at < chosen.at:
                chosen, code = again, "became_enhanced"
                qualified = enhanced is not None and enhanced.at < at
    due_at, due_on = (None, None) if chosen is None else (chosen.at, chosen.on)
    first = min(starts, default=None)
    if due_at is not None and first is not None and first < due_at:
        due_at, due_on, code = first, local_date(first), "starts_sooner"
    return Deadline(
        clock_start=start,
        due_at=due_at,
        due_on=due_on,
        due_on_standard=None if standard is None else standard.on,
        due_on_enhanced=None if enhanced is None else enhanced.on,
        counted_days=() if chosen is None else chosen.counted,
        late_on_arrival=due_at is not None and due_at < item.event.known_at,
        late_qualified=qualified,
        reason=_reason(point, chosen, code, correction=correction),
    )


def _count(calendar: WorkingDays, start: datetime, limit: Limit) -> _Count | None:
    if limit.working_days is not None:
        counted = calendar.after(local_date(start), limit.working_days)
        return _Count(end_of(counted.due_on), counted.due_on, counted.counted)
    if limit.hours is not None:
        at = start + timedelta(hours=limit.hours)
        return _Count(at, local_date(at), ())
    return None


_WHY: Final = {
    "enhanced": "the person has, or until assessed is treated as having, Enhanced Rights",
    "standard": "the person was assessed and has no Enhanced Rights",
    "became_enhanced": "the person became entitled to Enhanced Rights before being told, so it counts from then",
    "starts_sooner": "it must be known before what it announces begins",
}


def _reason(point: UpdatePoint, chosen: _Count | None, code: str, *, correction: bool) -> Reason:
    if chosen is None:
        return _NO_LIMIT
    days = len(chosen.counted)
    what = "the hours given" if days == 0 else f"{days} working day{'' if days == 1 else 's'}"
    where = "from the correction" if correction else f"by {point.citation.instrument}"
    if not correction and point.citation.right is not None:
        where += f", Right {point.citation.right}"
    return Reason(f"due_{code}", f"{what} {where}: {_WHY[code]}")
