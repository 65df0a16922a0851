"""Somebody is about to be 18: they are asked first, and alone, whether a parent is to be told from then on (6.18, PR14).

It is an alert and not an update: no rule of any book owes it, and nothing that is owed waits for the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from services.ledger import alerts
from services.ledger.ages import ASK_BEFORE, eighteenth_birthday
from services.ledger.connection import Connection
from services.ledger.journal import Journal
from services.scheduler.plan.types import Known
from services.scheduler.working_days import local_date

KIND: Final = "ask_before_18"


def to_ask(known: Known) -> tuple[set[str], set[str]]:
    """Whom to ask now, of those for whom a guardian stands in this case, and who is 18 already; both as force/person."""
    today = local_date(known.now)
    wards = {
        ward
        for event in known.events
        if event.type == "person.recorded"
        for ward in getattr(event.data, "for_", None) or ()
    }
    soon: set[str] = set()
    over: set[str] = set()
    for ward in wards & known.people.keys():
        person = known.people[ward]
        birthday = eighteenth_birthday(person)
        if birthday is None or person.died:
            continue
        if birthday <= today:
            over.add(f"{known.force}/{ward}")
        elif today >= birthday - ASK_BEFORE:
            soon.add(f"{known.force}/{ward}")
    return soon, over


async def ask_before_18(connection: Connection, planned: Iterable[Known], journal: Journal) -> None:
    """Raise an alert, once a person, before their birthday, and clear it from the birthday on."""
    soon: set[str] = set()
    over: set[str] = set()
    for known in planned:
        ask, done = to_ask(known)
        soon |= ask
        over |= done
    if over:
        await alerts.clear_alerts(connection, KIND, over, journal.now)
    if not soon:
        return
    asked = await connection.fetch("select about from alerts where kind = $1 and about = any($2)", KIND, sorted(soon))
    for about in sorted(soon - {row["about"] for row in asked}):
        await alerts.raise_alert(
            connection,
            "ask_before_18",
            about,
            "This person will be 18 within four weeks. Ask them now, alone, how they want to be reached from then on and"
            " whether a parent is to be told anything: nobody inherits a contact.",
            "victim care",
            "By itself on their birthday, or by hand once they were asked and the record system has their answer.",
            journal.now,
        )
