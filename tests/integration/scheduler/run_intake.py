"""One intake as a process of its own, for tests that kill it: DATABASE-URL BOOTSTRAP TOPIC GROUP [SECONDS-PER-BATCH]."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from faststream.kafka import KafkaBroker

from services import faults
from services.clock import Clock
from services.ledger.connection import Pool, open_pool
from services.scheduler.consume import subscribe
from tests.integration.scheduler.support import intake_on


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


class _Slow:
    """Applies a batch, but takes its time before the commit is reached."""

    def __init__(self, pool: Pool, seconds: float) -> None:
        self._intake = intake_on(pool)
        self._seconds = seconds
        self.pool: Pool = pool
        self.clock: Clock = self._intake.clock

    def report_to(self, progress: Callable[[], None]) -> None:
        self._intake.report_to(progress)

    async def apply(self, records: Sequence[Any]) -> Any:
        _say("applying")
        await asyncio.sleep(self._seconds)
        applied = await self._intake.apply(records)
        _say("applied")
        return applied


async def main() -> None:
    database, bootstrap, topic, group, *rest = sys.argv[1:]
    faults.arm(os.environ.get("KEPT_CRASH_AT"))
    pool = await open_pool(database, name="test-intake")
    broker = KafkaBroker(bootstrap, allow_auto_create_topics=False, logger=None)
    watch = subscribe(broker, topic, group, _Slow(pool, float(rest[0]) if rest else 0), lambda: None, session_seconds=6)
    await broker.start()
    await watch()


if __name__ == "__main__":
    asyncio.run(main())
