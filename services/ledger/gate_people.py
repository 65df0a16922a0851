"""Whom the gates must know besides the person: who shares a contact, who is a suspect somewhere, and for whom it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from services.ledger import links
from services.ledger.ages import is_under_18
from services.ledger.cases import CaseKey
from services.ledger.connection import Connection
from services.ledger.contact_hours import LONDON
from services.ledger.linked import NOBODY, Elsewhere
from services.ledger.messages import Carried, Message
from services.ledger.people import InCase, Person
from services.ledger.person_rows import person_from_row
from services.ledger.sharing import NEVER_TOLD, Sharing, sharing

Ward = Literal["", "died", "grown_up"]
"""Why somebody is no longer told for another: that person died, or a guardian's child is 18."""

_MEMBERS: Final = """
select c.force, c.case_id, c.person_id, c.roles, c.stands_for, p.state from case_person c
join unnest($1::text[], $2::text[]) k (force, case_id) using (force, case_id) join person p using (force, person_id)
"""


@dataclass(frozen=True, slots=True)
class Company:
    """The people of one case and of those that belong with it, as they are known now."""

    people: Mapping[str, Person]
    cases: Mapping[str, InCase]
    """Who they are in this case."""
    sharing: Sharing

    def is_shared(self, person: Person, contact_id: str) -> bool:
        """Whether somebody else has this contact of a person too."""
        return any(contact.id == contact_id and self.sharing.is_shared(person, contact) for contact in person.contacts)

    def ward(self, person: str, updates: Sequence[Carried]) -> Ward:
        """Whether those for whom a person is told are still there to be told for, and still children where that counts."""
        for ward_id in {update.for_whom for update in updates} - {""}:
            ward = self.people.get(ward_id)
            if ward is None:
                continue
            if ward.died:
                return "died"
            roles = self.cases.get(person, InCase()).roles
            if "spokesperson" not in roles and is_under_18(ward, self.sharing.today) is False:
                return "grown_up"
        return ""


async def companies(connection: Connection, messages: Sequence[Message], now: datetime) -> dict[CaseKey, Company]:
    """The company of each message's case, read as it is now."""
    cases = sorted({(message.force, message.case) for message in messages})
    people: dict[CaseKey, dict[str, Person]] = {case: {} for case in cases}
    roles: dict[CaseKey, dict[str, InCase]] = {case: {} for case in cases}
    for row in await connection.fetch(_MEMBERS, [force for force, _ in cases], [case for _, case in cases]):
        key = row["force"], row["case_id"]
        roles[key][row["person_id"]] = InCase(tuple(row["roles"]), tuple(row["stands_for"]))
        if row["state"]:
            people[key][row["person_id"]] = person_from_row(row["state"])
    found = await links.related(connection, cases)
    others = await links.elsewhere(connection, found, people) if found else {}
    today = now.astimezone(LONDON).date()
    return {case: _company(people[case], roles[case], others.get(case, NOBODY), today) for case in cases}


def _company(people: Mapping[str, Person], cases: Mapping[str, InCase], others: Elsewhere, today: date) -> Company:
    suspects = {name for name, found in cases.items() if not NEVER_TOLD.isdisjoint(found.roles)}
    suspects |= {name for name, found in others.roles.items() if not NEVER_TOLD.isdisjoint(found)}
    wards = {name: found.stands_for for name, found in cases.items() if found.stands_for}
    return Company(people, cases, sharing({**others.people, **people}, wards, suspects, today))
