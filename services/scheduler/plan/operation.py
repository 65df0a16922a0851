"""News that waits for an operation: by a named inspector, for at most five working days, and looked at again when it ends. Pure.

Victims-code 6.12: telling now would harm the investigation, a good reason under section 5 of the Victims and Prisoners Act 2024.
A hold that ends by itself frees nothing: somebody decides anew, by lifting it or by setting it again by name.
"""

from __future__ import annotations

from datetime import datetime
from fnmatch import fnmatchcase
from typing import Final

from schemas.editions.model import UpdatePoint
from services.ledger.effective import Effective
from services.scheduler.plan.case import Case
from services.scheduler.working_days import BeyondHolidayList, end_of, local_date

MOST_WORKING_DAYS: Final = 5


def in_operation(case: Case, item: Effective, point: UpdatePoint) -> str | None:
    """The code of `holds.HOLDS` if news of `point` waits for an operation, or waited for one that has ended; else None."""
    found: str | None = None
    for hold in case.file.operations.values():
        if hold.type != "operational_hold.set" or not _covers(hold, point):
            continue
        if case.known.now < _ends(case, hold):
            if hold.data.authorised_by:
                return "operational_hold"
            found = "operational_unsigned"
        elif item.time <= _ends(case, hold) and found is None:
            found = "operational_review"
    return found


def operation_ends(case: Case) -> list[datetime]:
    """When operational holds end by themselves."""
    return [_ends(case, hold) for hold in case.file.operations.values() if hold.type == "operational_hold.set"]


def _covers(hold: Effective, point: UpdatePoint) -> bool:
    patterns = hold.data.update_points
    return patterns is None or any(fnmatchcase(point.id, pattern) for pattern in patterns)


def _ends(case: Case, hold: Effective) -> datetime:
    """The instant that it gives, at the latest the end of its fifth working day; where that cannot be counted, it has ended."""
    until: datetime | None = hold.data.until
    try:
        latest = end_of(case.calendar.after(local_date(hold.time), MOST_WORKING_DAYS).due_on)
    except BeyondHolidayList:
        latest = hold.time
    return latest if until is None else min(until, latest)
