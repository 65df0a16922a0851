"""What is owed is a function of the set of a case's events, never of the order in which they came; with the real rules."""

from __future__ import annotations

from collections.abc import Callable
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
SEVERAL = 11
"""Every so manieth of the 120 orders: all of them are tried on the plan itself, which takes no database."""
A, B = "2026-05-11T09:30:00+01:00", "2026-06-08T09:30:00+01:00"
Told = dict[str, Any]


def _who(case: str) -> bytes:
    contacts = [
        {"id": "c1", "channel": "sms", "value": "07700 900123", "safe": True, "verified_at": "2026-03-01T09:00:00Z"}
    ]
    said = {"person": case, "roles": ["victim"], "born": "1980-01-01", "language": "en", "contacts": contacts}
    return event(f"{case}-who", "person.recorded", said, case=case, minutes=1)


def _crime(case: str) -> bytes:
    return event(f"{case}-crime", "crime.recorded", {"reference": "R1", "offence_classes": ["other"]}, case=case)


def _assessed(case: str) -> bytes:
    said = {"person": case, "enhanced": False}
    return event(f"{case}-needs", "needs_assessment.completed", said, case=case, minutes=2)


def _arrest(case: str) -> bytes:
    return event(f"{case}-arrest", "suspect.arrested", {"suspect": "s1"}, case=case, minutes=3)


def _hearing(starts: str, court: str = "Stafford") -> Told:
    received = {"occurred_on": "2026-03-09", "received_at": "2026-03-09T10:18:00+00:00"}
    return {"hearing": "h1", "listing": "fixed", "starts_at": starts, "court": {"name": court}, **received}


def _listed(case: str) -> bytes:
    return event(f"{case}-listed", "wcu.received.hearing_listed", _hearing(A), case=case, minutes=4)


def _moved(case: str) -> bytes:
    return event(f"{case}-moved", "wcu.received.hearing_changed", _hearing(B), case=case, minutes=5)


def _put_right(case: str, of: str, minutes: int = 6, **said: Any) -> bytes:
    name = f"{case}-{minutes}-{of}"
    return event(name, "event.corrected", {"event": f"{case}-{of}", **said}, case=case, minutes=minutes)


def _taken_back(case: str, of: str, minutes: int = 8) -> bytes:
    return event(f"{case}-w", "event.withdrawn", {"event": f"{case}-{of}"}, case=case, minutes=minutes)


STORIES: dict[str, Callable[[str], list[bytes]]] = {
    "who, what, an arrest, a hearing": lambda case: [_crime(case), _who(case), _assessed(case), _arrest(case), _listed(case)],
    "corrected and withdrawn": lambda case: [
        _who(case),
        _listed(case),
        _moved(case),
        _put_right(case, "listed", data=_hearing(A, "Cannock")),
        _taken_back(case, "moved"),
    ],
    "of somebody else": lambda case: [
        _crime(case),
        _who(case),
        _arrest(case),
        _put_right(case, "who", data={"person": f"{case}-other", "roles": ["victim"], "born": "1990-01-01"}),
        _put_right(case, "arrest", 7, subject=f"{case}-b"),
    ],
}  # fmt: skip


async def owed(pool: Pool, case: str) -> list[tuple[Any, ...]]:
    """Everything that is owed in a case, and where it was moved to, without ids; what was withdrawn is owed no longer."""
    rows = await pool.fetch(
        "select u.case_id = $1, u.update_point, replace(u.person_id, $1, ''), u.state, u.kind, u.channel, u.send_at, u.due_at,"
        " u.facts_hash, replace(u.reasons::text, $1, ''),"
        " (select count(*) from messages m join message_update x on x.message_id = m.id"
        "   where x.update_id = u.id and m.state = 'planned'),"
        " (select h.task || h.queue from holds h where h.update_id = u.id and h.closed_at is null)"
        " from updates u where case_id in ($1, $1 || '-b') and state <> 'withdrawn'"
        " order by 1, u.update_point, u.person_id, u.event_id, u.part",
        case,
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("name", STORIES)
async def test_r13_several_orders_of_five_events_come_to_the_same(pool: Pool, name: str) -> None:
    """R13, on PostgreSQL: each order in a case of its own, one by one, two by two and at once: the same updates, dates, reasons,
    messages and holds."""
    intake = Intake(pool, STANDING, load_books(), england_and_wales())
    found: dict[str, list[tuple[Any, ...]]] = {}
    at = 0
    for number, order in enumerate(list(permutations(range(5)))[::SEVERAL]):
        case, batch = f"case-{number}", (1, 2, 5)[number % 3]
        events = STORIES[name](case)
        values = [events[step] for step in order]
        for start in range(0, len(values), batch):
            applied = await intake.apply(records(values[start : start + batch], start=at))
            at += len(values[start : start + batch])
            assert not applied.rejected
        found[case] = await owed(pool, case)
    first = found["case-0"]
    assert first
    for case, rows in found.items():
        assert rows == first, case
    assert await pool.fetchval("select count(*) from waiting_event") == 0
