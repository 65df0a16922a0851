"""kill -9 on any service in the middle of a run, and a new one in its place: nothing is lost, and nothing doubled."""

from __future__ import annotations

import pytest

from services.sandbox.stage import SERVICES
from tests.conftest import eventually
from tests.road import Road


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_that_is_killed_and_started_again_loses_and_doubles_nothing(
    standing: Road, service: str
) -> None:
    """R02, R26 in short: 40 cases, half of them on their way and half published while it is dead.

    What a dead scheduler held is always told. Of what a dead dispatcher or receipts held, some may end as a person's task,
    because nobody can learn its outcome, and those alone.
    """
    on_the_way = standing.some(f"{service}-on-the-way", 20)
    before = len(standing.twilio.accepted())
    await standing.publish(*on_the_way)

    async def some_left() -> bool:
        return len(standing.twilio.accepted()) > before

    await eventually(some_left, every=0.005)
    await standing.kill(service)
    meanwhile = standing.some(f"{service}-meanwhile", 20)
    await standing.publish(*meanwhile)
    if service == "dispatcher":
        standing.doubt(on_the_way)
    if service == "receipts":
        standing.doubt([*on_the_way, *meanwhile])
    await standing.start(service)
    await standing.quiet()
    assert await standing.problems() == []
