"""Events as bytes, an intake with a simple plan, and a topic of one's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from schemas.editions.model import Books
from services.clock import Clock
from services.ledger.connection import Pool
from services.scheduler.intake import Intake, Record
from services.scheduler.plan.types import Known, Plan, Planned, Waits
from services.scheduler.working_days import WorkingDays, england_and_wales
from tests.unit.scheduler.plans import plan_of, planned, update_id

AT = datetime(2026, 3, 9, 10, 15, tzinfo=UTC)
CLOCK = Clock(datetime.now(UTC), AT + timedelta(minutes=30), 1.0)
SOURCE = "/force/staffs/rms"


def event(
    event_id: str,
    kind: str,
    data: Mapping[str, Any],
    *,
    case: str = "case-1",
    minutes: int = 0,
    source: str = SOURCE,
    **more: Any,
) -> bytes:
    """One case event as it stands on the topic."""
    at = (AT + timedelta(minutes=minutes)).isoformat()
    record = {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": kind,
        "subject": case,
        "time": at,
        "knownat": at,
        "data": data,
    }
    return orjson.dumps(record | more)


def arrest(event_id: str, *, case: str = "case-1", **more: Any) -> bytes:
    """An arrest: the simple plan owes one update for it."""
    return event(event_id, "suspect.arrested", {"suspect": "s1"}, case=case, **more)


def recorded(person: str, *, case: str = "case-1", event_id: str | None = None, **data: Any) -> bytes:
    """A person recorded in a case."""
    return event(event_id or f"{case}-{person}", "person.recorded", {"person": person, **data}, case=case)


def records(
    values: Sequence[bytes | None], *, topic: str = "events", partition: int = 0, start: int = 0
) -> list[Record]:
    """Records in a row on one partition."""
    return [Record(topic, partition, start + step, None, value) for step, value in enumerate(values)]


def simple_plan(known: Known, books: Books, calendar: WorkingDays) -> Plan:
    """One update an arrest, for whoever it may be; an event that narrows to somebody who is not recorded waits."""
    updates: list[Planned] = []
    waiting: list[Waits] = []
    for item in known.events:
        if item.type != "suspect.arrested":
            continue
        missing = tuple(person for person in item.data.people or () if person not in known.people)
        if missing:
            waiting.append(Waits(item.source, item.id, missing))
            continue
        name = f"{known.case}/{item.source}/{item.id}"
        updates.append(
            planned(name, id=update_id(name), force=known.force, case=known.case, source=item.source, event_id=item.id)
        )
    whole = plan_of(*updates)
    return Plan(whole.updates, whole.messages, tuple(waiting), None)


def intake_on(pool: Pool, plan: Any = simple_plan, clock: Clock = CLOCK) -> Intake:
    """An intake that plans with `plan`."""
    return Intake(pool, clock, Books(()), england_and_wales(), plan)


async def updates_in(pool: Pool) -> int:
    """How many updates the ledger holds."""
    count: int = await pool.fetchval("select count(*) from updates")
    return count


# ---------------------------------------------------------------- the broker


@asynccontextmanager
async def topic_of(bootstrap: str, name: str, partitions: int = 1) -> AsyncIterator[str]:
    """A topic for one test, with the real limits."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        configs = {"max.message.bytes": str(8 * 1024 * 1024)}
        await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=configs)])
        yield name
        await admin.delete_topics([name])
    finally:
        await admin.close()


async def publish(
    bootstrap: str,
    topic: str,
    values: Sequence[bytes | None],
    *,
    partition: int | None = None,
    headers: Sequence[tuple[str, bytes]] = (),
) -> None:
    """Publish records and wait until the broker has them."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_request_size=9 * 1024 * 1024)
    await producer.start()
    try:
        for step, value in enumerate(values):
            await producer.send_and_wait(
                topic, value, key=str(step).encode(), partition=partition, headers=list(headers)
            )
    finally:
        await producer.stop()


async def committed(bootstrap: str, topic: str, group: str) -> dict[int, int]:
    """The group's own offsets, by partition."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        found: Mapping[TopicPartition, OffsetAndMetadata] = await admin.list_consumer_group_offsets(group)
    finally:
        await admin.close()
    return {where.partition: kept.offset for where, kept in found.items() if where.topic == topic}


async def stored(pool: Pool, topic: str) -> dict[int, int]:
    """The offsets that the ledger goes on from, by partition."""
    rows = await pool.fetch("select partition, next_offset from inbox_offset where topic = $1", topic)
    return {row["partition"]: row["next_offset"] for row in rows}
