"""Reading what the gates look at, for a group of messages at once, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TypeAlias
from uuid import UUID

from schemas.editions.load import load_books
from services.ledger import messages as road
from services.ledger import vault
from services.ledger.brakes import OutsideStop, read_brakes
from services.ledger.connection import Connection
from services.ledger.force_rules import ForceRules, rules_of
from services.ledger.gate_people import companies
from services.ledger.gates import CAP_WINDOW, GateView, contact_of
from services.ledger.messages import Carried, Message
from services.ledger.people import Person
from services.ledger.person_rows import person_from_row

ReadShut: TypeAlias = Callable[[Connection, Sequence[int]], Awaitable[Mapping[int, str]]]
RulesOf: TypeAlias = Callable[[Connection, list[str]], Awaitable[Mapping[str, ForceRules]]]


@dataclass(frozen=True, slots=True)
class Gatekeeping:
    """What a process knows of the gates from its settings."""

    production: bool = False
    stop: OutsideStop = field(default_factory=OutsideStop)
    rules_of: RulesOf = rules_of


@lru_cache(maxsize=4096)
def topic_of(edition: str, update_point: str) -> str | None:
    """The word of `opt_out` that declines a rule's news; None where nobody can opt out, or where no book holds the rule."""
    try:
        return load_books().point(edition, update_point).topic
    except KeyError:
        return None


async def people_of(connection: Connection, messages: Sequence[Message]) -> dict[tuple[str, str], Person]:
    """The people to whom these messages go, as they are known now."""
    rows = await connection.fetch(
        "select force, person_id, state from person"
        " join unnest($1::text[], $2::text[]) k (force, person_id) using (force, person_id)",
        [message.force for message in messages],
        [message.person for message in messages],
    )
    return {(row["force"], row["person_id"]): person_from_row(row["state"]) for row in rows if row["state"]}


async def load_views(
    connection: Connection,
    messages: Sequence[Message],
    carried: Mapping[UUID, Sequence[Carried]],
    keeping: Gatekeeping,
    now: datetime,
    read_shut: ReadShut = vault.shut_details,
) -> dict[UUID, GateView]:
    """One view a message. Lock the messages first: what is read after that is at least as new as the lock.

    `read_shut` says which contact details are shut, and why.
    """
    if not messages:
        return {}
    around = await companies(connection, messages, now)
    people = {(force, name): found for (force, _), one in around.items() for name, found in one.people.items()}
    strangers = [message for message in messages if (message.force, message.person) not in people]
    if strangers:
        people |= await people_of(connection, strangers)
    details = {}
    for message in messages:
        contact = contact_of(people.get((message.force, message.person)), message.contact)
        if contact is not None and contact.detail is not None:
            details[message.id] = contact.detail
    known = sorted(set(details.values()))
    shut = await read_shut(connection, known)
    lately = await road.sent_since(connection, known, now - CAP_WINDOW)
    brakes = await read_brakes(connection)
    rules = await keeping.rules_of(connection, sorted({message.force for message in messages}))
    stopped = keeping.stop.is_on()
    views = {}
    for message in messages:
        updates = carried.get(message.id, ())
        person = people.get((message.force, message.person))
        detail = details.get(message.id)
        company = around[message.force, message.case]
        sent, oldest = lately.get(detail, (0, None)) if detail is not None else (0, None)
        views[message.id] = GateView(
            now=now,
            kind=message.kind,
            channel=message.channel,
            contact_id=message.contact,
            rules=rules[message.force],
            person=person,
            brakes=brakes,
            stopped=stopped,
            production=keeping.production,
            detail=message.detail if message.tries else None,
            shut=None if detail is None else shut.get(detail),
            due_at=message.due_at,
            topics=frozenset(
                topic for update in updates if (topic := topic_of(update.edition, update.update_point)) is not None
            ),
            safety_critical=any(update.cls == "safety_critical" for update in updates),
            flagged=any(update.flagged for update in updates) or (person is not None and person.has_safety_profile),
            reminder=bool(updates) and all(update.cls == "reminder" for update in updates),
            correction=bool(updates) and all(update.correction for update in updates),
            sent_lately=sent,
            oldest_lately=oldest,
            shared=person is not None and company.is_shared(person, message.contact),
            also_suspect=message.person in company.sharing.suspects,
            ward=company.ward(message.person, updates),
        )
    return views
