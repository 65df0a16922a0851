"""Publishing the sample cases to `case-events`, each record at its instant on the case clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from aiokafka import AIOKafkaProducer

from schemas.topics import CASE_EVENTS
from services.clock import Clock
from services.sandbox.story import Case, Record

CONTENT_TYPE = ("content-type", b"application/cloudevents+json")


def in_order(cases: Sequence[Case]) -> list[Record]:
    """Every record of every case, in the order in which they are published."""
    return sorted((record for case in cases for record in case.records), key=lambda record: record.at)


async def play(
    producer: AIOKafkaProducer,
    topic_prefix: str,
    clock: Clock,
    records: Sequence[Record],
    seen: Callable[[Record], None],
) -> None:
    """Publish `records` as their time comes; `seen` is told of each once the broker has it."""
    topic = CASE_EVENTS.full_name(topic_prefix)
    for record in records:
        await asyncio.sleep(clock.machine_seconds_until(record.at))
        await producer.send_and_wait(topic, record.value, key=record.key, headers=[CONTENT_TYPE])
        seen(record)
