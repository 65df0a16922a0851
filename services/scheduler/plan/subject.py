"""What a verdict is about: everything known of one update before anything is decided. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from schemas.editions.model import UpdatePoint
from services.ledger.effective import Effective
from services.scheduler.plan import moment, statement
from services.scheduler.plan.care import Care, care_for
from services.scheduler.plan.case import Case
from services.scheduler.plan.deadline import Deadline, clock_start, deadline, in_vain
from services.scheduler.plan.heard import COMPARED, NOT_NEEDED, last_heard, with_what_was_heard
from services.scheduler.plan.later import subsuming
from services.scheduler.plan.recipients import Recipient
from services.scheduler.plan.timing import Timing
from services.scheduler.plan.told import Told, others_services, told
from services.values import value


@dataclass(frozen=True, slots=True)
class Correcting:
    """An update that puts right what `update` told: the facts that it stated, and when it became known that they were wrong."""

    update: UUID
    said: Mapping[str, Any]
    at: datetime
    codes: tuple[str, ...]
    """Reasons why only a person may put it right; empty where it corrects itself (PR10)."""


@value(frozen=True, slots=True)
class Subject:
    """One update."""

    case: Case
    item: Effective
    point: UpdatePoint
    recipient: Recipient
    care: Care
    facts: dict[str, Any]
    heard: Mapping[str, Any] | None
    base: datetime
    """When it could first be told."""
    starts: tuple[datetime, ...]
    """What must not begin before the person knows."""
    deadline: Deadline
    how: Told | None
    """How the person was told already, if they were."""
    correcting: Correcting | None
    part: str
    timing: Timing | None


def subject_of(
    case: Case,
    item: Effective,
    point: UpdatePoint,
    recipient: Recipient,
    correcting: Correcting | None,
    part: str,
    timing: Timing | None,
) -> Subject:
    """Gather what one update is decided on."""
    known, file = case.known, case.file
    person, ward = recipient.person, recipient.ward
    people = (person,) if ward is None else (person, ward)
    start = clock_start(point, item) if timing is None else timing.clock_start
    facts = statement.facts_of(point.id, item, file, person.id, recipient.role)
    if timing is not None:
        facts.update(timing.facts)
    heard = None
    if correcting is not None:
        heard = correcting.said
        facts["corrects"] = True
        if item.withdrawn:
            facts["withdrawn"] = True
    elif point.id in COMPARED:
        heard = last_heard(case, item, recipient, point)
    facts = with_what_was_heard(facts, heard, need_not_come=point.id in NOT_NEEDED)
    whom = person.id, recipient.for_whom, recipient.role, start
    care = case.cares.get(whom)
    if care is None:
        care = case.cares[whom] = care_for(file, people, recipient.role, start, case.today)
    starts = _starts(case, item, facts, start)
    base = moment.base_of(file, item, people, known.arrived)
    how = _told(case, item, point, recipient, timing, correcting)
    if timing is None:
        limit = deadline(
            point,
            item,
            start,
            care,
            case.calendar,
            starts,
            None if correcting is None else correcting.at,
            told_at=None if how is None else how.at,
            force_limit=case.books.force_limit(point.id),
        )
    else:
        limit = _timed(timing, item)
        base = max(base, timing.send_not_before)
    return Subject(
        case=case,
        item=item,
        point=point,
        recipient=recipient,
        care=care,
        facts=facts,
        heard=heard,
        base=base,
        starts=starts,
        deadline=limit,
        how=how,
        correcting=correcting,
        part=part or ("" if correcting is None else f"correct:{correcting.update}"),
        timing=timing,
    )


def _told(
    case: Case,
    item: Effective,
    point: UpdatePoint,
    recipient: Recipient,
    timing: Timing | None,
    correcting: Correcting | None,
) -> Told | None:
    also = subsuming(case, item, point) if case.tells_also else frozenset()
    since = None if timing is None else timing.told_from
    if correcting is not None:
        since = correcting.at  # who was told wrong is told right only after it was known to be wrong
    not_by = others_services(case, point)
    return told(case.file, item, point, recipient.person.id, also, since, recipient.for_whom, not_by)


def _timed(timing: Timing, item: Effective) -> Deadline:
    return Deadline(
        clock_start=timing.clock_start,
        due_at=timing.due_at,
        due_on=timing.due_on,
        due_on_standard=timing.due_on,
        due_on_enhanced=timing.due_on,
        late_on_arrival=timing.due_at is not None and timing.due_at < item.event.known_at,
        beyond=timing.due_at is None,
        reason=timing.reason,
    )


def _starts(case: Case, item: Effective, facts: Mapping[str, Any], start: datetime) -> tuple[datetime, ...]:
    """The hearing announced, and any to which the person might go in vain: one they heard of, or one that is off."""
    new = statement.announced_start(facts)
    found = [] if new is None else [new]
    was = facts.get("was_at")
    old = in_vain(case, item)
    if was is not None:
        old = (*old, datetime.fromisoformat(was))
    return (*found, *(at for at in old if at > start))
