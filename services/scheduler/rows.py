"""What one decided change comes to: the row, the audit entry, the status that goes out, the hold. It collects; `work` writes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.ledger.force_rules import ForceRules, acknowledge_by
from services.ledger.holds import HoldNeeded
from services.ledger.journal import Journal
from services.ledger.outbox import Status
from services.ledger.states import UpdateState
from services.scheduler.changes import Change, sticks
from services.scheduler.plan.types import Planned
from services.scheduler.standing import CaseStanding
from services.scheduler.work import Work
from services.scheduler.written import Written

INCIDENTS: Final = frozenset({"wrong_person", "event_withdrawn", "correction_by_person"})
"""Reasons why only a person may put right what somebody was told: each is an incident (PR10)."""


def write(
    work: Work,
    planned: Planned,
    change: Change,
    held: CaseStanding,
    due_at: datetime | None,
    said: Written,
    journal: Journal,
) -> None:
    """Every attribute of an update anew, and every move that it makes."""
    existing = held.existing.get(planned.id)
    state = change.state
    told = state == "told"
    # What only a person may send has no channel, whatever the plan would do if it were free to.
    by_machine = planned.state == state or change.action == "insert"
    safety = state == "held" and (
        sticks(planned)
        or (existing is not None and existing.state == "held" and existing.hold_safety and not existing.handed_back)
    )
    rows = work.insert if existing is None else work.rewrite
    rows.append(
        (
            planned.id,
            planned.force,
            planned.case,
            planned.person,
            planned.for_whom,
            planned.update_point,
            planned.source,
            planned.event_id,
            planned.part,
            planned.corrects,
            planned.edition,
            planned.cls,
            state,
            planned.evidence if told else None,
            planned.kind if by_machine else None,
            planned.channel if by_machine else None,
            planned.contact if by_machine else None,
            planned.send_at if by_machine else None,
            due_at,
            planned.target_at,
            (planned.told_at or journal.now) if told else None,
            safety,
            said.facts,
            planned.facts_hash,
            said.reasons,
            said.explanation,
            said.digest,
        )
    )
    if existing is not None and existing.state == state:
        data = {"why": change.why, "facts": planned.facts_hash[:16]}
        journal.note("update.changed", planned.force, planned.id, data | _corrected(planned))
        return
    source: UpdateState | None = None if existing is None else existing.state
    if change.via is not None:
        _moved(journal, planned, change.via, source, change.why, due_at)
        source = change.via
    _moved(journal, planned, state, source, change.why, due_at)


def touch(
    work: Work, change: Change, planned: Planned | None, held: CaseStanding, update: UUID, journal: Journal
) -> None:
    """A change of state or of being contested alone."""
    row, existing = held.rows[update], held.existing[update]
    evidence = planned.evidence if planned is not None and change.action == "told" else existing.evidence
    told_at = row["told_at"]
    if change.action == "told" and planned is not None:
        told_at = planned.told_at or journal.now
    work.touch.append((update, change.state, evidence, told_at, change.contested))
    if change.action == "mark":
        journal.note("update.contested" if change.contested else "update.agrees", row["force"], update)
        return
    data = {"from": existing.state, "why": change.why}
    if evidence is not None:
        data["evidence"] = evidence
    journal.note(f"update.{change.state}", row["force"], update, data)
    journal.status(status(row, update, change.state, evidence))


def hold(
    work: Work,
    rules: ForceRules,
    planned: Planned | None,
    update: UUID,
    change: Change,
    held: CaseStanding,
    due_at: datetime | None,
    journal: Journal,
) -> None:
    """What becomes of the hold of an update: opened or brought up to date, redated, closed; whoever has it is told."""
    existing = held.existing.get(update)
    if change.open_hold and planned is not None:
        work.open.append(_needed(work, rules, planned, due_at, journal.now, new=existing is None))
        if planned.corrects is not None and any(reason.code in INCIDENTS for reason in planned.reasons):
            work.incidents.append(update)
    elif change.action == "refresh" and change.state == "held" and planned is not None:
        work.redate.append((update, due_at, planned.target_at))
    if change.close_hold:
        work.close.append((update, change.why))
    if change.tell_holder and existing is not None and existing.taken_by is not None:
        work.tell.append((update, existing.taken_by))


def status(row: Any, update: UUID, state: str, evidence: str | None) -> Status:
    """What goes out about an update as the ledger holds it."""
    return Status(
        state,
        row["force"],
        row["case_id"],
        row["person_id"],
        update,
        row["update_point"],
        row["due_at"],
        row["channel"],
        evidence,
    )


def _corrected(planned: Planned) -> dict[str, Any]:
    """By which event an update stands as it does: what was put right before anybody heard it is silent, but written down."""
    return {} if planned.corrected_by is None else {"corrected_by": " ".join(planned.corrected_by)}


def _moved(
    journal: Journal, planned: Planned, state: UpdateState, source: str | None, why: str, due_at: datetime | None
) -> None:
    evidence = planned.evidence if state == "told" else None
    data: dict[str, Any] = {"why": why}
    if source is None:
        data = {"update_point": planned.update_point, "due_at": due_at}
    else:
        data["from"] = source
    if evidence is not None:
        data["evidence"] = evidence
    if planned.corrected_by is not None:
        data |= _corrected(planned)
    journal.note(f"update.{state}", planned.force, planned.id, data)
    journal.status(
        Status(
            state,
            planned.force,
            planned.case,
            planned.person,
            planned.id,
            planned.update_point,
            due_at,
            planned.channel,
            evidence,
        )
    )


def _needed(
    work: Work, rules: ForceRules, planned: Planned, due_at: datetime | None, now: datetime, *, new: bool
) -> HoldNeeded:
    queue = rules.queues.get(planned.queue or "") or next(iter(rules.queues.values()))
    rota = (planned.force, queue.name)
    if rota not in work.rota:
        work.rota[rota] = acknowledge_by(queue, now)
    return HoldNeeded(
        update_id=planned.id,
        force=planned.force,
        case=planned.case,
        person=planned.person,
        task=planned.task or "call",
        queue=queue.name,
        next_queue=queue.next,
        acknowledge_by=work.rota[rota],
        due_at=due_at,
        target_at=planned.target_at,
        reasons=planned.reasons,
        say=planned.say,
        never_say=planned.never_say,
        # The update is written with its safety mark; the hold need not set it again.
        safety=False,
        new=new,
    )
