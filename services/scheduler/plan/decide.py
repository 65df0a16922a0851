"""One update: one rule, one event, one person, as it ought to stand. Pure.

`subject` gathers what is known, `verdict` decides, and here the answer is written out whole.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from schemas.editions.model import UpdatePoint
from services.ledger.effective import Effective
from services.ledger.states import Evidence
from services.scheduler.plan import holds, safety
from services.scheduler.plan.case import Case
from services.scheduler.plan.deadline import lateness
from services.scheduler.plan.identity import facts_hash, update_id
from services.scheduler.plan.later import overtaking
from services.scheduler.plan.reasons import because
from services.scheduler.plan.recipients import Recipient, named_in
from services.scheduler.plan.subject import Correcting, Subject, subject_of
from services.scheduler.plan.timing import Timing
from services.scheduler.plan.types import Kind, Planned
from services.scheduler.plan.verdict import Verdict, stale_at, verdict
from services.scheduler.plan.way import way
from services.scheduler.plan.words import fits, script

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
        return _with_later(subject, found, planned)
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
    late = lateness(limit, item, arrived, known.rules.feed(event.source).lag)
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
    )


_Hold = tuple[str | None, str | None, tuple[str, ...], tuple[str, ...]]


def _hold(subject: Subject, found: Verdict) -> _Hold:
    """Task, queue, and what the person who has it says and never says."""
    if found.state != "held":
        return None, None, (), ()
    point, codes = subject.point, found.way.holds
    say, never_say = script(point, subject.facts, subject.recipient.person.access_needs)
    say, never_say = holds.all_words(codes, subject.recipient.person, say, never_say)
    queue = holds.queue_for(
        subject.case.known.rules, codes, owner=point.owner, since=subject.base, by=subject.deadline.due_at
    )
    return holds.HOLDS[codes[0]].task, queue, say, never_say


def _target_at(subject: Subject, found: Verdict, *, critical: bool) -> datetime | None:
    """The force's own target: of whoever counts the instants, of safety, or for asking another body."""
    if subject.timing is not None and subject.timing.target_at is not None:
        return subject.timing.target_at
    codes = found.way.holds
    if "outside_owner" in codes and "safety_critical" not in codes:
        return safety.chase_at(subject.case, subject.deadline, subject.base)
    return safety.target(subject.item) if critical else None


def _combine(subject: Subject, found: Verdict, contact: str, channel: str, cls: str) -> str:
    """Updates of one event that may share a message: one person, role, contact, language, owner and class (PR17)."""
    event, point, going = subject.item.event, subject.point, found.way
    at = found.send_at
    return "|".join(
        (
            event.source,
            event.id,
            subject.recipient.person.id,
            subject.recipient.role,
            contact,
            channel,
            going.language,
            going.style,
            going.kind or "",
            point.owner,
            cls,
            at.isoformat() if at is not None else "",
            subject.part,
        )
    )


# ---------------------------------------------------------------- what came later


def _with_later(subject: Subject, found: Verdict, planned: Planned) -> Planned:
    """PR02: what something later overtook is told together with it, in its message or in its conversation."""
    later = _later(subject)
    if later is None:
        return planned
    if later.state == "held":
        target = min((at for at in (planned.target_at, later.target_at) if at is not None), default=None)
        task = later.task if found.way.holds[0] == "overtaken" else planned.task
        safe = planned.safety_hold or later.safety_hold
        return replace(planned, task=task, queue=later.queue, target_at=target, safety_hold=safe)
    if later.kind != "news" or found.way.holds != ("overtaken",) or not _may_share(subject, planned, later):
        return planned
    together = way(subject.case, subject.point, subject.recipient, subject.care, subject.facts, ())
    if (
        together.kind != "news"
        or together.contact is None
        or together.contact.id != later.contact
        or (together.language, together.style) != (later.language, later.style)
        or not _fit_together(subject, later)
    ):
        return planned
    return replace(
        planned,
        state="planned",
        kind="news",
        channel=later.channel,
        contact=later.contact,
        language=later.language,
        style=later.style,
        send_at=later.send_at,
        combine=later.combine,
        reasons=(planned.reasons[0], because("told_with_later"), *planned.reasons[1 + len(found.reasons) :]),
        task=None,
        queue=None,
        safety_hold=False,
        say=(),
        never_say=(),
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
    points = [point for point in raised if not point.timed and recipient.role in point.recipients]
    if not points:
        return None
    alike = [point for point in points if (point.topic, point.owner) == (subject.point.topic, subject.point.owner)]
    return decide(case, event, (alike or points)[0], recipient)


def _may_share(subject: Subject, planned: Planned, later: Planned) -> bool:
    """Whether one message may carry both: of one class, in time for both, and the later one has not left."""
    if planned.cls != later.cls or later.send_at is None:
        return False
    due_at = planned.due_at
    if due_at is not None and later.send_at > due_at >= subject.base:
        return False
    return not any(entry.id == later.id and entry.anything_left for entry in subject.case.known.ledger)


def _fit_together(subject: Subject, later: Planned) -> bool:
    rules, person = subject.case.known.rules, subject.recipient.person
    return later.channel is not None and fits(
        [(subject.point.id, subject.facts), (later.update_point, later.facts)],
        later.channel,
        later.style,
        later.language,
        force_name=rules.name,
        telephone=rules.senders.telephone,
        cover_name=person.cover_name,
        no_voice="no_voice" in person.access_needs,
    )
