"""Giving an update to a person when a machine must not send it, or cannot: the move, the reason and the hold in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from schemas.editions.load import load_books
from services.ledger.connection import Connection
from services.ledger.force_rules import ForceRules, Queue, acknowledge_by, rules_of
from services.ledger.holds import HoldNeeded, open_holds
from services.ledger.journal import Journal
from services.ledger.updates import UpdateMove, move_updates


@dataclass(frozen=True, slots=True)
class ToHold:
    """An update for a person: `code` is a constant word, `text` a sentence, `task` one of the words of holds."""

    update: UUID
    code: str
    text: str
    task: str
    safety: bool = False


_REASON: Final = """
update updates u set reasons = (
    select coalesce(jsonb_agg(r), '[]'::jsonb) from jsonb_array_elements(u.reasons) r where r ->> 'code' <> w.code
) || jsonb_build_array(jsonb_build_object('code', w.code, 'text', w.text))
from unnest($1::uuid[], $2::text[], $3::text[]) w (id, code, text)
where u.id = w.id and u.state = 'held'
returning u.id, u.force, u.case_id, u.person_id, u.cls, u.edition, u.update_point, u.due_at, u.target_at, u.reasons,
    u.explanation ->> 'role' as role,
    -- The words of an earlier hold stay: they are kept with the hold alone.
    (select h.say from holds h where h.update_id = u.id) as say,
    (select h.never_say from holds h where h.update_id = u.id) as never_say
"""


def queue_for(rules: ForceRules, *, safety: bool, task: str = "", role: str = "", owner: str = "") -> Queue:
    """The queue in which a hold waits, by the names that a force may give its queues.

    What bears on safety goes to a desk that is staffed day and night; the bereaved have the liaison officers, a language the
    interpreters, the Witness Care Unit's news its own people, where the force has such a queue; the rest is victim care's.
    """
    queues = rules.queues
    if safety:
        always = [queue for queue in queues.values() if queue.staffed is None]
        if always:
            return next((queue for queue in always if queue.name == "control_room"), always[0])
    wanted = (
        ("liaison", role == "bereaved_relative"),
        ("interpreters", task == "interpreter"),
        ("witness_care", owner == "wcu"),
        ("victim_care", True),
    )
    named = (queues[name] for name, fits in wanted if fits and name in queues)
    return next(named, next(iter(queues.values())))


def _owner(edition: str, update_point: str) -> str:
    try:
        return load_books().point(edition, update_point).owner
    except KeyError:
        return ""


async def hold_updates(connection: Connection, wanted: Sequence[ToHold], journal: Journal) -> list[UUID]:
    """Move updates to `held` where that may be, and open their holds; returns those that moved.

    One that is held already stays, and its hold is brought up to date with the newer reason.
    """
    if not wanted:
        return []
    by_id = {item.update: item for item in wanted}
    moved = await move_updates(
        connection, [UpdateMove(item.update, "held", item.code) for item in by_id.values()], journal
    )
    rows = await connection.fetch(
        _REASON, list(by_id), [item.code for item in by_id.values()], [item.text for item in by_id.values()]
    )
    rules = await rules_of(connection, sorted({row["force"] for row in rows}))
    needed = []
    for row in sorted(rows, key=lambda row: row["id"].bytes):
        item = by_id[row["id"]]
        queue = queue_for(
            rules[row["force"]],
            safety=row["cls"] == "safety_critical" or item.safety,
            task=item.task,
            role=row["role"] or "",
            owner=_owner(row["edition"], row["update_point"]),
        )
        needed.append(
            HoldNeeded(
                update_id=row["id"],
                force=row["force"],
                case=row["case_id"],
                person=row["person_id"],
                task=item.task,
                queue=queue.name,
                next_queue=queue.next,
                acknowledge_by=acknowledge_by(queue, journal.now),
                due_at=row["due_at"],
                target_at=row["target_at"],
                reasons=row["reasons"],
                say=row["say"] or [],
                never_say=row["never_say"] or [],
                safety=item.safety,
            )
        )
    await open_holds(connection, needed, journal)
    return moved
