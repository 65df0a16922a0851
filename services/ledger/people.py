"""What is known of one person, folded from every case in which they appear.

Only states replace one another, each part on its own; a part that an event does not name is unchanged. Contact values and names
are not here: they live in the vault (`services.ledger.vault`) and are named by `detail`, a number that is equal for two contact
points exactly when they are the same number or address in any spelling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from schemas.case_events.people import ContactPoint, Preference, Safety
from schemas.envelope import CaseEvent
from services.ledger.effective import Effective, effective
from services.ledger.second_word import (
    NOT_YET,
    SAFETY,
    Change,
    Contact,
    Contacts,
    Verdicts,
    Waiting,
    Word,
    loosens,
    of_contact,
)

STATES_OF_PEOPLE: Final = frozenset(
    {"person.recorded", "preference.changed", "safety.changed", "person.died", "person.turned_18"}
)
"""The events that say something of a person beyond their case."""

Detail = tuple[int | None, str | None] | tuple[int | None, str | None, int | None]
"""The detail in the vault, why it cannot be used, and the detail that it is compared by, where that is another."""
Details = Mapping[tuple[str, str, str], Detail]
"""By source, event id and contact id; absent where no value was given."""


@dataclass(frozen=True, slots=True)
class InCase:
    """Who a person is in one case: their roles, and for whom they stand there."""

    roles: tuple[str, ...] = ()
    stands_for: tuple[str, ...] = ()


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
    opted_in: tuple[tuple[str, datetime], ...] = ()
    """When each word of `opt_out` (and `wants_outcome`) was last taken back: that counts from then on and revives nothing."""
    quiet_hours: tuple[dict[str, Any], ...] = ()
    plain_wording: bool | None = None
    english_accepted: bool | None = None
    wants_outcome: bool | None = None
    spokesperson: str | None = None
    """Through whom they asked to be told."""
    has_safety_profile: bool = False
    safe_hours: tuple[dict[str, Any], ...] = ()
    texts_safe: bool | None = None
    voicemail_safe: bool | None = None
    cover_name: str | None = None
    lives_with_suspect: bool | None = None
    reconfirm_by: date | None = None
    stopped_channels: tuple[str, ...] = field(default=())
    """Channels on which this person's contact answered STOP (from the ledger's suppressions, not from events)."""
    unconfirmed: tuple[str, ...] = ()
    """What of the safety profile a later word would loosen, and no second person has confirmed: the stricter stands."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A person, who they are in each case in which they were recorded, and what waits for a second person."""

    person: Person
    cases: Mapping[str, InCase]
    changes: tuple[Change, ...]


def fold_person(
    force: str, person_id: str, events: Sequence[CaseEvent], details: Details, verdicts: Verdicts = NOT_YET
) -> Person:
    """The state of a person from all that was ever said of them, in any order of arrival."""
    return fold(force, person_id, events, details, verdicts).person


def fold(
    force: str, person_id: str, events: Sequence[CaseEvent], details: Details, verdicts: Verdicts = NOT_YET
) -> Folded:
    """Everything that the events say of one person, in any order of arrival.

    Of several words on one part the last in order stands (`services.ledger.effective`). An event that is silent on a part, or
    says null in a safety profile, takes nothing away. `verdicts` are a second person's words (`services.ledger.second_word`).
    """
    said = [item for item in effective(events) if item.get("person") == person_id]
    state: dict[str, Any] = {}
    waiting = Waiting(verdicts)
    contacts = Contacts(waiting, _first_contact_at(said, details))
    cases: dict[str, InCase] = {}
    for item in said:
        if item.withdrawn:
            continue
        match item.type:
            case "person.recorded":
                _recorded(state, contacts, item, details, waiting)
                _in_case(cases, item)
            case "preference.changed":
                _preference(state, item)
            case "safety.changed":
                _safety(state, item, waiting)
            case "person.died":
                state["died"] = True
            case "person.turned_18":
                state["turned_18"] = item.time
            case _:
                pass
    state["unconfirmed"] = waiting.unconfirmed(SAFETY)
    latest = contacts.latest
    person = Person(force, person_id, contacts=tuple([latest[key] for key in sorted(latest)]), **state)
    return Folded(person, cases, tuple(waiting.changes()) if waiting.words else ())


def _first_contact_at(said: Sequence[Effective], details: Details) -> datetime | None:
    """When the force first knew of a number or address, withdrawn or corrected since or not: nothing later passes for it."""
    first: datetime | None = None
    for item in said:
        if item.type != "person.recorded":
            continue
        named = {point.id for data in (item.data, item.event.data) for point in getattr(data, "contacts", None) or ()}
        for word in (item.event, *item.fixes):
            if first is not None and first <= word.known_at:
                continue
            if any(details.get((word.source, word.id, name), (None, None))[0] is not None for name in named):
                first = word.known_at
    return first


