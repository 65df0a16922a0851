"""S03, PR11, PR14: a contact that two people have is safe for neither, but for a guardian and their own child under 18."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.ledger.people import Person
from services.ledger.second_word import Contact
from services.ledger.sharing import Sharing, sharing

TODAY = date(2026, 3, 9)
CHILD, ADULT = date(2012, 1, 1), date(1980, 1, 1)


def person(name: str, *details: int, safe: bool | None = True, alike: int | None = None, **more: Any) -> Person:
    """Somebody with these numbers."""
    contacts = tuple(Contact(f"c{one}", "sms", one, safe, alike=alike) for one in details)
    return Person("staffs", name, contacts=contacts, **more)


def among(*people: Person, wards: dict[str, tuple[str, ...]] | None = None, suspects: tuple[str, ...] = ()) -> Sharing:
    """Who has what."""
    return sharing({one.id: one for one in people}, wards or {}, suspects, TODAY)


OTHERS: dict[str, tuple[Person, Person, dict[str, tuple[str, ...]], tuple[str, ...], bool]] = {
    "two numbers": (person("v", 1), person("s", 2), {}, ("s",), False),
    "a suspect's": (person("v", 1), person("s", 1), {}, ("s",), True),
    "anybody's": (person("v", 1), person("x", 1), {}, (), True),
    "a suspect's other contact": (person("v", 1), person("s", 2, 1), {}, ("s",), True),
    "a suspect's tagged mailbox": (person("v", 1), person("s", 2, alike=1), {}, ("s",), True),
    "both tagged": (person("v", 3, alike=1), person("s", 2, alike=1), {}, ("s",), True),
    "guardian and child": (person("v", 1, born=CHILD), person("g", 1), {"g": ("v",)}, (), False),
    "guardian and somebody else's child": (person("v", 1, born=CHILD), person("g", 1), {"g": ("w",)}, (), True),
    "guardian of an adult": (person("v", 1, born=ADULT), person("g", 1), {"g": ("v",)}, (), True),
    "guardian of one of unknown age": (person("v", 1), person("g", 1), {"g": ("v",)}, (), True),
    "guardian who did not mark it safe": (
        person("v", 1, born=CHILD),
        person("g", 1, safe=None),
        {"g": ("v",)},
        (),
        True,
    ),
    "guardian who is a suspect": (person("v", 1, born=CHILD), person("g", 1), {"g": ("v",)}, ("g",), True),
}


@pytest.mark.parametrize("case", OTHERS)
def test_s03_a_contact_of_two_people_is_shared(case: str) -> None:
    """S03: whoever has it, in whatever spelling; seen from either side."""
    one, other, wards, suspects, expected = OTHERS[case]
    found = among(one, other, wards=wards, suspects=suspects)
    assert found.is_shared(one, one.contacts[0]) is expected
    assert any(found.is_shared(other, contact) for contact in other.contacts) is expected


def test_suspects_are_named_first() -> None:
    """Of several who share, whoever is dangerous comes first."""
    one = person("v", 1)
    found = among(one, person("a", 1), person("z", 1), suspects=("z",))
    assert [other.id for other in found.others(one, one.contacts[0])] == ["z", "a"]


@pytest.mark.parametrize(
    ("born", "expected"), [(ADULT, {1}), (date(2008, 3, 9), {1}), (date(2008, 3, 10), set()), (None, set())]
)
def test_pr14_nobody_inherits_a_contact_at_18(born: date | None, expected: set[int]) -> None:
    """PR14: from the birthday on whatever is a guardian's too is not the young person's own."""
    child = person("k", 1, 2, born=born)
    assert among(child, person("g", 1), wards={"g": ("k",)}).inherited(child) == expected


@pytest.mark.parametrize(
    ("of_person", "of_suspect", "expected"),
    [
        ({"household": "h1"}, {"household": "h1"}, True),
        ({"household": "h1"}, {"household": "h2"}, False),
        ({}, {}, False),
        ({"lives_with_suspect": True}, {}, True),
        ({"lives_with_suspect": False, "household": "h1"}, {"household": "h1"}, True),
    ],
)
def test_who_lives_with_a_suspect(of_person: dict[str, Any], of_suspect: dict[str, Any], expected: bool) -> None:
    """Their own word, or one household."""
    one = person("v", 1, **of_person)
    assert among(one, person("s", 2, **of_suspect), suspects=("s",)).lives_with_suspect(one) is expected
