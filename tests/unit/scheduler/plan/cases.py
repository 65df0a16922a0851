"""Cases to plan, built as they come: records read by the one reader, people folded by the one fold, the shipped books."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from schemas.case_events.corrections import EventCorrected
from schemas.editions.load import load_books
from schemas.envelope import CaseEvent, read_event
from services.ledger.force_rules import ForceRules, careful_default
from services.ledger.people import Person, fold_person
from services.scheduler.plan import plan
from services.scheduler.plan.types import Known, OnLedger, Plan, Planned
from services.scheduler.working_days import england_and_wales

FORCE, CASE = "staffs", "case-1"
MONDAY = datetime(2026, 3, 9, 10, 15, tzinfo=UTC)
"""Monday 9 March 2026, in office hours."""
BOOKS = load_books()
CALENDAR = england_and_wales()
PHONE: Mapping[str, Any] = {"id": "c1", "channel": "sms", "value": "07700 900001", "safe": True}
EMAIL: Mapping[str, Any] = {"id": "c2", "channel": "email", "value": "v1@example.org", "safe": True}

_DETAILS: dict[str, int] = {}


def event(
    kind: str,
    data: Mapping[str, Any],
    *,
    at: datetime = MONDAY,
    id: str | None = None,  # noqa: A002  # the envelope's own name
    known: datetime | None = None,
    sequence: int | None = None,
    case: str = CASE,
) -> CaseEvent:
    """One event as a force's record system sends it."""
    record: dict[str, Any] = {
        "specversion": "1.0",
        "id": id or f"{kind}@{at.isoformat()}",
        "source": f"/force/{FORCE}/rms",
        "type": kind,
        "subject": case,
        "time": at.isoformat(),
        "knownat": (known or at).isoformat(),
        "dataschema": "kept:case-event:1",
        "data": data,
    }
    if sequence is not None:
        record["sequence"] = sequence
    return read_event(orjson.dumps(record)).event


BEFORE = MONDAY - timedelta(days=20)


def person(
    who: str = "v1", *roles: str, at: datetime = BEFORE, stands_for: str | list[str] | None = None, **data: Any
) -> CaseEvent:
    """`person.recorded` of an adult who can be texted, who agreed to plain words and wants to know the outcome."""
    said: dict[str, Any] = {
        "person": who,
        "roles": list(roles or ("victim",)),
        "born": "1980-05-01",
        "contacts": [PHONE if who == "v1" else {**PHONE, "value": f"07700 900{sum(map(ord, who)) % 1000:03}"}],
        "preference": {"channel": "sms", "plain_wording": True, "wants_outcome": True},
        **data,
    }
    if stands_for is not None:
        said["for"] = stands_for
    said = {name: value for name, value in said.items() if value is not ...}
    return event("person.recorded", said, at=at, id=f"person-{who}-{at.isoformat()}")


def crime(*classes: str, at: datetime = BEFORE, **data: Any) -> CaseEvent:
    """`crime.recorded`; of class `other` if none is given."""
    return event(
        "crime.recorded", {"offence_classes": list(classes or ("other",)), **data}, at=at, id=f"crime-{at.isoformat()}"
    )


def assessed(
    who: str = "v1", *, enhanced: bool = False, at: datetime = BEFORE, gateways: Sequence[str] = ()
) -> CaseEvent:
    """`needs_assessment.completed`."""
    data = {"person": who, "enhanced": enhanced, "gateways": list(gateways)}
    return event("needs_assessment.completed", data, at=at, id=f"needs-{who}-{at.isoformat()}")


def arrest(at: datetime = MONDAY, suspect: str = "s1", **data: Any) -> CaseEvent:
    """`suspect.arrested`."""
    return event("suspect.arrested", {"suspect": suspect, **data}, at=at, id=f"arrest-{suspect}-{at.isoformat()}")


