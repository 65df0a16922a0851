"""Turns are bounded, fair, and never lost."""

from __future__ import annotations

import asyncio
import random

import pytest

from services.dispatcher.slots import Slots


async def test_no_more_than_the_limit_at_once_and_first_come_first_served() -> None:
    """Whoever asked first is served first, and never more than the limit at once."""
    slots, running, most, order = Slots(3), 0, 0, []

    async def work(number: int) -> None:
        nonlocal running, most
        await slots.take(5)
        order.append(number)
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        slots.give_back()

    await asyncio.gather(*(work(number) for number in range(50)))
    assert most == 3
    assert order == sorted(order)


async def test_a_wait_ends_in_time() -> None:
    """Without a free turn the wait ends with TimeoutError, and the queue holds nobody afterwards."""
    slots = Slots(1)
    await slots.take(1)
    with pytest.raises(TimeoutError):
        await slots.take(0.01)
    slots.give_back()
    await slots.take(0.01)


async def test_no_turn_is_lost_however_waiters_give_up() -> None:
    """Waiters cancelled or timed out at any moment, that of their turn included, leave every turn usable."""
    chance = random.Random(7)
    slots = Slots(4)

    async def work() -> None:
        try:
            await slots.take(chance.choice([0.0, 0.001, 0.002, 1]))
        except TimeoutError:
            return
        try:
            await asyncio.sleep(chance.random() * 0.002)
        finally:
            slots.give_back()

    tasks = [asyncio.create_task(work()) for _ in range(500)]
    for task in tasks:
        if chance.random() < 0.3:
            await asyncio.sleep(0)
            task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for _ in range(4):
        await slots.take(0)
    with pytest.raises(TimeoutError):
        await slots.take(0.001)


def test_there_is_at_least_one_turn() -> None:
    """A limit of none is a mistake in the settings."""
    with pytest.raises(ValueError, match="at least one"):
        Slots(0)
