"""What `kept ... --json` prints: one of these objects a line. Others' scripts read them, so nothing here may go away."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints

from schemas.case_events.parts import Day
from schemas.case_events.words import Channel

Utc = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
"""An instant in UTC with `Z`, whole seconds."""
UpdateState = Literal["planned", "released", "sent", "told", "unconfirmed", "held", "declined", "withdrawn"]
AttemptState = Literal[
    "intent", "accepted", "sent", "delivered", "undelivered", "refused", "not_sent", "unknown", "absent", "ghost"
]
Evidence = Literal["delivered", "no_bounce", "conversation", "letter", "owner_confirmed", "done"]
Kind = Literal["news", "prompt"]
Confidence = Literal["P", "R", "R15", "M", "L", "D"]
Edition = Literal["vc-2020", "vc-2015", "wc-2013", "statute", "force"]


class _Output(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


_WITHOUT_BAR: Final = ConfigDict(alias_generator=lambda name: name.rstrip("_"))
"""`from` and `for` are words of Python; their fields here end in a bar."""


class Reason(_Output):
    """Why something is as it is: a code for machines and a sentence for people."""

    code: str
    text: str


class AttemptLine(_Output):
    """One try to hand a message to a provider."""

    number: int
    state: AttemptState
    provider_id: str | None
    not_before: Utc | None
    at: Utc | None
    reason: str | None
    resend_of: UUID | None


class MessageLine(_Output):
    """One message; one that serves several updates stands under each with the same id."""

    id: UUID
    kind: Kind
    channel: Channel
    reference: str
    to_contact: str | None
    updates: tuple[UUID, ...]
    attempts: tuple[AttemptLine, ...]


class UpdateLine(_Output):
    """`kept updates list`: what one person is owed, and what became of it."""

    id: UUID
    force: str
    case: str
    person: str
    source: str
    event_id: str
    part: str
    corrects: UUID | None
    update_point: str
    edition: Edition
    state: UpdateState
    evidence: Evidence | None
    due_at: Utc | None
    send_at: Utc | None
    late: bool
    reasons: tuple[Reason, ...]
    messages: tuple[MessageLine, ...]


class HoldLine(_Output):
    """`kept holds list`: an update that a person must tell; its id is the update's."""

    id: UUID
    force: str
    case: str
    person: str
    update_point: str
    task: str
    queue: str
    acknowledge_by: Utc | None
    """By when somebody on `queue` takes it; after that it goes to `next_queue`."""
    next_queue: str | None
    opened_at: Utc
    due_at: Utc | None
    target_at: Utc | None
    safety: bool
    """It bears on somebody's safety."""
    enhanced: bool
    """The person has Enhanced Rights, or was not assessed."""
    taken_by: str | None
    reasons: tuple[Reason, ...]
    say: tuple[str, ...]
    never_say: tuple[str, ...]


class ForceLine(_Output):
    """`kept force show`: one revision of a force's rules, or what waits for a second person."""

    force: str
    revision: int | None
    """None while it waits."""
    state: Literal["waiting", "in_force", "past"]
    at: Utc
    proposed_by: str | None
    """The first of two people, where something was loosened."""
    loaded_by: str | None
    sha256: str
    loosens: tuple[str, ...]
    """What it loosens in the rules before it, a sentence each."""
    toml: str


class BacklogLine(_Output):
    """`kept force backlog`: what is owed from before the force went live. It is never sent: a person works through it."""

    id: UUID
    force: str
    case: str
    person: str
    update_point: str
    edition: Edition
    status: Literal["active", "unverified", "retired"]
    source: str
    event_id: str
    due_at: Utc | None
    days_late: int | None
    """Whole days since the day on which it was due; None if it is not late, or has no date."""
    enhanced: bool
    task: str
    reasons: tuple[Reason, ...]


