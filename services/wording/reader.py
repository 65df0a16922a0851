"""How a block speaks to its reader: a parent comes for a child, a witness made no report, and not everybody can ring (PR18)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from services.wording.types import Facts, Value

READER_WORDS: Final = frozenset(
    {"comer", "comer_is", "comer_does", "only_if_asked", "report", "in_case", "ring_us", "will_ring"}
)
"""What every block may name besides its own fields: it depends on the reader, not on the news."""
_REPORTED_IT: Final = frozenset({"victim", "business_contact"})


def reader_words(facts: Facts, language: str = "en", *, no_voice: bool = False) -> Mapping[str, Value]:
    """The words for whoever is told, by the facts' `told_as` (absent for a victim)."""
    role = facts.get("told_as")
    return (_welsh if language == "cy" else _english)(role if isinstance(role, str) else "victim", no_voice)


@cache
def _english(role: str, no_voice: bool) -> Mapping[str, Value]:
    own, child = role in _REPORTED_IT, role == "parent_guardian"
    return {
        "comer": "Your child" if child else "You",
        "comer_is": "Your child is" if child else "You are",
        "comer_does": "Your child does" if child else "You do",
        "only_if_asked": (
            "Your child only needs to come if we have asked for that."
            if child
            else "You only need to come if we have asked you to."
        ),
        "report": "your report" if own else "the report",
        "in_case": "your case" if own else "the case",
        "ring_us": "use Relay UK to reach us" if no_voice else "ring us",
        "will_ring": "be in touch" if no_voice else "ring you",
    }


@cache
def _welsh(role: str, no_voice: bool) -> Mapping[str, Value]:
    """In Welsh it is asked *of somebody* to come, which is why all that is said of who comes is "to you", "to your child"."""
    own, child = role in _REPORTED_IT, role == "parent_guardian"
    comer = "i'ch plentyn" if child else "i chi"
    return {
        "comer": comer,
        "comer_is": comer,
        "comer_does": comer,
        "only_if_asked": f"Dim ond os ydym wedi gofyn y mae angen {comer} ddod.",
        "report": "eich adroddiad" if own else "yr adroddiad",
        "in_case": "eich achos" if own else "yr achos",
        "ring_us": "defnyddiwch Relay UK i gysylltu â ni" if no_voice else "ffoniwch ni",
        "will_ring": "mewn cysylltiad" if no_voice else "yn eich ffonio",
    }
