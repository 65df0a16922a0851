"""Put the plan of one case together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from schemas.editions.model import Books
from services.ledger.ages import ASK_BEFORE, eighteenth_birthday
from services.scheduler.plan.both import LOOK_AGAIN, told_once, waits_for_code
from services.scheduler.plan.cadence import cadence
from services.scheduler.plan.case import Case, open_case
from services.scheduler.plan.caution import operation_ends, waits_for_serious
from services.scheduler.plan.correct import with_corrections, without_original, wrongly_spoken, wrongly_told
from services.scheduler.plan.decide import again_at, decide
from services.scheduler.plan.heard import may_have_heard
from services.scheduler.plan.lapses import lapses
from services.scheduler.plan.messages import fitting, messages
from services.scheduler.plan.owed import Owed, settled, start_of
from services.scheduler.plan.recipients import not_recorded, recipients
from services.scheduler.plan.reminders import reminders
from services.scheduler.plan.types import Known, OnLedger, Plan, Planned, Waits
from services.scheduler.working_days import WorkingDays, local_date


def plan(known: Known, books: Books, calendar: WorkingDays) -> Plan:
    """What ought to exist for the case, by everything known of it. Pure: the same `known` in any order gives the same plan."""
    case = open_case(known, books, calendar)
    ledger = {entry.id: entry for entry in known.ledger}
    found: dict[UUID, Planned] = {}
    waiting: list[Waits] = without_original(known)
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
                if item.fixes:
                    for update in with_corrections(case, ledger, item, point, recipient, planned):
                        found[update.id] = update
                else:
                    found[planned.id] = planned
    for owed in _timed(case, books):
        if isinstance(owed, datetime):
            again.append(owed)
            continue
        update = _of_calendar(case, owed, ledger)
        found[update.id] = update
        if update.state in {"planned", "held"}:
            again.extend(owed.again)
    if any(item.fixes for item in case.file.events):
        for update in (*wrongly_told(case, books, found), *wrongly_spoken(case, books, found)):
            found[update.id] = update
    once = tuple(told_once(found.values(), ledger, books))
    if any(waits_for_code(update) for update in once):
        again.append(known.now + LOOK_AGAIN)
    updates = tuple(waits_for_serious(once, now=case.known.now))
    return Plan(updates, messages(updates, fitting(known)), tuple(waiting), _next(case, again))


def _timed(case: Case, books: Books) -> Iterator[Owed | datetime]:
    """What the calendar raises, and when to look for more."""
    yield from reminders(case, books.timed("reminder", case.today))
    yield from cadence(case, books.timed("cadence", case.today))
    yield from lapses(case, books.timed("lapse", case.today))


def _of_calendar(case: Case, owed: Owed, ledger: Mapping[UUID, OnLedger]) -> Planned:
    planned = decide(case, owed.item, owed.point, owed.recipient, part=owed.part, timing=owed.timing)
    entry = ledger.get(planned.id)
    return settled(owed, planned, case.known.now, left=entry is not None and may_have_heard(entry))


def _next(case: Case, again: list[datetime]) -> datetime | None:
    """The next instant at which the plan differs by time alone."""
    if case.raised:
        again.extend(operation_ends(case))
        again.extend(start_of(day) for day in _days(case))
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
            yield birthday - ASK_BEFORE
