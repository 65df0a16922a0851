"""A contact that was written to turns out to be somebody else's too: somebody reviews what was sent there (PR11)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.ledger import alerts
from services.ledger.connection import Connection
from services.ledger.journal import Journal
from services.ledger.sharing import NEVER_TOLD
from services.scheduler.plan import contact, facts
from services.scheduler.plan.contact import BY_MACHINE
from services.scheduler.plan.types import Known

KIND: Final = "sent_to_shared_contact"


@dataclass(frozen=True, slots=True)
class Shared:
    """A contact of a person that another has too; `grave` where that is a suspect or an associate, here or in a linked case."""

    force: str
    case: str
    person: str
    contact: str
    detail: int
    other: str
    grave: bool

    @property
    def key(self) -> tuple[str, str, int]:
        """Whose and which number or address."""
        return self.force, self.person, self.detail

    @property
    def about(self) -> str:
        """What an alert is about: once for each pair of people and contact, by ids."""
        return "/".join((self.force, self.person, self.contact, str(self.detail), self.other))


def shared_contacts(known: Known) -> list[Shared]:
    """Every contact of somebody who may be told in this case that somebody else has too, who may not."""
    seen: set[int] = set()
    twice = False
    for person in (*known.people.values(), *known.linked.values()):
        mine = {one.same for one in person.contacts if one.same is not None}
        twice = twice or not seen.isdisjoint(mine)
        seen |= mine
    if not twice:
        return []  # nearly every case
    file = facts.read(known)
    who_has = contact.holders(known, file)
    found: list[Shared] = []
    for name, person in sorted(known.people.items()):
        if not set(file.roles.get(name, ())) - NEVER_TOLD and file.roles.get(name):
            continue
        for one in person.contacts:
            if one.channel not in BY_MACHINE or one.detail is None:
                continue
            for other in who_has.others(person, one):
                grave = other.id in file.never_told or name in file.never_told
                if not grave and (other.id in file.wards.get(name, ()) or name in file.wards.get(other.id, ())):
                    continue  # a guardian's and their child's, until the child is 18: nobody was misled
                found.append(Shared(known.force, known.case, name, one.id, one.detail, other.id, grave))
    return found


_SENT: Final = """
select m.force, m.person_id, m.detail_id, m.id from messages m
join unnest($1::text[], $2::text[], $3::bigint[]) k (force, person_id, detail_id)
    on m.force = k.force and m.person_id = k.person_id and m.detail_id = k.detail_id
where exists (select from attempts a where a.message_id = m.id and a.state not in ('refused', 'not_sent', 'absent'))
order by m.created_at, m.id
"""


async def review(connection: Connection, planned: Iterable[Known], journal: Journal) -> None:
    """Open a review, once, of everything that was sent to a contact that is shared."""
    shared = [one for known in planned for one in shared_contacts(known)]
    if not shared:
        return
    rows = await connection.fetch(
        _SENT, [one.force for one in shared], [one.person for one in shared], [one.detail for one in shared]
    )
    sent: dict[tuple[str, str, int], dict[str, None]] = {}
    for row in rows:
        sent.setdefault((row["force"], row["person_id"], row["detail_id"]), {})[str(row["id"])] = None
    news = {one.about: one for one in shared if one.key in sent}
    if not news:
        return
    told = await connection.fetch("select about from alerts where kind = $1 and about = any($2)", KIND, list(news))
    for about in sorted(news.keys() - {row["about"] for row in told}):
        one = news[about]
        await _open(connection, one, list(sent[one.key]), journal.now)
        data = {"contact": one.contact, "other": one.other, "messages": list(sent[one.key])}
        journal.note("person.review_opened", one.force, one.person, data)


async def _open(connection: Connection, one: Shared, messages: list[str], now: datetime) -> None:
    whose = "a suspect's or an associate's" if one.grave else "somebody else's"
    await alerts.raise_alert(
        connection,
        "sent_to_shared_contact",
        one.about,
        f"Messages went to contact {one.contact} of person {one.person}, which turns out to be {whose} too"
        f" ({one.other}; seen in case {one.case}): {', '.join(messages)}. Look at what they said, think of what it means for"
        " the person's safety, and reach them by another way.",
        "control room" if one.grave else "victim care",
        "By hand, once somebody has reviewed what was sent and seen to the person.",
        now,
    )
