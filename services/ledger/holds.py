"""Holds: updates that a machine must not send, given to a person with the same deadline and a place in a queue.

A hold is one row an update, open until it is closed; the same row opens again if the update is held again. Opening and closing
move no update. The five commands are what people do; each is refused with a sentence (`HoldError`) when it makes no sense, and of
two people on one hold the second is told who has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

import orjson

from services.ledger import alerts, cases, good_reasons
from services.ledger.connection import Connection
from services.ledger.journal import Journal
from services.ledger.outbox import instant
from services.ledger.states import Evidence
from services.ledger.updates import UpdateMove, move_updates
from services.refusals import Refused
from services.values import value

How = Literal["phone", "visit", "video", "letter"]
HOW: Final[dict[How, Evidence]] = {
    "phone": "conversation",
    "visit": "conversation",
    "video": "conversation",
    "letter": "letter",
}
"""How a person can have been told, and the evidence that it is (the words of `contact.made`)."""


class HoldError(Refused, ValueError):
    """A command on a hold that cannot be done; the text is a sentence for whoever gave it."""


@value(frozen=True, slots=True)
class HoldNeeded:
    """A task for a person. `reasons` are {code, text}; `safety` holds go back to the machine only by a person's hand."""

    update_id: UUID
    force: str
    case: str
    person: str
    task: str
    queue: str
    next_queue: str | None
    acknowledge_by: datetime | None
    due_at: datetime | None
    target_at: datetime | None
    reasons: Sequence[Any]
    say: Sequence[str] = field(default=())
    never_say: Sequence[str] = field(default=())
    safety: bool = False
    new: bool = False
    """Its update was written just now: there can be no hold of it yet."""


# A hold that nobody took has moved on along its queues: it goes back to the first only if a person hands it back, or if the plan
# wants another queue than it wanted before.
_STAYS: Final = "(h.closed_at is null and not h.handed_back and coalesce(h.first_queue, h.queue) = excluded.queue)"
_NEW: Final = (
    "update_id", "force", "case_id", "person_id", "task", "queue", "next_queue", "acknowledge_by", "due_at", "target_at",
    "reasons", "say", "never_say", "opened_at",
)  # fmt: skip
_OPEN: Final = f"""
insert into holds as h (update_id, force, case_id, person_id, task, queue, next_queue, acknowledge_by, due_at, target_at,
    reasons, say, never_say, opened_at)
select u, f, c, p, t, q, n, a, d, g, r::jsonb, s::jsonb, v::jsonb, $14
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[],
    $9::timestamptz[], $10::timestamptz[], $11::text[], $12::text[], $13::text[]) w (u, f, c, p, t, q, n, a, d, g, r, s, v)
order by u
on conflict (update_id) do update set
    task = excluded.task,
    queue = case when {_STAYS} then h.queue else excluded.queue end,
    next_queue = case when {_STAYS} then h.next_queue else excluded.next_queue end,
    first_queue = case when {_STAYS} then h.first_queue end,
    unanswered_at = case when {_STAYS} then h.unanswered_at end,
    acknowledge_by = case when not {_STAYS} then excluded.acknowledge_by
        when h.first_queue is null then least(h.acknowledge_by, excluded.acknowledge_by) else h.acknowledge_by end,
    due_at = excluded.due_at, target_at = excluded.target_at, reasons = excluded.reasons, say = excluded.say,
    never_say = excluded.never_say,
    taken_by = case when h.closed_at is null then h.taken_by end,
    taken_at = case when h.closed_at is null then h.taken_at end,
    opened_at = case when h.closed_at is null then h.opened_at else excluded.opened_at end,
    handed_back = false, closed_at = null, closed_how = null
returning update_id, opened_at = $14 as opened, taken_by
"""  # noqa: S608  # constants


async def open_holds(connection: Connection, needed: Sequence[HoldNeeded], journal: Journal) -> None:
    """Open a hold for each update, or bring an open one up to date; whoever has taken it keeps it. Moves no update."""
    if not needed:
        return
    by_id = {need.update_id: need for need in needed}
    await _open_new(connection, [hold for hold in by_id.values() if hold.new], journal)
    holds = [hold for hold in by_id.values() if not hold.new]
    if holds:
        await _open_anew(connection, holds, journal)
    safety = [hold.update_id for hold in by_id.values() if hold.safety]
    if safety:
        await connection.execute(
            "update updates set hold_safety = true where id = any($1::uuid[]) and not hold_safety", safety
        )


