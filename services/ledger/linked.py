"""Cases that belong together, and whoever of them bears on another. Pure.

A link holds both ways, whichever case said so, and the last word of either on the two stands. Whatever is linked to a linked case
belongs with it too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from schemas.envelope import CaseEvent
from services.ledger.effective import effective
from services.ledger.people import InCase, Person
from services.ledger.sharing import NEVER_TOLD

LINKS: Final = frozenset({"case.linked", "case.unlinked"})
Pair = tuple[str, str]


def standing_links(events: Iterable[CaseEvent]) -> frozenset[Pair]:
    """The links that stand by events of one force, each in both directions."""
    last: dict[Pair, bool] = {}
    for item in effective(events):
        if item.type in LINKS and not item.withdrawn:
            for other in item.data.cases:
                if other != item.case:
                    for pair in ((item.case, other), (other, item.case)):
                        last[pair] = item.type == "case.linked"
    return frozenset(pair for pair, stands in last.items() if stands)


def group_of(case: str, links: Collection[Pair]) -> frozenset[str]:
    """The other cases that belong with `case`."""
    found, new = {case}, {case}
    while new:
        new = {other for one, other in links if one in new} - found
        found |= new
    return frozenset(found - {case})


TOLD: Final = frozenset({"victim", "witness", "parent_guardian", "bereaved_relative", "spokesperson"})
"""Roles that tie the cases of one person together. Whoever is only a suspect elsewhere, or the one contact of a shop with a
thousand cases, ties none."""


@dataclass(frozen=True, slots=True)
class Related:
    """Of one case: the cases linked with it, and other cases of whoever may be told in it."""

    linked: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """People of related cases who bear on one case, with their roles in linked cases."""

    people: Mapping[str, Person]
    roles: Mapping[str, tuple[str, ...]]


NOBODY: Final = Elsewhere({}, {})


def related_in(case: str, links: Collection[Pair], people: Mapping[str, Mapping[str, InCase]]) -> Related:
    """The cases related to `case`, where `people` says of each person who they are in which case."""
    shared = {
        other
        for where in people.values()
        if case in where and (not where[case].roles or not TOLD.isdisjoint(where[case].roles))
        for other in where
    }
    return Related(group_of(case, links), frozenset(shared - {case}))


def bearing(
    case: tuple[str, str],
    rel: Related,
    here: Mapping[str, Person],
    members: Mapping[tuple[str, str], Sequence[tuple[Person, InCase]]],
) -> Elsewhere:
    """Who of the related cases bears on a case, whose own people are `here`; `members` by force and case.

    Of linked cases suspects and associates, and of all related cases whoever has a contact or a household that somebody here has.
    """
    mine = {contact.same for person in here.values() for contact in person.contacts} - {None}
    homes = {person.household for person in here.values()} - {None}
    people: dict[str, Person] = {}
    roles: dict[str, tuple[str, ...]] = {}
    for other in sorted(rel.linked | rel.shared):
        for person, there in members.get((case[0], other), ()):
            if other in rel.linked:
                roles[person.id] = tuple(sorted({*roles.get(person.id, ()), *there.roles}))
            grave = other in rel.linked and not NEVER_TOLD.isdisjoint(there.roles)
            same = any(contact.same in mine for contact in person.contacts)
            if person.id not in here and (grave or same or person.household in homes):
                people[person.id] = person
    return Elsewhere(people, {name: found for name, found in roles.items() if name in people or name in here})
