"""R13: what is owed is a function of the set of events. Every order, every batching, plan upon plan reconciled with a ledger."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.envelope import CaseEvent
from tests.unit.scheduler.plan.cases import (
    EMAIL,
    MONDAY,
    PHONE,
    arrest,
    assessed,
    crime,
    event,
    person,
)
from tests.unit.scheduler.plan.ledger import Ledger

HOUR = timedelta(hours=1)
NOW = MONDAY + timedelta(days=2)
A, B = "2026-04-14T08:30:00Z", "2026-05-11T08:30:00Z"


def hearing(hours: int, starts: str | None, kind: str = "changed") -> CaseEvent:
    at = MONDAY + timedelta(hours=hours)
    said = {"hearing": "h1", "listing": "fixed", "court": {"name": "Cannock"}, "received_at": at.isoformat()}
    return event(f"wcu.received.hearing_{kind}", {**said, "starts_at": starts}, at=at, id=f"h{hours}")


def attendance(hours: int, starts: str | None, who: str = "v1") -> CaseEvent:
    at = MONDAY + timedelta(hours=hours)
    said = {"person": who, "hearing": "h1", "received_at": at.isoformat()}
    if starts is None:
        return event("wcu.received.attendance_not_required", said, at=at, id=f"n{hours}{who}")
    return event(
        "wcu.received.attendance_required", {**said, "at": starts, "place": "Cannock"}, at=at, id=f"a{hours}{who}"
    )


def contact(hours: int, *points: str, **more: Any) -> CaseEvent:
    said = {"person": "v1", "update_points": list(points), "substantive": True, "how": "phone", **more}
    return event("contact.made", said, at=MONDAY + timedelta(hours=hours), id=f"c{hours}")


def fix(of: CaseEvent, hours: int, data: dict[str, Any] | None = None, **more: Any) -> CaseEvent:
    said = {"event": of.id, **more} | ({} if data is None else {"data": data})
    return event("event.corrected", said, at=MONDAY + timedelta(hours=hours), id=f"x{hours}-{of.id}")


def undo(of: CaseEvent, hours: int) -> CaseEvent:
    return event("event.withdrawn", {"event": of.id}, at=MONDAY + timedelta(hours=hours), id=f"w{hours}-{of.id}")


def preference(hours: int, **said: Any) -> CaseEvent:
    at = MONDAY + timedelta(hours=hours)
    return event("preference.changed", {"person": "v1", "preference": said}, at=at, id=f"p{hours}")


LISTED, MOVED, BACK = hearing(1, A, "listed"), hearing(3, B), hearing(5, A)
CHARGE = event(
    "suspect.charged",
    {"suspect": "s1", "custody": "remand", "first_hearing": {"starts_at": A, "court": {"name": "Cannock"}}},
    at=MONDAY + 2 * HOUR,
    id="charge",
)
BASE = [crime(), person(), assessed()]
OUT, IN = preference(2, opt_out=["hearings", "investigation"]), preference(6, opt_out=[])
TOLD = contact(4, "r6-arrest", "r8-hearing-date")
RIGHT = {
    "hearing": "h1",
    "listing": "fixed",
    "court": {"name": "Stafford"},
    "starts_at": B,
    "received_at": MONDAY.isoformat(),
}
FIVES = {
    "who, what, and a correction of the date": [crime(), person(), assessed(), LISTED, fix(LISTED, 9, RIGHT)],
    "a hearing moved there and back": [person(), LISTED, MOVED, BACK, undo(BACK, 9)],
    "a correction withdrawn": [person(), LISTED, fix(LISTED, 6, RIGHT), undo(fix(LISTED, 6, RIGHT), 7), MOVED],
    "a withdrawal withdrawn": [person(), arrest(), undo(arrest(), 6), undo(undo(arrest(), 6), 7), assessed()],
    "the wrong suspect, then withdrawn": [
        crime(),
        person(),
        arrest(),
        fix(arrest(), 5, {"suspect": "s2"}),
        undo(arrest(), 8),
    ],
    "the wrong victim": [
        person(),
        person("v2"),
        arrest(people=["v1"]),
        fix(arrest(), 5, {"suspect": "s1", "people": ["v2"]}),
        crime(),
    ],
    "moved to another case and back": [
        crime(),
        person(),
        arrest(),
        fix(arrest(), 5, subject="case-2"),
        fix(arrest(), 7),
    ],
    "told in person, which never was": [person(), crime(), arrest(), TOLD, undo(TOLD, 8)],
    "opted out and in again": [person(), crime(), arrest(), OUT, IN],
    "opted out, which never was": [person(), crime(), arrest(), OUT, undo(OUT, 7)],
    "required, stood down, required again": [person(), LISTED, attendance(2, A), attendance(4, None), attendance(6, A)],
    "recorded as domestic abuse by mistake": [
        crime("domestic_abuse"),
        person(),
        assessed(),
        arrest(),
        fix(crime("domestic_abuse"), 6, {"offence_classes": ["other"]}),
    ],
    "thought to be domestic abuse for a while": [
        crime(),
        person(),
        arrest(),
        event("crime.reclassified", {"offence_classes": ["domestic_abuse"]}, at=MONDAY + 2 * HOUR, id="da"),
        event("crime.reclassified", {"offence_classes": ["other"]}, at=MONDAY + 4 * HOUR, id="not-da"),
    ],
    "released on bail, corrected": [
        crime(),
        person(),
        assessed(),
        event("suspect.released", {"suspect": "s1", "mode": "bail"}, id="r"),
        event("event.corrected", {"event": "r", "data": {"suspect": "s1", "mode": "rui"}}, at=MONDAY + HOUR, id="rx"),
    ],
    "the person corrected": [
        crime(),
        person(),
        arrest(),
        event(
            "event.corrected",
            {"event": person().id, "data": {"person": "v2", "roles": ["victim"], "contacts": [PHONE]}},
            at=MONDAY + HOUR,
            id="px",
        ),
        CHARGE,
    ],
}


def reached(events: list[CaseEvent], batch: int = 1) -> Ledger:
    """The ledger after the events came so many at a time. Case time stands still: arrival may matter, order not."""
    ledger = Ledger()
    came = {(item.source, item.id): NOW for item in events}
    for end in range(batch, len(events) + batch, batch):
        ledger.see(events[:end], NOW, arrived=came)
    return ledger


@pytest.mark.parametrize("name", FIVES)
def test_r13_every_order_of_five_events_owes_the_same(name: str) -> None:
    """R13: all 120 orders, one by one and two by two, with what was withdrawn in between owed no longer."""
    events = FIVES[name]
    expected = reached(events, batch=5).owed()
    for order in permutations(events):
        for batch in (1, 2):
            found = reached(list(order), batch).owed()
            assert found == expected, [item.id for item in order]


# ---------------------------------------------------------------- any events at all


def _pool() -> list[CaseEvent]:
    """Events that touch one another: people, links, a hearing that goes there and back, and what puts them right."""
    link = event("case.linked", {"cases": ["case-2"]}, at=MONDAY + HOUR, id="link")
    moved = hearing(7, B)
    return [
        crime(),
        crime("domestic_abuse", at=MONDAY + HOUR),
        fix(crime(), 8, {"offence_classes": ["hate"]}),
        person(),
        person("v2", "victim", "witness"),
        person(at=MONDAY + HOUR, contacts=[PHONE, EMAIL], preference={"channel": "email"}),
        assessed(),
        assessed(enhanced=True, at=MONDAY + 3 * HOUR),
        undo(assessed(enhanced=True, at=MONDAY + 3 * HOUR), 8),
        arrest(),
        fix(arrest(), 5, {"suspect": "s1", "people": ["v2"]}),
        fix(arrest(), 6, time=(MONDAY - 5 * HOUR).isoformat()),
        LISTED,
        MOVED,
        BACK,
        moved,
        fix(LISTED, 9, RIGHT),
        undo(moved, 9),
        undo(undo(moved, 9), 10),
        attendance(2, A),
        attendance(4, None),
        attendance(6, B),
        undo(attendance(4, None), 8),
        contact(4, "r6-arrest", "r8-hearing-date", "r8-attend"),
        contact(8, "r8-hearing-date"),
        undo(contact(8, "r8-hearing-date"), 9),
        preference(2, opt_out=["hearings"]),
        preference(5, opt_out=[]),
        undo(preference(2, opt_out=["hearings"]), 6),
        link,
        undo(link, 4),
        CHARGE,
        event("participation.changed", {"person": "v1", "supports_prosecution": False}, at=MONDAY + 5 * HOUR, id="out"),
        event("suspect.released", {"suspect": "s1", "mode": "rui"}, at=MONDAY + 4 * HOUR, id="rui"),
    ]


POOL = _pool()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(POOL), min_size=4, max_size=14, unique_by=lambda item: item.id), st.data())
def test_r13_any_events_in_any_order_and_batches_owe_the_same(events: list[CaseEvent], data: st.DataObject) -> None:
    """R13: whatever happened, shuffled and cut into batches at will, nothing sent in between: the same obligations."""
    expected = reached(events, batch=len(events)).owed()
    order = data.draw(st.permutations(events))
    cuts = [*sorted(data.draw(st.sets(st.integers(1, len(events) - 1)))), len(events)]
    ledger, came = Ledger(), {(item.source, item.id): NOW for item in events}
    for end in cuts:
        ledger.see(order[:end], NOW, arrived=came)
    assert ledger.owed() == expected


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(POOL), min_size=4, max_size=12, unique_by=lambda item: item.id), st.data())
def test_r13_with_sends_in_between_only_corrections_differ(events: list[CaseEvent], data: st.DataObject) -> None:
    """R13: what left stands, the same updates are owed, and only what puts right what was heard differs."""
    came = {(item.source, item.id): NOW for item in events}
    owed = {
        update for update, entry in reached(events, batch=len(events)).existing.items() if entry.state != "withdrawn"
    }
    order = data.draw(st.permutations(events))
    ledger = Ledger()
    for end in range(1, len(order) + 1):
        ledger.see(order[:end], NOW, arrived=came)
        going = [update for message in ledger.sending() for update in message.updates]
        for update in data.draw(st.lists(st.sampled_from(going), unique=True)) if going else ():
            ledger.send(update)
    ledger.see(order, NOW, arrived=came)
    left = {update for update, entry in ledger.existing.items() if entry.anything_left}
    planned = {item.id for item in ledger.last.updates} if ledger.last is not None else set()
    # What was told by an event that owes nothing any more (a second record of one crime) is history, as in `owed`.
    found = {
        update
        for update, entry in ledger.existing.items()
        if entry.state != "withdrawn" and (update in planned or entry.anything_left)
    }
    for update in found ^ owed:
        row = ledger.rows.get(update)
        # Owed only because of what was heard: what left itself, what puts it right, and what it made no news any more.
        heard = {(ledger.rows[one].person, ledger.rows[one].facts.get("hearing")) for one in left}
        assert (
            update in left
            or (row is not None and row.corrects is not None)
            or (row is not None and (row.person, row.facts.get("hearing")) in heard)
            or (row is not None and row.update_point == "f-cadence")
        ), row
