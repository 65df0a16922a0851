"""When an accepted message is looked at again, and when silence is evidence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.ledger.confirming import look_at, no_bounce_suffices

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

WITH_RECEIPT = {
    "no_deadline": (None, 4 * HOUR),
    "far_deadline": (72 * HOUR, 4 * HOUR),
    "deadline_in_five_hours": (5 * HOUR, 3 * HOUR),
    "deadline_in_two_hours": (2 * HOUR, HOUR / 2),
    "deadline_passed": (-HOUR, HOUR / 2),
}


@pytest.mark.parametrize(("due", "wait"), WITH_RECEIPT.values(), ids=WITH_RECEIPT.keys())
def test_a_missing_receipt_is_asked_after(due: timedelta | None, wait: timedelta) -> None:
    """PR21: at the earlier of four hours and the deadline less a margin, but never before a receipt had time to come."""
    assert look_at(NOW, None if due is None else NOW + due, receipt=True) == NOW + wait


WITHOUT_RECEIPT = {"no_deadline": (None, 24 * HOUR), "soon": (HOUR, 24 * HOUR), "far": (72 * HOUR, 72 * HOUR)}


@pytest.mark.parametrize(("due", "wait"), WITHOUT_RECEIPT.values(), ids=WITHOUT_RECEIPT.keys())
def test_a_standard_mail_counts_at_the_later_of_deadline_and_a_day(due: timedelta | None, wait: timedelta) -> None:
    """Told by no bounce waits for the later of the deadline and 24 hours after acceptance."""
    assert look_at(NOW, None if due is None else NOW + due, receipt=False) == NOW + wait


def test_silence_is_evidence_only_for_standard_routine_mail() -> None:
    """Enhanced people, safety-critical news and rules that nobody knows want a receipt or a conversation."""
    assert no_bounce_suffices("vc-2020", "r6-arrest", "routine", enhanced=False)
    assert not no_bounce_suffices("vc-2020", "r6-arrest", "routine", enhanced=True)
    assert not no_bounce_suffices("vc-2020", "r6-arrest", "safety_critical", enhanced=False)
    assert not no_bounce_suffices("vc-1066", "r6-arrest", "routine", enhanced=False)
