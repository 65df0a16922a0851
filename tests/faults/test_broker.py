"""The broker or the database is gone for a while: nobody restarts, nothing is lost, and nothing leaves without its intent."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from services.ledger.migrate import migrate
from services.sandbox.embedded import Servers, embedded
from services.sandbox.stage import SERVICES
from tests.conftest import eventually, with_database
from tests.integration.scheduler.support import committed
from tests.road import Road, road

FROZEN_SECONDS = 8.0
"""Four times the session: the broker counts every member as dead when it comes back."""


@pytest.fixture(scope="module")
async def own() -> AsyncIterator[Servers]:
    """A broker and a database that may be frozen and stopped: nobody else uses them."""
    async with embedded(temporary=True) as servers:
        yield servers


@asynccontextmanager
async def _running(own: Servers, folder: Path) -> AsyncIterator[Road]:
    name = f"kept_{uuid4().hex[:8]}"
    owner = await asyncpg.connect(own.owner_url)
    await owner.execute(f"create database {name}")
    await owner.close()
    ledger_url = with_database(own.database_url, name)
    await migrate(with_database(own.owner_url, name), ledger_url)
    async with road(own.kafka_bootstrap, ledger_url, f"{name}-", folder, session_seconds=2) as whole:
        await whole.start(*SERVICES)
        yield whole


async def _answers(whole: Road, *names: str, status: int) -> None:
    """Wait until `/ready` of every one of these answers so."""

    async def all_do() -> bool:
        return await asyncio.gather(*(whole.ready(name) for name in names)) == [status] * len(names)

    await eventually(all_do, within=25, every=0.1)


def _alive(whole: Road) -> dict[str, int | None]:
    return {name: process.returncode for name, process in whole.run.running.items()}


@asynccontextmanager
async def _broker_frozen(own: Servers) -> AsyncIterator[None]:
    """The broker stands still for longer than a session."""
    assert own.kafka.process is not None
    loop = asyncio.get_running_loop()
    thawed = loop.time() + FROZEN_SECONDS
    own.kafka.process.popen.send_signal(signal.SIGSTOP)
    try:
        yield

        async def long_enough() -> bool:
            return loop.time() >= thawed

        await eventually(long_enough)
    finally:
        own.kafka.process.popen.send_signal(signal.SIGCONT)


@asynccontextmanager
async def _broker_killed(own: Servers) -> AsyncIterator[None]:
    """The broker dies, and is started again on its port and its data."""
    assert own.kafka.process is not None
    own.kafka.process.popen.kill()
    await own.kafka.process.stop()
    try:
        yield
    finally:
        await own.kafka.start()


Outage = Callable[[Servers], AbstractAsyncContextManager[None]]


@pytest.mark.parametrize("outage", [_broker_frozen, _broker_killed], ids=["R07-frozen", "R07-killed"])
async def test_a_broker_that_is_gone_for_a_while_loses_nothing(own: Servers, tmp_path: Path, outage: Outage) -> None:
    """R07 in short: the same processes go on when it comes back."""
    async with _running(own, tmp_path) as whole:
        await whole.publish(*whole.some("before", 12))
        async with outage(own):
            meanwhile = asyncio.create_task(whole.publish(*whole.some("gone", 12)))
            await _answers(whole, "scheduler", "dispatcher", status=503)
        await meanwhile
        await _answers(whole, *SERVICES, status=200)
        await whole.publish(*whole.some("after", 12))
        await whole.quiet()
        assert await whole.problems() == []
        assert _alive(whole) == dict.fromkeys(SERVICES)


def _family(pid: int) -> list[int]:
    """A process and its children: each PostgreSQL session is a process in a group of its own."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    return [pid, *(int(child) for child, parent in map(str.split, listed.splitlines()) if int(parent) == pid)]


@asynccontextmanager
async def _frozen(own: Servers) -> AsyncIterator[None]:
    """Every process of the database stands still: connections stay open and nobody answers."""
    assert own.postgres.process is not None
    pids = _family(own.postgres.process.pid)
    _signal(pids, signal.SIGSTOP)
    try:
        yield
    finally:
        _signal(pids, signal.SIGCONT)


def _signal(pids: list[int], sign: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            continue  # a session that ended meanwhile


@asynccontextmanager
async def _stopped(own: Servers) -> AsyncIterator[None]:
    """The database is shut down, every session ended, and started again on its data."""
    assert own.postgres.process is not None
    await own.postgres.process.stop()
    try:
        yield
    finally:
        await own.postgres.start()


@asynccontextmanager
async def _killed(own: Servers) -> AsyncIterator[None]:
    """The database dies as in a power cut, and recovers from its log."""
    assert own.postgres.process is not None
    family = _family(own.postgres.process.pid)
    _signal(family, signal.SIGKILL)
    await own.postgres.process.stop()
    try:
        yield
    finally:
        await own.postgres.start()


@pytest.mark.parametrize("outage", [_frozen, _stopped, _killed], ids=["R10-frozen", "R10-stopped", "R42-killed"])
async def test_a_database_that_is_gone_for_a_while_loses_nothing(own: Servers, tmp_path: Path, outage: Outage) -> None:
    """R10, R42 in short: nothing is rejected, no offset moves, nothing leaves without an intent; all go on afterwards."""
    async with _running(own, tmp_path) as whole:
        on_the_way = whole.some("before", 12)
        await whole.publish(*on_the_way)
        # The answers and callbacks of what is being sent just now find no ledger to be recorded in.
        whole.doubt(on_the_way)
        group, topic = f"{whole.prefix}scheduler", f"{whole.prefix}case-events"
        async with outage(own):
            await whole.publish(*whole.some("gone", 12))
            await _answers(whole, *SERVICES, status=503)
            requests = len(whole.twilio.requests)
            offsets = await committed(own.kafka_bootstrap, topic, group)
            await _answers(whole, *SERVICES, status=503)
            assert await committed(own.kafka_bootstrap, topic, group) == offsets
            assert len(whole.twilio.requests) == requests
        await _answers(whole, *SERVICES, status=200)
        await whole.quiet()
        assert await whole.problems() == []
        assert _alive(whole) == dict.fromkeys(SERVICES)
