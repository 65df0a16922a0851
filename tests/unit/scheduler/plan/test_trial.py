"""A force's own trial of its reminders: chance that can be reckoned again, and who came."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.force_rules import careful_default
from services.scheduler.plan.trial import Attendance, arm_of, attendance
from tests.unit.scheduler.plan.cases import FORCE, codes, plain_case
from tests.unit.scheduler.plan.test_reminders import reminders, required


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
