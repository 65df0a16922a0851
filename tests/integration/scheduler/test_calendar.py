"""The list of bank holidays under open deadlines: a change counts them again, an end is announced, two at once are noticed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from schemas.editions.load import load_books
from services.clock import Clock
from services.ledger import audit
from services.ledger.alerts import open_alerts
from services.ledger.connection import Pool
from services.scheduler.calendar import Holidays
from services.scheduler.intake import Intake
from services.scheduler.replan import replan_due
from services.scheduler.working_days import WARN_DAYS, WorkingDays, england_and_wales
from tests.integration.scheduler.support import AT, arrest, event, recorded, records

SHIPPED = england_and_wales()
PROCLAIMED = date(2026, 3, 11)
MORE = WorkingDays(SHIPPED.holidays | {PROCLAIMED}, SHIPPED.first, SHIPPED.last, "with a proclaimed holiday")
BOOKS = load_books()
NOW = AT + timedelta(minutes=30)
CLOCK = Clock(datetime.now(UTC), NOW, 1.0)


async def known_case(pool: Pool, calendar: WorkingDays = SHIPPED) -> None:
    """An arrest in the case of an assessed victim, and the same told already in another."""
    person: dict[str, Any] = {"roles": ["victim"], "born": "1980-05-01"}
    story = [
        event("crime", "crime.recorded", {"offence_classes": ["other"]}, minutes=-60),
        recorded("v1", **person),
        event("needs", "needs_assessment.completed", {"person": "v1", "enhanced": False}, minutes=-30),
        arrest("e1"),
    ]
    await Intake(pool, CLOCK, BOOKS, calendar).apply(records(story))


async def due_on(pool: Pool, update_point: str = "r6-arrest") -> date:
    """The day on which an update is due."""
    found: datetime = await pool.fetchval("select due_at from updates where update_point = $1", update_point)
    return found.date()


async def changes(pool: Pool) -> list[Mapping[str, Any]]:
    """What the audit says of lists of holidays."""
    rows = await pool.fetch("select data from audit_entry where action like 'holidays.%' order by stream, index")
    return [orjson.loads(row["data"]) for row in rows]


async def test_a_changed_list_counts_open_deadlines_again(pool: Pool) -> None:
    """A day that is proclaimed a holiday moves what is open, leaves what is told, and the audit names it."""
    assert await Holidays(pool, SHIPPED).adopt(NOW) == 0
    await known_case(pool)
    await pool.execute("update updates set state = 'told', evidence = 'conversation' where update_point = 'r3-ack'")
    assert (await due_on(pool), await due_on(pool, "r3-ack")) == (date(2026, 3, 16), date(2026, 3, 10))
    assert await Holidays(pool, SHIPPED).adopt(NOW) == 0

    assert await Holidays(pool, MORE).adopt(NOW) == 1
    assert await replan_due(pool, CLOCK, BOOKS, MORE) == 1
    assert (await due_on(pool), await due_on(pool, "r3-ack")) == (date(2026, 3, 17), date(2026, 3, 10))
    first, second = await changes(pool)
    assert (first["before"], first["came"], first["cases"]) == (None, [], 0)
    assert (second["came"], second["went"], second["cases"]) == (["2026-03-11"], [], 1)
    assert (second["before"], second["version"]) == (SHIPPED.version, MORE.version)
    assert await pool.fetchval("select count(*) from audit_entry where action = 'update.changed'") > 0
    async with pool.acquire() as connection:
        assert (await audit.verify(connection)).ok


async def test_what_was_beyond_the_list_gets_its_date(pool: Pool) -> None:
    """A deadline that could not be counted is counted when the list goes on."""
    short = WorkingDays(
        frozenset(day for day in SHIPPED.holidays if day <= date(2026, 3, 12)),
        SHIPPED.first,
        date(2026, 3, 12),
        "short",
    )
    await Holidays(pool, short).adopt(NOW)
    await known_case(pool, short)
    row = await pool.fetchrow("select state, due_at, reasons from updates where update_point = 'r6-arrest'")
    assert row is not None
    assert (row["state"], row["due_at"]) == ("held", None)
    assert "beyond_holiday_list" in {reason["code"] for reason in row["reasons"]}
    assert await Holidays(pool, SHIPPED).adopt(NOW) == 1
    await replan_due(pool, CLOCK, BOOKS, SHIPPED)
    assert await due_on(pool) == date(2026, 3, 16)


async def test_the_end_of_the_list_is_an_alert_ninety_days_ahead(pool: Pool) -> None:
    """By case time, once, and gone when a list that goes on is in use."""
    holidays = Holidays(pool, SHIPPED)
    end = datetime(2028, 12, 31, 12, tzinfo=UTC)
    before = end - timedelta(WARN_DAYS + 1)
    again = await holidays.once(before)
    assert again is not None
    assert again <= before + timedelta(minutes=10)
    assert await kinds(pool) == {}
    for _ in range(3):
        await holidays.once(end - timedelta(WARN_DAYS))
    assert await kinds(pool) == {"holidays_run_out": 1}
    assert await pool.fetchval("select count from alerts") == 1
    longer = WorkingDays(SHIPPED.holidays, SHIPPED.first, date(2030, 12, 31), "longer")
    await Holidays(pool, longer).adopt(end)
    await Holidays(pool, longer).once(end)
    assert await kinds(pool) == {}


async def test_two_lists_at_once_are_noticed_and_mended(pool: Pool) -> None:
    """While an old scheduler still counts by the old list somebody is told; when it has gone, all is counted once more."""
    await Holidays(pool, SHIPPED).adopt(NOW)
    await known_case(pool)
    await Holidays(pool, MORE).adopt(NOW)
    old, new = Holidays(pool, SHIPPED), Holidays(pool, MORE)
    await replan_due(pool, CLOCK, BOOKS, SHIPPED)  # the old one took the work
    assert await due_on(pool) == date(2026, 3, 16)
    await old.once(NOW)
    await new.once(NOW + timedelta(minutes=5))
    assert await kinds(pool) == {"holiday_lists_differ": 1}
    assert await replan_due(pool, CLOCK, BOOKS, MORE) == 0
    await new.once(NOW + timedelta(minutes=30))
    assert await kinds(pool) == {}
    assert await replan_due(pool, CLOCK, BOOKS, MORE) == 1
    assert await due_on(pool) == date(2026, 3, 17)
    assert (await changes(pool))[-1]["cases"] == 1


async def kinds(pool: Pool) -> dict[str, int]:
    """The open alerts, by kind."""
    async with pool.acquire() as connection:
        return await open_alerts(connection)
