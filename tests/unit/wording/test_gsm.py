"""How many parts a text has: the alphabet, the limits, and what may not be split."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.wording import parts
from services.wording.gsm import BASIC, EXTENDED, is_gsm, to_plain_punctuation


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 158 + "€", 1),
        ("a" * 159 + "€", 2),
        ("ŵ" + "a" * 69, 1),
        ("ŵ" + "a" * 70, 2),
        ("ŵ" + "a" * 133, 2),
        ("ŵ" + "a" * 134, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_limits(text: str, count: int) -> None:
    """160 or 70 units go in one part, then 153 or 67 a part, and a two-unit character counts as two."""
    assert parts(text) == count


def test_an_escape_pair_is_never_split() -> None:
    """A euro sign that would straddle the boundary goes whole into the next part, so that dividing would count too few."""
    assert parts("a" * 152 + "€" + "a" * 152) == 3


def test_a_surrogate_pair_is_never_split() -> None:
    """An emoji that would straddle the boundary goes whole into the next part."""
    assert parts("ŵ" + "a" * 65 + "😀" + "a" * 66) == 3


@pytest.mark.parametrize(
    ("character", "gsm"),
    [("à", True), ("é", True), ("ŵ", False), ("ŷ", False), ("`", False), ("\t", False), ("[", True), ("Ç", True)],
)
def test_alphabet(character: str, gsm: bool) -> None:
    """Some accents are in the alphabet and some are not; a tab and a backtick are not."""
    assert is_gsm(character) is gsm


def test_the_alphabet_is_whole() -> None:
    """The basic table has 127 characters besides the escape, the extension ten."""
    assert (len(BASIC), len(EXTENDED)) == (127, 10)


def _slowly(text: str) -> int:
    """The same by filling parts one unit at a time, written apart from the code."""
    if not text:
        return 0
    if all(character in BASIC or character in EXTENDED for character in text):
        sizes, alone, several = [2 if character in EXTENDED else 1 for character in text], 160, 153
    else:
        sizes, alone, several = [len(character.encode("utf-16-be")) // 2 for character in text], 70, 67
    if sum(sizes) <= alone:
        return 1
    filled = [0]
    for size in sizes:
        if filled[-1] + size > several:
            filled.append(0)
        filled[-1] += size
    return len(filled)


@given(
    st.integers(0, 330),
    st.lists(st.tuples(st.integers(0, 329), st.sampled_from("€[{~ŵà😀é'")), max_size=8),
    st.sampled_from("a é"),
)
def test_parts_agree_with_filling_by_hand(length: int, changes: list[tuple[int, str]], filler: str) -> None:
    """Whatever stands where, the count is that of filling part after part."""
    text = list(filler * length)
    for at, character in changes:
        if at < length:
            text[at] = character
    assert parts("".join(text)) == _slowly("".join(text))


def test_typeset_punctuation_is_made_plain() -> None:
    """Curly quotes, dashes and an ellipsis would make a text UCS-2; letters are left alone."""
    assert to_plain_punctuation("\u201cCan\u2019t come\u201d \u2013 ring\u2026 ŵ `") == "\"Can't come\" - ring... ŵ '"
