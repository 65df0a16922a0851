"""What is near, and what only a call tells, on the way to court: hearings, special measures, who tells of a hearing. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from services.ledger.effective import Effective
from services.ledger.people import Person
from services.scheduler.plan.case import Case
from services.scheduler.plan.replaced import key_of
from services.scheduler.working_days import BeyondHolidayList, local_date

CALL_UNDER: Final = 2
"""Working days before a hearing under which its news is a call at once (PR08)."""
MEASURES_UNDER: Final = 5
"""Working days before a hearing under which a decision on special measures is a call (PR15)."""
MEASURES: Final = "special_measures.decided"
_HEARING: Final = "wcu.received.hearing_"


def is_soon(case: Case, starts: datetime, base: datetime, days: int) -> bool:
    """Whether `starts` is under `days` working days from `base`; what cannot be counted is treated as near."""
    day: date = local_date(base)
    try:
        return local_date(starts) < case.calendar.after(day, days).due_on
    except BeyondHolidayList:
        return True


def measures_by_call(case: Case, item: Effective, person: str, base: datetime) -> bool:
    """PR15: refused, changed, not all that was asked for, not said, or under five working days to the hearing."""
    data = item.data
    if data.granted is not True:
        return True
    here = case.file.position[key_of(item)]
    for earlier in case.file.events[:here]:
        if earlier.withdrawn or not earlier.type.startswith("special_measures.") or earlier.data.person != data.person:
            continue
        before, now = earlier.data.measures, data.measures
        if earlier.type == MEASURES and (earlier.data.granted is not True or before != now):
            return True
        if before is not None and now is not None and not set(before) <= set(now):
            return True
    return any(is_soon(case, starts, base, MEASURES_UNDER) for starts in _coming(case, person, base))


def may_come_in_vain(case: Case, item: Effective, person: Person) -> bool:
    """Whether a hearing that moved, or is off, is one to which this person, or a child of theirs, was asked to come (PR09)."""
    if not item.type.startswith(_HEARING) or key_of(item) not in case.replaced.before:
        return False
    here = case.file.position[key_of(item)]
    for who in (person.id, *case.file.wards.get(person.id, ())):
        asked = case.file.chains.get(("attendance", who, item.data.hearing), ())
        if asked and asked[-1].type.endswith("attendance_required") and case.file.position[key_of(asked[-1])] < here:
            return True
    return False


def wcu_tells_hearings(case: Case) -> bool:
    """Whether the Witness Care Unit accepted the case and has a hearing to tell of: then the police do not (6.10).

    Until it has one of its own to tell, the police's stays owed, so that no date is lost between the two.
    """
    handovers = [item for item in case.file.events if item.type == "case.handed_over" and not item.withdrawn]
    return (
        bool(handovers)
        and handovers[-1].data.owner == "wcu"
        and any(chain[0] == "hearing" and items for chain, items in case.file.chains.items())
    )


def _coming(case: Case, person: str, base: datetime) -> Iterable[datetime]:
    """The hearings to come, and when this person was asked for."""
    for chain, items in case.file.chains.items():
        if chain[0] not in {"hearing", "attendance"} or (chain[0] == "attendance" and chain[1] != person):
            continue
        last = items[-1]
        if last.type.endswith(("hearing_vacated", "attendance_not_required")):
            continue
        at: datetime | None = last.get("starts_at") or last.get("at")
        if at is not None and at > base:
            yield at
