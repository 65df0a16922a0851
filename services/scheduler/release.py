"""Releasing what is due: claim, judge, commit, and only then publish. What nobody finished in time comes back here.

A record that is lost on the way does no harm: the lease brings its message back. A record that comes twice, or late, does none
either: its epoch is not the ledger's any more.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias
from uuid import UUID, uuid4

from schemas.topics import UPDATES_DUE
from schemas.updates import UpdatesDue
from services import faults, logs
from services.clock import Clock
from services.ledger import brakes
from services.ledger import messages as road
from services.ledger.attempts import AttemptMove, move_attempts
from services.ledger.connection import Connection, Pool
from services.ledger.counting import count
from services.ledger.gate_views import Gatekeeping, load_views
from services.ledger.gates import Shut, first_shut
from services.ledger.journal import Journal
from services.ledger.messages import Carried, Message
from services.ledger.shutting import Stopped, stop_messages, void_overtaken
from services.ledger.updates import UpdateMove, move_updates

log = logs.get(__name__)

Publish: TypeAlias = Callable[[str, Sequence[tuple[bytes, bytes]]], Awaitable[None]]

LOOK_AT_STOP: Final = 1.0
"""Machine seconds between looks at a kill switch that is on: nothing announces that a file is gone."""
LOOK_AT_FULL: Final = 1.0
"""Machine seconds between looks while as much is unfinished as may be, in case nothing that finishes wakes us."""
SOON: Final = timedelta(minutes=1)
"""Case time after which a message that must first be planned again is looked at again."""
MAIL_TRIES: Final = 20
"""How often a mail whose sender died before its DATA command goes round by itself; then a person is asked."""


@dataclass(frozen=True, slots=True)
class Released:
    """What one round did. `next_at` (case time) and `again_in` (machine seconds) say when to look again if nothing wakes us."""

    count: int
    next_at: datetime | None
    again_in: float | None = None


class _Changed(Exception):
    """An update moved between being read and being moved: the round is done again."""


class Releaser:
    """Releases messages of one ledger; any number may run at once. `bound` messages at most are unfinished at any time."""

    def __init__(
        self,
        pool: Pool,
        clock: Clock,
        publish: Publish,
        keeping: Gatekeeping,
        *,
        bound: int = 2000,
        batch: int = 1000,
        lease_seconds: float = 90,
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._publish = publish
        self._keeping = keeping
        self._bound = bound
        self._batch = min(batch, bound)
        self._lease_seconds = lease_seconds
        self._look_at_leases = 0.0

    async def once(self) -> Released:
        """Bring back what ran out, then release and publish at most one batch of what is due."""
        if time.monotonic() >= self._look_at_leases:
            self._look_at_leases = time.monotonic() + min(1.0, self._lease_seconds / 10)
            await self._bring_back()
        if self._keeping.stop.is_on():
            await self._ring_instead()
            return Released(0, None, LOOK_AT_STOP)
        try:
            records, drained = await self._release()
        except _Changed:
            return Released(0, None, 0.0)
        if records:
            faults.point("release.after_commit")
            await self._publish(UPDATES_DUE.name, [(record.key(), record.to_bytes()) for record in records])
            faults.point("release.after_publish")
        if not drained:
            return Released(len(records), None, 0.0 if records else LOOK_AT_FULL)
        async with self._pool.acquire() as connection:
            next_at = await road.next_due(connection, self._clock.now())
            again_in = await road.next_lease_end(connection)
        return Released(len(records), next_at, again_in)

    # ------------------------------------------------------------ releasing

    async def _release(self) -> tuple[list[UpdatesDue], bool]:
        """Release one batch; returns it, and whether nothing that could go was left behind."""
        async with self._pool.acquire() as connection, connection.transaction():
            on = await brakes.read_brakes(connection)
            if on != brakes.NONE:
                await self._ring(connection, on)
            if on.everything:
                return [], True
            room = self._bound - await road.unfinished(connection)
            if room * 2 < self._batch:
                return [], False  # a few at a time cost as much as many: whatever finishes next wakes us
            now = self._clock.now()
            most = min(room, self._batch)
            claimed = await road.claim_due(connection, now, most, on)
            if not claimed:
                return [], True
            journal = Journal("release", "scheduler", now)
            carried = await road.carried(connection, [message.id for message in claimed])
            going = await self._judge(connection, claimed, carried, journal)
            records = await self._give_out(connection, going, carried, journal)
            await journal.write(connection)
            faults.point("release.before_commit")
        count(journal)
        return records, len(claimed) < most

    async def _ring_instead(self) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await self._ring(connection, brakes.NONE)

    async def _ring(self, connection: Connection, on: brakes.Brakes) -> None:
        """What takes back something that somebody heard does not wait for a brake: a person is asked to ring (PR09)."""
        now = self._clock.now()
        held = await road.claim_braked(connection, now, self._batch, on, stopped=self._keeping.stop.is_on())
        if not held:
            return
        journal = Journal("release", "scheduler", now)
        carried = await road.carried(connection, [message.id for message in held])
        views = await load_views(connection, held, carried, self._keeping, now)
        stopped = [
            (message, carried[message.id], shut)
            for message in held
            if _fits(message, carried[message.id]) and (shut := first_shut(views[message.id])) is not None
        ]
        await stop_messages(connection, [one for one in stopped if one[2].then != "wait"], journal)
        await journal.write(connection)

    async def _judge(
        self,
        connection: Connection,
        claimed: Sequence[Message],
        carried: Mapping[UUID, Sequence[Carried]],
        journal: Journal,
    ) -> list[Message]:
        views = await load_views(connection, claimed, carried, self._keeping, journal.now)
        going: list[Message] = []
        stopped: list[Stopped] = []
        overtaken: list[tuple[Message, Sequence[Carried]]] = []
        for message in claimed:
            updates = carried[message.id]
            if not _fits(message, updates):
                overtaken.append((message, updates))
                continue
            shut = first_shut(views[message.id])
            if shut is None and message.kind == "news" and any(update.contested for update in updates):
                shut = Shut(
                    "contested", "what it says has changed: it is planned again first", "wait", journal.now + SOON
                )
            if shut is None:
                going.append(message)
            else:
                stopped.append((message, updates, shut))
        await stop_messages(connection, stopped, journal)
        await void_overtaken(connection, overtaken, journal)
        return going

    async def _give_out(
        self,
        connection: Connection,
        going: Sequence[Message],
        carried: Mapping[UUID, Sequence[Carried]],
        journal: Journal,
    ) -> list[UpdatesDue]:
        if not going:
            return []
        releases = {message.id: uuid4() for message in going}
        epochs = await road.release(connection, list(releases.items()), self._lease_seconds, journal.now)
        moves = [
            UpdateMove(update.id, "released", "due")
            for message in going
            if message.kind == "news"
            for update in carried[message.id]
        ]
        if len(await move_updates(connection, moves, journal)) != len(moves):
            raise _Changed
        for message in going:
            if message.kind == "prompt":
                journal.note("message.released", message.force, message.id, {"kind": "prompt"})
        return [
            UpdatesDue(
                release=releases[message.id],
                force=message.force,
                person=message.person,
                message=message.id,
                updates=tuple(update.id for update in carried[message.id]),
                epoch=epochs[message.id],
                action="send",
            )
            for message in going
        ]

    # ------------------------------------------------------------ leases that ran out

    async def _bring_back(self) -> None:
        """What was released and never sent goes round again; what may have been sent is nobody's to send any more."""
        async with self._pool.acquire() as connection, connection.transaction():
            released, sending = await road.expired(connection, self._batch)
            if not released and not sending:
                return
            journal = Journal("release", "scheduler", self._clock.now())
            late = Shut("lease_over", "nobody sent it in time", "wait")
            carried = await road.carried(connection, [message.id for message in released])
            await stop_messages(connection, [(message, carried[message.id], late) for message in released], journal)
            await move_attempts(connection, await self._cut_off(connection, sending, journal.now), journal)
            await journal.write(connection)
        count(journal)
        log.warning("leases_ran_out", released=len(released), sending=len(sending))

    async def _cut_off(self, connection: Connection, sending: Sequence[Message], now: datetime) -> list[AttemptMove]:
        rows = await connection.fetch(
            "select id, channel, number, data_started_machine from attempts"
            " where message_id = any($1::uuid[]) and state = 'intent'",
            [message.id for message in sending],
        )
        moves = []
        for row in rows:
            if row["channel"] == "email" and row["data_started_machine"] is None:
                # The marker is committed before DATA: without it, no word of the mail was ever written.
                again_at = now if row["number"] < MAIL_TRIES else None
                reason = "its sender stopped before the mail was handed over"
                moves.append(
                    AttemptMove(row["id"], "not_sent", code="kept:lease_over", reason=reason, again_at=again_at)
                )
            else:
                reason = "its sender stopped after the intent, so nobody knows whether it left"
                moves.append(AttemptMove(row["id"], "unknown", code="kept:lease_over", reason=reason))
        return moves


def _fits(message: Message, updates: Sequence[Carried]) -> bool:
    """Whether what it carries still waits for it: news for planned updates, a prompt for held ones."""
    wanted = "planned" if message.kind == "news" else "held"
    return bool(updates) and all(update.state == wanted for update in updates)
