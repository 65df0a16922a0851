"""PR19 and PR23 on the ledger: holds that nobody takes move along their queues; sources that fall silent are told of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from services.ledger import audit, holds
from services.ledger.feeds import Hearing
from services.ledger.force_history import load_rules
from services.ledger.holds import HoldNeeded, list_holds, open_holds
from services.ledger.journal import Journal
from services.scheduler.escalation import Untaken
from services.scheduler.feeds import Feeds
from tests.integration.road.world import FORCE, MIDDAY, Due, Road, seed

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
RULES = f"""
force = "{FORCE}"
name = "Staffs Police"
live_from = 2026-01-01T00:00:00Z
[feeds.source."/force/{FORCE}/court"]
silent_hours = 10
hours = [{{days = ["mon", "tue", "wed", "thu", "fri"], from = "08:00", to = "18:00"}}]
"""


async def act(road: Road, at: datetime, work: Callable[..., Awaitable[Any]], *given: Any) -> None:
    journal = Journal("people", "sam", at)
    async with road.pool.acquire() as connection, connection.transaction():
        await work(connection, *given, journal)
        await journal.write(connection)


def needed(due: Due, **given: Any) -> HoldNeeded:
    hold = HoldNeeded(
        update_id=due.updates[0],
        force=FORCE,
        case=due.case,
        person=due.person,
        task="call",
        queue="victim_care",
        next_queue="control_room",
        acknowledge_by=MIDDAY + HOUR,
        due_at=MIDDAY + 3 * DAY,
        target_at=None,
        reasons=[],
    )
    return replace(hold, **given)


async def held(road: Road, count: int = 1, **given: Any) -> list[Due]:
    async with road.pool.acquire() as connection:
        dues = await seed(connection, count)
    await road.execute("update updates set state = 'held'")
    await act(road, MIDDAY, open_holds, [needed(due, **given) for due in dues])
    return dues


async def where(road: Road, update: UUID) -> tuple[Any, ...]:
    (row,) = await road.rows("select queue, next_queue, acknowledge_by from holds where update_id = $1", update)
    return tuple(row.values())


async def alerts(road: Road) -> list[tuple[str, str]]:
    rows = await road.rows("select kind, about from alerts where cleared_at is null order by kind, about")
    return [(row["kind"], row["about"]) for row in rows]


async def test_pr19_a_hold_that_nobody_takes_moves_on(road: Road) -> None:
    """PR19: it goes to the next queue with a time of its own; at the end of the chain somebody is told, until it is taken."""
    (due,) = await held(road)
    timer = Untaken(road.pool)
    assert await timer.once(MIDDAY) == MIDDAY + HOUR
    assert await timer.once(MIDDAY + HOUR) == MIDDAY + HOUR
    assert await where(road, due.updates[0]) == ("control_room", None, MIDDAY + HOUR + 15 * MINUTE)
    # The plan says again what it said before: it stays where it is.
    await act(road, MIDDAY + HOUR, open_holds, [needed(due)])
    assert await where(road, due.updates[0]) == ("control_room", None, MIDDAY + HOUR + 15 * MINUTE)
    assert await timer.once(MIDDAY + HOUR) == MIDDAY + HOUR + 15 * MINUTE
    assert await alerts(road) == []
    await timer.once(MIDDAY + 2 * HOUR)
    assert await timer.once(MIDDAY + 2 * HOUR) is None
    assert await alerts(road) == [("hold_not_taken", f"{FORCE}/control_room")]
    assert await road.value("select count from alerts") == 1
    await act(road, MIDDAY + 2 * HOUR, holds.take, due.updates[0], "sam")
    await timer.once(MIDDAY + 3 * HOUR)
    assert await alerts(road) == []
    actions = await road.rows("select action from audit_entry where subject = $1 order by index", str(due.updates[0]))
    assert [row["action"] for row in actions if row["action"] in {"hold.moved_on", "hold.unanswered"}] == [
        "hold.moved_on",
        "hold.unanswered",
    ]
    async with road.pool.acquire() as connection:
        assert (await audit.verify(connection)).ok


async def test_a_hold_that_is_taken_stays(road: Road) -> None:
    """Whoever has taken it has it; another queue of the plan's is a new chain."""
    taken, changed = await held(road, 2)
    await act(road, MIDDAY, holds.take, taken.updates[0], "sam")
    await Untaken(road.pool).once(MIDDAY + HOUR)
    assert (await where(road, taken.updates[0]))[0] == "victim_care"
    assert (await where(road, changed.updates[0]))[0] == "control_room"
    desk = needed(changed, queue="liaison", next_queue="victim_care", acknowledge_by=MIDDAY + 2 * HOUR)
    await act(road, MIDDAY + HOUR, open_holds, [desk])
    assert await where(road, changed.updates[0]) == ("liaison", "victim_care", MIDDAY + 2 * HOUR)


