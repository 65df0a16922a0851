"""Intake: records of `case-events` become events, people and planned updates in the ledger, one transaction a batch.

The offsets to go on from are kept in the same transaction, so nothing is lost and what comes twice does nothing. A record that
cannot be used is kept with its bytes and the reason and never spoils its neighbours. While the database is away intake waits: it
rejects nothing and moves no offset.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from schemas.editions.model import Books
from schemas.envelope import BadEvent, ReadEvent, read_event
from services import faults, logs, metrics
from services.clock import Clock
from services.ledger import alerts, inbox
from services.ledger.connection import AWAY, Connection, Pool
from services.ledger.counting import count
from services.ledger.feeds import Hearing
from services.ledger.inbox import Rejected
from services.ledger.journal import Journal
from services.scheduler.consume import subscribe
from services.scheduler.plan import plan as plan_case
from services.scheduler.replan import PlanFunction, Planner
from services.scheduler.store import Accepted, store
from services.scheduler.working_days import WorkingDays

__all__ = ["Applied", "Intake", "Record", "subscribe"]

log = logs.get(__name__)

_LONGEST_WAIT: Final = 5.0
_FIRST_WAIT: Final = 0.1
LANES: Final = 3
"""What the last lane writes, nothing is planned beside: a third of a batch costs less than a half."""
_WORTH_SPLITTING: Final = 200
"""Records below which a second transaction costs more than it saves."""


class RecordLike(Protocol):
    """What intake needs of a record; the broker client's own records are such."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the topic."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a batch: how many events were new, how many were known, and the reason of each that was rejected."""

    events: int = 0
    duplicates: int = 0
    rejected: tuple[str, ...] = ()
    waiting: int = 0

    def __add__(self, other: Applied) -> Applied:
        return Applied(
            self.events + other.events,
            self.duplicates + other.duplicates,
            self.rejected + other.rejected,
            self.waiting + other.waiting,
        )


@dataclass(frozen=True, slots=True)
class _Item:
    record: RecordLike
    read: ReadEvent | None
    bad: BadEvent | None


@dataclass(slots=True)
class Intake:
    """Applies batches of records."""

    pool: Pool
    clock: Clock
    books: Books
    calendar: WorkingDays
    plan: PlanFunction = plan_case
    wait_for_rules: bool = False
    _hearing: Hearing = field(init=False, default_factory=Hearing)
    _planner: Planner = field(init=False)
    _progress: Callable[[], None] = field(init=False, default=lambda: None)

    def __post_init__(self) -> None:
        self._planner = Planner(self.books, self.calendar, self.plan, self.wait_for_rules)

    def report_to(self, progress: Callable[[], None]) -> None:
        """Have `progress` called whenever something was done, or tried while the database is away."""
        self._progress = progress

    async def apply(self, records: Sequence[RecordLike], *, keep_offsets: bool = True) -> Applied:
        """Apply records in the ledger; returns only when every one is applied, known or rejected, and committed.

        A large batch goes in lanes of whole partitions, each a transaction with its own offsets: one lane is planned while the
        database writes another.
        """
        lanes = [asyncio.ensure_future(self._lane(lane, keep_offsets=keep_offsets)) for lane in lanes_of(records)]
        try:
            applied = sum(await asyncio.gather(*lanes), start=Applied())
        finally:
            for lane in lanes:
                lane.cancel()
            # Nothing of this call goes on after it: what is cut off is rolled back.
            await asyncio.gather(*lanes, return_exceptions=True)
        metrics.EVENTS.labels("applied").inc(applied.events)
        metrics.EVENTS.labels("duplicate").inc(applied.duplicates)
        metrics.EVENTS.labels("rejected").inc(len(applied.rejected))
        metrics.EVENTS.labels("waiting").inc(applied.waiting)
        return applied

    async def _lane(self, records: Sequence[RecordLike], *, keep_offsets: bool) -> Applied:
        return await self._apply([_read(record) for record in records], keep_offsets=keep_offsets)

    async def _apply(self, items: Sequence[_Item], *, keep_offsets: bool) -> Applied:
        try:
            return await self._patiently(items, keep_offsets=keep_offsets)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is told with its record or found by halving
            if len(items) == 1:
                return await self._spoilt(items[0], error, keep_offsets=keep_offsets)
            # Something in it cannot be stored: halve until it stands alone, so that its neighbours are applied.
            log.warning("batch_halved", records=len(items), error=type(error).__name__)
        middle = len(items) // 2
        first = await self._apply(items[:middle], keep_offsets=keep_offsets)
        return first + await self._apply(items[middle:], keep_offsets=keep_offsets)

    async def _spoilt(self, item: _Item, error: Exception, *, keep_offsets: bool) -> Applied:
        record = item.record
        log.error(
            "event_not_storable",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            error=type(error).__name__,
            table=getattr(error, "table_name", None),
            column=getattr(error, "column_name", None),
            constraint=getattr(error, "constraint_name", None),
        )
        remedy = "this event could not be stored; replay it with a version that can"
        return await self._patiently([_Item(record, None, BadEvent("internal", "", remedy))], keep_offsets=keep_offsets)

    async def _patiently(self, items: Sequence[_Item], *, keep_offsets: bool) -> Applied:
        """One transaction, tried again for as long as the database is away or busy."""
        wait = _FIRST_WAIT
        while True:
            try:
                return await self._once(items, keep_offsets=keep_offsets)
            except AWAY as error:
                if isinstance(error, ValueError):  # the client refused a value: that is the event, not the database
                    raise
                self._progress()
                log.warning("database_away", error=type(error).__name__, records=len(items))
            await asyncio.sleep(wait * random.uniform(0.5, 1))  # noqa: S311  # spreads those who wait; nothing secret
            wait = min(wait * 2, _LONGEST_WAIT)

    async def _once(self, items: Sequence[_Item], *, keep_offsets: bool) -> Applied:
        journal = Journal("intake", "scheduler", self.clock.now())
        async with self.pool.acquire() as connection, connection.transaction():
            accepted = [Accepted(item.record, item.read) for item in items if item.read is not None]
            stored = await store(connection, self._planner, accepted, journal)
            rejected = [_rejected(item.record, item.bad) for item in items if item.bad is not None] + [
                _rejected(record, _OTHER_BYTES) for record in stored.other_bytes
            ]
            await _reject(connection, rejected, stored.names, journal.now)
            if keep_offsets:
                await _keep_offsets(connection, items)
            if stored.new:
                _note(journal, items, stored.new)
            # Last but the audit, as its rows too are everybody's.
            heard = await self._hearing.note(connection, (read.event for read in stored.new), journal.now)
            await journal.write(connection)
            faults.point("intake.before_commit")
        faults.point("intake.after_commit")
        self._hearing.noted(heard)
        count(journal)
        self._progress()
        return Applied(len(stored.new), stored.duplicates, tuple(item.reason for item in rejected), stored.waiting)


