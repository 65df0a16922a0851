"""One update: one rule, one event, one person, as it ought to stand. Pure.

`subject` gathers what is known, `verdict` decides, and here the answer is written out whole.
"""

from __future__ import annotations

from datetime import datetime

from schemas.editions.model import UpdatePoint
from services.ledger.effective import Effective
from services.ledger.states import Evidence
from services.scheduler.plan import holds, safety
from services.scheduler.plan.case import Case
from services.scheduler.plan.deadline import lateness
from services.scheduler.plan.identity import facts_hash, update_id
from services.scheduler.plan.later import overtaking
from services.scheduler.plan.messages import OFFERS
from services.scheduler.plan.recipients import Recipient, go_between, named_in
from services.scheduler.plan.subject import Correcting, Subject, subject_of
from services.scheduler.plan.timing import Timing
from services.scheduler.plan.together import with_later
from services.scheduler.plan.types import Kind, Planned
from services.scheduler.plan.verdict import Verdict, stale_at, verdict
from services.scheduler.plan.words import letter, script

__all__ = ["Correcting", "again_at", "decide"]


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
    subject = subject_of(case, item, point, recipient, correcting, part, timing)
    found = verdict(subject)
    planned = _planned(subject, found)
    if found.state == "held" and "overtaken" in found.way.holds and correcting is None:
        later = _later(subject)
        return planned if later is None else with_later(subject, found, planned, later)
    return planned


def again_at(case: Case, planned: Planned, item: Effective, point: UpdatePoint) -> datetime | None:
    """When what `decide` said changes by time alone, as far as it hangs on this update: news grows stale."""
    if planned.state not in {"planned", "held"}:
        return None
    at = stale_at(item, point, planned.clock_start or item.time)
    return at if at is not None and at > case.known.now else None


def _planned(subject: Subject, found: Verdict) -> Planned:
    case, item, point, recipient = subject.case, subject.item, subject.point, subject.recipient
    known, event, care, limit = case.known, item.event, subject.care, subject.deadline
    going, correcting = found.way, subject.correcting
    arrived = known.arrived.get((event.source, event.id), event.known_at)
    late = lateness(limit, item, arrived, known.rules.feed(event.source).lag, known.rules.live_from)
    critical = safety.is_safety_critical(case, item, point)
    cls = "safety_critical" if critical else point.cls
    kind: Kind | None = going.kind
    contact = going.contact if kind is not None else None
    evidence: Evidence | None = None if found.told is None else found.told.evidence
    task, queue, say, never_say = _hold(subject, found)
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
        state=found.state,
        evidence=evidence,
        kind=kind,
        channel=None if contact is None else contact.channel,
        contact=None if contact is None else contact.id,
        language=going.language,
        style=going.style,
        send_at=found.send_at,
        due_at=limit.due_at,
        target_at=_target_at(subject, found, critical=critical),
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
        reasons=(limit.reason, *found.reasons, *late),
        task=task,
        queue=queue,
        safety_hold=found.state == "held" and holds.is_safety(going.holds),
        say=say,
        never_say=never_say,
        combine="" if contact is None else _combine(subject, found, contact.id, contact.channel, cls),
        told_at=None if found.told is None else found.told.at,
        corrected_by=None if item.correction is None else (item.correction.source, item.correction.id),
    )


_Hold = tuple[str | None, str | None, tuple[str, ...], tuple[str, ...]]


def _hold(subject: Subject, found: Verdict) -> _Hold:
    """Task, queue, and what the person who has it says and never says."""
    if found.state != "held":
        return None, None, (), ()
    point, codes = subject.point, found.way.holds
    say, never_say = script(point, subject.facts, subject.recipient.person.access_needs)
    say, never_say = holds.all_words(codes, subject.recipient.person, say, never_say)
    say = (*go_between(codes, subject.case.file), *say)
    say += _letter(subject, found.way.language, holds.HOLDS[codes[0]].task)
    queue = holds.queue_for(
        subject.case.known.rules, codes, owner=point.owner, since=subject.base, by=subject.deadline.due_at
    )
    return holds.HOLDS[codes[0]].task, queue, say, never_say


def _letter(subject: Subject, language: str, task: str) -> tuple[str, ...]:
    """Words ready to print, where the task is a letter (PR24); never for somebody whose post another may open."""
    if task != "write_letter" or subject.care.flagged:
        return ()
    rules = subject.case.known.rules
    text = letter(subject.point, subject.facts, language, force_name=rules.name, telephone=rules.senders.telephone)
    return () if text is None else (f"Words for the letter: {text}",)


def _target_at(subject: Subject, found: Verdict, *, critical: bool) -> datetime | None:
    """The force's own target: of whoever counts the instants, of safety, or for asking another body."""
    if subject.timing is not None and subject.timing.target_at is not None:
        return subject.timing.target_at
    codes = found.way.holds
    if "outside_owner" in codes and "safety_critical" not in codes:
        return safety.chase_at(subject.case, subject.deadline, subject.base)
    return safety.target(subject.item) if critical else None


def _combine(subject: Subject, found: Verdict, contact: str, channel: str, cls: str) -> str:
    """News that may share a message: one person, role, ward, contact, language, owner and class; never a correction (PR17)."""
    point, recipient, going = subject.point, subject.recipient, found.way
    correction = "" if subject.correcting is None else subject.part
    return "|".join(
        (
            recipient.person.id,
            recipient.role,
            recipient.for_whom,
            contact,
            channel,
            going.language,
            going.style,
            going.kind or "",
            point.owner,
            cls,
            point.timed,
            correction,
        )
    )


def _later(subject: Subject) -> Planned | None:
    """The news of what overtook it, of the same topic if there is such a rule, for the same person; None if there is none."""
    case, recipient = subject.case, subject.recipient
    event = overtaking(case, subject.item, subject.point)
    if event is None:
        return None
    named = named_in(event)
    if named is not None and recipient.person.id not in named:
        return None
    raised = next((points for item, points in case.raised if item is event), ())
    points = [
        point for point in raised if not point.timed and recipient.role in point.recipients and point.id not in OFFERS
    ]
    if not points:
        return None
    alike = [point for point in points if (point.topic, point.owner) == (subject.point.topic, subject.point.owner)]
    return decide(case, event, (alike or points)[0], recipient)
