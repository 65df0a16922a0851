"""Records that could not be used, events that wait for somebody, and putting a record in again through the same code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from services.ledger.connection import Connection, Pool
from services.ledger.journal import Journal
from services.ledger.outbox import instant
from services.scheduler.intake import Intake, Record

_LIST: Final = """
select id, topic, partition, record_offset, received_at, reason, field, remedy, size from rejected_event
where $1 or replayed_at is null or replay_outcome not in ('applied', 'duplicate')
order by received_machine, topic, partition, record_offset
"""


async def list_rejected(connection: Connection, *, mended: bool = False) -> list[dict[str, Any]]:
    """Rejected records, oldest first, as `kept events rejected --json` shows them; with `mended`, those put in since too."""
    return [
        {
            "id": str(row["id"]),
            "topic": row["topic"],
            "partition": row["partition"],
            "offset": row["record_offset"],
            "received_at": instant(row["received_at"]),
            "reason": row["reason"],
            "field": row["field"],
            "remedy": row["remedy"],
            "size": row["size"],
        }
        for row in await connection.fetch(_LIST, mended)
    ]


async def list_waiting(connection: Connection) -> list[dict[str, Any]]:
    """Events that wait for somebody to be recorded, oldest first, as `kept events waiting --json` shows them."""
    rows = await connection.fetch("select * from waiting_event order by since_machine, force, source, event_id")
    return [
        {
            "force": row["force"],
            "case": row["case_id"],
            "source": row["source"],
            "event_id": row["event_id"],
            "since": instant(row["since"]),
            "waits_for": row["waits_for"],
        }
        for row in rows
    ]


async def replay(pool: Pool, intake: Intake, ids: Sequence[UUID] | None, by: str) -> dict[UUID, str]:
    """Put rejected records in again (all that are not mended yet, if `ids` is None); returns the outcome of each.

    The outcome is `applied`, `duplicate`, or the reason for which it was rejected again. It goes through intake as it came, and
    moves no offset.
    """
    async with pool.acquire() as connection:
        rows = await connection.fetch(
            "select id, topic, partition, record_offset, record_key, bytes from rejected_event"
            " where case when $1::uuid[] is null then replayed_at is null or replay_outcome not in ('applied', 'duplicate')"
            " else id = any($1::uuid[]) end order by received_machine, topic, partition, record_offset",
            None if ids is None else list(ids),
        )
    outcomes: dict[UUID, str] = {}
    for row in rows:
        record = Record(row["topic"], row["partition"], row["record_offset"], row["record_key"], row["bytes"])
        applied = await intake.apply([record], keep_offsets=False)
        outcome = applied.rejected[0] if applied.rejected else "applied" if applied.events else "duplicate"
        outcomes[row["id"]] = outcome
        async with pool.acquire() as connection, connection.transaction():
            journal = Journal("people", by, intake.clock.now())
            await connection.execute(
                "update rejected_event set replayed_at = $2, replay_outcome = $3 where id = $1",
                row["id"],
                journal.now,
                outcome,
            )
            journal.note("event.replayed", "", row["id"], {"outcome": outcome})
            await journal.write(connection)
    return outcomes
