"""The audit chain on the real database: appended with the change, closed to whoever would alter it, verified by walking it."""

from __future__ import annotations

from datetime import UTC, datetime

import asyncpg
import pytest

from services.ledger import audit
from services.ledger.connection import Connection, Pool
from services.ledger.journal import Journal

NOW = datetime(2026, 3, 9, 10, tzinfo=UTC)


async def write(pool: Pool, stream: str, *subjects: str) -> None:
    async with pool.acquire() as connection, connection.transaction():
        journal = Journal(stream, "test", NOW)
        for subject in subjects:
            journal.note("update.planned", "staffs", subject, {"why": "test"})
        await journal.write(connection)


async def test_a_chain_that_nobody_touched_verifies(pool: Pool) -> None:
    """Entries of several streams and transactions hold together."""
    await write(pool, "intake", "u1", "u2")
    await write(pool, "dispatch", "u1")
    await write(pool, "intake", "u3")
    async with pool.acquire() as connection:
        found = await audit.verify(connection)
    assert (found.ok, found.entries, found.first_bad) == (True, 4, None)


async def test_s25_a_rollback_leaves_neither_change_nor_entry(pool: Pool) -> None:
    """R49, S25: the entry is in the transaction that it records; both or neither."""

    async def fail_after_writing(connection: Connection) -> None:
        async with connection.transaction():
            journal = Journal("intake", "test", NOW)
            journal.note("update.planned", "staffs", "u1")
            await connection.execute("insert into case_file (force, case_id) values ('staffs', 'c1')")
            await journal.write(connection)
            raise ZeroDivisionError

    async with pool.acquire() as connection:
        with pytest.raises(ZeroDivisionError):
            await fail_after_writing(connection)
        assert await connection.fetchval("select count(*) from case_file") == 0
        assert (await audit.verify(connection)).entries == 0
    await write(pool, "intake", "u2")
    async with pool.acquire() as connection:
        assert (await audit.verify(connection)).ok


STATEMENTS = {
    "update": "update audit_entry set actor = 'someone'",
    "delete": "delete from audit_entry",
    "truncate": "truncate audit_entry",
    "truncate_cascade": "truncate audit_stream cascade",
    "upsert": (
        "insert into audit_entry select * from audit_entry on conflict (stream, index) do update set actor = 'someone'"
    ),
    "drop_trigger": "drop trigger audit_entry_no_change on audit_entry",
    "disable_triggers": "alter table audit_entry disable trigger all",
    "replica_role": "set session_replication_role = replica",
    "own_it": "alter table audit_entry owner to current_user",
    "drop_stream": "delete from audit_stream",
}


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=[f"S24-{name}" for name in STATEMENTS])
async def test_the_services_role_cannot_change_the_audit(pool: Pool, statement: str) -> None:
    """S24: whatever the services' role tries, the database refuses."""
    await write(pool, "intake", "u1")
    async with pool.acquire() as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
        assert (await audit.verify(connection)).ok


@pytest.mark.parametrize("statement", ["update", "delete", "truncate"], ids=lambda name: f"S24-owner-{name}")
async def test_triggers_stop_even_the_owner(pool: Pool, owner_url: str, statement: str) -> None:
    """S24: the owner has to take the triggers down first, and that is not something a service can do."""
    await write(pool, "intake", "u1")
    owner = await asyncpg.connect(owner_url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await owner.execute(STATEMENTS[statement])
    finally:
        await owner.close()


TAMPERING = {
    "edit": ("update audit_entry set subject = 'u9' where index = 1", (1, 1)),
    "edit_data": ("update audit_entry set data = '{}' where index = 2", (1, 2)),
    "delete": ("delete from audit_entry where index = 1", (1, 1)),
    "truncate_tail": ("delete from audit_entry where index = 3", (1, 3)),
    "empty": ("delete from audit_entry", (1, 0)),
    "insert": (
        (
            "insert into audit_entry select stream, 4, at, case_at, action, force, subject, actor, data, hash"
            " from audit_entry where index = 3"
        ),
        (1, 4),
    ),
    "reorder": (
        (
            "with a as (select * from audit_entry where index = 1) update audit_entry e set subject = a.subject,"
            " data = a.data, hash = a.hash from a where e.index = 2"
        ),
        (1, 2),
    ),
    "tail_moved": ("update audit_stream set next_index = 3 where stream = 1", (1, 4)),
}


@pytest.mark.parametrize(("statement", "first_bad"), TAMPERING.values(), ids=[f"S23-{name}" for name in TAMPERING])
async def test_tampering_by_the_owner_is_found_at_the_first_bad_entry(
    pool: Pool, owner_url: str, statement: str, first_bad: tuple[int, int]
) -> None:
    """S23: with the triggers taken down anything can be written, and the walk names the first entry that does not hold."""
    await write(pool, "intake", "u0", "u1", "u2", "u3")
    owner = await asyncpg.connect(owner_url)
    try:
        await owner.execute("alter table audit_entry disable trigger all; alter table audit_stream disable trigger all")
        await owner.execute(statement)
        found = await audit.verify(owner)
    finally:
        await owner.close()
    assert (found.ok, found.first_bad) == (False, first_bad)
    assert found.reason