def plain_case(*more: CaseEvent, **of_person: Any) -> list[CaseEvent]:
    """A standard adult victim of an ordinary crime, assessed, and what else happened."""
    return [crime(), person(**of_person), assessed(), *more]


def details_of(events: Iterable[CaseEvent]) -> dict[str, dict[tuple[str, str, str], tuple[int | None, str | None]]]:
    """What the vault would say: the same value is the same detail."""
    found: dict[str, dict[tuple[str, str, str], tuple[int | None, str | None]]] = {}
    for item in events:
        for contact in getattr(item.data, "contacts", None) or ():
            if contact.value is not None:
                detail = _DETAILS.setdefault(contact.value.replace(" ", ""), len(_DETAILS) + 1)
                key = (item.source, item.id, contact.id)
                found.setdefault(item.data.person, {})[key] = (detail, None)  # type: ignore[attr-defined]  # who has contacts has a person
    return found


def people_of(events: Sequence[CaseEvent]) -> dict[str, Person]:
    """Everybody whom the events record."""
    details = details_of(events)
    names = {name for item in events if (name := getattr(item.data, "person", None)) is not None}
    for item in events:
        if isinstance(item.data, EventCorrected) and "person" in (item.data.data or {}):
            names.add((item.data.data or {})["person"])
    return {name: fold_person(FORCE, name, events, details.get(name, {})) for name in names}


def known(
    events: Sequence[CaseEvent],
    *,
    now: datetime | None = None,
    ledger: Sequence[OnLedger] = (),
    shut: Mapping[int, str] | None = None,
    rules: ForceRules | None = None,
    arrived: Mapping[tuple[str, str], datetime] | None = None,
) -> Known:
    """What the scheduler would load; everything arrives when it was known, and it is just after the last of it."""
    came = arrived or {(item.source, item.id): item.known_at for item in events}
    return Known(
        force=FORCE,
        case=CASE,
        events=tuple(events),
        arrived=came,
        people=people_of(events),
        shut=shut or {},
        ledger=tuple(ledger),
        rules=rules or careful_default(FORCE),
        now=now or max(came.values(), default=MONDAY),
    )


def planned(events: Sequence[CaseEvent], **more: Any) -> Plan:
    """The plan of a case by the shipped books and calendar."""
    return plan(known(events, **more), BOOKS, CALENDAR)


def after_report(events: Sequence[CaseEvent], **more: Any) -> Plan:
    """That plan without what the report of the crime raises by itself: for tests of what came later."""
    found = planned(events, **more)
    reports = {item.id for item in events if item.type == "crime.recorded"}
    updates = tuple(item for item in found.updates if item.event_id not in reports)
    kept = {item.id for item in updates}
    messages = tuple(message for message in found.messages if kept.issuperset(message.updates))
    return replace(found, updates=updates, messages=messages)


def only(events: Sequence[CaseEvent], update_point: str, who: str = "v1", **more: Any) -> Planned:
    """The one update of a point and person in the plan."""
    found = [
        item for item in planned(events, **more).updates if (item.update_point, item.person) == (update_point, who)
    ]
    assert len(found) == 1, [(item.update_point, item.person, item.part) for item in planned(events, **more).updates]
    return found[0]


def codes(update: Planned) -> list[str]:
    """The codes of its reasons, without that of the deadline."""
    return [reason.code for reason in update.reasons][1:]


def on_ledger(update: Planned, **changes: Any) -> OnLedger:
    """The ledger's word on an update that was sent and delivered as it was planned."""
    entry = OnLedger(
        id=update.id,
        update_point=update.update_point,
        person=update.person,
        source=update.source,
        event_id=update.event_id,
        part=update.part,
        state="told",
        evidence="delivered",
        facts_hash=update.facts_hash,
        facts=update.facts,
        due_at=update.due_at,
        told_at=update.send_at,
        taken_by=None,
        hold_safety=False,
        anything_left=True,
        live_attempt=False,
        corrects=update.corrects,
    )
    return replace(entry, **changes)
