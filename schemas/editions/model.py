"""One rule of a book, as the rest of the system sees it. `schemas.editions.load` reads the TOML files into these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Literal

from schemas.editions.conditions import Trigger

Book = Literal["code", "charter", "force", "statute"]
Confidence = Literal["P", "R", "R15", "M", "L", "D"]
Status = Literal["active", "unverified", "retired"]
UpdateClass = Literal["safety_critical", "routine", "reminder"]
ClockStart = Literal["time", "received_at", "occurred_on", "received_on", "knownat"]
"""Where a limit is counted from. A field that the event does not give counts from its `time`, the careful side."""
Timed = Literal["", "reminder", "cadence", "lapse"]
"""What the calendar raises, not the event by itself: days before an attendance, days without news, a date that passes."""
Duty = Literal["tell", "ask", "act"]
"""What is owed: news, a question that a person asks, or something done."""
LimitSource = Literal["book", "force", "none"]
"""Who set the limit: the rule's own book, the force where that book is silent, or nobody."""

OnlyFor = Literal["", "communication_need"]
"""Which of its recipients a rule is for: all of them, or those with another language or a need in communicating."""


@dataclass(frozen=True, slots=True)
class Citation:
    """Where the rule stands. `paragraph` is None unless the number was seen in print."""

    instrument: str
    right: int | None
    paragraph: str | None
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """How long: working days or hours from the clock's start; both None where the book gives no limit."""

    working_days: int | None = None
    hours: int | None = None


NarrowedBy = Literal["", "protects"]
"""The field of its events that lists whom a rule concerns. Where they give none, everybody but those who are only witnesses."""
LimitPair = tuple[Limit, Limit]
"""The standard limit, and the one under Enhanced Rights."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A limit that somebody else keeps before the rule's own clock starts, shown beside it (the court's 5 working days)."""

    name: str
    clock: ClockStart
    working_days: int


@dataclass(frozen=True, slots=True)
class UpdatePoint:
    """When this happens, these people are told, within this limit, by this citation, with this confidence and class."""

    id: str
    edition: str
    book: Book
    title: str
    citation: Citation
    confidence: Confidence
    limit_confidence: Confidence
    status: Status
    cls: UpdateClass
    triggers: tuple[Trigger, ...]
    clock: ClockStart
    standard: Limit
    enhanced: Limit
    owner: str  # police, wcu, cps, hmcts, vlo, yot
    recipients: tuple[str, ...]  # roles
    fulfil_by: tuple[str, ...]  # kinds of evidence
    content_required: tuple[str, ...]
    content_forbidden: tuple[str, ...]
    topic: str | None  # the word of `opt_out` that declines it; None where nobody can opt out, by `all` neither
    safety_gate: bool  # in a case that is or may be domestic abuse, only a person tells it
    overtaken_by: tuple[str, ...]  # event types that change its meaning (PR02)
    stale_after_hours: int | None
    subsumes: tuple[str, ...]  # ids of rules that telling this one also tells (PR13)
    good_reasons: tuple[str, ...]
    content_wanted: tuple[str, ...] = ()  # better with it, told without it (marked D or M, or only where it applies)
    safety_when: tuple[Trigger, ...] = ()  # it is safety_critical when one of these holds of the event (PR03)
    ends_bail: bool = (
        False  # what it reports ends the bail that its suspect is on, if any: then it is safety_critical (PR03)
    )
    unverified_from: date | None = None  # from this local date of the event on nobody has checked it (PR04)
    legs: tuple[Leg, ...] = ()
    timed: Timed = ""  # the plan's own modules raise it, in time; the event only sets it going
    duty: Duty = "tell"
    done_by: tuple[str, ...] = ()  # event types that show that a duty to act was done
    done_service: tuple[str, ...] = ()  # only an event about one of these services shows it; empty is any
    limit_source: LimitSource = "book"
    only_for: OnlyFor = ""
    narrowed_by: NarrowedBy = ""
    arrested_from: date | None = None  # owed only of suspects arrested on or after this local date

    def concerns_arrest(self, on: date | None) -> bool:
        """Whether it is owed of a suspect arrested on the local date `on`; where that is not known, it is (the careful side)."""
        return self.arrested_from is None or on is None or on >= self.arrested_from

    def is_unverified(self, on: date) -> bool:
        """Whether nobody has checked the duty for events of the local date `on`."""
        return self.status == "unverified" or (self.unverified_from is not None and on >= self.unverified_from)


@dataclass(frozen=True, slots=True)
class Edition:
    """One dated issue of a rule book. `until` is the first day on which it is no longer in force."""

    id: str
    book: Book
    title: str
    since: date
    until: date | None
    points: Mapping[str, UpdatePoint]
    sources: Mapping[str, str] = field(default_factory=dict)
    """What each short name in `Citation.sources` stands for: title and address."""
    limits: Mapping[str, LimitPair] = field(default_factory=dict)
    """For a force's book: its own targets for points of other books that give no limit."""
    safety_target: timedelta | None = None
    """For a force's book: how soon after the force knew, a person tells what is safety_critical."""

    def in_force(self, on: date) -> bool:
        """Whether this edition governs events of the local date `on`."""
        return self.since <= on and (self.until is None or on < self.until)


