"""Putting a batch of readable events into the ledger and planning the cases that they concern, in the caller's transaction.

The order of locks: people, then cases, then messages and updates; so people are locked before anything else is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.envelope import CaseEvent, ReadEvent
from services.ledger import approvals, cases, fix_links, inbox, links, vault
from services.ledger.cases import CaseKey, PersonKey
from services.ledger.connection import Connection
from services.ledger.effective import CORRECTIONS
from services.ledger.fix_links import Family
from services.ledger.inbox import EventKey, Incoming, key_of
from services.ledger.journal import Journal
from services.ledger.people import STATES_OF_PEOPLE, InCase, fold
from services.scheduler.details import Split, split
from services.scheduler.replan import Fresh, Planner, plan_cases


@dataclass(frozen=True, slots=True)
class Accepted:
    """A record that could be read."""

    record: Any
    read: ReadEvent


@dataclass(slots=True)
class Stored:
    """What became of them. `other_bytes` are records whose event was kept before with other content; `names` says which event."""

    new: list[ReadEvent] = field(default_factory=list)
    duplicates: int = 0
    waiting: int = 0
    other_bytes: list[Any] = field(default_factory=list)
    names: dict[tuple[str, int, int], str] = field(default_factory=dict)


async def store(connection: Connection, planner: Planner, accepted: Sequence[Accepted], journal: Journal) -> Stored:
    """Keep the events that are new, with what they say of people, and plan every case that they touch."""
    stored = Stored()
    first = _first_of_each(accepted, stored)
    if not first:
        return stored
    families = await fix_links.families(connection, [item.read.event for item in first.values()])
    people, targets = await _concerned(connection, first, families)
    new_people = await cases.lock_people(connection, people)
    splits = {key: split(item.read) for key, item in first.items()}
    arrivals = await inbox.insert_events(
        connection, [Incoming(item.read.event, splits[key].data) for key, item in first.items()], journal.now
    )
    fresh_events: list[CaseEvent] = []
    for key, item in first.items():
        if key in arrivals.new:
            stored.new.append(item.read)
            fresh_events.append(item.read.event)
        elif arrivals.known.get(key) == item.read.event.digest:
            stored.duplicates += 1
        else:
            _other_bytes(stored, item)
    if not fresh_events:
        return stored
    fresh = Fresh(new_people=new_people)
    await fix_links.keep_links(connection, fresh_events)
    changed = await _keep_people(connection, fresh_events, splits, targets, new_people, fresh, families, journal)
    touched = {(event.force, event.case) for event in fresh_events}
    moving = _moving(fresh_events, families)
    touched |= moving
    named = links.named_by(fresh_events)
    touched |= {(force, other) for (force, _), others in named.items() for other in others}
    moved = {person for person in changed if person not in new_people}
    theirs = await cases.cases_of(connection, moved) if moved else set()
    touched |= theirs
    # What a case was moved to holds events that this batch did not bring: it is read.
    fresh.made = await cases.lock_cases(connection, touched) - moving
    for event in fresh_events:
        fresh.events.setdefault((event.force, event.case), []).append(event)
    await _bearing_on_others(connection, named, touched, theirs, fresh, journal)
    await plan_cases(connection, planner, sorted(touched), journal, fresh)
    stored.waiting = fresh.waiting
    return stored


async def _bearing_on_others(
    connection: Connection,
    named: Mapping[CaseKey, set[str]],
    touched: set[CaseKey],
    theirs: set[CaseKey],
    fresh: Fresh,
    journal: Journal,
) -> None:
    """Keep new links, and ask for new plans of the cases on which a change of these bears: linked ones, and those of the same
    people. It is asked for, not done here: who holds one case never waits for a chain of others."""
    before = await approvals.bearing_on(connection, named) if named else set()
    if named:
        await links.keep_links(connection, named)
    # People who are new bear on nothing but cases that were there before them.
    about = {*named, *theirs, *(case for case in fresh.members if case not in fresh.made)}
    others = (before | (await approvals.bearing_on(connection, about) if about else set())) - touched
    if others:
        await cases.plan_again(connection, others, "related")
        journal.wake("kept_replan")


def _first_of_each(accepted: Sequence[Accepted], stored: Stored) -> dict[EventKey, Accepted]:
    """Each event once; the same again in one batch does nothing, with other content it is refused."""
    first: dict[EventKey, Accepted] = {}
    for item in accepted:
        key = key_of(item.read.event)
        before = first.setdefault(key, item)
        if before is item:
            continue
        if before.read.event.digest == item.read.event.digest:
            stored.duplicates += 1
        else:
            _other_bytes(stored, item)
    return first


def _other_bytes(stored: Stored, item: Accepted) -> None:
    record, event = item.record, item.read.event
    stored.other_bytes.append(record)
    stored.names[record.topic, record.partition, record.offset] = f"{event.source} {event.id}"


async def _concerned(
    connection: Connection, first: Mapping[EventKey, Accepted], families: Mapping[EventKey, Family]
) -> tuple[set[PersonKey], dict[EventKey, set[str]]]:
    """Whom the events say something of. A correction says it of those of whom the event that it corrects did, or now does."""
    people: set[PersonKey] = set()
    said: dict[EventKey, set[str]] = {}
    for key, item in first.items():
        if item.read.event.type in STATES_OF_PEOPLE:
            said.setdefault(key, set()).add(item.read.event.data.person)  # type: ignore[attr-defined]  # every such event names one
    if families:
        wanted = sorted({(key[0], *event) for key, family in families.items() for event in family.events})
        found = await inbox.people_of_events(connection, wanted)
        for key in first.keys() & families.keys():
            family = families[key]
            members = [(key[0], *event) for event in family.events]
            named = {person for member in members for person in (*found.get(member, ()), *said.get(member, ()))}
            # Only what says something of people already may come to say it of others.
            if named:
                said[key] = named | family.people
    for key, persons in said.items():
        people.update((key[0], person) for person in persons)
    return people, said


def _moving(events: Sequence[CaseEvent], families: Mapping[EventKey, Family]) -> set[CaseKey]:
    """The cases between which something of this batch was moved."""
    return {
        (event.force, case)
        for event in events
        if (family := families.get(key_of(event))) is not None and family.moves
        for case in family.cases
    }


async def _keep_people(
    connection: Connection,
    events: Sequence[CaseEvent],
    splits: Mapping[EventKey, Split],
    said: Mapping[EventKey, set[str]],
    new_people: set[PersonKey],
    fresh: Fresh,
    families: Mapping[EventKey, Family],
    journal: Journal,
) -> set[PersonKey]:
    """Keep what the events say of people: details in the vault, who appears where, and everybody's state folded anew."""
    mine = {key_of(event): event for event in events}
    kept = await vault.keep_contacts(connection, [seen for key in mine for seen in splits[key].contacts])
    await vault.keep_names(connection, [name for key in mine for name in splits[key].names])
    joined: set[tuple[str, str, str, str]] = set()
    members: set[tuple[str, str, str]] = set()
    changed: set[PersonKey] = set()
    about: dict[PersonKey, list[CaseEvent]] = {}
    for key, event in mine.items():
        persons = said.get(key)
        if not persons:
            continue
        for person in persons:
            changed.add((event.force, person))
            family = families.get(key)
            if event.type in CORRECTIONS and family is not None:
                # The event that is corrected now says something of this person too, if it did not before.
                joined.update((event.force, person, *member) for member in family.events)
            else:
                joined.add((event.force, person, event.source, event.id))
                about.setdefault((event.force, person), []).append(event)
            if event.type == "person.recorded" or event.type in CORRECTIONS:
                where = {event.case} if family is None else {event.case, *family.cases}
                members.update((event.force, case, person) for case in where)
    await inbox.join_events(connection, sorted(joined))
    for force, case, person in members:
        fresh.members.setdefault((force, case), set()).add(person)
    if not changed:
        return changed
    old = sorted(changed - new_people)
    history = await inbox.events_of_people(connection, old) if old else {}
    details = await vault.details_of(connection, old) if old else {}
    verdicts = await approvals.verdicts_of(connection, old) if old else {}
    for who in changed & new_people:
        history[who] = about.get(who, [])
        details[who] = {}
    for (force, person, contact, source, event_id), detail in kept.items():
        details.setdefault((force, person), {})[source, event_id, contact] = detail
    fixes = await fix_links.corrections_about(
        connection, sorted({key_of(event) for who in changed for event in history[who]})
    )
    if fixes:
        for who in changed:
            about_them = {key_of(fix): fix for event in history[who] for fix in fixes.get(key_of(event), ())}
            history[who] = [*history[who], *about_them.values()]
    folded = {who: fold(*who, history[who], details[who], verdicts.get(who, {})) for who in sorted(changed)}
    fresh.people.update({who: found.person for who, found in folded.items()})
    await cases.keep_people(connection, fresh.people.values())
    await cases.join_people(
        connection,
        {(force, case, who): folded[force, who].cases.get(case, InCase()) for force, case, who in members},
    )
    spoken = {(event.force, who) for event in events if _speaks_of_safety(event) for who in said.get(key_of(event), ())}
    await approvals.tell_of_safety(connection, [folded[who] for who in sorted(spoken - new_people)], journal)
    return changed


def _speaks_of_safety(event: CaseEvent) -> bool:
    return event.type in CORRECTIONS or event.data.__dict__.get("safety") is not None
