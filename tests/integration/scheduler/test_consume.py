"""Reading the topic on a real broker: nothing is lost on an exception, a kill, a cancellation, a slow stop or a rebalance."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

import pytest
from aiokafka.structs import TopicPartition
from faststream.kafka import KafkaBroker

from services import faults, metrics
from services.clock import Clock
from services.kafka import ReadingEnded
from services.ledger.alerts import list_alerts
from services.ledger.connection import Pool, open_pool
from services.scheduler.consume import subscribe
from tests.conftest import eventually
from tests.integration.scheduler.support import (
    CLOCK,
    arrest,
    committed,
    event,
    intake_on,
    publish,
    stored,
    topic_of,
    updates_in,
)

Before = Callable[[int], Awaitable[None]]


@dataclass
class Applying:
    """An intake that does something first; `calls` counts the batches that it was handed."""

    pool: Pool
    first: Before | None = None
    clock: Clock = CLOCK
    calls: int = 0
    done: list[Any] = field(default_factory=list)
    _progress: Callable[[], None] = field(init=False, default=lambda: None)

    def report_to(self, progress: Callable[[], None]) -> None:
        self._progress = progress

    async def apply(self, records: Sequence[Any]) -> Any:
        self.calls += 1
        if self.first is not None:
            await self.first(self.calls)
        intake = intake_on(self.pool)
        intake.report_to(self._progress)
        applied = await intake.apply(records)
        self.done.append(applied)
        return applied


@dataclass
class Running:
    """A broker client that reads."""

    broker: KafkaBroker
    watch: asyncio.Task[None]
    beats: list[float]


@asynccontextmanager
async def reading(
    bootstrap: str, topic: str, group: str, applying: Any, *, batch: int = 1000, graceful: float = 5, name: str = "test"
) -> AsyncIterator[Running]:
    """Read the topic into `applying` for as long as the block runs."""
    broker = KafkaBroker(
        bootstrap, client_id=name, allow_auto_create_topics=False, logger=None, graceful_timeout=graceful
    )
    beats: list[float] = []
    watch = subscribe(
        broker,
        topic,
        group,
        applying,
        lambda: beats.append(asyncio.get_running_loop().time()),
        batch=batch,
        session_seconds=6,
    )
    await broker.start()
    task = asyncio.create_task(watch())
    try:
        yield Running(broker, task, beats)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await broker.stop()


async def there_are(pool: Pool, updates: int, within: float = 25) -> None:
    """Wait until the ledger holds so many updates."""

    async def enough() -> bool:
        return await updates_in(pool) >= updates

    await eventually(enough, within=within)
    assert await updates_in(pool) == updates


async def group_is_at(bootstrap: str, topic: str, group: str, offsets: dict[int, int]) -> None:
    """Wait until the group's own offsets are these."""

    async def there() -> bool:
        return await committed(bootstrap, topic, group) == offsets

    await eventually(there, within=15, every=0.2)


@pytest.mark.parametrize("error", [RuntimeError, KeyError], ids=["R01-RuntimeError", "R01-KeyError"])
async def test_an_exception_on_the_second_of_three_loses_nothing(
    kafka: str, prefix: str, pool: Pool, error: type[Exception]
) -> None:
    """All three are applied, and no offset ever passes an event that is not."""
    offsets: list[dict[int, int]] = []

    async def second_fails(call: int) -> None:
        if call == 2:
            offsets.append(await committed(kafka, topic, f"{prefix}g"))
            raise error("of our own making")

    async with topic_of(kafka, f"{prefix}events") as topic:
        await publish(kafka, topic, [arrest("e1"), arrest("e2"), arrest("e3")])
        applying = Applying(pool, second_fails)
        async with reading(kafka, topic, f"{prefix}g", applying, batch=1):
            await there_are(pool, 3)
            await group_is_at(kafka, topic, f"{prefix}g", {0: 3})
        assert offsets in ([{0: 1}], [{}])
        assert applying.calls == 4
        assert await stored(pool, topic) == {0: 3}


