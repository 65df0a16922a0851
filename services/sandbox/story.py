"""The sample cases: invented people and several days of their cases, and where each update must end.

A case is a few people and a list of events on a wall clock ("Mon 09:05" of the story's week, Europe/London). Shorthand keeps a
case short enough to read; what comes out is the case events that a force's record system would publish.

- `classes`: the crime, recorded at `recorded`. Without that it was recorded months before, when the force did not use this
  service yet: its first days owe nothing here (PR22). What was known before the story begins is published as it begins.
- `person`: who they are; with `enhanced` their needs were assessed, when the crime was recorded or at `assessed_at`.
- `first_contact`: the officer who took the report saw every victim at `at`, before the crime was typed in: gave them what is
  owed in writing, assessed their needs and referred them with their consent. `ends` need not say again what that fulfils.
- `event`: everything else, each with a `label`; `known` when the force knew (else at once), `published` and `again` for a feed
  that is slow or says things twice.
- `ends`: where each update must end. Only the clock of the next regular contact needs no line while it troubles nobody.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

LONDON: Final = ZoneInfo("Europe/London")
FORCE: Final = "sample"
SOURCE: Final = f"/force/{FORCE}/records"
MONDAY: Final = date(2026, 3, 9)
STARTS: Final = datetime.combine(MONDAY, time(8, 0), LONDON).astimezone(UTC)
ENDS: Final = datetime.combine(MONDAY + timedelta(days=3), time(20, 0), LONDON).astimezone(UTC)
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_RECORDED: Final = "2025-11-24 10:00"
_IN_WRITING: Final = ("r3-ack", "r3-cjs-info", "r5-compensation")
_SEEN: Final = frozenset({"victim", "parent_guardian", "bereaved_relative", "spokesperson", "business_contact"})
_REFERRED: Final = frozenset({"victim", "bereaved_relative"})


def instant(text: str) -> datetime:
    """Read "Mon 09:05" of the story's week, or "2026-02-02 09:05", as an instant (UTC)."""
    day, _, clock = text.partition(" ")
    on = MONDAY + timedelta(days=_DAYS.index(day)) if day in _DAYS else date.fromisoformat(day)
    return datetime.combine(on, time.fromisoformat(clock), LONDON).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Record:
    """One Kafka record to publish at `at` (case time). `value` is what travels; `label` is how the case calls the event."""

    case: str
    label: str
    type: str
    at: datetime
    key: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class End:
    """Where one update must end. `event` is the event's label; a None says nothing."""

    person: str
    update_point: str
    event: str
    state: str
    evidence: str | None = None
    part: str = ""
    for_whom: str = ""
    prompt: bool | None = None
    hold_reason: str | None = None
    edition: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One sample case: `shows` says in a sentence what it is there to show."""

    id: str
    title: str
    shows: str
    records: tuple[Record, ...]
    ends: tuple[End, ...]


def _people(rows: list[dict[str, Any]], recorded: str, known: str | None, assessed: str) -> Iterator[dict[str, Any]]:
    """Write the shorthand of people out as events."""
    for row in rows:
        person, at = row["id"], row.get("at", recorded)
        late = {} if known is None else {"known": known}
        contacts = [
            {"id": f"{person}-{channel}", "channel": channel, "value": row[channel], **_safe(row)}
            for channel in ("sms", "email", "phone", "letter")
            if channel in row
        ]
        data: dict[str, Any] = {"person": person, "roles": row.get("roles", ["victim"])}
        data |= {key: row[key] for key in _SAID if key in row}
        if contacts:
            data["contacts"] = contacts
        preference = {key: row[key] for key in _PREFERRED if key in row}
        if preference:
            data["preference"] = preference
        yield {"label": person, "at": at, "type": "person.recorded", "data": data, **late}
        if "enhanced" in row:
            needs = {"person": person, "enhanced": row["enhanced"], "gateways": row.get("gateways", [])}
            yield {
                "label": f"{person}-needs",
                "at": row.get("assessed_at", row.get("at", assessed)),
                "type": "needs_assessment.completed",
                "data": needs | {"assessed_by": "PC Sample"},
            }


_SAID: Final = ("name", "born", "language", "access_needs", "household", "for", "safety")
_PREFERRED: Final = (
    "channel",
    "frequency_days",
    "opt_out",
    "quiet_hours",
    "plain_wording",
    "wants_outcome",
    "english_accepted",
)


def _seen(contact: Mapping[str, Any], rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The officer's visit on the day of the report, as events."""
    who = {"by": contact.get("by", "PC Sample"), "how": contact.get("how", "visit"), "substantive": True}
    for row in rows:
        person, roles = row["id"], set(row.get("roles", ["victim"]))
        if roles & _SEEN:
            said = {"person": person, "update_points": list(_IN_WRITING), **who}
            yield {"label": f"{person}-seen", "at": contact["at"], "type": "contact.made", "data": said}
        if roles & _REFERRED:
            made = {"person": person, "service": "victim_support", "consent": True}
            yield {"label": f"{person}-referred", "at": contact["at"], "type": "referral.made", "data": made}


