"""The event inbox: each event once, where reading goes on, what was refused and what waits for somebody to be recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from schemas.envelope import CaseEvent, event_from_row
from services.ledger.connection import Connection

EventKey = tuple[str, str, str]
"""Force, source and id: what names an event."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """An accepted event and its data as stored: JSON text without contact values and names."""

    event: CaseEvent
    data: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that cannot be used: kept with its bytes, and with what is wrong and how to mend it."""

    topic: str
    partition: int
    offset: int
    reason: str
    field: str
    remedy: str
    key: bytes | None
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What became of a batch: which events are new, and the digest under which each of the others was kept before."""

    new: frozenset[EventKey]
    known: Mapping[EventKey, bytes]


_INSERT: Final = """
insert into case_event (force, source, event_id, case_id, type, time, known_at, sequence, data, digest, arrived_at)
select force, source, event_id, case_id, type, time, known_at, sequence, data::jsonb, digest, $11
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::bigint[],
            $9::text[], $10::bytea[])
     as e (force, source, event_id, case_id, type, time, known_at, sequence, data, digest)
order by force, source, event_id
on conflict do nothing
returning force, source, event_id
"""


def key_of(event: CaseEvent) -> EventKey:
    """What names `event` in the ledger."""
    return event.force, event.source, event.id


async def stored_offsets(connection: Connection, topic: str) -> dict[int, int]:
    """Where reading of each partition goes on."""
    rows = await connection.fetch("select partition, next_offset from inbox_offset where topic = $1", topic)
    return {row["partition"]: row["next_offset"] for row in rows}


async def keep_offsets(connection: Connection, topic: str, offsets: Mapping[int, int]) -> None:
    """Move on in each partition, never back."""
    partitions = sorted(offsets)
    await connection.execute(
        "insert into inbox_offset (topic, partition, next_offset) select $1, * from unnest($2::int[], $3::bigint[])"
        " on conflict (topic, partition) do update set next_offset = excluded.next_offset"
        " where inbox_offset.next_offset < excluded.next_offset",
        topic,
        partitions,
        [offsets[partition] for partition in partitions],
    )


async def insert_events(connection: Connection, incoming: Sequence[Incoming], now: datetime) -> Arrivals:
    """Keep events that are new. The same name with other bytes is not kept; the caller rejects it."""
    if not incoming:
        return Arrivals(frozenset(), {})
    events = [item.event for item in incoming]
    rows = await connection.fetch(
        _INSERT,
        [event.force for event in events],
        [event.source for event in events],
        [event.id for event in events],
        [event.case for event in events],
        [event.type for event in events],
        [event.time for event in events],
        [event.known_at for event in events],
        [event.sequence for event in events],
        [item.data for item in incoming],
        [event.digest for event in events],
        now,
    )
    new = frozenset((row["force"], row["source"], row["event_id"]) for row in rows)
    rest = [key_of(event) for event in events if key_of(event) not in new]
    known: dict[EventKey, bytes] = {}
    if rest:
        found = await connection.fetch(
            "select force, source, event_id, digest from case_event"
            " join unnest($1::text[], $2::text[], $3::text[]) k (force, source, event_id) using (force, source, event_id)",
            *zip(*rest, strict=True),
        )
        known = {(row["force"], row["source"], row["event_id"]): row["digest"] for row in found}
    return Arrivals(new, known)


async def reject(connection: Connection, rejected: Sequence[Rejected], now: datetime) -> int:
    """Keep records that cannot be used; a record that was rejected before is not kept again. Returns how many are new."""
    if not rejected:
        return 0
    ordered = sorted(rejected, key=lambda item: (item.topic, item.partition, item.offset))
    status = await connection.execute(
        "insert into rejected_event"
        " (topic, partition, record_offset, received_at, reason, field, remedy, size, record_key, bytes)"
        " select topic, partition, record_offset, $1, reason, field, remedy, size, key, bytes"
        " from unnest($2::text[], $3::int[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::int[], $9::bytea[],"
        " $10::bytea[]) r (topic, partition, record_offset, reason, field, remedy, size, key, bytes)"
        " on conflict do nothing",
        now,
        [item.topic for item in ordered],
        [item.partition for item in ordered],
        [item.offset for item in ordered],
        [item.reason for item in ordered],
        [item.field for item in ordered],
        [item.remedy for item in ordered],
        [len(item.value or b"") for item in ordered],
        [item.key for item in ordered],
        [item.value for item in ordered],
    )
    return int(status.rsplit(" ", 1)[-1])


async def events_of_cases(
    connection: Connection, cases: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], list[tuple[CaseEvent, datetime]]]:
    """Every event of each (force, case), with the case time at which it reached us."""
    rows = await connection.fetch(
        "select force, source, event_id, case_id, type, time, known_at, sequence, data::text as data, digest, arrived_at"
        " from case_event join unnest($1::text[], $2::text[]) k (force, case_id) using (force, case_id)",
        [force for force, _ in cases],
        [case for _, case in cases],
    )
    found: dict[tuple[str, str], list[tuple[CaseEvent, datetime]]] = {case: [] for case in cases}
    for row in rows:
        found[row["force"], row["case_id"]].append((_event(list(row.values())), row["arrived_at"]))
    return found


async def events_of_people(
    connection: Connection, people: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], list[CaseEvent]]:
    """Every event, of any case, that states something of each (force, person)."""
    rows = await connection.fetch(
        "select p.person_id, force, source, event_id, case_id, type, time, known_at, sequence, data::text as data, digest"
        " from event_person p join unnest($1::text[], $2::text[]) k (force, person_id) using (force, person_id)"
        " join case_event using (force, source, event_id)",
        [force for force, _ in people],
        [person for _, person in people],
    )
    found: dict[tuple[str, str], list[CaseEvent]] = {key: [] for key in people}
    for row in rows:
        person, *columns = row.values()
        found[row["force"], person].append(_event(columns))
    return found


def _event(columns: Sequence[Any]) -> CaseEvent:
    """An event from the columns as they stand in the queries above; what follows them is the caller's."""
    force, source, event_id, case, kind, time, known_at, sequence, data, digest = columns[:10]
    return event_from_row(force, source, event_id, kind, case, time, known_at, sequence, data, digest)


