"""Making the ledger agree with what the plans say, for all the cases of a batch at once, in the caller's transaction.

The decisions are `services.scheduler.changes` and `forming`; here they are put together for each case, `rows` says what each
comes to, and `work` writes it down. The caller has locked the cases, and writes the journal last.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.ledger import cases, inbox
from services.ledger.cases import CaseKey
from services.ledger.connection import Connection
from services.ledger.journal import Journal
from services.ledger.states import UpdateState
from services.scheduler import rows
from services.scheduler.changes import decide
from services.scheduler.forming import Messages, earliest, form
from services.scheduler.plan.messages import ASK_AGAIN
from services.scheduler.plan.types import Known, Plan
from services.scheduler.standing import CaseStanding, read_standing
from services.scheduler.work import Work, write_holds, write_messages, write_updates
from services.scheduler.written import write_out

__all__ = ["decide", "reconcile"]


_AT_A_TIME: Final = 50
"""Cases that are reconciled in one go, about ten milliseconds."""


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
    for number, (case, (known, plan)) in enumerate(plans.items(), 1):
        if number % _AT_A_TIME == 0:
            await asyncio.sleep(0)  # whoever waits for the database goes on
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


def _case(work: Work, case: CaseKey, known: Known, plan: Plan, held: CaseStanding, journal: Journal) -> None:
    states: dict[UUID, UpdateState] = {}
    due: dict[UUID, datetime | None] = {}
    written: set[UUID] = set()
    rewritten: set[UUID] = set()
    taken = {update for update, existing in held.existing.items() if existing.taken_by is not None}
    for planned in plan.updates:
        existing = held.existing.get(planned.id)
        written_out = write_out(planned)
        change = decide(existing, planned, written_out.digest)
        states[planned.id] = change.state
        due[planned.id] = planned.due_at if existing is None else existing.due_at
        if change.action in {"insert", "write", "refresh"}:
            if not change.keep_due:
                due[planned.id] = planned.due_at
            if existing is not None and change.action == "write":
                written.add(planned.id)
                if existing.facts_hash != planned.facts_hash:
                    rewritten.add(planned.id)
            rows.write(work, planned, change, held, due[planned.id], written_out, journal)
        elif change.action != "nothing":
            rows.touch(work, change, planned, held, planned.id, journal)
        if change.open_hold or existing is not None:
            rows.hold(work, known.rules, planned, planned.id, change, held, due[planned.id], journal)
    for update, existing in held.existing.items():
        if update in states:
            continue
        change = decide(existing, None, b"")
        states[update], due[update] = change.state, existing.due_at
        if change.action != "nothing":
            rows.touch(work, change, None, held, update, journal)
        rows.hold(work, known.rules, None, update, change, held, existing.due_at, journal)
    if plan.messages or held.messages:
        asked = {person for person, at in held.asked.items() if at > known.now - ASK_AGAIN}
        messages = form(plan.messages, held.messages, states, due, written, rewritten, held.prompted, taken, asked)
        _messages(work, case, messages, held, states, due, journal)


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
                journal.status(rows.status(row, update, "planned", None))
