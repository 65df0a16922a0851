"""Reading `case-events` with FastStream so that nothing is lost: raw bytes, acknowledged by hand, partition by partition.

The stored offsets are the authority: on every assignment reading goes on from them, whatever the group's own offsets say. The
handler never raises: it returns when its batch is in the ledger, and only then are the group's offsets moved, explicitly for
each partition; a commit that fails (another member has the partition by now) is counted and does no harm.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, Final, Protocol

from aiokafka import ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER, KafkaAckableMessage

from services import logs, metrics
from services.clock import Clock
from services.kafka import reading_tasks, while_somebody_reads
from services.ledger import alerts, inbox
from services.ledger.connection import AWAY, Pool

log = logs.get(__name__)

LARGEST_BATCH: Final = 2000
_FETCH_BYTES: Final = 256 * 1024
"""Of each partition at a time, so that a batch holds several; the broker sends a larger record all the same."""
_LONGEST_POLL_MS: Final = 24 * 60 * 60 * 1000
"""A handler that waits for the database must not lose its partitions for it; one that is stuck is ended by its own watchdog."""
_WAIT: Final = 1.0


class Applies(Protocol):
    """What the subscriber hands batches to: `services.scheduler.intake.Intake`."""

    pool: Pool
    clock: Clock

    def report_to(self, progress: Callable[[], None]) -> None:
        """Have it call `progress` while it waits for the database too, so that waiting is not taken for standing still."""

    async def apply(self, records: Sequence[Any]) -> Any:
        """Return once every record is in the ledger."""


def subscribe(
    broker: KafkaBroker,
    topic: str,
    group: str,
    intake: Applies,
    progress: Callable[[], None],
    *,
    batch: int = LARGEST_BATCH,
    session_seconds: float = 30,
) -> Callable[[], Coroutine[Any, Any, None]]:
    """Have `broker` hand the records of `topic` to `intake` once it starts; returns the watch over the reading, to be run.

    `progress` is called whenever something was done, or there is nothing to do. The watch raises ReadingEnded when nobody reads
    any more: a process that lives and reads nothing helps nobody.
    """
    intake.report_to(progress)
    reader = _Reader(intake, progress)
    subscriber = broker.subscriber(
        topic,
        batch=True,
        group_id=group,
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",
        max_records=batch,
        batch_timeout_ms=50,
        fetch_max_wait_ms=200,
        max_partition_fetch_bytes=_FETCH_BYTES,
        max_poll_interval_ms=_LONGEST_POLL_MS,
        session_timeout_ms=int(session_seconds * 1000),
        heartbeat_interval_ms=int(session_seconds * 1000 / 10),
        listener=reader,
        parser=_parse,
        decoder=_raw,
        no_reply=True,
    )
    reader.consumer = lambda: getattr(subscriber, "consumer", None)

    @subscriber
    async def take(message: KafkaMessage) -> None:
        await reader.take(message.raw_message)

    return lambda: reader.watch(reading_tasks(subscriber))


async def _parse(records: Any) -> Any:
    """A batch as it came. Nothing of a record is looked into here: what is wrong with it must not keep it from the handler."""
    return KafkaAckableMessage(body=b"", raw_message=records, consumer=FAKE_CONSUMER, message_id=str(records[0].offset))


async def _raw(message: Any) -> Any:
    return message.raw_message


class _Reader(ConsumerRebalanceListener):  # type: ignore[misc]  # the client library carries no types
    def __init__(self, intake: Applies, progress: Callable[[], None]) -> None:
        self.intake = intake
        self.progress = progress
        self.consumer: Callable[[], Any] = lambda: None
        self._aligning: dict[TopicPartition, asyncio.Task[None]] = {}
        self._done: dict[TopicPartition, int] = {}
        self._busy = False

    async def watch(self, reading: Callable[[], list[asyncio.Task[Any]]]) -> None:
        """Look every second whether the reading goes on; idle counts as progress only while the client is really reading."""
        async for _ in while_somebody_reads("the case events", reading):
            if not self._busy and (self.consumer() is None or self._caught_up()):
                self.progress()

    def _caught_up(self) -> bool:
        """Whether nothing is fetched or left to fetch, as far as the client knows."""
        consumer = self.consumer()
        assignment = consumer.assignment()
        for partition in assignment:
            high = _highwater(consumer, partition)
            done = self._done.get(partition)
            if high is not None and done is not None and high > done:
                return False
        return True

    async def take(self, records: Sequence[ConsumerRecord]) -> None:
        """Have a batch applied, then move the group's offsets. Only a cancellation that is meant ends it before that."""
        self._busy = True
        try:
            await self._take(records)
        finally:
            self._busy = False

    async def _take(self, records: Sequence[ConsumerRecord]) -> None:
        wait = 0.0
        while True:
            try:
                await asyncio.sleep(wait)
                await self.intake.apply(records)
                break
            except asyncio.CancelledError:
                if _being_cancelled():
                    raise
                # It came from within (a driver, a time-out that leaked): letting it out would end the reading for good.
                log.warning("stray_cancellation", records=len(records))
            except Exception:
                log.exception("batch_not_applied", records=len(records))
                wait = _WAIT
        self.progress()
        await self._commit(records)

    async def _commit(self, records: Sequence[ConsumerRecord]) -> None:
        consumer = self.consumer()
        if consumer is None:
            return
        offsets: dict[TopicPartition, int] = {}
        for record in records:
            partition = TopicPartition(record.topic, record.partition)
            offsets[partition] = max(offsets.get(partition, 0), record.offset + 1)
        self._done.update(offsets)
        metrics.LAG.set(
            sum(max(0, (_highwater(consumer, partition) or 0) - done) for partition, done in self._done.items())
        )
        lost = offsets.keys() - consumer.assignment()
        if lost:
            # They went to another member meanwhile, who reads on from what the ledger holds.
            metrics.COMMITS_FAILED.inc(len(lost))
            log.warning("partitions_lost", partitions=len(lost))
            offsets = {partition: offset for partition, offset in offsets.items() if partition not in lost}
        try:
            if offsets:
                await consumer.commit(offsets)
        except asyncio.CancelledError:
            if _being_cancelled():
                raise
            metrics.COMMITS_FAILED.inc()
        except (KafkaError, OSError) as error:
            metrics.COMMITS_FAILED.inc()
            log.warning("offsets_not_committed", error=type(error).__name__, partitions=len(offsets))

    # ------------------------------------------------------------ assignment

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Somebody else reads these from now on."""
        for partition in revoked:
            self._done.pop(partition, None)
            task = self._aligning.pop(partition, None)
            if task is not None:
                task.cancel()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Nothing is read until each partition stands at its stored offset; the rebalance itself does not wait for a database."""
        consumer = self.consumer()
        for partition in assigned:
            consumer.pause(partition)
            before = self._aligning.pop(partition, None)
            if before is not None:
                before.cancel()
            self._aligning[partition] = asyncio.create_task(self._align(consumer, partition))

    async def _align(self, consumer: Any, partition: TopicPartition) -> None:
        while True:
            try:
                await self._seek(consumer, partition)
            except IllegalStateError:
                return  # it is no longer ours
            except (*AWAY, KafkaError) as error:
                self.progress()
                log.warning("offsets_not_read", partition=partition.partition, error=type(error).__name__)
                await asyncio.sleep(_WAIT)
            else:
                return

    async def _seek(self, consumer: Any, partition: TopicPartition) -> None:
        async with self.intake.pool.acquire() as connection:
            stored = (await inbox.stored_offsets(connection, partition.topic)).get(partition.partition)
        first = (await consumer.beginning_offsets([partition]))[partition]
        end = (await consumer.end_offsets([partition]))[partition]
        about = f"{partition.topic}/{partition.partition}"
        if stored is not None and not first <= stored <= end:
            # Neither reading months again nor skipping what was never read is ours to choose.
            log.error("offset_outside_log", about=about, stored=stored, first=first, end=end)
            async with self.intake.pool.acquire() as connection:
                await alerts.raise_alert(
                    connection,
                    "offset_outside_log",
                    about,
                    f"Reading of this partition stopped: the ledger is at offset {stored}, the topic holds {first} to {end}.",
                    "engineers",
                    "the topic or the ledger is restored, or the stored offset is set by hand, and the scheduler started again",
                    self.intake.clock.now(),
                )
            return
        consumer.seek(partition, first if stored is None else stored)
        consumer.resume(partition)


def _being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _highwater(consumer: Any, partition: TopicPartition) -> int | None:
    try:
        high: int | None = consumer.highwater(partition)
    except (IllegalStateError, AssertionError):
        return None
    return high
