"""Which receipt decides: never backwards, whatever the order, however often."""

from __future__ import annotations

from itertools import permutations
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.receipts.rank import decide, leading, meaning
from services.ledger.receipts import Stored
from services.ledger.states import ATTEMPT_MOVES, AttemptState

SAID: tuple[AttemptState, ...] = ("accepted", "sent", "delivered", "undelivered")
CHANNELS = ("sms", "email")


def receipt(status: str | None, kind: str = "status") -> Stored:
    return Stored(1, "twilio", kind, None, None, status, None, b"")  # type: ignore[arg-type]  # a word of the list


def test_every_word_of_the_providers_has_a_meaning() -> None:
    """Twilio's statuses and RFC 3464's actions; a word nobody knows says nothing."""
    assert {meaning(receipt(word)) for word in ("accepted", "scheduled", "queued", "sending")} == {"accepted"}
    assert meaning(receipt("read")) == "delivered"
    assert meaning(receipt("failed")) == "undelivered"
    assert meaning(receipt("vanished")) is None
    assert meaning(receipt(None)) is None
    assert meaning(receipt("failed", "bounce")) == "undelivered"
    assert meaning(receipt("delayed", "bounce")) is None
    assert meaning(receipt("not_a_report", "bounce")) is None
    assert meaning(receipt("relayed", "bounce")) == "sent"


@given(st.sampled_from(CHANNELS), st.sampled_from(get_args(AttemptState)), st.sampled_from((*SAID, None)))
def test_every_state_and_word_is_decided_and_every_move_is_in_the_table(
    channel: str, state: AttemptState, said: AttemptState | None
) -> None:
    """Total, and never a move that the attempt's own table does not hold."""
    decided = decide(channel, state, said)
    assert decided.outcome in {"applied", "duplicate", "ignored", "contradicts"}
    assert (decided.to is not None) == (decided.outcome == "applied")
    if decided.to is not None:
        assert (state, decided.to) in ATTEMPT_MOVES


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("words", [("accepted", "sent", "delivered"), ("accepted", "sent", "undelivered"), SAID])
@pytest.mark.parametrize("start", ["intent", "accepted", "unknown"])
def test_r30_any_order_any_number_of_times_ends_alike(
    channel: str, words: tuple[AttemptState, ...], start: AttemptState
) -> None:
    """Every order of the receipts, each twice, ends in the state of the highest: delivered for texts, the bounce for mail."""
    ends = set()
    for order in permutations(words):
        state = start
        for said in (*order, *order):
            state = decide(channel, state, said).to or state
        ends.add(state)
    highest = (
        "delivered" if "delivered" in words and (channel == "sms" or "undelivered" not in words) else "undelivered"
    )
    assert ends == {highest}


def test_an_attempt_that_was_given_up_becomes_a_ghost() -> None:
    """Evidence for an absent attempt is never applied as if nothing had happened."""
    assert decide("sms", "absent", "delivered").to == "ghost"
    assert decide("sms", "ghost", "delivered").to is None


@pytest.mark.parametrize("state", ["refused", "not_sent"])
def test_a_receipt_for_what_never_left_contradicts(state: AttemptState) -> None:
    """It moves nothing and is told to somebody."""
    assert decide("sms", state, "delivered").outcome == "contradicts"


def test_the_highest_of_several_leads() -> None:
    """Of one attempt's receipts in one batch the highest decides, the first of equals."""
    assert leading("sms", [(1, "sent"), (2, "delivered"), (3, "delivered"), (4, "undelivered")]) == 2
    assert leading("email", [(1, "sent"), (2, "delivered"), (4, "undelivered")]) == 4
