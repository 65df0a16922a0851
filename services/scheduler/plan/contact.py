"""By which number or address, if any, a machine may reach a person. Pure.

A contact that was not itself marked safe never stands in for another: a fallback is as dangerous as a wrong number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from services.ledger.people import Contact, Person
from services.scheduler.plan.care import Care
from services.scheduler.plan.facts import CaseFile

BY_MACHINE: Final = ("sms", "email")
Holders = Mapping[int, frozenset[str]]
"""By contact detail: the people of the case who have it."""

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reach:
    """The contact that a machine would use, and why it may not (codes of `holds.HOLDS`)."""

    contact: Contact | None
    holds: tuple[str, ...]


def holders(people: Mapping[str, Person]) -> Holders:
    """Who has which number or address."""
    found: dict[int, set[str]] = {}
    for person in people.values():
        for contact in person.contacts:
            if contact.detail is not None:
                found.setdefault(contact.detail, set()).add(person.id)
    return {detail: frozenset(who) for detail, who in found.items()}


def candidates(person: Person, care: Care) -> list[Contact]:
    """The contacts that could be used, at most one a channel, the preferred channel first."""
    if person.channel is not None and person.channel not in BY_MACHINE:
        return []
    best: list[Contact] = []
    for channel in BY_MACHINE:
        usable = [
            contact
            for contact in person.contacts
            if contact.channel == channel
            and contact.detail is not None
            and contact.unusable is None
            and contact.safe is not False
            # Not the channel that was asked for: only what was itself marked safe.
            and (person.channel in {None, channel} or contact.safe is True)
        ]
        if usable:
            best.append(max(usable, key=_preferable))
    if person.channel is not None:
        best.sort(key=lambda contact: contact.channel != person.channel)
    elif care.flagged:
        best.sort(key=lambda contact: contact.safe is not True)
    return best


def _preferable(contact: Contact) -> tuple[bool, datetime, str]:
    return contact.safe is True, contact.verified_at or _NEVER, contact.id


def reach(
    person: Person,
    contact: Contact | None,
    care: Care,
    file: CaseFile,
    people: Mapping[str, Person],
    who_has: Holders,
    shut: Mapping[int, str],
) -> Reach:
    """Whether a machine may use `contact` (one of `candidates`, or None where there is none)."""
    if person.channel == "letter":
        return Reach(None, ("prefers_letter",))
    if person.channel == "phone":
        return Reach(None, ("prefers_phone",))
    held: list[str] = []
    if "no_text" in person.access_needs:
        held.append("no_text")
    if care.flagged and person.texts_safe is False:
        held.append("texts_not_safe")
    if contact is None or contact.detail is None:
        return Reach(None, (*held, "no_contact"))
    if _is_shared(person, contact.detail, file, people, who_has):
        held.append("shared_contact")
    if contact.detail in shut:
        held.append("stopped" if shut[contact.detail] == "stopped" else "wrong_number")
    if care.flagged and contact.safe is not True:
        held.append("safe_contact_unknown")
    if care.flagged and contact.shared is True:
        held.append("shared_handset")
    return Reach(contact, tuple(held))


def _is_shared(person: Person, detail: int, file: CaseFile, people: Mapping[str, Person], who_has: Holders) -> bool:
    """Whether somebody else of the case has it too; only a guardian and their own child, both marked safe, may share."""
    others = who_has.get(detail, frozenset()) - {person.id}
    return any(not _guardian_and_child(person, people[other], detail, file) for other in others)


def _guardian_and_child(person: Person, other: Person, detail: int, file: CaseFile) -> bool:
    related = other.id in file.wards.get(person.id, ()) or person.id in file.wards.get(other.id, ())
    safe = all(contact.safe is True for one in (person, other) for contact in one.contacts if contact.detail == detail)
    return related and safe
