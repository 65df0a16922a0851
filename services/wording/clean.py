"""Values on their way into a text. One pass, literal: nothing in a value is ever expanded, and what cannot be read is refused."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from services.wording.types import CannotSay

_READABLE: Final = re.compile(
    "[\\u0020-\\u007e\\u00a1-\\u024f\\u1e00-\\u1eff\\u02bc\\u2010-\\u2027\\u2032\\u2033\\u20ac\\u2212]*"
)
"""Latin letters, digits and ordinary punctuation: letters of other scripts can pass for Latin ones."""

_NUMBER: Final = re.compile(r"[0-9](?:[ ()-]?[0-9]){6}")
"""A telephone or card number: the number to ring comes from the force's own rules, never from an event."""

_MARKUP: Final = re.compile(r"[<>{}|\\^~]|\(\(|\)\)|\[\[|\]\]")
_DROPPED: Final = frozenset({"Cf", "Co", "Cs", "Cn"})  # bidi and zero-width marks, private, halves of pairs, unassigned
_SPACES: Final = frozenset({"Cc", "Zl", "Zp", "Zs"})  # control characters, line ends and every kind of space


def stripped(value: str) -> str:
    """`value` in one line: control, bidi and zero-width characters gone, runs of spaces made one, letters composed."""
    if not (value.isascii() and value.isprintable()):
        kept = []
        for character in unicodedata.normalize("NFC", value):
            category = unicodedata.category(character)
            if category in _SPACES:
                kept.append(" ")
            elif category not in _DROPPED:
                kept.append(character)
        value = "".join(kept)
    return " ".join(value.split())


def words(value: object, limit: int) -> str | None:
    """A text value ready to be put into a message; None where there is none. Raises CannotSay for what must not go in."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise CannotSay("bad_value", "a value that should be words is something else")
    text = stripped(value)
    if not text:
        return None
    if len(text) > limit:
        raise CannotSay("too_long", "a value is too long for a message")
    if not _READABLE.fullmatch(text):
        raise CannotSay("unreadable", "a value holds characters that a message in English cannot show")
    if _NUMBER.search(text):
        raise CannotSay("number", "a value holds a telephone number or the like")
    if _MARKUP.search(text):
        raise CannotSay("markup", "a value holds markup or placeholders")
    return text
