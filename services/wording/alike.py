"""Which news says what other news of the same event says: the Witness Charter's beside the Victims' Code's. Pure.

Somebody who is victim and witness is owed both, each in its own row, and hears it once: in the Code's words, which hold all that
the Charter asks for. (A sentence is passed on whoever was convicted, so that the words of a sentence tell the outcome too.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from services.wording.types import Facts, Item

SAME_NEWS: Final[Mapping[str, frozenset[str]]] = {
    "w-attend": frozenset({"r8-attend"}),
    "w-hearing-date": frozenset({"r8-hearing-date"}),
    "w-hearing-changed": frozenset({"r8-hearing-date"}),
    "w-special-measures": frozenset({"r8-special-measures"}),
    "w-stood-down": frozenset({"r8-not-needed", "r8-hearing-date"}),
    "w-outcome": frozenset({"r9-outcome", "r9-sentence"}),
}
"""By the Charter's update point: the Code's that say the same of the same event."""
_OF: Final = ("hearing", "starts_at", "window", "happened_on", "outcome", "sentence", "measures", "vacated")
"""Facts that tell the news of one event from that of another."""


def each_once(items: Sequence[Item]) -> Sequence[Item]:
    """The items in order, without those whose news stands in another's words."""
    if not any(item.update_point in SAME_NEWS for item in items):
        return items
    return [item for item in items if not any(_says(other, item) for other in items)]


def _says(other: Item, item: Item) -> bool:
    return other.update_point in SAME_NEWS.get(item.update_point, ()) and of_one(other.facts, item.facts)


def of_one(one: Facts, other: Facts) -> bool:
    """Whether both are facts of the same matter, as it stands."""
    return all(one.get(name) == other.get(name) for name in _OF)
