"""Put the plan of one case together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from schemas.editions.model import Books
from services.scheduler.plan.care import eighteenth_birthday
from services.scheduler.plan.case import Case, open_case
from services.scheduler.plan.caution import operation_ends
from services.scheduler.plan.correct import with_corrections, wrongly_told
from services.scheduler.plan.decide import again_at, decide
from services.scheduler.plan.messages import messages
from services.scheduler.plan.recipients import not_recorded, recipients
from services.scheduler.plan.types import Known, Plan, Planned, Waits
from services.scheduler.working_days import LONDON, WorkingDays, local_date


def plan(known: Known, books: Books, calendar: WorkingDays) -> Plan:
    """What ought to exist for the case, by everything known of it. Pure: the same `known` in any order gives the same plan."""
    case = open_case(known, books, calendar)
    ledger = {entry.id: entry for entry in known.ledger}
    found: dict[UUID, Planned] = {}
    waiting: list[Waits] = []
    again: list[datetime] = []
    for item, points in case.raised:
        unknown = () if item.withdrawn else not_recorded(item, case.file)
        if unknown:
            waiting.append(Waits(item.event.source, item.event.id, unknown))
        for point in points:
            if point.timed:
                continue
            for recipient in recipients(point, item, case.file, known.people, known.force, case.today):
                planned = decide(case, item, point, recipient)
                changes = again_at(case, planned, item, point)
                if changes is not None:
                    again.append(changes)
                if ledger and item.correction is not None:
                    for update in with_corrections(case, ledger, item, point, recipient, planned):
                        found[update.id] = update
                else:
                    found[planned.id] = planned
    if known.ledger:
        for update in wrongly_told(case, books, found):
            found[update.id] = update
    updates = tuple(found.values())
    return Plan(updates, messages(updates), tuple(waiting), _next(case, again))


def _next(case: Case, again: list[datetime]) -> datetime | None:
    """The next instant at which the plan differs by time alone."""
    if case.raised:
        again.extend(operation_ends(case))
        again.extend(_midnight(day) for day in _days(case))
    now = case.known.now
    return min((at for at in again if at > now), default=None)


def _days(case: Case) -> Iterable[date]:
    for person in case.known.people.values():
        if person.reconfirm_by is not None:
            yield person.reconfirm_by + timedelta(days=1)
        if person.turned_18 is not None:
            yield local_date(person.turned_18)
        birthday = eighteenth_birthday(person)
        if birthday is not None:
            yield birthday


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON).astimezone(UTC)
