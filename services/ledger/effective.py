"""Events as they stand after corrections and withdrawals, in the one order that everybody counts in. Pure.

The order is by `time`, then `knownat`, `sequence` (which orders events of one case from one source only), `source` and `id`.
It is never the order of arrival. Of several corrections of one event the last in this order stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from schemas.case_events import DATA, EventData
from schemas.case_events.corrections import EventCorrected, EventWithdrawn
from schemas.envelope import CaseEvent

CORRECTIONS: Final = frozenset({"event.corrected", "event.withdrawn"})


@dataclass(frozen=True, slots=True)
class Effective:
    """One event as it stands. `event` is the original, whose name an update keeps; time and data are the corrected ones."""

    event: CaseEvent
    type: str
    time: datetime
    data: Any
    """An instance of `DATA[type]`."""
    correction: CaseEvent | None = None
    withdrawn: bool = False
    unreadable: bool = False
    """The correction's new data does not have the shape of its type: the old data stands, and nobody may rely on it."""

    def get(self, name: str) -> Any:
        """A field of the data by name; None where it is absent, null, or no field of this type."""
        return self.data.__dict__.get(
            name
        )  # a model's own look-up of what it lacks costs more than a plan has time for


def order(event: CaseEvent) -> tuple[datetime, datetime, str, str, int, str]:
    """The key that sorts events; the sequence counts only between events of one source and case."""
    sequence = event.sequence
    return event.time, event.known_at, event.source, event.case, -1 if sequence is None else sequence, event.id


def effective(events: Iterable[CaseEvent]) -> list[Effective]:
    """The events as they stand, in order by their corrected times; corrections themselves are not among them."""
    plain: list[CaseEvent] = []
    corrections: list[CaseEvent] = []
    for event in events:
        (corrections if event.type in CORRECTIONS else plain).append(event)
    plain.sort(key=order)
    if not corrections:
        return [Effective(event, event.type, event.time, event.data) for event in plain]
    corrections.sort(key=order)
    standing = {_target(event): event for event in corrections}
    found = [_corrected(event, standing.get((event.case, event.source, event.id))) for event in plain]
    found.sort(key=lambda item: (item.time, *order(item.event)[1:]))
    return found


def said_of(events: Sequence[CaseEvent], person: str) -> list[Effective]:
    """The events as they stand that state something of `person`, without those that were withdrawn."""
    return [item for item in effective(events) if not item.withdrawn and item.get("person") == person]


def _target(event: CaseEvent) -> tuple[str, str, str]:
    data: EventWithdrawn = event.data  # type: ignore[assignment]  # the type of the event fixes the shape of its data
    return event.case, data.event_source or event.source, data.event


def _corrected(event: CaseEvent, correction: CaseEvent | None) -> Effective:
    if correction is None:
        return Effective(event, event.type, event.time, event.data)
    said = correction.data
    if not isinstance(said, EventCorrected) or (said.subject is not None and said.subject != event.case):
        return Effective(event, event.type, event.time, event.data, correction, withdrawn=True)
    time = said.time or event.time
    if said.data is None:
        return Effective(event, event.type, time, event.data, correction)
    data = _read(event.type, said.data)
    if data is None:
        return Effective(event, event.type, time, event.data, correction, unreadable=True)
    return Effective(event, event.type, time, data, correction)


def _read(kind: str, data: dict[str, Any]) -> EventData | None:
    try:
        return DATA[kind].model_validate(data)
    except ValidationError:
        return None
