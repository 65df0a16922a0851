"""What something later overtook is told together with it, in its message or in its conversation (PR02). Pure."""

from __future__ import annotations

from dataclasses import replace

from services.scheduler.plan.reasons import because
from services.scheduler.plan.subject import Subject
from services.scheduler.plan.types import Planned
from services.scheduler.plan.verdict import Verdict
from services.scheduler.plan.way import way
from services.scheduler.plan.words import fits


def with_later(subject: Subject, found: Verdict, planned: Planned, later: Planned) -> Planned:
    """The update, together with the news `later` of what overtook it; as it was where the two cannot go together."""
    if later.state == "held":
        target = min((at for at in (planned.target_at, later.target_at) if at is not None), default=None)
        task = later.task if found.way.holds[0] == "overtaken" else planned.task
        safe = planned.safety_hold or later.safety_hold
        # What bears on safety stays with a desk that is staffed, whoever else has the later news.
        queue = planned.queue if planned.cls == "safety_critical" and later.cls != planned.cls else later.queue
        return replace(planned, task=task, queue=queue, target_at=target, safety_hold=safe)
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
