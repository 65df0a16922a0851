"""What happens by time alone: late once, told for want of a bounce, asked after, told to somebody."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.scheduler.timers import Overdue, Unanswered, Waiting
from tests.integration.road.world import MIDDAY, Due, Road, seed

HOUR = timedelta(hours=1)


async def accepted(road: Road, **given: Any) -> Due:
    async with road.pool.acquire() as connection:
        (due,) = await seed(connection, **given)
    await road.dispatch(await road.release())
    return due


async def test_a_deadline_that_passes_is_late_once(road: Road) -> None:
    """Late is said once, whatever state it is in, and the work goes on."""
    async with road.pool.acquire() as connection:
        (due,) = await seed(connection, due_at=MIDDAY + HOUR, send_at=MIDDAY + 2 * HOUR)
    timer = Overdue(road.pool)
    assert await timer.once(MIDDAY) == MIDDAY + HOUR
    assert await road.value("select late from updates") is False
    for _ in range(2):
        assert await timer.once(MIDDAY + 2 * HOUR) is None
    assert await road.value("select late from updates") is True
    assert (await road.states(due))[1] == ["planned"]
    assert await road.value("select count(*) from audit_entry where action = 'update.late'") == 1
    late = "select count(*) from outbox, unnest(records) r where convert_from(r, 'utf8') like '%update.late%'"
    assert await road.value(late) == 1


async def test_what_is_told_is_never_late(road: Road) -> None:
    """A deadline that was met passes in silence."""
    async with road.pool.acquire() as connection:
        await seed(connection)
    await road.execute("update updates set state = 'told', evidence = 'delivered'")
    assert await Overdue(road.pool).once(MIDDAY + timedelta(days=30)) is None
    assert await road.value("select late from updates") is False


async def test_pr21_a_text_without_a_receipt_is_asked_after(road: Road) -> None:
    """PR21: four hours of case time after acceptance, a person is asked to make sure."""
    due = await accepted(road)
    timer = Unanswered(road.pool)
    at = await timer.once(MIDDAY)
    assert at is not None
    assert timedelta(0) <= at - (MIDDAY + 4 * HOUR) < timedelta(minutes=1)
    assert await timer.once(at) is None
    assert await road.states(due) == ("finished", ["held"], ["accepted"])
    assert await road.value("select task from holds") == "check_whether_told"


MAILS = {
    "standard": ({"enhanced": False}, ["told"], "no_bounce"),
    "enhanced": ({"enhanced": True}, ["held"], None),
}


@pytest.mark.parametrize(("given", "states", "evidence"), MAILS.values(), ids=MAILS.keys())
async def test_a_mail_that_did_not_bounce(
    road: Road, given: dict[str, Any], states: list[str], evidence: str | None
) -> None:
    """Standard news counts as told as of acceptance, once its deadline is past; enhanced news wants a receipt."""
    due = await accepted(road, channel="email", **given)
    timer = Unanswered(road.pool)
    at = await timer.once(MIDDAY)
    assert at is not None
    if evidence is not None:
        assert at == MIDDAY + timedelta(days=3)
        await Overdue(road.pool).once(at + timedelta(seconds=1))
    await timer.once(at)
    await Overdue(road.pool).once(at + timedelta(seconds=1))
    assert await road.value("select late from updates") is False
    assert (await road.states(due))[1] == states
    (row,) = await road.rows("select evidence, told_at from updates")
    assert row["evidence"] == evidence
    if evidence is not None:
        assert timedelta(0) <= row["told_at"] - MIDDAY < timedelta(minutes=1)


async def test_a_mail_in_the_meantime_bounced_is_not_told(road: Road) -> None:
    """The timer looks at what the attempt says now."""
    due = await accepted(road, channel="email")
    await road.execute("update attempts set state = 'undelivered'")
    await road.execute("update updates set state = 'held'")
    await Unanswered(road.pool).once(MIDDAY + timedelta(days=4))
    assert (await road.states(due))[1] == ["held"]


async def test_events_that_wait_too_long_are_an_alert_until_they_do_not(road: Road) -> None:
    """Ten minutes of machine time; one alert a case; it clears itself."""
    timer = Waiting(road.pool, after_seconds=600)
    now: datetime = MIDDAY
    await road.execute(
        "insert into waiting_event (force, source, event_id, case_id, since, waits_for)"
        " values ('staffs', 's', 'e1', 'c1', $1, '{p9}'), ('staffs', 's', 'e2', 'c1', $1, '{p9}')",
        now,
    )
    left = await timer.once(now)
    assert left is not None
    assert 590 < left <= 600
    assert await road.value("select count(*) from alerts") == 0
    await road.execute("update waiting_event set since_machine = since_machine - interval '601 seconds'")
    for _ in range(2):
        await timer.once(now)
    assert await road.rows("select about, count, cleared_at from alerts") == [
        {"about": "staffs/c1", "count": 1, "cleared_at": None}
    ]
    await road.execute("delete from waiting_event")
    assert await timer.once(now) is None
    assert await road.value("select cleared_at from alerts") == now
