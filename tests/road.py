"""The whole road as it runs in production, for one test: services as processes, far ends over real HTTP and SMTP.

`road` gives a test topics and far ends of its own; `Road.problems` is the judge at the end: it holds what the provider and the
mailbox took against the ledger, the status events that went out and the audit, and returns a sentence for all that is wrong.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import asyncpg
import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from schemas.topics import CASE_EVENTS, DELIVERY_STATUS, TOPICS
from services.clock import Clock
from services.kafka import create_topics
from services.ledger import audit
from services.ledger.connection import Pool, open_pool
from services.sandbox import stage
from services.sandbox.mailbox import Mailbox, mailbox
from services.sandbox.numbers import Script
from services.sandbox.processes import free_port, log_of
from services.sandbox.twilio import TwilioSandbox, twilio_sandbox
from services.settings import KafkaSettings
from tests.conftest import _SERVICE_PASSWORD, _SERVICE_ROLE, eventually, with_database, with_role

FORCE: Final = "staffs"
SOURCE: Final = f"/force/{FORCE}/rms"
BOUNCES: Final = "bounces.example.org"
STARTS: Final = datetime(2026, 3, 9, 9, tzinfo=UTC)
"""Case time at which a road begins: a Monday, with no bank holiday near."""
RATE: Final = 2400.0
"""Case seconds a machine second: a missing receipt is noticed after 6 s, and five working days are still 4 minutes."""
LEASE: Final = 2.0
RULES: Final = f"""
force = "{FORCE}"
name = "Staffs Police"
live_from = 2026-01-01T00:00:00Z
[senders]
plain = "+447700900001"
cover = "+447700900002"
email = "updates@staffs.example"
telephone = "01632 960123"
[caps]
contact_per_day = 50
parts_per_day = 20000
[breaker]
newly_due = 10000
times_baseline = 5
[hours]
send = [{{days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from = "00:00", to = "00:00"}}]
"""
_OPEN: Final = frozenset({"unknown", "accepted", "sent"})
UNDECIDED: Final = frozenset({"attempt_unknown", "no_receipt"})
"""Why an update whose outcome nobody could learn is held."""


@dataclass(frozen=True, slots=True)
class Case:
    """A burglary: one victim who agreed to plain wording, and one arrest, which owes them one update."""

    id: str
    channel: str
    address: str
    at: datetime
    offence: str = "other"
    victim: str = ""
    also: str | None = None
    """An address by which they can be told as well."""

    @property
    def person(self) -> str:
        """The victim."""
        return self.victim or f"{self.id}-victim"

    @property
    def events(self) -> list[bytes]:
        """The four records, as they stand on the topic."""
        contacts = [{"id": "c1", "channel": self.channel, "value": self.address, "safe": True}]
        if self.also is not None:
            contacts.append({"id": "c2", "channel": "email", "value": self.also, "safe": True})
        preference = {"channel": self.channel, "plain_wording": True}
        person = {"person": self.person, "roles": ["victim"], "contacts": contacts, "preference": preference}
        return [
            # What kind of case it is, and nothing that the report of a crime owes besides: one update a case is the measure.
            self.event("crime.reclassified", {"offence_classes": [self.offence]}),
            self.event("person.recorded", person),
            self.event(
                "needs_assessment.completed", {"person": self.person, "enhanced": False, "assessed_by": "PC Sample"}
            ),
            self.event("suspect.arrested", {"suspect": "s1", "where": "custody"}),
        ]

    def event(self, kind: str, data: Mapping[str, Any], **more: Any) -> bytes:
        """One event of this case."""
        at = self.at.isoformat()
        record = {
            "specversion": "1.0",
            "id": f"{self.id}-{kind}",
            "source": SOURCE,
            "type": kind,
            "subject": self.id,
            "time": at,
            "knownat": at,
            "dataschema": "kept:case-event:1",
            "data": data,
        }
        return orjson.dumps(record | more)


@dataclass
class Road:
    """A deployment of one test's own. `run` holds the services' processes."""

    bootstrap: str
    prefix: str
    settings: dict[str, str]
    clock: Clock
    pool: Pool
    twilio: TwilioSandbox
    box: Mailbox
    run: stage.Services
    producer: AIOKafkaProducer
    cases: list[Case] = field(default_factory=list)
    owner_url: str = ""
    doubtful: set[str] = field(default_factory=set)
    """Cases whose message was in somebody's hands when it died: their updates may be held for want of an outcome."""
    _numbers: count[int] = field(default_factory=lambda: count(200))
    _statuses: dict[str, dict[str, Any]] = field(default_factory=dict)

    # ------------------------------------------------------------ services

    async def start(self, *names: str, **settings: str) -> None:
        """Start services by name (`scheduler`, `scheduler-2`), with more settings if need be, and wait until they are ready."""
        for name in names:
            await self.run.start(name, name.partition("-")[0], settings)
        async with asyncio.TaskGroup() as tasks:
            for name in names:
                tasks.create_task(self.run.ready(name))

    def doubt(self, cases: Sequence[Case]) -> None:
        """Whoever held the messages of these cases died with them."""
        self.doubtful |= {case.id for case in cases}

    async def kill(self, name: str) -> None:
        """kill -9, and wait until it is gone."""
        self.run.kill(name)
        await self.run.running[name].wait()

    async def stop(self, name: str, within: float = 25) -> int:
        """SIGTERM; returns the exit status."""
        self.run.running[name].terminate()
        return await self.ends(name, within)

    async def ends(self, name: str, within: float = 25) -> int:
        """Wait until a process has ended; returns its exit status."""
        return await asyncio.wait_for(self.run.running[name].wait(), within)

    async def ready(self, name: str) -> int | None:
        """What `/ready` of a service answers; None when nobody answers within a few seconds."""
        with suppress(OSError, TimeoutError, ValueError, IndexError):
            async with asyncio.timeout(8):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.run.ops[name])
                try:
                    writer.write(b"GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    return int((await reader.readline()).split()[1])
                finally:
                    writer.close()
        return None

    def log(self, name: str) -> str:
        """What a service has written."""
        return log_of(self.run.folder, name).read_text("utf-8", "replace")

    # ------------------------------------------------------------ cases

    def case(self, name: str, address: str | None = None, offence: str = "other") -> Case:
        """A new case whose arrest was a moment ago; its victim has a number or an address of their own."""
        number = next(self._numbers)
        channel = "email" if address and "@" in address else "sms"
        made = Case(f"{name}-{number}", channel, address or f"+447700900{number}", self.clock.now(), offence)
        self.cases.append(made)
        return made

    def some(self, name: str, many: int) -> list[Case]:
        """New cases, every fourth told by an email that its mailbox confirms."""
        return [
            self.case(name, f"confirms.{name}.{step}@example.org" if step % 4 == 3 else None) for step in range(many)
        ]

    def unheard(self, name: str, many: int) -> list[Case]:
        """New cases told by texts of which the provider never says a word: what nobody recorded, nobody can learn."""
        cases = [self.case(name) for _ in range(many)]
        for case in cases:
            self.twilio.script(case.address, Script(callbacks="none"))
        self.doubt(cases)
        return cases

    async def publish(self, *cases: Case) -> None:
        """Publish every event of these cases as a force's system would; returns once the broker has them."""
        for case in cases:
            await self.put(*case.events, key=f"{FORCE}/{case.id}".encode())
        await self.producer.flush()

    async def put(self, *values: bytes | None, key: bytes | None = None, partition: int | None = None) -> None:
        """Publish records as they are."""
        topic = CASE_EVENTS.full_name(self.prefix)
        for value in values:
            await self.producer.send(topic, value, key=key, partition=partition)
        await self.producer.flush()

    # ------------------------------------------------------------ looking

    async def rows(self, query: str, *values: Any) -> list[Any]:
        """Rows of the ledger."""
        return list(await self.pool.fetch(query, *values))

    async def value(self, query: str, *values: Any) -> Any:
        """One value of the ledger."""
        return await self.pool.fetchval(query, *values)

    async def told(self, cases: Sequence[Case] | None = None) -> int:
        """How many of these cases' updates are told."""
        found = self.cases if cases is None else cases
        return int(
            await self.value(
                "select count(*) from updates where state = 'told' and case_id = any($1::text[])",
                [case.id for case in found],
            )
        )

    async def quiet(self, within: float = 28) -> None:
        """Wait until every case's update has found its end and nothing is on its way any more."""

        async def settled() -> bool:
            if not await self.value(_SETTLED, [case.id for case in self.cases]):
                return False
            # Only now is everything sent; what is to follow of it must come in as well.
            await self.twilio.settled()
            await self.box.settled()
            return bool(await self.value(_SETTLED, [case.id for case in self.cases]))

        try:
            async with asyncio.timeout(within):
                await eventually(settled, within=within)
        except (TimeoutError, pytest.fail.Exception):
            states = await self.rows("select state, count(*) from updates group by 1")
            on_the_way = await self.rows("select state, count(*) from messages group by 1")
            pytest.fail(f"{len(self.cases)} cases: updates {dict(states)}, messages {dict(on_the_way)}")

    # ------------------------------------------------------------ judging

    async def problems(self) -> list[str]:
        """Everything that is not as it must be after `quiet`, a sentence each."""
        wrong = await self._lost()
        wrong += await self._doubled()
        wrong += await self._status_events()
        async with self.pool.acquire() as connection:
            found = await audit.verify(connection)
        if not found.ok:
            wrong.append(f"the audit does not hold: {found.reason} at {found.first_bad}")
        for row in await self.rows(
            "select kind, about, text from alerts where not kind = any($1::text[])", _OF_THE_CLOCK
        ):
            wrong.append(f"alert {row['kind']} about {row['about']}: {row['text']}")
        return wrong

    async def _lost(self) -> list[str]:
        """Every event is there once, and every case's one update is told, or rightly in doubt."""
        wrong = []
        events = await self.value("select count(*) from case_event")
        if events != 4 * len(self.cases):
            wrong.append(f"{events} events are in the ledger, {4 * len(self.cases)} were published")
        if rejected := await self.value("select count(*) from rejected_event"):
            wrong.append(f"{rejected} events were rejected")
        updates: dict[str, list[Any]] = {case.id: [] for case in self.cases}
        for row in await self.rows(_ENDS):
            updates.setdefault(row["case_id"], []).append(row)
        for case, rows in updates.items():
            if len(rows) != 1 or rows[0]["update_point"] != "r6-arrest":
                wrong.append(f"{case} has {[row['update_point'] for row in rows]}, should have r6-arrest once")
                continue
            row = rows[0]
            codes = {reason["code"] for reason in row["reasons"]}
            if row["state"] == "told" and row["evidence"] == "delivered" and row["last"] == "delivered":
                continue
            if case in self.doubtful and row["state"] == "held" and row["last"] in _OPEN and codes & UNDECIDED:
                continue
            wrong.append(f"{case} is {row['state']} ({', '.join(codes)}), its last attempt {row['last']}")
        return wrong

    async def _doubled(self) -> list[str]:
        """Nobody gets anything twice, nothing leaves without its intent, and nothing counts as delivered that never left."""
        wrong = []
        texts = Counter(message.to for message in self.twilio.accepted())
        mails = Counter(mail.to for mail in self.box.messages)
        wrong += [f"a person got {times} messages" for times in (texts + mails).values() if times > 1]
        tokens = {row["token"] for row in await self.rows("select token from attempts")}
        asked = [
            parse_qs(urlsplit(request["status_callback"] or "").query).get("attempt", [""])
            for request in self.twilio.requests
        ]
        asked += [re.findall(r"^bounce\+(\w+)@", mail.sender) for mail in self.box.messages]
        wrong += ["something left without an intent in the ledger" for token in asked if not tokens.issuperset(token)]
        again = Counter(token[0] for token in asked)
        wrong += [f"one attempt was handed over {times} times" for times in again.values() if times > 1]
        delivered = {row["case_id"] for row in await self.rows(_ENDS) if row["last"] == "delivered"}
        reached = {case.id for case in self.cases if texts[case.address] + mails[case.address]}
        wrong += [f"{case} counts as delivered and was never sent" for case in delivered - reached]
        return wrong

    async def _status_events(self) -> list[str]:
        """Every move of an update that the audit holds went out, each once for a reader who drops what it has seen (R16)."""
        audited = Counter(
            (row["subject"], row["action"])
            for row in await self.rows("select subject, action from audit_entry where action like 'update.%'")
        )
        for event in await self._read_statuses():
            self._statuses[event["id"]] = event
        said = Counter((event["data"]["update"], event["type"]) for event in self._statuses.values())
        missing, more = audited - said, said - audited
        return [f"{action} of {update} never went out" for update, action in missing] + [
            f"{action} of {update} went out and is not in the audit" for update, action in more
        ]

    @cached_property
    def _status_ends(self) -> dict[TopicPartition, int]:
        """How far the status events were read."""
        topic = DELIVERY_STATUS.full_name(self.prefix)
        return {TopicPartition(topic, partition): 0 for partition in range(DELIVERY_STATUS.partitions)}

    async def _read_statuses(self) -> list[dict[str, Any]]:
        """The status events that are new on their topic."""
        reader = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, enable_auto_commit=False)
        await reader.start()
        try:
            reader.assign(list(self._status_ends))
            ends = await reader.end_offsets(list(self._status_ends))
            found = []
            for partition, at in self._status_ends.items():
                reader.seek(partition, at)
            while any(self._status_ends[partition] < end for partition, end in ends.items()):
                for partition, records in (await reader.getmany(timeout_ms=1000)).items():
                    found += [orjson.loads(record.value) for record in records]
                    self._status_ends[partition] = records[-1].offset + 1
            return found
        finally:
            await reader.stop()


