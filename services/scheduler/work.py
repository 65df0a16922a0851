"""What reconciling decided for the cases of a batch, and writing it down in a few statements however many there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from services.ledger import alerts
from services.ledger.cases import CaseKey
from services.ledger.connection import Connection
from services.ledger.holds import HoldNeeded, close_holds, open_holds
from services.ledger.journal import Journal
from services.ledger.states import UpdateState
from services.scheduler.plan.types import PlannedMessage
from services.wording.reference import new_reference

_NAMES: Final = ("id", "force", "case_id", "person_id", "for_whom", "update_point", "source", "event_id", "part")
"""What names an update: written once."""
_SAID: Final = (
    "corrects", "edition", "cls", "state", "evidence", "kind", "channel", "contact_id", "send_at", "due_at", "target_at",
    "told_at", "hold_safety", "facts", "facts_hash", "reasons", "explanation", "plan_digest",
)  # fmt: skip
"""What a plan says of it, in the order of the rows of `Work`."""

_REWRITE: Final = f"""
update updates u
set {", ".join(f"{name} = w.{name}" for name in _SAID)}, changed_at = $20, contested = false,
    late = u.late and (w.due_at is null or w.due_at <= $20)
from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::boolean[], $15::jsonb[], $16::text[],
    $17::jsonb[], $18::jsonb[], $19::bytea[]) w (id, {", ".join(_SAID)})
where u.id = w.id
"""  # noqa: S608  # constants

_TOUCH: Final = """
update updates u
set state = w.state, evidence = w.evidence, told_at = w.told_at, contested = w.contested, changed_at = $6,
    plan_digest = case when w.state = 'withdrawn' then ''::bytea else u.plan_digest end
