"""SIGTERM in the middle of work: exit 0 within the time allowed, and nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from tests.conftest import eventually
from tests.integration.scheduler.support import committed
from tests.road import Road

SHUTDOWN = 3.0


async def _stops(whole: Road, name: str) -> None:
    """It ends with 0, not much later than it may take."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await whole.stop(name) == 0, whole.log(name)[-2000:]
    assert loop.time() - began < SHUTDOWN + 5


@pytest.mark.parametrize("service", ["scheduler", "dispatcher"], ids=lambda name: f"R03-{name}")
async def test_sigterm_in_the_middle_of_a_run_loses_nothing(standing: Road, service: str) -> None:
    """R03: what it had begun it finishes, what it had not the next one does; nobody is in doubt."""
    before = len(standing.twilio.accepted())
    await standing.publish(*standing.some(f"{service}-term", 30))
    await eventually(_more_accepted(standing, before), every=0.005)
    await _stops(standing, service)
    await standing.start(service)
    await standing.quiet()
    assert await standing.problems() == []


def _more_accepted(whole: Road, before: int) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return len(whole.twilio.accepted()) > before

    return check


async def test_r03_a_handler_that_takes_longer_than_the_time_allowed_is_cut_off_and_done_again(standing: Road) -> None:
    """R03: the batch that waits for a lock is rolled back, no offset moves, and the next scheduler applies it."""
    topic, group = f"{standing.prefix}case-events", f"{standing.prefix}scheduler"
    await standing.stop("scheduler")
    await standing.start("scheduler", KEPT_SHUTDOWN_SECONDS=str(SHUTDOWN))
    stored = await standing.rows("select * from inbox_offset order by partition")
    group_at = await committed(standing.bootstrap, topic, group)
    holder: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(standing.settings["KEPT_DATABASE_URL"])
    try:
        async with holder.transaction():
            await holder.execute("lock table case_event in share mode")
            await standing.publish(*standing.some("locked", 4))

            async def waits() -> bool:
                return bool(await standing.value("select count(*) from pg_locks where not granted"))

            await eventually(waits)
            await _stops(standing, "scheduler")
            assert await standing.rows("select * from inbox_offset order by partition") == stored
            assert await committed(standing.bootstrap, topic, group) == group_at
    finally:
        await holder.close()
    await standing.start("scheduler")
    await standing.quiet()
    assert await standing.problems() == []


async def test_a_provider_that_never_answers_does_not_keep_a_dispatcher_alive(standing: Road) -> None:
    """What is cut off is unknown, by its lease; its callback proves that it arrived."""
    await standing.stop("dispatcher")
    await standing.start("dispatcher", KEPT_SHUTDOWN_SECONDS=str(SHUTDOWN))
    before = len(standing.twilio.accepted())
    await standing.publish(standing.case("silent", "+447700900107"))
    await eventually(_more_accepted(standing, before), every=0.01)
    await _stops(standing, "dispatcher")
    await standing.start("dispatcher")
    await standing.quiet()
    assert await standing.problems() == []


async def test_receipts_that_are_stopped_leave_at_once(standing: Road) -> None:
    """What it took in is in the ledger; whoever starts next applies it."""
    await standing.stop("receipts")
    await standing.start("receipts", KEPT_SHUTDOWN_SECONDS=str(SHUTDOWN))
    await standing.publish(*standing.some("receipts-term", 4))
    await standing.quiet()
    await _stops(standing, "receipts")
    await standing.start("receipts")
    assert await standing.problems() == []
