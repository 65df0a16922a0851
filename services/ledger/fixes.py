"""What corrections say of the events that they put right, corrections of corrections and moves between cases included. Pure.

A correction counts if it comes from the case of the event, or from a case to which one that counts moved the event. Where it
names no case, the event belongs to the case that the correction came from. A correction may itself be withdrawn or corrected, by
an event of its own case that names it; withdrawing a withdrawal brings the event back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from schemas.case_events.corrections import EventCorrected, EventWithdrawn
from schemas.case_events.parts import EventData
from schemas.envelope import CaseEvent

Name = tuple[str, str]
"""Source and id of an event."""
Data = TypeVar("Data", bound=EventData)

DEEPEST: Final = 50
"""Corrections of corrections of corrections: a longer chain is nobody's honest record, and its end stands as it was said."""


@dataclass(frozen=True, slots=True)
class Fix:
    """What stands of one correction. `by` is the event that said so last: the correction, or one that corrected it."""

    by: CaseEvent
    target: Name
    case: str
    """Where the event belongs by it."""
    withdraws: bool
    time: datetime | None
    data: dict[str, Any] | None
    unreadable: bool
    """It was itself corrected, and that could not be read."""


class Fixes:
    """Corrections, by the event that they put right. They must be given in order."""

    def __init__(self, corrections: Sequence[CaseEvent]) -> None:
        self._about: dict[Name, list[CaseEvent]] = {}
        for correction in corrections:
            self._about.setdefault(target_of(correction), []).append(correction)
        self._standing: dict[Name, list[tuple[CaseEvent, Fix]]] = {}
        for correction in corrections:
            fix = self._stands(correction, 0)
            if fix is not None:
                self._standing.setdefault(fix.target, []).append((correction, fix))

    def of(self, event: CaseEvent) -> tuple[Fix | None, tuple[CaseEvent, ...]]:
        """The correction of `event` that stands, if any does, and everything that was ever said to put it right."""
        name = event.source, event.id
        pending, cases = self._standing.get(name, ()), {event.case}
        counts: list[tuple[CaseEvent, Fix]] = []
        while True:
            now = [said for said in pending if said[0].case in cases]
            if len(now) == len(counts):
                break
            counts = now
            cases.update(fix.case for _, fix in counts)
        everything = {(said.source, said.id): said for said in self._all(name, 0)}
        for said, fix in counts:
            everything.update({(said.source, said.id): said, (fix.by.source, fix.by.id): fix.by})
        return counts[-1][1] if counts else None, tuple(everything.values())

    def _all(self, name: Name, depth: int) -> Iterable[CaseEvent]:
        for said in self._about.get(name, ()):
            yield said
            if depth < DEEPEST:
                yield from self._all((said.source, said.id), depth + 1)

    def _stands(self, correction: CaseEvent, depth: int) -> Fix | None:
        """What stands of a correction; None if it was withdrawn."""
        said: EventWithdrawn = correction.data  # type: ignore[assignment]  # the type of the event fixes the shape of its data
        by, unreadable = correction, False
        if depth < DEEPEST:
            own = [
                fix
                for other in self._about.get((correction.source, correction.id), ())
                if other.case == correction.case and (fix := self._stands(other, depth + 1)) is not None
            ]
            if own:
                last = own[-1]
                if last.withdraws:
                    return None
                by = last.by
                if last.data is not None:
                    read = read_data(type(said), last.data)
                    said, unreadable = (said, True) if read is None else (read, last.unreadable)
        corrected = said if isinstance(said, EventCorrected) else None
        return Fix(
            by=by,
            target=(said.event_source or correction.source, said.event),
            case=(corrected and corrected.subject) or correction.case,
            withdraws=corrected is None,
            time=None if corrected is None else corrected.time,
            data=None if corrected is None else corrected.data,
            unreadable=unreadable,
        )


def target_of(correction: CaseEvent) -> Name:
    """Source and id of the event that a correction or withdrawal names."""
    data: EventWithdrawn = correction.data  # type: ignore[assignment]  # the type of the event fixes the shape of its data
    return data.event_source or correction.source, data.event


def read_data(kind: type[Data], data: dict[str, Any]) -> Data | None:
    """New data as its type reads it; None if it does not have that shape."""
    try:
        return kind.model_validate(data)
    except ValidationError:
        return None
