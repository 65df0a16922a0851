"""PR11: cases that belong together, by the last word of either, and whoever of them bears on another."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from schemas.envelope import CaseEvent
from services.ledger.linked import Related, bearing, group_of, related_in, standing_links
from services.ledger.people import InCase, Person
from services.ledger.second_word import Contact
from tests.unit.scheduler.plan.cases import FORCE, MONDAY, event


def says(case: str, *others: str, hours: int = 0, linked: bool = True) -> CaseEvent:
    """A case that says it belongs with others, or no longer."""
    kind = "case.linked" if linked else "case.unlinked"
    return event(kind, {"cases": list(others)}, case=case, at=MONDAY + timedelta(hours=hours), id=f"{case}-{hours}")


WORDS: dict[str, tuple[list[CaseEvent], set[str]]] = {
    "one says so": ([says("a", "b")], {"b"}),
    "the other says so": ([says("b", "a")], {"b"}),
    "both": ([says("a", "b"), says("b", "a", hours=1)], {"b"}),
    "unlinked by the same": ([says("a", "b"), says("a", "b", hours=1, linked=False)], set()),
    "unlinked by the other": ([says("a", "b"), says("b", "a", hours=1, linked=False)], set()),
    "unlinked first": ([says("a", "b", hours=1), says("b", "a", linked=False)], {"b"}),
    "itself": ([says("a", "a")], set()),
    "a chain": ([says("a", "b"), says("c", "b")], {"b", "c"}),
    "a chain broken": ([says("a", "b"), says("c", "b"), says("b", "a", hours=1, linked=False)], set()),
    "withdrawn": (
        [says("a", "b"), event("event.withdrawn", {"event": "a-0"}, case="a", at=MONDAY + timedelta(hours=1), id="w")],
        set(),
    ),
}


@pytest.mark.parametrize("case", WORDS)
def test_a_link_holds_both_ways_by_the_last_word_of_either(case: str) -> None:
    """Folded alike whichever case said it and in whatever order it came."""
    events, expected = WORDS[case]
    for order in permutations(events):
        links = standing_links(order)
        assert group_of("a", links) == expected
        assert all((other, one) in links for one, other in links)


def test_whoever_may_be_told_ties_their_cases_together() -> None:
    """A victim's other cases count for what is shared; a suspect's, and the one contact of a shop, do not."""
    people = {
        "v": {"a": InCase(("victim",)), "b": InCase(("witness",))},
        "s": {"a": InCase(("suspect",)), "c": InCase(("suspect",))},
        "shop": {"a": InCase(("business_contact",)), "d": InCase(("business_contact",))},
        "x": {"a": InCase(()), "e": InCase(())},
    }
    assert related_in("a", frozenset(), people) == Related(frozenset(), frozenset({"b", "e"}))


def test_who_bears_on_a_case() -> None:
    """Suspects and associates of linked cases, whoever shares a contact or a household, and nobody else."""

    def who(name: str, detail: int, household: str | None = None) -> Person:
        return Person(FORCE, name, contacts=(Contact("c", "sms", detail),), household=household)

    members = {
        (FORCE, "b"): [
            (who("suspect", 9), InCase(("suspect",))),
            (who("same", 1), InCase(("witness",))),
            (who("home", 8, "h1"), InCase(("witness",))),
            (who("other", 7), InCase(("witness",))),
            (who("v", 1), InCase(("suspect",))),
        ],
        (FORCE, "c"): [(who("elsewhere", 6), InCase(("suspect",))), (who("sharer", 1), InCase(("suspect",)))],
    }
    here = {"v": who("v", 1, "h1")}
    found = bearing((FORCE, "a"), Related(frozenset({"b"}), frozenset({"c"})), here, members)
    assert set(found.people) == {"suspect", "same", "home", "sharer"}
    assert found.roles["v"] == ("suspect",)
    assert "sharer" not in found.roles
