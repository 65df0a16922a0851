"""Wake-ups: PostgreSQL notifications as asyncio events, so that nobody polls for what another process has just committed."""

from __future__ import annotations

import asyncio
import contextlib
import random
from types import TracebackType
from typing import Any, Final, Self

import asyncpg

from services.ledger.connection import AWAY, CONNECT_SECONDS, connect
from services.ledger.journal import WAKEUPS, Wakeup

PING_SECONDS: Final = 15.0
"""Machine time between looks at whether the listening connection still lives: a dead peer sends no notifications either."""
LONGEST_PAUSE: Final = 5.0
"""Machine seconds between tries to connect, at most."""


class Wakeups:
    """Listens on every channel of `journal.WAKEUPS` over one connection of its own and reconnects by itself.

    A notification that is sent while nobody listens is lost, so every event is set once after each (re)connect: whoever waits
    looks at the ledger again. Waking without need is harmless.
    """

    def __init__(self, url: str, *, name: str = "kept-wakeups") -> None:
        self._url = url
        self._name = name
        self._events: dict[str, list[asyncio.Event]] = {channel: [] for channel in WAKEUPS}
        self._task: asyncio.Task[None] | None = None
        self._connected = asyncio.Event()

    def event(self, channel: Wakeup) -> asyncio.Event:
        """An event of the caller's own, set at each notification on `channel`. Ask once and keep it; clear it before looking."""
        event = asyncio.Event()
        if self._connected.is_set():
            event.set()
        self._events[channel].append(event)
        return event

    @property
    def listening(self) -> bool:
        """Whether the connection is up now."""
        return self._connected.is_set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="wakeups")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def _notified(self, _connection: object, _pid: int, channel: str, _payload: object) -> None:
        for event in self._events.get(channel, ()):
            event.set()

    async def _run(self) -> None:
        pause = 0.1
        while True:
            try:
                connection = await connect(self._url, name=self._name)
            except AWAY:
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads reconnects, guards nothing
                pause = min(LONGEST_PAUSE, pause * 2)
                continue
            pause = 0.1
            try:
                await self._listen(connection)
            except AWAY:
                pass  # reconnect
            finally:
                self._connected.clear()
                connection.terminate()

    async def _listen(self, connection: asyncpg.Connection[Any]) -> None:
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _connection: lost.set())
        for channel in WAKEUPS:
            await connection.add_listener(channel, self._notified)
        self._connected.set()
        for events in self._events.values():
            for event in events:
                event.set()
        while not lost.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(lost.wait(), PING_SECONDS)
                return
            await connection.execute("select 1", timeout=CONNECT_SECONDS)
