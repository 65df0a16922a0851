"""Where the obvious reading of a practice rule would leave somebody waiting, misled or in the wrong place."""

from __future__ import annotations

from datetime import timedelta

import pytest

from schemas.envelope import CaseEvent
from services.scheduler.plan.types import Planned
from tests.unit.scheduler.plan.cases import MONDAY, codes, event, only, person, plain_case, planned
from tests.unit.scheduler.plan.test_both import EVERYTHING, come, hearing, stay

DAY = timedelta(days=1)
OFF = hearing("vacated", None, DAY)
MOVED = hearing("changed", "2026-07-06T09:00:00Z", DAY)


def of(events: list[CaseEvent], happened: CaseEvent, who: str = "v1") -> Planned:
    """What the event owes that person of a hearing."""
    found = planned(events, rules=EVERYTHING).updates
    return next(
        one for one in found if (one.event_id, one.person, one.update_point) == (happened.id, who, "r8-hearing-date")
    )


@pytest.mark.parametrize("opt_out", [["hearings"], ["all"]])
@pytest.mark.parametrize("happened", [OFF, MOVED], ids=["PR09-off", "PR09-moved"])
def test_pr09_who_was_asked_to_come_is_rung_though_they_opted_out(opt_out: list[str], happened: CaseEvent) -> None:
    """PR09, 6.16: an opt-out stops routine messages; it sends nobody to court in vain or on the wrong day."""
    preference = {"channel": "sms", "opt_out": opt_out}
    update = of(plain_case(hearing(), come(), happened, preference=preference), happened)
    assert (update.state, update.kind, update.task) == ("held", None, "call")
    assert "may_come_in_vain" in codes(update)


def test_pr09_who_need_not_come_is_left_in_peace() -> None:
    """Nobody who was not asked to come, was stood down, or is asked anew by itself, hears what they opted out of."""
    preference = {"channel": "sms", "opt_out": ["hearings"]}
    for before in ([], [come(), stay(after=timedelta(hours=1))]):
        update = of(plain_case(hearing(), *before, MOVED, preference=preference), MOVED)
        assert (update.state, codes(update)) == ("declined", ["opted_out"])


def test_pr09_whoever_brings_a_child_is_rung_though_they_opted_out() -> None:
    """The child is asked to come, and the guardian is who would travel with it."""
    child = person("k1", "victim", born="2014-01-01", contacts=[])
    guardian = person("g1", "parent_guardian", stands_for="k1", preference={"channel": "sms", "opt_out": ["hearings"]})
    update = of([*plain_case()[:1], child, guardian, hearing(), come("k1"), OFF], OFF, "g1")
    assert (update.state, "may_come_in_vain" in codes(update)) == ("held", True)


@pytest.mark.parametrize("last", [True, False, None])
def test_pr07_another_defendant_whom_no_event_names_counts(last: bool | None) -> None:
    """PR07: where the court says that this was not the last defendant, "the person charged" would be one of several."""
    data = {"suspect": "s1", "outcome": "convicted", "in_custody_today": True}
    outcome = event("wcu.received.case_outcome", data if last is None else {**data, "last_defendant": last})
    update = only(plain_case(outcome), "r9-outcome", rules=EVERYTHING)
    assert (update.state, "several_suspects" in codes(update)) == (
        ("held", True) if last is False else ("planned", False)
    )


def test_pr03_news_of_bail_stays_at_a_staffed_desk_when_something_ordinary_overtakes_it() -> None:
    """PR02, PR03: told together with a caution, and yet with the desk that answers at night."""
    bail = event("suspect.released", {"suspect": "s1", "mode": "bail", "conditions": ["stay away"]})
    caution = event(
        "disposal.out_of_court.given", {"suspect": "s1", "disposal": "caution"}, at=MONDAY + timedelta(hours=9)
    )
    update = only(plain_case(bail, caution), "r6-bail", rules=EVERYTHING)
    assert ("overtaken" in codes(update), update.safety_hold, update.queue) == (True, True, "control_room")
