"""The CloudEvents 1.0 envelope of a case event, in structured mode: one JSON object per Kafka record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.case_events import EventData

LARGEST_RECORD = 1024 * 1024
"""Bytes. A larger record is kept and rejected like other bad input."""


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One thing that happened in a case. `(source, id)` names it; instants are UTC and aware."""

    force: str
    case: str
    source: str
    id: str
    type: str
    time: datetime  # when it happened
    known_at: datetime  # when the force knew
    sequence: int | None  # orders events of one case from one source
    data: EventData
    digest: bytes  # SHA-256 of the record's bytes: the same name with another digest is another event


@dataclass(frozen=True, slots=True)
class ReadEvent:
    """An accepted record: the event, and its `data` object as it came, with fields that are not listed."""

    event: CaseEvent
    raw: dict[str, Any]


class BadEvent(ValueError):
    """A record that cannot be used. Nothing of what the record holds is in the text, only the field and the remedy."""

    def __init__(self, reason: str, field: str, remedy: str) -> None:
        super().__init__(f"{field}: {remedy}" if field else remedy)
        self.reason = reason  # a constant word: not_json, not_cloudevent, unknown_type, bad_field, too_large, ...
        self.field = field  # a path such as data.contacts[0].channel, or empty
        self.remedy = remedy  # one sentence


def read_event(value: bytes | None) -> ReadEvent:
    """Read one record's bytes; raises BadEvent."""
    raise NotImplementedError


def event_from_row(
    force: str,
    source: str,
    event_id: str,
    kind: str,
    case: str,
    time: datetime,
    known_at: datetime,
    sequence: int | None,
    data: str,
    digest: bytes,
) -> CaseEvent:
    """Build an event from what the ledger keeps of it; `data` is JSON text that was accepted before."""
    raise NotImplementedError