def _seen_ends(contact: Mapping[str, Any], rows: list[dict[str, Any]]) -> Iterator[End]:
    """What that visit fulfils."""
    told = "letter" if contact.get("how") == "letter" else "conversation"
    for row in rows:
        person, roles = row["id"], set(row.get("roles", ["victim"]))
        for ward in _wards(row):
            if roles & _SEEN:
                yield from (End(person, point, "crime", "told", told, for_whom=ward) for point in _IN_WRITING)
        if roles & _REFERRED:
            yield from (End(person, point, "crime", "told", "done") for point in ("r4-needs", "r4-referral"))


def _wards(row: Mapping[str, Any]) -> list[str]:
    whom = row.get("for", "")
    return [whom] if isinstance(whom, str) else list(whom)


def _safe(row: Mapping[str, Any]) -> dict[str, Any]:
    return {} if row.get("safe", True) == "unknown" else {"safe": row.get("safe", True)}


def _plain(value: Any) -> Any:
    """Story times inside data ("@Thu 10:00") become instants; TOML dates become text."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, str) and value.startswith("@"):
        return instant(value[1:]).isoformat()
    return value


def _record(case: str, number: int, event: Mapping[str, Any]) -> Iterator[Record]:
    label = event.get("label", f"e{number}")
    at = instant(event["at"])
    known = instant(event["known"]) if "known" in event else at
    published = instant(event["published"]) if "published" in event else max(known, STARTS)
    data = _plain(event.get("data", {}))
    if event["type"].startswith("wcu.received."):
        data = {"occurred_on": at.astimezone(LONDON).date().isoformat(), "received_at": known.isoformat(), **data}
    envelope = {
        "specversion": "1.0",
        "id": f"{case}-{label}",
        "source": SOURCE,
        "type": event["type"],
        "subject": case,
        "time": at.isoformat(),
        "knownat": known.isoformat(),
        "sequence": number,
        "dataschema": "kept:case-event:1",
        "data": data,
    }
    key = f"{FORCE}/{case}".encode()
    value = orjson.dumps(envelope)
    yield Record(case, label, event["type"], published, key, value)
    for extra in event.get("again", []):
        yield Record(case, label, event["type"], instant(extra), key, value)


def _case(row: Mapping[str, Any]) -> Case:
    case, people = row["id"], row.get("person", [])
    contact = row.get("first_contact")
    recorded = row.get("recorded", _RECORDED)
    typed = None if contact is None else contact["at"]
    events = list(_people(people, recorded, typed, recorded if typed is None else typed))
    if contact is not None:
        events += _seen(contact, people)
    if "classes" in row:
        data = {
            "reference": f"22/{case[-2:]}/{instant(recorded).year % 100}",
            "offence_classes": row["classes"],
            "officer": row.get("officer", _JO),
            **({"liaison_officer": row["liaison_officer"]} if "liaison_officer" in row else {}),
        }
        crime = {"label": "crime", "at": recorded, "type": "crime.recorded", "data": data}
        events.append(crime if typed is None else {**crime, "known": typed})
    events += row.get("event", [])
    records = [record for number, event in enumerate(events, 1) for record in _record(case, number, event)]
    own = {_about(end): end for end in (End(**end) for end in row.get("ends", []))}
    seen = [] if contact is None else [end for end in _seen_ends(contact, people) if _about(end) not in own]
    ends = (*seen, *own.values())
    return Case(case, row["title"], row["shows"], tuple(sorted(records, key=lambda record: record.at)), ends)


def _about(end: End) -> tuple[str, ...]:
    return (end.person, end.update_point, end.event, end.part, end.for_whom)


_JO: Final = {"name": "Jo", "phone": "01632 960123"}


def load_cases() -> tuple[Case, ...]:
    """Every sample case that ships, in order of its id."""
    folder = resources.files("services.sandbox") / "cases"
    rows = [
        row
        for file in folder.iterdir()
        if file.name.endswith(".toml")
        for row in tomllib.loads(file.read_text("utf-8"))["case"]
    ]
    return tuple(sorted((_case(row) for row in rows), key=lambda case: case.id))


def force_file() -> str:
    """The rules of the sample force, as TOML."""
    return (resources.files("services.sandbox") / "force.toml").read_text("utf-8")
