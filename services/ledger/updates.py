"""Moving updates along their life, and showing them.

`move_updates` is the only way for a shell to move an update; the planner's own writes (`services.scheduler.reconcile`) keep to
the same table of moves. Every move leaves an audit entry and a status event. An update that leaves `held` closes its hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.ledger import cases, timeline
from services.ledger.connection import Connection
from services.ledger.journal import Journal
from services.ledger.outbox import Status, instant
from services.ledger.states import UPDATE_MOVES, Evidence, UpdateState


@dataclass(frozen=True, slots=True)
class UpdateMove:
    """A wish to move one update. `why` is a constant word for the audit; `told_at` is case time, and only for `told`."""

    id: UUID
    to: UpdateState
    why: str
    evidence: Evidence | None = None
    told_at: datetime | None = None


_ALLOWED: Final = [f"{start}>{end}" for start, end in UPDATE_MOVES]

# The rows are locked in order first, so that what is tested is what is written, whoever else is at work.
_MOVE: Final = """
with wanted as (
    select * from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) w (id, target, evidence, told_at)
), locked as materialized (
    select u.id, u.state, w.target, w.evidence, w.told_at
    from updates u join wanted w using (id) order by u.id for no key update of u
)
update updates u
set state = l.target, evidence = l.evidence, told_at = l.told_at, changed_at = $5
from locked l
where u.id = l.id and l.state || '>' || l.target = any($6::text[])
returning u.id, l.state as source, u.state, u.force, u.case_id, u.person_id, u.update_point, u.due_at, u.channel, u.evidence,
    u.contested
