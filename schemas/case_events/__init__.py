"""What can happen in a case: a module per family, and one table from event type to the shape of its data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schemas.case_events import care, corrections, court, investigation, people, suspects
from schemas.case_events.parts import EventData

__all__ = ["DATA", "EventData"]

DATA: Final[Mapping[str, type[EventData]]] = {
    **people.DATA,
    **investigation.DATA,
    **suspects.DATA,
    **court.DATA,
    **care.DATA,
    **corrections.DATA,
}
"""The shape of `data` for every event type."""
