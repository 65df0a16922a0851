"""A ledger in memory: plan after plan is reconciled with it by the tables that the real one uses, and nothing is ever sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from schemas.envelope import CaseEvent
from services.ledger.states import UPDATE_MOVES, UpdateState
from services.scheduler.changes import Existing, decide, settled_by_plan, sticks
from services.scheduler.forming import form
from services.scheduler.plan import plan
from services.scheduler.plan.types import Known, OnLedger, Plan, Planned, PlannedMessage
from services.scheduler.written import digest_of
from tests.unit.scheduler.plan.cases import BOOKS, CALENDAR, known

Obligation = tuple[Any, ...]


@dataclass
class Ledger:
    """One case. `sent` names updates that left and were delivered."""

    existing: dict[UUID, Existing] = field(default_factory=dict)
    rows: dict[UUID, Planned] = field(default_factory=dict)
    last: Plan | None = None

    def see(self, events: Sequence[CaseEvent], now: datetime, **more: Any) -> Plan:
        """Plan the case by `events` and make the ledger agree."""
        return self.plan(known(events, now=now, ledger=self.on_ledger(), **more))

    def plan(self, case: Known) -> Plan:
        """Plan a case that is known, this ledger included, and agree with it."""
        self.last = plan(case, BOOKS, CALENDAR)
        planned = {item.id: item for item in self.last.updates}
        for update, item in planned.items():
            self._agree(update, item)
        for update in self.existing.keys() - planned.keys():
            self._agree(update, None)
        return self.last

    def _agree(self, update: UUID, item: Planned | None) -> None:
        before = self.existing.get(update)
        digest = b"" if item is None else digest_of(item)
        change = decide(before, item, digest)
        if before is not None and change.state != before.state:
            steps = [before.state, *([change.via] if change.via else []), change.state]
            assert all(step in UPDATE_MOVES for step in pairwise(steps)), steps
        if change.action in {"insert", "write", "refresh"} and item is not None:
            sticky = before is not None and before.state == "held" and before.hold_safety
            self.existing[update] = Existing(
                id=update,
                state=change.state,
                evidence=item.evidence if change.state == "told" else None,
                facts_hash=item.facts_hash,
                due_at=item.due_at,
                plan_digest=digest,
                contested=False,
                anything_left=before is not None and before.anything_left,
                hold_safety=change.state == "held" and (sticks(item) or sticky),
                left="nothing" if before is None else before.left,
                taken_by=before.taken_by if before is not None and before.state == change.state == "held" else None,
            )
            self.rows[update] = item
        elif before is not None and change.action in {"withdraw", "mark", "told"}:
            self.existing[update] = replace(
                before,
                state=change.state,
                evidence=item.evidence if change.action == "told" and item is not None else before.evidence,
                contested=change.contested,
                plan_digest=b"" if change.state == "withdrawn" else before.plan_digest,
            )

    def sending(self) -> tuple[PlannedMessage, ...]:
        """The news that would go now."""
        assert self.last is not None
        states = {update: entry.state for update, entry in self.existing.items()}
        formed = form(self.last.messages, [], states, {}, (), (), (), ()).form
        return tuple(message for message in formed if message.kind == "news")

    def send(self, update: UUID, state: UpdateState = "told") -> None:
        """It leaves as it stands, and arrives."""
        self.existing[update] = replace(
            self.existing[update], state=state, evidence="delivered", anything_left=True, left="live"
        )

    def on_ledger(self) -> tuple[OnLedger, ...]:
        """What a plan may depend on."""
        return tuple(
            OnLedger(
                id=entry.id,
                update_point=row.update_point,
                person=row.person,
                source=row.source,
                event_id=row.event_id,
                part=row.part,
                state=entry.state,
                evidence=entry.evidence,
                facts_hash=row.facts_hash,
                facts=row.facts,
                due_at=row.due_at,
                told_at=row.send_at if entry.anything_left else row.told_at,
                taken_by=entry.taken_by,
                hold_safety=entry.hold_safety,
                anything_left=entry.anything_left,
                live_attempt=entry.left == "live",
                corrects=row.corrects,
                settled_by_plan=settled_by_plan(entry),
            )
            for entry in self.existing.values()
            if (row := self.rows[entry.id]) is not None
        )

    def owed(self) -> dict[UUID, Obligation]:
        """What is owed or was settled, with its dates, reasons and messages; what was withdrawn is owed no longer."""
        assert self.last is not None
        states = {update: entry.state for update, entry in self.existing.items()}
        formed = form(self.last.messages, [], states, {}, (), (), (), ()).form
        planned = {item.id for item in self.last.updates}
        said = {update: message for message in formed for update in message.updates}
        return {
            update: (
                states[update],
                row.update_point,
                row.person,
                row.due_at,
                row.send_at,
                row.facts_hash,
                row.evidence,
                tuple(reason.code for reason in row.reasons),
                said.get(update),
            )
            for update, row in self.rows.items()
            # What was told or declined by events that concern nobody any more is history, and owed by no order of them.
            if states[update] != "withdrawn" and (update in planned or self.existing[update].anything_left)
        }
