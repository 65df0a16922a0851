"""What a case's events amount to, folded once a plan: who is who, the suspects, the classes, who was told, what is held. Pure.

Everything here is by the one order of events (`services.ledger.effective`), so that arrival cannot matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from services.ledger.effective import Effective, effective
from services.ledger.sharing import NEVER_TOLD
from services.scheduler.plan.types import Known

Key = tuple[str, str]
"""Source and id of the original event."""
Classes = tuple[str, ...] | None
"""Offence classes; None is not assessed."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """One needs assessment of one person."""

    at: datetime
    enhanced: bool | None
    gateways: tuple[str, ...]
    by: str | None = None
    """Who assessed."""


@dataclass(slots=True)
class CaseFile:
    """What is known of one case. Built by `read`, then only read."""

    events: list[Effective]
    position: dict[Key, int] = field(default_factory=dict)
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Everybody recorded in this case; an empty tuple where no role was given."""
    wards: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """For whom a guardian or spokesperson stands."""
    suspects: set[str] = field(default_factory=set)
    roles_elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Roles in linked cases."""
    never_told: frozenset[str] = frozenset()
    """Suspects and associates, here or in a linked case."""
    suspect_homes: frozenset[str] = frozenset()
    """The households of suspects and associates."""
    liaison_officer: tuple[str | None, str | None] = (None, None)
    """Name and telephone of whoever a bereaved family hears everything through."""
    classes: Classes = None
    class_changes: list[tuple[datetime, Classes]] = field(default_factory=list)
    crime_at: datetime | None = None
    officer: tuple[str | None, str | None] = (None, None)
    """Name and telephone of whoever owns the case now."""
    assessments: dict[str, list[Assessment]] = field(default_factory=dict)
    supports: dict[str, bool | None] = field(default_factory=dict)
    chains: dict[tuple[str, ...], list[Effective]] = field(default_factory=dict)
    """Events that state the same thing anew (a hearing, a person's attendance, bail conditions), in order."""
    contacts: list[Effective] = field(default_factory=list)
    confirmations: list[Effective] = field(default_factory=list)
    operations: dict[str, Effective] = field(default_factory=dict)
    on_bail: dict[Key, bool] = field(default_factory=dict)
    """By event: whether its suspect (or, where it names none, anybody) was on police bail just before it."""
    extra_crimes: set[Key] = field(default_factory=set)
    heard_of: dict[str, datetime] = field(default_factory=dict)
    """By person: when the last word on them in this case reached us."""
    classed: datetime | None = None
    """When the last word on the crime reached us."""
    _bail: dict[str, bool] = field(default_factory=dict)


def read(known: Known) -> CaseFile:
    """Fold the events of a case."""
    file = CaseFile(effective(known.events, known.case))
    arrived = known.arrived
    for position, item in enumerate(file.events):
        key = (item.event.source, item.event.id)
        file.position[key] = position
        if item.withdrawn:
            continue
        handle = _HANDLERS.get(item.type)
        if handle is not None:
            handle(file, item, key, arrived)
        suspect = item.get("suspect")
        if suspect is not None:
            file.suspects.add(suspect)
    for person, roles in file.roles.items():
        if "suspect" in roles:
            file.suspects.add(person)
    _never_told(file, known)
    return file


def _never_told(file: CaseFile, known: Known) -> None:
    """Who is a suspect or an associate, here or in a linked case, and where they live."""
    file.roles_elsewhere = known.linked_roles
    file.never_told = frozenset(
        person
        for roles_by_person in (file.roles, known.linked_roles)
        for person, roles in roles_by_person.items()
        if not NEVER_TOLD.isdisjoint(roles)
    )
    file.suspect_homes = frozenset(
        found.household
        for people in (known.people, known.linked)
        for name, found in people.items()
        if name in file.never_told and found.household is not None
    )


def arrival(item: Effective, arrived: Mapping[Key, datetime]) -> datetime:
    """When an event, as it stands, had reached us."""
    event = item.event
    at = arrived.get((event.source, event.id), event.known_at)
    for said in item.fixes:
        at = max(at, arrived.get((said.source, said.id), said.known_at))
    return at


Handler = Callable[[CaseFile, Effective, Key, Mapping[Key, datetime]], None]


def _heard(file: CaseFile, item: Effective, arrived: Mapping[Key, datetime]) -> None:
    at, person = arrival(item, arrived), item.data.person
    before = file.heard_of.get(person)
    file.heard_of[person] = at if before is None else max(before, at)


def _person(file: CaseFile, item: Effective, _key: Key, arrived: Mapping[Key, datetime]) -> None:
    data = item.data
    if data.roles is not None or data.person not in file.roles:
        file.roles[data.person] = data.roles or ()
    if data.for_ is not None:
        file.wards[data.person] = data.for_
    _heard(file, item, arrived)


def _about_person(file: CaseFile, item: Effective, _key: Key, arrived: Mapping[Key, datetime]) -> None:
    _heard(file, item, arrived)


def _needs(file: CaseFile, item: Effective, _key: Key, arrived: Mapping[Key, datetime]) -> None:
    data = item.data
    found = Assessment(item.time, data.enhanced, data.gateways or (), data.assessed_by)
    file.assessments.setdefault(data.person, []).append(found)
    _heard(file, item, arrived)


def _participation(file: CaseFile, item: Effective, _key: Key, arrived: Mapping[Key, datetime]) -> None:
    file.supports[item.data.person] = item.data.supports_prosecution
    _heard(file, item, arrived)


def _crime(file: CaseFile, item: Effective, key: Key, arrived: Mapping[Key, datetime]) -> None:
    """The crime is one state: it is said again, never owed again."""
    if file.crime_at is not None:
        file.extra_crimes.add(key)
    else:
        file.crime_at = item.time
    liaison = item.data.__dict__.get("liaison_officer")
    if liaison is not None and (liaison.name or liaison.phone):
        file.liaison_officer = (liaison.name, liaison.phone)
    _classes(file, item, key, arrived)
    _officer(file, item, key, arrived)


def _classes(file: CaseFile, item: Effective, _key: Key, arrived: Mapping[Key, datetime]) -> None:
    if "offence_classes" in item.data.model_fields_set:
        file.classes = item.data.offence_classes or None  # no class at all is no assessment
        file.class_changes.append((item.time, file.classes))
    at = arrival(item, arrived)
    file.classed = at if file.classed is None else max(file.classed, at)


def _officer(file: CaseFile, item: Effective, _key: Key, _arrived: Mapping[Key, datetime]) -> None:
    officer = item.data.officer
    if officer is not None and (officer.name or officer.phone):
        file.officer = (officer.name, officer.phone)


def _handed_over(file: CaseFile, item: Effective, _key: Key, _arrived: Mapping[Key, datetime]) -> None:
    """Who the contact is, is one state for everybody whom the handover concerns."""
    file.chains.setdefault(("handover", *sorted(item.data.people or ())), []).append(item)
    to = item.data.to
    if to is not None and (to.name or to.phone):
        file.officer = (to.name, to.phone)


def _contact(file: CaseFile, item: Effective, _key: Key, _arrived: Mapping[Key, datetime]) -> None:
    if item.data.substantive is True:
        file.contacts.append(item)


def _confirmed(file: CaseFile, item: Effective, _key: Key, _arrived: Mapping[Key, datetime]) -> None:
    file.confirmations.append(item)


def _operation(file: CaseFile, item: Effective, _key: Key, _arrived: Mapping[Key, datetime]) -> None:
    file.operations[item.data.hold] = item


def _hearing(file: CaseFile, item: Effective, _key: Key, _arrived: Mapping[Key, datetime]) -> None:
    file.chains.setdefault(("hearing", item.data.hearing), []).append(item)


def _attendance(file: CaseFile, item: Effective, _key: Key, _arrived: Mapping[Key, datetime]) -> None:
    file.chains.setdefault(("attendance", item.data.person, item.data.hearing), []).append(item)


def _appeal(file: CaseFile, item: Effective, _key: Key, _arrived: Mapping[Key, datetime]) -> None:
    file.chains.setdefault(("appeal", item.data.appeal), []).append(item)


def _order(file: CaseFile, item: Effective, _key: Key, _arrived: Mapping[Key, datetime]) -> None:
    file.chains.setdefault(("order", item.data.order), []).append(item)


def _bail_words(file: CaseFile, item: Effective, key: Key, arrived: Mapping[Key, datetime]) -> None:
    """A change or an end of police bail says the whole state of the bail anew."""
    file.chains.setdefault(("bail", item.data.suspect), []).append(item)
    _liberty(file, item, key, arrived)


def _liberty(file: CaseFile, item: Effective, key: Key, _arrived: Mapping[Key, datetime]) -> None:
    """Follow who is on police bail."""
    suspect = item.get("suspect")
    file.on_bail[key] = any(file._bail.values()) if suspect is None else file._bail.get(suspect, False)  # noqa: SLF001  # built here
    after = _on_bail_after(item.type, item.data)
    if after is not None:
        for name in list(file._bail) if suspect is None else [suspect]:  # noqa: SLF001  # built here
            file._bail[name] = after  # noqa: SLF001  # built here


def _closed(file: CaseFile, item: Effective, key: Key, arrived: Mapping[Key, datetime]) -> None:
    _liberty(file, item, key, arrived)
    _officer(file, item, key, arrived)


def _on_bail_after(kind: str, data: Any) -> bool | None:
    match kind:
        case "suspect.released":
            return bool(data.mode == "bail")
        case "police_bail.conditions_changed":
            return True
        case _:
            return False


_HANDLERS: Final[Mapping[str, Handler]] = {
    "person.recorded": _person,
    "preference.changed": _about_person,
    "safety.changed": _about_person,
    "person.died": _about_person,
    "person.turned_18": _about_person,
    "participation.changed": _participation,
    "needs_assessment.completed": _needs,
    "needs_assessment.changed": _needs,
    "crime.recorded": _crime,
    "crime.reclassified": _classes,
    "incident.recorded": _officer,
    "investigation.opened": _officer,
    "investigation.declined": _officer,
    "investigation.closed": _closed,
    "investigation.reopened": _officer,
    "officer.note": _officer,
    "case.handed_over": _handed_over,
    "contact.made": _contact,
    "owner.confirmed": _confirmed,
    "operational_hold.set": _operation,
    "operational_hold.lifted": _operation,
    "wcu.received.hearing_listed": _hearing,
    "wcu.received.hearing_changed": _hearing,
    "wcu.received.hearing_vacated": _hearing,
    "wcu.received.attendance_required": _attendance,
    "wcu.received.attendance_not_required": _attendance,
    "wcu.received.appeal_listed": _appeal,
    "protective_order.made": _order,
    "protective_order.changed": _order,
    "protective_order.ended": _order,
    "custody.changed": _liberty,
    "suspect.released": _liberty,
    "suspect.charged": _liberty,
    "requisition.issued": _liberty,
    "police_bail.conditions_changed": _bail_words,
    "police_bail.cancelled": _bail_words,
    "decision.police_nfa": _liberty,
    "decision.cps_no_charge": _liberty,
    "disposal.out_of_court.given": _liberty,
}
