"""By when somebody must have been told: working days from where the rule's clock starts, never lengthened. Pure.

Victims-code 2.2 and 6.5, PR08; the strict counts for both kinds of people are kept beside the one that holds, and every date
comes with the sentence that explains it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from schemas.editions.model import ClockStart, Limit, LimitPair, UpdatePoint
from services.ledger.effective import Effective
from services.scheduler.plan.care import Care
from services.scheduler.plan.case import Case
from services.scheduler.plan.replaced import key_of
from services.scheduler.plan.spoken import hours_on, on_day, span
from services.scheduler.plan.types import Reason
from services.scheduler.working_days import LONDON, BeyondHolidayList, WorkingDays, end_of, local_date
from services.values import value

_ONE_DAY: Final = Limit(working_days=1)
_NO_LIMIT: Final = Reason("no_limit", "neither the book nor the force gives a limit")
_BEYOND: Final = Reason(
    "beyond_holiday_list", "the deadline cannot be counted: the list of bank holidays ends before it"
)
_QUALIFIED: Final = Reason(
    "late_qualified", "the strict limit had gone before the person became entitled to it: that is no breach of it"
)
_NOTHING: Final = timedelta()
_MINUTE: Final = timedelta(minutes=1)
_WHY: Final = {
    "enhanced": "the person has, or until assessed is treated as having, Enhanced Rights",
    "standard": "the person was assessed and has no Enhanced Rights",
    "became_enhanced": "the person became entitled to Enhanced Rights before being told, so it counts from then",
}
_LIMIT_FROM: Final = {
    "R15": "; the limit was restated for an older edition only",
    "M": "; the limit is from memory",
    "D": "; the limit is a careful one of this project",
    "L": "; the limit is local practice",
}


@value(frozen=True, slots=True)
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
class LegDue:
    """One part of a limit that runs through several hands: from which local date it counts, and its own last day.

    `due_on` is None beyond the list of bank holidays.
    """

    name: str
    start: date | None
    due_on: date | None


@value(frozen=True, slots=True)
class _Count:
    start: datetime
    limit: Limit
    at: datetime
    on: date
    counted: tuple[date, ...]


def clock_start(point: UpdatePoint, item: Effective) -> datetime:
    """Where the rule's clock starts; a field that the event does not give counts from its time, the careful side."""
    return _starts_at(point.clock, item)


def legs(point: UpdatePoint, item: Effective, calendar: WorkingDays) -> tuple[LegDue, ...]:
    """The limits that others keep before the rule's own clock starts, such as the court's (Rights 8 and 9)."""
    found: list[LegDue] = []
    for leg in point.legs:
        day = local_date(_starts_at(leg.clock, item))
        try:
            found.append(LegDue(leg.name, day, calendar.after(day, leg.working_days).due_on))
        except BeyondHolidayList:
            found.append(LegDue(leg.name, day, None))
    return tuple(found)


def _starts_at(clock: ClockStart, item: Effective) -> datetime:
    match clock:
        case "knownat":
            return item.event.known_at
        case "received_at":
            received: datetime | None = item.get("received_at")
            return received or item.time
        case "occurred_on" | "received_on":
            day: date | None = item.get(clock)
            return item.time if day is None else datetime.combine(day, time(), LONDON).astimezone(UTC)
        case _:
            return item.time


def in_vain(case: Case, item: Effective) -> tuple[datetime, ...]:
    """When somebody who does not know of `item` would come for nothing: to a hearing that is off, or that needs them no more."""
    before = case.replaced.before.get(key_of(item))
    match item.type:
        case "wcu.received.hearing_vacated":
            at = None if before is None else before.get("starts_at")
        case "wcu.received.attendance_not_required":
            at = None if before is None else before.get("at")
            if at is None:
                listed = case.file.chains.get(("hearing", item.data.hearing), ())
                at = next(
                    (said for hearing in reversed(listed) if (said := hearing.get("starts_at")) is not None), None
                )
        case _:
            at = None
    return () if at is None else (at,)


def deadline(
    point: UpdatePoint,
    item: Effective,
    start: datetime,
    care: Care,
    calendar: WorkingDays,
    starts: tuple[datetime, ...],
    corrected_at: datetime | None = None,
    *,
    told_at: datetime | None = None,
    force_limit: LimitPair | None = None,
) -> Deadline:
    """The deadline of one update. `starts` are what it announces, or what the person may still go to: it never lies after them.

    A correction (`corrected_at`) has one working day from the event that corrected it. Whoever became enhanced after being told
    (`told_at`) was told in time or not by the limit that stood. `force_limit` is the force's own, for where the book has none.
    """
    try:
        return _deadline(
            point,
            item,
            corrected_at or start,
            care,
            calendar,
            starts,
            correction=corrected_at is not None,
            told_at=told_at,
            force_limit=force_limit,
        )
    except BeyondHolidayList:
        return Deadline(start, beyond=True, reason=_BEYOND)


