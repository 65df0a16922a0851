"""What can happen in a case: a module per family, and one table from event type to the shape of its data."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class EventData(BaseModel):
    """What every event may carry. Fields that are not listed are ignored here and kept in the ledger."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    people: tuple[str, ...] | None = None
    """Narrows who is concerned; absent means everybody in the case to whom a rule applies."""


DATA: dict[str, type[EventData]] = {}
"""The shape of `data` for every event type."""
