"""Wake-ups over a connection that may be cut."""

from __future__ import annotations

import asyncio

from services.ledger.journal import Journal
from services.ledger.signals import Wakeups
from tests.conftest import eventually
from tests.integration.road.world import MIDDAY, Road


async def wake(road: Road) -> None:
    journal = Journal("release", "scheduler", MIDDAY)
    journal.wake("kept_due")
    async with road.pool.acquire() as connection, connection.transaction():
        await journal.write(connection)


async def test_a_commit_wakes_who_listens_on_its_channel(road: Road, ledger_url: str) -> None:
    """The event of one channel is set, each waiter has its own, and other channels stay quiet."""
    async with Wakeups(ledger_url) as wakeups:
        one, other, quiet = wakeups.event("kept_due"), wakeups.event("kept_due"), wakeups.event("kept_replan")
        await asyncio.wait_for(one.wait(), 10)  # set once when the connection is there
        for event in (one, other, quiet):
            event.clear()
        await wake(road)
        await asyncio.wait_for(one.wait(), 10)
        await asyncio.wait_for(other.wait(), 10)
        assert not quiet.is_set()


async def test_a_cut_connection_is_made_anew_and_everybody_looks_again(road: Road, ledger_url: str) -> None:
    """What was announced while nobody listened is not missed: after a reconnect every event is set."""
    async with Wakeups(ledger_url, name="kept-cut") as wakeups:
        event = wakeups.event("kept_replan")
        await asyncio.wait_for(event.wait(), 10)
        event.clear()
        await road.execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'kept-cut'")
        await asyncio.wait_for(event.wait(), 10)
        due = wakeups.event("kept_due")
        due.clear()

        async def listening() -> bool:
            return wakeups.listening

        await eventually(listening)
        due.clear()
        await wake(road)
        await asyncio.wait_for(due.wait(), 10)


async def test_a_waiter_who_comes_later_looks_at_once(road: Road, ledger_url: str) -> None:
    """An event that is asked for while the connection is up begins set: what came before it is looked at."""
    async with Wakeups(ledger_url) as wakeups:
        await asyncio.wait_for(wakeups.event("kept_due").wait(), 10)
        assert wakeups.event("kept_outbox").is_set()
