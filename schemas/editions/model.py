"""One rule of a book, as the rest of the system sees it. `schemas.editions.load` reads the TOML files into these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

Book = Literal["code", "charter", "force", "statute"]
Confidence = Literal["P", "R", "R15", "M", "L", "D"]
Status = Literal["active", "unverified", "retired"]
UpdateClass = Literal["safety_critical", "routine", "reminder"]
ClockStart = Literal["time", "received_at", "occurred_on", "received_on", "knownat"]


@dataclass(frozen=True, slots=True)
class Citation:
    """Where the rule stands. `paragraph` is None unless the number was seen in print."""

    instrument: str
    right: int | None
    paragraph: str | None
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """How long: working days or hours from the clock's start; both None where the book gives no limit."""

    working_days: int | None = None
    hours: int | None = None


@dataclass(frozen=True, slots=True)
class Trigger:
    """An event type that raises the rule, and what its data must say (field -> allowed words; empty is always)."""

    event: str
    when: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class UpdatePoint:
    """When this happens, these people are told, within this limit, by this citation, with this confidence and class."""

    id: str
    edition: str
    book: Book
    title: str
    citation: Citation
    confidence: Confidence
    limit_confidence: Confidence
    status: Status
    cls: UpdateClass
    triggers: tuple[Trigger, ...]
    clock: ClockStart
    standard: Limit
    enhanced: Limit
    owner: str  # police, wcu, cps, hmcts, vlo
    recipients: tuple[str, ...]  # roles
    fulfil_by: tuple[str, ...]  # kinds of evidence
    content_required: tuple[str, ...]
    content_forbidden: tuple[str, ...]
    topic: str | None  # the word of `opt_out` that declines it; None where nobody can opt out
    safety_gate: bool  # in a case that is or may be domestic abuse, only a person tells it
    overtaken_by: tuple[str, ...]  # event types that change its meaning (PR02)
    stale_after_hours: int | None
    subsumes: tuple[str, ...]  # ids of rules that telling this one also tells (PR13)
    good_reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """One dated issue of a rule book. `until` is the first day on which it is no longer in force."""

    id: str
    book: Book
    title: str
    since: date
    until: date | None
    points: Mapping[str, UpdatePoint]


@dataclass(frozen=True, slots=True)
class Books:
    """Every edition that is loaded."""

    editions: tuple[Edition, ...]

    def raised_by(self, event_type: str, data: Mapping[str, Any], on: date) -> tuple[UpdatePoint, ...]:
        """The rules that an event of `event_type` raises, from the editions in force on `on` (the local date of the event)."""
        raise NotImplementedError

    def point(self, edition: str, update_point: str) -> UpdatePoint:
        """One rule of one edition; raises KeyError."""
        raise NotImplementedError
