"""A process that releases and dispatches what is due and dies at a named point: python -m tests.integration.road.child.

Arguments: database URL, `point:n`, and a file that is the far end's own ledger (a line for each message that reached it).
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from uuid import uuid4

from services import faults
from services.dispatcher.gateways import Accepted, Email, Outcome, Sms
from services.ledger.connection import open_pool
from tests.integration.road.world import FakeEmail, FakeSms, Road


def keep(file: str, line: str) -> None:
    """Note durably what reached the far end."""
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{line}\n".encode())
    os.close(descriptor)


class Mail(FakeEmail):
    """A relay that has fault points where the real one has."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self.file = file

    async def send(self, email: Email, before_data: Callable[[], Awaitable[None]]) -> Outcome:
        await before_data()
        faults.point("email.before_data")
        keep(self.file, email.message_id)
        faults.point("email.after_data")
        return Accepted(email.message_id)


async def main(url: str, crash: str, file: str) -> None:
    """One round, and then everything that was released, to its outcome."""

    async def note(sms: Sms) -> Outcome:
        keep(file, sms.body)
        return Accepted(f"SM{uuid4().hex}")

    pool = await open_pool(url, name="child")
    road = Road(pool, sms=FakeSms(note), email=Mail(file))
    faults.arm(crash)
    await road.dispatch(await road.release())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
