"""What a text that somebody sent to us asks for. Pure.

A word that says stop stops texts to that number at once, whoever typed it; everything else is for a person to read. Stopping
closes nothing that is owed: a person takes it over.
"""

from __future__ import annotations

import unicodedata
from typing import Final, Literal

Asks = Literal["stop", "start", "other"]

_STOP: Final = frozenset(
    {
        *("stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out"),
        *("stop please", "please stop", "stop texting", "stop texting me", "stop messaging me", "no more texts"),
        *("stopio", "stopiwch", "peidiwch", "peidio", "atal", "dim mwy", "stopiwch os gwelwch yn dda"),  # Welsh
    }
)
_START: Final = frozenset({"start", "unstop", "dechrau", "cychwyn"})


def asks(body: str, opt_out: str | None) -> Asks:
    """What a reply asks for, by its words alone or by what the provider's own opt-out made of it (`OptOutType`)."""
    words = _words(body)
    if opt_out == "STOP" or words in _STOP:
        return "stop"
    if opt_out == "START" or words in _START:
        return "start"
    return "other"


def _words(body: str) -> str:
    """The letters and digits of a text in one case and one form, with single spaces: marks, emoji and accents fall away."""
    plain = unicodedata.normalize("NFKD", body[:400].casefold())
    kept = (
        mark if mark.isalnum() else " "
        for mark in plain
        # Accents, joiners, variation selectors and the like stand inside a word or beside nothing.
        if unicodedata.category(mark) not in {"Mn", "Me", "Cf"}
    )
    return " ".join("".join(kept).split())
