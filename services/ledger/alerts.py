"""Alerts: something that a person must know. One row a (kind, about), counted; each says who owns it and what clears it.

The row is the alert; the metric and the log line are the shells' affair. An alert names things by their ids, never
people by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.ledger.connection import Connection
from services.ledger.journal import Journal
from services.ledger.outbox import instant
from services.refusals import Refused


class AlertError(Refused, ValueError):
    """A command on an alert that cannot be done; the text is a sentence for whoever gave it."""


_RAISE: Final = """
insert into alerts (kind, about, text, owner, clears, first_at, last_at)
values ($1, $2, $3, $4, $5, $6, $6)
on conflict (kind, about) where cleared_at is null do update
    set count = alerts.count + 1, last_at = greatest(alerts.last_at, excluded.last_at), text = excluded.text,
        owner = excluded.owner, clears = excluded.clears
returning id
"""


async def raise_alert(
    connection: Connection, kind: str, about: str | UUID, text: str, owner: str, clears: str, now: datetime
) -> UUID:
    """Raise an alert, or count one more on the open one of the same kind about the same thing; returns its id."""
    found: UUID = await connection.fetchval(_RAISE, kind, str(about), text, owner, clears, now)
    return found


async def clear_alert(connection: Connection, kind: str, about: str | UUID, now: datetime) -> bool:
    """Clear the open alert of this kind about this thing; False if there is none."""
    status = await connection.execute(
        "update alerts set cleared_at = $3 where kind = $1 and about = $2 and cleared_at is null", kind, str(about), now
    )
    return not status.endswith(" 0")


async def clear_alerts(connection: Connection, kind: str, about: Iterable[str], now: datetime) -> None:
    """Clear the open alerts of this kind about any of these things."""
    await connection.execute(
        "update alerts set cleared_at = $3 where kind = $1 and about = any($2::text[]) and cleared_at is null",
        kind,
        sorted(about),
        now,
    )


async def clear_by_hand(connection: Connection, alert: UUID, journal: Journal) -> None:
    """Somebody has seen to an open alert; raises AlertError when there is none of this id."""
    kind = await connection.fetchval(
        "update alerts set cleared_at = $2 where id = $1 and cleared_at is null returning kind", alert, journal.now
    )
    if kind is None:
        raise AlertError("no alert of this id is open: see `kept alerts list`")
    journal.note("alert.cleared", "", alert, {"kind": kind})


async def list_alerts(connection: Connection, *, cleared: bool = False) -> list[dict[str, Any]]:
    """Open alerts, newest first, as `kept alerts list --json` shows them; with `cleared`, those that are over too."""
    rows = await connection.fetch(
        "select id, kind, about, count, first_at, last_at, cleared_at, owner, text, clears from alerts"
        " where $1 or cleared_at is null order by last_at desc, id",
        cleared,
    )
    return [
        {
            "id": str(row["id"]),
            "kind": row["kind"],
            "about": row["about"],
            "count": row["count"],
            "first_at": instant(row["first_at"]),
            "last_at": instant(row["last_at"]),
            "cleared_at": instant(row["cleared_at"]),
            "owner": row["owner"],
            "text": row["text"],
            "clears": row["clears"],
        }
        for row in rows
    ]


async def open_alerts(connection: Connection) -> dict[str, int]:
    """How many alerts are open, by kind."""
    rows = await connection.fetch("select kind, count(*) as n from alerts where cleared_at is null group by kind")
    return {row["kind"]: row["n"] for row in rows}
