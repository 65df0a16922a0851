"""The crime or incident itself, its investigation, who owns the case, and cases that belong together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import Field

from schemas.case_events.parts import Day, EventData, Id, Officer, Unit
from schemas.case_events.words import OffenceClass, Owner


class CrimeRecorded(EventData):
    """`crime.recorded`: `offence_classes` absent or null means not assessed. `recorded_on` starts no clock."""

    reference: str | None = None
    offence_classes: tuple[OffenceClass, ...] | None = None
    officer: Officer | None = None
    liaison_officer: Officer | None = None
    recorded_on: Day | None = None


class CrimeReclassified(EventData):
    """`crime.reclassified`: the classes as they are now."""

    offence_classes: tuple[OffenceClass, ...] | None = None


class IncidentRecorded(EventData):
    """`incident.recorded`: not a crime; only a force's own book has rules for it."""

    reference: str | None = None
    kind: str | None = None
    officer: Officer | None = None


class CaseLinked(EventData):
    """`case.linked`: other cases of the force that belong with this one."""

    cases: Annotated[tuple[Id, ...], Field(min_length=1)]


class CaseUnlinked(CaseLinked):
    """`case.unlinked`."""


class _Investigation(EventData):
    officer: Officer | None = None
    reason_text: str | None = None
    """Fit for the victim to read."""
    text_language: str | None = None
    """Of what somebody wrote here for the victim to read; English where it is absent. Nothing is translated by machine."""
    approved_by: str | None = None


class InvestigationOpened(_Investigation):
    """`investigation.opened`."""


class InvestigationDeclined(_Investigation):
    """`investigation.declined`: there will be no investigation."""


class InvestigationClosed(_Investigation):
    """`investigation.closed`: it ended without a charge."""


class InvestigationReopened(_Investigation):
    """`investigation.reopened`."""


class OfficerNote(EventData):
    """`officer.note`: words fit for the victim, and when the officer means to be in touch next."""

    text: str | None = None
    next_contact_on: Day | None = None
    officer: Officer | None = None


class CaseHandedOver(EventData):
    """`case.handed_over`: who owns the case from now on."""

    owner: Owner | None = None
    to: Unit | None = None
    from_: Unit | None = Field(None, alias="from")


DATA: Final[Mapping[str, type[EventData]]] = {
    "crime.recorded": CrimeRecorded,
    "crime.reclassified": CrimeReclassified,
    "incident.recorded": IncidentRecorded,
    "case.linked": CaseLinked,
    "case.unlinked": CaseUnlinked,
    "investigation.opened": InvestigationOpened,
    "investigation.declined": InvestigationDeclined,
    "investigation.closed": InvestigationClosed,
    "investigation.reopened": InvestigationReopened,
    "officer.note": OfficerNote,
    "case.handed_over": CaseHandedOver,
}
