"""The people of the sample force: whoever is on duty takes what waits in their queue, as `kept holds take` does.

They ring, visit and write, too; the record system says so (`contact.made`), and so do the cases. What nobody may take moves on.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.clock import Clock
from services.ledger import holds
from services.ledger.connection import Connection
from services.ledger.contact_hours import is_open
from services.ledger.force_rules import ForceRules
from services.ledger.journal import Journal

ON_DUTY: Final[Mapping[str, str]] = {
    "victim_care": "Jo",
    "witness_care": "Sam",
    "liaison": "DC Lister",
    "control_room": "Control Room",
}
"""Who looks after which queue. The interpreters come from outside: what waits for them moves on to victim care, who book one."""
NOTICED: Final = timedelta(minutes=10)
"""How long a hold lies before somebody in an office sees it; the control room watches its screen."""
_LOOK_SECONDS: Final = 0.1
_WAITING: Final = """
select update_id, queue, opened_at from holds where closed_at is null and taken_by is null and queue = any($1::text[])
order by target_at nulls last, due_at nulls last, update_id
"""


def on_duty(rules: ForceRules, now: datetime) -> list[str]:
    """The queues that somebody looks after at `now` (case time)."""
    return [
        name
        for name in ON_DUTY
        if (queue := rules.queues.get(name)) is not None and (queue.staffed is None or is_open(now, queue.staffed))
    ]


async def work(connection: Connection, clock: Clock, rules: ForceRules, until: datetime) -> None:
    """Take holds until the case time `until`."""
    while (now := clock.now()) < until:
        for row in await connection.fetch(_WAITING, on_duty(rules, now)):
            if row["queue"] == "control_room" or row["opened_at"] <= now - NOTICED:
                await _take(connection, row["update_id"], ON_DUTY[row["queue"]], now)
        await asyncio.sleep(_LOOK_SECONDS)


async def _take(connection: Connection, update: UUID, by: str, now: datetime) -> None:
    with contextlib.suppress(holds.HoldError):  # somebody was told in the meantime
        async with connection.transaction():
            journal = Journal("people", by, now)
            await holds.take(connection, update, by, journal)
            await journal.write(connection)
