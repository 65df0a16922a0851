"""What makes a rule book wrong, beyond the shape of its file: words that nothing else knows, and claims nobody has checked."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from schemas.case_events import DATA, EventData
from schemas.case_events.parts import Id
from schemas.case_events.words import OptOut, Role
from schemas.editions.conditions import GIVEN, NOT_KNOWN, SOME, Trigger
from schemas.editions.errors import BookError
from schemas.editions.model import Edition, Limit, UpdatePoint

ROLES: Final = tuple(role for role in get_args(Role) if role not in ("suspect", "associate"))
OWNERS: Final = ("police", "wcu", "cps", "hmcts", "vlo", "yot")
EVIDENCE: Final = ("delivered", "no_bounce", "conversation", "letter", "owner_confirmed", "done")
GOOD_REASONS: Final = (
    "VICTIM_DECLINED",
    "SAFETY_RISK",
    "OPERATIONAL_HOLD",
    "NO_SAFE_CONTACT",
    "VICTIM_DECEASED",
    "TOLD_IN_PERSON",
)
TOPICS: Final = tuple(topic for topic in get_args(OptOut) if topic != "all")


def problems(file: str, read: Edition) -> Iterator[BookError]:
    """Everything that a book says and nothing else in the system understands, rule by rule."""
    if read.until is not None and read.until <= read.since:
        yield BookError(file, "", "until", "the first day out of force must lie after the first day in force")
    for point in read.points.values():
        for key, remedy in _problems(read, point):
            yield BookError(file, point.id, key, remedy)


def together(file: str, read: Edition, other_file: str, other: Edition) -> Iterator[BookError]:
    """Two books with one id, and two editions of one book in force on the same day."""
    if read.id == other.id:
        yield BookError(file, "", "id", f"{other_file} has this id too: an edition is one file")
        return
    apart = (read.until is not None and read.until <= other.since) or (
        other.until is not None and other.until <= read.since
    )
    if read.book == other.book and not apart:
        yield BookError(
            file, "", "since", f"{other_file} is in force on the same days: end one before the other begins"
        )


def limits(file: str, read: Edition, books: Iterable[Edition]) -> Iterator[BookError]:
    """A force's limits for points that no book has, or whose book gives one itself. `books` are all that are loaded."""
    points = [point for edition in books for point in edition.points.values()]
    for update_point in read.limits:
        of_it = [point for point in points if point.id == update_point]
        if not of_it:
            yield BookError(file, update_point, "limit.update_point", "no book that is loaded has this update point")
        elif all(point.standard != Limit() for point in of_it):
            yield BookError(
                file,
                update_point,
                "limit",
                "the book gives this limit itself: the force's own is for where it gives none",
            )


def _problems(read: Edition, point: UpdatePoint) -> Iterator[tuple[str, str]]:
    for number, trigger in enumerate(point.triggers):
        yield from _trigger_problems(trigger, f"triggers[{number}]")
        if point.narrowed_by and _words(DATA.get(trigger.event, EventData), point.narrowed_by) is None:
            yield "narrowed_by", f"{trigger.event} has no field {point.narrowed_by}"
    for number, trigger in enumerate(point.safety_when):
        yield from _trigger_problems(trigger, f"safety_when[{number}]")
        if trigger.event not in {raising.event for raising in point.triggers}:
            yield f"safety_when[{number}].event", "this event does not raise the rule: name one of its triggers"
    for event in point.overtaken_by:
        if event not in DATA:
            yield "overtaken_by", f"there is no event type {event}"
    yield from _duty_problems(read, point)
    for key, words, known in (
        ("owner", (point.owner,), OWNERS),
        ("recipients", point.recipients, ROLES),
        ("fulfil_by", point.fulfil_by, EVIDENCE),
        ("topic", (point.topic,) if point.topic else (), TOPICS),
        ("good_reasons", point.good_reasons, GOOD_REASONS),
        ("sources", point.citation.sources, tuple(read.sources)),
        ("subsumes", point.subsumes, tuple(other for other in read.points if other != point.id)),
    ):
        for word in words:
            if word not in known:
                yield key, f"{word} is none of: {', '.join(known)}"
    for item in sorted({*point.content_required, *point.content_wanted} & set(point.content_forbidden)):
        yield "content_forbidden", f"{item} cannot be asked for and forbidden"
    yield from _claims(read, point)


def _duty_problems(read: Edition, point: UpdatePoint) -> Iterator[tuple[str, str]]:
    """What is done is shown by an event, or by a person's word; what the calendar raises is the force's own."""
    for event in point.done_by:
        if event not in DATA:
            yield "done_by", f"there is no event type {event}"
    if bool(point.done_by) is not ("done" in point.fulfil_by):
        yield "done_by", 'name the events that show it was done, and put "done" among fulfil_by: both or neither'
    if point.done_service and not point.done_by:
        yield "done_service", "it narrows done_by: name the events too"
    if point.timed and read.book != "force":
        yield "timed", "only a force's own book raises something by the calendar alone"


def _claims(read: Edition, point: UpdatePoint) -> Iterator[tuple[str, str]]:
    """A duty that nobody has seen in print may be a hold, never a message (PR04)."""
    # R15 speaks of the editions before the one that is in force, and for those it is good enough.
    unseen = point.confidence == "M" or (point.confidence == "R15" and read.until is None)
    if point.status == "active" and read.book == "code" and unseen:
        yield "status", f"a duty of confidence {point.confidence} is unverified in this edition"
    if point.confidence in ("P", "R") and not point.citation.sources:
        yield "sources", "say where it was read"
    if point.citation.paragraph is not None and point.confidence not in ("P", "R"):
        yield "paragraph", "give a paragraph only where its number was seen in print"


def _trigger_problems(trigger: Trigger, where: str) -> Iterator[tuple[str, str]]:
    shape = DATA.get(trigger.event)
    if shape is None:
        yield f"{where}.event", f"there is no event type {trigger.event}"
        return
    for name, words in trigger.when.items():
        known = _words(shape, name)
        if known is None:
            yield f"{where}.when.{name}", f"{trigger.event} has no field {name}"
            continue
        for word in words if not _is_name(shape.model_fields[name].annotation) else ():
            if word not in (*known, GIVEN, SOME, NOT_KNOWN):
                yield f"{where}.when.{name}", f"{word} is none of: {', '.join((*known, GIVEN, SOME, NOT_KNOWN))}"


def _words(shape: type[EventData], name: str) -> tuple[str, ...] | None:
    """The words that a field of an event may say; None if there is no such field."""
    field = shape.model_fields.get(name)
    return None if field is None else tuple(_words_of(field.annotation))


def _is_name(annotation: Any) -> bool:
    """Whether a field holds a name that a force's own systems choose (a service), so that no list of words is known."""
    if get_origin(annotation) in (Union, types.UnionType):
        return any(_is_name(member) for member in get_args(annotation))
    return bool(annotation == Id)


def _words_of(annotation: Any) -> Iterator[str]:
    if annotation is bool:
        yield from ("true", "false")
    elif get_origin(annotation) is Literal:
        yield from (str(word) for word in get_args(annotation))
    elif get_origin(annotation) is Annotated:
        yield from _words_of(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, types.UnionType):
        for member in get_args(annotation):
            yield from _words_of(member)
