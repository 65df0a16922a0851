"""A force's own trial of its reminders: chance that can be reckoned again, and who came."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import CaseEvent
from services.ledger.force_rules import careful_default
from services.ledger.trials import Attendance, attendance, who_came
from services.scheduler.plan.trial import arm_of
from tests.unit.scheduler.plan.cases import FORCE, codes, event, plain_case
from tests.unit.scheduler.plan.test_reminders import NEXT, TRIAL, after, heard, reminders, required, spared


def test_no_trial_no_arms() -> None:
    """By default nobody is assigned, and nothing says so."""
    assert arm_of("f", "c", "p", "h", 0.0) is None
    assert all("trial" not in code for item in reminders(plain_case(required())).values() for code in codes(item))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_chance_is_as_large_as_the_force_says(share: float) -> None:
    """Of many people the share that it asked for is the control arm."""
    people = 4000
    control = sum(arm_of("f", "c", f"p{number}", "h", share) == "control" for number in range(people))
    assert abs(control / people - share) < 0.03


@given(st.text(max_size=9), st.text(max_size=9), st.floats(0.01, 0.9), st.floats(0.01, 0.9))
def test_a_larger_share_keeps_everybody_who_was_in_the_smaller_one(
    who: str, hearing: str, one: float, other: float
) -> None:
    """The same person at the same hearing always has the same chance."""
    small, large = sorted((one, other))
    if arm_of("f", "c", who, hearing, small) == "control":
        assert arm_of("f", "c", who, hearing, large) == "control"


def test_the_control_arm_is_declined_and_both_arms_are_kept_on_the_update() -> None:
    """Nothing is sent to the control arm, nothing is late, and the arm stands in the reasons of every reminder."""
    rules = replace(careful_default(FORCE), reminder_control_share=0.5)
    seen: dict[str, set[str]] = {}
    for number in range(40):
        for item in reminders(plain_case(required(hearing=f"h{number}")), rules=rules).values():
            seen.setdefault(codes(item)[-1], set()).add(item.state)
            assert item.state != "declined" or (item.kind, item.channel, item.send_at) == (None, None, None)
    assert seen == {"trial_control": {"declined"}, "trial_reminded": {"planned"}}


def test_who_came_is_counted_by_arm() -> None:
    """One entry a person and hearing; where nobody said, that is counted too."""
    came = [("control", True), ("control", None), ("reminded", True), ("reminded", True), ("reminded", False)]
    assert attendance(came) == {  # type: ignore[arg-type]  # the words are the arms
        "reminded": Attendance(2, 1, 0),
        "control": Attendance(1, 0, 1),
    }


def test_only_who_had_to_come_until_the_end_is_counted() -> None:
    """Somebody stood down, or whose hearing was off, had nothing to come to; the last word on whether they came stands."""

    def attended(came: bool, hours: int, hearing: str = "h1") -> CaseEvent:
        data = {"person": "v1", "hearing": hearing, "attended": came}
        return event("wcu.received.attended", data, at=after(hours), id=f"attended-{hours}")

    asked, again = required(), required(NEXT, when=after(1))
    here = (("v1", "h1"), True)
    assert who_came([asked]) == {(asked.source, asked.id): (("v1", "h1"), None)}
    assert set(who_came([asked, again, attended(False, 5), attended(True, 6)]).values()) == {here}
    assert who_came([asked, attended(True, 5), spared(when=after(6))]) == {}
    assert who_came([asked, heard(starts=TRIAL), heard("vacated", None, None, when=after(1))]) == {}
    gone = event("event.withdrawn", {"event": attended(True, 5).id}, at=after(9), id="w")
    assert set(who_came([asked, attended(True, 5), gone]).values()) == {(("v1", "h1"), None)}