from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::boolean[]) w (id, state, evidence, told_at, contested)
where u.id = w.id
"""

_FORM: Final = """
with formed as (
    insert into messages (id, force, case_id, person_id, kind, channel, contact_id, language, style, reference, state, send_at,
        due_at, created_at, changed_at)
    select id, force, case_id, person_id, kind, channel, contact_id, language, style, reference, 'planned', send_at, due_at,
        $15, $15
    from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
        $10::text[], $11::timestamptz[], $12::timestamptz[])
        as w (id, force, case_id, person_id, kind, channel, contact_id, language, style, reference, send_at, due_at)
)
insert into message_update (message_id, update_id, position) select * from unnest($13::uuid[], $14::uuid[], $16::smallint[])
"""

# A dispatcher that was given the message finds another epoch and lets go.
_DROP: Final = """
update messages set state = 'void', epoch = epoch + 1, release = null, lease_until = null, changed_at = $2
where id = any($1::uuid[]) and state in ('planned', 'released')
"""


TOLD_WRONG: Final = "told_wrong"
"""The alert of an incident: somebody was told what only a person may put right (PR10)."""


@dataclass(slots=True)
class Work:
    """What the decisions of all cases come to, collected before anything is written."""

    insert: list[tuple[Any, ...]] = field(default_factory=list)
    rewrite: list[tuple[Any, ...]] = field(default_factory=list)
    """Rows of updates, as `_NAMES` and `_SAID` have them; JSON is bytes."""
    touch: list[tuple[UUID, UpdateState, str | None, datetime | None, bool]] = field(default_factory=list)
    form: list[tuple[CaseKey, PlannedMessage, datetime | None]] = field(default_factory=list)
    drop: list[UUID] = field(default_factory=list)
    due: dict[UUID, datetime | None] = field(default_factory=dict)
    open: list[HoldNeeded] = field(default_factory=list)
    redate: list[tuple[UUID, datetime | None, datetime | None]] = field(default_factory=list)
    close: list[tuple[UUID, str]] = field(default_factory=list)
    tell: list[tuple[UUID, str]] = field(default_factory=list)
    incidents: list[UUID] = field(default_factory=list)
    """Corrections that only a person may make."""
    rota: dict[tuple[str, str], datetime | None] = field(default_factory=dict)


async def write_updates(connection: Connection, work: Work, journal: Journal) -> None:
    """Insert updates, rewrite those that are there already, and touch those that only move."""
    if work.insert:
        work.insert.sort(key=_by_id)
        await connection.copy_records_to_table(
            "updates",
            columns=(*_NAMES, *_SAID, "created_at", "changed_at"),
            records=[(*row, journal.now, journal.now) for row in work.insert],
        )
    if work.rewrite:
        work.rewrite.sort(key=_by_id)
        said = [(row[0], *row[len(_NAMES) :]) for row in work.rewrite]
        await connection.execute(_REWRITE, *(list(column) for column in zip(*said, strict=True)), journal.now)
    if work.touch:
        await connection.execute(_TOUCH, *(list(column) for column in zip(*work.touch, strict=True)), journal.now)


def _by_id(row: tuple[Any, ...]) -> bytes:
    found: UUID = row[0]
    return found.bytes


async def write_messages(connection: Connection, work: Work, journal: Journal, *, dropping: bool) -> None:
    """Dropped messages go before the updates are written, formed ones after: they refer to them."""
    if dropping:
        if work.drop:
            await connection.execute(_DROP, work.drop, journal.now)
        if work.due:
            await connection.execute(
                "update messages m set due_at = w.due_at from unnest($1::uuid[], $2::timestamptz[]) w (id, due_at)"
                " where m.id = w.id",
                list(work.due),
                list(work.due.values()),
            )
        return
    if not work.form:
        return
    # Of messages to one person at one instant the first by id goes first: the order in which they were planned.
    ids = sorted(uuid4() for _ in work.form)
    pairs = [
        (message_id, update, position)
        for message_id, (_, message, _) in zip(ids, work.form, strict=True)
        for position, update in enumerate(message.updates)
    ]
    await connection.execute(
        _FORM,
        ids,
        [case[0] for case, _, _ in work.form],
        [case[1] for case, _, _ in work.form],
        [message.person for _, message, _ in work.form],
        [message.kind for _, message, _ in work.form],
        [message.channel for _, message, _ in work.form],
        [message.contact for _, message, _ in work.form],
        [message.language for _, message, _ in work.form],
        [message.style for _, message, _ in work.form],
        [new_reference() for _ in work.form],
        [message.send_at for _, message, _ in work.form],
        [due_at for _, _, due_at in work.form],
        [message_id for message_id, _, _ in pairs],
        [update for _, update, _ in pairs],
        journal.now,
        [position for _, _, position in pairs],
    )
    journal.wake("kept_due")


async def write_holds(connection: Connection, work: Work, journal: Journal) -> None:
    """Open, close and redate holds, and tell those who have taken one that changed."""
    work.open.sort(key=lambda need: need.update_id.bytes)
    await open_holds(connection, work.open, journal)
    for why in sorted({why for _, why in work.close}):
        await close_holds(connection, [update for update, reason in work.close if reason == why], why, journal)
    if work.close:
        await alerts.clear_alerts(connection, TOLD_WRONG, [str(update) for update, _ in work.close], journal.now)
    for update in sorted(work.incidents):
        await alerts.raise_alert(
            connection,
            TOLD_WRONG,
            update,
            "Somebody was told what is not so, and no machine may put it right: a call is open.",
            "victim care",
            "the call is recorded as told, or nothing is left to put right",
            journal.now,
        )
    if work.redate:
        await connection.execute(
            "update holds h set due_at = w.due_at, target_at = w.target_at"
            " from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) w (id, due_at, target_at)"
            " where h.update_id = w.id and h.closed_at is null",
            *(list(column) for column in zip(*work.redate, strict=True)),
        )
    for update, taken_by in sorted(work.tell):
        await alerts.raise_alert(
            connection,
            "hold_changed",
            update,
            "What is known of this update has changed since it was taken: look at it again before telling anybody.",
            taken_by,
            "whoever has it finishes it or hands it back",
            journal.now,
        )
