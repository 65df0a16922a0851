"""What a frame may name, said as people do: who writes, how to reach a person, and the reference."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from services.wording.clean import words
from services.wording.names import cover_name, full_name, given_name
from services.wording.reference import is_reference
from services.wording.tongue import Tongue
from services.wording.types import CannotSay, Frame, Item, Value

_TELEPHONE: Final = re.compile(r"\+?[0-9][0-9 ]{1,18}[0-9]")


def around(frame: Frame, items: Sequence[Item], style: str, tongue: Tongue) -> dict[str, Value]:
    """The values of a frame; raises CannotSay where a message would have no reference or no way to reach a person."""
    if not is_reference(frame.reference):
        raise CannotSay("bad_reference", "the reference is not eight characters of base 32")
    if not _TELEPHONE.fullmatch(frame.telephone):
        raise CannotSay("no_telephone", "the force gives no telephone number that can be rung")
    if frame.cover and style != "neutral":
        raise CannotSay("cover_name", "under a cover name only neutral words go")
    force = words(frame.force_name, 40)
    if force is None and style != "neutral":
        raise CannotSay("no_force_name", "the force has no name to sign with")
    hours = words(frame.hours, 40)
    name = _called(frame, items, style)
    number = f"18001 {frame.telephone} (Relay UK)" if frame.no_voice else frame.telephone
    return {
        "reference": frame.reference,
        "force_name": force,
        "telephone": number,
        "reach": f"{name or tongue.us} {tongue.on_number} {number}",
        "who": tongue.somebody_does.format(name) if name else tongue.we_do,
        "hours": tongue.said_hours(hours) if hours else None,
        "relay": frame.no_voice,
        "talk": False,
    }


def _called(frame: Frame, items: Sequence[Item], style: str) -> str | None:
    if frame.cover:
        return cover_name(frame.contact_name)
    name = frame.contact_name or _officer(items)
    return full_name(name) if style == "plain" else given_name(name)


def _officer(items: Sequence[Item]) -> str | None:
    """The officer in the case, whom one rings about the investigation; about the court another desk answers."""
    if not items[0].update_point.startswith("r6-"):
        return None
    name = items[0].facts.get("officer_name")
    return name if isinstance(name, str) else None
