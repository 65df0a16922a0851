"""The marker that a mail's DATA command is about to be written, committed before it, a group at a time.

Without the marker no word of the mail can have left, so a sender that dies before it leaves a mail that may be sent again.
"""

from __future__ import annotations

import asyncio
from typing import Final
from uuid import UUID

from services.ledger.connection import Pool

GATHER_SECONDS: Final = 0.002

_MARK: Final = """
update attempts set data_started_machine = clock_timestamp()
where id = any($1::uuid[]) and state = 'intent' and data_started_machine is null returning id
"""


class NotOurs(Exception):
    """Raised when an attempt may not be handed over any more: its lease ran out, or it was handed over before."""


class Markers:
    """Commits markers for the senders of one process."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: dict[UUID, asyncio.Future[bool]] = {}
        self._task: asyncio.Task[None] | None = None

    async def mark(self, attempt: UUID) -> None:
        """Return once the marker is durable; raises NotOurs, or what the database raises: nothing may be handed over then."""
        future = asyncio.get_running_loop().create_future()
        self._waiting[attempt] = future
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._commit())
        if not await future:
            raise NotOurs

    async def _commit(self) -> None:
        while self._waiting:
            await asyncio.sleep(GATHER_SECONDS)
            group, self._waiting = self._waiting, {}
            try:
                async with self._pool.acquire() as connection:
                    rows = await connection.fetch(_MARK, list(group))
            except Exception as error:  # noqa: BLE001  # whoever waits for the marker is told, and hands nothing over
                for future in group.values():
                    if not future.done():
                        future.set_exception(error)
                continue
            marked = {row["id"] for row in rows}
            for attempt, future in group.items():
                if not future.done():
                    future.set_result(attempt in marked)
