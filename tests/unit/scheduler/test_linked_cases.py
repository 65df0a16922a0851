"""`kept explain` over a file of several cases: linked ones know of one another, as they do in the ledger (S03, PR11)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.scheduler.explaining import assessed, codes, crime, lines, only, record, victim

AT = "2026-03-09 10:15"


def suspect(value: str, *, case: str = "case-2", who: str = "s9") -> dict[str, Any]:
    """A suspect with a number."""
    data = {"person": who, "roles": ["suspect"], "contacts": [{"id": "x", "channel": "sms", "value": value}]}
    return record(f"person-{who}-{case}", "person.recorded", AT, data, case=case)


LINK = record("link", "case.linked", AT, {"cases": ["case-1"]}, case="case-2")
ARREST = record("arrest", "suspect.arrested", AT, {"suspect": "s1"})
CASE = [crime(), victim(), assessed(enhanced=False), ARREST]


@pytest.mark.parametrize(
    ("more", "shared"),
    [
        ([suspect("0044 (0)7700 900.001"), LINK], True),
        ([suspect("0044 (0)7700 900.001")], False),
        ([suspect("07700 900002"), LINK], False),
        ([suspect("07700 900001", case="case-1")], True),
    ],
    ids=["linked", "not linked", "another number", "the same case"],
)
def test_s03_linked_cases_in_one_file(more: list[dict[str, Any]], shared: bool) -> None:
    """S03: the number of a suspect of a linked case, in another spelling, is used by no machine; in any order of the lines."""
    for order in ([*CASE, *more], [*more, *CASE]):
        assert ("shared_contact" in codes(only(lines(order), "r6-arrest"))) is shared
