"""What is remembered by the facts that were looked at is what would be found out anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.scheduler.plan.remembered import Remembered

VALUES = st.none() | st.booleans() | st.integers(0, 2) | st.lists(st.integers(0, 1), max_size=2)


def look(facts: Mapping[str, Any], how: str) -> object:
    """Looks at other facts, by what the first ones are."""
    if facts.get("a"):
        return how, facts.get("b"), "c" in facts
    if how == "whole":
        return sorted(facts)
    return how, "d" in facts and facts["d"]


@given(
    st.lists(
        st.tuples(st.dictionaries(st.sampled_from("abcde"), VALUES, max_size=5), st.sampled_from(["one", "whole"])),
        max_size=20,
    )
)
def test_the_answer_is_the_same_as_if_it_were_found_anew(asked: list[tuple[dict[str, Any], str]]) -> None:
    """Whatever was asked before, also when it forgets in between."""
    remembered = Remembered(look, most=5)
    for facts, how in asked:
        assert remembered(facts, how) == look(facts, how)


def test_facts_that_nobody_looks_at_cost_nothing() -> None:
    """A reference of one's own is no new question."""
    found: list[str] = []

    def once(facts: Mapping[str, Any], point: str) -> str:
        found.append(point)
        return f"{point} {facts.get('told_as')}"

    remembered = Remembered(once)
    for number in range(10):
        assert remembered({"told_as": "victim", "reference": number}, "r3-ack") == "r3-ack victim"
    assert found == ["r3-ack"]
