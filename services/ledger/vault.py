"""The only module that reads and writes contact details and names.

Each number or address of a force is stored once, in its normal form, and everything else refers to it by an id. Two contact
points that have the same id are the same number or address, however each was spelled; that is how a number shared with a suspect
is found without anybody comparing text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from services.ledger.spelling import Normal, normalise

if TYPE_CHECKING:
    from services.ledger.connection import Connection  # what compares numbers in a file needs no database


@dataclass(frozen=True, slots=True)
class ContactSeen:
    """One event's word on one contact point of one person."""

    force: str
    person: str
    contact: str
    source: str
    event_id: str
    value: Normal


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes, and whether it still may."""

    detail: int
    address: str
    suppressed: bool
    suspect: bool


Held = tuple[int | None, str | None, int | None]
"""Of one word on one contact: the detail's id, why it cannot be used, and the detail that it is compared by, if another."""


async def keep_contacts(
    connection: Connection, seen: Sequence[ContactSeen]
) -> dict[tuple[str, str, str, str, str], Held]:
    """Store what events said of contact points; returns it by (force, person, contact, source, event id)."""
    if not seen:
        return {}
    ids = await _details(connection, seen)
    found: dict[tuple[str, str, str, str, str], Held] = {
        (s.force, s.person, s.contact, s.source, s.event_id): (
            ids.get((s.force, s.value.medium, s.value.normal)),
            s.value.unusable,
            ids.get((s.force, s.value.alike_medium, s.value.alike)),
        )
        for s in seen
    }
    await connection.execute(
        "insert into contact_point (force, person_id, contact_id, source, event_id, detail_id, unusable, alike_id)"
        " select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[],"
        " $8::bigint[]) on conflict do nothing",
        *zip(*((*key, *detail) for key, detail in found.items()), strict=True),
    )
    return found


async def _details(connection: Connection, seen: Sequence[ContactSeen]) -> dict[tuple[str, str, str], int]:
    """The detail of each value, made where it is new. A blank value has none: two blanks are not one number."""
    wanted = {(s.force, s.value.alike_medium, s.value.alike): s.value.alike_address for s in seen if s.value.alike} | {
        (s.force, s.value.medium, s.value.normal): s.value.address for s in seen if s.value.normal
    }
    distinct = sorted(wanted.items())
    if not distinct:
        return {}
    forces, media, normals = zip(*(key for key, _ in distinct), strict=True)
    made = await connection.fetch(
        "insert into contact_detail (force, medium, normal, address)"
        " select * from unnest($1::text[], $2::text[], $3::text[], $4::text[]) on conflict do nothing"
        " returning id, force, medium, normal",
        forces,
        media,
        normals,
        [address for _, address in distinct],
    )
    ids = {(row["force"], row["medium"], row["normal"]): row["id"] for row in made}
    rest = [key for key, _ in distinct if key not in ids]
    if rest:
        rows = await connection.fetch(
            "select d.id, d.force, d.medium, d.normal from contact_detail d"
            " join unnest($1::text[], $2::text[], $3::text[]) k (force, medium, normal) using (force, medium, normal)",
            *zip(*rest, strict=True),
        )
        ids.update({(row["force"], row["medium"], row["normal"]): row["id"] for row in rows})
    return ids


async def keep_names(connection: Connection, names: Iterable[tuple[str, str, str, str, str]]) -> None:
    """Store names as (force, person, source, event id, name)."""
    rows = list(names)
    if rows:
        await connection.execute(
            "insert into person_name (force, person_id, source, event_id, name)"
            " select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) on conflict do nothing",
            *zip(*rows, strict=True),
        )


async def details_of(
    connection: Connection, people: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], dict[tuple[str, str, str], Held]]:
    """For each (force, person): what was given, by (source, event id, contact)."""
    rows = await connection.fetch(
        "select c.* from contact_point c join unnest($1::text[], $2::text[]) p (force, person_id) using (force, person_id)",
        [force for force, _ in people],
        [person for _, person in people],
    )
    found: dict[tuple[str, str], dict[tuple[str, str, str], Held]] = {key: {} for key in people}
    for row in rows:
        key = row["source"], row["event_id"], row["contact_id"]
        found[row["force"], row["person_id"]][key] = row["detail_id"], row["unusable"], row["alike_id"]
    return found


async def addresses(connection: Connection, details: Sequence[int]) -> dict[int, Address]:
    """Where each detail leads, read in the caller's transaction."""
    rows = await connection.fetch(
        "select id, address, suppressed_at, suspect_at from contact_detail where id = any($1::bigint[])", details
    )
    return {
        row["id"]: Address(row["id"], row["address"], row["suppressed_at"] is not None, row["suspect_at"] is not None)
        for row in rows
    }


async def shut_details(connection: Connection, details: Sequence[int]) -> dict[int, str]:
    """Those of `details` that nothing may be sent to: `stopped` by the person, or `suspect`."""
    rows = await connection.fetch(
        "select id, suppressed_at from contact_detail"
        " where id = any($1::bigint[]) and (suppressed_at is not null or suspect_at is not null)",
        details,
    )
    return {row["id"]: "stopped" if row["suppressed_at"] is not None else "suspect" for row in rows}


async def suppress(connection: Connection, channel: str, value: str, why: str, now: datetime) -> list[int]:
    """Send nothing more to this number or address, in every force that knows it; returns the details that it stands for."""
    normal = normalise(channel, value)
    rows = await connection.fetch(
        "update contact_detail set suppressed_at = coalesce(suppressed_at, $3), suppressed_why = coalesce(suppressed_why, $4)"
        " where medium = $1 and normal = $2 returning id",
        normal.medium,
        normal.normal,
        now,
        why,
    )
    return [row["id"] for row in rows]


async def details_with(connection: Connection, channel: str, value: str) -> list[int]:
    """The details, in every force, that stand for this number or address."""
    normal = normalise(channel, value)
    rows = await connection.fetch(
        "select id from contact_detail where medium = $1 and normal = $2", normal.medium, normal.normal
    )
    return [row["id"] for row in rows]


async def mark_suspect(connection: Connection, details: Sequence[int], why: str, now: datetime) -> None:
    """A provider says that a number or address is wrong: nothing goes there until somebody has looked."""
    await connection.execute(
        "update contact_detail set suspect_at = coalesce(suspect_at, $2), suspect_why = coalesce(suspect_why, $3)"
        " where id = any($1::bigint[])",
        details,
        now,
        why,
    )


async def people_with(connection: Connection, details: Sequence[int]) -> list[tuple[str, str]]:
    """Every (force, person) that ever had one of these details."""
    rows = await connection.fetch(
        "select distinct force, person_id from contact_point where detail_id = any($1::bigint[])", details
    )
    return [(row["force"], row["person_id"]) for row in rows]
