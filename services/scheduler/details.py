"""Taking contact details and names out of an event before it is kept. Pure.

They stand in `contacts[].value` and `name` of what is said of a person, and in the new data of a correction of that. The ledger
keeps the event without them; the vault keeps them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from schemas.envelope import CaseEvent, ReadEvent
from services.ledger.spelling import normalise
from services.ledger.vault import ContactSeen


@dataclass(frozen=True, slots=True)
class Split:
    """An event's data as JSON text without details, and the details: contacts, and (force, person, source, event id, name)."""

    data: str
    contacts: tuple[ContactSeen, ...]
    names: tuple[tuple[str, str, str, str, str], ...]


def split(read: ReadEvent) -> Split:
    """Part what `read` says from how to reach whom."""
    event = read.event
    if event.type == "person.recorded":
        rest, contacts, name = _person(event, read.raw)
    elif event.type == "event.corrected" and isinstance(read.raw.get("data"), dict):
        inner, contacts, name = _person(event, read.raw["data"])
        rest = {**read.raw, "data": inner}
    else:
        return Split(orjson.dumps(read.raw).decode(), (), ())
    names = () if name is None else ((event.force, name[0], event.source, event.id, name[1]),)
    return Split(orjson.dumps(rest).decode(), contacts, names)


def _person(
    event: CaseEvent, raw: dict[str, Any]
) -> tuple[dict[str, Any], tuple[ContactSeen, ...], tuple[str, str] | None]:
    person, points, name = raw.get("person"), raw.get("contacts"), raw.get("name")
    if not isinstance(person, str):
        return raw, (), None
    rest = {key: value for key, value in raw.items() if key not in {"name", "contacts"}}
    contacts: list[ContactSeen] = []
    if isinstance(points, list):
        rest["contacts"] = [
            {key: value for key, value in point.items() if key != "value"} if isinstance(point, dict) else point
            for point in points
        ]
        contacts.extend(
            _contact(event, person, point)
            for point in points
            if isinstance(point, dict) and point.get("value") is not None and isinstance(point.get("id"), str)
        )
    elif "contacts" in raw:
        rest["contacts"] = None
    return rest, tuple(contacts), (person, name) if isinstance(name, str) and name else None


def _contact(event: CaseEvent, person: str, point: dict[str, Any]) -> ContactSeen:
    value, channel = str(point["value"]), point.get("channel")
    if channel not in {"sms", "email", "phone", "letter"}:
        # A value without a channel belongs to one that was named before; its looks say how to compare it.
        channel = "email" if "@" in value else "phone"
    return ContactSeen(event.force, person, point["id"], event.source, event.id, normalise(channel, value))
