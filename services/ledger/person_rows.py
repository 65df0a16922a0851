"""A person's folded state as it stands in its row. Most people have few parts, and rows are read at every plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any, Final

from services.ledger.people import Person
from services.ledger.second_word import Contact

_DEFAULTS: Final = {f.name: f.default for f in fields(Person)}
_CONTACT: Final = tuple(f.name for f in fields(Contact))


def person_to_row(person: Person) -> dict[str, Any]:
    """JSON-able, without what is not known: most people have few parts, and rows are read at every plan."""
    row: dict[str, Any] = {}
    for name, default in _DEFAULTS.items():
        value = getattr(person, name)
        if value == default:
            continue
        if name == "contacts":
            row[name] = [_contact_to_row(contact) for contact in value]
        elif name == "opted_in":
            row[name] = [[word, at.isoformat()] for word, at in value]
        elif isinstance(value, date):  # a datetime is a date
            row[name] = value.isoformat()
        else:
            row[name] = list(value) if isinstance(value, tuple) else value
    return row


def person_from_row(row: Mapping[str, Any]) -> Person:
    """What `person_to_row` wrote."""
    state = dict(row)
    for name in _TUPLES & state.keys():
        state[name] = tuple(state[name])
    for name in _DATES & state.keys():
        state[name] = date.fromisoformat(state[name])
    if "turned_18" in state:
        state["turned_18"] = datetime.fromisoformat(state["turned_18"])
    if "opted_in" in state:
        state["opted_in"] = tuple((word, datetime.fromisoformat(at)) for word, at in state["opted_in"])
    if "contacts" in state:
        state["contacts"] = tuple([_contact_from_row(item) for item in state["contacts"]])
    return Person(**state)


_TUPLES: Final = frozenset({"access_needs", "opt_out", "quiet_hours", "safe_hours", "stopped_channels", "unconfirmed"})
_DATES: Final = frozenset({"born", "reconfirm_by"})


def _contact_to_row(contact: Contact) -> dict[str, Any]:
    row = {name: value for name in _CONTACT if (value := getattr(contact, name)) is not None}
    if contact.verified_at is not None:
        row["verified_at"] = contact.verified_at.isoformat()
    if not contact.unconfirmed:
        del row["unconfirmed"]
    return row


def _contact_from_row(row: Mapping[str, Any]) -> Contact:
    verified = row.get("verified_at")
    return Contact(
        row["id"],
        row["channel"],
        row.get("detail"),
        row.get("safe"),
        datetime.fromisoformat(verified) if verified is not None else None,
        row.get("shared"),
        row.get("unusable"),
        row.get("alike"),
        row.get("unconfirmed", False),
    )
