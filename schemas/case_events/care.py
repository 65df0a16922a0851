"""What people did for a person: contact, referral, statement, property, complaint, an outside owner's word, a hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schemas.case_events.parts import Day, EventData, Flag, Id, Instant
from schemas.case_events.words import ContactHow, OutsideOwner


class PropertyReleasable(EventData):
    """`property.releasable`."""

    property: Id


class ComplaintReceived(EventData):
    """`complaint.received`: its clock starts on `received_on`."""

    complaint: Id
    person: Id
    received_on: Day | None = None


class ReferralOffered(EventData):
    """`referral.offered`: one state a person and service."""

    person: Id
    service: Id | None = None
    consent: Flag | None = None


class ReferralMade(ReferralOffered):
    """`referral.made`."""


class ReferralReceived(ReferralOffered):
    """`referral.received`: the service has it."""


class ReferralFirstContact(ReferralOffered):
    """`referral.first_contact`: the service was in touch."""


class StatementOffered(EventData):
    """`statement.offered`: a Victim Personal Statement."""

    person: Id


class StatementDeclined(StatementOffered):
    """`statement.declined`."""


class StatementTaken(StatementOffered):
    """`statement.taken`."""


class ContactMade(EventData):
    """`contact.made`: a person spoke with a person. Only `substantive: true` fulfils updates."""

    person: Id
    update_points: tuple[Id, ...] | None = None
    events: tuple[Id, ...] | None = None
    """Narrows what was told to these events."""
    how: ContactHow | None = None
    by: str | None = None
    substantive: Flag | None = None


class OwnerConfirmed(EventData):
    """`owner.confirmed`: an outside owner says that it told the person."""

    update_point: Id
    person: Id
    by: OutsideOwner | None = None
    at: Instant | None = None


class OperationalHoldSet(EventData):
    """`operational_hold.set`: news of these points waits for an operation. A hold is one state, named by `hold`."""

    hold: Id
    update_points: tuple[Id, ...] | None = None
    reason: str | None = None
    until: Instant | None = None
    authorised_by: str | None = None


class OperationalHoldLifted(OperationalHoldSet):
    """`operational_hold.lifted`."""


DATA: Final[Mapping[str, type[EventData]]] = {
    "property.releasable": PropertyReleasable,
    "complaint.received": ComplaintReceived,
    "referral.offered": ReferralOffered,
    "referral.made": ReferralMade,
    "referral.received": ReferralReceived,
    "referral.first_contact": ReferralFirstContact,
    "statement.offered": StatementOffered,
    "statement.declined": StatementDeclined,
    "statement.taken": StatementTaken,
    "contact.made": ContactMade,
    "owner.confirmed": OwnerConfirmed,
    "operational_hold.set": OperationalHoldSet,
    "operational_hold.lifted": OperationalHoldLifted,
}
