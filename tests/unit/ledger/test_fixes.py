"""Corrections of events: the last in order stands, between cases too, and a correction may itself be withdrawn or corrected."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from schemas.envelope import CaseEvent
from services.ledger.effective import Effective, effective
from tests.unit.scheduler.plan.cases import MONDAY, arrest, event

HOUR = timedelta(hours=1)
E = arrest()


def fix(hours: int, of: CaseEvent = E, case: str = "case-1", **said: Any) -> CaseEvent:
    return event("event.corrected", {"event": of.id, **said}, at=MONDAY + HOUR * hours, id=f"x{hours}", case=case)


def undo(hours: int, of: CaseEvent = E, case: str = "case-1") -> CaseEvent:
    return event("event.withdrawn", {"event": of.id}, at=MONDAY + HOUR * hours, id=f"w{hours}", case=case)


def seen(case: str | None, *events: CaseEvent) -> Effective:
    """The arrest as it stands in a case, the same in every order in which the events are given."""
    found = [effective(order, case) for order in permutations(events)]
    assert all(one == found[0] for one in found)
    (item,) = found[0]
    return item


def to(subject: str, hours: int, case: str = "case-1") -> CaseEvent:
    return fix(hours, case=case, subject=subject)


AWAY, HOME = to("case-2", 5), fix(7)
PLACES: dict[str, tuple[list[CaseEvent], str | None]] = {
    "moved": ([AWAY], "case-2"),
    "moved back by a correction that names no case": ([AWAY, HOME], "case-1"),
    "moved back from there": ([AWAY, to("case-1", 7, case="case-2")], "case-1"),
    "moved on from there": ([AWAY, to("case-3", 7, case="case-2")], "case-3"),
    "corrected there": ([AWAY, fix(7, case="case-2", data={"suspect": "s2"})], "case-2"),
    "claimed by a case that it was never moved to": ([to("case-3", 7, case="case-2")], "case-1"),
    "the move withdrawn": ([AWAY, undo(7, AWAY)], "case-1"),
    "the move withdrawn by another case": ([AWAY, undo(7, AWAY, case="case-2")], "case-2"),
    "the withdrawal of the move withdrawn": ([AWAY, undo(7, AWAY), undo(8, undo(7, AWAY))], "case-2"),
    "the move corrected": ([AWAY, fix(7, AWAY, data={"event": E.id, "subject": "case-3"})], "case-3"),
    "withdrawn there": ([AWAY, undo(7, case="case-2")], None),
    "withdrawn, which was withdrawn": ([undo(5), undo(6, undo(5))], "case-1"),
}


@pytest.mark.parametrize(("fixes", "place"), PLACES.values(), ids=PLACES.keys())
def test_an_event_stands_in_one_case_at_most(fixes: list[CaseEvent], place: str | None) -> None:
    """Wherever it was moved, it counts in one case, and in every other that hears of it it is withdrawn."""
    for case in ("case-1", "case-2", "case-3"):
        item = seen(case, E, *fixes)
        assert item.withdrawn == (case != place), case
        assert item.moved == (place is not None and case != place)
        assert len(item.fixes) <= len(fixes)
    if place is not None:
        assert seen(None, E, *fixes).case == place


def test_a_corrected_correction_says_what_it_says_last() -> None:
    """New data of a correction is the whole correction anew; one that cannot be read leaves the old, and nobody relies on it."""
    wrong = fix(5, data={"suspect": "s2"})
    right = event("event.corrected", {"event": wrong.id, "data": {"event": E.id, "data": {"suspect": "s3"}}}, id="r")
    item = seen("case-1", E, wrong, right)
    assert (item.data.suspect, item.correction, item.unreadable) == ("s3", right, False)
    broken = event("event.corrected", {"event": wrong.id, "data": {"data": 5}}, id="r")
    item = seen("case-1", E, wrong, broken)
    assert (item.data.suspect, item.unreadable) == ("s2", True)


def test_corrections_that_correct_one_another_come_to_an_end() -> None:
    """A circle is nobody's honest record; it is read, and every order reads it alike."""
    one = event("event.withdrawn", {"event": "two"}, id="one")
    two = event("event.withdrawn", {"event": "one"}, id="two")
    assert not seen("case-1", E, one, two).withdrawn
