"""Locking and reading cases and people.

The order of locks is the same everywhere: people, then cases, then messages, then updates, then the tail of the audit; within
each by id. Nobody who holds a message ever waits for a case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from services.ledger.connection import Connection
from services.ledger.people import Person, person_from_row, person_to_row

CaseKey = tuple[str, str]
PersonKey = tuple[str, str]


def _columns(keys: Iterable[tuple[str, str]]) -> tuple[list[str], list[str]]:
    ordered = sorted(keys)
    return [first for first, _ in ordered], [second for _, second in ordered]


async def lock_people(connection: Connection, people: Iterable[PersonKey]) -> None:
    """Make rows for people who are new and lock all of them, in order."""
    forces, ids = _columns(people)
    await connection.execute(
        "insert into person (force, person_id) select * from unnest($1::text[], $2::text[]) on conflict do nothing",
        forces,
        ids,
    )
    await connection.execute(
        "select 1 from person join unnest($1::text[], $2::text[]) k (force, person_id) using (force, person_id)"
        " order by force, person_id for update of person",
        forces,
        ids,
    )


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


async def join_people(connection: Connection, rows: Iterable[tuple[str, str, str]]) -> None:
    """Note who appears in which case: (force, case, person)."""
    ordered = sorted(set(rows))
    if ordered:
        await connection.execute(
            "insert into case_person (force, case_id, person_id) select * from unnest($1::text[], $2::text[], $3::text[])"
            " on conflict do nothing",
            *zip(*ordered, strict=True),
        )


async def cases_of(connection: Connection, people: Iterable[PersonKey]) -> set[CaseKey]:
    """Every case in which any of these people appears."""
    rows = await connection.fetch(
        "select distinct force, case_id from case_person"
        " join unnest($1::text[], $2::text[]) k (force, person_id) using (force, person_id)",
        *_columns(people),
    )
    return {(row["force"], row["case_id"]) for row in rows}


async def lock_cases(connection: Connection, cases: Iterable[CaseKey]) -> None:
    """Make rows for cases that are new and lock all of them, in order."""
    forces, ids = _columns(cases)
    await connection.execute(
        "insert into case_file (force, case_id) select * from unnest($1::text[], $2::text[]) on conflict do nothing",
        forces,
        ids,
    )
    await connection.execute(
        "select 1 from case_file join unnest($1::text[], $2::text[]) k (force, case_id) using (force, case_id)"
        " order by force, case_id for update of case_file",
        forces,
        ids,
    )


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
    """Cases that asked to be planned by now, for one reason or another; the requests are consumed with the transaction."""
    asked = await connection.fetch(
        "delete from replan where id = any(array(select id from replan order by id limit $1 for update skip locked))"
        " returning force, case_id",
        limit,
    )
    timed = await connection.fetch(
        "select force, case_id from case_file where again_at <= $1 order by again_at limit $2 for update skip locked",
        now,
        limit,
    )
    return sorted({(row["force"], row["case_id"]) for row in (*asked, *timed)})
