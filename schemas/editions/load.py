"""Reads the rule books from their TOML files, and refuses what a reader would have to guess at."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.editions import check
from schemas.editions.model import (
    Book,
    Books,
    Citation,
    ClockStart,
    Confidence,
    Duty,
    Edition,
    Leg,
    Limit,
    LimitPair,
    OnlyFor,
    Status,
    Timed,
    Trigger,
    UpdateClass,
    UpdatePoint,
)

FOLDER: Final = Path(__file__).parent

_Words = Annotated[list[str], Field(min_length=1)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class _Limit(_File):
    working_days: int | None = Field(default=None, ge=1, le=60)
    hours: int | None = Field(default=None, ge=1, le=240)


class _Limits(_File):
    clock: ClockStart | None = None
    standard: _Limit | None = None
    enhanced: _Limit | None = None


class _ForceLimit(_File):
    update_point: str
    standard: _Limit
    enhanced: _Limit


class _Trigger(_File):
    event: str
    when: dict[str, _Words] = {}


class _Leg(_File):
    name: str
    clock: ClockStart
    working_days: int = Field(ge=1, le=60)


class _Shared(_File):
    """What most rules of a book have in common; a rule that says otherwise is right for itself."""

    owner: str | None = None
    recipients: _Words | None = None
    fulfil_by: _Words | None = None
    content_forbidden: list[str] | None = None
    good_reasons: list[str] | None = None


class _Rule(_Shared):
    id: str
    title: str
    right: int | None = Field(default=None, ge=1, le=12)
    paragraph: str | None = None
    sources: list[str]
    confidence: Confidence
    limit_confidence: Confidence | None = None
    status: Status
    cls: UpdateClass = Field(alias="class")
    triggers: Annotated[list[_Trigger], Field(min_length=1)]
    limit: _Limits | None = None
    content_required: list[str]
    content_wanted: list[str] = []
    topic: str | None = None
    safety_gate: bool
    safety_when: list[_Trigger] = []
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
    arrested_from: date | None = None


class _Targets(_File):
    safety_critical_hours: int = Field(ge=1, le=72)


class _Book(_File):
    id: str
    book: Book
    title: str
    instrument: str
    since: date
    until: date | None = None
    sources: dict[str, str]
    legs: dict[str, _Leg] = {}
    defaults: _Shared = _Shared()
    targets: _Targets | None = None
    limits: Annotated[list[_ForceLimit], Field(alias="limit")] = []
    rules: Annotated[list[_Rule], Field(alias="rule", min_length=1)]


@lru_cache(maxsize=1)
def load_books() -> Books:
    """The books that ship with the project; raises check.BookError."""
    return read_books((path.name, path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml")))


def read_books(files: Iterable[tuple[str, str]]) -> Books:
    """Read books from (file name, TOML text) pairs; raises check.BookError that names file, rule, key and remedy."""
    read: dict[str, Edition] = {}
    for file, text in files:
        edition = _read(file, text)
        check.edition(file, edition)
        for other_file, other in read.items():
            check.together(file, edition, other_file, other)
        read[file] = edition
    return Books(tuple(read.values()))


def _read(file: str, text: str) -> Edition:
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise check.BookError(file, "", "", f"this is not TOML: {error}") from None
    try:
        book = _Book.model_validate(raw)
    except ValidationError as error:
        raise _refused(file, raw, error) from None
    points: dict[str, UpdatePoint] = {}
    for rule in book.rules:
        if rule.id in points:
            raise check.BookError(file, rule.id, "id", "this id stands twice in the book: keep one")
        points[rule.id] = _point(file, book, rule)
    return Edition(
        id=book.id,
        book=book.book,
        title=book.title,
        since=book.since,
        until=book.until,
        points=points,
        sources=book.sources,
        limits=_force_limits(file, book),
        safety_target=None if book.targets is None else timedelta(hours=book.targets.safety_critical_hours),
    )


def _force_limits(file: str, book: _Book) -> dict[str, LimitPair]:
    found: dict[str, LimitPair] = {}
    for row in book.limits:
        if book.book != "force":
            raise check.BookError(
                file, row.update_point, "limit", "only a force's own book sets limits for other books"
            )
        if row.update_point in found:
            raise check.BookError(file, row.update_point, "limit", "this limit stands twice in the book: keep one")
        found[row.update_point] = _limit(row.standard), _limit(row.enhanced)
    return found


def _limit(row: _Limit) -> Limit:
    return Limit(row.working_days, row.hours)


def _point(file: str, book: _Book, rule: _Rule) -> UpdatePoint:
    limits = rule.limit or _Limits()
    standard, enhanced = limits.standard or _Limit(), limits.enhanced or _Limit()
    timed = [limit for limit in (standard, enhanced) if limit.working_days is not None or limit.hours is not None]
    if timed and limits.clock is None:
        raise check.BookError(
            file, rule.id, "limit.clock", "a limit needs a clock: say from which instant it is counted"
        )
    if len(timed) == 1:
        raise check.BookError(file, rule.id, "limit", "give the standard and the enhanced limit, or neither")
    for key in rule.legs:
        if key not in book.legs:
            raise check.BookError(file, rule.id, "legs", f"the book has no leg called {key}")
    return UpdatePoint(
        timed=rule.timed,
        duty=rule.duty,
        done_by=tuple(rule.done_by),
        done_service=tuple(rule.done_service),
        only_for=rule.only_for,
        limit_source="book" if timed else "none",
        arrested_from=rule.arrested_from,
        id=rule.id,
        edition=book.id,
        book=book.book,
        title=rule.title,
        citation=Citation(book.instrument, rule.right, rule.paragraph, tuple(rule.sources)),
        confidence=rule.confidence,
        limit_confidence=rule.limit_confidence or rule.confidence,
        status=rule.status,
        cls=rule.cls,
        triggers=_triggers(rule.triggers),
        clock=limits.clock or "time",
        standard=_limit(standard),
        enhanced=_limit(enhanced),
        owner=_own(file, book, rule, "owner"),
        recipients=tuple(_own(file, book, rule, "recipients")),
        fulfil_by=tuple(_own(file, book, rule, "fulfil_by")),
        content_required=tuple(rule.content_required),
        content_forbidden=tuple(_own(file, book, rule, "content_forbidden")),
        topic=rule.topic,
        safety_gate=rule.safety_gate,
        overtaken_by=tuple(rule.overtaken_by),
        stale_after_hours=rule.stale_after_hours,
        subsumes=tuple(rule.subsumes),
        good_reasons=tuple(_own(file, book, rule, "good_reasons")),
        content_wanted=tuple(rule.content_wanted),
        safety_when=_triggers(rule.safety_when),
        ends_bail=rule.ends_bail,
        unverified_from=rule.unverified_from,
        legs=tuple(Leg(leg.name, leg.clock, leg.working_days) for leg in (book.legs[key] for key in rule.legs)),
    )


def _triggers(rows: list[_Trigger]) -> tuple[Trigger, ...]:
    return tuple(Trigger(row.event, {name: tuple(words) for name, words in row.when.items()}) for row in rows)


def _own(file: str, book: _Book, rule: _Rule, key: str) -> Any:
    value = getattr(rule, key)
    if value is None:
        value = getattr(book.defaults, key)
    if value is None:
        raise check.BookError(file, rule.id, key, "give it here, or for the whole book in [defaults]")
    return value


def _refused(file: str, raw: Mapping[str, Any], error: ValidationError) -> check.BookError:
    """The first thing that pydantic refused, named as the person who wrote the file would name it."""
    first = error.errors()[0]
    path, rule = list(first["loc"]), ""
    if len(path) > 1 and path[0] == "rule" and isinstance(path[1], int):
        entry = raw["rule"][path[1]]
        rule = str(entry.get("id", f"number {path[1] + 1}")) if isinstance(entry, dict) else f"number {path[1] + 1}"
        path = path[2:]
    remedy = "no such key: remove it, or correct its spelling" if first["type"] == "extra_forbidden" else first["msg"]
    return check.BookError(file, rule, ".".join(str(part) for part in path), remedy)
