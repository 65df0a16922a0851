"""Which events were replaced: only states replace one another (a hearing, an attendance, conditions of bail), happenings never.

The last in order stands. One that says exactly what stood before it adds nothing and replaces nothing, so that a feed that
repeats itself neither tells anybody twice nor moves a deadline. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from services.ledger.effective import Effective
from services.scheduler.plan.facts import CaseFile, Key

_SAYS: Final = {
    "hearing": ("starts_at", "window", "listing"),
    "appeal": ("starts_at", "window", "listing"),
    "attendance": ("at", "place", "entrance", "live_link"),
    "bail": ("conditions", "protects", "ends_on"),
    "order": ("conditions", "protects", "ends_on"),
    "handover": ("owner", "to"),
}
_OFF: Final = "wcu.received.hearing_vacated"


@dataclass(slots=True)
class Replaced:
    """By event: what became of it, and the state that stood before it."""

    by: dict[Key, Effective] = field(default_factory=dict)
    repeats: dict[Key, Effective] = field(default_factory=dict)
    before: dict[Key, Effective] = field(default_factory=dict)


def key_of(item: Effective) -> Key:
    """What names the original event."""
    return item.event.source, item.event.id


def replaced(file: CaseFile) -> Replaced:
    """Follow every chain of states from its first event to the one that stands."""
    found = Replaced()
    for chain, items in file.chains.items():
        if len(items) > 1:
            _follow(found, chain[0], items)
    for chain, items in file.chains.items():
        if chain[0] == "attendance":
            _vacated(found, file, chain[2], items)
    return found


def _follow(found: Replaced, kind: str, items: list[Effective]) -> None:
    standing = items[0]
    for item in items[1:]:
        if _says(kind, item) == _says(kind, standing):
            found.repeats[key_of(item)] = standing
            continue
        found.before[key_of(item)] = standing
        found.by[key_of(standing)] = item
        standing = item


def _vacated(found: Replaced, file: CaseFile, hearing: str, items: list[Effective]) -> None:
    """Nobody need come to a hearing that is off."""
    hearings = file.chains.get(("hearing", hearing))
    if hearings and hearings[-1].type == _OFF:
        for item in items:
            if item.type.endswith("attendance_required"):
                found.by.setdefault(key_of(item), hearings[-1])


def _says(kind: str, item: Effective) -> tuple[Any, ...]:
    said = tuple(item.get(name) for name in _SAYS[kind])
    if kind in {"attendance", "bail"}:
        return (item.type, *said)
    if kind == "order":
        return (item.type.endswith("ended"), *said)
    court = item.get("court")
    return (item.type == _OFF, *said, court.name if court is not None else None)
