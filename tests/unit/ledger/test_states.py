"""The two lives as tables of moves: closed, connected, and without a way back from what is over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger import states
from services.ledger.states import (
    ATTEMPT_MOVES,
    ATTEMPT_STATES,
    FINAL_UPDATE_STATES,
    LIVE_ATTEMPT_STATES,
    UPDATE_MOVES,
    UPDATE_STATES,
    MoveNotAllowed,
)

update_states = st.sampled_from(UPDATE_STATES)
attempt_states = st.sampled_from(ATTEMPT_STATES)

RANK = {"intent": 0, "unknown": 0, "accepted": 1, "sent": 2, "undelivered": 3, "delivered": 4}
"""How much is known of an attempt once the provider has it; what says less never takes back what said more."""


@given(update_states, update_states)
def test_an_update_moves_as_the_table_says_and_no_other_way(start: str, end: str) -> None:
    """Every pair of states is either in the table, with a sentence, or refused."""
    if (start, end) in UPDATE_MOVES:
        assert states.check_update_move(start, end)  # type: ignore[arg-type]  # drawn from the list of states
    else:
        with pytest.raises(MoveNotAllowed):
            states.check_update_move(start, end)  # type: ignore[arg-type]  # drawn from the list of states


@given(attempt_states, attempt_states)
def test_an_attempt_moves_as_the_table_says_and_no_other_way(start: str, end: str) -> None:
    """Every pair of states is either in the table, with a sentence, or refused."""
    if (start, end) in ATTEMPT_MOVES:
        assert states.check_attempt_move(start, end)  # type: ignore[arg-type]  # drawn from the list of states
    else:
        with pytest.raises(MoveNotAllowed):
            states.check_attempt_move(start, end)  # type: ignore[arg-type]  # drawn from the list of states


@given(st.lists(update_states, max_size=30))
def test_what_was_settled_is_never_spoken_of_again(wishes: list[str]) -> None:
    """Whatever is asked of an update in whatever order, declined ends but where the word never was, told but for a bounce."""
    state = "planned"
    for wish in wishes:
        if (state, wish) in UPDATE_MOVES:
            assert state != "declined" or wish == "planned"
            assert state != "told" or wish == "held"
            assert state != "withdrawn" or wish in {"planned", "held"}
            state = wish


@given(st.lists(attempt_states, max_size=30))
def test_receipts_in_any_order_never_move_an_attempt_backwards(receipts: list[str]) -> None:
    """Repeated and reversed receipts only add to what is known; a mail's late bounce is the one exception."""
    state = "intent"
    for receipt in receipts:
        if (state, receipt) not in ATTEMPT_MOVES:
            continue
        if (state, receipt) != ("delivered", "undelivered") and receipt in RANK and state in RANK:
            assert RANK[receipt] >= RANK[state]
        state = receipt


@given(st.lists(attempt_states, max_size=30))
def test_what_is_proven_not_to_have_left_stays_so(outcomes: list[str]) -> None:
    """Refused, not sent and ghost are ends: no later word makes a second life of them."""
    state = "intent"
    for outcome in outcomes:
        if (state, outcome) in ATTEMPT_MOVES:
            assert state not in {"refused", "not_sent", "ghost"}
            state = outcome


def test_every_state_can_be_reached_and_every_open_update_can_end() -> None:
    """From planned every update state is reachable, and from each that is not final there is a way to told."""

    def reach(start: str) -> set[str]:
        seen, todo = {start}, [start]
        while todo:
            here = todo.pop()
            for one, other in UPDATE_MOVES:
                if one == here and other not in seen:
                    seen.add(other)
                    todo.append(other)
        return seen

    assert reach("planned") == set(UPDATE_STATES)
    for state in set(UPDATE_STATES) - set(FINAL_UPDATE_STATES):
        assert "told" in reach(state)


def test_an_attempt_that_may_have_left_is_live() -> None:
    """What the index counts as live is exactly what may be with the person or on its way."""
    assert set(ATTEMPT_STATES) - set(LIVE_ATTEMPT_STATES) == {"undelivered", "refused", "not_sent", "absent", "ghost"}


@given(update_states)
def test_sources_are_the_table_read_backwards(end: str) -> None:
    """`sources_of` names every state with a move to its argument, and no other."""
    assert set(states.sources_of(end)) == {one for one, other in UPDATE_MOVES if other == end}  # type: ignore[arg-type]  # drawn


@given(attempt_states)
def test_attempt_sources_are_the_table_read_backwards(end: str) -> None:
    """`attempt_sources_of` names every state with a move to its argument, and no other."""
    assert set(states.attempt_sources_of(end)) == {one for one, other in ATTEMPT_MOVES if other == end}  # type: ignore[arg-type]  # drawn
