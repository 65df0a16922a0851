"""Events as they stand after corrections and withdrawals, in the one order that everybody counts in. Pure.

The order is by `time`, then `knownat`, `sequence` (which orders events of one case from one source only), `source` and `id`.
It is never the order of arrival. Of several corrections of one event the last in this order stands; what each of them says is
`services.ledger.fixes`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from schemas.case_events import DATA
from schemas.envelope import CaseEvent
from services.ledger.fixes import Fix, Fixes, read_data
from services.values import value

CORRECTIONS: Final = frozenset({"event.corrected", "event.withdrawn"})


@value(frozen=True, slots=True)
class Effective:
    """One event as it stands. `event` is the original, whose name an update keeps; time and data are the corrected ones."""

    event: CaseEvent
    type: str
    time: datetime
    data: Any
    """An instance of `DATA[type]`."""
    correction: CaseEvent | None = None
    """Whatever said last how it stands; None if it stands as it came."""
    withdrawn: bool = False
    """It is not to be counted in this case: it did not happen, or it belongs to another."""
    unreadable: bool = False
    """The correction's new data does not have the shape of its type: the old data stands, and nobody may rely on it."""
    moved: bool = False
    """Withdrawn from this case because it belongs to another."""
    elsewhere: str | None = None
    """The case to which it was moved, if that is not the one it came from."""
    fixes: tuple[CaseEvent, ...] = ()
    """Everything that was ever said to put it right, those that were withdrawn again included."""

    @property
    def case(self) -> str:
        """The case to which it belongs."""
        return self.elsewhere or self.event.case

    def get(self, name: str) -> Any:
        """A field of the data by name; None where it is absent, null, or no field of this type."""
        return self.data.__dict__.get(
            name
        )  # a model's own look-up of what it lacks costs more than a plan has time for


def order(event: CaseEvent) -> tuple[datetime, datetime, str, str, int, str]:
    """The key that sorts events; the sequence counts only between events of one source and case."""
    sequence = event.sequence
    return event.time, event.known_at, event.source, event.case, -1 if sequence is None else sequence, event.id


def effective(events: Iterable[CaseEvent], case: str | None = None) -> list[Effective]:
    """The events as they stand, in order by their corrected times; corrections themselves are not among them.

    With a `case`, what was moved to it from another case counts, and what was moved from it is withdrawn. Without, every event
    counts wherever it is.
    """
    plain: list[CaseEvent] = []
    corrections: list[CaseEvent] = []
    for event in events:
        (corrections if event.type in CORRECTIONS else plain).append(event)
    plain.sort(key=order)
    if not corrections:
        return [Effective(event, event.type, event.time, event.data) for event in plain]
    corrections.sort(key=order)
    fixes = Fixes(corrections)
    found = [_as_it_stands(event, fixes, case) for event in plain]
    found.sort(key=lambda item: (item.time, *order(item.event)[1:]))
    return found


def _as_it_stands(event: CaseEvent, fixes: Fixes, case: str | None) -> Effective:
    fix, everything = fixes.of(event)
    if fix is None:
        # A correction that was itself withdrawn leaves the event as it came.
        away = case is not None and case != event.case
        return Effective(event, event.type, event.time, event.data, None, away, moved=away, fixes=everything)
    return _put_right(event, fix, everything, case)


def _put_right(event: CaseEvent, fix: Fix, everything: tuple[CaseEvent, ...], case: str | None) -> Effective:
    if fix.withdraws:
        return Effective(event, event.type, event.time, event.data, fix.by, withdrawn=True, fixes=everything)
    away = case is not None and case != fix.case
    time = fix.time or event.time
    data = event.data if fix.data is None else read_data(DATA[event.type], fix.data)
    return Effective(
        event,
        event.type,
        time,
        event.data if data is None else data,
        fix.by,
        withdrawn=away,
        unreadable=fix.unreadable or data is None,
        moved=away,
        elsewhere=None if fix.case == event.case else fix.case,
        fixes=everything,
    )
