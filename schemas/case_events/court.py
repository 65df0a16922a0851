"""What the Witness Care Unit receives from the court: hearings, attendance, bail, outcomes, sentences, appeals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import Field

from schemas.case_events.parts import Court, Day, DayWindow, EventData, Flag, Id, Instant
from schemas.case_events.words import CourtBail, CourtType, Listing, Outcome, PleaWord, SentenceKind


class WcuReceived(EventData):
    """What every event of the family carries: the court's date, and when the unit received the news."""

    occurred_on: Day | None = None
    received_at: Instant | None = None


class _Hearing(WcuReceived):
    listing: Listing | None = None
    starts_at: Instant | None = None
    window: DayWindow | None = None
    """Where there is no `starts_at`: the days in which it may be called."""
    court: Court | None = None
    purpose: str | None = None


class HearingListed(_Hearing):
    """`wcu.received.hearing_listed`: a hearing is one state, named by `hearing`."""

    hearing: Id


class HearingChanged(HearingListed):
    """`wcu.received.hearing_changed`: the hearing as it is now."""


class HearingVacated(HearingListed):
    """`wcu.received.hearing_vacated`: it will not take place."""


class Plea(WcuReceived):
    """`wcu.received.plea`."""

    suspect: Id
    plea: PleaWord | None = None


class _Attendance(WcuReceived):
    person: Id
    hearing: Id


class AttendanceRequired(_Attendance):
    """`wcu.received.attendance_required`: one state a person and hearing."""

    at: Instant | None = None
    place: str | None = None
    entrance: str | None = None
    live_link: Flag | None = None


class AttendanceNotRequired(_Attendance):
    """`wcu.received.attendance_not_required`."""


class Attended(_Attendance):
    """`wcu.received.attended`: whether the person came."""

    attended: Flag | None = None


class BailOutcome(WcuReceived):
    """`wcu.received.bail_outcome`: what the court decided about bail."""

    suspect: Id
    outcome: CourtBail | None = None
    conditions: tuple[str, ...] | None = None
    reason_text: str | None = None


class Warrant(BailOutcome):
    """`wcu.received.warrant`: a warrant was issued for a defendant who did not come."""


class RearrestOutcome(BailOutcome):
    """`wcu.received.rearrest_outcome`: what became of a defendant arrested on a warrant."""


class CaseOutcome(WcuReceived):
    """`wcu.received.case_outcome`: how the case ended for one defendant."""

    suspect: Id
    outcome: Outcome | None = None
    sentence: str | None = None
    plain_meaning: str | None = None
    text_language: str | None = None
    """Of what somebody wrote here for the victim to read; English where it is absent. Nothing is translated by machine."""
    in_custody_today: Flag | None = None
    last_defendant: Flag | None = None


class Sentence(CaseOutcome):
    """`wcu.received.sentence`."""

    sentence_kind: SentenceKind | None = None
    court_type: CourtType | None = None
    custody_months: Annotated[float, Field(strict=True, ge=0, le=12_000)] | None = None
    vcs_qualifying: Flag | None = None
    """Whether the sentence is one for which the Victim Contact Scheme is offered."""
    uls_scheme: Flag | None = None
    """Whether the sentence can be referred as unduly lenient."""


class AppealLodged(WcuReceived):
    """`wcu.received.appeal_lodged`: an appeal is one state, named by `appeal`."""

    appeal: Id
    suspect: Id | None = None
    court: Court | None = None


class AppealListed(_Hearing):
    """`wcu.received.appeal_listed`: a hearing of an appeal."""

    appeal: Id
    suspect: Id | None = None
    hearing: Id | None = None


class AppealBail(AppealLodged):
    """`wcu.received.appeal_bail`: released while the appeal waits, or on other conditions."""

    outcome: str | None = None
    conditions: tuple[str, ...] | None = None


class AppealDecided(AppealLodged):
    """`wcu.received.appeal_decided`."""

    outcome: str | None = None
    sentence: str | None = None
    plain_meaning: str | None = None
    in_custody_today: Flag | None = None


class SpecialMeasuresApplied(EventData):
    """`special_measures.applied`: help to give evidence was asked of the court."""

    person: Id
    measures: tuple[str, ...] | None = None
    granted: Flag | None = None


class SpecialMeasuresDecided(SpecialMeasuresApplied):
    """`special_measures.decided`."""


DATA: Final[Mapping[str, type[EventData]]] = {
    "wcu.received.hearing_listed": HearingListed,
    "wcu.received.hearing_changed": HearingChanged,
    "wcu.received.hearing_vacated": HearingVacated,
    "wcu.received.plea": Plea,
    "wcu.received.attendance_required": AttendanceRequired,
    "wcu.received.attendance_not_required": AttendanceNotRequired,
    "wcu.received.attended": Attended,
    "wcu.received.bail_outcome": BailOutcome,
    "wcu.received.warrant": Warrant,
    "wcu.received.rearrest_outcome": RearrestOutcome,
    "special_measures.applied": SpecialMeasuresApplied,
    "special_measures.decided": SpecialMeasuresDecided,
    "wcu.received.case_outcome": CaseOutcome,
    "wcu.received.sentence": Sentence,
    "wcu.received.appeal_lodged": AppealLodged,
    "wcu.received.appeal_listed": AppealListed,
    "wcu.received.appeal_bail": AppealBail,
    "wcu.received.appeal_decided": AppealDecided,
}