def lateness(
    limit: Deadline, item: Effective, arrived: datetime, lag: timedelta, live_from: datetime | None = None
) -> list[Reason]:
    """What there is to say of time lost: late already when the force knew, late to be entitled, and how long the feed took.

    `arrived` is when the event reached this service; a way here that is shorter than `lag` is nothing to speak of, nor is that of
    what the force knew before it went live (PR22).
    """
    found: list[Reason] = []
    known = item.event.known_at
    since = max(item.time, limit.clock_start)
    knew, took = max(known - since, _NOTHING), max(arrived - known, _NOTHING)
    if limit.late_on_arrival:
        text = f"the deadline lay before the force knew of it, {span(knew)} after the clock had started"
        found.append(Reason("late_on_arrival", text))
    if knew + took >= lag and (live_from is None or known >= live_from):
        how_soon = "at once" if knew < _MINUTE else f"after {span(knew)}"
        text = f"it reached this service late: the force knew {how_soon}, and the feed took {span(took)} more"
        found.append(Reason("feed_delay", text))
    if limit.late_qualified:
        found.append(_QUALIFIED)
    return found


def _deadline(
    point: UpdatePoint,
    item: Effective,
    start: datetime,
    care: Care,
    calendar: WorkingDays,
    starts: tuple[datetime, ...],
    *,
    correction: bool,
    told_at: datetime | None,
    force_limit: LimitPair | None,
) -> Deadline:
    limit, strict = (_ONE_DAY, _ONE_DAY) if correction else (point.standard, point.enhanced)
    by_force = force_limit is not None and not (_gives(limit) or _gives(strict))
    if by_force and force_limit is not None:
        limit, strict = force_limit
    standard = _count(calendar, start, limit)
    enhanced = _count(calendar, start, strict) or standard
    chosen = (enhanced if care.enhanced_at_start else standard) or enhanced
    code, qualified = "enhanced" if care.enhanced_at_start else "standard", False
    if chosen is not None:
        for at in care.became_enhanced:
            if told_at is not None and at >= told_at:
                continue
            qualified = qualified or (enhanced is not None and enhanced.at < at)
            again = _count(calendar, at, strict)
            if again is not None and again.at < chosen.at:
                chosen, code = again, "became_enhanced"
    due_at, due_on = (None, None) if chosen is None else (chosen.at, chosen.on)
    first = min(starts, default=None)
    sooner = due_at is not None and first is not None and first < due_at
    if sooner and first is not None:
        due_at, due_on = first, local_date(first)
    known_at = item.correction.known_at if correction and item.correction is not None else item.event.known_at
    return Deadline(
        clock_start=start,
        due_at=due_at,
        due_on=due_on,
        due_on_standard=None if standard is None else standard.on,
        due_on_enhanced=None if enhanced is None else enhanced.on,
        counted_days=() if chosen is None else chosen.counted,
        late_on_arrival=due_at is not None and due_at < known_at,
        late_qualified=qualified,
        reason=_reason(point, chosen, code, first if sooner else None, correction=correction, by_force=by_force),
    )


def _gives(limit: Limit) -> bool:
    return limit.working_days is not None or limit.hours is not None


def _count(calendar: WorkingDays, start: datetime, limit: Limit) -> _Count | None:
    """Working days to the end of the last one, or hours, which skip nothing."""
    if limit.working_days is not None:
        counted = calendar.after(local_date(start), limit.working_days)
        return _Count(start, limit, end_of(counted.due_on), counted.due_on, counted.counted)
    if limit.hours is not None:
        at = start + timedelta(hours=limit.hours)
        return _Count(start, limit, at, local_date(at), ())
    return None


def _reason(
    point: UpdatePoint, chosen: _Count | None, code: str, sooner: datetime | None, *, correction: bool, by_force: bool
) -> Reason:
    if chosen is None:
        return _NO_LIMIT
    text = f"{_counted(chosen)}, {'from the correction' if correction else _by(point, by_force=by_force)}: {_WHY[code]}"
    if sooner is not None:
        return Reason("due_starts_sooner", f"by {hours_on(sooner)}, before what it announces begins; otherwise {text}")
    return Reason(f"due_{code}", text)


def _counted(count: _Count) -> str:
    days, hours = count.limit.working_days, count.limit.hours
    if days is not None:
        word = "1 working day" if days == 1 else f"{days} working days"
        return f"{word} from {on_day(local_date(count.start))} (day 0) to the end of {on_day(count.on)}"
    return f"{hours} hours from {hours_on(count.start)} to {hours_on(count.at)}, weekends and holidays too"


def _by(point: UpdatePoint, *, by_force: bool) -> str:
    cited = point.citation
    where = cited.instrument if cited.right is None else f"{cited.instrument}, Right {cited.right}"
    if cited.paragraph is not None:
        where += f", paragraph {cited.paragraph}"
    if by_force:
        return f"by the force's own limit, where {where} gives none"
    return f"by {where}{_LIMIT_FROM.get(point.limit_confidence, '')}"