_OF_THE_CLOCK: Final = ["late", "feed_lagging", "feed_silent", "hold_not_taken"]
"""Alerts that a fast case clock raises: seconds in which a service is dead or nobody takes a hold are hours of it."""
_SETTLED: Final = """
select (select count(distinct case_id) from updates where case_id = any($1::text[])) = cardinality($1::text[])
    and not exists (select from updates where not settled and state <> 'held')
    and not exists (select from messages where state in ('planned', 'released', 'sending'))
    and not exists (select from receipts where applied_at is null)
    and not exists (select from replan)
    and not exists (select from outbox)
"""
_ENDS: Final = """
select u.case_id, u.update_point, u.state, u.evidence, u.reasons,
    (select a.state from message_update mu join attempts a on a.message_id = mu.message_id where mu.update_id = u.id
        order by a.at_machine desc limit 1) as last
from updates u
"""


@asynccontextmanager
async def road(
    bootstrap: str,
    ledger_url: str,
    prefix: str,
    folder: Path,
    *,
    rate: float = RATE,
    delay_ms: tuple[float, float] = (20, 60),
    session_seconds: float | None = None,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Road]:
    """Topics and far ends of a test's own, a force's rules, and a place for its services; all of it goes at the end."""
    kafka = KafkaSettings(kafka_bootstrap=bootstrap, kafka_prefix=prefix)
    clock = Clock(datetime.now(UTC), STARTS, rate)
    receipts, bounces = free_port(), free_port()
    await create_topics(kafka)
    await stage.load_force(ledger_url, RULES, clock.now())
    session = session_seconds or await shortest_session(bootstrap)
    pool = await open_pool(ledger_url, name="test-road", size=2)
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, max_request_size=9 * 1024 * 1024
    )
    await producer.start()
    try:
        async with (
            mailbox(bounces_to=("127.0.0.1", bounces), delay_ms=delay_ms) as box,
            twilio_sandbox(delay_ms=delay_ms) as twilio,
        ):
            all_settings = twilio.settings() | {
                "KEPT_ENVIRONMENT": "test",
                "KEPT_DATABASE_URL": ledger_url,
                "KEPT_KAFKA_BOOTSTRAP": bootstrap,
                "KEPT_KAFKA_PREFIX": prefix,
                "KEPT_KAFKA_SESSION_SECONDS": str(session),
                "KEPT_TWILIO_FROM": "+447700900001",
                "KEPT_SMTP_HOST": box.host,
                "KEPT_SMTP_PORT": str(box.port),
                "KEPT_SMTP_TLS": "none-local",
                "KEPT_EMAIL_FROM": "updates@staffs.example",
                "KEPT_BOUNCE_DOMAIN": BOUNCES,
                "KEPT_RECEIPTS_LISTEN": f"127.0.0.1:{receipts}",
                "KEPT_RECEIPTS_PUBLIC_URL": f"http://127.0.0.1:{receipts}",
                "KEPT_RECEIPTS_SMTP_LISTEN": f"127.0.0.1:{bounces}",
                "KEPT_ALLOWED_RECIPIENTS": "*",
                "KEPT_LEASE_SECONDS": str(LEASE),
                "KEPT_SHUTDOWN_SECONDS": "10",
                **(settings or {}),
            }
            async with stage.services(all_settings, folder, clock) as run:
                yield Road(bootstrap, prefix, all_settings, clock, pool, twilio, box, run, producer)
    finally:
        await producer.stop()
        pool.terminate()
        await _remove_topics(bootstrap, prefix)


