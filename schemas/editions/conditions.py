"""What a rule asks of an event before the event raises it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

GIVEN: Final = "given"
SOME: Final = "some"
NOT_KNOWN: Final = "not_known"
"""Words of a condition that speak of the field itself: it is there, whatever it says; it is a list with something in it; it is
absent or null."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """An event type that raises the rule, and what its data must say (field -> allowed words; empty is always).

    Every field must say one of its words: a word of the event's own list, `true` or `false`, `given`, `some` or `not_known`.
    """

    event: str
    when: Mapping[str, tuple[str, ...]]

    def holds(self, data: Mapping[str, Any]) -> bool:
        """Whether `data` says what this asks for."""
        for name, words in self.when.items():  # noqa: SIM110  # a generator here costs more than the rule does
            if not _says(data.get(name), words):
                return False
        return True


def _says(value: Any, words: tuple[str, ...]) -> bool:
    if value is None:
        return NOT_KNOWN in words
    if GIVEN in words:
        return True
    if isinstance(value, tuple | list):
        return bool(value) and SOME in words
    if isinstance(value, bool):
        return ("true" if value else "false") in words
    return value in words
