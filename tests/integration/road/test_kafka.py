"""The road over the real broker: released records reach dispatchers, statuses go out in order, and neither loses anything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from faststream.kafka import KafkaBroker

from schemas.topics import DELIVERY_STATUS, UPDATES_DUE
from schemas.updates import DeliveryStatus, UpdatesDue
from services.dispatcher.dispatch import Dispatcher, subscribe
from services.kafka import ReadingEnded
from services.scheduler.relay import Publisher, Relay
from tests.conftest import eventually
from tests.integration.road.world import Road, seed


@pytest.fixture
async def publisher(kafka: str, prefix: str) -> AsyncIterator[Publisher]:
    """A publisher on topics of this test's own."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    names = [topic.full_name(prefix) for topic in (UPDATES_DUE, DELIVERY_STATUS)]
    await admin.create_topics([NewTopic(name, 4, 1) for name in names])
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=True)
    await producer.start()
    yield Publisher(producer, prefix)
    await producer.stop()
    await admin.delete_topics(names)
    await admin.close()


@asynccontextmanager
async def dispatching(road: Road, kafka: str, prefix: str) -> AsyncIterator[Dispatcher]:
    """A dispatcher in the group of this test, until the block ends."""
    broker = KafkaBroker(kafka, allow_auto_create_topics=False, graceful_timeout=5, logger=None)
    dispatcher = road.dispatcher()
    subscribe(broker, UPDATES_DUE.full_name(prefix), f"{prefix}dispatcher", dispatcher, lambda: None)
    running = asyncio.create_task(dispatcher.run())
    await broker.start()
    try:
        yield dispatcher
    finally:
        await broker.stop()
        await dispatcher.stop()
        await asyncio.wait_for(running, 20)


def released_to(road: Road, publisher: Publisher) -> Any:
    releaser = road.releaser()
    releaser._publish = publisher.publish
    return releaser


def count(road: Road, state: str) -> Callable[[], Any]:
    async def look() -> int:
        found: int = await road.value("select count(*) from attempts where state = $1", state)
        return found

    return look


async def test_released_messages_are_sent_once_by_two_dispatchers_and_a_rebalance(
    road: Road, kafka: str, prefix: str, publisher: Publisher
) -> None:
    """Two members of the group, one leaves in the middle: everything is sent, nothing twice."""
    async with road.pool.acquire() as connection:
        await seed(connection, 300)
    releaser = released_to(road, publisher)

    async def all_done() -> bool:
        await releaser.once()
        return bool(await count(road, "accepted")() == 300)

    async with dispatching(road, kafka, prefix):
        async with dispatching(road, kafka, prefix):
            releaser._batch = 50
            await releaser.once()
            await eventually(count(road, "accepted"), within=30)
        await eventually(all_done, within=30)
    assert len({sms.body for sms in road.sms.sent}) == len(road.sms.sent) == 300


async def test_records_of_yesterday_send_nothing(road: Road, kafka: str, prefix: str, publisher: Publisher) -> None:
    """The topic is read again from its start: every epoch is used up, and garbage among them is passed over."""
    async with road.pool.acquire() as connection:
        await seed(connection, 20)
    await released_to(road, publisher).once()
    await publisher.publish(UPDATES_DUE.name, [(b"staffs/p0", b"not json"), (b"staffs/p0", b"{}")])

    async def accepted() -> bool:
        return bool(await count(road, "accepted")() == 20)

    async with dispatching(road, kafka, prefix):
        await eventually(accepted, within=30)
    again: list[Any] = []
    other = f"{prefix}again-"
    broker = KafkaBroker(kafka, allow_auto_create_topics=False, graceful_timeout=5, logger=None)
    dispatcher = road.dispatcher()
    original = dispatcher.offer

    async def offer(due: UpdatesDue, seconds: float = 60) -> bool:
        again.append(due)
        return await original(due, seconds)

    dispatcher.offer = offer  # type: ignore[method-assign]  # counts what comes in
    subscribe(broker, UPDATES_DUE.full_name(prefix), f"{other}dispatcher", dispatcher, lambda: None)
    running = asyncio.create_task(dispatcher.run())
    await broker.start()

    async def all_read() -> bool:
        return len(again) == 20

    await eventually(all_read, within=30)
    await dispatcher.idle()
    await broker.stop()
    await dispatcher.stop()
    await running
    assert len(road.sms.sent) == 20