class AlertLine(_Output):
    """`kept alerts list`: repeats are one row with a count."""

    id: UUID
    kind: str
    about: str
    count: int
    first_at: Utc
    last_at: Utc
    cleared_at: Utc | None
    owner: str
    text: str
    clears: str
    """What ends it, in a sentence."""


class ChangeLine(_Output):
    """`kept people changes`: what waits for a second person. No number and no address is shown."""

    force: str
    person: str
    kind: Literal["contact", "safety"]
    contact: str
    """The contact's id; empty for what is safe."""
    what: tuple[str, ...]
    since: Utc
    change: str
    """What `--change` takes: another word has another."""
    events: tuple[str, ...]


class RejectedLine(_Output):
    """`kept events rejected`: a record that could not be used, where it is and how to mend it."""

    id: UUID
    topic: str
    partition: int
    offset: int
    received_at: Utc
    reason: str
    field: str
    remedy: str
    size: int


class WaitingLine(_Output):
    """`kept events waiting`: an event that names people who are not recorded yet."""

    force: str
    case: str
    source: str
    event_id: str
    since: Utc
    waits_for: tuple[str, ...]


class AuditLine(_Output):
    """`kept audit verify`."""

    ok: bool
    streams: int
    entries: int
    first_bad: str | None
    """STREAM/INDEX."""
    reason: str | None


class DemoLine(_Output):
    """`kept demo --headless --report FILE`."""

    events: int
    updates: dict[UpdateState, int]
    attempts: dict[AttemptState, int]
    messages: dict[Literal["sms", "email"], int]
    prompts: int
    late: int
    unexpected: tuple[Any, ...]
    seconds: float


class Leg(_Output):
    """One part of a limit that runs through several hands."""

    model_config = _WITHOUT_BAR

    name: str
    from_: str | None
    """The local date from which it counts."""
    due_on: Day | None


class ExplainLine(_Output):
    """`kept explain`: one update that a file of events owes, with every step to its dates."""

    model_config = _WITHOUT_BAR

    id: UUID
    force: str
    case: str
    source: str
    event_id: str
    part: str
    message: str | None
    update_point: str
    title: str
    edition: Edition
    book: Literal["code", "charter", "force", "statute"]
    instrument: str
    right: int | None
    paragraph: str | None
    sources: tuple[str, ...]
    """Short names of what was read; `kept editions show` spells them out."""
    confidence: Confidence
    limit_confidence: Confidence | None
    status: Literal["active", "unverified", "retired"]
    owner: str
    """Whose duty it is: police, wcu, or a body outside (cps, hmcts, vlo)."""
    class_: Literal["safety_critical", "routine", "reminder"]
    person: str | None
    """Null where the file records nobody and one adult victim was assumed."""
    for_: str | None
    role: str
    suspect: str | None
    enhanced: bool
    clock_start: Utc | None
    counted_days: tuple[Day, ...]
    due_at: Utc | None
    due_on: Day | None
    due_on_standard: Day | None
    due_on_enhanced: Day | None
    legs: tuple[Leg, ...]
    late_on_arrival: bool
    late_qualified: bool
    target_at: Utc | None
    send_at: Utc | None
    channel: Channel | None
    contact: str | None
    state: UpdateState
    evidence: Evidence | None
    kind: Kind | None
    task: str | None
    queue: str | None
    reasons: tuple[Reason, ...]


class Refused(_Output):
    """Why no words were made."""

    code: str
    text: str


class PreviewLine(_Output):
    """`kept preview`: one message as it would read. The reference is a sample, and no address is shown."""

    case: str
    person: str
    kind: Kind
    channel: Channel
    contact: str
    language: str
    style: Literal["neutral", "plain"]
    send_at: Utc
    updates: tuple[UUID, ...]
    update_points: tuple[str, ...]
    reference: str
    sender: str | None
    sender_name: str | None
    subject: str | None
    body: str | None
    at_a_glance: str | None
    """What a locked telephone, or a list of mails, shows of it."""
    parts: int | None
    alphabet: Literal["GSM-7", "UCS-2"] | None
    template: str | None
    version: str | None
    refused: Refused | None


