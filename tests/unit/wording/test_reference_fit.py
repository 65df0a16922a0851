"""A reference never makes the text that carries it unfit: no hard word, and nothing that reads as a link."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from services.wording import Frame, Item, reference, write
from services.wording.never import forbidden


def number_of(text: str) -> bytes:
    """The random bytes that would spell `text`."""
    number = 0
    for letter in text:
        number = number << 5 | reference.ALPHABET.index(letter)
    return number.to_bytes(5, "big")


@pytest.mark.parametrize("drawn", ["WWW1ZF0X", "80WWWTFD", "VMH7QWWW", "0SEX1234", "1RAPE234"])
def test_an_unfit_draw_is_drawn_again(monkeypatch: pytest.MonkeyPatch, drawn: str) -> None:
    """What would be held back as a link or frighten somebody never becomes a reference."""
    draws: Iterator[bytes] = iter([number_of(drawn), number_of("KF7Q2R8M")])
    monkeypatch.setattr(secrets, "token_bytes", lambda _: next(draws))
    assert reference.new_reference() == "KF7Q2R8M"


def test_every_three_letters_that_a_reference_can_hold_may_be_said() -> None:
    """Whatever three letters stand together in a reference that is given out, the check of texts lets it pass."""
    for first in reference.ALPHABET:
        for second in reference.ALPHABET:
            for third in reference.ALPHABET:
                text = f"{first}{second}{third}0{first}{second}{third}1"
                if not reference._UNFIT.search(text):
                    assert forbidden(f"Ref {text}: we have news for you.", channel="sms", style="neutral") == []


@pytest.mark.parametrize("drawn", ["3915PNC2", "520VRR50", "2285PC00", "8SGT5564"])
def test_what_chance_spells_in_a_reference_holds_no_text_back(drawn: str) -> None:
    """A text is judged by what it says, not by the letters between the digits of its reference."""
    frame = Frame(drawn, "Sample Police", "01632 960123", None)
    assert drawn in write("prompt", "sms", "neutral", "en", [Item("r6-arrest", {})], frame).body
