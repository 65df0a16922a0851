"""Who is told: the people of the case whose role the rule names, narrowed by whom the event names. Pure.

Roles belong to a case. Nobody who is only a suspect or an associate is ever told, and no parent is assumed to be safe.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from schemas.editions.model import UpdatePoint
from services.ledger.effective import Effective
from services.ledger.people import Person
from services.scheduler.plan.care import is_under_18
from services.scheduler.plan.facts import CaseFile

STANDS_FOR: Final = frozenset({"parent_guardian", "spokesperson"})
_NEVER_TOLD: Final = frozenset({"suspect", "associate"})


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person to be told, in one role, for somebody or in their own right."""

    person: Person
    role: str
    ward: Person | None = None
    """Whoever a guardian or spokesperson is told for."""
    for_whom: str = ""
    doubts: tuple[str, ...] = ()
    """Codes of `holds.HOLDS`: why a person must look first."""


def named_in(item: Effective) -> tuple[str, ...] | None:
    """The people whom an event names; None if it concerns everybody in the case."""
    people = item.data.people
    person = item.get("person")
    if people is None:
        return None if person is None else (person,)
    return tuple(people) if person is None else (*people, person)


def not_recorded(item: Effective, file: CaseFile) -> tuple[str, ...]:
    """People whom the event names and whom this case does not know yet, sorted."""
    return tuple(sorted({person for person in named_in(item) or () if person not in file.roles}))


def recipients(
    point: UpdatePoint, item: Effective, file: CaseFile, people: Mapping[str, Person], force: str, today: date
) -> list[Recipient]:
    """Everybody whom `point` tells of `item`, by person and ward."""
    named = named_in(item)
    found: list[Recipient] = []
    for person_id in sorted(file.roles):
        roles = file.roles[person_id]
        person = people.get(person_id) or Person(force, person_id)
        concerned = named is None or person_id in named
        if point.only_for == "communication_need" and not has_communication_need(person):
            continue
        if not roles:
            if concerned:
                found.append(Recipient(person, "", doubts=("role_unknown",)))
            continue
        if concerned:
            role = next((role for role in point.recipients if role in roles and role not in STANDS_FOR), None)
            if role is not None:
                # One person who is both hears it once: what they are owed as a witness goes with the victim's.
                role = "victim" if role == "witness" and "victim" in roles else role
                doubts = ("also_suspect",) if not _NEVER_TOLD.isdisjoint(roles) else ()
                found.append(Recipient(person, role, doubts=doubts))
        for role in point.recipients:
            if role in STANDS_FOR and role in roles:
                found.extend(_standing_for(person, role, named, file, people, force, today))
    return found


def has_communication_need(person: Person) -> bool:
    """Whether somebody must be helped to understand: another language than English, or a need in communicating (Right 1)."""
    language = (person.language or "en").strip().lower().replace("_", "-").partition("-")[0]
    return bool(person.access_needs) or language not in {"en", "eng", "english", ""}


def _standing_for(
    person: Person,
    role: str,
    named: tuple[str, ...] | None,
    file: CaseFile,
    people: Mapping[str, Person],
    force: str,
    today: date,
) -> list[Recipient]:
    own = named is None or person.id in named
    doubts = _unsafe(person, file, people)
    wards = sorted(file.wards.get(person.id, ()))
    if not wards:
        return [Recipient(person, role, doubts=(*doubts, "for_whom_unknown"))] if own else []
    found: list[Recipient] = []
    for ward_id in wards:
        if not own and named is not None and ward_id not in named:
            continue
        ward = people.get(ward_id) or Person(force, ward_id)
        if role == "spokesperson":
            found.append(Recipient(person, role, ward, ward_id, (*doubts, "spokesperson_check")))
            continue
        child = is_under_18(ward, today)
        if child is not False:
            more = doubts if child else (*doubts, "age_unknown")
            found.append(Recipient(person, role, ward, ward_id, more))
    return found


def _unsafe(person: Person, file: CaseFile, people: Mapping[str, Person]) -> tuple[str, ...]:
    """Never a parent who is a suspect or lives with one."""
    if not _NEVER_TOLD.isdisjoint(file.roles[person.id]):
        return ("also_suspect",)
    if person.lives_with_suspect is True:
        return ("suspect_household",)
    if person.household is not None and any(
        "suspect" in roles and other in people and people[other].household == person.household
        for other, roles in file.roles.items()
    ):
        return ("suspect_household",)
    return ()
