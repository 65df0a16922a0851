"""Bail and orders that come to their end with no word (PR03)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from schemas.envelope import CaseEvent
from services.ledger.force_rules import careful_default
from services.scheduler.plan.types import Planned
from services.scheduler.working_days import end_of
from tests.unit.scheduler.plan.cases import FORCE, MONDAY, arrest, codes, event, person, plain_case, planned

ENDS = date(2026, 4, 2)
"""Maundy Thursday: the next working day is Tuesday 7 April."""
PASSED = datetime(2026, 4, 2, 23, 0, tzinfo=UTC)
"""Midnight in London as the day ends."""
LATER = PASSED + timedelta(days=1)


def said(kind: str, hours: float = 0, *, suspect: str | None = "s1", **data: Any) -> CaseEvent:
    at = MONDAY + timedelta(hours=hours)
    about = {} if suspect is None else {"suspect": suspect}
    return event(kind, {**about, **data}, at=at, id=f"{kind}@{hours}")


BAIL = said("suspect.released", mode="bail", return_on=ENDS.isoformat())
ORDER = said("protective_order.made", order="o1", ends_on=ENDS.isoformat())


def lapses(events: Sequence[CaseEvent], **more: Any) -> list[Planned]:
    return [item for item in planned(events, **more).updates if item.update_point in {"f-bail-lapse", "f-order-lapse"}]


@pytest.mark.parametrize(
    ("set_by", "point"), [(BAIL, "f-bail-lapse"), (ORDER, "f-order-lapse")], ids=["bail", "an order"]
)
def test_pr03_an_end_that_passes_with_no_event_asks_the_officer(set_by: CaseEvent, point: str) -> None:
    """PR03: nothing while the day lasts, then a safety hold at once with a target of two hours."""
    events = plain_case(set_by)
    before = planned(events, now=PASSED - timedelta(seconds=1))
    assert lapses(events, now=PASSED - timedelta(seconds=1)) == []
    assert before.again_at is not None
    assert before.again_at <= PASSED
    (found,) = lapses(events, now=PASSED)
    assert (found.update_point, found.part, found.event_id) == (point, "lapse:2026-04-02", set_by.id)
    assert (found.state, found.task, found.safety_hold, found.kind) == ("held", "ask_officer", True, None)
    assert (found.cls, found.target_at) == ("safety_critical", PASSED + timedelta(hours=2))
    assert (found.due_on, found.due_at) == (date(2026, 4, 7), end_of(date(2026, 4, 7)))
    assert "lapsed" in codes(found)


def test_it_plans_again_at_the_end() -> None:
    """The instant at which the protection may be gone is one at which the plan is made anew."""
    assert PASSED in {planned(plain_case(ORDER), now=PASSED - timedelta(minutes=step)).again_at for step in (1, 2, 30)}


SETTLED: dict[str, list[CaseEvent]] = {
    "charged": [BAIL, said("suspect.charged", 5)],
    "summoned": [BAIL, said("requisition.issued", 5)],
    "no further action": [BAIL, said("decision.police_nfa", 5)],
    "not charged": [BAIL, said("decision.cps_no_charge", 5)],
    "cautioned": [BAIL, said("disposal.out_of_court.given", 5)],
    "cancelled": [BAIL, said("police_bail.cancelled", 5)],
    "arrested": [BAIL, arrest(MONDAY + timedelta(hours=5))],
    "in custody": [BAIL, said("custody.changed", 5, to="remanded")],
    "bailed again, to another day": [BAIL, said("suspect.released", 5, mode="bail", return_on="2026-06-01")],
    "released under investigation": [BAIL, said("suspect.released", 5, mode="rui")],
    "extended": [BAIL, said("police_bail.conditions_changed", 5, ends_on="2026-06-01")],
    "closed": [BAIL, said("investigation.closed", 5, suspect=None)],
    "withdrawn": [BAIL, said("event.withdrawn", 5, suspect=None, event=BAIL.id)],
    "no day": [said("suspect.released", mode="bail")],
    "not bail": [said("suspect.released", mode="no_charge", return_on=ENDS.isoformat())],
    "order ended": [ORDER, said("protective_order.ended", 5, order="o1")],
    "order extended": [ORDER, said("protective_order.changed", 5, order="o1", ends_on="2027-04-02")],
}


@pytest.mark.parametrize("story", SETTLED)
def test_whatever_became_of_it_nobody_is_asked(story: str) -> None:
    """An event that says what became of the bail or the order settles it."""
    assert lapses(plain_case(*SETTLED[story]), now=LATER) == []


STILL: dict[str, list[CaseEvent]] = {
    "conditions changed, silent on the end": [
        BAIL,
        said("police_bail.conditions_changed", 5, conditions=["not to go there"]),
    ],
    "another suspect charged": [BAIL, said("suspect.charged", 5, suspect="s2")],
    "another order ended": [ORDER, said("protective_order.ended", 5, order="o2")],
    "interviewed": [BAIL, said("suspect.interviewed", 5)],
    "order changed, silent on the end": [ORDER, said("protective_order.changed", 5, order="o1", conditions=["x"])],
    "the mode is not known": [said("suspect.released", return_on=ENDS.isoformat())],
}


@pytest.mark.parametrize("story", STILL)
def test_what_is_not_about_its_end_leaves_it(story: str) -> None:
    """The careful side: what is silent on the end changes nothing of it."""
    assert [item.part for item in lapses(plain_case(*STILL[story]), now=LATER)] == ["lapse:2026-04-02"]


def test_whom_it_protects_is_what_was_said_last() -> None:
    """Somebody whom an order protects only since it was changed is asked about its end too, and by its conditions of then."""
    made = said("protective_order.made", order="o1", protects=["v1"], ends_on=ENDS.isoformat(), conditions=["a"])
    wider = said(
        "protective_order.changed", 5, order="o1", protects=["v1", "v2"], ends_on=ENDS.isoformat(), conditions=["b"]
    )
    found = lapses(plain_case(made, wider, person("v2")), now=LATER)
    assert {(item.person, tuple(item.facts["conditions"])) for item in found} == {("v1", ("b",)), ("v2", ("b",))}


def test_one_for_everybody_whom_it_concerns_and_each_end() -> None:
    """Two victims and two suspects on bail: each is asked about for each."""
    second = said("suspect.released", 2, suspect="s2", mode="bail", return_on="2026-04-01")
    found = lapses(plain_case(BAIL, second, person("v2")), now=LATER)
    assert {(item.person, item.part, item.suspect) for item in found} == {
        (who, part, suspect)
        for who in ("v1", "v2")
        for part, suspect in (("lapse:2026-04-02", "s1"), ("lapse:2026-04-01", "s2"))
    }


def test_a_conversation_after_the_end_fulfils_it_and_one_before_does_not() -> None:
    """Only what was said once the day had passed can be about its passing."""

    def call(at: datetime) -> CaseEvent:
        data = {"person": "v1", "update_points": ["f-bail-lapse"], "substantive": True, "how": "phone"}
        return event("contact.made", data, at=at, id=f"call-{at.isoformat()}")

    assert [item.state for item in lapses(plain_case(BAIL, call(PASSED - timedelta(hours=2))), now=LATER)] == ["held"]
    assert [item.state for item in lapses(plain_case(BAIL, call(PASSED + timedelta(hours=2))), now=LATER)] == ["told"]


def test_an_end_from_before_the_force_was_live_is_no_news_and_one_after_it_is() -> None:
    """PR22: the bail of before is state, and that it ends now is not of before."""
    rules = replace(careful_default(FORCE), live_from=PASSED - timedelta(days=1))
    assert len(lapses(plain_case(BAIL), now=LATER, rules=rules)) == 1
    rules = replace(careful_default(FORCE), live_from=PASSED + timedelta(hours=1))
    assert lapses(plain_case(BAIL), now=LATER, rules=rules) == []
