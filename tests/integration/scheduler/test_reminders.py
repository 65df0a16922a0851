"""Reminders on the road: sent in their hour of case time, and never once the person need not come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.editions.load import load_books
from services.clock import Clock
from services.ledger.connection import Pool
from services.ledger.force_history import load_rules
from services.ledger.trials import attendance, trial_outcomes
from services.scheduler.intake import Intake
from services.scheduler.replan import replan_due
from services.scheduler.working_days import england_and_wales
from tests.integration.road.world import Road, clock_at
from tests.integration.scheduler.support import event, records

KNOWN = datetime(2026, 3, 9, 11, tzinfo=UTC)
TRIAL = "2026-04-07T10:00:00+01:00"
FIRST = datetime(2026, 3, 31, 7, 0, tzinfo=UTC)
"""Seven days before, 08:00 in London: the first hour in which the force sends."""
CONTACTS = [
    {"id": "c1", "channel": "sms", "value": "07700 900123", "safe": True, "verified_at": "2026-03-01T09:00:00Z"}
]
PERSON = {"person": "w1", "roles": ["witness"], "born": "1980-01-01", "language": "en", "contacts": CONTACTS}
LISTED = {"hearing": "h1", "listing": "fixed", "starts_at": TRIAL, "court": {"name": "Cannock"}}
STORY = [
    event("e1", "crime.recorded", {"offence_classes": ["other"]}),
    event("e2", "person.recorded", PERSON),
    event("e3", "needs_assessment.completed", {"person": "w1", "enhanced": False}),
    event("e4", "wcu.received.hearing_listed", LISTED),
    event("e5", "wcu.received.attendance_required", {"person": "w1", "hearing": "h1", "at": TRIAL, "place": "Cannock"}),
]
STAND_DOWN = event("e6", "wcu.received.attendance_not_required", {"person": "w1", "hearing": "h1"}, minutes=1)


def intake(pool: Pool, clock: Clock) -> Intake:
    return Intake(pool, clock, load_books(), england_and_wales())


async def reminders(pool: Pool) -> list[dict[str, Any]]:
    query = "select id, part, state, send_at, due_at from updates where update_point = 'f-reminder' order by due_at"
    return [dict(row) for row in await pool.fetch(query)]


async def told_so_far(pool: Pool) -> Road:
    """Everything else was sent on the day: nobody has two messages under way at once."""
    await intake(pool, clock_at(KNOWN)).apply(records(STORY))
    road = Road(pool, clock_at(KNOWN + timedelta(hours=1)))
    while due := await road.release():
        await road.dispatch(due)
    road.sms.sent.clear()
    return road


async def given_out(road: Road) -> list[Any]:
    """The records of one release that carry the first reminder."""
    first = (await reminders(road.pool))[0]["id"]
    return [record for record in await road.release() if first in record.updates]


async def test_a_reminder_is_sent_in_its_hour_of_case_time(pool: Pool) -> None:
    """Planned weeks before, released in the first allowed hour of its day, and worded from what is known then."""
    road = await told_so_far(pool)
    assert [(row["part"], row["state"]) for row in await reminders(pool)] == [
        ("remind:7:2026-04-07", "planned"),
        ("remind:3:2026-04-07", "planned"),
    ]
    road.clock = clock_at(FIRST - timedelta(minutes=5))
    assert await given_out(road) == []
    road.clock = clock_at(FIRST)
    due = await given_out(road)
    assert len(due) == 1
    await road.dispatch(due)
    assert (await reminders(pool))[0]["state"] == "sent"
    assert "reminder" in road.sms.sent[-1].body


async def test_pr08_a_stand_down_in_the_same_batch_beats_the_reminder(pool: Pool) -> None:
    """PR08: nothing is planned for somebody who need not come, and nothing goes in its hour."""
    await intake(pool, clock_at(KNOWN)).apply(records([*STORY, STAND_DOWN]))
    assert {row["state"] for row in await reminders(pool)} == {"withdrawn"}
    road = Road(pool, clock_at(FIRST))
    assert await given_out(road) == []


async def test_worked_41_a_stand_down_beats_a_reminder_that_was_given_out(pool: Pool) -> None:
    """Worked row 41: cancel beats the queue. What was released and not begun is void when its dispatcher comes to it."""
    road = await told_so_far(pool)
    road.clock = clock_at(FIRST)
    due = await given_out(road)
    assert len(due) == 1
    await intake(pool, road.clock).apply(records([STAND_DOWN], start=len(STORY)))
    assert {row["state"] for row in await reminders(pool)} == {"withdrawn"}
    assert await road.intend(due) == []
    await road.dispatch(due)
    assert road.sms.sent == []


async def test_a_reminder_that_missed_its_day_ends_by_time_alone(pool: Pool) -> None:
    """The case is planned again when the day is over, and nobody is reminded late."""
    await intake(pool, clock_at(KNOWN)).apply(records(STORY))
    first = (await reminders(pool))[0]
    later = clock_at(first["due_at"] + timedelta(minutes=2))
    while await replan_due(pool, later, load_books(), england_and_wales()):
        pass
    assert [row["state"] for row in await reminders(pool)] == ["withdrawn", "planned"]


TRIAL_RULES = """
force = "staffs"
name = "Staffs Police"
live_from = 2026-01-01T00:00:00Z
[reminders]
days = [7, 3, 1]
control_share = 0.5
"""


async def test_a_force_can_run_its_own_trial(pool: Pool) -> None:
    """By chance some get none: declined, never late, never sent; and who came is counted by arm."""
    people = [f"w{number}" for number in range(12)]
    story = STORY[:1] + STORY[3:4]
    for number, who in enumerate(people):
        asked = {"person": who, "hearing": "h1", "at": TRIAL, "place": "Cannock"}
        contact = {**CONTACTS[0], "value": f"07700 9001{number:02}"}
        story += [
            event(f"p{who}", "person.recorded", {**PERSON, "person": who, "contacts": [contact]}),
            event(f"n{who}", "needs_assessment.completed", {"person": who, "enhanced": False}),
            event(f"a{who}", "wcu.received.attendance_required", asked),
            event(f"c{who}", "wcu.received.attended", {"person": who, "hearing": "h1", "attended": number % 3 > 0}),
        ]
    async with pool.acquire() as connection:
        await load_rules(connection, TRIAL_RULES, "sam", KNOWN)
    await intake(pool, clock_at(KNOWN)).apply(records(story))
    states: dict[str, set[str]] = {}
    for row in await pool.fetch("select person_id, state from updates where update_point = 'f-reminder'"):
        states.setdefault(row["person_id"], set()).add(row["state"])
    assert sorted(states) == sorted(people)
    assert {frozenset(found) for found in states.values()} == {frozenset({"planned"}), frozenset({"declined"})}
    async with pool.acquire() as connection:
        counted = attendance(await trial_outcomes(connection, "staffs"))
    control = sum(found == {"declined"} for found in states.values())
    assert (counted["control"].came + counted["control"].stayed_away, counted["control"].unknown) == (control, 0)
    assert sum(arm.came for arm in counted.values()) == 8
