"""What happens by time alone: deadlines pass, receipts never come, mails do not bounce, events wait too long.

Each timer does a batch in a transaction of its own and says when (case time) it wants to be asked again. Any number of processes
may run them at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.ledger import confirming
from services.ledger.alerts import clear_alert, raise_alert
from services.ledger.connection import Connection, Pool
from services.ledger.counting import count
from services.ledger.holding import ToHold, hold_updates
from services.ledger.journal import Journal
from services.ledger.outbox import Status
from services.ledger.updates import UpdateMove, move_updates

BATCH: Final = 500

# A mail that was taken in time counts from then if it does not bounce: it is not late while that is still open.
_QUIETLY: Final = """exists (
    select from message_update x join messages m on m.id = x.message_id join attempts a on a.message_id = m.id
    where x.update_id = u.id and m.kind = 'news' and m.channel = 'email' and m.check_at >= u.due_at
        and a.state in ('accepted', 'sent') and a.ended_at <= u.due_at)"""
_LATE: Final = f"""
update updates set late = true, late_told = true, changed_at = $1
where id = any(array(
    select id from updates u where not late and not settled and due_at < $1 and not (state = 'sent' and {_QUIETLY})
    order by due_at limit $2 for no key update skip locked))
returning id, force, case_id, person_id, update_point, due_at, channel, state
"""  # noqa: S608  # constants
_NEXT_LATE: Final = "select min(due_at) from updates where not late and not settled and due_at >= $1"


class Overdue:
    """Marks what is not told by its deadline as late, once; the work goes on."""

    def __init__(self, pool: Pool, batch: int = BATCH) -> None:
        self._pool = pool
        self._batch = batch

    async def once(self, now: datetime) -> datetime | None:
        """Mark one batch; returns when the next deadline passes (`now` if there may be more), None if there is none."""
        journal = Journal("release", "scheduler", now)
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(_LATE, now, self._batch)
            for row in rows:
                journal.note("update.late", row["force"], row["id"], {"state": row["state"], "due_at": row["due_at"]})
                journal.status(_late(row))
            for force in sorted({row["force"] for row in rows}):
                await raise_alert(
                    connection,
                    "late",
                    force,
                    f"Updates of {force} passed their deadline before they were told: `kept updates list` shows them.",
                    "victim care",
                    "Cleared by hand once each is told or has a good reason.",
                    now,
                )
            next_at: datetime | None = await connection.fetchval(_NEXT_LATE, now)
            await journal.write(connection)
        count(journal)
        return now if len(rows) == self._batch else next_at


def _late(row: Any) -> Status:
    return Status(
        "late",
        row["force"],
        row["case_id"],
        row["person_id"],
        row["id"],
        row["update_point"],
        row["due_at"],
        row["channel"],
    )


_QUIET: Final = """
select m.id, m.channel, a.state as attempt, a.ended_at
from messages m left join attempts a on a.message_id = m.id and a.state in ('accepted', 'sent')
where m.id = any(array(
    select id from messages where check_at <= $1 order by check_at limit $2 for no key update skip locked))
order by m.id
"""
_SERVED: Final = """
select mu.message_id, u.id, u.edition, u.update_point, u.cls, coalesce((u.explanation ->> 'enhanced')::boolean, true) as enhanced
from message_update mu join updates u on u.id = mu.update_id where mu.message_id = any($1::uuid[]) and u.state = 'sent'
"""


class Unanswered:
    """Looks at messages of which nothing was heard since they were accepted: told for want of a bounce, or a person's task."""

    def __init__(self, pool: Pool, batch: int = BATCH) -> None:
        self._pool = pool
        self._batch = batch

    async def once(self, now: datetime) -> datetime | None:
        """Look at one batch; returns when the next message is to be looked at (`now` if there may be more)."""
        journal = Journal("release", "scheduler", now)
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(_QUIET, now, self._batch)
            if rows:
                served = await _served(connection, [row["id"] for row in rows])
                await move_updates(connection, _told(rows, served), journal)
                await hold_updates(connection, _unsure(rows, served), journal)
                await connection.execute(
                    "update messages set check_at = null where id = any($1::uuid[])", [row["id"] for row in rows]
                )
            next_at: datetime | None = await connection.fetchval(
                "select min(check_at) from messages where check_at is not null"
            )
            await journal.write(connection)
        count(journal)
        return next_at


async def _served(connection: Connection, messages: Sequence[UUID]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {message: [] for message in messages}
    for row in await connection.fetch(_SERVED, messages):
        found[row["message_id"]].append(row)
    return found


def _suffices(message: Any, update: Any) -> bool:
    """Whether silence is evidence: the mail was accepted, and its rule, its person and its class allow it."""
    return (
        message["channel"] == "email"
        and message["attempt"] is not None
        and confirming.no_bounce_suffices(
            update["edition"], update["update_point"], update["cls"], enhanced=update["enhanced"]
        )
    )


def _told(messages: Sequence[Any], served: Mapping[UUID, Sequence[Any]]) -> list[UpdateMove]:
    return [
        UpdateMove(update["id"], "told", "no_bounce", "no_bounce", message["ended_at"])
        for message in messages
        for update in served[message["id"]]
        if _suffices(message, update)
    ]


def _unsure(messages: Sequence[Any], served: Mapping[UUID, Sequence[Any]]) -> list[ToHold]:
    text = "the message was accepted, but nothing says that it arrived"
    return [
        ToHold(update["id"], "no_receipt", text, "check_whether_told")
        for message in messages
        for update in served[message["id"]]
        if not _suffices(message, update)
    ]


_LONG: Final = """
select force, case_id, min(since) as since from waiting_event
where since_machine < clock_timestamp() - make_interval(secs => $1) group by force, case_id order by force, case_id
"""
_OVER: Final = """
select about from alerts where kind = 'waiting' and cleared_at is null
    and about not in (select force || '/' || case_id from waiting_event)
"""


class Waiting:
    """Tells somebody of events that have waited too long (machine time) for a person to be recorded, once a case."""

    def __init__(self, pool: Pool, after_seconds: float = 600) -> None:
        self._pool = pool
        self._after = after_seconds

    async def once(self, now: datetime) -> float | None:
        """Raise and clear alerts; returns machine seconds until the next event has waited too long, None if none waits."""
        async with self._pool.acquire() as connection, connection.transaction():
            for row in await connection.fetch(_LONG, self._after):
                await self._raise(connection, f"{row['force']}/{row['case_id']}", now)
            for row in await connection.fetch(_OVER):
                await clear_alert(connection, "waiting", row["about"], now)
            left = await connection.fetchval(
                "select extract(epoch from min(since_machine) - clock_timestamp()) + $1 from waiting_event"
                " where since_machine >= clock_timestamp() - make_interval(secs => $1)",
                self._after,
            )
        return None if left is None else max(0.0, float(left))

    async def _raise(self, connection: Connection, about: str, now: datetime) -> None:
        known = await connection.fetchval(
            "select true from alerts where kind = 'waiting' and about = $1 and cleared_at is null", about
        )
        if known:
            return  # one alert a case, not one a look
        await raise_alert(
            connection,
            "waiting",
            about,
            "Events of this case wait for a person who is not recorded: `kept events waiting` shows them.",
            "engineers",
            "Clears itself when the person is recorded.",
            now,
        )
