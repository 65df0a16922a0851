"""The round that every loop of a service goes: do a little, then sleep until woken or until the next thing is due.

What is away for a while (the database, the broker) is waited for; anything else ends the loop, and with it the process.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from typing import Final

from services import logs
from services.ops import Progress

log = logs.get(__name__)

_LONGEST_PAUSE: Final = 5.0
LONGEST_SLEEP: Final = 5.0
"""Machine seconds after which every loop looks again, and shows that it lives: nobody announces what another process had
claimed when it died."""
PATIENCE: Final = 90.0
"""Machine seconds for which one turn may stand still before the process ends itself."""


async def go_round(
    name: str,
    turn: Callable[[], Awaitable[float | None]],
    woken: asyncio.Event,
    progress: Progress,
    away: tuple[type[BaseException], ...],
    *,
    least_seconds: float = 0.0,
) -> None:
    """Call `turn` for ever. It returns how long to sleep (machine seconds): 0 is not at all, None is as long as may be.

    No sleep is longer than LONGEST_SLEEP, and `woken` ends it early; at least `least_seconds` pass between two turns. Errors of
    `away` are waited out.
    """
    progress.expect(name, PATIENCE)
    pause = 0.1
    while True:
        woken.clear()
        try:
            seconds = await turn()
            pause = 0.1
        except away as error:
            log.warning("away", loop=name, error=type(error).__name__)
            seconds, pause = pause * random.uniform(0.5, 1.0), min(_LONGEST_PAUSE, pause * 2)  # noqa: S311  # spreads retries
        progress.beat(name)
        if least_seconds:
            await asyncio.sleep(least_seconds)
        if seconds != 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), LONGEST_SLEEP if seconds is None else min(seconds, LONGEST_SLEEP))
            progress.beat(name)