async def _open_new(connection: Connection, holds: Sequence[HoldNeeded], journal: Journal) -> None:
    if not holds:
        return
    await connection.copy_records_to_table(
        "holds",
        columns=_NEW,
        records=[
            (
                hold.update_id,
                hold.force,
                hold.case,
                hold.person,
                hold.task,
                hold.queue,
                hold.next_queue,
                hold.acknowledge_by,
                hold.due_at,
                hold.target_at,
                hold.reasons,
                hold.say,
                hold.never_say,
                journal.now,
            )
            for hold in holds
        ],
    )
    for hold in holds:
        journal.note("hold.opened", hold.force, hold.update_id, {"task": hold.task, "queue": hold.queue})


async def _open_anew(connection: Connection, holds: Sequence[HoldNeeded], journal: Journal) -> None:
    by_id = {hold.update_id: hold for hold in holds}
    rows = await connection.fetch(
        _OPEN,
        [hold.update_id for hold in holds],
        [hold.force for hold in holds],
        [hold.case for hold in holds],
        [hold.person for hold in holds],
        [hold.task for hold in holds],
        [hold.queue for hold in holds],
        [hold.next_queue for hold in holds],
        [hold.acknowledge_by for hold in holds],
        [hold.due_at for hold in holds],
        [hold.target_at for hold in holds],
        # As JSON text: the driver reads a list of lists as one array of two dimensions.
        [orjson.dumps(list(hold.reasons)).decode() for hold in holds],
        [orjson.dumps(list(hold.say)).decode() for hold in holds],
        [orjson.dumps(list(hold.never_say)).decode() for hold in holds],
        journal.now,
    )
    for row in rows:
        hold = by_id[row["update_id"]]
        data: dict[str, Any] = {"task": hold.task, "queue": hold.queue}
        if row["taken_by"] is not None:
            data["taken_by"] = row["taken_by"]
        journal.note("hold.opened" if row["opened"] else "hold.changed", hold.force, hold.update_id, data)


async def close_holds(connection: Connection, ids: Sequence[UUID], how: str, journal: Journal) -> list[UUID]:
    """Close the open holds of these updates, saying how; returns those that were open. Moves no update."""
    if not ids:
        return []
    rows = await connection.fetch(
        "update holds set closed_at = $2, closed_how = $3 where update_id = any($1::uuid[]) and closed_at is null"
        " returning update_id, force",
        list(ids),
        journal.now,
        how,
    )
    for row in rows:
        journal.note("hold.closed", row["force"], row["update_id"], {"how": how})
    return [row["update_id"] for row in rows]


# ---------------------------------------------------------------- what people do

_SOON: Final = timedelta(days=1)
_LIST: Final = """
select * from (
    select h.*, u.update_point, u.cls = 'safety_critical' as safety, least(h.target_at, h.due_at) as deadline,
        coalesce((u.explanation ->> 'enhanced')::boolean, true) as enhanced
    from holds h join updates u on u.id = h.update_id
    where h.closed_at is null and ($1::text is null or h.force = $1) and ($2::text is null or h.queue = $2)) h
order by not safety, coalesce(deadline > $3::timestamptz, $3 is not null), not enhanced, deadline nulls last, opened_at, update_id
"""


async def list_holds(
    connection: Connection, *, force: str | None = None, queue: str | None = None, now: datetime | None = None
) -> list[dict[str, Any]]:
    """Open holds, the most pressing first, as `kept holds list --json` shows them. The id is the update's.

    What bears on safety comes first, then what is due within a day of `now` (case time) or late, then the rest; in each of
    them people with Enhanced Rights come first, and then the earlier deadline.
    """
    rows = await connection.fetch(_LIST, force, queue, None if now is None else now + _SOON)
    return [
        {
            "id": str(row["update_id"]),
            "force": row["force"],
            "case": row["case_id"],
            "person": row["person_id"],
            "update_point": row["update_point"],
            "task": row["task"],
            "queue": row["queue"],
            "acknowledge_by": instant(row["acknowledge_by"]),
            "next_queue": row["next_queue"],
            "opened_at": instant(row["opened_at"]),
            "due_at": instant(row["due_at"]),
            "target_at": instant(row["target_at"]),
            "safety": row["safety"],
            "enhanced": row["enhanced"],
            "taken_by": row["taken_by"],
            "reasons": row["reasons"],
            "say": row["say"],
            "never_say": row["never_say"],
        }
        for row in rows
    ]


