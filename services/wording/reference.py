"""The public reference that stands in every message: short enough to read out, and nothing can be guessed from it."""

from __future__ import annotations

import re
import secrets
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so nothing is misheard or misread."""

_SHAPE: Final = re.compile(f"[{ALPHABET}]{{8}}")
_UNFIT: Final = re.compile("RAPE|DEAD|HATE|BEAT|HARM|STAB|SEX|GBH|ABH|NFA|DAMN|FAT|RAT|WWW")
"""Hard words, and what reads as a link."""


def new_reference() -> str:
    """Eight characters from `secrets`: 40 random bits, drawn again in the one case in a thousand that is unfit to be read."""
    while True:
        number = int.from_bytes(secrets.token_bytes(5), "big")
        reference = "".join([ALPHABET[number >> shift & 31] for shift in range(35, -5, -5)])
        if not _UNFIT.search(reference):
            return reference


def is_reference(text: str) -> bool:
    """Whether `text` has the shape of a reference."""
    return _SHAPE.fullmatch(text) is not None