@dataclass(frozen=True, slots=True)
class _Rising:
    """One rule as one event type raises it, read once so that an event costs little."""

    point: UpdatePoint
    since: date
    until: date
    whens: tuple[Trigger, ...]
    """The triggers of this event type; empty where one of them asks nothing of it."""
    safety: tuple[Trigger, ...]
    forms: Mapping[tuple[bool, bool], UpdatePoint]
    """The rule by (safety_critical, unverified): a copy costs time."""
    varies: bool

    @classmethod
    def of(cls, edition: Edition, point: UpdatePoint, event: str) -> _Rising:
        """How `event` raises `point`."""
        own = tuple(trigger for trigger in point.triggers if trigger.event == event)
        safety = tuple(trigger for trigger in point.safety_when if trigger.event == event)
        forms = {
            (critical, unverified): replace(
                point,
                cls="safety_critical" if critical else point.cls,
                status="unverified" if unverified else point.status,
            )
            for critical in (False, True)
            for unverified in (False, True)
        }
        return cls(
            point=point,
            since=edition.since,
            until=edition.until or date.max,
            whens=own if all(trigger.when for trigger in own) else (),
            safety=safety,
            forms=forms,
            varies=bool(safety) or point.unverified_from is not None,
        )

    def as_raised(self, data: Mapping[str, Any], on: date) -> UpdatePoint:
        """The rule with the class and status that it has for this event."""
        critical = self.point.cls == "safety_critical" or any(trigger.holds(data) for trigger in self.safety)
        return self.forms[critical, self.point.is_unverified(on)]


@dataclass(frozen=True, slots=True)
class Books:
    """Every edition that is loaded."""

    editions: tuple[Edition, ...]
    _by_event: Mapping[str, tuple[_Rising, ...]] = field(init=False, repr=False, compare=False)
    _timed: Mapping[str, tuple[tuple[Edition, UpdatePoint], ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Note which rules each event type can raise, in the order of the books."""
        by_event: dict[str, list[_Rising]] = {}
        timed: dict[str, list[tuple[Edition, UpdatePoint]]] = {}
        for edition in self.editions:
            for point in edition.points.values():
                if point.status == "retired":
                    continue
                if point.timed:
                    timed.setdefault(point.timed, []).append((edition, point))
                for event in dict.fromkeys(trigger.event for trigger in point.triggers):
                    by_event.setdefault(event, []).append(_Rising.of(edition, point, event))
        object.__setattr__(self, "_by_event", {event: tuple(rules) for event, rules in by_event.items()})
        object.__setattr__(self, "_timed", {kind: tuple(rules) for kind, rules in timed.items()})

    def raises(self, event_type: str) -> bool:
        """Whether an event of this type can raise a rule at all."""
        return event_type in self._by_event

    def raised_by(self, event_type: str, data: Mapping[str, Any], on: date) -> tuple[UpdatePoint, ...]:
        """The rules that an event of `event_type` raises, from the editions in force on `on` (the local date of the event).

        `data` holds the event's fields by name. A rule comes back as this event raises it: safety_critical where the event says
        that somebody is freed, unverified where nobody has checked the duty for that date.
        """
        return tuple(
            [
                rule.as_raised(data, on) if rule.varies else rule.point
                for rule in self._by_event.get(event_type, ())
                if rule.since <= on < rule.until
                and (not rule.whens or any(trigger.holds(data) for trigger in rule.whens))
            ]
        )

    def in_shadow(self, rival: Edition, rivalled: str) -> Books:
        """These books with `rival` in the place of the edition `rivalled`, for the same days; raises KeyError.

        For a look at what would change: what is planned with them is never acted on.
        """
        old = self.edition(rivalled)
        stand_in = replace(rival, since=old.since, until=old.until)
        return Books(tuple(stand_in if edition.id == rivalled else edition for edition in self.editions))

    def timed(self, kind: Timed, on: date) -> tuple[UpdatePoint, ...]:
        """The rules of one kind that the calendar raises, from the editions in force on `on`."""
        return tuple(point for edition, point in self._timed.get(kind, ()) if edition.in_force(on))

    def point(self, edition: str, update_point: str) -> UpdatePoint:
        """One rule of one edition; raises KeyError."""
        return self.edition(edition).points[update_point]

    def edition(self, edition: str) -> Edition:
        """One edition by its id; raises KeyError."""
        for found in self.editions:
            if found.id == edition:
                return found
        raise KeyError(edition)

    def force_limit(self, update_point: str) -> LimitPair | None:
        """The force's own target for a point whose book gives no limit (local, never labelled Code); None if it sets none."""
        for edition in self.editions:
            if edition.book == "force" and update_point in edition.limits:
                return edition.limits[update_point]
        return None

    def safety_target(self) -> timedelta | None:
        """How soon after the force knew, a person tells what is safety_critical: the force's own target, sooner than any law."""
        return next((edition.safety_target for edition in self.editions if edition.safety_target is not None), None)
