"""How every process reaches the ledger: a pool of asyncpg connections that speak JSON and give up in bounded time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

import asyncpg
import orjson
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

AWAY: tuple[type[BaseException], ...] = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.QueryCanceledError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
)
"""What says that the database is away or busy, not that the work is wrong: wait and do it again."""

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 30
CLOSE_SECONDS = 2


_JSONB: Final = b"\x01"
"""What goes before the text of a `jsonb` value on the wire, which is how a whole table can be copied in."""


def _encode(value: Any) -> bytes:
    return _JSONB + (value if isinstance(value, bytes) else orjson.dumps(value))


def _decode(value: bytes) -> Any:
    return orjson.loads(memoryview(value)[1:])


async def _speak_json(connection: Any) -> None:
    """Give and take `jsonb` as Python values; bytes are JSON that is written already."""
    await connection.set_type_codec("jsonb", schema="pg_catalog", format="binary", encoder=_encode, decoder=_decode)


async def connect(url: str, *, name: str = "kept") -> asyncpg.Connection[asyncpg.Record]:
    """One connection, for commands and listeners."""
    connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS, server_settings={"application_name": name})
    await _speak_json(connection)
    return connection


async def _keep(_connection: Any) -> None:
    """Nothing to reset: no service changes a session's state, and a query for that after each transaction is not free."""


async def open_pool(url: str, *, name: str, size: int = 4, patience: float = 30) -> Pool:
    """A pool of at most `size` connections; waits up to `patience` seconds of machine time for the database to be there."""
    async for attempt in AsyncRetrying(
        retry=retry_if_exception_type(AWAY),
        stop=stop_after_delay(patience),
        wait=wait_random_exponential(multiplier=0.1, max=2),
        reraise=True,
    ):
        with attempt:
            return await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=size,
                init=_speak_json,
                reset=_keep,
                timeout=CONNECT_SECONDS,
                command_timeout=STATEMENT_SECONDS,
                server_settings={
                    "application_name": name,
                    "lock_timeout": "15s",
                    "idle_in_transaction_session_timeout": "60s",
                    # Claims and outcomes are small and by key; the compiler costs more than it saves.
                    "jit": "off",
                    # By key here means by index: at the default cost a few hundred keys read the whole table instead.
                    "random_page_cost": "1.1",
                },
            )
    raise AssertionError("AsyncRetrying either returns or raises")


def answers(pool: Pool) -> Callable[[], Awaitable[str | None]]:
    """The readiness check of the ledger: None while it answers, raises what says that it does not."""

    async def check() -> str | None:
        async with pool.acquire(timeout=2) as connection:
            await connection.execute("select 1")
        return None

    return check


async def close_pool(pool: Pool, patience: float = CLOSE_SECONDS) -> None:
    """Close a pool, in bounded time: what still waits in the database after `patience` seconds is cut off and rolled back."""
    try:
        async with asyncio.timeout(patience):
            await pool.close()
    except TimeoutError:
        pool.terminate()
