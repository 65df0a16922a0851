"""Reminders of a day on which somebody must come: they follow a live attendance, never a hearing (PR08). Pure.

So many days before it (the force's own rule), rolled back to a working day, those that meet made into one; never on a day before
the attendance was known, never at or after it. A stand-down, a hearing that is off, moved or no longer fixed ends them at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from schemas.editions.model import UpdatePoint
from services.ledger.contact_hours import next_open
from services.ledger.effective import Effective
from services.scheduler.plan import facts, trial
from services.scheduler.plan.case import Case
from services.scheduler.plan.owed import Owed, start_of
from services.scheduler.plan.recipients import recipients
from services.scheduler.plan.replaced import key_of
from services.scheduler.plan.timing import Timing
from services.scheduler.plan.types import Reason
from services.scheduler.working_days import BeyondHolidayList, WorkingDays, end_of, local_date

_REQUIRED: Final = "wcu.received.attendance_required"
_OFF: Final = "wcu.received.hearing_vacated"
_WITHDRAWN: Final = Reason("event_withdrawn", "the force withdrew the event: nobody asked the person to come")
_CORRECTED: Final = Reason("corrected", "the day was corrected")
_STOOD_DOWN: Final = Reason("stood_down", "the person need not come")
_ASKED_ANEW: Final = Reason("superseded", "the person was asked to come at another time or place")
_VACATED: Final = Reason("hearing_vacated", "the hearing is off")
_MOVED: Final = Reason(
    "hearing_moved", "the hearing was moved, and nobody has asked the person to come to the new one yet"
)
_NOT_FIXED: Final = Reason("not_fixed", "the day is not fixed any more")
_QUIET: Final = Reason("asked_nearer_the_day", "nobody is asked to remind them before the day itself")
_PASSED: Final = Reason("day_passed", "its day has passed: a late reminder helps nobody")


@dataclass(frozen=True, slots=True)
class Reminder:
    """One day on which somebody is reminded. `days` is how many before the attendance the force asks for."""

    days: int
    on: date
    due_at: datetime


def reminder_days(at: datetime, days: Sequence[int], calendar: WorkingDays) -> tuple[Reminder, ...]:
    """The days on which to remind somebody of `at`: rolled back to working days, each day once, the earliest first.

    Due by the end of the day, or by `at` if that is sooner. A day beyond the list of bank holidays is left out until the list
    is longer: it cannot be known which it is.
    """
    found: dict[date, Reminder] = {}
    for count in sorted(set(days), reverse=True):
        try:
            on = calendar.on_or_before(local_date(at) - timedelta(days=count))
        except BeyondHolidayList:
            continue
        found.setdefault(on, Reminder(count, on, min(end_of(on), at)))
    return tuple(found[on] for on in sorted(found))


def reminders(case: Case, points: Sequence[UpdatePoint]) -> Iterator[Owed]:
    """Every reminder that the attendances of the case ask for, with those that are owed no longer and why."""
    for chain, items in case.file.chains.items():
        if chain[0] != "attendance":
            continue
        hearing = case.file.chains.get(("hearing", chain[2]), [])
        for item in items:
            if item.type == _REQUIRED and key_of(item) not in case.replaced.repeats:
                off = _off(case, item, hearing)
                if off is _NOT_FIXED and not _once_fixed(hearing):
                    continue
                yield from _of(case, points, item, item.data, off)
                before = item.event.data
                if item.correction is not None and _date(before) not in {None, _date(item.data)}:
                    yield from _of(case, points, item, before, _CORRECTED)
    for item in case.file.events:
        if item.withdrawn and item.type == _REQUIRED:
            yield from _of(case, points, item, item.data, _WITHDRAWN)


def _of(case: Case, points: Sequence[UpdatePoint], item: Effective, data: Any, off: Reason | None) -> Iterator[Owed]:
    known, at = case.known, data.at
    live_from = known.rules.live_from
    if at is None or (live_from is not None and item.time < live_from):
        return
    since = _known_since(case, item, data)
    arm = trial.arm_of(known.force, known.case, data.person, data.hearing, known.rules.reminder_control_share)
    for reminder in reminder_days(at, known.rules.reminder_days, case.calendar):
        if not _in_time(case, reminder, since):
            continue
        opens, timing = start_of(reminder.on), _timing(item, reminder, off)
        for point in points:
            for recipient in recipients(point, item, case.file, known.people, known.force, case.today):
                yield Owed(
                    item=item,
                    point=point,
                    recipient=recipient,
                    part=f"remind:{reminder.days}:{local_date(at).isoformat()}",
                    timing=timing,
                    again=() if off is not None else (opens, reminder.due_at + timedelta(seconds=1)),
                    ends_at=reminder.due_at,
                    passed=_PASSED,
                    quiet_until=opens,
                    quiet=_QUIET,
                    trial=trial.reason_of(arm),
                    untold=arm == "control",
                )


def _timing(item: Effective, reminder: Reminder, off: Reason | None) -> Timing:
    opens = start_of(reminder.on)
    days = f"{reminder.days} day{'' if reminder.days == 1 else 's'} before the person must come"
    return Timing(
        clock_start=item.time,
        due_at=reminder.due_at,
        due_on=reminder.on,
        send_not_before=opens,
        target_at=None,
        reason=Reason("due_reminder", f"{days}, on the last working day by then, by the force's own rule"),
        gone=off,
        told_from=opens,
    )


def _known_since(case: Case, item: Effective, data: Any) -> datetime:
    """When the day had reached us: with the event, or with the correction that first named it."""
    arrived = case.known.arrived
    if item.correction is not None and data is item.data and item.event.data.__dict__.get("at") != data.at:
        return facts.arrival(item, arrived)
    return arrived.get(key_of(item), item.event.known_at)


def _in_time(case: Case, reminder: Reminder, since: datetime) -> bool:
    """Whether the day had an hour left in which the force sends anything when the attendance became known."""
    known_on = local_date(since)
    if known_on != reminder.on:
        return known_on < reminder.on
    at = next_open(since, [case.known.rules.send_hours])
    return at is not None and at < reminder.due_at


def _off(case: Case, item: Effective, hearing: Sequence[Effective]) -> Reason | None:
    """Why the person need not come then, or may not; None where they must."""
    by = case.replaced.by.get(key_of(item))
    if by is not None:
        return _VACATED if by.type == _OFF else _ASKED_ANEW if by.type == _REQUIRED else _STOOD_DOWN
    if not hearing:
        return None  # nothing but the attendance is known, and it names the time
    stands = hearing[-1]
    if stands.type == _OFF:
        return _VACATED
    if stands.data.listing != "fixed":
        return _NOT_FIXED
    return _MOVED if _moved(item, hearing) else None


def _once_fixed(hearing: Sequence[Effective]) -> bool:
    """Whether the hearing was fixed at some time, so that there may have been reminders."""
    return any(_listing(data) == "fixed" for item in hearing for data in (item.data, item.event.data))


def _listing(data: Any) -> str | None:
    listing: str | None = data.listing
    return listing


def _moved(item: Effective, hearing: Sequence[Effective]) -> bool:
    """Whether the hearing is another one than when the person was asked to come to it.

    Witnesses are phased: somebody may be asked for the second day of a trial. So the attendance may lie after the hearing's own
    day, never before it; and the hearing as it stood when they were asked is compared with the hearing as it stands.
    """
    said: list[tuple[datetime, str, Any]] = [(each.time, each.type, each.event.data) for each in hearing]
    said += [(each.correction.time, each.type, each.data) for each in hearing if each.correction is not None]
    said.sort(key=lambda word: word[0])
    asked_at = item.time if item.correction is None else max(item.time, item.correction.time)
    later = [(kind, data) for at, kind, data in said if at > asked_at]
    starts, on = hearing[-1].data.starts_at, _date(item.data)
    if any(kind == _OFF for kind, _ in later) or (starts is not None and on is not None and on < local_date(starts)):
        return True
    before = [data for at, _, data in said if at <= asked_at]
    if not later or not before or before[-1].starts_at is None:
        return False
    return before[-1].starts_at != starts or _elsewhere(before[-1], hearing[-1].data)


def _elsewhere(then: Any, now: Any) -> bool:
    """Whether both courts are known, and they are two."""
    before, after = (None if data.court is None else data.court.name for data in (then, now))
    return before is not None and after is not None and before != after


def _date(data: Any) -> date | None:
    at = data.__dict__.get("at")
    return None if at is None else local_date(at)
