"""Tasks that belong together: the first error comes out as it is, and a cancellation of our own outranks it."""

from __future__ import annotations

import asyncio

import pytest

from services.sandbox.processes import CannotStart, together


async def _fails(at: asyncio.Event) -> None:
    await at.wait()
    raise CannotStart("no port")


async def test_the_first_error_comes_out_as_it_is_and_ends_the_rest() -> None:
    """Nobody is left working, and no group of errors is around it."""
    now, ended = asyncio.Event(), asyncio.Event()
    now.set()

    async def works_on() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(CannotStart, match="no port"):
        await together(works_on(), _fails(now))
    assert ended.is_set()


async def test_a_cancellation_of_our_own_outranks_an_error() -> None:
    """Ctrl-C that also ended a child is Ctrl-C, whichever of them is noticed first."""
    now = asyncio.Event()
    task = asyncio.create_task(together(_fails(now)))
    for _ in range(3):  # until it waits
        await asyncio.sleep(0)
    now.set()
    for _ in range(2):  # the child has failed, and its parent does not know yet
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
