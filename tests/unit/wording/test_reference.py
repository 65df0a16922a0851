"""The public reference: 40 bits, readable, never unkind (T17)."""

from __future__ import annotations

import secrets

import pytest

from services.wording import new_reference
from services.wording.reference import ALPHABET, is_reference


def test_references_are_readable_and_all_different() -> None:
    """Eight characters of an alphabet without I, L, O and U; a thousand of them never meet."""
    made = {new_reference() for _ in range(1000)}
    assert len(made) == 1000
    assert all(is_reference(reference) for reference in made)
    assert not set("ILOU") & set(ALPHABET)
    assert len(set(ALPHABET)) == 32


def test_every_character_can_stand_everywhere() -> None:
    """Nothing in it is fixed, counted or checked: each place takes each of the 32 characters."""
    made = [new_reference() for _ in range(4000)]
    assert all({reference[place] for reference in made} == set(ALPHABET) for place in range(8))


def test_a_hard_word_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reference that would spell a hard word is thrown away."""

    def bits(reference: str) -> bytes:
        number = 0
        for character in reference:
            number = number << 5 | ALPHABET.index(character)
        return number.to_bytes(5, "big")

    drawn = iter([bits("7RAPE123"), bits("DEAD1234"), bits("KF7Q2R8M")])
    monkeypatch.setattr(secrets, "token_bytes", lambda _: next(drawn))
    assert new_reference() == "KF7Q2R8M"


@pytest.mark.parametrize("text", ["", "KF7Q2R8", "KF7Q2R8MM", "kf7q2r8m", "KF7Q2R8I", "KF7Q2R8M\n", "KF7Q 2R8"])
def test_what_is_no_reference(text: str) -> None:
    """Only the exact shape passes, so that nothing else can get into a subject."""
    assert not is_reference(text)
