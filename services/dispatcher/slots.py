"""A bound on how much goes on at once at one far end, and on how long anybody waits for a turn."""

from __future__ import annotations

import asyncio
from collections import deque


class Slots:
    """At most `limit` turns at once, first come first served.

    A turn that is handed to somebody who gave up in the same instant goes on to the next in the queue: no turn is ever lost.
    """

    def __init__(self, limit: int) -> None:
        if limit < 1:
            raise ValueError("at least one turn is needed")
        self._left = limit
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self, seconds: float) -> None:
        """Take a turn, or raise TimeoutError after `seconds` of machine time. Whoever takes one gives it back."""
        if self._left and not self._waiting:
            self._left -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(seconds):
                await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self.give_back()  # it was ours already
            else:
                turn.cancel()
                # Left in the queue it would be skipped, but a long outage would pile them up.
                if turn in self._waiting:
                    self._waiting.remove(turn)
            raise

    def give_back(self) -> None:
        """Give a turn back, to the next in the queue if anybody waits."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._left += 1