async def test_a_queue_that_can_only_look_after_the_deadline_is_passed_over(road: Road) -> None:
    """What is due before its queue would look goes to the next one at once."""
    (due,) = await held(road, acknowledge_by=MIDDAY + 2 * DAY, due_at=MIDDAY + DAY)
    await Untaken(road.pool).once(MIDDAY)
    assert (await where(road, due.updates[0]))[0] == "control_room"


async def test_holds_in_order_of_risk_and_deadline(road: Road) -> None:
    """Safety first, then what is due within a day, Enhanced Rights first in each, then the rest by its deadline."""
    dues = await held(road, 5)
    safety, soon, soon_enhanced, later, later_enhanced = (due.updates[0] for due in dues)
    at = {safety: 60, soon: 2, soon_enhanced: 20, later: 30, later_enhanced: 40}
    for update, hours in at.items():
        await road.execute("update holds set due_at = $2 where update_id = $1", update, MIDDAY + hours * HOUR)
    await road.execute("update updates set cls = 'safety_critical' where id = $1", safety)
    await road.execute(
        "update updates set explanation = '{\"enhanced\": true}' where id = any($1::uuid[])",
        [soon_enhanced, later_enhanced],
    )
    async with road.pool.acquire() as connection:
        listed = await list_holds(connection, now=MIDDAY)
    assert [UUID(line["id"]) for line in listed] == [safety, soon_enhanced, soon, later_enhanced, later]


def heard(source: str, known: datetime) -> Any:
    """As much of an event as hearing looks at."""
    return SimpleNamespace(force=FORCE, source=f"/force/{FORCE}/{source}", known_at=known)


async def hear(road: Road, hearing: Hearing, at: datetime, *events: Any) -> bool:
    """Note a batch; returns whether anything was written."""
    async with road.pool.acquire() as connection, connection.transaction():
        news = await hearing.note(connection, events, at)
    hearing.noted(news)
    return bool(news)


async def test_pr23_a_silent_source(road: Road) -> None:
    """PR23: silence beyond the usual is an alert, cleared when the source speaks; one that never spoke is nobody's."""
    timer, hearing = Feeds(road.pool), Hearing()
    async with road.pool.acquire() as connection:
        await load_rules(connection, RULES, "sam", MIDDAY)
    assert await timer.once(MIDDAY) is None
    friday = datetime(2026, 3, 13, 17, tzinfo=UTC)
    assert await hear(road, hearing, friday, heard("rms", friday), heard("court", friday))
    assert not await hear(road, hearing, friday + MINUTE, heard("rms", friday))
    assert await timer.once(friday + HOUR) == friday + DAY
    # The court's hours of silence are its own: it says nothing at a weekend.
    assert await timer.once(friday + DAY) == datetime(2026, 3, 16, 17, tzinfo=UTC)
    for _ in range(2):
        await timer.once(friday + 2 * DAY)
    assert await alerts(road) == [("feed_silent", f"/force/{FORCE}/rms")]
    assert await road.value("select count from alerts") == 1
    assert await hear(road, Hearing(), friday + 2 * DAY, heard("rms", friday + 2 * DAY))
    await timer.once(friday + 2 * DAY)
    assert await alerts(road) == []


async def test_pr23_a_source_that_lags(road: Road) -> None:
    """PR23: what a source knew hours before it said so is an alert until an hour has passed in time; a first load is none."""
    timer, hearing = Feeds(road.pool), Hearing()
    async with road.pool.acquire() as connection:
        await load_rules(connection, RULES, "sam", MIDDAY)
    await hear(road, hearing, MIDDAY, heard("rms", MIDDAY), heard("old", datetime(2025, 6, 1, tzinfo=UTC)))
    await timer.once(MIDDAY)
    assert await alerts(road) == []
    await hear(road, hearing, MIDDAY + MINUTE, heard("rms", MIDDAY), heard("rms", MIDDAY - 3 * HOUR))
    for minutes in (1, 30):
        await hear(road, hearing, MIDDAY + minutes * MINUTE, heard("rms", MIDDAY + minutes * MINUTE))
        await timer.once(MIDDAY + minutes * MINUTE)
        assert await alerts(road) == [("feed_lagging", f"/force/{FORCE}/rms")]
    await hear(road, hearing, MIDDAY + 62 * MINUTE, heard("rms", MIDDAY + 62 * MINUTE))
    await timer.once(MIDDAY + 62 * MINUTE)
    assert await alerts(road) == []
