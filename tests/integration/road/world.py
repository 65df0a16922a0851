"""A small world for the road: messages that are due, far ends that do as they are told, and the services around them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from schemas.updates import UpdatesDue
from services.clock import Clock
from services.dispatcher.dispatch import Dispatcher
from services.dispatcher.gateways import Accepted, Email, Outcome, Sms
from services.dispatcher.intent import Intents, Send
from services.dispatcher.markers import Markers
from services.dispatcher.outcomes import Recorder
from services.dispatcher.writing import Origins
from services.ledger.connection import Connection, Pool
from services.ledger.force_rules import ForceRules, Senders, careful_default
from services.ledger.gate_views import Gatekeeping
from services.ledger.people import Person
from services.ledger.person_rows import person_to_row
from services.ledger.second_word import Contact
from services.scheduler.release import Releaser
from services.wording import new_reference

MIDDAY = datetime(2026, 3, 9, 12, tzinfo=UTC)
FORCE = "staffs"


def clock_at(start: datetime = MIDDAY, rate: float = 1) -> Clock:
    """Case time that begins at `start` now."""
    return Clock(datetime.now(UTC), start, rate)


async def rules_of(_connection: Connection, forces: list[str]) -> dict[str, ForceRules]:
    """The careful default, with a telephone that a neutral text may give."""
    senders = Senders(plain=None, cover=None, email=None, telephone="01632 960123")
    return {force: replace(careful_default(force), name="Staffs Police", senders=senders) for force in forces}


KEEPING = Gatekeeping(rules_of=rules_of)
ORIGINS = Origins(
    sms_from="+447700900001",
    email_from="updates@staffs.example",
    bounce_domain="bounces.example",
    receipts_url="http://127.0.0.1:9",
    may_receive=lambda _address: True,
)


@dataclass
class FakeSms:
    """Answers each text as it is told; remembers every one."""

    answer: Callable[[Sms], Awaitable[Outcome]] | None = None
    sent: list[Sms] = field(default_factory=list)

    async def send(self, sms: Sms) -> Outcome:
        self.sent.append(sms)
        if self.answer is not None:
            return await self.answer(sms)
        return Accepted(f"SM{uuid4().hex}")

    async def close(self) -> None:
        return


@dataclass
class FakeEmail:
    """Calls for the marker as a relay's session does, then answers as it is told."""

    answer: Callable[[Email], Awaitable[Outcome]] | None = None
    sent: list[Email] = field(default_factory=list)

    async def send(self, email: Email, before_data: Callable[[], Awaitable[None]]) -> Outcome:
        await before_data()
        self.sent.append(email)
        if self.answer is not None:
            return await self.answer(email)
        return Accepted(email.message_id)

    async def close(self) -> None:
        return


@dataclass(frozen=True)
class Due:
    """One message that is due, and what it carries."""

    message: UUID
    updates: tuple[UUID, ...]
    person: str
    case: str
    number: str


async def seed(
    connection: Connection,
    count: int = 1,
    *,
    channel: str = "sms",
    kind: str = "news",
    send_at: datetime = MIDDAY,
    due_at: datetime | None = MIDDAY + timedelta(days=3),
    per_message: int = 1,
    person: str | None = None,
    enhanced: bool = False,
    state: Person | None = None,
    first: int = 0,
) -> list[Due]:
    """Put `count` people with a message each in the ledger, as intake leaves them: planned (a prompt's updates are held)."""
    made = []
    people, details, updates, messages, joined = [], [], [], [], []
    for number in range(first, first + count):
        who = person or f"p{number}"
        case = f"case-{number}"
        address = f"+4477009{number:05d}" if channel == "sms" else f"person{number}@mail.example"
        due = Due(uuid4(), tuple(uuid4() for _ in range(per_message)), who, case, address)
        made.append(due)
        details.append((FORCE, "phone" if channel == "sms" else "email", address, address))
        people.append((FORCE, who, channel))
        updates += [
            (
                update,
                FORCE,
                case,
                who,
                "r6-arrest",
                "/force/staffs/rms",
                f"e{number}",
                str(part),
                "planned" if kind == "news" else "held",
                kind,
                channel,
                send_at,
                due_at,
                {"happened_on": "2026-03-09", "where": "custody", "suspects": 1},
                {"enhanced": enhanced, "flagged": False},
            )
            for part, update in enumerate(due.updates)
        ]
        messages.append((due.message, FORCE, case, who, kind, channel, new_reference(), send_at, due_at))
        joined += [(due.message, update) for update in due.updates]
    ids = await connection.fetch(
        "insert into contact_detail (force, medium, normal, address) select * from unnest($1::text[], $2::text[], $3::text[],"
        " $4::text[]) on conflict (force, medium, normal) do update set address = excluded.address returning id, normal",
        *zip(*details, strict=True),
    )
    by_address = {row["normal"]: row["id"] for row in ids}
    states = [
        person_to_row(
            replace(
                state or Person(FORCE, who),
                force=FORCE,
                id=who,
                contacts=(state.contacts if state else ())
                or (Contact("c1", channel, by_address[due.number], safe=True),),
            )
        )
        for (_, who, _), due in zip(people, made, strict=True)
    ]
    await connection.execute(
        "insert into person (force, person_id, state) select * from unnest($1::text[], $2::text[], $3::jsonb[])"
        " on conflict (force, person_id) do update set state = excluded.state",
        [force for force, _, _ in people],
        [who for _, who, _ in people],
        states,
    )
    await connection.execute(
        "insert into updates (id, force, case_id, person_id, update_point, source, event_id, part, edition, cls, state, kind,"
        " channel, contact_id, send_at, due_at, facts, facts_hash, reasons, explanation, plan_digest, created_at, changed_at)"
        " select id, force, case_id, person_id, point, source, event_id, part, 'vc-2020', 'routine', state, kind, channel, 'c1',"
        " send_at, due_at, facts, 'h', '[]', explanation, '', $16, $16 from unnest($1::uuid[], $2::text[], $3::text[],"
        " $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],"
        " $12::timestamptz[], $13::timestamptz[], $14::jsonb[], $15::jsonb[]) u (id, force, case_id, person_id, point, source,"
        " event_id, part, state, kind, channel, send_at, due_at, facts, explanation)",
        *[list(column) for column in zip(*updates, strict=True)],
        MIDDAY,
    )
    await connection.execute(
        "insert into messages (id, force, case_id, person_id, kind, channel, contact_id, language, style, reference, state,"
        " send_at, due_at, created_at, changed_at) select id, force, case_id, person_id, kind, channel, 'c1', 'en',"
        " case when kind = 'news' then 'plain' else 'neutral' end, reference, 'planned', send_at, due_at, $10, $10"
        " from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[],"
        " $9::timestamptz[]) m (id, force, case_id, person_id, kind, channel, reference, send_at, due_at)",
        *[list(column) for column in zip(*messages, strict=True)],
        MIDDAY,
    )
    await connection.execute(
        "insert into message_update select * from unnest($1::uuid[], $2::uuid[])", *zip(*joined, strict=True)
    )
    return made


