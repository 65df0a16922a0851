"""How many parts a text has on the air: GSM-7 if every character is in its alphabet, else UCS-2 (3GPP TS 23.038, 23.040)."""

from __future__ import annotations

from typing import Final

BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED: Final = frozenset("^{}\\[~]|€\f")
"""Two septets each: an escape and a letter, which a part boundary may not separate."""

_ALPHABET: Final = BASIC | EXTENDED
_PLAIN: Final = str.maketrans(
    {
        "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u2032": "'", "\u02bc": "'", "\u00b4": "'", "`": "'",
        "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u2033": '"', "\u00ab": '"', "\u00bb": '"',
        "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2015": "-", "\u2212": "-",
        "\u2026": "...", "\u2022": "-", "\u00b7": "-",
    }
)  # fmt: skip


def to_plain_punctuation(text: str) -> str:
    """Straight quotes, hyphens and full stops for typeset ones, which would make the whole text UCS-2. Letters stay."""
    return text if text.isascii() and "`" not in text else text.translate(_PLAIN)


def is_gsm(text: str) -> bool:
    """Whether every character is in the GSM-7 alphabet or its extension."""
    return _ALPHABET.issuperset(text)


def parts(text: str) -> int:
    """How many parts `text` is sent in; 0 for an empty one.

    160 septets alone or 153 a part; 70 or 67 UTF-16 units in UCS-2. A two-septet character or a surrogate pair that
    does not fit goes whole into the next part, which is why dividing the length is not enough.
    """
    used = set(text)
    if used <= _ALPHABET:
        alone, several = 160, 153
        units = len(text) + sum(map(text.count, used & EXTENDED))
    else:
        alone, several = 70, 67
        units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if units <= alone:
        return 1 if units else 0
    if units == len(text):
        return -(-units // several)
    wide = EXTENDED.__contains__ if alone == 160 else _beyond_the_basic_plane
    count, free = 1, several
    for character in text:
        size = 2 if wide(character) else 1
        if size > free:
            count, free = count + 1, several
        free -= size
    return count


def _beyond_the_basic_plane(character: str) -> bool:
    return ord(character) > 0xFFFF