@asynccontextmanager
async def intake_process(
    ledger_url: str, kafka: str, topic: str, group: str, *more: str, crash_at: str | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """An intake as a process of its own; killed at the end if it still runs."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KEPT_")}
    if crash_at:
        environment["KEPT_CRASH_AT"] = crash_at
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.scheduler.run_intake",
        ledger_url,
        kafka,
        topic,
        group,
        *more,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def says(process: asyncio.subprocess.Process, line: bytes) -> None:
    """Wait until the process prints `line`."""
    assert process.stdout is not None
    async with asyncio.timeout(20):
        async for said in process.stdout:
            if said.strip() == line:
                return
    pytest.fail(f"the process ended without saying {line!r}")


async def test_r02_a_kill_within_a_handler_redelivers(kafka: str, prefix: str, pool: Pool, ledger_url: str) -> None:
    """R02: killed with -9 while a batch is being applied: it comes again, and there is one update."""
    async with topic_of(kafka, f"{prefix}events") as topic:
        await publish(kafka, topic, [arrest("e1")])
        async with intake_process(ledger_url, kafka, topic, f"{prefix}g", "20") as process:
            await says(process, b"applying")
            process.kill()
            await process.wait()
        assert await updates_in(pool) == 0
        async with reading(kafka, topic, f"{prefix}g", Applying(pool)):
            await there_are(pool, 1)


async def test_r03_a_stop_that_cannot_wait_redelivers(kafka: str, prefix: str, pool: Pool) -> None:
    """R03: stopped while a handler runs longer than the grace: nothing of it is kept, no offset moves, it comes again."""
    entered = asyncio.Event()

    async def for_long(_call: int) -> None:
        entered.set()
        await asyncio.sleep(60)

    async with topic_of(kafka, f"{prefix}events") as topic:
        await publish(kafka, topic, [arrest("e1")])
        async with reading(kafka, topic, f"{prefix}g", Applying(pool, for_long), graceful=0.5):
            async with asyncio.timeout(20):
                await entered.wait()
        assert await committed(kafka, topic, f"{prefix}g") == {}
        assert (await updates_in(pool), await stored(pool, topic)) == (0, {})
        async with reading(kafka, topic, f"{prefix}g", Applying(pool)):
            await there_are(pool, 1)
            await group_is_at(kafka, topic, f"{prefix}g", {0: 1})


@pytest.mark.parametrize("point", ["intake.before_commit", "intake.after_commit"], ids=["before", "R04-after"])
async def test_a_crash_around_the_commit_leaves_one_update(
    kafka: str, prefix: str, pool: Pool, ledger_url: str, point: str
) -> None:
    """Dead at the commit, before any offset: it comes again, and there is one update."""
    async with topic_of(kafka, f"{prefix}events") as topic:
        await publish(kafka, topic, [arrest("e1")])
        async with intake_process(ledger_url, kafka, topic, f"{prefix}g", crash_at=f"{point}:1") as process:
            assert await asyncio.wait_for(process.wait(), 20) == faults.CRASHED
        assert await committed(kafka, topic, f"{prefix}g") == {}
        assert await updates_in(pool) == (1 if point == "intake.after_commit" else 0)
        await publish(kafka, topic, [arrest("e1"), arrest("e2")])
        async with reading(kafka, topic, f"{prefix}g", Applying(pool)):
            await there_are(pool, 2)
        assert await pool.fetchval("select count(*) from audit_entry where action = 'update.planned'") == 2


async def test_r05_a_thousand_copies_over_four_partitions(kafka: str, prefix: str, pool: Pool, ledger_url: str) -> None:
    """R05: the same event a thousand times, two members on one ledger: one update, the rest are counted."""
    other = await open_pool(ledger_url, name="test-other")
    try:
        async with topic_of(kafka, f"{prefix}events", partitions=4) as topic:
            group = f"{prefix}g"
            one, two = Applying(pool), Applying(other)
            async with reading(kafka, topic, group, one), reading(kafka, topic, group, two):
                await asyncio.gather(
                    *(publish(kafka, topic, [arrest("e1")] * 250, partition=partition) for partition in range(4))
                )
                await group_is_at(kafka, topic, group, dict.fromkeys(range(4), 250))
            applied = [*one.done, *two.done]
            assert sum(batch.events for batch in applied) == 1
            assert sum(batch.duplicates for batch in applied) >= 999
            assert await updates_in(pool) == 1
    finally:
        await other.close()


async def test_r06_a_rebalance_within_a_handler(kafka: str, prefix: str, pool: Pool) -> None:
    """R06: a member that joins takes the partition from a running handler: one update, and the lost commit is counted."""
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def wait(_call: int) -> None:
        entered.set()
        await go_on.wait()

    async with topic_of(kafka, f"{prefix}events", partitions=2) as topic:
        group = f"{prefix}g"
        await publish(kafka, topic, [arrest("e1")], partition=0)
        before = metrics.COMMITS_FAILED._value.get()
        first, second = Applying(pool, wait), Applying(pool)
        # Partitions go round the members in the order of their names: the one that joins gets partition 0.
        async with reading(kafka, topic, group, first, name="z"):
            async with asyncio.timeout(20):
                await entered.wait()
            async with reading(kafka, topic, group, second, name="a"):
                await there_are(pool, 1)
                go_on.set()

                async def both_done() -> bool:
                    return len(first.done) == 1

                await eventually(both_done)
                await group_is_at(kafka, topic, group, {0: 1})
        assert (second.done[0].events, first.done[0].duplicates) == (1, 1)
        assert await updates_in(pool) == 1
        assert metrics.COMMITS_FAILED._value.get() == before + 1


@pytest.mark.parametrize("size", [5 * 1024 * 1024], ids=["R08-5-MB"])
async def test_a_record_of_5_mb_is_kept_and_the_next_applied_within_a_second(
    kafka: str, prefix: str, pool: Pool, size: int
) -> None:
    """It arrives, is kept with its bytes and refused; so is one whose headers are no text; the next one is applied at once."""
    huge = event("b1", "suspect.arrested", {"suspect": "s", "x": "x" * size})
    async with topic_of(kafka, f"{prefix}events") as topic, reading(kafka, topic, f"{prefix}g", Applying(pool)):
        await publish(kafka, topic, [arrest("e0")])
        await there_are(pool, 1)
        await publish(kafka, topic, [huge, None])
        await publish(kafka, topic, [b"\xff\xfe"], headers=[("content-type", b"\xff\xfe")])
        started = asyncio.get_running_loop().time()
        await publish(kafka, topic, [arrest("e1")], headers=[("content-type", b"application/json")])
        await there_are(pool, 2)
        assert asyncio.get_running_loop().time() - started < 1
        rows = await pool.fetch("select reason, size, bytes from rejected_event order by record_offset")
        assert [row["reason"] for row in rows] == ["too_large", "no_value", "not_json"] or [
            row["reason"] for row in rows
        ] == ["too_large", "no_value", "not_utf8"]
        assert rows[0]["bytes"] == huge


async def test_r09_a_stray_cancellation_does_not_end_the_reading(kafka: str, prefix: str, pool: Pool) -> None:
    """R09: a CancelledError that nobody meant is survived: the event is applied, and so is the next."""

    async def cancelled_once(call: int) -> None:
        if call == 1:
            raise asyncio.CancelledError

    async with topic_of(kafka, f"{prefix}events") as topic:
        await publish(kafka, topic, [arrest("e1")])
        async with reading(kafka, topic, f"{prefix}g", Applying(pool, cancelled_once)) as running:
            await there_are(pool, 1)
            await publish(kafka, topic, [arrest("e2")])
            await there_are(pool, 2)
            assert not running.watch.done()


async def test_r09_a_process_that_reads_nothing_ends_itself(kafka: str, prefix: str, pool: Pool) -> None:
    """R09: when the reading task is gone although nobody stopped it, the watch says so within seconds."""
    async with (
        topic_of(kafka, f"{prefix}events") as topic,
        reading(kafka, topic, f"{prefix}g", Applying(pool)) as running,
    ):

        async def beating() -> bool:
            return len(running.beats) > 1

        await eventually(beating)
        (subscriber,) = running.broker.subscribers
        for task in subscriber.tasks:  # type: ignore[attr-defined]  # every Kafka subscriber has its tasks
            task.cancel()
        with pytest.raises(ReadingEnded):
            await asyncio.wait_for(asyncio.shield(running.watch), 10)


class Door:
    """A way to the database that can be shut: connections are cut, and new ones refused."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parse_qs(parts.query).get("host", [parts.hostname or "127.0.0.1"])[0]
        self._port = parts.port or 5432
        self._parts = parts
        self._server: asyncio.Server | None = None
        self._port_here = 0
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        user = self._parts.netloc.rsplit("@", 1)[0]
        return urlunsplit(("postgresql", f"{user}@127.0.0.1:{self._port_here}", unquote(self._parts.path), "", ""))

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self._port_here)
        self._port_here = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._host.startswith("/"):
            far_reader, far_writer = await asyncio.open_unix_connection(f"{self._host}/.s.PGSQL.{self._port}")
        else:
            far_reader, far_writer = await asyncio.open_connection(self._host, self._port)
        self._open |= {writer, far_writer}
        await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        self._open -= {writer, far_writer}

    @staticmethod
    async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()


