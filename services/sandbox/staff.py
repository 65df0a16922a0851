"""The people of the sample force: whoever is on duty takes what waits in their queue, as `kept holds take` does.

They ring, visit and write, too; the record system says so (`contact.made`), and so do the cases. What nobody may take moves on.
What they have and the plan no longer asks of a person, they hand back, as `kept holds back` does: whoever takes a task keeps it
until then.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.clock import Clock
from services.ledger import holds
from services.ledger.connection import Connection
from services.ledger.contact_hours import is_open
from services.ledger.force_rules import ForceRules
from services.ledger.journal import Journal
from services.ledger.states import UPDATE_STATES

_Act = Callable[[Connection, UUID, str, Journal], Awaitable[None]]

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
_NO_LONGER: Final = """
select h.update_id, h.taken_by from holds h join updates u on u.id = h.update_id
where h.closed_at is null and h.taken_by is not null and u.state = 'held'
    and (u.contested or get_byte(u.plan_digest, 0) = any($1::int[]))
    and not exists (select from message_update mu join messages m on m.id = mu.message_id join attempts a on a.message_id = m.id
        where mu.update_id = u.id and m.kind = 'news')
"""
"""The first byte of the digest is the state that the last plan gave it; one that no plan holds any more is contested. What was
sent once, a person sees to the end."""
_NOT_FOR_PEOPLE: Final = [
    number for number, state in enumerate(UPDATE_STATES) if state in {"planned", "declined", "withdrawn"}
]


def on_duty(rules: ForceRules, now: datetime) -> list[str]:
    """The queues that somebody looks after at `now` (case time)."""
    return [
        name
        for name in ON_DUTY
        if (queue := rules.queues.get(name)) is not None and (queue.staffed is None or is_open(now, queue.staffed))
    ]


async def work(connection: Connection, clock: Clock, rules: ForceRules, until: datetime) -> None:
    """Take holds, and hand back what is no longer theirs to do, until the case time `until`."""
    while (now := clock.now()) < until:
        for row in await connection.fetch(_WAITING, on_duty(rules, now)):
            if row["queue"] == "control_room" or row["opened_at"] <= now - NOTICED:
                await _do(connection, holds.take, row["update_id"], ON_DUTY[row["queue"]], now)
        for row in await connection.fetch(_NO_LONGER, _NOT_FOR_PEOPLE):
            await _do(connection, holds.back, row["update_id"], row["taken_by"], now)
        await asyncio.sleep(_LOOK_SECONDS)


async def _do(connection: Connection, act: _Act, update: UUID, by: str, now: datetime) -> None:
    with contextlib.suppress(holds.HoldError):  # somebody was told in the meantime
        async with connection.transaction():
            journal = Journal("people", by, now)
            await act(connection, update, by, journal)
            await journal.write(connection)