class EditionLine(_Output):
    """`kept editions list`: one edition that is loaded."""

    id: str
    book: Literal["code", "charter", "force", "statute"]
    title: str
    since: Day
    until: Day | None
    """The first day on which it is no longer in force."""
    rules: int
    unverified: int
    """How many of them nobody has checked."""


class NamedSource(_Output):
    """Where something was read: its short name, and what it stands for."""

    name: str
    text: str


class AskedOf(_Output):
    """An event type, and the words that its fields must say."""

    event: str
    when: dict[str, tuple[str, ...]]


class LegOf(_Output):
    """A limit that somebody else keeps before the rule's own clock starts."""

    name: str
    clock: str
    working_days: int


class ForceLimit(_Output):
    """The force's own limit, where the rule's book gives none."""

    standard: str
    enhanced: str


class RuleLine(_Output):
    """`kept editions show`: one rule with everything it says."""

    model_config = _WITHOUT_BAR

    update_point: str
    edition: str
    book: Literal["code", "charter", "force", "statute"]
    instrument: str
    title: str
    right: int | None
    paragraph: str | None
    sources: tuple[NamedSource, ...]
    confidence: Confidence
    limit_confidence: Confidence | None
    status: Literal["active", "unverified", "retired"]
    unverified_from: Day | None
    """Events from this day on raise it as unverified."""
    class_: Literal["safety_critical", "routine", "reminder"]
    safety_when: tuple[AskedOf, ...]
    ends_bail: bool
    duty: Literal["tell", "ask", "act"]
    timed: Literal["reminder", "cadence", "lapse"] | None
    triggers: tuple[AskedOf, ...]
    arrested_from: Day | None
    clock: str
    standard: str | None
    enhanced: str | None
    force_limit: ForceLimit | None
    legs: tuple[LegOf, ...]
    owner: str
    recipients: tuple[str, ...]
    only_for: str | None
    narrowed_by: str | None
    fulfil_by: tuple[Evidence, ...]
    done_by: tuple[str, ...]
    done_service: tuple[str, ...]
    content_required: tuple[str, ...]
    content_wanted: tuple[str, ...]
    content_forbidden: tuple[str, ...]
    topic: str | None
    safety_gate: bool
    overtaken_by: tuple[str, ...]
    stale_after_hours: int | None
    subsumes: tuple[str, ...]
    good_reasons: tuple[str, ...]


class LintLine(_Output):
    """`kept editions lint`: one thing that is wrong with a book."""

    file: str
    rule: str
    key: str
    remedy: str


class DiffLine(_Output):
    """`kept editions diff`: a field of a rule that differs, or an update that a rival in shadow would change."""

    what: Literal["rule", "appears", "disappears", "due_moves", "state_changes"]
    rule: str
    """Its update point; empty for the edition itself."""
    field: str | None
    old: Any
    new: Any
    update: UUID | None
    force: str | None
    case: str | None
    person: str | None
    event_id: str | None
    part: str | None
    unverified: bool | None


OUTPUTS: Final[dict[str, type[BaseModel]]] = {
    "updates-list": UpdateLine,
    "holds-list": HoldLine,
    "alerts-list": AlertLine,
    "people-changes": ChangeLine,
    "force-show": ForceLine,
    "force-backlog": BacklogLine,
    "events-rejected": RejectedLine,
    "events-waiting": WaitingLine,
    "audit-verify": AuditLine,
    "demo-report": DemoLine,
    "editions-list": EditionLine,
    "editions-show": RuleLine,
    "editions-lint": LintLine,
    "editions-diff": DiffLine,
    "explain": ExplainLine,
    "preview": PreviewLine,
}
"""The shape of what each command prints, by the name of its published schema."""
