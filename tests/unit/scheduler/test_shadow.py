"""A rival edition in shadow: what it would change over a case, and that it changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from schemas.editions.model import Books, Limit, UpdatePoint
from services.scheduler.shadow import Change, compare, shadow
from tests.unit.scheduler.plan.cases import BOOKS, CALENDAR, arrest, event, known, plain_case, planned

CODE = BOOKS.edition("vc-2020")


def rival(**points: UpdatePoint | None) -> Books:
    """The books with rules of the Code replaced, or taken out where None, under another name."""
    named = {name.replace("_", "-"): point for name, point in points.items()}
    kept: Mapping[str, UpdatePoint] = {
        name: replace(point, edition="vc-new") for name, point in {**CODE.points, **named}.items() if point is not None
    }
    return BOOKS.in_shadow(replace(CODE, id="vc-new", points=kept), "vc-2020")


def told(changes: list[Change]) -> list[tuple[str, str, str | None, str | None]]:
    return [(change.update_point, change.what, change.old, change.new) for change in changes]


def test_the_same_rules_under_another_name_change_nothing() -> None:
    """An update's identity does not name its edition: nothing appears or disappears."""
    assert shadow(known(plain_case(arrest())), BOOKS, rival(), CALENDAR) == []


def test_6_22_a_shorter_limit_moves_the_due_day() -> None:
    """6.22: an arrest of Monday 9 March due on the 16th would be due on the 12th."""
    shorter = replace(CODE.points["r6-arrest"], standard=Limit(working_days=3))
    (change,) = shadow(known(plain_case(arrest())), BOOKS, rival(r6_arrest=shorter), CALENDAR)
    assert told([change]) == [("r6-arrest", "due_moves", "2026-03-16", "2026-03-12")]
    assert (change.case, change.person, change.unverified) == ("case-1", "v1", False)


def test_6_22_a_rule_that_goes_and_one_that_comes() -> None:
    """6.22: a rule taken out disappears with its day; one that the old book has not appears, and says that it is unverified."""
    events = plain_case(event("suspect.interviewed", {"suspect": "s1"}))
    new = replace(CODE.points["r6-interview"], id="r6-second", status="unverified", confidence="M")
    changes = shadow(known(events), BOOKS, rival(r6_interview=None, r6_second=new), CALENDAR)
    assert told(changes) == [
        ("r6-interview", "disappears", "2026-03-16", None),
        ("r6-second", "appears", None, "2026-03-16"),
    ]
    assert [change.unverified for change in changes] == [False, True]


def test_6_22_another_way_is_told() -> None:
    """6.22: what a machine sends now and a person would tell changes its state."""
    gated = replace(CODE.points["r6-arrest"], fulfil_by=("conversation",))
    (change,) = shadow(known(plain_case(arrest())), BOOKS, rival(r6_arrest=gated), CALENDAR)
    assert told([change]) == [("r6-arrest", "state_changes", "planned", "held")]


def test_what_is_withdrawn_is_not_owed() -> None:
    """An update that is owed no longer neither appears nor disappears."""
    one = planned(plain_case(arrest())).updates
    gone = [replace(update, state="withdrawn") for update in one]
    assert compare(gone, []) == []
    assert {change.what for change in compare(gone, one)} == {"appears"}
