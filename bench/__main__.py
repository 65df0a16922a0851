"""`make bench`: intake and dispatch beside their floors, in one run, as ratios. `python -m bench [--rounds N] [--small]`.

Everything is real: Apache Kafka, PostgreSQL with fsync on, the services as processes of their own, all the books, the audit
chain written and verified. Only the text provider is a stub that answers at once. Absolute figures are worth little on a shared
machine; the ratios of one run are what is claimed.

Intake: cases of four events each, from the topic to whatever they owe, durable: seven updates a case, of which four open a hold,
and two messages, with their audit entries and statuses. The floor keeps the same events and owes nothing. Dispatch: one text that
is due for each of so many people, from its release to its recorded outcome; their other news waits for a person, and goes
nowhere.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import uvloop
from rich.console import Console
from rich.table import Table

from bench import floors, load
from bench.explain import microseconds
from schemas.topics import CASE_EVENTS
from services.clock import Clock
from services.kafka import create_topics
from services.ledger import audit
from services.ledger.migrate import migrate
from services.sandbox import stage
from services.sandbox.embedded import Servers, embedded
from services.sandbox.processes import free_port
from services.settings import KafkaSettings

_AT = datetime(2026, 3, 9, 3, tzinfo=UTC)
"""Three at night: what becomes owed then waits for eight."""
SCHEDULERS = 2
"""As many as there are cores; beside one, which says what the work costs, this says what a force gets."""
DISPATCHERS = 2
"""One waits for the database while the other makes words: two use both cores, where one leaves a fifth of them idle."""
_STANDING = 0.001
"""The case clock all but stands still, so that a slow machine does not change what is due."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of each."""

    events: int = 40_000
    messages: int = 20_000


def _database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _settings(servers: Servers, name: str, provider: str, prefix: str) -> dict[str, str]:
    receipts = free_port()
    return servers.settings() | {
        "KEPT_DATABASE_URL": _database(servers.database_url, name),
        "KEPT_DATABASE_OWNER_URL": _database(servers.owner_url, name),
        "KEPT_KAFKA_PREFIX": prefix,
        "KEPT_TWILIO_BASE_URL": provider,
        "KEPT_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "KEPT_TWILIO_API_KEY": "SK1",
        "KEPT_TWILIO_API_SECRET": "secret",
        "KEPT_TWILIO_FROM": "+447700900001",
        "KEPT_SMTP_HOST": "127.0.0.1",
        "KEPT_SMTP_TLS": "none-local",
        "KEPT_EMAIL_FROM": "updates@sample-police.example",
        "KEPT_BOUNCE_DOMAIN": "bounces.sample-police.example",
        "KEPT_RECEIPTS_PUBLIC_URL": f"http://127.0.0.1:{receipts}",
        "KEPT_ALLOWED_RECIPIENTS": "*",
        "KEPT_LOG_LEVEL": "warning",
    }


@contextlib.asynccontextmanager
async def _stub() -> AsyncIterator[str]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.stub", str(port))
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        writer.close()
        break
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        await process.wait()


async def _wait(connection: asyncpg.Connection[asyncpg.Record], query: str, wanted: int, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while True:
        found = await connection.fetchval(query)
        if found == wanted:
            return
        if time.monotonic() > deadline:
            held = await connection.fetch(
                "select reasons -> -1 ->> 'text', count(*) from updates where state = 'held' group by 1"
            )
            why = "; ".join(f"{count} held: {text}" for text, count in held)
            raise SystemExit(f"only {found} of {wanted} after {seconds:.0f} s: {query} ({why})")
        await asyncio.sleep(0.25)


async def _fresh(servers: Servers, name: str, source: str | None = None, force: str = load.FORCE) -> None:
    admin = await asyncpg.connect(servers.admin_url)
    await admin.execute(f'create database "{name}"' + (f' template "{source}"' if source else ""))
    await admin.execute(f'alter database "{name}" owner to kept_owner')
    await admin.close()
    if source is None:
        owner = _database(servers.owner_url, name)
        await migrate(owner, _database(servers.database_url, name))
        await stage.load_force(_database(servers.database_url, name), force, _AT)


async def _intake(
    servers: Servers,
    name: str,
    provider: str,
    prefix: str,
    events: int,
    force: str = load.FORCE,
    schedulers: int = 1,
) -> float:
    """Events a second: from the first batch kept to the last offset committed."""
    await _fresh(servers, name, force=force)
    settings = _settings(servers, name, provider, prefix)
    connection = await asyncpg.connect(settings["KEPT_DATABASE_OWNER_URL"])
    clock = Clock(datetime.now(UTC), _AT, _STANDING)
    async with stage.services(settings, servers.folder, clock) as running:
        for number in range(schedulers):
            await running.start(f"{name}-scheduler{number}", "scheduler")
        await _wait(connection, "select coalesce(sum(next_offset), 0) from inbox_offset", events)
        seconds = await connection.fetchval(
            "select extract(epoch from clock_timestamp() - min(arrived_machine)) from case_event"
        )
        first_batch = await connection.fetchval(
            "select count(*) from case_event where arrived_machine = (select min(arrived_machine) from case_event)"
        )
    owed = load.owed(events // 4, _AT, force)
    stands = load.Owed(
        Counter(await connection.fetchval("select array_agg(state) from updates")),
        Counter(await connection.fetchval("select array_agg(kind) from messages where state = 'planned'")),
    )
    if stands != owed:
        raise SystemExit(f"{stands} stand, and should be {owed}")
    await connection.close()
    return float((events - min(first_batch, events - 1)) / float(seconds))


async def _dispatch(servers: Servers, name: str, source: str, provider: str, prefix: str, messages: int) -> float:
    """Messages a second: from the first intent to the last recorded outcome, one scheduler and two dispatchers."""
    await _fresh(servers, name, source)
    settings = _settings(servers, name, provider, prefix)
    await create_topics(KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap, kafka_prefix=prefix))
    connection = await asyncpg.connect(settings["KEPT_DATABASE_OWNER_URL"])
    await connection.execute("vacuum analyze")
    clock = Clock(datetime.now(UTC), _AT + timedelta(hours=6), _STANDING)
    async with stage.services(settings, servers.folder, clock) as running:
        for number in range(DISPATCHERS):
            await running.start(f"{name}-dispatcher{number}", "dispatcher")
            await running.ready(f"{name}-dispatcher{number}")
        await running.start(f"{name}-scheduler", "scheduler")
        await _wait(connection, "select count(*) from attempts where state = 'accepted'", messages)
        took = await connection.fetchval(
            "select extract(epoch from max(ended_machine) - min(at_machine)) from attempts"
        )
    attempts = await connection.fetchval("select count(*) from attempts")
    carried = await connection.fetchval("select count(distinct message_id) from attempts")
    found = await audit.verify(connection)
    await connection.close()
    if (attempts, carried) != (messages, messages) or not found.ok:
        raise SystemExit(f"{attempts} attempts for {carried} messages, audit {found}")
    return messages / float(took)


async def _prepared(servers: Servers, name: str, provider: str, messages: int) -> None:
    """A ledger in which `messages` texts are due at eight."""
    prefix = f"{name}-"
    await create_topics(KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap, kafka_prefix=prefix))
    await load.publish(servers.kafka_bootstrap, CASE_EVENTS.full_name(prefix), load.cases(messages, _AT))
    await _intake(servers, name, provider, prefix, messages * 4, load.ONE_TEXT)
    connection = await asyncpg.connect(_database(servers.owner_url, name))
    await _wait(connection, "select count(*) from messages where state = 'planned'", messages)
    await connection.execute("delete from inbox_offset")
    await connection.execute("delete from outbox")
    await connection.close()


