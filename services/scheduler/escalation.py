"""Moves holds that nobody takes along their queues, and tells somebody at the end of the chain (PR19)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from services.ledger.alerts import clear_alert, raise_alert
from services.ledger.connection import Connection, Pool
from services.ledger.counting import count
from services.ledger.force_rules import acknowledge_by, queue_after, rules_of
from services.ledger.journal import Journal

_BATCH: Final = 500

_UNTAKEN: Final = "closed_at is null and taken_by is null and unanswered_at is null and not handed_back"
_PASSED: Final = f"""
select update_id, force, queue, next_queue, first_queue from holds
where {_UNTAKEN} and moves_on_at <= $1 order by moves_on_at, update_id limit $2 for no key update skip locked
"""  # noqa: S608  # constants
_NEXT: Final = f"select min(moves_on_at) from holds where {_UNTAKEN} and moves_on_at > $1"  # noqa: S608  # constants
_MOVE: Final = """
update holds set first_queue = coalesce(first_queue, queue), queue = $2, next_queue = $3, acknowledge_by = $4
where update_id = $1
"""
_OVER: Final = """
select about from alerts a where kind = 'hold_not_taken' and cleared_at is null and not exists (
    select from holds h where h.closed_at is null and h.taken_by is null and h.unanswered_at is not null
        and h.force || '/' || h.queue = a.about)
"""


class Untaken:
    """A hold that its queue lets lie goes to the next one; where none comes next, somebody is told."""

    def __init__(self, pool: Pool, batch: int = _BATCH) -> None:
        self._pool = pool
        self._batch = batch

    async def once(self, now: datetime) -> datetime | None:
        """See to one batch; returns when (case time) the next hold moves on (`now` if there may be more), None if none does."""
        journal = Journal("release", "scheduler", now)
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(_PASSED, now, self._batch)
            await _move_on(connection, rows, journal)
            for row in await connection.fetch(_OVER):
                await clear_alert(connection, "hold_not_taken", row["about"], now)
            next_at: datetime | None = await connection.fetchval(_NEXT, now)
            await journal.write(connection)
        count(journal)
        # A hold that has just moved may have to move again at once.
        return now if rows else next_at


async def _move_on(connection: Connection, rows: list[Any], journal: Journal) -> None:
    rules = await rules_of(connection, sorted({row["force"] for row in rows}))
    ended = []
    moves = []
    for row in rows:
        queue = queue_after(rules[row["force"]], row["queue"], row["next_queue"])
        if queue is None or queue.name in {row["queue"], row["first_queue"]}:
            ended.append(row)
            continue
        moves.append((row["update_id"], queue.name, queue.next, acknowledge_by(queue, journal.now)))
        journal.note("hold.moved_on", row["force"], row["update_id"], {"from": row["queue"], "to": queue.name})
    if moves:
        await connection.executemany(_MOVE, moves)
    if not ended:
        return
    await connection.execute(
        "update holds set unanswered_at = $2 where update_id = any($1::uuid[])",
        [row["update_id"] for row in ended],
        journal.now,
    )
    for row in ended:
        journal.note("hold.unanswered", row["force"], row["update_id"], {"queue": row["queue"]})
    for force, name in sorted({(row["force"], row["queue"]) for row in ended}):
        await raise_alert(
            connection,
            "hold_not_taken",
            f"{force}/{name}",
            f"Holds of {force} lie in the queue {name}, the last of its chain, and nobody took them in time:"
            f" `kept holds list --force {force} --queue {name}` shows them.",
            name,
            "Clears itself when somebody has taken each of them.",
            journal.now,
        )
