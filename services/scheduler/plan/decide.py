"""One update: one rule, one event, one person. Pure.

Every decision is taken in its own module; here they are put in their order: not owed any more, told already, not wanted, held,
sent by a machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from schemas.editions.model import UpdatePoint
from services.ledger.effective import Effective
from services.ledger.states import Evidence, UpdateState
from services.scheduler.plan import caution, holds, moment, statement
from services.scheduler.plan.care import Care, care_for
from services.scheduler.plan.case import Case
from services.scheduler.plan.deadline import Deadline, clock_start, deadline, in_vain, lateness
from services.scheduler.plan.heard import last_heard, says_the_same, with_what_was_heard
from services.scheduler.plan.identity import facts_hash, update_id
from services.scheduler.plan.recipients import Recipient
from services.scheduler.plan.replaced import key_of
from services.scheduler.plan.timing import Timing
from services.scheduler.plan.told import Told, told
from services.scheduler.plan.types import Kind, Planned, Reason
from services.scheduler.plan.way import Way, way
from services.scheduler.plan.words import script

_SUPERSEDED: Final = Reason("superseded", "something later states this anew, and replaces it")
_REPEAT: Final = Reason("nothing_new", "it says what stood already")
_HEARD: Final = Reason("nothing_new", "the person has heard, or may have heard, just this already")
_WITHDRAWN: Final = Reason("event_withdrawn", "the force withdrew the event: it did not happen")
_OPTED_OUT: Final = Reason("opted_out", "the person does not want to hear about this")
_UNWANTED: Final = Reason("does_not_want_outcome", "the person said that they do not want to know the outcome")
_BY_MACHINE: Final = Reason("sent_by_machine", "agreed, safe and sayable: a machine sends it in the next allowed hour")
_PROMPT: Final = Reason("prompt", "a machine asks the person to get in touch; a person tells it")
_NOTHING: Final = Way(None, None, "en", "neutral", ())
_OUTCOME: Final = frozenset({"r9-outcome", "r9-sentence"})
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Correcting:
    """An update that puts right what `update` told: the facts that it stated, and when it became known that they were wrong."""

    update: UUID
    said: Mapping[str, Any]
    at: datetime
    codes: tuple[str, ...]
    """Reasons why only a person may put it right; empty where it corrects itself (PR10)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """In what state an update ought to be, and why. `way` says what goes by machine, if anything."""

    state: UpdateState
    reasons: tuple[Reason, ...]
    told: Told | None = None
    way: Way = _NOTHING
    send_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a verdict is about: everything known of one update before anything is decided."""

    case: Case
    item: Effective
    point: UpdatePoint
    recipient: Recipient
    care: Care
    facts: dict[str, Any]
    heard: Mapping[str, Any] | None
    base: datetime
    starts: tuple[datetime, ...]
    """What must not begin before the person knows."""
    deadline: Deadline
    how: Told | None
    """How the person was told already, if they were."""
    correcting: Correcting | None
    part: str
    timing: Timing | None


def decide(
    case: Case,
    item: Effective,
    point: UpdatePoint,
    recipient: Recipient,
    correcting: Correcting | None = None,
    *,
    part: str = "",
    timing: Timing | None = None,
) -> Planned:
    """The update that ought to exist for this event, rule and person.

    `part` tells apart the updates that one event raises by one rule; `timing` is given where the plan counts the instants itself.
    """
    subject = _subject(case, item, point, recipient, correcting, part, timing)
    return _planned(subject, _verdict(subject))


def again_at(case: Case, planned: Planned, item: Effective, point: UpdatePoint) -> datetime | None:
    """When what `decide` said changes by time alone, as far as it hangs on this update: news grows stale."""
    if planned.state not in {"planned", "held"}:
        return None
    at = _stale_at(item, point, planned.clock_start or item.time)
    return at if at is not None and at > case.known.now else None


def _subject(
    case: Case,
    item: Effective,
    point: UpdatePoint,
    recipient: Recipient,
    correcting: Correcting | None,
    part: str,
    timing: Timing | None,
) -> Subject:
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
    elif point.id == "r8-hearing-date" and known.ledger:
        heard = last_heard(known.ledger, file, item, person.id)
    facts = with_what_was_heard(facts, heard)
    care = care_for(file, people, recipient.role, start, case.today)
    starts = _starts(case, item, facts, start)
    base = moment.base_of(file, item, people, known.arrived)
    corrected_at = None if correcting is None else correcting.at
    how = None if correcting is not None else _told(case, item, point, recipient, timing)
    return Subject(
        case=case,
        item=item,
        point=point,
        recipient=recipient,
        care=care,
        facts=facts,
        heard=heard,
        base=base if timing is None else max(base, timing.send_not_before),
        starts=starts,
        deadline=(
            deadline(
                point,
                item,
                start,
                care,
                case.calendar,
                starts,
                corrected_at,
                told_at=None if how is None else how.at,
                force_limit=case.books.force_limit(point.id),
            )
            if timing is None
            else _timed(timing, item)
        ),
        how=how,
        correcting=correcting,
        part=part or ("" if correcting is None else f"correct:{correcting.update}"),
        timing=timing,
    )


def _told(case: Case, item: Effective, point: UpdatePoint, recipient: Recipient, timing: Timing | None) -> Told | None:
    also = caution.subsuming(case, item, point) if case.tells_also else frozenset()
    since = None if timing is None else timing.told_from
    return told(case.file, item, point, recipient.person.id, also, since, recipient.for_whom)


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


def _verdict(subject: Subject) -> Verdict:
    case, item, point = subject.case, subject.item, subject.point
    person, key = subject.recipient.person, key_of(item)
    how = subject.how
    gone = _gone(subject, key)
    if gone is not None and (how is None or item.withdrawn or not (subject.timing or _before(case, key, how.at))):
        return Verdict("withdrawn", (gone,))
    if how is not None:
        return Verdict("told", (how.reason,), told=how)
    safety = caution.is_safety_critical(case, item, point)
    opted_out = point.topic is not None and not {"all", point.topic}.isdisjoint(person.opt_out)
    unwanted = point.id in _OUTCOME and person.wants_outcome is False
    if (opted_out or unwanted) and not person.died and not safety:
        return Verdict("declined", (_OPTED_OUT if opted_out else _UNWANTED,))
    return _held_or_sent(subject, refused=opted_out or unwanted)


def _gone(subject: Subject, key: tuple[str, str]) -> Reason | None:
    replaced = subject.case.replaced
    if subject.correcting is not None:
        return None
    if subject.timing is not None:
        return subject.timing.gone
    if subject.item.withdrawn:
        return _WITHDRAWN
    if key in replaced.repeats:
        return _REPEAT
    if key in replaced.by:
        return _SUPERSEDED
    if subject.heard is not None and says_the_same(subject.facts, subject.heard):
        return _HEARD
    return None


def _before(case: Case, key: tuple[str, str], at: datetime) -> bool:
    """Whether somebody was told before the event that replaced this one."""
    by = case.replaced.by.get(key)
    return by is not None and at < by.time


def _held_or_sent(subject: Subject, *, refused: bool) -> Verdict:
    case, item, point, recipient = subject.case, subject.item, subject.point, subject.recipient
    timing = subject.timing
    # A reminder is of what is near: only news of it is a call where it comes too late to write.
    first = min(subject.starts, default=None) if timing is None else None
    codes = caution.about_event(case, item, point, subject.care, first, subject.base)
    codes += caution.about_person(case, point, recipient, subject.care)
    if timing is not None:
        codes += timing.holds
    if subject.correcting is not None:
        codes += subject.correcting.codes
    if refused:
        codes.append("opted_out_of_safety_news")
    if subject.deadline.beyond:
        codes.append("beyond_holiday_list")
    at = moment.send_at(subject.base, case.known.rules, recipient.person)
    stale = _stale_at(item, point, subject.deadline.clock_start)
    if stale is not None and max(case.known.now, at or subject.base) >= stale:
        codes.append("stale")
    if moment.too_late(at, subject.deadline.due_at, subject.base):
        codes.append("no_allowed_hour")
    found = way(case, point, recipient, subject.care, subject.facts, codes)
    if found.kind == "news":
        return Verdict("planned", (_BY_MACHINE,), way=found, send_at=at)
    why = holds.reasons(found.holds)
    if found.kind == "prompt":
        why.append(_PROMPT)
    return Verdict("held", tuple(why), way=found, send_at=at if found.kind == "prompt" else None)


def _stale_at(item: Effective, point: UpdatePoint, start: datetime) -> datetime | None:
    if point.stale_after_hours is None:
        return None
    return max(item.time, start) + _HOUR * point.stale_after_hours


def _planned(subject: Subject, verdict: Verdict) -> Planned:
    case, item, point, recipient = subject.case, subject.item, subject.point, subject.recipient
    known, event, care, limit = case.known, subject.item.event, subject.care, subject.deadline
    found, correcting = verdict.way, subject.correcting
    held = verdict.state == "held"
    arrived = known.arrived.get((event.source, event.id), event.known_at)
    late = lateness(limit, subject.item, arrived, known.rules.feed(event.source).lag)
    reasons = [limit.reason, *verdict.reasons, *late]
    say, never_say = script(point, subject.facts) if held else ((), ())
    critical = caution.is_safety_critical(case, item, point)
    cls = "safety_critical" if critical else point.cls
    kind: Kind | None = found.kind
    contact = found.contact if kind is not None else None
    evidence: Evidence | None = None if verdict.told is None else verdict.told.evidence
    return Planned(
        id=update_id(
            known.force,
            known.case,
            recipient.person.id,
            recipient.for_whom,
            point.id,
            event.source,
            event.id,
            subject.part,
        ),
        force=known.force,
        case=known.case,
        person=recipient.person.id,
        for_whom=recipient.for_whom,
        update_point=point.id,
        source=event.source,
        event_id=event.id,
        part=subject.part,
        corrects=None if correcting is None else correcting.update,
        edition=point.edition,
        cls=cls,
        state=verdict.state,
        evidence=evidence,
        kind=kind,
        channel=None if contact is None else contact.channel,
        contact=None if contact is None else contact.id,
        language=found.language,
        style=found.style,
        send_at=verdict.send_at,
        due_at=limit.due_at,
        target_at=_target_at(subject, critical=critical),
        clock_start=limit.clock_start,
        due_on=limit.due_on,
        due_on_standard=limit.due_on_standard,
        due_on_enhanced=limit.due_on_enhanced,
        counted_days=limit.counted_days,
        late_on_arrival=limit.late_on_arrival,
        late_qualified=limit.late_qualified,
        enhanced=care.enhanced,
        flagged=care.flagged,
        role=recipient.role,
        suspect=item.get("suspect"),
        facts=subject.facts,
        facts_hash=facts_hash(subject.facts),
        content_required=point.content_required,
        reasons=tuple(reasons),
        task=holds.HOLDS[found.holds[0]].task if held else None,
        queue=holds.queue_for(known.rules, found.holds) if held else None,
        safety_hold=held and holds.is_safety(found.holds),
        say=say,
        never_say=never_say,
        combine="" if contact is None else _combine(subject, verdict, contact.id, contact.channel, cls),
        told_at=None if verdict.told is None else verdict.told.at,
    )


def _target_at(subject: Subject, *, critical: bool) -> datetime | None:
    if subject.timing is not None and subject.timing.target_at is not None:
        return subject.timing.target_at
    return subject.item.event.known_at + caution.SAFETY_TARGET if critical else None


def _combine(subject: Subject, verdict: Verdict, contact: str, channel: str, cls: str) -> str:
    """Updates of one event that may share a message: one person, role, contact, language, owner and class (PR17)."""
    event, point, found = subject.item.event, subject.point, verdict.way
    at = verdict.send_at
    return "|".join(
        (
            event.source,
            event.id,
            subject.recipient.person.id,
            subject.recipient.role,
            contact,
            channel,
            found.language,
            found.style,
            found.kind or "",
            point.owner,
            cls,
            at.isoformat() if at is not None else "",
            subject.part,
        )
    )
