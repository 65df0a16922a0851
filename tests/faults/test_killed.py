"""kill -9 on any service in the middle of a run, and a new one in its place: nothing is lost, and nothing doubled."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import asyncpg
import pytest

from services.sandbox.stage import SERVICES
from services.scheduler.relay import _LOCK, GATHER_SECONDS
from tests.conftest import eventually
from tests.road import LEASE, Road


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_that_is_killed_and_started_again_loses_and_doubles_nothing(
    standing: Road, service: str
) -> None:
    """R02, R26 in short: 40 cases, half of them on their way and half published while it is dead.

    What a dead scheduler held is always told. Of what a dead dispatcher or receipts held, some may end as a person's task,
    because nobody can learn its outcome, and those alone.
    """
    on_the_way = standing.some(f"{service}-on-the-way", 10)
    more = standing.unheard if service == "dispatcher" else standing.some
    on_the_way += more(f"{service}-on-the-way-too", 10)
    before = len(standing.twilio.accepted())
    await standing.publish(*on_the_way)

    async def some_left() -> bool:
        return len(standing.twilio.accepted()) > before

    await eventually(some_left, every=0.005)
    await standing.kill(service)
    meanwhile = standing.some(f"{service}-meanwhile", 20)
    await standing.publish(*meanwhile)
    if service == "dispatcher":
        standing.doubt(on_the_way)
    if service == "receipts":
        standing.doubt([*on_the_way, *meanwhile])
    await standing.start(service)
    await standing.quiet()
    assert await standing.problems() == []


async def test_r28_a_dispatcher_that_stands_still_past_its_leases_sends_nothing_twice(standing: Road) -> None:
    """R28: frozen in the middle of sending until the scheduler has given its messages up, and then it goes on."""
    cases = standing.unheard("frozen", 20)
    before = len(standing.twilio.accepted())
    await standing.publish(*cases)

    async def some_left() -> bool:
        return len(standing.twilio.accepted()) > before

    await eventually(some_left, every=0.002)
    standing.run.running["dispatcher"].send_signal(signal.SIGSTOP)
    loop = asyncio.get_running_loop()
    over = loop.time() + 2 * LEASE
    try:

        async def leases_are_over() -> bool:
            return loop.time() > over

        await eventually(leases_are_over)
    finally:
        standing.run.running["dispatcher"].send_signal(signal.SIGCONT)
    await standing.quiet()
    assert await standing.problems() == []


async def _looked(whole: Road, query: str, since: datetime) -> bool:
    """Whether the scheduler has asked the database like this since then."""
    return bool(
        await whole.value(
            "select exists (select from pg_stat_activity where datname = current_database()"
            " and application_name = 'kept-scheduler' and query like $1 and query_start > $2)",
            query,
            since,
        )
    )


@asynccontextmanager
async def _another(whole: Road) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """A process that dies at the end of the block, in the middle of a transaction: it rolls back, and notifies nobody."""
    other: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(whole.settings["KEPT_DATABASE_URL"])
    try:
        await other.transaction().start()
        yield other
    finally:
        await other.close()


async def test_what_a_dead_scheduler_had_claimed_is_claimed_again_though_nobody_says_so(standing: Road) -> None:
    """Whoever passed over the claimed message looks at it again by itself."""
    await standing.value("insert into brakes (scope, set_by, set_at) values ('all', 'test', now())")
    case = standing.case("claimed")
    await standing.publish(case)

    async def planned() -> bool:
        return bool(await standing.value("select count(*) from messages where case_id = $1", case.id))

    await eventually(planned)
    async with _another(standing) as other:
        await other.execute("select from messages where case_id = $1 for update", case.id)
        await standing.value("update brakes set lifted_at = now() where lifted_at is null")
        since = await standing.value("select clock_timestamp() from pg_notify('kept_due', '')")
        await eventually(lambda: _looked(standing, "%lease_until - clock_timestamp()%", since), every=0.01)
        assert await standing.told([case]) == 0
    await standing.quiet()
    assert await standing.problems() == []


async def test_status_events_that_a_dead_relay_held_go_out_though_nobody_says_so(standing: Road) -> None:
    """Whoever found another relay at work looks again by itself."""
    case = standing.case("relayed")
    async with _another(standing) as other:
        await other.execute("select pg_advisory_xact_lock($1)", _LOCK)
        await standing.publish(case)

        async def told() -> bool:
            return await standing.told([case]) == 1

        await eventually(told)
        loop = asyncio.get_running_loop()
        looked = loop.time() + 10 * GATHER_SECONDS

        async def the_last_wake_up_is_used() -> bool:
            return loop.time() > looked

        await eventually(the_last_wake_up_is_used)
        assert await standing.value("select count(*) from outbox") > 0
    await standing.quiet()
    assert await standing.problems() == []