async def statuses(kafka: str, prefix: str, wanted: int) -> list[DeliveryStatus]:
    consumer = AIOKafkaConsumer(
        DELIVERY_STATUS.full_name(prefix), bootstrap_servers=kafka, auto_offset_reset="earliest", group_id=None
    )
    await consumer.start()
    found: list[DeliveryStatus] = []
    try:
        async with asyncio.timeout(20):
            while len(found) < wanted:
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    found += [DeliveryStatus.from_bytes(record.value) for record in records]
    finally:
        await consumer.stop()
    return found


async def test_r16_statuses_go_out_in_order_and_the_outbox_empties(
    road: Road, kafka: str, prefix: str, publisher: Publisher
) -> None:
    """R16: released then sent, for each update; no personal data; nothing is left behind."""
    async with road.pool.acquire() as connection:
        (due, *_) = await seed(connection, 10)
    await road.dispatch(await road.release())
    relay = Relay(road.pool, publisher, batch=1, gather_seconds=0)
    assert [await relay.once() for _ in range(3)] == [10, 10, 0]
    found = await statuses(kafka, prefix, 20)
    assert [status.type for status in found if status.data.update == due.updates[0]] == [
        "update.released",
        "update.sent",
    ]
    assert due.number not in str(found)


async def test_r16_a_relay_that_dies_after_publishing_publishes_again_with_the_same_ids(
    road: Road, kafka: str, prefix: str, publisher: Publisher
) -> None:
    """R16: a crash between publish and delete doubles records, never loses one; their ids show the doubles."""
    async with road.pool.acquire() as connection:
        await seed(connection, 3)
    await road.release()
    relay = Relay(road.pool, publisher, gather_seconds=0)
    original = publisher.publish

    async def die(topic: str, records: Any) -> None:
        await original(topic, records)
        raise asyncpg.PostgresConnectionError

    publisher.publish = die  # type: ignore[method-assign]  # the process dies after the broker has them
    with pytest.raises(asyncpg.PostgresConnectionError):
        await relay.once()
    publisher.publish = original  # type: ignore[method-assign]  # and is started again
    assert await relay.once() == 3
    found = await statuses(kafka, prefix, 6)
    assert len(found) == 6
    assert len({status.id for status in found}) == 3


async def test_one_relay_at_a_time(road: Road, publisher: Publisher) -> None:
    """While one process relays, another leaves the outbox alone: order would be lost otherwise."""
    async with road.pool.acquire() as connection:
        await seed(connection, 3)
    await road.release()
    entered, leave = asyncio.Event(), asyncio.Event()
    original = publisher.publish

    async def slow(topic: str, records: Any) -> None:
        entered.set()
        await leave.wait()
        await original(topic, records)

    publisher.publish = slow  # type: ignore[method-assign]  # stays in the middle for as long as the test wants
    one = asyncio.create_task(Relay(road.pool, publisher, gather_seconds=0).once())
    await entered.wait()
    assert await Relay(road.pool, publisher, gather_seconds=0).once() == 0
    leave.set()
    assert await one == 3


async def test_r09_a_dispatcher_that_reads_nothing_ends_itself(
    road: Road, kafka: str, prefix: str, publisher: Publisher
) -> None:
    """R09: when the reading task is gone although nobody stopped it, the watch says so within seconds."""
    broker = KafkaBroker(kafka, allow_auto_create_topics=False, graceful_timeout=5, logger=None)
    beats: list[None] = []
    topic = UPDATES_DUE.full_name(prefix)
    watch = subscribe(broker, topic, f"{prefix}dispatcher", road.dispatcher(), lambda: beats.append(None))
    watching = asyncio.create_task(watch())
    await broker.start()
    try:

        async def beating() -> bool:
            return len(beats) > 1

        await eventually(beating)
        (subscriber,) = broker.subscribers
        for task in subscriber.tasks:  # type: ignore[attr-defined]  # every Kafka subscriber has its tasks
            task.cancel()
        with pytest.raises(ReadingEnded):
            await asyncio.wait_for(watching, 10)
    finally:
        await broker.stop()