def lanes_of(records: Sequence[RecordLike]) -> list[list[RecordLike]]:
    """Split a batch into lanes of whole partitions, about equally long; a small batch, or one partition, is one lane."""
    if not records:
        return []
    partitions: dict[tuple[str, int], list[RecordLike]] = {}
    for record in records:
        partitions.setdefault((record.topic, record.partition), []).append(record)
    count = min(LANES, len(partitions)) if len(records) >= _WORTH_SPLITTING else 1
    lanes: list[list[RecordLike]] = [[] for _ in range(count)]
    for group in sorted(partitions.values(), key=len, reverse=True):
        min(lanes, key=len).extend(group)
    return lanes


_OTHER_BYTES: Final = BadEvent(
    "same_id_other_bytes",
    "id",
    "an event of this source and id came before with other content; correct it with event.corrected",
)


def _read(record: RecordLike) -> _Item:
    try:
        return _Item(record, read_event(record.value), None)
    except BadEvent as bad:
        return _Item(record, None, bad)
    except Exception as error:
        # Reading is ours to get right; the record is kept, and the road stays open.
        log.exception("event_not_readable", error_type=type(error).__name__)
        return _Item(
            record, None, BadEvent("internal", "", "this event could not be read; replay it with a version that can")
        )


def _rejected(record: RecordLike, bad: BadEvent) -> Rejected:
    return Rejected(
        record.topic, record.partition, record.offset, bad.reason, bad.field, bad.remedy, record.key, record.value
    )


async def _reject(
    connection: Connection, rejected: Sequence[Rejected], names: dict[tuple[str, int, int], str], now: datetime
) -> None:
    if not rejected:
        return
    await inbox.reject(connection, rejected, now)
    told: dict[tuple[str, str], str] = {}
    for item in rejected:
        if item.reason == "same_id_other_bytes":
            about = names[item.topic, item.partition, item.offset]
            told["same_id_other_bytes", about] = "An event came again with other content: the first one stands."
        else:
            told["event_rejected", item.reason] = "Events came in that cannot be used; see `kept events rejected`."
    for (kind, about), text in sorted(told.items()):
        await alerts.raise_alert(
            connection, kind, about, text, "engineers", "the feed is mended and the events are replayed", now
        )
        log.warning("events_rejected", kind=kind, reason=about if kind == "event_rejected" else kind)


async def _keep_offsets(connection: Connection, items: Sequence[_Item]) -> None:
    offsets: dict[str, dict[int, int]] = {}
    for item in items:
        of_topic = offsets.setdefault(item.record.topic, {})
        partition = item.record.partition
        of_topic[partition] = max(of_topic.get(partition, 0), item.record.offset + 1)
    for topic, partitions in sorted(offsets.items()):
        await inbox.keep_offsets(connection, topic, partitions)


def _note(journal: Journal, items: Sequence[_Item], new: Sequence[ReadEvent]) -> None:
    """One audit entry a batch stands for its events: how many, and a hash over the hashes of their bytes."""
    digest = hashlib.sha256(b"".join(read.event.digest for read in new)).hexdigest()
    first = items[0].record
    subject = f"{first.topic}/{first.partition}/{first.offset}"
    for force, events in sorted(Counter(read.event.force for read in new).items()):
        journal.note("events.accepted", force, subject, {"events": events, "digest": digest})
