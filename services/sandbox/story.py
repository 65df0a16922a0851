"""The sample cases: invented people and several days of their cases, and where each update must end.

A case is a few people and a list of events on a wall clock ("Mon 09:05" of the story's week, Europe/London). Shorthand for people
keeps a case short enough to read; `Story.records` writes it out as the case events that a force's record system would publish.
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


@dataclass(frozen=True, slots=True)
class Case:
    """One sample case: `shows` says in a sentence what it is there to show."""

    id: str
    title: str
    shows: str
    records: tuple[Record, ...]
    ends: tuple[End, ...]


def _people(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Write the shorthand of people out as events."""
    for row in rows:
        person, at = row["id"], row.get("at", "Mon 08:00")
        contacts = [
            {"id": f"{person}-{channel}", "channel": channel, "value": row[channel], **_safe(row)}
            for channel in ("sms", "email", "phone", "letter")
            if channel in row
        ]
        data: dict[str, Any] = {"person": person, "roles": row.get("roles", ["victim"])}
        data |= {key: row[key] for key in ("name", "born", "language", "household", "for", "safety") if key in row}
        if contacts:
            data["contacts"] = contacts
        preference = {
            key: row[key]
            for key in ("channel", "opt_out", "quiet_hours", "plain_wording", "wants_outcome", "english_accepted")
            if key in row
        }
        if preference:
            data["preference"] = preference
        yield {"label": person, "at": at, "type": "person.recorded", "data": data}
        if "enhanced" in row:
            assessed = {"person": person, "enhanced": row["enhanced"], "gateways": row.get("gateways", [])}
            yield {
                "label": f"{person}-needs",
                "at": row.get("assessed_at", at),
                "type": "needs_assessment.completed",
                "data": assessed | {"assessed_by": "PC Sample"},
            }


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
    published = instant(event["published"]) if "published" in event else known
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
    case = row["id"]
    events: list[dict[str, Any]] = []
    if "classes" in row:
        data = {
            "reference": f"22/{case[-2:]}/26",
            "offence_classes": row["classes"],
            "officer": row.get("officer", _JO),
        }
        events.append({"label": "crime", "at": "Mon 08:00", "type": "crime.recorded", "data": data})
    events += _people(row.get("person", []))
    events += row.get("event", [])
    records = [record for number, event in enumerate(events, 1) for record in _record(case, number, event)]
    ends = tuple(End(**end) for end in row.get("ends", []))
    return Case(case, row["title"], row["shows"], tuple(sorted(records, key=lambda record: record.at)), ends)


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
