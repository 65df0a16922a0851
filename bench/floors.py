"""What the project is measured against: the same work with nothing between the library and the database.

Neither plans, gates, words nor follows up anything: they are the least that anybody could do and still be durable.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import deque
from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson
from aiokafka import AIOKafkaConsumer
from pydantic import AwareDatetime, BaseModel
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

_EVENTS = """
create table floor_event (
    source text, id text, subject text, type text, time timestamptz, data jsonb, primary key (source, id)
);
create index on floor_event (subject)
"""
_KEEP = (
    "insert into floor_event select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::jsonb[])"
    " on conflict do nothing"
)


class Envelope(BaseModel):
    """As much of an event as the floor looks at."""

    id: str
    source: str
    subject: str
    type: str
    time: AwareDatetime
    data: dict[str, Any]


async def intake(url: str, bootstrap: str, topic: str, group: str, count: int) -> float:
    """Bare aiokafka to PostgreSQL: batches of 500, validated, inserted once each, offset committed. Events a second."""
    connection = await asyncpg.connect(url)
    await connection.execute("drop table if exists floor_event")
    await connection.execute(_EVENTS)
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    done, started = 0, None
    while done < count:
        batches = await consumer.getmany(timeout_ms=1000, max_records=500)
        started = started or time.perf_counter()
        events = [Envelope.model_validate_json(record.value) for records in batches.values() for record in records]
        if not events:
            continue
        await connection.execute(
            _KEEP,
            [event.source for event in events],
            [event.id for event in events],
            [event.subject for event in events],
            [event.type for event in events],
            [event.time for event in events],
            [orjson.dumps(event.data).decode() for event in events],
        )
        await consumer.commit()
        done += len(events)
    assert started is not None
    seconds = time.perf_counter() - started
    await consumer.stop()
    assert await connection.fetchval("select count(*) from floor_event") == count
    await connection.close()
    return count / seconds


_DUE = """
create table floor_due (
    id bigint primary key, address text not null, body text not null, due timestamptz not null,
    state smallint not null default 0, lease timestamptz, provider_id text
);
create index on floor_due (due) where state = 0;
create table floor_audit (index bigint primary key, at timestamptz not null, due_id bigint not null, data text not null, hash bytea not null)
"""  # noqa: E501  # a table reads better on one line
_CLAIM = """
with c as (select id from floor_due where state = 0 and due <= now() order by due limit $1 for update skip locked)
update floor_due d set state = 1, lease = now() + interval '90 s' from c where d.id = c.id returning d.id, d.address, d.body
"""
_FINISH = """
with u as (update floor_due d set state = 2, provider_id = x.p from unnest($1::bigint[], $2::text[]) x (i, p) where d.id = x.i)
insert into floor_audit select * from unnest($3::bigint[], $4::timestamptz[], $1::bigint[], $5::text[], $6::bytea[])
"""


async def dispatch(url: str, provider: str, count: int, *, in_flight: int = 64) -> float:
    """Claim, send with the provider's client as it ships, and commit outcomes with a hash-chained line each. Messages a second.

    The clock runs from the first answer to the last recorded outcome.
    """
    store, recorder = await asyncpg.connect(url), await asyncpg.connect(url)
    await store.execute("drop table if exists floor_due; drop table if exists floor_audit")
    await store.execute(_DUE)
    now = datetime.now(UTC)
    await store.copy_records_to_table(
        "floor_due",
        records=[(i, f"+4477009{i:05d}", f"Ref+ id-{i}: there is news for you.", now) for i in range(count)],
        columns=("id", "address", "body", "due"),
    )
    await store.execute("vacuum analyze floor_due")
    client = Client("AC" + "0" * 32, "token", http_client=AsyncTwilioHttpClient())
    client.api.base_url = provider
    todo: deque[Any] = deque()
    answers: list[tuple[int, str]] = []
    first, more = None, asyncio.Event()
    empty = False

    async def send() -> None:
        nonlocal first, empty
        while True:
            if not todo:
                if empty:
                    return
                rows = await claim()
                if not rows and not todo:
                    empty = True
                    return
                continue
            row = todo.popleft()
            message = await client.messages.create_async(to=row["address"], from_="+447700900001", body=row["body"])
            first = first or time.perf_counter()
            answers.append((row["id"], message.sid or ""))
            more.set()

    claiming = asyncio.Lock()

    async def claim() -> list[Any]:
        async with claiming:
            if todo:
                return []
            rows = await store.fetch(_CLAIM, 500)
            todo.extend(rows)
            return rows

    async def record() -> float:
        index, previous = 0, b"\0" * 32
        while index < count:
            await more.wait()
            more.clear()
            await asyncio.sleep(0.01)
            while answers:
                taken = answers[:1000]
                del answers[:1000]
                at, lines, hashes = datetime.now(UTC), [], []
                for due, sid in taken:
                    line = f'{{"provider_id":"{sid}","state":"accepted"}}'
                    previous = hashlib.sha256(previous + f"{due}|{at}|{line}".encode()).digest()
                    lines.append(line)
                    hashes.append(previous)
                size = len(taken)
                ids, sids = [due for due, _ in taken], [sid for _, sid in taken]
                await recorder.execute(_FINISH, ids, sids, list(range(index, index + size)), [at] * size, lines, hashes)
                index += size
        return time.perf_counter()

    recording = asyncio.create_task(record())
    await asyncio.gather(*(send() for _ in range(in_flight)))
    finished = await recording
    assert first is not None
    await client.http_client.close()
    await store.close()
    await recorder.close()
    return count / (finished - first)
