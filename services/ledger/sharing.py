"""Whether a number, a mailbox or a door of one person is somebody else's too: one answer for the plan and for the gates. Pure.

A contact that two people share is safe for neither. Only a guardian and their own child under 18 may share one, both marked safe.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.ledger.ages import is_under_18
from services.ledger.people import Person
from services.ledger.second_word import Contact

NEVER_TOLD: Final = frozenset({"suspect", "associate"})
"""Roles in which nobody is told anything."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """Who has what, among the people of a case and of the cases that belong with it."""

    people: Mapping[str, Person]
    wards: Mapping[str, Collection[str]]
    """For whom each guardian or spokesperson stands."""
    suspects: frozenset[str]
    """Suspects and associates, here or in a linked case."""
    today: date
    who_has: Mapping[int, frozenset[str]]
    homes: frozenset[str]
    """The households of suspects and associates."""

    def others(self, person: Person, contact: Contact) -> list[Person]:
        """Everybody else who has this contact and may not, suspects and associates first."""
        same = contact.same
        if same is None:
            return []
        found = [
            other
            for name in self.who_has.get(same, frozenset()) - {person.id}
            if not self._guardian_and_child(person, other := self.people[name], same)
        ]
        return sorted(found, key=lambda other: (other.id not in self.suspects, other.id))

    def is_shared(self, person: Person, contact: Contact) -> bool:
        """Whether somebody else has it too who may not."""
        return bool(self.others(person, contact))

    def inherited(self, person: Person) -> frozenset[int]:
        """What somebody who is 18 has of a guardian of theirs: nobody inherits a contact (PR14)."""
        if is_under_18(person, self.today) is not False:
            return frozenset()
        return frozenset(
            contact.same
            for guardian, wards in self.wards.items()
            if person.id in wards and guardian in self.people
            for contact in self.people[guardian].contacts
            if contact.same is not None
        )

    def lives_with_suspect(self, person: Person) -> bool:
        """Whether they said so, or share a household with a suspect or associate."""
        return person.lives_with_suspect is True or (person.household is not None and person.household in self.homes)

    def _guardian_and_child(self, one: Person, other: Person, same: int) -> bool:
        child = (
            other if other.id in self.wards.get(one.id, ()) else one if one.id in self.wards.get(other.id, ()) else None
        )
        if child is None or is_under_18(child, self.today) is not True:
            return False
        if not self.suspects.isdisjoint({one.id, other.id}):
            return False
        return all(contact.safe is True for each in (one, other) for contact in each.contacts if contact.same == same)


def sharing(
    people: Mapping[str, Person], wards: Mapping[str, Collection[str]], suspects: Iterable[str], today: date
) -> Sharing:
    """Who has what among `people`, of whom `suspects` are told nothing."""
    who_has: dict[int, set[str]] = {}
    never = frozenset(suspects)
    homes: set[str] = set()
    for name, person in people.items():
        for contact in person.contacts:
            same = contact.same
            if same is not None:
                who_has.setdefault(same, set()).add(name)
        if name in never and person.household is not None:
            homes.add(person.household)
    return Sharing(
        people, wards, never, today, {same: frozenset(names) for same, names in who_has.items()}, frozenset(homes)
    )
