"""What was reported wrongly: corrected, or withdrawn. Of several about one event, the last in order stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from schemas.case_events.parts import EventData, Id, Instant


class EventWithdrawn(EventData):
    """`event.withdrawn`: it did not happen."""

    event: Id
    """The id of the event that was wrong, in the same case."""
    event_source: str | None = None
    """Its source; the correction's own where absent."""
    reason: str | None = None


class EventCorrected(EventWithdrawn):
    """`event.corrected`: `data` is the whole new data, read by the type of the event that it corrects."""

    time: Instant | None = None
    subject: Id | None = None
    data: dict[str, Any] | None = None


DATA: Final[Mapping[str, type[EventData]]] = {
    "event.corrected": EventCorrected,
    "event.withdrawn": EventWithdrawn,
}
