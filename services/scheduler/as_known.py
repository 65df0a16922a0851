"""What the scheduler would know of the cases in a file of events, as if everything had arrived when the force knew it. Pure.

Contact details are parted and numbered as the vault does it, people are folded across the cases of their force, cases that were
linked know of one another, and events that a correction moved to another case are seen from both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from schemas.envelope import CaseEvent, ReadEvent, read_data
from services.ledger.effective import CORRECTIONS
from services.ledger.fixes import target_of
from services.ledger.force_rules import ForceRules
from services.ledger.linked import bearing, related_in, standing_links
from services.ledger.people import STATES_OF_PEOPLE, Detail, Folded, fold, fold_person
from services.scheduler.details import split
from services.scheduler.plan.types import Known

ASSUMED: Final = ""
"""Stands for the victim who is assumed where a case records nobody: no real person has this id."""

RulesOf = Callable[[str], ForceRules]


def known_cases(reads: Sequence[ReadEvent], now: datetime, rules_of: RulesOf) -> list[Known]:
    """Every case of `reads` in order, with nothing sent yet; what the force came to know after `now` is not known. `live_from` is
    ignored: a file may tell of any time."""
    by_then = [read for read in reads if read.event.known_at <= now]
    found: list[Known] = []
    keys = dict.fromkeys((read.event.force, read.event.case) for read in by_then)
    forces = {name: _Force(name, [read for read in by_then if read.event.force == name]) for name, _ in keys}
    keys.update(dict.fromkeys((name, case) for name, force in forces.items() for case in force.moved))
    for name, case in keys:
        rules = replace(rules_of(name), live_from=None)
        found.append(forces[name].known(case, rules, now))
    return found


def with_a_victim(known: Known) -> Known:
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


class _Force:
    """The events of one force, with its people, links and moves, as the ledger would hold them."""

    def __init__(self, name: str, reads: Sequence[ReadEvent]) -> None:
        events = [read.event for read in reads]
        self._name = name
        self._people = _people(name, reads)
        self._links = standing_links(events)
        self.moved = _moved(events)
        self._events: dict[str, list[CaseEvent]] = {}
        self._members: dict[str, set[str]] = {}
        for event in events:
            self._events.setdefault(event.case, []).append(event)
            if event.type == "person.recorded" or event.type in CORRECTIONS:
                self._members.setdefault(event.case, set()).update(_names(event))
        for who, found in self._people.items():
            for case in found.cases:
                self._members.setdefault(case, set()).add(who)

    def known(self, case: str, rules: ForceRules, now: datetime) -> Known:
        """Everything known of one case."""
        events = (*self._events.get(case, ()), *self.moved.get(case, ()))
        here = {who: self._people[who].person for who in sorted(self._members.get(case, ()))}
        related = related_in(case, self._links, {who: found.cases for who, found in self._people.items()})
        members = {
            (self._name, other): [
                (found.person, found.cases[other]) for found in self._people.values() if other in found.cases
            ]
            for other in related.linked | related.shared
        }
        others = bearing((self._name, case), related, here, members)
        return Known(
            force=self._name,
            case=case,
            events=events,
            arrived={(event.source, event.id): event.known_at for event in events},
            people=here,
            shut={},
            ledger=(),
            rules=rules,
            now=now,
            linked=others.people,
            linked_roles=others.roles,
        )


def _people(force: str, reads: Sequence[ReadEvent]) -> dict[str, Folded]:
    """Everybody of whom something is said, folded across the cases of their force."""
    details: dict[str, dict[tuple[str, str, str], Detail]] = {}
    numbers: dict[tuple[str, str], int] = {}
    said: list[CaseEvent] = []
    names: set[str] = set()
    for read in reads:
        event = read.event
        if event.type not in STATES_OF_PEOPLE and event.type not in CORRECTIONS:
            continue
        said.append(event)
        names |= _names(event)
        for seen in split(read).contacts:
            value = seen.value
            number = _number(numbers, value.medium, value.normal)
            alike = _number(numbers, value.alike_medium, value.alike)
            theirs = details.setdefault(seen.person, {})
            theirs[seen.source, seen.event_id, seen.contact] = number, value.unusable, alike
    return {name: fold(force, name, said, details.get(name, {})) for name in names}


def _number(numbers: dict[tuple[str, str], int], medium: str, text: str) -> int | None:
    """Equal for two values exactly when the vault would call them the same; a blank value has none: two blanks are not one."""
    return numbers.setdefault((medium, text), len(numbers) + 1) if text else None


def _names(event: CaseEvent) -> set[str]:
    """Of whom an event says something; a correction, whom its new data names."""
    data: Any = event.data
    if event.type in STATES_OF_PEOPLE:
        return {data.person}
    inner = getattr(data, "data", None)
    return {inner["person"]} if isinstance(inner, dict) and isinstance(inner.get("person"), str) else set()


def _moved(events: Sequence[CaseEvent]) -> dict[str, list[CaseEvent]]:
    """By case: the events of other cases that a correction moved to it or from it, with every correction of them."""
    corrections = [event for event in events if event.type in CORRECTIONS]
    wanted: dict[str, set[tuple[str, str]]] = {}
    for event in corrections:
        data: Any = event.data
        subject = getattr(data, "subject", None)
        if subject is not None and subject != event.case:
            for case in (event.case, subject):
                wanted.setdefault(case, set()).add(target_of(event))
    found: dict[str, list[CaseEvent]] = {}
    for case, targets in wanted.items():
        names = set(targets)
        while more := {(fix.source, fix.id) for fix in corrections if target_of(fix) in names} - names:
            names |= more
        found[case] = [event for event in events if (event.source, event.id) in names and event.case != case]
    return found


def _concerned(event: CaseEvent) -> tuple[str, ...]:
    """Whom an event names as concerned, and whom it says that bail or an order protects."""
    data: Any = event.data
    person: str | None = data.__dict__.get("person")
    protected: list[str] | None = data.__dict__.get("protects")
    return (*(data.people or ()), *(protected or ()), *(() if person is None else (person,)))
