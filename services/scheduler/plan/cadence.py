"""Keeping people informed between decisions: the agreed days after the last contact of substance, and what is said then. Pure.

The agreed gap is never exceeded: a day on which nobody works rolls back (victims-code 2.5). There is one at a time for each
person; every contact of substance starts it anew. Until shortly before its day it troubles nobody; then, without an officer's
words that are newer than what the person last heard, the officer is asked, because "still looking into it" would be false (PR06).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from schemas.case_events.parts import EventData
from schemas.editions.model import UpdatePoint
from services.ledger.effective import Effective
from services.scheduler.plan.care import is_enhanced
from services.scheduler.plan.case import Case
from services.scheduler.plan.course import Course, course
from services.scheduler.plan.owed import Owed, start_of
from services.scheduler.plan.recipients import Recipient, named_in, recipients
from services.scheduler.plan.statement import of_note
from services.scheduler.plan.timing import Timing
from services.scheduler.plan.types import Reason
from services.scheduler.working_days import BeyondHolidayList, WorkingDays, end_of, local_date

ASK_BEFORE: Final = 3
"""Working days before a cadence is due on which its officer is asked for words (the project's own setting)."""

_POINT: Final = "f-cadence"
_HEARD_BY: Final = frozenset({"delivered", "no_bounce", "conversation", "letter"})
_SPOKEN: Final = frozenset({"conversation", "letter"})
_INSTANT: Final = timedelta(microseconds=1)
_RESTARTED: Final = Reason("restarted", "a later contact of substance started the time anew")
_DIED: Final = Reason("person_died", "the person, or whoever they stand for, has died")
_FINISHED: Final = Reason("case_finished", "the case is finished: nothing is left to keep the person informed of")


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a cadence counts from. `id` names it in the update's part."""

    at: datetime
    id: str
    names_cadence: bool = False
    """A conversation that says that it was the contact which was due."""
    kept: bool = True
    """It is in the set of events; the others are what the ledger says was told."""


def due_day(contact_on: date, days: int, calendar: WorkingDays) -> date:
    """The day by which somebody in touch on `contact_on` is told again: `days` later, rolled back to a working day.

    Where that would be the day of the contact itself, the next working day. Raises BeyondHolidayList.
    """
    day = calendar.on_or_before(contact_on + timedelta(days=days))
    return day if day > contact_on else calendar.after(contact_on, 1).due_on


def ask_day(due_on: date, calendar: WorkingDays) -> date:
    """The day on which the officer is asked for words. Raises BeyondHolidayList."""
    day = due_on
    for _ in range(ASK_BEFORE):
        day = calendar.on_or_before(day - timedelta(days=1))
    return day


def cadence(case: Case, points: Sequence[UpdatePoint]) -> Iterator[Owed]:
    """The next cadence of every person whom the case concerns, and those that later contact made needless."""
    runs = course(case.file)
    if not runs.openings:
        return
    notes = [item for item in case.file.events if item.type == "officer.note" and not item.withdrawn]
    first, known = runs.openings[0], case.known
    everybody = Effective(first.event, first.type, first.time, EventData())
    for point in points:
        for recipient in recipients(point, everybody, case.file, known.people, known.force, case.today):
            if recipient.role:
                yield from _of(case, point, recipient, runs, notes)


def _of(
    case: Case, point: UpdatePoint, recipient: Recipient, runs: Course, notes: Sequence[Effective]
) -> Iterator[Owed]:
    anchors = _anchors(case, runs, recipient)
    days = _days(case, recipient)
    for number, anchor in enumerate(anchors):
        later = anchors[number + 1] if number + 1 < len(anchors) else None
        if later is not None and not anchor.kept and not later.names_cadence:
            continue  # what the ledger says was told is no event: where it left nothing behind, nothing is made of it
        yield _from(case, point, recipient, runs, notes, anchor, later, days)


def _from(
    case: Case,
    point: UpdatePoint,
    recipient: Recipient,
    runs: Course,
    notes: Sequence[Effective],
    anchor: Anchor,
    later: Anchor | None,
    days: int,
) -> Owed:
    item = max((opening for opening in runs.openings if opening.time <= anchor.at), key=lambda opening: opening.time)
    gone = None if later is None or later.names_cadence else _RESTARTED
    if later is None and runs.finished is not None:
        gone = _FINISHED
    if recipient.person.died or (recipient.ward is not None and recipient.ward.died):
        gone = _DIED
    contact_on = local_date(anchor.at)
    told_from = None if later is not None and later.names_cadence else datetime.max.replace(tzinfo=anchor.at.tzinfo)
    told_from = told_from or anchor.at + _INSTANT
    part = f"after:{anchor.id}"
    try:
        due_on = due_day(contact_on, days, case.calendar)
        asked_on = ask_day(due_on, case.calendar)
    except BeyondHolidayList:
        text = "the day cannot be counted: the list of bank holidays ends before it"
        reason = Reason("beyond_holiday_list", text)
        timing = Timing(anchor.at, None, None, anchor.at, None, reason, gone=gone, told_from=told_from)
        return Owed(item, point, recipient, part, timing)
    note = _note(notes, recipient, anchor, due_on, case.today)
    asked_at = max(start_of(asked_on), anchor.at)
    quiet = _nothing_before(asked_on)
    timing = Timing(
        clock_start=anchor.at,
        due_at=end_of(due_on),
        due_on=due_on,
        send_not_before=start_of(due_on),
        target_at=None,
        reason=Reason("due_cadence", f"{days} days from the last contact of substance, never later"),
        facts={} if note is None else of_note(note),
        holds=() if note is not None else ("no_officer_note",),
        gone=gone,
        quiet=quiet if note is None and case.known.now < asked_at else None,
        told_from=told_from,
    )
    again = [asked_at, start_of(due_on)]
    if note is not None:
        again.append(start_of(note.data.next_contact_on))
    return Owed(item, point, recipient, part, timing, () if gone else tuple(again), quiet_until=asked_at, quiet=quiet)


@lru_cache(maxsize=1024)
def _nothing_before(asked_on: date) -> Reason:
    text = f"nothing is asked of anybody before {asked_on:%A} {asked_on.day} {asked_on:%B %Y}"
    return Reason("asked_nearer_the_day", text)


def _anchors(case: Case, runs: Course, recipient: Recipient) -> list[Anchor]:
    """What started the person's time, in order: the case opened (again), contacts of substance, updates that they were told."""
    person, first = recipient.person.id, runs.openings[0]
    live_from = case.known.rules.live_from
    found = [
        Anchor(opening.time, opening.event.id)
        for opening in runs.openings
        if opening is first or person in (named_in(opening) or (person,))
    ]
    found += [
        Anchor(contact.time, _name(contact, first), _POINT in (contact.data.update_points or ()))
        for contact in case.file.contacts
        if contact.data.person == person and contact.time >= first.time
    ]
    spoken = {
        at
        for item in case.file.events
        if item.type == "contact.made" and item.data.person == person
        for at in (item.time, item.event.time)
    }
    found += [
        Anchor(entry.told_at, str(entry.id), kept=False)
        for entry in case.known.ledger
        if entry.person == person
        and entry.state == "told"
        and entry.told_at is not None
        and entry.evidence in _HEARD_BY
        and entry.update_point != "f-reminder"
        and entry.told_at >= first.time
        # What an event says of a conversation, the event decides: it may have been corrected, or withdrawn.
        and not (entry.evidence in _SPOKEN and entry.told_at in spoken)
    ]
    found.sort(key=lambda anchor: (anchor.at, anchor.kept, anchor.id))
    return [anchor for anchor in found if live_from is None or anchor.at >= live_from]


def _name(contact: Effective, first: Effective) -> str:
    """The contact's id; with its source where that is not the case's own, for ids are unique to a source only."""
    event = contact.event
    return event.id if event.source == first.event.source else f"{event.source}:{event.id}"


def _days(case: Case, recipient: Recipient) -> int:
    """The days that were agreed with the person, else the force's own."""
    agreed = recipient.person.frequency_days
    if agreed is not None:
        return agreed
    rules = case.known.rules
    if rules.cadence_enhanced_days is not None:
        people = (recipient.person,) if recipient.ward is None else (recipient.person, recipient.ward)
        if is_enhanced(case.file, people, recipient.role):
            return rules.cadence_enhanced_days
    return rules.cadence_days


def _note(
    notes: Sequence[Effective], recipient: Recipient, anchor: Anchor, due_on: date, today: date
) -> Effective | None:
    """The officer's last words for this person, if they are newer than what the person last heard and still true on the day."""
    for item in reversed(notes):
        if item.time <= anchor.at:
            return None
        named, said = named_in(item), item.data
        if named is not None and recipient.person.id not in named and recipient.for_whom not in named:
            continue
        fit = said.text is not None and said.text.strip() and not item.unreadable
        if fit and said.next_contact_on is not None and said.next_contact_on > max(due_on, today):
            return item
        return None
    return None
