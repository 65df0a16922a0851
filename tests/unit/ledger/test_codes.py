"""What providers' codes mean: a table, and a meaning for every code there is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.codes import meaning

TABLE = {
    "twilio:21211": ("suspect", "find_safe_contact"),
    "twilio:21614": ("suspect", "find_safe_contact"),
    "twilio:21610": ("stopped", "find_safe_contact"),
    "twilio:30005": ("suspect", "find_safe_contact"),
    "twilio:30006": ("suspect", "find_safe_contact"),
    "twilio:30003": (None, "call"),
    "twilio:30007": (None, "call"),
    "twilio:39999": (None, "call"),
    "smtp:550/5.1.1": ("suspect", "find_safe_contact"),
    "smtp:5.1.1": ("suspect", "find_safe_contact"),
    "smtp:452/4.2.2": (None, "call"),
    "smtp:550/5.7.1": (None, "call"),
    "smtp:535": (None, "call"),
    "smtp:550": (None, "call"),
    "kept:lease_over": (None, "call"),
}


@pytest.mark.parametrize(("code", "expected"), TABLE.items(), ids=TABLE.keys())
def test_a_code_says_what_of_the_contact_and_what_to_do(code: str, expected: tuple[str | None, str]) -> None:
    """Wrong and stopped contacts are told from trouble that is nobody's number."""
    found = meaning(code)
    assert (found.contact, found.task) == expected


@pytest.mark.parametrize(
    "code", ["twilio:20003", "twilio:21608", "twilio:30007", "smtp:550/5.7.26", "smtp:535", "smtp:530"]
)
def test_what_is_our_fault_is_an_alert(code: str) -> None:
    """Account, configuration, filtering and policy are told to the engineers."""
    assert meaning(code).alert


@given(st.one_of(st.none(), st.text(max_size=40), st.from_regex(r"(twilio|smtp):[0-9./]{0,12}", fullmatch=True)))
def test_every_code_has_a_meaning(code: str | None) -> None:
    """No code, however odd, leaves a person without a task."""
    assert meaning(code).task in {"call", "find_safe_contact"}