"""

_CLOSE: Final = """
update holds set closed_at = $3, closed_how = w.how
from unnest($1::uuid[], $2::text[]) w (id, how)
where update_id = w.id and closed_at is null
"""


async def move_updates(connection: Connection, moves: Sequence[UpdateMove], journal: Journal) -> list[UUID]:
    """Move each update that may make the move; the others stay as they are. Returns the ids of those that moved.

    A move to `told` needs its evidence, and is told as of `told_at` (the journal's now, if not given). When an update that the
    plan contests settles, its case is planned again. Name each update once.
    """
    if not moves:
        return []
    wanted = {move.id: move for move in moves}
    if len(wanted) != len(moves):
        raise ValueError("an update is named twice in one set of moves")
    for move in moves:
        if (move.to == "told") != (move.evidence is not None):
            raise ValueError("evidence goes with `told`, and only with it")
    rows = await connection.fetch(
        _MOVE,
        list(wanted),
        [move.to for move in moves],
        [move.evidence for move in moves],
        [(move.told_at or journal.now) if move.to == "told" else None for move in moves],
        journal.now,
        _ALLOWED,
    )
    by_id = {row["id"]: row for row in rows}
    moved = [move.id for move in moves if move.id in by_id]
    for update in moved:
        row = by_id[update]
        note_move(journal, row, row["source"], wanted[update].why)
    if released := [update for update in moved if by_id[update]["source"] == "held"]:
        await connection.execute(_CLOSE, released, [wanted[update].why for update in released], journal.now)
    contested = {(row["force"], row["case_id"]) for row in rows if row["contested"]}
    if contested:
        await cases.plan_again(connection, contested, "contested")
        journal.wake("kept_replan")
    return moved


def note_move(journal: Journal, row: Any, source: str | None, why: str) -> None:
    """Write one move down: an audit entry and a status event. `row` has the columns of `updates` that a status needs."""
    state, evidence = row["state"], row["evidence"]
    data = {"why": why} if source is None else {"from": source, "why": why}
    if evidence is not None:
        data["evidence"] = evidence
    journal.note(f"update.{state}", row["force"], row["id"], data)
    journal.status(
        Status(
            state,
            row["force"],
            row["case_id"],
            row["person_id"],
            row["id"],
            row["update_point"],
            row["due_at"],
            row["channel"],
            evidence,
        )
    )


# ---------------------------------------------------------------- showing


@dataclass(frozen=True, slots=True)
class Filters:
    """Which updates to list; None does not narrow. `due_before` and `now` are case time."""

    force: str | None = None
    case: str | None = None
    person: str | None = None
    state: UpdateState | None = None
    update_point: str | None = None
    late: bool | None = None
    due_before: datetime | None = None
    limit: int = 1000


_COLUMNS: Final = (
    "id, force, case_id, person_id, source, event_id, part, corrects, update_point, edition, state, evidence, due_at, send_at,"
    " late, reasons, created_at"
)

_LIST: Final = f"""
select {_COLUMNS} from updates
where ($1::text is null or force = $1) and ($2::text is null or case_id = $2) and ($3::text is null or person_id = $3)
    and ($4::text is null or state = $4) and ($5::text is null or update_point = $5) and ($6::boolean is null or late = $6)
    and ($7::timestamptz is null or due_at < $7)
order by due_at nulls last, id limit $8
"""  # noqa: S608  # the columns are a constant

_MESSAGES: Final = """
with carried as (
    select distinct message_id from message_update where update_id = any($1::uuid[])
)
select m.id, m.kind, m.channel, m.reference, m.contact_id, m.created_at, m.state,
    array(select update_id from message_update where message_id = m.id order by update_id) as updates
from messages m join carried c on c.message_id = m.id
where m.state <> 'void' or exists (select from attempts a where a.message_id = m.id)
order by m.created_at, m.id
"""

_ATTEMPTS: Final = """
select id, message_id, number, state, provider_id, not_before, at, reason, resend_of
from attempts where message_id = any($1::uuid[]) order by number
"""


async def list_updates(connection: Connection, filters: Filters | None = None) -> list[dict[str, Any]]:
    """Updates in order of their deadlines, as `kept updates list --json` shows them."""
    wanted = filters or Filters()
    rows = await connection.fetch(
        _LIST,
        wanted.force,
        wanted.case,
        wanted.person,
        wanted.state,
        wanted.update_point,
        wanted.late,
        wanted.due_before,
        wanted.limit,
    )
    return await _shapes(connection, rows)


async def show_update(connection: Connection, update: UUID) -> dict[str, Any] | None:
    """One update as it is listed, with `timeline`: what happened to it, a sentence each with its time. None if there is none."""
    row = await connection.fetchrow(f"select {_COLUMNS} from updates where id = $1", update)  # noqa: S608  # constant
    if row is None:
        return None
    (shape,) = await _shapes(connection, [row])
    shape["timeline"] = await timeline.of_update(connection, update)
    return shape


async def _shapes(connection: Connection, rows: Sequence[Any]) -> list[dict[str, Any]]:
    messages = await connection.fetch(_MESSAGES, [row["id"] for row in rows])
    attempts = await connection.fetch(_ATTEMPTS, [row["id"] for row in messages])
    tries: dict[UUID, list[dict[str, Any]]] = {row["id"]: [] for row in messages}
    for row in attempts:
        tries[row["message_id"]].append(
            {
                "number": row["number"],
                "state": row["state"],
                "provider_id": row["provider_id"],
                "not_before": instant(row["not_before"]),
                "at": instant(row["at"]),
                "reason": row["reason"],
                "resend_of": None if row["resend_of"] is None else str(row["resend_of"]),
            }
        )
    carried: dict[UUID, list[dict[str, Any]]] = {row["id"]: [] for row in rows}
    for row in messages:
        message = {
            "id": str(row["id"]),
            "kind": row["kind"],
            "channel": row["channel"],
            "reference": row["reference"],
            "to_contact": row["contact_id"],
            "updates": [str(update) for update in row["updates"]],
            "attempts": tries[row["id"]],
        }
        for update in row["updates"]:
            if update in carried:
                carried[update].append(message)
    return [
        {
            "id": str(row["id"]),
            "force": row["force"],
            "case": row["case_id"],
            "person": row["person_id"],
            "source": row["source"],
            "event_id": row["event_id"],
            "part": row["part"],
            "corrects": None if row["corrects"] is None else str(row["corrects"]),
            "update_point": row["update_point"],
            "edition": row["edition"],
            "state": row["state"],
            "evidence": row["evidence"],
            "due_at": instant(row["due_at"]),
            "send_at": instant(row["send_at"]),
            "late": row["late"],
            "reasons": row["reasons"],
            "messages": carried[row["id"]],
        }
        for row in rows
    ]
