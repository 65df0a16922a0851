"""Dispatching: records come off `updates-due` into a bounded queue; intents, sends and outcomes follow from there.

The handler on the broker never sends. Its offset is committed as soon as a record is queued: the lease in the ledger, not the
offset, brings back what this process loses.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final, cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage
from faststream.middlewares import AckPolicy

from schemas.updates import BadRecord, UpdatesDue
from services import faults, logs, metrics
from services.dispatcher.gateways import Accepted, EmailGateway, NotSent, Outcome, SmsGateway, Unknown
from services.dispatcher.intent import SINK, Intents, Send
from services.dispatcher.markers import Markers
from services.dispatcher.outcomes import Recorder
from services.kafka import reading_tasks, while_somebody_reads
from services.ledger.connection import AWAY

log = logs.get(__name__)

GROUP: Final = 200
QUEUE: Final = 4000
QUEUE_SECONDS: Final = 60.0
"""Machine seconds that a batch of records waits for places in the queue; what has none by then its lease brings back later."""
LONGEST_PAUSE: Final = 2.0
_SETTLE_SECONDS: Final = 0.005


class Dispatcher:
    """Sends what was released. `run` is its loop; at most `sends_in_flight` intents are not yet answered."""

    def __init__(
        self,
        intents: Intents,
        recorder: Recorder,
        markers: Markers,
        *,
        sms: SmsGateway,
        email: EmailGateway,
        sends_in_flight: int = 64,
        group: int = GROUP,
    ) -> None:
        self._intents = intents
        self._recorder = recorder
        self._markers = markers
        self._sms = sms
        self._email = email
        self._most = sends_in_flight
        self._group = group
        self._queue: asyncio.Queue[UpdatesDue] = asyncio.Queue(QUEUE)
        self._sending: set[asyncio.Task[None]] = set()
        self._room = asyncio.Event()
        self._stopping = asyncio.Event()
        self._open = 0
        self._quiet = asyncio.Event()

    async def offer(self, due: UpdatesDue, seconds: float = QUEUE_SECONDS) -> bool:
        """Queue one record; False if there was no place for `seconds`, or this process is stopping."""
        if self._stopping.is_set():
            return False
        if self._queue.full():
            try:
                await asyncio.wait_for(self._queue.put(due), seconds)
            except TimeoutError:
                return False
        else:
            self._queue.put_nowait(due)
        self._open += 1
        return True

    async def run(self) -> None:
        """Commit intents and send until `stop`, and record outcomes for as long as there are any."""
        recording = asyncio.create_task(self._recorder.run(), name="outcomes")
        try:
            while not self._stopping.is_set():
                group = await self._next_group()
                for send in await self._commit(group) if group else ():
                    task = asyncio.create_task(self._send(send))
                    self._sending.add(task)
                    task.add_done_callback(self._done)
                self._open -= len(group)
                self._quiet.set()
            await self._finish()
        finally:
            recording.cancel()
            for task in self._sending:
                task.cancel()
            await asyncio.gather(recording, *self._sending, return_exceptions=True)

    async def stop(self) -> None:
        """Take nothing new; `run` then finishes what is in flight. What is cut off later is unknown, by its lease."""
        self._stopping.set()
        self._room.set()

    async def idle(self) -> None:
        """Wait until nothing is queued, being sent or being recorded."""
        while self._open or self._sending:
            self._quiet.clear()
            await self._quiet.wait()
        await self._recorder.drain()

    # ------------------------------------------------------------ intents

    async def _next_group(self) -> list[UpdatesDue]:
        """Wait for records and for senders that are free; no intent is committed that would have to wait for one."""
        first = await self._or_stopping(self._queue.get())
        if first is None:
            return []
        await self._wait_for_room(min(self._queue.qsize() + 1, self._group, max(1, self._most // 2)))
        group = [first]
        free = min(self._group, self._most - len(self._sending))
        while len(group) < free and not self._queue.empty():
            group.append(self._queue.get_nowait())
        return group

    async def _wait_for_room(self, wanted: int) -> None:
        """Until `wanted` senders are free, or a few milliseconds after the first is: groups of one would cost as much as many."""
        loop = asyncio.get_running_loop()
        until: float | None = None
        while not self._stopping.is_set():
            free = self._most - len(self._sending)
            if free >= wanted:
                return
            if free and until is None:
                until = loop.time() + _SETTLE_SECONDS
            left = None if until is None else until - loop.time()
            if left is not None and left <= 0:
                return
            self._room.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._room.wait(), left)

    async def _or_stopping(self, waiting: Any) -> Any:
        task = asyncio.ensure_future(waiting)
        stop = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait([task, stop], return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            task.cancel()
            stop.cancel()

    async def _commit(self, group: list[UpdatesDue]) -> list[Send]:
        """Commit a group's intents; what fails for a reason of its own is tried alone, and then left to its lease."""
        pause = 0.05
        while not self._stopping.is_set():
            try:
                return await self._intents.commit(group)
            except AWAY as error:
                log.warning("intents_wait", waiting=len(group), error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
            except Exception:  # one message that cannot be written must not hold up the others
                if len(group) == 1:
                    log.exception("intent_failed", message=str(group[0].message))
                    await self._intents.tell(group[0])
                    return []
                return [send for record in group for send in await self._commit([record])]
        return []

    # ------------------------------------------------------------ sending

    async def _send(self, send: Send) -> None:
        started = time.monotonic()
        outcome = await self._hand_over(send)
        metrics.ATTEMPT_SECONDS.labels(send.channel).observe(time.monotonic() - started)
        faults.point("dispatch.after_send")
        self._recorder.add(send, outcome)

    async def _hand_over(self, send: Send) -> Outcome:
        """Send once. The gateways say what became of it; anything that they did not foresee may have left."""
        if asyncio.get_running_loop().time() >= send.sent_by:
            # This process stood still for so long that the ledger may have given the message up.
            return NotSent("kept:lease_over", "its lease was over before it was sent")
        if send.provider == SINK:
            return Accepted(f"{SINK}-{send.attempt}")
        marked = _Marking(self._markers, send)
        try:
            if send.sms is not None:
                return await self._sms.send(send.sms)
            if send.email is not None:
                return await self._email.send(send.email, marked)
        except Exception:  # whatever it was, the message may have left
            log.exception("gateway_raised", attempt=str(send.attempt))
            if marked.failed:
                return NotSent("kept:not_marked", "it could not be noted that the mail was about to be handed over")
            return Unknown("kept:gateway", "the sender failed in a way that nobody foresaw")
        return NotSent("kept:no_words", "there was nothing to send")

    def _done(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self._room.set()
        self._quiet.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("send_failed", error=type(error).__name__)

    async def _finish(self) -> None:
        if self._sending:
            await asyncio.wait(self._sending)
        await self._recorder.drain()


class _Marking:
    """The `before_data` of one send; remembers whether it failed, for then nothing was handed over."""

    def __init__(self, markers: Markers, send: Send) -> None:
        self._markers = markers
        self._send = send
        self.failed = False

    async def __call__(self) -> None:
        try:
            await self._markers.mark(self._send.attempt)
        except BaseException:
            self.failed = True
            raise


async def _offered(dispatcher: Dispatcher, due: UpdatesDue, until: float) -> bool:
    """Offer one record. A cancellation that is not this task's own only loses the record, and must not end the reading."""
    try:
        return await dispatcher.offer(due, max(0.0, until - time.monotonic()))
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        return False


async def _raw(message: Any) -> Any:
    return message.body


def subscribe(
    broker: KafkaBroker,
    topic: str,
    group: str,
    dispatcher: Dispatcher,
    progress: Callable[[], None],
    *,
    session_seconds: float = 30,
) -> Callable[[], Coroutine[Any, Any, None]]:
    """Read `topic` into the dispatcher's queue. A record that cannot be read is logged and passed over: its lease decides.

    Returns the watch over the reading, to be run: it raises ReadingEnded when nobody reads any more.
    """
    subscriber = broker.subscriber(
        topic,
        group_id=group,
        batch=True,
        max_records=500,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.MANUAL,
        decoder=_raw,
        no_reply=True,
        session_timeout_ms=int(session_seconds * 1000),
        heartbeat_interval_ms=int(session_seconds * 1000 / 10),
    )

    @subscriber
    async def take(message: KafkaMessage) -> None:
        records = message.raw_message if isinstance(message.raw_message, tuple) else (message.raw_message,)
        ends: dict[TopicPartition, int] = {}
        until = time.monotonic() + QUEUE_SECONDS
        for record in records:
            ends[TopicPartition(record.topic, record.partition)] = record.offset + 1
            try:
                due = UpdatesDue.from_bytes(record.value)
            except BadRecord:
                log.exception("bad_release", partition=record.partition, offset=record.offset)
                continue
            if due.action == "send" and not await _offered(dispatcher, due, until):
                log.warning("release_not_taken", message=str(due.message))
        progress()
        try:
            await cast("AIOKafkaConsumer", message.consumer).commit(ends)
        except KafkaError as error:
            # The records come again, to nobody's harm: their epochs are used up.
            log.warning("offsets_not_committed", error=type(error).__name__)

    async def watch() -> None:
        async for _ in while_somebody_reads("what is due", reading_tasks(subscriber)):
            progress()

    return watch
