"""What is owed is a function of the set of a case's events, never of the order in which they came; with the real rules."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from schemas.editions.load import load_books
from services.ledger.connection import Pool
from services.scheduler.intake import Intake
from services.scheduler.working_days import england_and_wales
from tests.integration.scheduler.support import CLOCK, event, records

STANDING = replace(CLOCK, rate=1e-9)
"""Case time that does not move: what is owed may depend on when an event arrived, and here all arrive at once."""


def story(case: str) -> list[bytes]:
    """Five events of one case: who, how assessed, what kind of case, an arrest and a hearing."""
    contacts = [
        {"id": "c1", "channel": "sms", "value": "07700 900123", "safe": True, "verified_at": "2026-03-01T09:00:00Z"}
    ]
    recorded = {"person": case, "roles": ["victim"], "born": "1980-01-01", "language": "en", "contacts": contacts}
    listed = {
        "hearing": "h1",
        "listing": "fixed",
        "starts_at": "2026-05-11T09:30:00+01:00",
        "court": {"name": "Stafford"},
    }
    received = {"occurred_on": "2026-03-09", "received_at": "2026-03-09T10:18:00+00:00"}
    return [
        event(f"{case}-1", "crime.recorded", {"reference": "R1", "offence_classes": ["other"]}, case=case),
        event(f"{case}-2", "person.recorded", recorded, case=case, minutes=1),
        event(f"{case}-3", "needs_assessment.completed", {"person": case, "enhanced": False}, case=case, minutes=2),
        event(f"{case}-4", "suspect.arrested", {"suspect": "s1", "people": [case]}, case=case, minutes=3),
        event(f"{case}-5", "wcu.received.hearing_listed", listed | received, case=case, minutes=4),
    ]


async def owed(pool: Pool, case: str) -> list[tuple[Any, ...]]:
    """Everything that stands for a case, without its ids."""
    rows = await pool.fetch(
        "select u.update_point, u.state, u.kind, u.channel, u.send_at, u.due_at, u.facts_hash, u.reasons::text,"
        " (select count(*) from messages m join message_update x on x.message_id = m.id"
        "   where x.update_id = u.id and m.state = 'planned'),"
        " (select h.task || h.queue from holds h where h.update_id = u.id and h.closed_at is null)"
        " from updates u where case_id = $1 order by u.update_point, u.event_id",
        case,
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("batch", [1, 2], ids=["R13-one-by-one", "R13-two-by-two"])
async def test_all_orders_of_five_events_come_to_the_same(pool: Pool, batch: int) -> None:
    """Each of the 120 orders, in a case of its own: the same updates, dates, reasons, messages and holds."""
    intake = Intake(pool, STANDING, load_books(), england_and_wales())
    found: dict[str, list[tuple[Any, ...]]] = {}
    at = 0
    for number, order in enumerate(permutations(range(5))):
        case = f"case-{number}"
        events = story(case)
        values = [events[step] for step in order]
        for start in range(0, len(values), batch):
            applied = await intake.apply(records(values[start : start + batch], start=at))
            at += len(values[start : start + batch])
            assert not applied.rejected
        found[case] = await owed(pool, case)
    first = found["case-0"]
    assert len(first) >= 2
    assert {case: rows for case, rows in found.items() if rows != first} == {}
    assert await pool.fetchval("select count(*) from waiting_event") == 0