async def people_of_events(connection: Connection, events: Sequence[EventKey]) -> dict[EventKey, list[str]]:
    """Of whom each of these events says something."""
    rows = await connection.fetch(
        "select person_id, force, source, event_id from event_person"
        " join unnest($1::text[], $2::text[], $3::text[]) k (force, source, event_id) using (force, source, event_id)",
        *([key[part] for key in events] for part in range(3)),
    )
    found: dict[EventKey, list[str]] = {}
    for row in rows:
        found.setdefault((row["force"], row["source"], row["event_id"]), []).append(row["person_id"])
    return found


async def join_events(connection: Connection, rows: Sequence[tuple[str, str, str, str]]) -> None:
    """Note which events say something of whom: (force, person, source, event id)."""
    if rows:
        await connection.execute(
            "insert into event_person (force, person_id, source, event_id)"
            " select * from unnest($1::text[], $2::text[], $3::text[], $4::text[]) on conflict do nothing",
            *zip(*rows, strict=True),
        )


async def set_waiting(
    connection: Connection,
    cases: Sequence[tuple[str, str]],
    waiting: Sequence[tuple[str, str, str, str, Sequence[str]]],
    now: datetime,
) -> None:
    """Make the waiting events of `cases` exactly `waiting`: (force, source, event id, case, waits for)."""
    await connection.execute(
        "delete from waiting_event w using unnest($1::text[], $2::text[]) k (force, case_id)"
        " where w.force = k.force and w.case_id = k.case_id"
        " and (w.force, w.source, w.event_id) not in (select * from unnest($3::text[], $4::text[], $5::text[]))",
        [force for force, _ in cases],
        [case for _, case in cases],
        [item[0] for item in waiting],
        [item[1] for item in waiting],
        [item[2] for item in waiting],
    )
    if waiting:
        await connection.execute(
            "insert into waiting_event (force, source, event_id, case_id, since, waits_for)"
            " select f, s, e, c, $1, string_to_array(w, E'\\x1f')"
            " from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) k (f, s, e, c, w)"
            " on conflict (force, source, event_id) do update set waits_for = excluded.waits_for",
            now,
            *(list(column) for column in zip(*((*item[:4], "\x1f".join(item[4])) for item in waiting), strict=True)),
        )
