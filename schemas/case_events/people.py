"""What is known of a person: who they are in a case, how to reach them, what they want, what is safe, what they need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field, model_validator

from schemas.case_events.parts import ContactValue, Day, EventData, Flag, Hours, Id, Ids, Instant, Part
from schemas.case_events.words import AccessNeed, Channel, Gateway, OptOut, Role


class ContactPoint(Part):
    """One way to reach a person. A list of contacts replaces only those that it names by id."""

    id: Id
    channel: Channel | None = None
    value: ContactValue | None = None
    safe: Flag | None = None
    verified_at: Instant | None = None
    shared: Flag | None = None


class Preference(Part):
    """How a person asked to be told. Each field stands on its own: one that is absent changes nothing."""

    channel: Channel | None = None
    frequency_days: Annotated[int, Field(strict=True, ge=1, le=3660)] | None = None
    opt_out: tuple[OptOut, ...] | None = None
    quiet_hours: tuple[Hours, ...] | None = None
    plain_wording: Flag | None = None
    english_accepted: Flag | None = None
    wants_outcome: Flag | None = None
    spokesperson: Id | None = None
    """The person through whom they asked to be told."""


class Safety(Part):
    """What is safe for a person. One that says nothing is no safety profile."""

    safe_hours: tuple[Hours, ...] | None = None
    texts_safe: Flag | None = None
    voicemail_safe: Flag | None = None
    cover_name: str | None = None
    lives_with_suspect: Flag | None = None
    reconfirm_by: Day | None = None


class PersonRecorded(EventData):
    """`person.recorded`: what is known of one person, and their roles in this case."""

    person: Id
    roles: tuple[Role, ...] | None = None
    for_: Ids | None = Field(None, alias="for")
    """Whose guardian or spokesperson."""
    name: str | None = None
    born: Day | None = None
    language: str | None = None
    access_needs: tuple[AccessNeed, ...] | None = None
    household: Id | None = None
    """People who live together share it."""
    contacts: tuple[ContactPoint, ...] | None = None
    preference: Preference | None = None
    safety: Safety | None = None


def _gathered(data: Any, part: str, shape: type[Part]) -> Any:
    """Read fields of `part` that stand beside `person` as if they stood inside it: none may be lost without a word."""
    if not isinstance(data, Mapping):
        return data
    beside = {name: data[name] for name in shape.model_fields if name in data}
    inside = data.get(part)
    if not beside or not (inside is None or isinstance(inside, Mapping)):
        return data
    return {**data, part: {**beside, **(inside or {})}}


class PreferenceChanged(EventData):
    """`preference.changed`: the changed fields, in `preference` or beside `person`."""

    person: Id
    preference: Preference | None = None

    @model_validator(mode="before")
    @classmethod
    def _beside(cls, data: Any) -> Any:
        return _gathered(data, "preference", Preference)


class SafetyChanged(EventData):
    """`safety.changed`: the changed fields, in `safety` or beside `person`."""

    person: Id
    safety: Safety | None = None

    @model_validator(mode="before")
    @classmethod
    def _beside(cls, data: Any) -> Any:
        return _gathered(data, "safety", Safety)


class ParticipationChanged(EventData):
    """`participation.changed`: whether a person supports the prosecution. It is not an opt-out."""

    person: Id
    supports_prosecution: Flag | None = None


class PersonDied(EventData):
    """`person.died`."""

    person: Id


class PersonTurned18(EventData):
    """`person.turned_18`; a known date of birth outranks it."""

    person: Id


class NeedsAssessmentCompleted(EventData):
    """`needs_assessment.completed`: whether a person has Enhanced Rights, and why."""

    person: Id
    enhanced: Flag | None = None
    gateways: tuple[Gateway, ...] | None = None
    assessed_by: str | None = None


class NeedsAssessmentChanged(NeedsAssessmentCompleted):
    """`needs_assessment.changed`."""


DATA: Final[Mapping[str, type[EventData]]] = {
    "person.recorded": PersonRecorded,
    "preference.changed": PreferenceChanged,
    "safety.changed": SafetyChanged,
    "participation.changed": ParticipationChanged,
    "person.died": PersonDied,
    "person.turned_18": PersonTurned18,
    "needs_assessment.completed": NeedsAssessmentCompleted,
    "needs_assessment.changed": NeedsAssessmentChanged,
}
