"""Numbers and addresses in the one form in which they are compared."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.spelling import _any_phone, _phone, normalise


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
        ("sms", "07700 900123 (mum)", "+447700900123", "not_a_number"),
        ("sms", "07700 900123 / 07700 900124", "+447700900123", "not_a_number"),
        ("email", "ann@", "ann@", "not_an_address"),
        ("email", "ann\u00e9@example.org", "ann\u00e9@example.org", "not_plain_letters"),
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


SPELLINGS: dict[str, list[tuple[str, str]]] = {
    "a mobile": [
        ("sms", value)
        for value in (
            "07700 900123",
            "07700900123",
            "+447700900123",
            "+44 7700 900123",
            "+44 (0)7700 900123",
            "+44(0)7700900123",
            "+44 07700 900123",
            "0044 7700 900123",
            "0044 (0) 7700.900.123",
            "447700900123",
            "44 7700 900123",
            "(07700) 900123",
            "07700-900-123",
            "07700.900.123",
            "07700/900123",
            " 07700\u00a0900 123 ",
            "07700\u200b900123",
            "tel:+44-7700-900123",
            "\uff10\uff17\uff17\uff10\uff10\uff19\uff10\uff10\uff11\uff12\uff13",
            "\u0660\u0667\u0667\u0660\u0660\u0669\u0660\u0660\u0661\u0662\u0663",
            "07700 900123 (mum's)",
            "ring her sister on 07700 900123",
        )
    ]
    + [("phone", "07700 900123")],
    "a mailbox": [
        ("email", value)
        for value in (
            "ann@example.org",
            "ANN@EXAMPLE.ORG",
            "Ann@Example.org",
            " ann@example.org. ",
            "mailto:ann@example.org",
            "Ann Other <ann@example.org>",
            "ann\uff20example.org",
            "ann+police@example.org",
            "Ann+x+y@example.org",
        )
    ],
    "a mailbox at Google": [
        ("email", value)
        for value in (
            "annother@gmail.com",
            "ann.other@gmail.com",
            "A.n.n.Other@Gmail.com",
            "annother@googlemail.com",
            "ann.other+kept@googlemail.com",
        )
    ],
    "a name in other letters": [("email", "ann@b\u00fccher.example"), ("email", "Ann@xn--bcher-kva.example")],
    "a place": [
        ("letter", value)
        for value in (
            "1 High Street, Stafford, ST1 1AA",
            "1 High Street\nStafford\nST1 1AA",
            " 1, high street,  STAFFORD ST11AA. ",
        )
    ],
}


def compared(channel: str, value: str) -> tuple[str, str]:
    """What two contact points are compared by."""
    found = normalise(channel, value)
    return (found.alike_medium, found.alike) if found.alike else (found.medium, found.normal)


@pytest.mark.parametrize("what", SPELLINGS)
def test_s03_every_spelling_is_the_same_contact(what: str) -> None:
    """S03: +44, 0044, 07, spaces, brackets and dots; capitals, tags and two names of one provider; commas and lines."""
    found = {value: compared(channel, value) for channel, value in SPELLINGS[what]}
    assert len(set(found.values())) == 1, found


def test_s03_other_contacts_are_other_contacts() -> None:
    """No two of the sorts are one, nor what only looks alike: dots matter to everybody but Google, and flats differ."""
    values = [
        *(kinds[0] for kinds in SPELLINGS.values()),
        ("sms", "07700 900124"),
        ("email", "ann@example.com"),
        ("email", "an.n@example.org"),
        ("email", "ann.other@example.org"),
        ("letter", "2 High Street, Stafford, ST1 1AA"),
    ]
    assert len({compared(channel, value) for channel, value in values}) == len(values)


def test_a_tagged_mailbox_is_written_to_as_it_was_given() -> None:
    """What is compared as one is not sent as one: only the holder of a mailbox knows whether its tags are theirs."""
    found = normalise("email", "Ann+Kept@Example.org")
    assert (found.address, found.alike, found.alike_address) == (
        "Ann+Kept@example.org",
        "ann@example.org",
        "Ann@example.org",
    )


def test_a_long_value_is_cut_after_it_is_compared() -> None:
    """Letters that grow when their case is folded do not overflow, and what differs only at its end differs."""
    one, other = normalise("letter", "\u00df" * 499 + "a"), normalise("letter", "\u00df" * 499 + "b")
    assert len(one.normal) <= 500
    assert len(one.alike) <= 500
    assert one.normal != other.normal
    assert normalise("email", "x" * 2000).unusable == "not_an_address"


_GAP = st.sampled_from(["", " ", "-", ".", "\u00a0", "  "])


@given(
    st.integers(7700900000, 7700900999).map(str),
    st.sampled_from(["0", "+44", "0044", "+44 (0)", "0044(0)", "44", "+44 0"]),
    st.lists(_GAP, min_size=9, max_size=9),
    st.sampled_from(["", " "]),
)
def test_s03_however_a_number_is_parted(number: str, prefix: str, gaps: list[str], end: str) -> None:
    """S03 as a property: any prefix, and any gaps between any digits, are the same number."""
    spelled = prefix + number[0] + "".join(gap + digit for gap, digit in zip(gaps, number[1:], strict=True)) + end
    assert normalise("sms", spelled).normal == f"+44{number}", spelled


@given(
    st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True),
    st.from_regex(r"[a-z0-9]{0,6}", fullmatch=True),
    st.data(),
)
def test_s03_however_a_mailbox_is_written(local: str, tag: str, data: st.DataObject) -> None:
    """S03 as a property: capitals and a tag change nothing that is compared; dots change nothing at Google."""
    letters = [data.draw(st.sampled_from([letter, letter.upper()])) for letter in local]
    spelled = "".join(letters) + (f"+{tag}" if tag else "")
    assert compared("email", f"{spelled}@Example.org") == compared("email", f"{local}@example.org")
    dotted = ".".join(letters) + (f"+{tag}" if tag else "")
    assert compared("email", f"{dotted}@googlemail.com") == compared("email", f"{local}@gmail.com")
