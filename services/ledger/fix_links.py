"""Which events correct one another, across the cases between which they move, as the ledger remembers it.

A correction may come before the event that it names, move it to a case that nobody has heard of, or name somebody whom the event
did not; so what it names is kept beside it (`event_fix`) and looked up whenever either of them comes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from schemas.envelope import CaseEvent, event_from_row
from services.ledger.cases import CaseKey
from services.ledger.connection import Connection
from services.ledger.effective import CORRECTIONS
from services.ledger.fixes import target_of
from services.ledger.inbox import EventKey, key_of

# Both ways along every link: from what is corrected to what corrects it, and back.
_LINKED: Final = """
with recursive seen (force, source, event_id) as (
    select * from unnest($1::text[], $2::text[], $3::text[])
    union
    select s.force, x.source, x.event_id from seen s cross join lateral (
        select f.source, f.event_id from event_fix f
        where f.force = s.force and f.target_source = s.source and f.target_id = s.event_id
        union all
        select f.target_source, f.target_id from event_fix f
        where f.force = s.force and f.source = s.source and f.event_id = s.event_id) x
)
select f.force, f.target_source, f.target_id, f.source, f.event_id, f.case_id, f.to_case, f.person_id
from seen s join event_fix f on f.force = s.force and f.target_source = s.source and f.target_id = s.event_id
"""

_ABOUT: Final = """
with recursive about (force, of_source, of_event, source, event_id) as (
    select k.force, k.source, k.event_id, f.source, f.event_id
    from unnest($1::text[], $2::text[], $3::text[]) k (force, source, event_id)
    join event_fix f on f.force = k.force and f.target_source = k.source and f.target_id = k.event_id
    union
    select a.force, a.of_source, a.of_event, f.source, f.event_id
    from about a join event_fix f on f.force = a.force and f.target_source = a.source and f.target_id = a.event_id
)
select a.of_source, a.of_event, e.force, e.source, e.event_id, e.case_id, e.type, e.time, e.known_at, e.sequence,
    e.data::text as data, e.digest
from about a join case_event e using (force, source, event_id)
"""

# Everything linked to an event that was once moved to or from a case, other than what is the case's own.
_MOVED: Final = """
with recursive moved (force, case_id, source, event_id) as (
    select k.force, k.case_id, f.target_source, f.target_id
    from unnest($1::text[], $2::text[]) k (force, case_id)
    join event_fix f on f.force = k.force and f.to_case = k.case_id
    union
    select k.force, k.case_id, f.target_source, f.target_id
    from unnest($1::text[], $2::text[]) k (force, case_id)
    join event_fix f on f.force = k.force and f.case_id = k.case_id and f.to_case is not null
), linked (force, case_id, source, event_id) as (
    select * from moved
    union
    select l.force, l.case_id, f.source, f.event_id
    from linked l join event_fix f on f.force = l.force and f.target_source = l.source and f.target_id = l.event_id
)
select l.case_id as into_case, e.force, e.source, e.event_id, e.case_id, e.type, e.time, e.known_at, e.sequence,
    e.data::text as data, e.digest, e.arrived_at
