"""Putting right what somebody was told: what left stays as it is, and an update of its own corrects it. Pure.

Only date, time and place of a hearing correct themselves; anything else that was wrong is an officer's to put right (PR10).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from schemas.editions.model import Books, UpdatePoint
from services.ledger.effective import Effective
from services.ledger.people import Person
from services.scheduler.plan.case import Case, rules_of
from services.scheduler.plan.decide import Correcting, decide
from services.scheduler.plan.heard import may_have_heard
from services.scheduler.plan.recipients import Recipient
from services.scheduler.plan.statement import DRESS, HEARINGS
from services.scheduler.plan.types import OnLedger, Planned

_CORRECT_THEMSELVES: Final = frozenset({"starts_at", "window", "court", "happened_on"})
Ledger = Mapping[UUID, OnLedger]


def with_corrections(
    case: Case, ledger: Ledger, item: Effective, point: UpdatePoint, recipient: Recipient, planned: Planned
) -> list[Planned]:
    """The update, untouched if it may have been heard, and the correction that its news needs; corrections of corrections too."""
    found = [planned]
    correction = item.correction
    while correction is not None:
        latest = found[-1]
        entry = ledger.get(latest.id)
        if entry is None or not may_have_heard(entry):
            break
        untrue = item.withdrawn and latest.corrects is None
        if entry.facts_hash == latest.facts_hash and not untrue:
            break
        found[-1] = _as_left(latest, entry)
        codes = ("event_withdrawn",) if item.withdrawn else _codes(point, entry.facts, latest.facts)
        found.append(decide(case, item, point, recipient, Correcting(entry.id, entry.facts, correction.time, codes)))
    return found


def wrongly_told(case: Case, books: Books, planned: Mapping[UUID, Planned]) -> list[Planned]:
    """What a correction shows should not have been told to somebody at all: an officer's task, never another message."""
    found: list[Planned] = []
    for entry in case.known.ledger:
        here = case.file.position.get((entry.source, entry.event_id))
        if entry.id in planned or entry.part or here is None or not may_have_heard(entry):
            continue
        item = case.file.events[here]
        original = Effective(item.event, item.type, item.event.time, item.event.data)
        raised = rules_of(original, case.file, case.known.rules, books)
        point = next((point for point in raised if point.id == entry.update_point), None)
        if item.correction is None or point is None:
            continue
        person = case.known.people.get(entry.person) or Person(case.known.force, entry.person)
        correcting = Correcting(entry.id, entry.facts, item.correction.time, ("wrong_person",))
        found.append(decide(case, item, point, Recipient(person, ""), correcting))
    return found


def _as_left(planned: Planned, entry: OnLedger) -> Planned:
    """As the ledger has it: nothing that left is changed."""
    return replace(
        planned,
        state=entry.state,
        evidence=entry.evidence,
        told_at=entry.told_at,
        kind=None,
        combine="",
        facts=entry.facts,
        facts_hash=entry.facts_hash,
        due_at=entry.due_at,
    )


def _codes(point: UpdatePoint, said: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    changed = {name for name in said.keys() | now.keys() if said.get(name) != now.get(name)} - DRESS
    if point.id in HEARINGS and changed <= _CORRECT_THEMSELVES:
        return ()
    return ("correction_by_person",)
