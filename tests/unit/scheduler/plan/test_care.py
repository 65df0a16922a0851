"""Enhanced Rights over time: gateways, assessors and history; not known counts; by `time` and not by arrival (2.3, 6.5, 6.6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from schemas.case_events.words import Gateway
from schemas.envelope import CaseEvent
from services.scheduler.plan import facts
from services.scheduler.plan.care import Care, care_for
from tests.unit.scheduler.plan.cases import BEFORE, MONDAY, assessed, crime, event, known, person

DAY = timedelta(days=1)
CHILD = person(born="2010-06-01")


def needs(at: datetime, *, enhanced: bool | None, by: str | None = None, gateways: Sequence[str] = ()) -> CaseEvent:
    """`needs_assessment.changed`."""
    data = {"person": "v1", "enhanced": enhanced, "gateways": list(gateways), "assessed_by": by}
    return event("needs_assessment.changed", data, at=at, id=f"changed-{at.isoformat()}")


def reclassified(at: datetime, *classes: str) -> CaseEvent:
    """`crime.reclassified`."""
    return event("crime.reclassified", {"offence_classes": list(classes)}, at=at, id=f"classes-{at.isoformat()}")


def care(*events: CaseEvent, role: str = "victim", start: datetime = MONDAY) -> Care:
    """Of v1, with the clock started on Monday."""
    case = known(events, now=MONDAY + 20 * DAY)
    return care_for(facts.read(case), (case.people["v1"],), role, start, date(2026, 3, 29))


STATUS: dict[str, tuple[list[CaseEvent], dict[str, Any]]] = {
    "6.6 nobody assessed": ([crime(), person()], {"enhanced": True, "enhanced_at_start": True}),
    "6.6 no crime either": ([person()], {"enhanced": True, "enhanced_at_start": True}),
    "assessed as standard": ([crime(), person(), assessed()], {"enhanced": False, "enhanced_at_start": False}),
    "assessed, not said how": (
        [crime(), person(), needs(BEFORE, enhanced=None)],
        {"enhanced": True, "enhanced_at_start": True},
    ),
    "no, and a gateway all the same": (
        [crime(), person(), needs(BEFORE, enhanced=False, gateways=["hate"])],
        {"enhanced": True, "enhanced_at_start": True},
    ),
    "at the force's discretion": (
        [crime(), person(), needs(BEFORE, enhanced=True, gateways=["discretion"])],
        {"enhanced": True, "enhanced_at_start": True, "gateways": ("discretion",)},
    ),
    "6.5 became enhanced after": (
        [
            crime(),
            person(),
            assessed(),
            needs(MONDAY + 2 * DAY, enhanced=True, by="PC Day", gateways=["fear_or_distress"]),
        ],
        {
            "enhanced": True,
            "enhanced_at_start": False,
            "became_enhanced": (MONDAY + 2 * DAY,),
            "gateways": ("fear_or_distress",),
            "assessed_by": ("PC Day",),
        },
    ),
    "dated before the clock started": (
        [crime(), person(), assessed(), needs(MONDAY - DAY, enhanced=True)],
        {"enhanced_at_start": True, "became_enhanced": ()},
    ),
    "no more after": (
        [crime(), person(), assessed(enhanced=True), needs(MONDAY + DAY, enhanced=False)],
        {"enhanced": False, "enhanced_at_start": True, "became_enhanced": ()},
    ),
    "assessed as standard only after": (
        [crime(), person(), needs(MONDAY + DAY, enhanced=False)],
        {"enhanced": False, "enhanced_at_start": True, "became_enhanced": ()},
    ),
    "on, off and on again": (
        [
            crime(),
            person(),
            assessed(),
            needs(MONDAY + DAY, enhanced=True),
            needs(MONDAY + 2 * DAY, enhanced=False),
            needs(MONDAY + 3 * DAY, enhanced=True),
        ],
        {"became_enhanced": (MONDAY + DAY, MONDAY + 3 * DAY)},
    ),
    "the crime turns out graver": (
        [crime(), person(), assessed(), reclassified(MONDAY + DAY, "sexual")],
        {"enhanced_at_start": False, "became_enhanced": (MONDAY + DAY,), "gateways": ("sexual",)},
    ),
    "a child at the crime": (
        [crime(), person(born="2008-02-18"), assessed()],
        {"enhanced": True, "enhanced_at_start": True, "gateways": ("under_18",)},
    ),
    "18 on the day of the crime": ([crime(), person(born="2008-02-17"), assessed()], {"enhanced": False}),
    "a child when first heard of": ([CHILD, assessed()], {"enhanced": True}),
    "assessed as a child, birth not known": (
        [crime(), person(born=...), needs(BEFORE, enhanced=True, gateways=["under_18"]), needs(MONDAY, enhanced=False)],
        {"enhanced": True, "enhanced_at_start": True},
    ),
    "withdrawn": (
        [
            crime(),
            person(),
            assessed(),
            needs(MONDAY + DAY, enhanced=True),
            event("event.withdrawn", {"event": f"changed-{(MONDAY + DAY).isoformat()}"}, at=MONDAY + 2 * DAY),
        ],
        {"enhanced": False, "became_enhanced": ()},
    ),
}


@pytest.mark.parametrize("case", STATUS)
def test_who_has_enhanced_rights_and_since_when(case: str) -> None:
    """6.5, 6.6: by what was true at the clock's start, and every later instant at which it became so; in any order of arrival."""
    events, expected = STATUS[case]
    for order in (events, events[::-1]):
        found = care(*order)
        assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize("name", ["domestic_abuse", "sexual", "hate", "homicide", "stalking", "child"])
def test_6_6_the_crime_opens_a_gateway_by_itself(name: str) -> None:
    """6.6: the gravest classes count whatever an assessment says."""
    assert care(crime(name), person(), assessed()).enhanced


def test_the_bereaved_always_have_enhanced_rights() -> None:
    """2.3: a close relative of somebody who died."""
    found = care(crime("homicide"), person("v1", "bereaved_relative"), assessed(), role="bereaved_relative")
    assert (found.enhanced, "bereaved" in found.gateways) == (True, True)


def test_every_gateway_of_the_contract_is_one_that_an_assessment_can_name() -> None:
    """Each word of the list, alone, brings Enhanced Rights with its own name."""
    for gateway in Gateway.__args__:  # type: ignore[attr-defined]  # a Literal
        found = care(crime(), person(), needs(BEFORE, enhanced=True, gateways=[gateway]))
        assert (found.enhanced, gateway in found.gateways) == (True, True)


@pytest.mark.parametrize(
    ("day", "expected"),
    [(datetime(2026, 3, 9, 23, 59, tzinfo=UTC), True), (datetime(2026, 3, 10, 0, 0, tzinfo=UTC), False)],
)
def test_under_18_goes_by_the_day_and_enhanced_rights_last(day: datetime, expected: bool) -> None:
    """Small print: who receives is the day of each message, Enhanced Rights the time of the crime."""
    events = [crime(), person(born="2008-03-10"), assessed()]
    case = known(events, now=day)
    found = care_for(facts.read(case), (case.people["v1"],), "victim", MONDAY, day.date())
    assert (found.under_18, found.enhanced) == (expected, True)
