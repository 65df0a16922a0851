"""A process dies at each named point of the road: nothing is lost, nothing goes twice, and doubt is a person's task."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from services import faults
from services.ledger import audit
from tests.integration.road.world import Due, Road, seed

MESSAGES = 6

SAFE = ["release.before_commit", "release.after_commit", "release.after_publish", "dispatch.before_intent_commit"]
"""Nothing had been sent, and that is certain: after the lease everything goes, once."""
DOUBT = ["dispatch.after_intent_commit", "dispatch.after_send", "dispatch.before_outcome_commit"]
"""Whether a message left is not known to the ledger: nobody sends it again, somebody asks."""


async def crash(road: Road, url: str, point: str, channel: str, file: Path) -> list[Due]:
    """Let a child die at `point`, then carry on as another process would once the leases are over."""
    async with road.pool.acquire() as connection:
        dues = await seed(connection, MESSAGES, channel=channel)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.road.child", url, f"{point}:1", str(file)
    )
    assert await asyncio.wait_for(child.wait(), 30) == faults.CRASHED
    await road.execute(
        "update messages set lease_until = clock_timestamp() - interval '1 second' where lease_until is not null"
    )
    for _ in range(3):
        await road.dispatch(await road.release())
    return dues


def reached(road: Road, file: Path) -> list[str]:
    """What reached the far end, from either process."""
    lines = file.read_text().splitlines() if file.exists() else []
    return lines + [sms.body for sms in road.sms.sent] + [email.message_id for email in road.email.sent]


async def verified(road: Road) -> bool:
    async with road.pool.acquire() as connection:
        return (await audit.verify(connection)).ok


@pytest.mark.parametrize("point", SAFE)
@pytest.mark.parametrize("channel", ["sms", "email"])
async def test_before_the_intent_everything_goes_once(
    road: Road, ledger_url: str, tmp_path: Path, point: str, channel: str
) -> None:
    """R26: dying before an intent is durable costs a lease, never a message and never a double."""
    dues = await crash(road, ledger_url, point, channel, tmp_path / "far")
    went = reached(road, tmp_path / "far")
    assert len(went) == len(set(went)) == MESSAGES
    for due in dues:
        message, updates, attempts = await road.states(due)
        assert (message, updates, attempts) == ("finished", ["sent"], ["accepted"])
    assert await verified(road)


@pytest.mark.parametrize("point", DOUBT)
async def test_after_the_intent_a_text_is_never_sent_again(
    road: Road, ledger_url: str, tmp_path: Path, point: str
) -> None:
    """R26: dying between intent and outcome leaves unknowns: at most once at the far end, each a hold for a person."""
    dues = await crash(road, ledger_url, point, "sms", tmp_path / "far")
    went = reached(road, tmp_path / "far")
    assert len(went) == len(set(went)) <= MESSAGES
    for due in dues:
        assert await road.states(due) == ("finished", ["held"], ["unknown"])
    assert (
        await road.value("select count(*) from holds where task = 'check_whether_told' and closed_at is null")
        == MESSAGES
    )
    assert await verified(road)


async def test_after_the_outcome_nothing_is_left_to_do(road: Road, ledger_url: str, tmp_path: Path) -> None:
    """R26: dying after the outcome is durable changes nothing for what was recorded."""
    await crash(road, ledger_url, "dispatch.after_outcome_commit", "sms", tmp_path / "far")
    went = reached(road, tmp_path / "far")
    assert len(went) == len(set(went)) == MESSAGES
    recorded = await road.value("select count(*) from attempts where state = 'accepted'")
    unknown = await road.value("select count(*) from attempts where state = 'unknown'")
    assert recorded > 0
    assert recorded + unknown == MESSAGES


async def test_a_mail_whose_sender_died_before_its_marker_goes_again(
    road: Road, ledger_url: str, tmp_path: Path
) -> None:
    """Email: without the marker it is proven that no word was handed over: not sent, and sent by the next attempt."""
    dues = await crash(road, ledger_url, "dispatch.after_intent_commit", "email", tmp_path / "far")
    went = reached(road, tmp_path / "far")
    assert len(went) == len(set(went)) == MESSAGES
    for due in dues:
        assert await road.states(due) == ("finished", ["sent"], ["not_sent", "accepted"])


@pytest.mark.parametrize("point", ["email.before_data", "email.after_data"])
async def test_a_mail_whose_sender_died_after_its_marker_is_in_doubt(
    road: Road, ledger_url: str, tmp_path: Path, point: str
) -> None:
    """Email: with the marker set nobody knows; those marked are asked after, and none goes twice."""
    await crash(road, ledger_url, point, "email", tmp_path / "far")
    went = reached(road, tmp_path / "far")
    assert len(went) == len(set(went))
    marked = await road.value(
        "select count(*) from attempts where state = 'unknown' and data_started_machine is not null"
    )
    assert marked > 0
    assert (
        await road.value("select count(*) from attempts where state = 'unknown' and data_started_machine is null") == 0
    )
