"""Recording what became of sends: gathered for a moment, then a group in one transaction. No outcome is dropped.

While the database is away outcomes wait here. One that cannot be recorded with its neighbours is recorded alone; one that cannot
be recorded at all is left to its lease, which makes it unknown, and somebody is told.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Final, assert_never

from services import faults, logs
from services.clock import Clock
from services.dispatcher import retry
from services.dispatcher.gateways import Accepted, NotSent, Outcome, Refused, Unknown
from services.dispatcher.intent import Send
from services.ledger.alerts import raise_alert
from services.ledger.attempts import AttemptMove, move_attempts
from services.ledger.connection import AWAY, Pool
from services.ledger.counting import count
from services.ledger.journal import Journal

log = logs.get(__name__)

GATHER_SECONDS: Final = 0.02
GROUP: Final = 500
LONGEST_PAUSE: Final = 2.0

Result = tuple[Send, Outcome]


class Recorder:
    """Takes outcomes and writes them down; `run` is its loop, `drain` waits until nothing is left to write."""

    def __init__(self, pool: Pool, clock: Clock, *, gather_seconds: float = GATHER_SECONDS, group: int = GROUP) -> None:
        self._pool = pool
        self._clock = clock
        self._gather = gather_seconds
        self._group = group
        self._waiting: list[Result] = []
        self._some = asyncio.Event()
        self._full = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()

    def add(self, send: Send, outcome: Outcome) -> None:
        """Take one outcome."""
        self._waiting.append((send, outcome))
        self._empty.clear()
        self._some.set()
        if len(self._waiting) >= self._group:
            self._full.set()

    async def drain(self) -> None:
        """Wait until every outcome that was taken is written."""
        await self._empty.wait()

    async def run(self) -> None:
        """Write groups for ever."""
        while True:
            await self._some.wait()
            if len(self._waiting) < self._group:
                try:
                    async with asyncio.timeout(self._gather):
                        await self._full.wait()
                except TimeoutError:
                    pass
            group, self._waiting = self._waiting[: self._group], self._waiting[self._group :]
            if len(self._waiting) < self._group:
                self._full.clear()
            await self._record(group)
            if not self._waiting:
                self._some.clear()
                self._empty.set()

    async def _record(self, group: Sequence[Result]) -> None:
        """Record a group, whatever it takes."""
        pause = 0.05
        while True:
            try:
                await self._write(group)
            except AWAY as error:
                log.warning("outcomes_wait", waiting=len(group) + len(self._waiting), error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
            except Exception as error:  # noqa: BLE001  # one outcome that cannot be written must not hold up the others
                if len(group) == 1:
                    await self._give_up(group[0][0], error)
                    return
                for result in group:
                    await self._record([result])
                return
            else:
                return

    async def _write(self, group: Sequence[Result]) -> None:
        journal = Journal("dispatch", "dispatcher", self._clock.now())
        async with self._pool.acquire() as connection, connection.transaction():
            moves = [self._move(send, outcome, journal) for send, outcome in group]
            moved = set(await move_attempts(connection, moves, journal))
            for (send, _), move in zip(group, moves, strict=True):
                if send.attempt not in moved:
                    # A receipt was quicker, or the lease was over: the answer is kept as evidence.
                    data = {"outcome": move.to, "provider_id": move.provider_id, "code": move.code}
                    journal.note("attempt.answer_late", send.force, send.attempt, data)
            await journal.write(connection)
            faults.point("dispatch.before_outcome_commit")
        faults.point("dispatch.after_outcome_commit")
        count(journal)

    def _move(self, send: Send, outcome: Outcome, journal: Journal) -> AttemptMove:
        match outcome:
            case Accepted():
                return AttemptMove(send.attempt, "accepted", provider_id=outcome.provider_id)
            case Refused():
                return AttemptMove(send.attempt, "refused", code=outcome.code, reason=outcome.reason)
            case Unknown():
                return AttemptMove(send.attempt, "unknown", code=outcome.code, reason=outcome.reason)
            case NotSent():
                tried = retry.Tried(send.channel, send.number, journal.now, send.first_at, send.due_at)
                after = None
                if outcome.retry_after is not None:  # machine time, as everything that a provider says
                    after = timedelta(seconds=outcome.retry_after * self._clock.rate)
                decision = retry.after_not_sent(
                    tried,
                    retry_after=after,
                    provider_wide=outcome.provider_wide,
                    spread=random.random(),  # noqa: S311  # spreads retries, guards nothing
                )
                return AttemptMove(
                    send.attempt, "not_sent", code=outcome.code, reason=outcome.reason, again_at=decision.again_at
                )
            case _:
                assert_never(outcome)

    async def _give_up(self, send: Send, error: Exception) -> None:
        log.error("outcome_not_recorded", attempt=str(send.attempt), error=type(error).__name__)
        try:
            async with self._pool.acquire() as connection:
                await raise_alert(
                    connection,
                    "outcome_not_recorded",
                    send.attempt,
                    "An answer of a provider could not be recorded: its attempt becomes unknown and its updates are held.",
                    "engineers",
                    "Cleared by hand once the fault is found.",
                    self._clock.now(),
                )
        except AWAY:
            log.exception("alert_not_raised", attempt=str(send.attempt))