async def open_by_queue(connection: Connection) -> dict[str, int]:
    """How many holds are open, by queue."""
    rows = await connection.fetch("select queue, count(*) as n from holds where closed_at is null group by queue")
    return {row["queue"]: row["n"] for row in rows}


async def take(connection: Connection, update: UUID, by: str, journal: Journal) -> None:
    """`by` takes the hold. Taking it twice does nothing; raises HoldError when somebody else has it."""
    hold = await _open(connection, update, by)
    if hold["taken_by"] is None:
        await connection.execute(
            "update holds set taken_by = $2, taken_at = $3, handed_back = false where update_id = $1",
            update,
            by,
            journal.now,
        )
        journal.note("hold.taken", hold["force"], update)


async def told(connection: Connection, update: UUID, by: str, how: How, at: datetime, journal: Journal) -> None:
    """`by` told the person at `at` (case time, not in the future): the update is told, as of then. Raises HoldError."""
    if how not in HOW:
        raise HoldError(f"Say how they were told: {', '.join(HOW)}.")
    if at > journal.now:
        raise HoldError("The instant at which they were told lies in the future.")
    hold = await _open(connection, update, by)
    await _finish(connection, hold, UpdateMove(update, "told", f"told_by_{how}", HOW[how], at), by, journal)
    journal.note("hold.told", hold["force"], update, {"how": how, "at": instant(at)})


async def decline(connection: Connection, update: UUID, by: str, reason: str, journal: Journal) -> None:
    """`by` decides, for `reason` (a code that its rule allows), that it is rightly not told. Raises HoldError."""
    hold = await _open(connection, update, by)
    refused = good_reasons.why_refused(reason, await good_reasons.allowed_for(connection, update))
    if refused is not None:
        raise HoldError(refused)
    await _finish(connection, hold, UpdateMove(update, "declined", reason), by, journal)
    journal.note("hold.declined", hold["force"], update, {"reason": reason})


async def back(connection: Connection, update: UUID, by: str, journal: Journal) -> None:
    """`by` hands it back: nobody has it, and the plan decides anew whether a machine may send it. Raises HoldError."""
    hold = await _open(connection, update, by)
    await connection.execute(
        "update holds set taken_by = null, taken_at = null, handed_back = true where update_id = $1", update
    )
    await connection.execute("update updates set hold_safety = false where id = $1", update)
    await _plan_again(connection, hold, "hold_back", journal)
    journal.note("hold.back", hold["force"], update)


async def _open(connection: Connection, update: UUID, by: str) -> Any:
    """Lock the update and then its open hold, and check that nobody but `by` has it."""
    if not by.strip():
        raise HoldError("Say who you are.")
    state = await connection.fetchval("select state from updates where id = $1 for update", update)
    hold = await connection.fetchrow("select * from holds where update_id = $1 for update", update)
    if state is None:
        raise HoldError("There is no update of this id.")
    if hold is None or hold["closed_at"] is not None or state != "held":
        raise HoldError(f"There is nothing to do for this update: it is {state}.")
    if hold["taken_by"] not in {None, by}:
        raise HoldError(f"{hold['taken_by']} has had this hold since {instant(hold['taken_at'])}.")
    return hold


async def _finish(connection: Connection, hold: Any, move: UpdateMove, by: str, journal: Journal) -> None:
    if hold["taken_by"] is None:
        await connection.execute(
            "update holds set taken_by = $2, taken_at = $3 where update_id = $1", move.id, by, journal.now
        )
    await move_updates(connection, [move], journal)
    await alerts.clear_alert(connection, "hold_changed", move.id, journal.now)
    await alerts.clear_alert(connection, "told_wrong", move.id, journal.now)
    await _plan_again(connection, hold, f"hold_{move.to}", journal)


async def _plan_again(connection: Connection, hold: Any, why: str, journal: Journal) -> None:
    await cases.plan_again(connection, [(hold["force"], hold["case_id"])], why)
    journal.wake("kept_replan")
