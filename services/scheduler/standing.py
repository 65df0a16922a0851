"""What the ledger holds of some cases, locked: their updates, holds and messages, as planning and reconciling need them.

Locks are taken in the order that everybody keeps: messages, then updates, each by id. The caller holds the cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.ledger.cases import CaseKey
from services.ledger.connection import Connection
from services.scheduler.changes import Existing, Left, settled_by_plan
from services.scheduler.forming import Standing
from services.scheduler.plan.types import OnLedger

_FAILED: Final = frozenset({"refused", "undelivered", "not_sent"})

_MESSAGES: Final = """
select id, kind, channel, contact_id, person_id, language, style, state, send_at, due_at, tries, changed_at,
    array(select update_id from message_update where message_id = m.id order by position, update_id) as updates
from messages m
where (m.state <> 'void' or m.tries > 0) and m.id in (
    select x.message_id from unnest($1::text[], $2::text[]) k (force, case_id)
    join updates u on u.force = k.force and u.case_id = k.case_id
    join message_update x on x.update_id = u.id)
order by id
"""
_LOCK_MESSAGES: Final = " for update of m"

_UPDATES: Final = """
select u.id, u.force, u.case_id, u.person_id, u.update_point, u.source, u.event_id, u.part, u.state, u.evidence, u.facts,
    u.facts_hash, u.due_at, u.told_at, u.hold_safety, u.contested, u.corrects, u.plan_digest, u.channel
from updates u join unnest($1::text[], $2::text[]) k (force, case_id) using (force, case_id)
order by u.id
"""
_LOCK_UPDATES: Final = " for no key update of u"

_HOLDS: Final = """
select update_id, taken_by, handed_back from holds where update_id = any($1::uuid[]) and closed_at is null
"""


@dataclass(slots=True)
class CaseStanding:
    """One case: its updates by id (row and as `decide` wants it), its open messages, and the updates whose prompt left."""

    rows: dict[UUID, Any] = field(default_factory=dict)
    existing: dict[UUID, Existing] = field(default_factory=dict)
    messages: list[Standing] = field(default_factory=list)
    prompted: set[UUID] = field(default_factory=set)
    asked: dict[str, datetime] = field(default_factory=dict)
    """When (case time) somebody who still waits for news was last asked to ring."""

    def on_ledger(self) -> tuple[OnLedger, ...]:
        """The updates as a plan may depend on them."""
        return tuple(
            OnLedger(
                id=row["id"],
                update_point=row["update_point"],
                person=row["person_id"],
                source=row["source"],
                event_id=row["event_id"],
                part=row["part"],
                state=row["state"],
                evidence=row["evidence"],
                facts_hash=row["facts_hash"],
                facts=row["facts"],
                due_at=row["due_at"],
                told_at=row["told_at"],
                taken_by=self.existing[row["id"]].taken_by,
                hold_safety=row["hold_safety"],
                anything_left=self.existing[row["id"]].anything_left,
                live_attempt=self.existing[row["id"]].left == "live",
                contested=row["contested"],
                corrects=row["corrects"],
                settled_by_plan=settled_by_plan(self.existing[row["id"]]),
            )
            for row in self.rows.values()
        )


def _left(states: Iterable[str], *, sending: bool) -> Left:
    known = set(states)
    if sending or known - _FAILED:
        return "live"
    return "failed" if known else "nothing"


async def read_standing(
    connection: Connection, cases: Sequence[CaseKey], *, lock: bool = True
) -> dict[CaseKey, CaseStanding]:
    """Lock and read what the ledger holds of `cases` (whose rows the caller has locked); without `lock`, only read it."""
    found = {case: CaseStanding() for case in cases}
    if not cases:
        return found
    keys = [force for force, _ in cases], [case for _, case in cases]
    messages = await connection.fetch(_MESSAGES + (_LOCK_MESSAGES if lock else ""), *keys)
    updates = await connection.fetch(_UPDATES + (_LOCK_UPDATES if lock else ""), *keys)
    if not updates:
        return found
    holds = await _holds(connection, updates)
    tried = await _attempts(connection, messages)
    case_of: dict[UUID, CaseKey] = {row["id"]: (row["force"], row["case_id"]) for row in updates}
    attempts: dict[UUID, list[str]] = {}
    sending: set[UUID] = set()
    ever: set[UUID] = set()
    for row in messages:
        if row["kind"] == "news":
            if tried.get(row["id"]) or row["state"] == "sending":
                ever.update(row["updates"])
            if row["state"] == "void":
                continue  # it was given up after a try that failed: it counts as a try, and nothing of it is under way
            for update in row["updates"]:
                attempts.setdefault(update, []).extend(tried.get(row["id"], ()))
                if row["state"] == "sending":
                    sending.add(update)
    for row in updates:
        update = row["id"]
        taken_by, handed_back = holds.get(update, (None, False))
        standing = found[case_of[update]]
        standing.rows[update] = row
        standing.existing[update] = Existing(
            id=update,
            state=row["state"],
            evidence=row["evidence"],
            facts_hash=row["facts_hash"],
            due_at=row["due_at"],
            plan_digest=row["plan_digest"],
            contested=row["contested"],
            anything_left=update in ever,
            hold_safety=row["hold_safety"],
            left=_left(attempts.get(update, ()), sending=update in sending),
            taken_by=taken_by,
            handed_back=handed_back,
        )
    for row in messages:
        if row["state"] != "void":
            _sort_in(found, case_of, row)
    return found


def _sort_in(found: Mapping[CaseKey, CaseStanding], case_of: Mapping[UUID, CaseKey], row: Any) -> None:
    serves = [update for update in row["updates"] if update in case_of]
    standing = found[case_of[serves[0]]]
    if row["state"] in {"planned", "released"}:
        key = (
            row["person_id"],
            row["kind"],
            row["channel"],
            row["contact_id"],
            row["language"],
            row["style"],
            row["send_at"],
            tuple(row["updates"]),
        )
        standing.messages.append(Standing(row["id"], key, row["state"] == "released", row["tries"], row["due_at"]))
    elif row["kind"] == "prompt":
        standing.prompted.update(serves)
        if any(standing.existing[update].state == "held" for update in serves):
            before = standing.asked.get(row["person_id"])
            standing.asked[row["person_id"]] = max(row["changed_at"], before or row["changed_at"])


async def _holds(connection: Connection, updates: Sequence[Any]) -> dict[UUID, tuple[str | None, bool]]:
    held = [row["id"] for row in updates if row["state"] == "held"]
    if not held:
        return {}
    rows = await connection.fetch(_HOLDS, held)
    return {row["update_id"]: (row["taken_by"], row["handed_back"]) for row in rows}


async def _attempts(connection: Connection, messages: Sequence[Any]) -> dict[UUID, list[str]]:
    """The states of every attempt of these messages, read after the messages were locked."""
    tried = [row["id"] for row in messages if row["tries"] or row["state"] in {"sending", "finished"}]
    if not tried:
        return {}
    rows = await connection.fetch("select message_id, state from attempts where message_id = any($1::uuid[])", tried)
    found: dict[UUID, list[str]] = {}
    for row in rows:
        found.setdefault(row["message_id"], []).append(row["state"])
    return found
