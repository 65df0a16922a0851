"""Cases that belong together, and whoever of them bears on another, as the ledger remembers it (`services.ledger.linked`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from schemas.envelope import CaseEvent, event_from_row
from services.ledger import fix_links
from services.ledger.cases import CaseKey
from services.ledger.connection import Connection
from services.ledger.effective import CORRECTIONS
from services.ledger.inbox import key_of
from services.ledger.linked import LINKS, TOLD, Elsewhere, Related, bearing, standing_links
from services.ledger.people import InCase, Person
from services.ledger.person_rows import person_from_row


def named_by(events: Sequence[CaseEvent]) -> dict[CaseKey, set[str]]:
    """The cases that links, unlinks and corrections of them name, by the case of the event."""
    found: dict[CaseKey, set[str]] = {}
    for event in events:
        data: Any = event.data
        if event.type in CORRECTIONS:
            said = getattr(data, "data", None)
            named = said.get("cases") if isinstance(said, dict) else None
            cases = {case for case in named if isinstance(case, str)} if isinstance(named, list | tuple) else set()
            found.setdefault((event.force, event.case), set()).update(cases)
        elif event.type in LINKS:
            found.setdefault((event.force, event.case), set()).update(data.cases)
    return found


_EVER: Final = """
select l.force, l.case_id, l.other_id from case_link l
join unnest($1::text[], $2::text[]) k (force, case_id) using (force, case_id)
"""
_EVENTS: Final = """
select force, source, event_id, type, case_id, time, known_at, sequence, data::text as data, digest
from case_event join unnest($1::text[], $2::text[]) k (force, case_id) using (force, case_id)
where type in ('case.linked', 'case.unlinked')
"""
_KEEP: Final = """
insert into case_link as l (force, case_id, other_id, stands)
select * from unnest($1::text[], $2::text[], $3::text[], $4::boolean[])
on conflict (force, case_id, other_id) do update set stands = excluded.stands where l.stands <> excluded.stands
"""


async def ever_linked(connection: Connection, cases: Collection[CaseKey]) -> dict[CaseKey, set[str]]:
    """Every case that was ever linked with one of these by either's word, whether the link stands or not."""
    found: dict[CaseKey, set[str]] = {}
    for row in await connection.fetch(_EVER, *_columns(cases)) if cases else []:
        found.setdefault((row["force"], row["case_id"]), set()).add(row["other_id"])
    return found


async def keep_links(connection: Connection, named: Mapping[CaseKey, Collection[str]]) -> None:
    """Fold the links of these cases anew, of which the caller has locked both ends. `named` are those that new events name."""
    before = await ever_linked(connection, named)
    pairs = {
        (*case, other) for case, others in (*named.items(), *before.items()) for other in others if other != case[1]
    }
    if not pairs:
        return
    ends = {(force, end) for force, *both in pairs for end in both}
    events = [event_from_row(*row.values()) for row in await connection.fetch(_EVENTS, *_columns(ends))]
    fixes = await fix_links.corrections_about(connection, [key_of(event) for event in events])
    every = {key_of(event): event for event in (*events, *(fix for some in fixes.values() for fix in some))}
    rows: set[tuple[str, str, str, bool]] = set()
    for force in {force for force, _ in ends}:
        standing = standing_links(event for event in every.values() if event.force == force)
        for of_force, one, other in pairs:
            if of_force == force:
                stands = (one, other) in standing
                rows |= {(force, one, other, stands), (force, other, one, stands)}
    await connection.execute(_KEEP, *zip(*sorted(rows), strict=True))


_RELATED: Final = """
with recursive grouped (force, root, case_id) as (
    select force, case_id, case_id from unnest($1::text[], $2::text[]) k (force, case_id)
    union
    select g.force, g.root, l.other_id from grouped g
    join case_link l on l.force = g.force and l.case_id = g.case_id and l.stands
)
select force, root, case_id, true as linked from grouped where case_id <> root
union
select k.force, k.case_id, o.case_id, false from unnest($1::text[], $2::text[]) k (force, case_id)
join case_person c on c.force = k.force and c.case_id = k.case_id and (c.roles = '{}' or c.roles && $3::text[])
join case_person o on o.force = c.force and o.person_id = c.person_id and o.case_id <> c.case_id
"""


async def related(connection: Connection, cases: Collection[CaseKey]) -> dict[CaseKey, Related]:
    """For each case that has any: the cases linked with it, and other cases of its people."""
    linked: dict[CaseKey, set[str]] = {}
    shared: dict[CaseKey, set[str]] = {}
    for row in await connection.fetch(_RELATED, *_columns(cases), sorted(TOLD)) if cases else []:
        (linked if row["linked"] else shared).setdefault((row["force"], row["root"]), set()).add(row["case_id"])
    return {
        case: Related(frozenset(linked.get(case, ())), frozenset(shared.get(case, ())))
        for case in linked.keys() | shared.keys()
    }


_PEOPLE: Final = """
select force, case_id, person_id, roles, state from case_person
join unnest($1::text[], $2::text[]) k (force, case_id) using (force, case_id) join person using (force, person_id)
"""


async def elsewhere(
    connection: Connection, found: Mapping[CaseKey, Related], here: Mapping[CaseKey, Mapping[str, Person]]
) -> dict[CaseKey, Elsewhere]:
    """Who of the related cases bears on each case, whose own people are `here` (`linked.bearing`)."""
    wanted = {(force, other) for (force, _), rel in found.items() for other in rel.linked | rel.shared}
    if not wanted:
        return {}
    members: dict[CaseKey, list[tuple[Person, InCase]]] = {}
    for row in await connection.fetch(_PEOPLE, *_columns(wanted)):
        if row["state"]:
            entry = person_from_row(row["state"]), InCase(tuple(row["roles"]))
            members.setdefault((row["force"], row["case_id"]), []).append(entry)
    return {case: bearing(case, rel, here.get(case, {}), members) for case, rel in found.items()}


def _columns(keys: Iterable[CaseKey]) -> tuple[list[str], list[str]]:
    ordered = sorted(set(keys))
    return [force for force, _ in ordered], [case for _, case in ordered]
