"""Reads the rule books from their TOML files, and refuses what a reader would have to guess at."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from schemas.editions import check
from schemas.editions.conditions import Trigger
from schemas.editions.errors import BookError
from schemas.editions.model import (
    Books,
    Citation,
    Edition,
    Leg,
    Limit,
    LimitPair,
    UpdatePoint,
)
from schemas.editions.shape import BookFile, LimitsTable, LimitTable, RuleTable, TriggerTable

FOLDER: Final = Path(__file__).parent


@lru_cache(maxsize=1)
def load_books() -> Books:
    """The books that ship with the project; raises BookError."""
    return read_books(shipped())


def shipped() -> list[tuple[str, str]]:
    """File name and TOML text of each of them."""
    return [(path.name, path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))]


def read_books(files: Iterable[tuple[str, str]]) -> Books:
    """Read books from (file name, TOML text) pairs; raises BookError that names file, rule, key and remedy."""
    books, problems = _read_all(files)
    if problems:
        raise problems[0]
    return books


def read_book(file: str, text: str) -> Edition:
    """Read one book by itself, such as a rival of one that is loaded; raises BookError."""
    edition = _read(file, text)
    for problem in check.problems(file, edition):
        raise problem
    return edition


def lint(files: Iterable[tuple[str, str]], beside: Iterable[Edition] = ()) -> list[BookError]:
    """Everything that is wrong with these books, by themselves and together. `beside` are editions that they may speak of."""
    return _read_all(files, beside)[1]


def _read_all(files: Iterable[tuple[str, str]], beside: Iterable[Edition] = ()) -> tuple[Books, list[BookError]]:
    read: dict[str, Edition] = {}
    problems: list[BookError] = []
    for file, text in files:
        try:
            edition = _read(file, text)
        except BadShape as bad:
            problems += bad.problems
            continue
        except BookError as problem:
            problems.append(problem)
            continue
        problems += check.problems(file, edition)
        for other_file, other in read.items():
            problems += check.together(file, edition, other_file, other)
        read[file] = edition
    every = (*read.values(), *beside)
    for file, edition in read.items():
        problems += check.limits(file, edition, every)
    return Books(tuple(read.values())), problems


class BadShape(BookError):
    """A book whose keys are not those of a book: it is its first problem, and holds them all."""

    def __init__(self, problems: Sequence[BookError]) -> None:
        first = problems[0]
        super().__init__(first.file, first.rule, first.key, first.remedy)
        self.problems = tuple(problems)


def _read(file: str, text: str) -> Edition:
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BookError(file, "", "", f"this is not TOML: {error}") from None
    try:
        book = BookFile.model_validate(raw)
    except ValidationError as error:
        raise BadShape(_refused(file, raw, error)) from None
    points: dict[str, UpdatePoint] = {}
    for rule in book.rules:
        if rule.id in points:
            raise BookError(file, rule.id, "id", "this id stands twice in the book: keep one")
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


def _force_limits(file: str, book: BookFile) -> dict[str, LimitPair]:
    found: dict[str, LimitPair] = {}
    for row in book.limits:
        if book.book != "force":
            raise BookError(file, row.update_point, "limit", "only a force's own book sets limits for other books")
        if row.update_point in found:
            raise BookError(file, row.update_point, "limit", "this limit stands twice in the book: keep one")
        found[row.update_point] = _limit(row.standard), _limit(row.enhanced)
    return found


def _limit(row: LimitTable) -> Limit:
    return Limit(row.working_days, row.hours)


def _point(file: str, book: BookFile, rule: RuleTable) -> UpdatePoint:
    limits = rule.limit or LimitsTable()
    standard, enhanced = limits.standard or LimitTable(), limits.enhanced or LimitTable()
    timed = [limit for limit in (standard, enhanced) if limit.working_days is not None or limit.hours is not None]
    if timed and limits.clock is None:
        raise BookError(file, rule.id, "limit.clock", "a limit needs a clock: say from which instant it is counted")
    if len(timed) == 1:
        raise BookError(file, rule.id, "limit", "give the standard and the enhanced limit, or neither")
    for key in rule.legs:
        if key not in book.legs:
            raise BookError(file, rule.id, "legs", f"the book has no leg called {key}")
    return UpdatePoint(
        timed=rule.timed,
        duty=rule.duty,
        done_by=tuple(rule.done_by),
        done_service=tuple(rule.done_service),
        only_for=rule.only_for,
        narrowed_by=rule.narrowed_by,
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


def _triggers(rows: list[TriggerTable]) -> tuple[Trigger, ...]:
    return tuple(Trigger(row.event, {name: tuple(words) for name, words in row.when.items()}) for row in rows)


def _own(file: str, book: BookFile, rule: RuleTable, key: str) -> Any:
    value = getattr(rule, key)
    if value is None:
        value = getattr(book.defaults, key)
    if value is None:
        raise BookError(file, rule.id, key, "give it here, or for the whole book in [defaults]")
    return value


def _refused(file: str, raw: Mapping[str, Any], error: ValidationError) -> list[BookError]:
    """What pydantic refused, named as the person who wrote the file would name it."""
    return [_one_refused(file, raw, problem["loc"], problem["type"], problem["msg"]) for problem in error.errors()]


def _one_refused(file: str, raw: Mapping[str, Any], loc: Sequence[int | str], kind: str, message: str) -> BookError:
    path, rule = list(loc), ""
    if len(path) > 1 and path[0] == "rule" and isinstance(path[1], int):
        entry = raw["rule"][path[1]]
        rule = str(entry.get("id", f"number {path[1] + 1}")) if isinstance(entry, dict) else f"number {path[1] + 1}"
        path = path[2:]
    remedy = "no such key: remove it, or correct its spelling" if kind == "extra_forbidden" else message
    return BookError(file, rule, ".".join(str(part) for part in path), remedy)
