"""Locking and reading cases and people.

The order of locks is the same everywhere: people, then cases, then messages, then updates, then the tail of the audit; within
each by id. Nobody who holds a message ever waits for a case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from services.ledger.connection import Connection
from services.ledger.people import InCase, Person
from services.ledger.person_rows import person_from_row, person_to_row

CaseKey = tuple[str, str]
PersonKey = tuple[str, str]


def _columns(keys: Iterable[tuple[str, str]]) -> tuple[list[str], list[str]]:
    ordered = sorted(keys)
    return [first for first, _ in ordered], [second for _, second in ordered]


async def lock_people(connection: Connection, people: Iterable[PersonKey]) -> set[PersonKey]:
    """Make rows for people who are new and lock all of them, in order; returns those who are new."""
    forces, ids = _columns(people)
    if not ids:
        return set()
    made = await connection.fetch(
        "insert into person (force, person_id) select * from unnest($1::text[], $2::text[]) on conflict do nothing"
        " returning force, person_id",
        forces,
        ids,
    )
    if len(made) == len(ids):
        return {(row["force"], row["person_id"]) for row in made}
    await connection.execute(
        "select 1 from person join unnest($1::text[], $2::text[]) k (force, person_id) using (force, person_id)"
        " order by force, person_id for update of person",
        forces,
        ids,
    )
    return {(row["force"], row["person_id"]) for row in made}


async def keep_people(connection: Connection, people: Iterable[Person]) -> None:
    """Write the folded state of people whose rows the caller has locked."""
    rows = list(people)
    await connection.execute(
        "update person set state = s.state from unnest($1::text[], $2::text[], $3::jsonb[]) s (force, person_id, state)"
        " where person.force = s.force and person.person_id = s.person_id",
        [row.force for row in rows],
        [row.id for row in rows],
        [person_to_row(row) for row in rows],
    )


async def join_people(connection: Connection, rows: Mapping[tuple[str, str, str], InCase]) -> None:
    """Note who appears in which case, by (force, case, person), and as whom."""
    if not rows:
        return
    ordered = sorted(rows.items())
    await connection.execute(
        "insert into case_person as c (force, case_id, person_id, roles, stands_for)"
        " select f, k, p, string_to_array(r, E'\\x1f'), string_to_array(s, E'\\x1f')"
        " from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) w (f, k, p, r, s)"
        " on conflict (force, case_id, person_id) do update set roles = excluded.roles, stands_for = excluded.stands_for"
        " where (c.roles, c.stands_for) is distinct from (excluded.roles, excluded.stands_for)",
        *zip(*(key for key, _ in ordered), strict=True),
        ["\x1f".join(found.roles) for _, found in ordered],
        ["\x1f".join(found.stands_for) for _, found in ordered],
    )


async def cases_of(connection: Connection, people: Iterable[PersonKey]) -> set[CaseKey]:
    """Every case in which any of these people appears."""
    rows = await connection.fetch(
        "select distinct force, case_id from case_person"
        " join unnest($1::text[], $2::text[]) k (force, person_id) using (force, person_id)",
        *_columns(people),
    )
    return {(row["force"], row["case_id"]) for row in rows}


async def lock_cases(connection: Connection, cases: Iterable[CaseKey]) -> set[CaseKey]:
    """Make rows for cases that are new and lock all of them, in order; returns those that are new."""
    forces, ids = _columns(cases)
    if not ids:
        return set()
    made = await connection.fetch(
        "insert into case_file (force, case_id) select * from unnest($1::text[], $2::text[]) on conflict do nothing"
        " returning force, case_id",
        forces,
        ids,
    )
    if len(made) == len(ids):
        return {(row["force"], row["case_id"]) for row in made}
    await connection.execute(
        "select 1 from case_file join unnest($1::text[], $2::text[]) k (force, case_id) using (force, case_id)"
        " order by force, case_id for update of case_file",
        forces,
        ids,
    )
    return {(row["force"], row["case_id"]) for row in made}


async def people_of(connection: Connection, cases: Sequence[CaseKey]) -> dict[CaseKey, dict[str, Person]]:
    """Everybody who appears in each case, with their state across the force."""
    rows = await connection.fetch(
        "select c.force, c.case_id, c.person_id, p.state from case_person c"
        " join unnest($1::text[], $2::text[]) k (force, case_id) using (force, case_id)"
        " join person p using (force, person_id)",
        *_columns(cases),
    )
    found: dict[CaseKey, dict[str, Person]] = {case: {} for case in cases}
    for row in rows:
        if row["state"]:
            found[row["force"], row["case_id"]][row["person_id"]] = person_from_row(row["state"])
    return found


async def read_people(connection: Connection, people: Iterable[PersonKey]) -> dict[PersonKey, Person]:
    """The folded state of each of these people."""
    rows = await connection.fetch(
        "select force, person_id, state from person join unnest($1::text[], $2::text[]) k (force, person_id)"
        " using (force, person_id)",
        *_columns(people),
    )
    return {(row["force"], row["person_id"]): person_from_row(row["state"]) for row in rows if row["state"]}


async def keep_plans(connection: Connection, again_at: Mapping[CaseKey, datetime | None], now: datetime) -> None:
    """Note that cases were planned, and when to plan each again by time alone."""
    await connection.execute(
        "update case_file set planned_at = $4, again_at = a.again_at"
        " from unnest($1::text[], $2::text[], $3::timestamptz[]) a (force, case_id, again_at)"
        " where case_file.force = a.force and case_file.case_id = a.case_id",
        [force for force, _ in again_at],
        [case for _, case in again_at],
        list(again_at.values()),
        now,
    )


async def plan_again(connection: Connection, cases: Iterable[CaseKey], why: str) -> None:
    """Ask the scheduler to plan these cases again; never waits for a lock."""
    await connection.execute(
        "insert into replan (force, case_id, why) select f, c, $3 from unnest($1::text[], $2::text[]) k (f, c)",
        *_columns(set(cases)),
        why,
    )


async def take_due_cases(connection: Connection, now: datetime, limit: int) -> list[CaseKey]:
    """Lock cases that asked to be planned, or whose time has come; the requests are consumed with the transaction.

    A case that somebody else is planning is left for the next call, so that nobody who holds one case waits for another; only
    when there is nothing else to do is one waited for.
    """
    asked = await connection.fetch("select id, force, case_id from replan order by id limit $1", limit)
    timed = await connection.fetch(
        "select force, case_id from case_file where again_at <= $1 order by again_at limit $2", now, limit
    )
    wanted = {(row["force"], row["case_id"]) for row in (*asked, *timed)}
    if not wanted:
        return []
    rows = await connection.fetch(
        "select force, case_id from case_file join unnest($1::text[], $2::text[]) k (force, case_id) using (force, case_id)"
        " order by force, case_id for update of case_file skip locked",
        *_columns(wanted),
    )
    locked = {(row["force"], row["case_id"]) for row in rows}
    if not locked:
        locked = {min(wanted)}
        await lock_cases(connection, locked)
    requests = [row["id"] for row in asked if (row["force"], row["case_id"]) in locked]
    await connection.execute("delete from replan where id = any($1::bigint[])", requests)
    return sorted(locked)
