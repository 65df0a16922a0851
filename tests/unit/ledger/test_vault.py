"""Numbers and addresses in the one form in which they are compared."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.vault import _any_phone, _phone, normalise


@pytest.mark.parametrize(
    ("channel", "value", "normal", "unusable"),
    [
        ("sms", "07700 900123", "+447700900123", None),
        ("sms", "+44 7700 900123", "+447700900123", None),
        ("sms", "+44 (0)7700 900123", "+447700900123", None),
        ("phone", "01632 960123", "+441632960123", "not_in_use"),
        ("sms", "020 7946 0958", "+442079460958", "not_a_mobile"),
        ("phone", "020 7946 0958", "+442079460958", None),
        ("sms", "call my sister", "call my sister", "not_a_number"),
        ("sms", "12", "+4412", "not_in_use"),
        ("sms", " ", "", "empty"),
        ("email", "Ann@Example.ORG", "ann@example.org", None),
        ("email", "ann at example", "ann at example", "not_an_address"),
        ("letter", " 1  High Street\nTown ", "1 high street town", None),
    ],
)
def test_a_value_has_one_form_however_it_is_spelled(
    channel: str, value: str, normal: str, unusable: str | None
) -> None:
    """The form that is compared, and why a value cannot be used on its channel."""
    found = normalise(channel, value)
    assert (found.normal, found.unusable) == (normal, unusable)


@given(st.from_regex(r"(\+44|0)7[0-9]{9}", fullmatch=True), st.booleans())
def test_the_short_way_says_what_the_metadata_says(text: str, wants_mobile: bool) -> None:
    """A mobile that is written plainly comes to the same without being parsed."""
    assert _phone(text, wants_mobile=wants_mobile) == _any_phone(text, wants_mobile=wants_mobile)


def test_every_range_of_mobiles_goes_the_same_way() -> None:
    """Over every range that starts with 7, Guernsey's, Jersey's and Man's, pagers and personal numbers among them."""
    for prefix, rest in product(range(7000, 8000), ("000000", "400123", "900123")):
        text = f"+44{prefix}{rest}"
        assert _phone(text, wants_mobile=True) == _any_phone(text, wants_mobile=True)
