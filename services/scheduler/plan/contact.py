"""By which number or address, if any, a machine may reach a person. Pure.

A contact that was not itself marked safe never stands in for another: a fallback is as dangerous as a wrong number.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from services.ledger.people import Person
from services.ledger.second_word import RELIED_ON, Contact, minutes_of
from services.ledger.sharing import Sharing, sharing
from services.scheduler.plan.care import Care
from services.scheduler.plan.facts import CaseFile
from services.scheduler.plan.types import Known
from services.scheduler.working_days import local_date
from services.values import value

BY_MACHINE: Final = ("sms", "email")
_BY_PERSON: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    "letter": ("prefers_letter", frozenset({"letter"})),
    "phone": ("prefers_phone", frozenset({"phone", "sms"})),
}
"""What somebody who asked for letters or calls is held for, and the contacts that a person would use."""
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@value(frozen=True, slots=True)
class Reach:
    """The contact that a machine would use, and why it may not (codes of `holds.HOLDS`)."""

    contact: Contact | None
    holds: tuple[str, ...]


def holders(known: Known, file: CaseFile) -> Sharing:
    """Who has which number or address, here and in the cases that belong with this one."""
    return sharing({**known.linked, **known.people}, file.wards, file.never_told, local_date(known.now))


def candidates(person: Person, care: Care, who_has: Sharing) -> list[Contact]:
    """The contacts that could be used, at most one a channel, the preferred channel first."""
    inherited = who_has.inherited(person)
    if person.channel is not None and person.channel not in BY_MACHINE:
        return []
    best: list[Contact] = []
    for channel in BY_MACHINE:
        usable = [
            contact
            for contact in person.contacts
            if contact.channel == channel
            and contact.detail is not None
            and contact.unusable is None
            and contact.same not in inherited
            and contact.safe is not False
            # Not the channel that was asked for: only what was itself marked safe.
            and (person.channel in {None, channel} or contact.safe is True)
        ]
        if usable:
            best.append(max(usable, key=_preferable))
    if person.channel is not None:
        best.sort(key=lambda contact: contact.channel != person.channel)
    elif care.flagged:
        best.sort(key=lambda contact: contact.safe is not True)
    return best


def _preferable(contact: Contact) -> tuple[bool, datetime, str]:
    return contact.safe is True, contact.verified_at or _NEVER, contact.id


def reach(person: Person, contact: Contact | None, care: Care, who_has: Sharing, shut: Mapping[int, str]) -> Reach:
    """Whether a machine may use `contact` (one of `candidates`, or None where there is none)."""
    against = ["preference_against_safety"] if against_safety(person, care) else []
    asked_for = _BY_PERSON.get(person.channel or "")
    if asked_for is not None:
        code, channels = asked_for
        held = [code, *against]
        if any(one.channel in channels and who_has.is_shared(person, one) for one in person.contacts):
            held.append("shared_contact")
        return Reach(None, tuple(held))
    held = against
    if "no_text" in person.access_needs:
        held.append("no_text")
    if care.flagged and person.texts_safe is False:
        held.append("texts_not_safe")
    if not RELIED_ON.isdisjoint(person.unconfirmed):
        held.append("safety_not_confirmed")
    if contact is None or contact.detail is None:
        left = any(one.same in who_has.inherited(person) for one in person.contacts if one.channel in BY_MACHINE)
        return Reach(None, (*held, "inherited_contact" if left else _by_voice(person, care, who_has)))
    if who_has.is_shared(person, contact):
        held.append("shared_contact")
    if contact.detail in shut:
        held.append("stopped" if shut[contact.detail] == "stopped" else "wrong_number")
    if care.flagged and contact.safe is not True:
        held.append("safe_contact_unknown")
    if care.flagged and contact.unconfirmed:
        held.append("contact_not_confirmed")
    if care.flagged and contact.shared is True:
        held.append("shared_handset")
    return Reach(contact, tuple(held))


def _by_voice(person: Person, care: Care, who_has: Sharing) -> str:
    """Why no machine writes to somebody with no number or address for it: there may be one that a person rings."""
    numbers = [
        one
        for one in person.contacts
        if one.channel == "phone"
        and one.detail is not None
        and one.unusable is None
        and one.safe is not False
        and one.same not in who_has.inherited(person)
        and not who_has.is_shared(person, one)
    ]
    if not numbers:
        return "no_contact"
    return "safe_contact_unknown" if care.flagged and all(one.safe is None for one in numbers) else "only_by_phone"


def against_safety(person: Person, care: Care) -> bool:
    """Whether they asked for what is not safe for them: it is kept, not obeyed, and a person asks them."""
    if person.channel in BY_MACHINE and person.texts_safe is False:
        return True
    if person.plain_wording is True and (person.has_safety_profile or care.domestic_abuse is True):
        return True
    if not (person.safe_hours and person.quiet_hours):
        return False
    try:
        return minutes_of(person.safe_hours) <= minutes_of(person.quiet_hours)
    except ValueError:
        return True
