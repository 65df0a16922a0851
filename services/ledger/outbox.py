"""Status events on their way to `delivery-status`: a row in the transaction that changed the state, published afterwards.

Publishing may happen twice after a crash, never not at all; a reader drops an event whose id it has seen.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

import orjson

from schemas.topics import DELIVERY_STATUS
from services.ledger.connection import Connection
from services.values import value


@value(frozen=True, slots=True)
class Status:
    """One `delivery-status` event: ids, update point, due date, channel and evidence; never personal data."""

    kind: str  # planned, released, sent, told, unconfirmed, held, declined, withdrawn, late
    force: str
    case: str
    person: str
    update: UUID
    update_point: str
    due_at: datetime | None = None
    channel: str | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What one transaction left to be published: (key, value) records in order."""

    id: int
    topic: str
    records: tuple[tuple[bytes, bytes], ...]


@lru_cache(maxsize=1024)
def instant(at: datetime | None) -> str | None:
    """How instants read in JSON that leaves: UTC with `Z`, whole seconds."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _value(status: Status, event_id: UUID, now: str | None) -> bytes:
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": str(event_id),
            "source": f"/force/{status.force}/kept-informed",
            "type": f"update.{status.kind}",
            "subject": status.case,
            "time": now,
            "dataschema": "kept:delivery-status:1",
            "data": {
                "update": str(status.update),
                "person": status.person,
                "update_point": status.update_point,
                "due_at": instant(status.due_at),
                "channel": status.channel,
                "evidence": status.evidence,
            },
        }
    )


def _new_ids(count: int) -> Iterator[UUID]:
    """As many random ids, out of one call for chance."""
    chance = os.urandom(16 * count)
    return (UUID(bytes=chance[at : at + 16], version=4) for at in range(0, len(chance), 16))


async def put(connection: Connection, statuses: Sequence[Status], now: datetime) -> None:
    """Add status events, in order, in the caller's transaction."""
    at = instant(now)
    await connection.execute(
        "insert into outbox (topic, keys, records) values ($1, $2, $3)",
        DELIVERY_STATUS.name,
        [f"{status.force}/{status.case}".encode() for status in statuses],
        [_value(status, event_id, at) for status, event_id in zip(statuses, _new_ids(len(statuses)), strict=True)],
    )


async def oldest(connection: Connection, limit: int) -> list[Outgoing]:
    """What is to be published next, oldest first, of at most `limit` transactions."""
    rows = await connection.fetch("select id, topic, keys, records from outbox order by id limit $1", limit)
    return [Outgoing(row["id"], row["topic"], tuple(zip(row["keys"], row["records"], strict=True))) for row in rows]


async def drop(connection: Connection, ids: Sequence[int]) -> None:
    """Forget what the broker has acknowledged."""
    await connection.execute("delete from outbox where id = any($1::bigint[])", ids)
