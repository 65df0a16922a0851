"""What the tests stand on: one broker and one database a run, a fresh ledger a test, and waiting with a deadline."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, suppress
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest

from services.ledger.connection import Pool, open_pool
from services.ledger.migrate import migrate

_SERVICE_ROLE = "kept_test_service"
_SERVICE_PASSWORD = "kept-test"


def pytest_configure(config: pytest.Config) -> None:
    """No setting of the person who runs the tests leaks into them."""
    for name in [name for name in os.environ if name.startswith("KEPT_") and not name.startswith("KEPT_TEST_")]:
        del os.environ[name]


class Servers:
    """The broker and the database of this run: those named in the environment, or embedded ones started on first use."""

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._started = False
        self._kafka = os.environ.get("KEPT_TEST_KAFKA")
        self._database = os.environ.get("KEPT_TEST_DATABASE_URL")

    async def _start(self) -> None:
        if self._started or (self._kafka and self._database):
            return
        from services.sandbox.embedded import embedded  # noqa: PLC0415  # only a run without named servers needs it

        servers = await self._stack.enter_async_context(embedded(temporary=True))
        self._kafka = self._kafka or servers.kafka_bootstrap
        self._database = self._database or servers.admin_url
        self._started = True

    async def kafka(self) -> str:
        await self._start()
        assert self._kafka is not None
        return self._kafka

    async def database(self) -> str:
        await self._start()
        assert self._database is not None
        return self._database

    async def stop(self) -> None:
        await self._stack.aclose()


@pytest.fixture(scope="session")
async def servers() -> AsyncIterator[Servers]:
    """The servers of this run."""
    running = Servers()
    yield running
    await running.stop()


@pytest.fixture(scope="session")
async def kafka(servers: Servers) -> str:
    """The bootstrap address of the broker."""
    return await servers.kafka()


@pytest.fixture
def prefix() -> str:
    """A prefix for topics and groups that no other test uses."""
    return f"t{uuid4().hex[:10]}-"


def with_database(url: str, name: str) -> str:
    """The same server, another database."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


def with_role(url: str, role: str, password: str) -> str:
    """The same database, another role."""
    parts = urlsplit(url)
    host = parts.netloc.rsplit("@", 1)[-1]
    return urlunsplit(parts._replace(netloc=f"{role}:{password}@{host}"))


@pytest.fixture(scope="session")
async def template(servers: Servers) -> AsyncIterator[tuple[str, str]]:
    """A migrated database to copy from: (server URL, its name)."""
    url = await servers.database()
    name = f"kept_template_{uuid4().hex[:8]}"
    admin = await asyncpg.connect(url)
    await admin.execute(
        "do $$ begin if not exists (select from pg_roles where rolname = '" + _SERVICE_ROLE + "') then"
        f" create role {_SERVICE_ROLE} login password '{_SERVICE_PASSWORD}'; end if; end $$"
    )
    await admin.execute(f"create database {name}")
    owner_url = with_database(url, name)
    await migrate(owner_url, with_role(owner_url, _SERVICE_ROLE, _SERVICE_PASSWORD))
    yield url, name
    await admin.execute(f"drop database if exists {name} with (force)")
    await admin.close()


@pytest.fixture
async def owner_url(template: tuple[str, str]) -> AsyncIterator[str]:
    """A fresh ledger, as its owner: tables, no rows."""
    url, source = template
    name = f"kept_test_{uuid4().hex[:10]}"
    admin = await asyncpg.connect(url)
    await admin.execute(f"create database {name} template {source}")
    yield with_database(url, name)
    await admin.execute(f"drop database if exists {name} with (force)")
    await admin.close()


@pytest.fixture
def ledger_url(owner_url: str) -> str:
    """A fresh ledger, as the services see it: no right to alter or erase the audit."""
    return with_role(owner_url, _SERVICE_ROLE, _SERVICE_PASSWORD)


@pytest.fixture
async def pool(ledger_url: str) -> AsyncIterator[Pool]:
    """A pool on a fresh ledger."""
    opened = await open_pool(ledger_url, name="test", size=6)
    yield opened
    with suppress(TimeoutError):
        await asyncio.wait_for(opened.close(), 5)
    opened.terminate()


Eventually = Callable[..., Awaitable[None]]


async def eventually(check: Callable[[], Awaitable[object]], *, within: float = 20, every: float = 0.05) -> object:
    """Poll `check` until it returns something true; fail after `within` seconds with what it last returned."""
    deadline = asyncio.get_running_loop().time() + within
    while True:
        found = await check()
        if found:
            return found
        if asyncio.get_running_loop().time() > deadline:
            pytest.fail(f"not within {within:g} s; last: {found!r}")
        await asyncio.sleep(every)


@pytest.fixture(autouse=True)
def _no_faults_left_armed() -> Iterator[None]:
    """A crash point armed by one test never fires in another."""
    from services import faults  # noqa: PLC0415  # keeps this module importable on its own

    yield
    faults.arm(None)
