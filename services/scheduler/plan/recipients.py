"""Who is told: the people of the case whose role the rule names, narrowed by whom the event names. Pure.

Roles belong to a case. Nobody who is only a suspect or an associate is ever told, and no parent is assumed to be safe. Somebody
who is victim and witness is owed both books, in one role: `both` sees to it that they hear each thing once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from schemas.editions.model import UpdatePoint
from services.ledger.ages import is_under_18
from services.ledger.effective import Effective
from services.ledger.people import Person
from services.scheduler.plan.facts import CaseFile
from services.values import value

STANDS_FOR: Final = frozenset({"parent_guardian", "spokesperson"})
_BESIDE_WITNESS: Final = ("victim", "bereaved_relative")
"""Roles in which a witness is owed the Code too, in person: they are told in one of these, and once (`both`)."""
_CANNOT_COMMUNICATE: Final = frozenset({"no_voice", "no_text"})


@value(frozen=True, slots=True)
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
    point: UpdatePoint,
    item: Effective,
    file: CaseFile,
    people: Mapping[str, Person],
    force: str,
    today: date,
) -> list[Recipient]:
    """Everybody whom `point` tells of `item`, by person and ward."""
    named = named_in(item)
    listed = item.get(point.narrowed_by) if point.narrowed_by else None
    if listed:
        named = tuple(person for person in listed if named is None or person in named)
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
        if concerned and not _told_through(person, file, people, today):
            role = next((role for role in point.recipients if role in roles and role not in STANDS_FOR), None)
            if role is not None and not (role == "witness" and point.narrowed_by and not listed):
                # One person who is both hears it once: what they are owed as a witness goes with the victim's.
                if role == "witness":
                    role = next((own for own in _BESIDE_WITNESS if own in roles), role)
                found.append(Recipient(person, role, doubts=_doubts(person, roles, role, file)))
        for role in point.recipients:
            if role in STANDS_FOR and role in roles:
                found.extend(_standing_for(person, role, point, named, file, people, force, today))
    return _one_business(found)


def _doubts(person: Person, roles: Sequence[str], role: str, file: CaseFile) -> tuple[str, ...]:
    doubts: list[str] = []
    if person.id in file.never_told:
        doubts.append("also_suspect")
    if role != "bereaved_relative" and "bereaved_relative" in roles:
        doubts.append("bereaved")
    return tuple(doubts)


def _one_business(found: list[Recipient]) -> list[Recipient]:
    """A business is told through one contact (2.4): where there are several, somebody asks which."""
    if len(found) < 2 or sum(one.role == "business_contact" for one in found) < 2:
        return found
    return [
        replace(one, doubts=(*one.doubts, "business_contacts")) if one.role == "business_contact" else one
        for one in found
    ]


def go_between(codes: Collection[str], file: CaseFile) -> tuple[str, ...]:
    """Through whom it goes, by name, for the person who takes the hold: a family's liaison officer, a business's contacts."""
    said: list[str] = []
    if "bereaved" in codes:
        name, phone = file.liaison_officer
        who = ", ".join(word for word in (name, phone) if word)
        said.append(
            f"The liaison officer is {who}." if who else "No liaison officer is recorded: ask the officer in the case."
        )
    if "business_contacts" in codes:
        contacts = sorted(person for person, roles in file.roles.items() if "business_contact" in roles)
        said.append(f"Recorded as contacts: {', '.join(contacts)}.")
    return tuple(said)


def _told_through(person: Person, file: CaseFile, people: Mapping[str, Person], today: date) -> bool:
    """Whether they asked to be told through somebody who is there to be told."""
    through = people.get(person.spokesperson) if person.spokesperson is not None else None
    return (
        through is not None
        and not through.died
        and through.id not in file.never_told
        and "spokesperson" in file.roles.get(through.id, ())
        and person.id in file.wards.get(through.id, ())
        and _speaks_for(through, person, today)
    )


def _speaks_for(person: Person, ward: Person, today: date) -> bool:
    """Only where the adult cannot communicate or asked for it, and only while they live (practice, small print)."""
    if ward.died or is_under_18(ward, today) is True:
        return False
    return ward.spokesperson == person.id or set(ward.access_needs) >= _CANNOT_COMMUNICATE


def has_communication_need(person: Person) -> bool:
    """Whether somebody must be helped to understand: another language than English, or a need in communicating (Right 1)."""
    language = (person.language or "en").strip().lower().replace("_", "-").partition("-")[0]
    return bool(person.access_needs) or language not in {"en", "eng", "english", ""}


def _standing_for(
    person: Person,
    role: str,
    point: UpdatePoint,
    named: tuple[str, ...] | None,
    file: CaseFile,
    people: Mapping[str, Person],
    force: str,
    today: date,
) -> list[Recipient]:
    own = named is None or person.id in named
    wards = sorted(file.wards.get(person.id, ()))
    if not wards:
        return [Recipient(person, role, doubts=(*_unsafe(person, None, file), "for_whom_unknown"))] if own else []
    found: list[Recipient] = []
    for ward_id in wards:
        if not own and named is not None and ward_id not in named:
            continue
        ward = people.get(ward_id) or Person(force, ward_id)
        roles = file.roles.get(ward_id, ())
        # They hear what the person for whom they stand is owed, and nothing else.
        if roles and not ward.died and set(roles).isdisjoint(point.recipients):
            continue
        doubts = _unsafe(person, ward, file)
        if "bereaved_relative" in roles:
            doubts = (*doubts, "bereaved")
        if role == "spokesperson":
            if not _speaks_for(person, ward, today):
                doubts = (*doubts, "spokesperson_check")
            found.append(Recipient(person, role, ward, ward_id, doubts))
            continue
        child = is_under_18(ward, today)
        if child is not False:
            more = doubts if child else (*doubts, "age_unknown")
            found.append(Recipient(person, role, ward, ward_id, more))
    return found


def _unsafe(person: Person, ward: Person | None, file: CaseFile) -> tuple[str, ...]:
    """Never a parent who is a suspect or lives with one, here or in a linked case, nor of a child who is a suspect."""
    if person.id in file.never_told or (ward is not None and ward.id in file.never_told):
        return ("also_suspect",)
    home = person.household
    if person.lives_with_suspect is True or (home is not None and home in file.suspect_homes):
        return ("suspect_household",)
    if ward is not None and ward.lives_with_suspect is True and home in {None, ward.household}:
        return ("suspect_household",)  # whoever lives with the child lives with the suspect
    return ()
