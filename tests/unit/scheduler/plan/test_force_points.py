"""What an event raises by the force's own book: who the contact is now, custody, orders."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from schemas.envelope import CaseEvent
from services.scheduler.plan.types import Planned
from tests.unit.scheduler.plan.cases import MONDAY, codes, event, only, person, plain_case, planned

HOUR = timedelta(hours=1)


def handover(hours: int, name: str = "Jo", **data: Any) -> CaseEvent:
    to = {"name": name, "phone": "01632 960123", "unit": "Witness care"}
    return event("case.handed_over", {"owner": "wcu", "to": to, **data}, at=MONDAY + hours * HOUR, id=f"to-{hours}")


def of(point: str, *events: CaseEvent) -> dict[str, Planned]:
    """The updates of a point, by person and event."""
    found = [item for item in planned(plain_case(*events)).updates if item.update_point == point]
    return {f"{item.person}:{item.event_id}": item for item in found}


def test_a_handover_tells_everybody_who_their_contact_is_now() -> None:
    """Victim and witness each have an update of their own that names the new contact."""
    found = of("f-handover", person("w1", "witness"), handover(0))
    assert set(found) == {"v1:to-0", "w1:to-0"}
    assert {item.facts["contact_name"] for item in found.values()} == {"Jo"}
    assert {item.edition for item in found.values()} == {"force"}


def test_a_later_handover_replaces_one_that_nobody_told() -> None:
    """ "Your contact is now Jo" is false once it is Ali; said again, it is no news."""
    found = of("f-handover", handover(0), handover(1, "Ali"), handover(2, "Ali"))
    assert [(item.state, codes(item)) for item in found.values() if item.state == "withdrawn"] == [
        ("withdrawn", ["superseded"]),
        ("withdrawn", ["nothing_new"]),
    ]
    assert found["v1:to-1"].state != "withdrawn"


def test_a_handover_of_one_person_says_nothing_of_another() -> None:
    """Narrowed handovers replace only their own kind."""
    found = of("f-handover", person("v2"), handover(0, people=["v1"]), handover(1, "Ali", people=["v2"]))
    assert {key for key, item in found.items() if item.state != "withdrawn"} == {"v1:to-0", "v2:to-1"}


@pytest.mark.parametrize(
    "raised",
    [
        event("custody.changed", {"suspect": "s1", "to": "released", "by": "court"}),
        event("custody.changed", {"suspect": "s1", "to": "remanded", "by": "court"}),
        event("protective_order.made", {"order": "o1", "suspect": "s1", "ends_on": "2027-03-09"}),
        event("protective_order.changed", {"order": "o1", "conditions": ["not to go there"]}),
        event("protective_order.ended", {"order": "o1"}),
    ],
    ids=lambda raised: f"{raised.type}-{getattr(raised.data, 'to', '')}",
)
def test_pr03_custody_and_orders_are_told_by_a_person_at_once(raised: CaseEvent) -> None:
    """PR03: a safety hold with a target in hours, whatever it says."""
    point = "f-custody-changed" if raised.type == "custody.changed" else "f-order-changed"
    found = only(plain_case(raised), point)
    assert (found.cls, found.state) == ("safety_critical", "held")
    assert found.safety_hold
    assert found.target_at == MONDAY + timedelta(hours=2)


def test_an_order_is_one_state() -> None:
    """A change replaces what was not told, another order stands for itself, and the same said again is no news."""

    def order(hours: int, kind: str, name: str = "o1", **data: Any) -> CaseEvent:
        return event(f"protective_order.{kind}", {"order": name, **data}, at=MONDAY + hours * HOUR, id=f"o{hours}")

    found = of(
        "f-order-changed",
        order(0, "made", ends_on="2027-03-09"),
        order(1, "changed", ends_on="2028-03-09"),
        order(2, "changed", ends_on="2028-03-09"),
        order(3, "made", "o2"),
    )
    assert {key: item.state for key, item in found.items()} == {
        "v1:o0": "withdrawn",
        "v1:o1": "held",
        "v1:o2": "withdrawn",
        "v1:o3": "held",
    }
