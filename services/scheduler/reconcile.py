"""Making the ledger agree with what the plans say, for all the cases of a batch at once, in the caller's transaction.

The decisions are `services.scheduler.changes` and `forming`; here they are put together for each case, and `work` writes them
down. The caller has locked the cases, and writes the journal last.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from services.ledger import cases, inbox
from services.ledger.cases import CaseKey
from services.ledger.connection import Connection
from services.ledger.force_rules import ForceRules, acknowledge_by
from services.ledger.holds import HoldNeeded
from services.ledger.journal import Journal
from services.ledger.outbox import Status
from services.ledger.states import UpdateState
from services.scheduler.changes import Change, decide
from services.scheduler.forming import Messages, earliest, form
from services.scheduler.plan.messages import ASK_AGAIN
from services.scheduler.plan.types import Known, Plan, Planned
from services.scheduler.standing import CaseStanding, read_standing
from services.scheduler.work import Work, write_holds, write_messages, write_updates

__all__ = ["decide", "digest_of", "reconcile"]


def digest_of(planned: Planned) -> bytes:
    """Stands for everything that the plan says of one update: equal digests need no writing."""
    return hashlib.blake2b(orjson.dumps(planned), digest_size=16).digest()


async def reconcile(
    connection: Connection,
    plans: Mapping[CaseKey, tuple[Known, Plan]],
    journal: Journal,
    standing: Mapping[CaseKey, CaseStanding] | None = None,
) -> None:
    """Make updates, messages, holds, waiting events and the cases' next planning agree with `plans`.

    `standing` is what the ledger holds of these cases if the caller has read it (under the cases' locks) in this transaction.
    """
    if not plans:
        return
    if standing is None:
        standing = await read_standing(connection, list(plans))
    work = Work()
    for case, (known, plan) in plans.items():
        _case(work, case, known, plan, standing.get(case) or CaseStanding(), journal)
    await write_messages(connection, work, journal, dropping=True)
    await write_updates(connection, work, journal)
    await write_messages(connection, work, journal, dropping=False)
    await write_holds(connection, work, journal)
    await inbox.set_waiting(
        connection,
        list(plans),
        [
            (case[0], waits.source, waits.event_id, case[1], waits.waits_for)
            for case, (_, plan) in plans.items()
            for waits in plan.waiting
        ],
        journal.now,
    )
    # A plan that asks to be made again at once would turn in circles.
    soonest = journal.now + timedelta(minutes=1)
    again_at = {
        case: None if plan.again_at is None else max(plan.again_at, soonest) for case, (_, plan) in plans.items()
    }
    await cases.keep_plans(connection, again_at, journal.now)


# ---------------------------------------------------------------- deciding


def _case(work: Work, case: CaseKey, known: Known, plan: Plan, held: CaseStanding, journal: Journal) -> None:
    states: dict[UUID, UpdateState] = {}
    due: dict[UUID, datetime | None] = {}
    written: set[UUID] = set()
    rewritten: set[UUID] = set()
    taken = {update for update, existing in held.existing.items() if existing.taken_by is not None}
    for planned in plan.updates:
        existing = held.existing.get(planned.id)
        digest = digest_of(planned)
        change = decide(existing, planned, digest)
        states[planned.id] = change.state
        due[planned.id] = planned.due_at if existing is None else existing.due_at
        if change.action in {"insert", "write", "refresh"}:
            if not change.keep_due:
                due[planned.id] = planned.due_at
            if existing is not None and change.action == "write":
                written.add(planned.id)
                if existing.facts_hash != planned.facts_hash:
                    rewritten.add(planned.id)
            _attributes(work, planned, change, held, due[planned.id], digest, journal)
        elif change.action != "nothing":
            _touch(work, change, planned, held, planned.id, journal)
        _holds(work, known.rules, planned, planned.id, change, held, due[planned.id], journal)
    for update, existing in held.existing.items():
        if update in states:
            continue
        change = decide(existing, None, b"")
        states[update], due[update] = change.state, existing.due_at
        if change.action != "nothing":
            _touch(work, change, None, held, update, journal)
        _holds(work, known.rules, None, update, change, held, existing.due_at, journal)
    if plan.messages or held.messages:
        asked = {person for person, at in held.asked.items() if at > known.now - ASK_AGAIN}
        messages = form(plan.messages, held.messages, states, due, written, rewritten, held.prompted, taken, asked)
        _messages(work, case, messages, held, states, due, journal)


def _attributes(
    work: Work,
    planned: Planned,
    change: Change,
    held: CaseStanding,
    due_at: datetime | None,
    digest: bytes,
    journal: Journal,
) -> None:
    existing = held.existing.get(planned.id)
    state = change.state
    told = state == "told"
    # What only a person may send has no channel, whatever the plan would do if it were free to.
    by_machine = planned.state == state or change.action == "insert"
    safety = state == "held" and (
        planned.safety_hold
        or (existing is not None and existing.state == "held" and existing.hold_safety and not existing.handed_back)
    )
    work.write.append(
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
            orjson.dumps(planned.facts).decode(),
            planned.facts_hash,
            orjson.dumps(planned.reasons).decode(),
            _explanation(planned),
            digest,
        )
    )
    if existing is not None and existing.state == state:
        data = {"why": change.why, "facts": planned.facts_hash[:16]}
        journal.note("update.changed", planned.force, planned.id, data)
        return
    if change.via_planned:
        _moved(journal, planned, "planned", "withdrawn", change.why, due_at)
        _moved(journal, planned, state, "planned", change.why, due_at)
        return
    _moved(journal, planned, state, None if existing is None else existing.state, change.why, due_at)


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


def _explanation(planned: Planned) -> str:
    return orjson.dumps(
        {
            "clock_start": planned.clock_start,
            "due_on": planned.due_on,
            "due_on_standard": planned.due_on_standard,
            "due_on_enhanced": planned.due_on_enhanced,
            "counted_days": planned.counted_days,
            "late_on_arrival": planned.late_on_arrival,
            "late_qualified": planned.late_qualified,
            "enhanced": planned.enhanced,
            "flagged": planned.flagged,
            "role": planned.role,
            "suspect": planned.suspect,
            "language": planned.language,
            "style": planned.style,
            "content_required": planned.content_required,
            "say": planned.say,
            "never_say": planned.never_say,
        }
    ).decode()


def _touch(
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
    journal.status(_status(row, update, change.state, evidence))


def _status(row: Any, update: UUID, state: str, evidence: str | None) -> Status:
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


def _holds(
    work: Work,
    rules: ForceRules,
    planned: Planned | None,
    update: UUID,
    change: Change,
    held: CaseStanding,
    due_at: datetime | None,
    journal: Journal,
) -> None:
    existing = held.existing.get(update)
    if change.open_hold and planned is not None:
        work.open.append(_needed(work, rules, planned, due_at, journal.now))
    elif change.action == "refresh" and change.state == "held" and planned is not None:
        work.redate.append((update, due_at, planned.target_at))
    if change.close_hold:
        work.close.append((update, change.why))
    if change.tell_holder and existing is not None and existing.taken_by is not None:
        work.tell.append((update, existing.taken_by))


def _needed(work: Work, rules: ForceRules, planned: Planned, due_at: datetime | None, now: datetime) -> HoldNeeded:
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
        reasons=[{"code": reason.code, "text": reason.text} for reason in planned.reasons],
        say=planned.say,
        never_say=planned.never_say,
        # The update is written with its safety mark; the hold need not set it again.
        safety=False,
    )


def _messages(
    work: Work,
    case: CaseKey,
    messages: Messages,
    held: CaseStanding,
    states: dict[UUID, UpdateState],
    due: Mapping[UUID, datetime | None],
    journal: Journal,
) -> None:
    work.form.extend((case, message, earliest(message.updates, due)) for message in messages.form)
    work.drop.extend(messages.drop)
    work.due.update(messages.due)
    dropped = set(messages.drop)
    for message in held.messages:
        if message.id not in dropped:
            continue
        journal.note("message.void", case[0], message.id, {"released": message.released})
        # Its other updates were given out with it and nothing left: they wait again, for the message that is formed afresh.
        for update in message.key[-1]:
            if message.released and states.get(update) == "released":
                states[update] = "planned"
                work.touch.append((update, "planned", None, None, False))
                row = held.rows[update]
                journal.note("update.planned", row["force"], update, {"from": "released", "why": "formed_afresh"})
                journal.status(_status(row, update, "planned", None))