from linked l join case_event e using (force, source, event_id) where e.case_id <> l.case_id
"""


@dataclass(frozen=True, slots=True)
class Link:
    """One correction and the event that it names. `to_case` is another case that it moves the event to."""

    force: str
    target: tuple[str, str]
    by: tuple[str, str]
    case: str
    to_case: str | None
    person: str | None
    """Of whom the new data says something."""


@dataclass(slots=True)
class Family:
    """What hangs together with one event: what is put right (`events`), the cases, the people whom new data names."""

    events: set[tuple[str, str]] = field(default_factory=set)
    corrections: set[tuple[str, str]] = field(default_factory=set)
    cases: set[str] = field(default_factory=set)
    moves: bool = False
    people: set[str] = field(default_factory=set)


def links_of(event: CaseEvent) -> list[Link]:
    """What one correction names: its target, and where it corrects a correction, the event that its new data names."""
    if event.type not in CORRECTIONS:
        return []
    data: Any = event.data
    by = event.source, event.id
    inner = getattr(data, "data", None)
    inner = inner if isinstance(inner, dict) else {}
    found = [Link(event.force, target_of(event), by, event.case, _other(event, data), _text(inner.get("person")))]
    named = _text(inner.get("event"))
    if named is not None:
        deeper = inner.get("data")
        subject = _text(inner.get("subject"))
        found.append(
            Link(
                event.force,
                (_text(inner.get("event_source")) or event.source, named),
                by,
                event.case,
                None if subject == event.case else subject,
                _text(deeper.get("person")) if isinstance(deeper, dict) else None,
            )
        )
    return found


def _other(event: CaseEvent, data: Any) -> str | None:
    subject: str | None = getattr(data, "subject", None)
    return None if subject == event.case else subject


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


async def families(connection: Connection, events: Sequence[CaseEvent]) -> dict[EventKey, Family]:
    """For each of these events (stored or not) that corrects or is corrected: everything that hangs together with it."""
    fresh = [link for event in events for link in links_of(event)]
    wanted = {key_of(event) for event in events} | {(link.force, *link.target) for link in fresh}
    rows = await connection.fetch(_LINKED, *(list(column) for column in zip(*sorted(wanted), strict=True)))
    links = fresh + [Link(row[0], (row[1], row[2]), (row[3], row[4]), *row[5:]) for row in map(tuple, rows)]
    return _together(links, wanted) if links else {}


def _together(links: Iterable[Link], wanted: Collection[EventKey]) -> dict[EventKey, Family]:
    by_event: dict[EventKey, list[Link]] = {}
    for link in links:
        by_event.setdefault((link.force, *link.target), []).append(link)
        by_event.setdefault((link.force, *link.by), []).append(link)
    found: dict[EventKey, Family] = {}
    for key in wanted:
        if key not in by_event or key in found:
            continue
        family, todo = Family(), [key]
        while todo:
            here = todo.pop()
            if here in found:
                continue
            found[here] = family
            family.events.add(here[1:])
            for link in by_event[here]:
                family.cases.update({link.case} if link.to_case is None else {link.case, link.to_case})
                family.moves |= link.to_case is not None
                if link.person is not None:
                    family.people.add(link.person)
                family.corrections.add(link.by)
                todo += [(link.force, *link.target), (link.force, *link.by)]
        family.events -= family.corrections
    return found


async def keep_links(connection: Connection, events: Iterable[CaseEvent]) -> None:
    """Remember what these corrections name."""
    links = sorted(
        (link for event in events for link in links_of(event)), key=lambda link: (link.force, *link.target, *link.by)
    )
    if links:
        await connection.execute(
            "insert into event_fix (force, target_source, target_id, source, event_id, case_id, to_case, person_id)"
            " select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],"
            " $8::text[]) on conflict do nothing",
            *(
                list(column)
                for column in zip(
                    *((link.force, *link.target, *link.by, link.case, link.to_case, link.person) for link in links),
                    strict=True,
                )
            ),
        )


async def corrections_about(connection: Connection, events: Sequence[EventKey]) -> dict[EventKey, list[CaseEvent]]:
    """Everything that was ever said to put each of these events right, corrections of corrections included."""
    rows = await connection.fetch(_ABOUT, *(list(column) for column in zip(*events, strict=True))) if events else []
    found: dict[EventKey, list[CaseEvent]] = {}
    for row in rows:
        of_source, of_event, *columns = row.values()
        found.setdefault((row["force"], of_source, of_event), []).append(event_from_row(*_as_row(columns)))
    return found


async def moved_events(
    connection: Connection, cases: Sequence[CaseKey]
) -> Mapping[CaseKey, list[tuple[CaseEvent, datetime]]]:
    """By case: events of other cases that were moved to it or back, with what was said to put them right, and their arrival."""
    rows = await connection.fetch(_MOVED, [force for force, _ in cases], [case for _, case in cases])
    found: dict[CaseKey, list[tuple[CaseEvent, datetime]]] = {}
    for row in rows:
        case, *columns, arrived_at = row.values()
        found.setdefault((row["force"], case), []).append((event_from_row(*_as_row(columns)), arrived_at))
    return found


def _as_row(columns: Sequence[Any]) -> Sequence[Any]:
    """The columns as the inbox keeps them, in the order in which an event is made of them."""
    force, source, event_id, case, kind, *rest = columns
    return [force, source, event_id, kind, case, *rest]
