"""What happens to a suspect: arrest, interview, release, bail, charge, custody, orders, disposals and decisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schemas.case_events.parts import Day, EventData, FirstHearing, Flag, Id
from schemas.case_events.words import ChargeCustody, CustodyBy, CustodyTo, Disposal, ReleaseMode, Where


class AboutSuspect(EventData):
    """An event of one suspect, who needs no record as a person."""

    suspect: Id


class SuspectArrested(AboutSuspect):
    """`suspect.arrested`."""

    where: Where | None = None
    more_arrests_planned: Flag | None = None


class SuspectInterviewed(SuspectArrested):
    """`suspect.interviewed`: under caution, in custody or voluntarily."""


class SuspectReleased(AboutSuspect):
    """`suspect.released`: without charge, on bail, or under investigation (`rui`)."""

    mode: ReleaseMode | None = None
    conditions: tuple[str, ...] | None = None
    protects: tuple[Id, ...] | None = None
    """People whom the conditions protect."""
    return_on: Day | None = None


class PoliceBailConditionsProposed(AboutSuspect):
    """`police_bail.conditions_proposed`: the victim's views are asked by a person."""

    conditions: tuple[str, ...] | None = None
    protects: tuple[Id, ...] | None = None
    ends_on: Day | None = None


class PoliceBailConditionsChanged(PoliceBailConditionsProposed):
    """`police_bail.conditions_changed`: the conditions as they are now."""


class PoliceBailCancelled(PoliceBailConditionsProposed):
    """`police_bail.cancelled`."""


class SuspectCharged(AboutSuspect):
    """`suspect.charged`."""

    charges: tuple[str, ...] | None = None
    """Plain text, one a charge."""
    custody: ChargeCustody | None = None
    conditions: tuple[str, ...] | None = None
    first_hearing: FirstHearing | None = None


class RequisitionIssued(SuspectCharged):
    """`requisition.issued`: charged by post."""


class CustodyChanged(AboutSuspect):
    """`custody.changed`."""

    to: CustodyTo | None = None
    by: CustodyBy | None = None


class ProtectiveOrderMade(EventData):
    """`protective_order.made`: an order is one state, named by `order`."""

    order: Id
    suspect: Id | None = None
    protects: tuple[Id, ...] | None = None
    conditions: tuple[str, ...] | None = None
    ends_on: Day | None = None


class ProtectiveOrderChanged(ProtectiveOrderMade):
    """`protective_order.changed`: the order as it is now."""


class ProtectiveOrderEnded(ProtectiveOrderMade):
    """`protective_order.ended`."""


class DisposalOutOfCourtProposed(AboutSuspect):
    """`disposal.out_of_court.proposed`: the victim's views are asked by a person."""

    disposal: Disposal | None = None
    reason_text: str | None = None


class DisposalOutOfCourtGiven(DisposalOutOfCourtProposed):
    """`disposal.out_of_court.given`."""


class DecisionPoliceNfa(AboutSuspect):
    """`decision.police_nfa`: the police take no further action."""

    decided_by: str | None = None
    reason_text: str | None = None
    approved_by: str | None = None
    review_eligible: Flag | None = None


class DecisionCpsNoCharge(DecisionPoliceNfa):
    """`decision.cps_no_charge`: the Crown Prosecution Service does not charge."""


class DecisionCpsChanged(DecisionPoliceNfa):
    """`decision.cps_changed`: the Crown Prosecution Service alters or stops the charges."""


class OffenderEscaped(AboutSuspect):
    """`offender.escaped`."""

    risk_assessed: Flag | None = None


DATA: Final[Mapping[str, type[EventData]]] = {
    "suspect.arrested": SuspectArrested,
    "suspect.interviewed": SuspectInterviewed,
    "suspect.released": SuspectReleased,
    "police_bail.conditions_proposed": PoliceBailConditionsProposed,
    "police_bail.conditions_changed": PoliceBailConditionsChanged,
    "police_bail.cancelled": PoliceBailCancelled,
    "suspect.charged": SuspectCharged,
    "requisition.issued": RequisitionIssued,
    "custody.changed": CustodyChanged,
    "protective_order.made": ProtectiveOrderMade,
    "protective_order.changed": ProtectiveOrderChanged,
    "protective_order.ended": ProtectiveOrderEnded,
    "disposal.out_of_court.proposed": DisposalOutOfCourtProposed,
    "disposal.out_of_court.given": DisposalOutOfCourtGiven,
    "decision.police_nfa": DecisionPoliceNfa,
    "decision.cps_no_charge": DecisionCpsNoCharge,
    "decision.cps_changed": DecisionCpsChanged,
    "offender.escaped": OffenderEscaped,
}