async def test_r10_the_database_away_for_a_while(kafka: str, prefix: str, pool: Pool, ledger_url: str) -> None:
    """R10 (short): nothing is rejected, no offset moves, the process says that it lives, and it recovers by itself."""
    door = Door(ledger_url)
    await door.open()
    behind = await open_pool(door.url, name="test-behind", size=2)
    try:
        async with topic_of(kafka, f"{prefix}events") as topic:
            group = f"{prefix}g"
            applying = Applying(behind)
            async with reading(kafka, topic, group, applying) as running:
                await publish(kafka, topic, [arrest("e1")])
                await there_are(pool, 1)
                await group_is_at(kafka, topic, group, {0: 1})
                await door.shut()
                beats = len(running.beats)
                await publish(kafka, topic, [arrest("e2")])

                async def tried() -> bool:
                    return applying.calls >= 2 and len(running.beats) > beats

                await eventually(tried)
                away_since = asyncio.get_running_loop().time()

                async def for_three_seconds() -> bool:
                    assert await committed(kafka, topic, group) == {0: 1}
                    assert await updates_in(pool) == 1
                    return asyncio.get_running_loop().time() - away_since > 3

                await eventually(for_three_seconds, every=0.3)
                assert await pool.fetchval("select count(*) from rejected_event") == 0
                await door.open()
                await there_are(pool, 2, within=15)
                await group_is_at(kafka, topic, group, {0: 2})
                assert applying.calls == 2
    finally:
        behind.terminate()
        await door.shut()


