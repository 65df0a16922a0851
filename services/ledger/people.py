"""What is known of one person, folded from every case in which they appear.

Only states replace one another, each part on its own; a part that an event does not name is unchanged. Contact values and names
are not here: they live in the vault (`services.ledger.vault`) and are named by `detail`, a number that is equal for two contact
points exactly when they are the same number or address in any spelling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, Final

from schemas.case_events.people import ContactPoint, Preference, Safety
from schemas.envelope import CaseEvent
from services.ledger.effective import Effective, said_of

STATES_OF_PEOPLE: Final = frozenset(
    {"person.recorded", "preference.changed", "safety.changed", "person.died", "person.turned_18"}
)
"""The events that say something of a person beyond their case."""

Details = Mapping[tuple[str, str, str], tuple[int | None, str | None]]
"""By source, event id and contact id: the detail in the vault, and why it cannot be used. Absent where no value was given."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One way to reach a person. `detail` names the number or address in the vault; `unusable` says why it cannot be used."""

    id: str
    channel: str  # sms, email, phone, letter
    detail: int | None
    safe: bool | None = None
    verified_at: datetime | None = None
    shared: bool | None = None
    unusable: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """The state of a person across the force. `None` always means not known, and rules take the careful side."""

    force: str
    id: str
    born: date | None = None
    turned_18: datetime | None = None
    died: bool = False
    language: str | None = None
    access_needs: tuple[str, ...] = ()
    household: str | None = None
    contacts: tuple[Contact, ...] = ()
    channel: str | None = None
    frequency_days: int | None = None
    opt_out: tuple[str, ...] = ()
    quiet_hours: tuple[dict[str, Any], ...] = ()
    plain_wording: bool | None = None
    english_accepted: bool | None = None
    wants_outcome: bool | None = None
    has_safety_profile: bool = False
    safe_hours: tuple[dict[str, Any], ...] = ()
    texts_safe: bool | None = None
    voicemail_safe: bool | None = None
    cover_name: str | None = None
    lives_with_suspect: bool | None = None
    reconfirm_by: date | None = None
    stopped_channels: tuple[str, ...] = field(default=())
    """Channels on which this person's contact answered STOP (from the ledger's suppressions, not from events)."""


def fold_person(force: str, person_id: str, events: Sequence[CaseEvent], details: Details) -> Person:
    """The state of a person from all that was ever said of them, in any order of arrival.

    Of several words on one part the last in order stands (`services.ledger.effective`). An event that is silent on a part, or
    says null in a safety profile, takes nothing away.
    """
    state: dict[str, Any] = {}
    contacts: dict[str, Contact] = {}
    for item in said_of(events, person_id):
        match item.type:
            case "person.recorded":
                _recorded(state, contacts, item, details)
            case "preference.changed":
                _preference(state, item.data.preference)
            case "safety.changed":
                _safety(state, item.data.safety)
            case "person.died":
                state["died"] = True
            case "person.turned_18":
                state["turned_18"] = item.time
            case _:
                pass
    return Person(force, person_id, contacts=tuple(contacts[key] for key in sorted(contacts)), **state)


def _recorded(state: dict[str, Any], contacts: dict[str, Contact], item: Effective, details: Details) -> None:
    data = item.data
    named = data.model_fields_set
    for name in ("born", "language", "household"):
        if name in named:
            state[name] = getattr(data, name)
    if "access_needs" in named:
        state["access_needs"] = data.access_needs or ()
    for point in data.contacts or ():
        contacts[point.id] = _contact(contacts.get(point.id), point, _detail(item, point.id, details))
    _preference(state, data.preference)
    _safety(state, data.safety)


def _preference(state: dict[str, Any], said: Preference | None) -> None:
    if said is None:
        return
    for name in said.model_fields_set & _PREFERENCE:
        value = getattr(said, name)
        if name == "opt_out":
            value = value or ()
        elif name == "quiet_hours":
            value = _hours(value)
        state[name] = value


def _safety(state: dict[str, Any], said: Safety | None) -> None:
    """A profile is set by the first word in it, and silence (absent or null) never loosens it."""
    if said is None:
        return
    for name in said.model_fields_set & _SAFETY:
        value = getattr(said, name)
        if value is not None:
            state[name] = _hours(value) if name == "safe_hours" else value
            state["has_safety_profile"] = True


_PREFERENCE: Final = frozenset(Preference.model_fields)
_SAFETY: Final = frozenset(Safety.model_fields)


def _hours(rows: Sequence[Any] | None) -> tuple[dict[str, Any], ...]:
    return tuple({"days": list(row.days), "from": row.from_, "to": row.to} for row in rows or ())


def _detail(item: Effective, contact: str, details: Details) -> tuple[int | None, str | None] | None:
    """What the vault holds of this event's value; a corrected event's values came with the correction."""
    if item.correction is not None:
        found = details.get((item.correction.source, item.correction.id, contact))
        if found is not None:
            return found
    return details.get((item.event.source, item.event.id, contact))


def _contact(before: Contact | None, said: ContactPoint, detail: tuple[int | None, str | None] | None) -> Contact:
    """A contact point after one more word on it. Another number inherits nothing of what was agreed about the old one."""
    number, unusable = detail or ((before.detail, before.unusable) if before else (None, "no_value"))
    same = before if before is not None and before.detail == number else None
    named = said.model_fields_set
    return Contact(
        id=said.id,
        channel=said.channel or (before.channel if before else "unknown"),
        detail=number,
        safe=said.safe if "safe" in named or same is None else same.safe,
        verified_at=said.verified_at if "verified_at" in named or same is None else same.verified_at,
        shared=said.shared if "shared" in named or same is None else same.shared,
        unusable=unusable,
    )


# ---------------------------------------------------------------- as a row

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
    if "contacts" in state:
        state["contacts"] = tuple([_contact_from_row(item) for item in state["contacts"]])
    return Person(**state)


_TUPLES: Final = frozenset({"access_needs", "opt_out", "quiet_hours", "safe_hours", "stopped_channels"})
_DATES: Final = frozenset({"born", "reconfirm_by"})


def _contact_to_row(contact: Contact) -> dict[str, Any]:
    row = {name: value for name in _CONTACT if (value := getattr(contact, name)) is not None}
    if contact.verified_at is not None:
        row["verified_at"] = contact.verified_at.isoformat()
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
    )