@dataclass
class Road:
    """A releaser and a dispatcher on one ledger; records are handed over without a broker unless a test says otherwise."""

    pool: Pool
    clock: Clock = field(default_factory=clock_at)
    keeping: Gatekeeping = KEEPING
    origins: Origins = ORIGINS
    lease_seconds: float = 30
    bound: int = 2000
    sms: FakeSms = field(default_factory=FakeSms)
    email: FakeEmail = field(default_factory=FakeEmail)
    published: list[UpdatesDue] = field(default_factory=list)

    async def _publish(self, _topic: str, records: Sequence[tuple[bytes, bytes]]) -> None:
        self.published += [UpdatesDue.from_bytes(value) for _, value in records]

    def releaser(self, **given: Any) -> Releaser:
        wanted = {"lease_seconds": self.lease_seconds, "bound": self.bound} | given
        return Releaser(self.pool, self.clock, self._publish, self.keeping, **wanted)

    async def release(self, **given: Any) -> list[UpdatesDue]:
        """One round; returns what it published."""
        before = len(self.published)
        await self.releaser(**given).once()
        return self.published[before:]

    def intents(self) -> Intents:
        return Intents(self.pool, self.clock, self.keeping, self.origins, lease_seconds=self.lease_seconds)

    async def intend(self, due: Sequence[UpdatesDue]) -> list[Send]:
        return await self.intents().commit(due)

    def dispatcher(self, **given: Any) -> Dispatcher:
        return Dispatcher(
            self.intents(),
            Recorder(self.pool, self.clock),
            Markers(self.pool),
            sms=self.sms,
            email=self.email,
            **given,
        )

    async def dispatch(self, due: Sequence[UpdatesDue], **given: Any) -> None:
        """Send `due` with a dispatcher of its own, to the last recorded outcome."""
        dispatcher = self.dispatcher(**given)
        running = asyncio.create_task(dispatcher.run())
        try:
            for record in due:
                await dispatcher.offer(record)
            async with asyncio.timeout(20):
                await dispatcher.idle()
                await dispatcher.stop()
                await running
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        async with self.pool.acquire() as connection:
            return [dict(row) for row in await connection.fetch(query, *values)]

    async def value(self, query: str, *values: Any) -> Any:
        async with self.pool.acquire() as connection:
            return await connection.fetchval(query, *values)

    async def execute(self, query: str, *values: Any) -> None:
        async with self.pool.acquire() as connection:
            await connection.execute(query, *values)

    async def states(self, due: Due) -> tuple[str, list[str], list[str]]:
        """The message's state, its updates' states and its attempts' states in order."""
        message = await self.value("select state from messages where id = $1", due.message)
        updates = await self.rows("select state from updates where id = any($1::uuid[]) order by id", list(due.updates))
        attempts = await self.rows("select state from attempts where message_id = $1 order by number", due.message)
        return message, [row["state"] for row in updates], [row["state"] for row in attempts]
