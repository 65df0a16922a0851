"""How people are named in a message: never a rank or a number where it would show who writes, never a name that is no name."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from services.wording.clean import words
from services.wording.never import forbidden
from services.wording.types import CannotSay

_NAME: Final = re.compile(r"[^\W\d_](?:[\w .'&-]*\w)?")
_LONGEST: Final = 30
_RANKS: Final = frozenset(
    [
        "pc",
        "dc",
        "ds",
        "di",
        "dci",
        "pcso",
        "wpc",
        "sgt",
        "sergeant",
        "constable",
        "detective",
        "inspector",
        "officer",
        "police",
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
    ]
)


@lru_cache(maxsize=4096)
def full_name(name: str | None) -> str | None:
    """A name as it stands, for plain words and for an agreed cover name; None for what is no name or may never be said."""
    return _fit(_words(name), "plain")


@lru_cache(maxsize=4096)
def given_name(name: str | None) -> str | None:
    """The first name alone, for neutral words; None where there is none, as of a rank and a surname."""
    called = _words(name)
    if called is None:
        return None
    spoken = called.replace(".", " ").split()
    given = [word for word in spoken if word.replace("-", "").replace("'", "").isalpha() and word.lower() not in _RANKS]
    # A rank and one word more is a surname, which is not how anybody is asked for.
    return _fit(given[0], "neutral") if given and (len(given) > 1 or len(given) == len(spoken)) else None


@lru_cache(maxsize=4096)
def cover_name(name: str | None) -> str | None:
    """A cover name, whole, if it gives nothing away."""
    return _fit(_words(name), "neutral")


def _words(name: str | None) -> str | None:
    """A name is never worth losing a message for: one that cannot be used is left out."""
    try:
        return words(name, _LONGEST)
    except CannotSay:
        return None


def _fit(called: str | None, style: str) -> str | None:
    if called is None or not _NAME.fullmatch(called) or forbidden(f"ring {called} on", channel="sms", style=style):
        return None
    return called