def _row(table: Table, what: str, ours: list[float], floor: list[float], aim: float) -> None:
    ratios = [one / other for one, other in zip(ours, floor, strict=True)]
    table.add_row(
        what,
        f"{statistics.median(ours):,.0f}/s",
        f"{statistics.median(floor):,.0f}/s",
        f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
        f"{aim:.2f}",
        style="green" if statistics.median(ratios) >= aim else "red",
    )


async def main(rounds: int, sizes: Sizes) -> None:
    """Run every measurement and print the table."""
    console = Console()
    intake_ours, intake_two, intake_floor, dispatch_ours, dispatch_floor = [], [], [], [], []
    run = f"b{os.getpid()}"
    async with embedded(temporary=True) as servers, _stub() as provider:
        admin = await asyncpg.connect(servers.admin_url)
        await admin.execute("create database floor")
        await admin.close()
        floor_url = _database(servers.admin_url, "floor")
        prefix = f"{run}-in-"
        await create_topics(KafkaSettings(kafka_bootstrap=servers.kafka_bootstrap, kafka_prefix=prefix))
        topic = CASE_EVENTS.full_name(prefix)
        console.print(f"Publishing {sizes.events:,} events, and preparing {sizes.messages:,} texts that are due")
        await load.publish(servers.kafka_bootstrap, topic, load.cases(sizes.events // 4, _AT))
        await _prepared(servers, f"{run}-due", provider, sizes.messages)
        for number in range(rounds):
            console.print(f"Round {number + 1} of {rounds}")
            group = f"{prefix}floor{number}"
            intake_floor.append(await floors.intake(floor_url, servers.kafka_bootstrap, topic, group, sizes.events))
            intake_ours.append(await _intake(servers, f"{run}-in{number}", provider, prefix, sizes.events))
            two = await _intake(servers, f"{run}-two{number}", provider, prefix, sizes.events, schedulers=SCHEDULERS)
            intake_two.append(two)
            dispatch_floor.append(await floors.dispatch(floor_url, provider, sizes.messages))
            dispatch_ours.append(
                await _dispatch(
                    servers, f"{run}-out{number}", f"{run}-due", provider, f"{run}-out{number}-", sizes.messages
                )
            )
    table = Table(title="Beside the floors, in one run", title_justify="left")
    for column in ("What", "Kept Informed", "Floor", "Ratio (range)", "Aim"):
        table.add_column(column)
    what = f"intake: {sizes.events:,} events to durable updates"
    _row(table, f"{what}, one scheduler", intake_ours, intake_floor, 0.15)
    _row(table, f"{what}, {SCHEDULERS} schedulers", intake_two, intake_floor, 0.15)
    _row(table, f"dispatch: {sizes.messages:,} due texts to recorded outcomes", dispatch_ours, dispatch_floor, 0.6)
    console.print(table)
    console.print(f"One plan of such a case, with all the books: {microseconds(4):.0f} microseconds of processor.")
    console.print(
        "Floors: bare aiokafka to PostgreSQL; claim, the provider's client as shipped, outcomes with a hash chain."
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--small", action="store_true", help="a tenth of everything, to see that it runs")
    given = parser.parse_args()
    uvloop.run(main(given.rounds, Sizes(4000, 2000) if given.small else Sizes()))
