"""No event that is accepted may stop a case from being planned, however little or much it says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.case_events import DATA
from schemas.envelope import CaseEvent, read_event
from tests.unit.scheduler.plan.cases import (
    CASE,
    FORCE,
    MONDAY,
    assessed,
    crime,
    event,
    on_ledger,
    person,
    plain_case,
    planned,
)
from tests.unit.schemas.samples import record


def _whole(kind: str) -> CaseEvent:
    made = record(kind, id=f"whole-{kind}", source=f"/force/{FORCE}/rms", subject=CASE, time=MONDAY.isoformat())
    made["data"] = {**made["data"], "person": "v1"} if "person" in made["data"] else made["data"]
    return read_event(orjson.dumps({**made, "knownat": MONDAY.isoformat()})).event


def _bare(kind: str) -> CaseEvent:
    """Nothing but the ids that the type must have."""
    data: dict[str, Any] = {}
    for name, field in DATA[kind].model_fields.items():
        if field.is_required():
            data[name] = ["case-2"] if name == "cases" else "v1" if name == "person" else f"{name}-1"
    return event(kind, data, at=MONDAY + timedelta(hours=1), id=f"bare-{kind}")


def _nulls(kind: str) -> CaseEvent:
    """Every field that may be null is null."""
    data = {
        (field.alias or name): (["case-2"] if name == "cases" else "v1" if name == "person" else f"{name}-1")
        if field.is_required()
        else None
        for name, field in DATA[kind].model_fields.items()
    }
    return event(kind, data, at=MONDAY + timedelta(hours=2), id=f"nulls-{kind}")


EVENTS = {f"{make.__name__}:{kind}": make(kind) for kind in DATA for make in (_whole, _bare, _nulls)}
PEOPLE = [
    person(),
    person("g1", "parent_guardian", stands_for=["v1", "v2"]),
    person("b1", "bereaved_relative"),
    person("w1", "witness"),
    person("s1", "suspect"),
    event("person.recorded", {"person": "n1"}, id="n1"),
]


@pytest.mark.parametrize("name", EVENTS)
def test_any_event_can_be_planned(name: str) -> None:
    """Alone, and among people of every role."""
    planned([EVENTS[name]])
    for item in planned([crime(), assessed(), *PEOPLE, EVENTS[name]], now=MONDAY + timedelta(days=1)).updates:
        assert item.reasons


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(sorted(EVENTS)), min_size=2, max_size=12, unique=True), st.data())
def test_any_events_can_be_planned_together_and_again(names: list[str], data: st.DataObject) -> None:
    """With whatever the ledger says became of what was planned before, corrected or withdrawn since."""
    events = plain_case(*(EVENTS[name] for name in names))
    entries = [
        on_ledger(
            item,
            state=(state := data.draw(st.sampled_from(["told", "sent", "held", "planned", "declined", "withdrawn"]))),
            evidence="delivered" if state == "told" else None,
            live_attempt=data.draw(st.booleans()),
        )
        for item in planned(events).updates
    ]
    about = events[data.draw(st.integers(0, len(events) - 1))]
    word = data.draw(st.sampled_from(["event.corrected", "event.withdrawn"]))
    later = event(word, {"event": about.id, "event_source": about.source}, at=MONDAY + timedelta(days=1), id="later")
    found = planned([*events, later], ledger=entries)
    assert len({item.id for item in found.updates}) == len(found.updates)