def _in_case(cases: dict[str, InCase], item: Effective) -> None:
    data, before = item.data, cases.get(item.case)
    roles = data.roles or () if data.roles is not None or before is None else before.roles
    stands_for = data.for_ if data.for_ is not None else before.stands_for if before is not None else ()
    cases[item.case] = InCase(roles, stands_for)


def _recorded(state: dict[str, Any], contacts: Contacts, item: Effective, details: Details, waiting: Waiting) -> None:
    data = item.data
    named = data.model_fields_set
    for name in ("born", "language", "household"):
        if name in named:
            state[name] = getattr(data, name)
    if "access_needs" in named:
        state["access_needs"] = data.access_needs or ()
    for point in data.contacts or ():
        detail, word, known_at = _detail(item, point.id, details)
        if waiting.verdict(of_contact(point.id), word) == "refused":
            continue  # what stood before stands
        contacts.say(_contact(contacts.latest.get(point.id), point, detail), word, known_at)
    _preference(state, item)
    _safety(state, item, waiting)


def _preference(state: dict[str, Any], item: Effective) -> None:
    said: Preference | None = item.data.preference
    if said is None:
        return
    for name in said.model_fields_set & _PREFERENCE:
        value = getattr(said, name)
        if name == "opt_out":
            value = value or ()
            _opted_in(state, set(state.get(name, ())) - set(value), item.time)
        elif name == "wants_outcome" and state.get(name) is False and value is not False:
            _opted_in(state, {name}, item.time)
        elif name == "quiet_hours":
            value = _hours(value)
        state[name] = value


def _opted_in(state: dict[str, Any], words: set[str], at: datetime) -> None:
    if words:
        state["opted_in"] = tuple(sorted((dict(state.get("opted_in", ())) | dict.fromkeys(words, at)).items()))


def _safety(state: dict[str, Any], item: Effective, waiting: Waiting) -> None:
    """A profile is set by the first word in it, silence (absent or null) never loosens it, and one word alone does not either."""
    said: Safety | None = item.data.safety
    if said is None:
        return
    by = item.event if item.correction is None else item.correction
    word = by.source, by.id
    verdict = waiting.verdict(SAFETY, word) if waiting.verdicts else None
    if verdict == "refused":
        return
    for name in said.model_fields_set & _SAFETY:
        value = getattr(said, name)
        if value is None:
            continue
        state["has_safety_profile"] = True
        value = _hours(value) if name == "safe_hours" else value
        if verdict is None and loosens(name, state.get(name), value):
            waiting.wait(SAFETY, name, word, by.known_at)
        else:
            state[name] = value
            waiting.settle(SAFETY, name)


_PREFERENCE: Final = frozenset(Preference.model_fields)
_SAFETY: Final = frozenset(Safety.model_fields)


def _hours(rows: Sequence[Any] | None) -> tuple[dict[str, Any], ...]:
    return tuple({"days": list(row.days), "from": row.from_, "to": row.to} for row in rows or ())


def _detail(item: Effective, contact: str, details: Details) -> tuple[Detail | None, Word, datetime]:
    """What the vault holds of this event's value, by whose word and known when; corrected values came with the correction."""
    event, correction = item.event, item.correction
    original = details.get((event.source, event.id, contact))
    if correction is None:
        return original, (event.source, event.id), event.known_at
    corrected = details.get((correction.source, correction.id, contact))
    if original is not None and corrected in {None, original}:
        return original, (event.source, event.id), event.known_at  # the correction is about something else
    return corrected, (correction.source, correction.id), correction.known_at


def _contact(before: Contact | None, said: ContactPoint, detail: Detail | None) -> Contact:
    """A contact point after one more word on it. Another number inherits nothing of what was agreed about the old one, and null
    never makes a contact safer than it was."""
    if detail is None:
        number, unusable, alike = (before.detail, before.unusable, before.alike) if before else (None, "no_value", None)
    else:
        number, unusable, alike = detail if len(detail) == 3 else (*detail, None)
    same = before if before is not None and before.detail == number else None
    named = said.model_fields_set
    safe, shared = said.safe, said.shared
    if same is not None:
        if "safe" not in named or (safe is None and same.safe is False):
            safe = same.safe
        if "shared" not in named or (shared is None and same.shared is True):
            shared = same.shared
    return Contact(
        id=said.id,
        channel=said.channel or (before.channel if before else "unknown"),
        detail=number,
        safe=safe,
        verified_at=said.verified_at if "verified_at" in named or same is None else same.verified_at,
        shared=shared,
        unusable=unusable,
        alike=alike,
    )