async def test_r11_what_was_there_before_the_first_start_and_between(kafka: str, prefix: str, pool: Pool) -> None:
    """R11: a first start with 100 events on the topic; stopped, ten more, started: 110 applied."""
    async with topic_of(kafka, f"{prefix}events", partitions=3) as topic:
        await publish(kafka, topic, [arrest(f"e{n}", case=f"case-{n}") for n in range(100)])
        async with reading(kafka, topic, f"{prefix}g", Applying(pool)):
            await there_are(pool, 100)
        await publish(kafka, topic, [arrest(f"l{n}", case=f"case-{n}") for n in range(10)])
        async with reading(kafka, topic, f"{prefix}g", Applying(pool)):
            await there_are(pool, 110)
        assert sum((await stored(pool, topic)).values()) == 110


async def test_the_ledger_outranks_the_group(kafka: str, prefix: str, pool: Pool) -> None:
    """Where the group's offset is ahead of the ledger's (a restored ledger), reading goes on from the ledger's."""
    async with topic_of(kafka, f"{prefix}events") as topic:
        await publish(kafka, topic, [arrest("e1"), arrest("e2"), arrest("e3")])
        async with reading(kafka, topic, f"{prefix}g", Applying(pool)):
            await there_are(pool, 3)
            await group_is_at(kafka, topic, f"{prefix}g", {0: 3})
        await pool.execute("update inbox_offset set next_offset = 1")
        await pool.execute("delete from case_event where event_id <> 'e1'")
        async with reading(kafka, topic, f"{prefix}g", Applying(pool)) as running:

            async def there() -> bool:
                return await stored(pool, topic) == {0: 3}

            await eventually(there)
            (subscriber,) = running.broker.subscribers
            consumer: Any = subscriber.consumer  # type: ignore[attr-defined]  # every Kafka subscriber has its consumer
            assert await consumer.position(TopicPartition(topic, 0)) == 3
        assert await pool.fetchval("select count(*) from case_event") == 3


async def test_an_offset_outside_the_log_stops_and_tells(kafka: str, prefix: str, pool: Pool) -> None:
    """Neither months again nor a silent gap: that partition is not read, and somebody is told."""
    async with topic_of(kafka, f"{prefix}events") as topic:
        await publish(kafka, topic, [arrest("e1")])
        await pool.execute("insert into inbox_offset values ($1, 0, 7)", topic)
        async with reading(kafka, topic, f"{prefix}g", Applying(pool)):

            async def told() -> bool:
                async with pool.acquire() as connection:
                    return [alert["kind"] for alert in await list_alerts(connection)] == ["offset_outside_log"]

            await eventually(told)
        assert await updates_in(pool) == 0
