"""Plans made by hand, for tests of what the ledger does with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson

from services.scheduler.plan.types import Plan, Planned, PlannedMessage, Reason

AT = datetime(2026, 3, 9, 10, 15, tzinfo=UTC)
DUE = datetime(2026, 3, 16, 23, 59, 59, tzinfo=UTC)


def update_id(name: str) -> UUID:
    """An id that a name always gives."""
    return uuid5(NAMESPACE_URL, name)


def planned(name: str = "u1", facts: Mapping[str, Any] | None = None, **given: Any) -> Planned:
    """A planned update of `case-1` of `staffs`: news by text to p1, due in five working days, but for what is given."""
    stated = {"on": "2026-03-09"} if facts is None else dict(facts)
    whole = Planned(
        id=update_id(name),
        force="staffs",
        case="case-1",
        person="p1",
        for_whom="",
        update_point="r6-arrest",
        source="/force/staffs/rms",
        event_id=name,
        part="",
        corrects=None,
        edition="vc-2020",
        cls="routine",
        state="planned",
        evidence=None,
        kind="news",
        channel="sms",
        contact="c1",
        language="en",
        style="plain",
        send_at=AT + timedelta(hours=1),
        due_at=DUE,
        target_at=None,
        clock_start=AT,
        due_on=DUE.date(),
        due_on_standard=DUE.date(),
        due_on_enhanced=None,
        counted_days=(),
        late_on_arrival=False,
        late_qualified=False,
        enhanced=False,
        flagged=False,
        role="victim",
        suspect="s1",
        facts=stated,
        facts_hash=sha256(orjson.dumps(stated, option=orjson.OPT_SORT_KEYS)).hexdigest(),
        content_required=("what_happened",),
        reasons=(Reason("due_standard", "five working days"),),
        task=None,
        queue=None,
        safety_hold=False,
        say=(),
        never_say=(),
        combine="",
    )
    return replace(whole, **given)


def held(name: str = "u1", facts: Mapping[str, Any] | None = None, **given: Any) -> Planned:
    """The same, held for a person, with nothing going by machine."""
    fixed: dict[str, Any] = {
        "state": "held",
        "kind": None,
        "channel": None,
        "contact": None,
        "send_at": None,
        "task": "call",
        "queue": "victim_care",
    }
    return planned(name, facts, **(fixed | given))


def message(*updates: Planned, **given: Any) -> PlannedMessage:
    """The message that carries `updates`."""
    first = updates[0]
    whole = PlannedMessage(
        person=first.person,
        kind=first.kind or "news",
        channel=first.channel or "sms",
        contact=first.contact or "c1",
        language=first.language,
        style=first.style,
        send_at=first.send_at or AT,
        updates=tuple(update.id for update in updates),
    )
    return replace(whole, **given)


def plan_of(*updates: Planned, again_at: datetime | None = None) -> Plan:
    """A plan that holds these updates, each that goes by machine in a message of its own."""
    return Plan(
        updates=updates,
        messages=tuple(message(update) for update in updates if update.kind is not None),
        waiting=(),
        again_at=again_at,
    )
