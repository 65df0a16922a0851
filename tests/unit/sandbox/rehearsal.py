"""The sample cases with no servers: plan after plan on the story's clock, and whatever is sent arrives at once.

The demo is the judge of where every update ends; this says the same in a second, but for what goes wrong at the far end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from schemas.envelope import ReadEvent, read_event
from services.ledger.force_rules import read_rules
from services.ledger.states import UPDATE_STATES
from services.sandbox.staff import NOTICED, ON_DUTY, on_duty
from services.sandbox.story import ENDS, STARTS, Case, Record, force_file
from services.scheduler.as_known import known_cases
from services.scheduler.plan.types import Known, PlannedMessage
from tests.unit.scheduler.plan.ledger import Ledger

RULES = read_rules(force_file())
_NOT_FOR_PEOPLE = {bytes([UPDATE_STATES.index(state)]) for state in ("planned", "declined", "withdrawn")}


@dataclass
class _Case:
    """One case on its way."""

    ledger: Ledger = field(default_factory=Ledger)
    messages: tuple[PlannedMessage, ...] = ()
    prompted: set[UUID] = field(default_factory=set)
    opened: dict[UUID, datetime] = field(default_factory=dict)

    def take(self, now: datetime) -> None:
        """Whoever is on duty takes what has waited for a while."""
        for update, entry in self.ledger.existing.items():
            if entry.state != "held":
                self.opened.pop(update, None)
                continue
            waited = now - self.opened.setdefault(update, now)
            queue = self.ledger.rows[update].queue
            if (
                entry.taken_by is None
                and queue in on_duty(RULES, now)
                and (queue == "control_room" or waited >= NOTICED)
            ):
                self.ledger.existing[update] = replace(entry, taken_by=ON_DUTY[queue])

    def hand_back(self) -> bool:
        """Whoever has what the plan no longer asks of a person hands it back; whether anybody did."""
        back = [
            replace(entry, taken_by=None, handed_back=True, hold_safety=False)
            for entry in self.ledger.existing.values()
            if entry.state == "held"
            and entry.taken_by is not None
            and not entry.anything_left
            and (entry.contested or entry.plan_digest[:1] in _NOT_FOR_PEOPLE)
        ]
        self.ledger.existing |= {entry.id: entry for entry in back}
        return bool(back)

    def due(self, now: datetime) -> bool:
        """Send what is due; whether anything was."""
        sent = False
        for message in self.messages:
            if message.send_at > now:
                continue
            if message.kind == "prompt":
                self.prompted |= set(message.updates)
                continue
            for update in message.updates:
                if self.ledger.existing[update].state == "planned":
                    self.ledger.send(update)
                    sent = True
        return sent


def rehearse(cases: Sequence[Case]) -> Iterator[dict[str, Any]]:
    """Play `cases`, and yield every update as it ends, keyed as the columns that `verdict.compare` reads."""
    for together in _together(cases):
        yield from _rehearse(together)


def _together(cases: Sequence[Case]) -> list[list[Case]]:
    """Cases that share a person or were linked are played together, and each of the others alone."""
    groups: list[tuple[set[str], list[Case]]] = []
    for case in cases:
        names, members = {case.id, *_names(case)}, [case]
        for group in [group for group in groups if group[0] & names]:
            groups.remove(group)
            names, members = names | group[0], group[1] + members
        groups.append((names, members))
    return [members for _, members in groups]


def _names(case: Case) -> Iterator[str]:
    for record in case.records:
        data = orjson.loads(record.value)["data"]
        if record.type == "person.recorded":
            yield data["person"]
        yield from data.get("cases", ())


def _rehearse(cases: Sequence[Case]) -> Iterator[dict[str, Any]]:
    records = sorted((record for case in cases for record in case.records), key=lambda record: record.at)
    found: dict[str, _Case] = {case.id: _Case() for case in cases}
    again: dict[str, datetime] = {}
    reads: dict[str, ReadEvent] = {}
    at: datetime | None = STARTS
    while at is not None and at <= ENDS:
        new = {record.case for record in records if record.at == at}
        for record in records:
            if record.at == at:
                read = read_event(record.value)
                reads[read.event.id] = read
        wanted = {name for name, when in again.items() if when <= at} | new
        wanted |= {name for name, case in found.items() if case.due(at)}
        while wanted:
            for known in _known(list(reads.values()), at):
                if known.case in wanted:
                    case = found[known.case]
                    planned = case.ledger.plan(replace(known, ledger=case.ledger.on_ledger()))
                    case.messages = planned.messages
                    again.pop(known.case, None)
                    if planned.again_at is not None and planned.again_at > at:
                        again[known.case] = planned.again_at
            wanted = {name for name, case in found.items() if case.due(at) | case.hand_back()}
        for case in found.values():
            case.take(at)
        at = _next(at, records, again, found)
    for case_id, case in found.items():
        yield from _rows(case_id, case)


def _known(reads: list[ReadEvent], now: datetime) -> Iterator[Known]:
    for known in known_cases(reads, now, lambda _: RULES):
        arrived = {key: max(at, STARTS) for key, at in known.arrived.items()}
        yield replace(known, rules=RULES, arrived=arrived)


def _next(
    now: datetime, records: Sequence[Record], again: dict[str, datetime], found: dict[str, _Case]
) -> datetime | None:
    times = [record.at for record in records]
    times += again.values()
    times += [at + NOTICED for case in found.values() for at in case.opened.values()]
    times += [message.send_at for case in found.values() for message in case.messages]
    return min((at for at in times if at > now), default=None)


def _rows(case_id: str, case: _Case) -> Iterator[dict[str, Any]]:
    for update, entry in case.ledger.existing.items():
        row = case.ledger.rows[update]
        yield {
            "case_id": case_id,
            "person_id": row.person,
            "update_point": row.update_point,
            "edition": row.edition,
            "event_id": row.event_id,
            "part": row.part,
            "for_whom": row.for_whom,
            "state": entry.state,
            "evidence": entry.evidence,
            "reasons": [{"code": reason.code} for reason in row.reasons],
            "prompted": update in case.prompted,
            "left_us": entry.anything_left or update in case.prompted,
        }
