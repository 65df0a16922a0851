"""The keys of a book's TOML file, read strictly: what is not known here is refused."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from schemas.editions.model import Book, ClockStart, Confidence, Duty, NarrowedBy, OnlyFor, Status, Timed, UpdateClass

_Words = Annotated[list[str], Field(min_length=1)]


class FileTable(BaseModel):
    """Any table of the file."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class LimitTable(FileTable):
    """How long: one of the two."""

    working_days: int | None = Field(default=None, ge=1, le=60)
    hours: int | None = Field(default=None, ge=1, le=240)


class LimitsTable(FileTable):
    """Both limits of a rule, and where they are counted from."""

    clock: ClockStart | None = None
    standard: LimitTable | None = None
    enhanced: LimitTable | None = None


class ForceLimitTable(FileTable):
    """A force's own limit for a point of another book that gives none."""

    update_point: str
    standard: LimitTable
    enhanced: LimitTable


class TriggerTable(FileTable):
    """An event type, and what its data must say."""

    event: str
    when: dict[str, _Words] = {}


class LegTable(FileTable):
    """A limit that somebody else keeps first."""

    name: str
    clock: ClockStart
    working_days: int = Field(ge=1, le=60)


class SharedTable(FileTable):
    """What most rules of a book have in common; a rule that says otherwise is right for itself."""

    owner: str | None = None
    recipients: _Words | None = None
    fulfil_by: _Words | None = None
    content_forbidden: list[str] | None = None
    good_reasons: list[str] | None = None


class RuleTable(SharedTable):
    """One update point."""

    id: str
    title: str
    right: int | None = Field(default=None, ge=1, le=12)
    paragraph: str | None = None
    sources: list[str]
    confidence: Confidence
    limit_confidence: Confidence | None = None
    status: Status
    cls: UpdateClass = Field(alias="class")
    triggers: Annotated[list[TriggerTable], Field(min_length=1)]
    limit: LimitsTable | None = None
    content_required: list[str]
    content_wanted: list[str] = []
    topic: str | None = None
    safety_gate: bool
    safety_when: list[TriggerTable] = []
    ends_bail: bool = False
    overtaken_by: list[str]
    stale_after_hours: int | None = Field(default=None, ge=1)
    subsumes: list[str] = []
    unverified_from: date | None = None
    legs: list[str] = []
    timed: Timed = ""
    duty: Duty = "tell"
    done_by: list[str] = []
    done_service: list[str] = []
    only_for: OnlyFor = ""
    narrowed_by: NarrowedBy = ""
    arrested_from: date | None = None


class TargetsTable(FileTable):
    """How soon the force means to tell, sooner than any law."""

    safety_critical_hours: int = Field(ge=1, le=72)


class BookFile(FileTable):
    """The whole file."""

    id: str
    book: Book
    title: str
    instrument: str
    since: date
    until: date | None = None
    sources: dict[str, str]
    legs: dict[str, LegTable] = {}
    defaults: SharedTable = SharedTable()
    targets: TargetsTable | None = None
    limits: Annotated[list[ForceLimitTable], Field(alias="limit")] = []
    rules: Annotated[list[RuleTable], Field(alias="rule", min_length=1)]
