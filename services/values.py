"""`@value(frozen=True, slots=True)`: a dataclass whose instances never change, made several times sooner.

For whoever checks types it is `dataclasses.dataclass`, and setting a field of an instance is an error. At run time nothing guards
the fields: a frozen dataclass sets each through a call of its own, which made up a tenth of what intake costs. Only for values
that one case makes by the dozen; everything else is a frozen dataclass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["value"]

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:
    from collections.abc import Callable
    from dataclasses import dataclass

    def value(*, frozen: bool, slots: bool) -> Callable[[type], type]:
        """As `dataclass`, and hashed by its fields as a frozen one is."""
        return dataclass(slots=slots, unsafe_hash=frozen)
