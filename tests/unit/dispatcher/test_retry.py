"""Whether and when to try again, as tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.retry import LONGEST, Tried, after_not_sent, after_undelivered

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def tried(
    number: int = 1, channel: str = "sms", *, since: timedelta = MINUTE, due: timedelta | None = 3 * DAY
) -> Tried:
    return Tried(channel, number, NOW, NOW - since, None if due is None else NOW + due)


STEPS = {
    "sms-1": (tried(1), MINUTE),
    "sms-2": (tried(2), 5 * MINUTE),
    "sms-5": (tried(5), 4 * HOUR),
    "sms-9": (tried(9), 4 * HOUR),
    "email-1": (tried(1, "email"), 5 * MINUTE),
    "email-3": (tried(3, "email"), HOUR),
}


@pytest.mark.parametrize(("given", "wait"), STEPS.values(), ids=STEPS.keys())
def test_what_was_not_sent_is_tried_again_ever_more_slowly(given: Tried, wait: timedelta) -> None:
    """The waits grow and then stay."""
    assert after_not_sent(given).again_at == NOW + wait


def test_r23_never_sooner_than_the_provider_said() -> None:
    """R23: with Retry-After, the next try is no earlier than told; the spread only lengthens."""
    decision = after_not_sent(tried(), retry_after=timedelta(seconds=7), spread=0.5)
    assert decision.again_at is not None
    assert decision.again_at >= NOW + timedelta(seconds=7)


def test_r24_trouble_with_the_account_waits_while_the_deadline_allows() -> None:
    """R24: the message is not given up for what is not its fault, until its time is over."""
    assert after_not_sent(tried(40, since=DAY), provider_wide=True).again_at == NOW + 2 * MINUTE
    assert after_not_sent(tried(40, since=LONGEST + HOUR), provider_wide=True).again_at is None


GIVEN_UP = {
    "tried_for_two_days": (tried(9, since=LONGEST), "tried_long_enough"),
    "deadline_within_the_margin": (tried(4, due=2 * HOUR + 30 * MINUTE), "deadline_near"),
    "deadline_passed": (tried(4, due=-HOUR), "deadline_near"),
}


@pytest.mark.parametrize(("given", "reason"), GIVEN_UP.values(), ids=GIVEN_UP.keys())
def test_a_person_takes_over_in_time(given: Tried, reason: str) -> None:
    """A long wait near a deadline, or too many of them, gives the update to a person."""
    assert after_not_sent(given) == after_not_sent(given).__class__(None, reason)


def test_a_short_wait_is_worth_taking_even_when_late() -> None:
    """What is late already goes as soon as it can: a minute's wait needs no person."""
    assert after_not_sent(tried(1, due=-HOUR)).again_at == NOW + MINUTE


UNDELIVERED = {
    "R32-30003-first": (tried(1), "twilio:30003", HOUR),
    "R32-30003-second": (tried(2), "twilio:30003", 3 * HOUR),
    "R32-30003-third": (tried(3), "twilio:30003", None),
    "R32-30006": (tried(1), "twilio:30006", None),
    "R32-30007": (tried(1), "twilio:30007", None),
    "R32-39999": (tried(1), "twilio:39999", None),
    "R35-30036": (tried(1), "twilio:30036", 15 * MINUTE),
    "R35-30036-again": (tried(2), "twilio:30036", None),
    "30008": (tried(1), "twilio:30008", HOUR),
    "30410": (tried(1), "twilio:30410", 15 * MINUTE),
    "mailbox-full": (tried(1, "email"), "smtp:552/5.2.2", 4 * HOUR),
    "no-such-user": (tried(1, "email"), "smtp:550/5.1.1", None),
    "no-code": (tried(1), None, None),
}


@pytest.mark.parametrize(("given", "code", "wait"), UNDELIVERED.values(), ids=UNDELIVERED.keys())
def test_what_failed_after_it_was_taken(given: Tried, code: str | None, wait: timedelta | None) -> None:
    """Only what may pass by itself is tried again, a fixed number of times."""
    assert after_undelivered(given, code).again_at == (None if wait is None else NOW + wait)


@given(
    st.integers(1, 100),
    st.sampled_from(["sms", "email"]),
    st.timedeltas(timedelta(0), 3 * DAY),
    st.one_of(st.none(), st.timedeltas(-3 * DAY, 10 * DAY)),
    st.floats(0, 0.999),
    st.booleans(),
)
def test_every_try_ends_in_a_time_ahead_or_with_a_person(
    number: int, channel: str, since: timedelta, due: timedelta | None, spread: float, provider_wide: bool
) -> None:
    """No history of tries leads to a time in the past, beyond the longest, or to nothing."""
    given_ = tried(number, channel, since=since, due=due)
    decision = after_not_sent(given_, provider_wide=provider_wide, spread=spread)
    assert decision.reason
    if decision.again_at is not None:
        assert NOW < decision.again_at <= given_.first_at + LONGEST
