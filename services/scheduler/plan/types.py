"""What the planner is given and what it returns: values only, no I/O.

`plan` is a pure function of everything known about one case. It is run again whole whenever any of it changes, and at the
instant it returns as `again_at`; the ledger is then made to agree (`services.scheduler.reconcile`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from schemas.envelope import CaseEvent
from services.ledger.force_rules import ForceRules
from services.ledger.people import Person
from services.ledger.states import Evidence, UpdateState
from services.values import value

Kind = Literal["news", "prompt"]


@value(frozen=True, slots=True)
class Reason:
    """Why something is as it is: a code for machines and a plain sentence for people."""

    code: str
    text: str


@value(frozen=True, slots=True)
class OnLedger:
    """What the ledger already holds of one update, as far as a plan may depend on it."""

    id: UUID
    update_point: str
    person: str
    source: str
    event_id: str
    part: str
    state: UpdateState
    evidence: Evidence | None
    facts_hash: str
    facts: Mapping[str, Any]
    due_at: datetime | None
    told_at: datetime | None
    taken_by: str | None
    hold_safety: bool
    """The hold was opened for a safety reason: only a person may hand it back."""
    anything_left: bool
    """An intent was ever committed for a message that carried it as news."""
    live_attempt: bool
    """An attempt is in intent, unknown, accepted or sent: what the person has heard is uncertain, and counts as heard."""
    contested: bool = False
    corrects: UUID | None = None
    settled_by_plan: bool = False
    """It is told or declined because an earlier plan said so: the events that it stood on say so still, or not any more."""


@dataclass(frozen=True, slots=True)
class Known:
    """Everything known about one case at `now` (case time)."""

    force: str
    case: str
    events: tuple[CaseEvent, ...]
    """Every accepted event of this case, in any order; each `(source, id)` once."""
    arrived: Mapping[tuple[str, str], datetime]
    """Case time at which each event reached us, by `(source, id)`."""
    people: Mapping[str, Person]
    """Everybody recorded in this case, with their state across the force."""
    shut: Mapping[int, str]
    """Contact details that nothing may be sent to: `stopped` by the person, or `suspect` (wrong or unknown number)."""
    ledger: tuple[OnLedger, ...]
    rules: ForceRules
    now: datetime
    linked: Mapping[str, Person] = field(default_factory=dict)
    """People of linked cases: they are told nothing here, but a contact shared with one of them is not safe (PR11)."""
    linked_roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Their roles there."""


@value(frozen=True, slots=True)
class Planned:
    """One update that ought to exist. Its id is a UUIDv5 of its identity; everything else is an attribute."""

    id: UUID
    force: str
    case: str
    person: str
    for_whom: str  # "" unless a guardian or spokesperson is told for somebody
    update_point: str
    source: str
    event_id: str  # of the original event
    part: str
    corrects: UUID | None
    edition: str
    cls: str  # safety_critical, routine, reminder
    state: UpdateState  # planned, held, told, declined, withdrawn
    evidence: Evidence | None
    kind: Kind | None  # what goes by machine: news (planned), prompt (held), None
    channel: str | None
    contact: str | None  # the contact's id
    language: str
    style: str  # neutral or plain
    send_at: datetime | None
    due_at: datetime | None
    target_at: datetime | None
    clock_start: datetime | None
    due_on: date | None
    due_on_standard: date | None
    due_on_enhanced: date | None
    counted_days: tuple[date, ...]
    late_on_arrival: bool
    late_qualified: bool
    enhanced: bool
    flagged: bool
    role: str
    suspect: str | None
    facts: Mapping[str, Any]
    """What the news states, JSON-able, keyed as `services.wording` names them."""
    facts_hash: str
    content_required: tuple[str, ...]
    reasons: tuple[Reason, ...]
    task: str | None  # for a hold: what the person is to do, e.g. call, write_letter, ask_officer
    queue: str | None
    safety_hold: bool
    say: tuple[str, ...]
    never_say: tuple[str, ...]
    combine: str
    """Updates with the same non-empty value may go in one message (same person, role, contact, language, owner, class)."""
    told_at: datetime | None = None
    """Case time of the conversation, letter or owner's word, when `state` is `told`."""
    corrected_by: tuple[str, str] | None = None
    """Source and id of whatever said last how its event stands, if it does not stand as it came."""


@value(frozen=True, slots=True)
class PlannedMessage:
    """One message that ought to go: the updates it serves, to one contact, at one instant."""

    person: str
    kind: Kind
    channel: str
    contact: str
    language: str
    style: str
    send_at: datetime
    updates: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Waits:
    """An event that names people who are not recorded yet."""

    source: str
    event_id: str
    waits_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What ought to exist for the case, and when to look again even if nothing happens."""

    updates: tuple[Planned, ...]
    messages: tuple[PlannedMessage, ...]
    waiting: tuple[Waits, ...]
    again_at: datetime | None
