"""Putting records on the broker: what a release committed, and the outbox of status events; each once or more, never lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final
from zlib import crc32

from aiokafka import AIOKafkaProducer

from services import faults
from services.ledger import outbox
from services.ledger.connection import Pool

BATCH: Final = 10
GATHER_SECONDS: Final = 0.1
"""Machine time in which more may come: whoever wakes the relay is seldom alone, and a batch costs little more than one record."""
_LOCK: Final = 0x6B657074  # any constant: one relay at a time over all processes keeps the order


class Publisher:
    """Publishes to one deployment's topics over an idempotent producer that waits for all copies."""

    def __init__(self, producer: AIOKafkaProducer, prefix: str) -> None:
        self._producer = producer
        self._prefix = prefix

    async def publish(self, topic: str, records: Sequence[tuple[bytes, bytes]]) -> None:
        """Publish (key, value) pairs, in order for each key; returns once every copy has them, raises the first KafkaError.

        Whole batches are handed over: one record at a time costs three times the processor time.
        """
        name = self._prefix + topic
        count = len(await self._producer.partitions_for(name))
        lanes: dict[int, list[tuple[bytes, bytes]]] = {}
        for record in records:
            lanes.setdefault(crc32(record[0]) % count, []).append(record)
        waiting = [future for lane, part in lanes.items() for future in await self._send(name, lane, part)]
        for answer in await asyncio.gather(*waiting, return_exceptions=True):
            if isinstance(answer, BaseException):
                raise answer

    async def _send(self, name: str, lane: int, records: Sequence[tuple[bytes, bytes]]) -> list[asyncio.Future[Any]]:
        sent: list[asyncio.Future[Any]] = []
        batch = self._producer.create_batch()
        for key, value in records:
            if batch.append(key=key, value=value, timestamp=None) is None:  # it is full
                sent.append(await self._producer.send_batch(batch, name, partition=lane))
                batch = self._producer.create_batch()
                if batch.append(key=key, value=value, timestamp=None) is None:
                    raise ValueError("a record is larger than a batch may be")
        sent.append(await self._producer.send_batch(batch, name, partition=lane))
        return sent


class Relay:
    """Moves the outbox to its topics in order: publish, then forget. A crash in between publishes again, with the same ids."""

    def __init__(
        self, pool: Pool, publisher: Publisher, batch: int = BATCH, gather_seconds: float = GATHER_SECONDS
    ) -> None:
        self._pool = pool
        self._publisher = publisher
        self._batch = batch
        self._gather = gather_seconds
        self._more = False

    async def once(self) -> int:
        """Relay what `batch` transactions left; returns how many records there were. 0 also when another process is at it."""
        if not self._more:
            await asyncio.sleep(self._gather)
        async with self._pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval("select pg_try_advisory_xact_lock($1)", _LOCK):
                return 0
            waiting = await outbox.oldest(connection, self._batch)
            self._more = len(waiting) == self._batch
            if not waiting:
                return 0
            by_topic: dict[str, list[tuple[bytes, bytes]]] = {}
            for outgoing in waiting:
                by_topic.setdefault(outgoing.topic, []).extend(outgoing.records)
            for topic, records in by_topic.items():
                await self._publisher.publish(topic, records)
            faults.point("outbox.after_publish")
            await outbox.drop(connection, [outgoing.id for outgoing in waiting])
            return sum(len(records) for records in by_topic.values())