@asynccontextmanager
async def standing_road(
    bootstrap: str, template: tuple[str, str], folder: Path, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Road]:
    """A road for a whole module, on a ledger of its own, with a scheduler, a dispatcher and receipts that run."""
    url, source = template
    name = f"kept_test_{uuid4().hex[:10]}"
    admin = await asyncpg.connect(url)
    await admin.execute(f"create database {name} template {source}")
    owner_url = with_database(url, name)
    ledger_url = with_role(owner_url, _SERVICE_ROLE, _SERVICE_PASSWORD)
    try:
        async with road(bootstrap, ledger_url, f"{name}-", folder, settings=settings) as whole:
            whole.owner_url = owner_url
            await whole.start(*stage.SERVICES)
            yield whole
    finally:
        await admin.execute(f"drop database if exists {name} with (force)")
        await admin.close()


async def shortest_session(bootstrap: str) -> float:
    """The shortest session that the broker allows, and at least 2 s: how soon a member that was killed is missed."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.BROKER, "1")])
        found = {entry[0]: entry[1] for resource in answer.resources for entry in resource[4]}
        return max(2.0, int(found["group.min.session.timeout.ms"]) / 1000)
    finally:
        await admin.close()


async def _remove_topics(bootstrap: str, prefix: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    with suppress(KafkaError):
        await admin.start()
        await admin.delete_topics([topic.full_name(prefix) for topic in TOPICS])
    await admin.close()
