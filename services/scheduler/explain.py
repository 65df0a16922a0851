"""What a file of events owes, with every step to its dates: the scheduler's own plan, with no database. Pure.

Events become what the scheduler would know of each case: contact details are parted and numbered as the vault does it, people are
folded across the force's cases, everything arrives when the force knew it, and nothing has been sent. One call of `plan` a case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Final

from schemas.editions.model import Books, UpdatePoint
from schemas.envelope import BadEvent, CaseEvent, ReadEvent, read_data
from schemas.lines import LineResult
from services.ledger.effective import CORRECTIONS, Effective
from services.ledger.force_rules import ForceRules, careful_default
from services.ledger.linked import Elsewhere, bearing, related_in, standing_links
from services.ledger.people import STATES_OF_PEOPLE, Folded, InCase, Person, fold, fold_person
from services.scheduler.details import split
from services.scheduler.plan import plan
from services.scheduler.plan.case import Case, open_case
from services.scheduler.plan.deadline import LegDue, legs
from services.scheduler.plan.replaced import key_of
from services.scheduler.plan.types import Known, Plan, Planned, PlannedMessage
from services.scheduler.working_days import WorkingDays, local_date

ASSUMED: Final = ""
"""Stands for the victim who is assumed where a case records nobody: no real person has this id."""

CaseKey = tuple[str, str]
RulesOf = Callable[[str], ForceRules]
_Details = dict[str, dict[tuple[str, str, str], tuple[int | None, str | None, int | None]]]

_ASSUMED_REASON: Final = {
    "code": "assumed_victim",
    "text": "the file records nobody in this case: one adult victim is assumed, with no contact and not assessed",
}
_OTHER_CONTENT: Final = (
    "another event of this file has this source and id with other content; give this one an id of its own"
)


@dataclass(frozen=True, slots=True)
class Explained:
    """One case: what was known, the plan, and a line for each update, keyed as `schemas.outputs.ExplainLine` has it."""

    known: Known
    plan: Plan
    assumed: bool
    """The file records nobody, so one victim was assumed."""
    lines: tuple[dict[str, Any], ...]

    @property
    def beyond_holiday_list(self) -> bool:
        """Whether some deadline could not be counted."""
        return any(reason["code"] == "beyond_holiday_list" for line in self.lines for reason in line["reasons"])


def distinct(results: Iterable[LineResult]) -> tuple[list[ReadEvent], list[tuple[int, BadEvent]]]:
    """The events of a file, each once, and what is wrong on which line. The same again does nothing, other content is refused."""
    found: dict[tuple[str, str], ReadEvent] = {}
    problems: list[tuple[int, BadEvent]] = []
    for result in results:
        if result.read is None:
            if result.problem is not None:
                problems.append((result.line, result.problem))
            continue
        event = result.read.event
        before = found.setdefault((event.source, event.id), result.read)
        if before.event.digest != event.digest:
            problems.append((result.line, BadEvent("other_content", "id", _OTHER_CONTENT)))
    return list(found.values()), problems


def explain(
    reads: Sequence[ReadEvent],
    books: Books,
    calendar: WorkingDays,
    *,
    as_of: datetime | None = None,
    rules_of: RulesOf = careful_default,
) -> list[Explained]:
    """Every case of `reads` at `as_of` (default: the latest instant at which something was known), in order of the file."""
    if not reads:
        return []
    now = as_of or max(read.event.known_at for read in reads)
    by_then = [read for read in reads if read.event.known_at <= now]
    people = _people(by_then)
    cases: dict[CaseKey, list[CaseEvent]] = {}
    for read in by_then:
        cases.setdefault((read.event.force, read.event.case), []).append(read.event)
    members = _members(by_then)
    here = {key: {person: people[key[0], person].person for person in sorted(members.get(key, ()))} for key in cases}
    others = _elsewhere(cases, people, here)
    found: list[Explained] = []
    for key, events in cases.items():
        rules = replace(rules_of(key[0]), live_from=None)
        found.append(_explain(_known(key, events, here[key], others[key], rules, now), books, calendar))
    return found


def _elsewhere(
    cases: Mapping[CaseKey, Sequence[CaseEvent]],
    people: Mapping[tuple[str, str], Folded],
    here: Mapping[CaseKey, Mapping[str, Person]],
) -> dict[CaseKey, Elsewhere]:
    """Who of the other cases in the file bears on each case."""
    links = {
        force: standing_links(event for (of, _), events in cases.items() if of == force for event in events)
        for force in {force for force, _ in cases}
    }
    where = {force: {person: found.cases for (of, person), found in people.items() if of == force} for force in links}
    members: dict[CaseKey, list[tuple[Person, InCase]]] = {}
    for (force, _), found in people.items():
        for case, as_whom in found.cases.items():
            members.setdefault((force, case), []).append((found.person, as_whom))
    return {key: bearing(key, related_in(key[1], links[key[0]], where[key[0]]), here[key], members) for key in cases}


def _explain(known: Known, books: Books, calendar: WorkingDays) -> Explained:
    assumed = not any(event.type == "person.recorded" for event in known.events)
    whole = _with_a_victim(known) if assumed else known
    planned = plan(whole, books, calendar)
    lines = _Lines(open_case(whole, books, calendar), books, planned, assumed)
    return Explained(known, planned, assumed, tuple(lines.line(update) for update in planned.updates))


def _known(
    key: CaseKey,
    events: Sequence[CaseEvent],
    people: Mapping[str, Person],
    others: Elsewhere,
    rules: ForceRules,
    now: datetime,
) -> Known:
    return Known(
        force=key[0],
        case=key[1],
        events=tuple(events),
        arrived={(event.source, event.id): event.known_at for event in events},
        people=people,
        shut={},
        ledger=(),
        rules=rules,
        now=now,
        linked=others.people,
        linked_roles=others.roles,
    )


# ---------------------------------------------------------------- people


def _people(reads: Sequence[ReadEvent]) -> dict[tuple[str, str], Folded]:
    """Everybody of whom something is said, folded across the cases of their force."""
    details: dict[str, _Details] = {}
    numbers: dict[tuple[str, str, str], int] = {}
    said: dict[str, list[CaseEvent]] = {}
    names: set[tuple[str, str]] = set()
    for read in reads:
        event = read.event
        if event.type not in STATES_OF_PEOPLE and event.type not in CORRECTIONS:
            continue
        said.setdefault(event.force, []).append(event)
        names.update((event.force, person) for person in _names(event))
        for seen in split(read).contacts:
            value = seen.value
            # A blank value has no number: two blanks are not the same contact.
            number, alike = (
                numbers.setdefault((seen.force, *key), len(numbers) + 1) if key[1] else None
                for key in ((value.medium, value.normal), (value.alike_medium, value.alike))
            )
            theirs = details.setdefault(event.force, {}).setdefault(seen.person, {})
            theirs[seen.source, seen.event_id, seen.contact] = number, value.unusable, alike
    return {
        (force, person): fold(force, person, said[force], details.get(force, {}).get(person, {}))
        for force, person in names
    }


def _names(event: CaseEvent) -> set[str]:
    """Of whom an event says something; a correction, whom its new data names."""
    data: Any = event.data
    if event.type in STATES_OF_PEOPLE:
        return {data.person}
    inner = getattr(data, "data", None)
    return {inner["person"]} if isinstance(inner, dict) and isinstance(inner.get("person"), str) else set()


def _members(reads: Sequence[ReadEvent]) -> dict[CaseKey, set[str]]:
    found: dict[CaseKey, set[str]] = {}
    for read in reads:
        event = read.event
        if event.type == "person.recorded" or event.type in CORRECTIONS:
            found.setdefault((event.force, event.case), set()).update(_names(event))
    return found


def _with_a_victim(known: Known) -> Known:
    """The case with one adult victim in it, known from the beginning: whoever the events name, if they name only one person."""
    named = {person for event in known.events for person in _concerned(event)}
    who = named.pop() if len(named) == 1 else ASSUMED
    force, first = known.force, min(known.events, key=lambda event: event.time)
    known_at = min(event.known_at for event in known.events)
    data = read_data("person.recorded", {"person": "assumed", "roles": ["victim"], "born": "1900-01-01"})
    event = CaseEvent(
        force=force,
        case=known.case,
        source=f"/force/{force}",
        id=ASSUMED,
        type="person.recorded",
        time=first.time,
        known_at=known_at,
        sequence=None,
        data=data.model_copy(update={"person": who}),
        digest=b"",
    )
    return replace(
        known,
        events=(event, *known.events),
        arrived={**known.arrived, (event.source, event.id): known_at},
        people={**known.people, who: fold_person(force, who, (event, *known.events), {})},
    )


def _concerned(event: CaseEvent) -> tuple[str, ...]:
    data: Any = event.data
    person: str | None = data.__dict__.get("person")
    return (*(data.people or ()), *(() if person is None else (person,)))


# ---------------------------------------------------------------- lines


class _Lines:
    """Writes the updates of one plan out."""

    def __init__(self, case: Case, books: Books, planned: Plan, assumed: bool) -> None:
        self._books = books
        self._calendar = case.calendar
        self._assumed = assumed
        self._events = {key_of(item): item for item in case.file.events}
        self._points = {(*key_of(item), point.id): point for item, points in case.raised for point in points}
        self._messages: dict[Any, tuple[str, PlannedMessage]] = {}
        for message in planned.messages:
            name = str(min(message.updates, key=str))
            self._messages.update(dict.fromkeys(message.updates, (name, message)))

    def line(self, update: Planned) -> dict[str, Any]:
        """One update, keyed as it is printed."""
        point = self._points.get((update.source, update.event_id, update.update_point)) or self._books.point(
            update.edition, update.update_point
        )
        name, message = self._messages.get(update.id, (None, None))
        reasons = [{"code": reason.code, "text": reason.text} for reason in update.reasons]
        limits = point.standard.working_days or point.standard.hours
        return {
            "id": str(update.id),
            "force": update.force,
            "case": update.case,
            "source": update.source,
            "event_id": update.event_id,
            "part": update.part,
            "message": name,
            "update_point": update.update_point,
            "title": point.title,
            "edition": update.edition,
            "book": point.book,
            "instrument": point.citation.instrument,
            "right": point.citation.right,
            "paragraph": point.citation.paragraph,
            "sources": list(point.citation.sources),
            "confidence": point.confidence,
            "limit_confidence": point.limit_confidence if limits else "L" if update.due_on is not None else None,
            "status": point.status,
            "owner": point.owner,
            "class": update.cls,
            "person": None if self._assumed else update.person,
            "for": update.for_whom or None,
            "role": update.role,
            "suspect": update.suspect,
            "enhanced": update.enhanced,
            "clock_start": _instant(update.clock_start),
            "counted_days": [day.isoformat() for day in update.counted_days],
            "due_at": _instant(update.due_at),
            "due_on": _day(update.due_on),
            "due_on_standard": _day(update.due_on_standard),
            "due_on_enhanced": _day(update.due_on_enhanced),
            "legs": self._legs(update, point),
            "late_on_arrival": update.late_on_arrival,
            "late_qualified": update.late_qualified,
            "target_at": _instant(update.target_at),
            "send_at": _instant(message.send_at if message is not None else update.send_at),
            "channel": update.channel,
            "contact": update.contact,
            "state": update.state,
            "evidence": update.evidence,
            "kind": update.kind,
            "task": update.task,
            "queue": update.queue,
            "reasons": [*reasons, _ASSUMED_REASON] if self._assumed else reasons,
        }

    def _legs(self, update: Planned, point: UpdatePoint) -> list[dict[str, str | None]]:
        item: Effective | None = self._events.get((update.source, update.event_id))
        if not point.legs or item is None:
            return []
        start = update.clock_start
        own = LegDue(point.id, None if start is None else local_date(start), update.due_on)
        return [
            {"name": leg.name, "from": _day(leg.start), "due_on": _day(leg.due_on)}
            for leg in (*legs(point, item, self._calendar), own)
        ]


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
