"""The CloudEvents 1.0 envelope of a case event, in structured mode: one JSON object per Kafka record."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from pydantic import ValidationError

from schemas.case_events import DATA, EventData
from schemas.case_events.parts import LONGEST_ID, PLAIN, parse_instant
from schemas.remedies import first_problem, nearest
from schemas.storable import why_not_storable

LARGEST_RECORD: Final = 1024 * 1024
"""Bytes. A larger record is kept and rejected like other bad input."""
DATASCHEMA: Final = "kept:case-event:1"
"""The version of the event format that is understood."""
LARGEST_SEQUENCE: Final = 2**63 - 1

SOURCE: Final = r"/force/([A-Za-z0-9][A-Za-z0-9._-]{0,63})(?:/[!-~]{0,190})?"
"""The pattern of `source`; its first group is the force."""
_SOURCE: Final = re.compile(SOURCE)
_PLAIN: Final = re.compile(PLAIN)
_JSON: Final = re.compile(r"(?i)application/(?:[a-z0-9.-]+\+)?json(?:\s*;.*)?")


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One thing that happened in a case. `(source, id)` names it; instants are UTC and aware."""

    force: str
    case: str
    source: str
    id: str
    type: str
    time: datetime  # when it happened
    known_at: datetime  # when the force knew
    sequence: int | None  # orders events of one case from one source
    data: EventData
    digest: bytes  # SHA-256 of the record's bytes: the same name with another digest is another event


@dataclass(frozen=True, slots=True)
class ReadEvent:
    """An accepted record: the event, and its `data` object as it came, with fields that are not listed."""

    event: CaseEvent
    raw: dict[str, Any]


class BadEvent(ValueError):
    """A record that cannot be used. Nothing of what the record holds is in the text, only the field and the remedy."""

    def __init__(self, reason: str, field: str, remedy: str) -> None:
        super().__init__(f"{field}: {remedy}" if field else remedy)
        self.reason = reason  # a constant word: not_json, not_cloudevent, unknown_type, bad_field, too_large, ...
        self.field = field  # a path such as data.contacts[0].channel, or empty
        self.remedy = remedy  # one sentence


def read_event(value: bytes | None) -> ReadEvent:
    """Read one record's bytes; raises BadEvent."""
    if not value:
        raise BadEvent("no_value", "", "send a CloudEvent as the record's value; a record without one says nothing")
    record = _object(value)
    _cloudevent(record)
    kind = record.get("type")
    if not isinstance(kind, str) or kind not in DATA:
        raise BadEvent(
            "unknown_type", "type", f"use one of the {len(DATA)} types of the published schemas{nearest(kind)}"
        )
    time = _instant(record, "time")
    known_at = _instant(record, "knownat")
    source = record.get("source")
    match = _SOURCE.fullmatch(source) if isinstance(source, str) else None
    if match is None or not isinstance(source, str):
        raise BadEvent(
            "bad_field", "source", "give /force/FORCE/SYSTEM in ASCII without spaces, such as /force/staffs/rms"
        )
    case = _one_line(record, "subject", "give the case's id")
    event_id = _one_line(record, "id", "give an id that names this event among those of its source")
    sequence = record.get("sequence")
    if sequence is not None and (type(sequence) is not int or abs(sequence) > LARGEST_SEQUENCE):
        raise BadEvent(
            "bad_field", "sequence", "give a whole number of at most 64 bits without quotes, or leave it out"
        )
    raw = record.get("data")
    if not isinstance(raw, dict):
        raise BadEvent("bad_field", "data", "give an object with the fields of this type of event")
    data = read_data(kind, raw)
    unstorable = why_not_storable(value, raw)
    if unstorable is not None:
        raise BadEvent("not_storable", *unstorable)
    digest = hashlib.sha256(value).digest()
    return ReadEvent(CaseEvent(match[1], case, source, event_id, kind, time, known_at, sequence, data, digest), raw)


def read_data(kind: str, data: Mapping[str, Any]) -> EventData:
    """Read the `data` of an event of type `kind`, which must be known; raises BadEvent.

    The new data of a correction is read by the type of the event that it corrects.
    """
    try:
        return DATA[kind].model_validate(data)
    except ValidationError as error:
        field, remedy = first_problem(error)
        raise BadEvent("bad_field", f"data.{field}" if field else "data", remedy) from None


def event_from_row(
    force: str,
    source: str,
    event_id: str,
    kind: str,
    case: str,
    time: datetime,
    known_at: datetime,
    sequence: int | None,
    data: str,
    digest: bytes,
) -> CaseEvent:
    """Build an event from what the ledger keeps of it; `data` is JSON text that was accepted before."""
    shape = read_data(kind, orjson.loads(data))
    return CaseEvent(force, case, source, event_id, kind, time, known_at, sequence, shape, digest)


def _object(value: bytes) -> dict[str, Any]:
    """The record as a JSON object."""
    if len(value) > LARGEST_RECORD:
        raise BadEvent("too_large", "", f"send at most {LARGEST_RECORD} bytes; leave out documents and images")
    try:
        record = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise _not_json(value, error) from None
    if not isinstance(record, dict):
        raise BadEvent("not_cloudevent", "", "send one JSON object a record")
    return record


def _not_json(value: bytes, error: orjson.JSONDecodeError) -> BadEvent:
    try:
        value.decode()
    except UnicodeDecodeError as where:
        return BadEvent("not_utf8", "", f"write the record in UTF-8; byte {where.start} is not")
    if value.startswith(b"\xef\xbb\xbf"):
        return BadEvent("not_json", "", "leave out the byte order mark in front of the JSON")
    return BadEvent("not_json", "", f"send valid JSON; reading stopped after {error.pos} characters")


def _cloudevent(record: Mapping[str, Any]) -> None:
    """Whether this is a CloudEvent 1.0 of our version, in structured mode with its data as JSON."""
    for name in ("specversion", "id", "source", "type"):
        if record.get(name) is None:
            raise BadEvent("not_cloudevent", name, "every CloudEvent needs this attribute; add it")
    if record["specversion"] != "1.0":
        raise BadEvent("not_cloudevent", "specversion", 'give "1.0", in quotes')
    if "data_base64" in record:
        raise BadEvent("not_cloudevent", "data_base64", "give the data as a JSON object in `data`")
    media = record.get("datacontenttype")
    if media is not None and not (isinstance(media, str) and _JSON.fullmatch(media)):
        raise BadEvent("not_cloudevent", "datacontenttype", "give application/json, or leave it out")
    if record.get("dataschema") not in (None, DATASCHEMA):
        raise BadEvent("unknown_version", "dataschema", f"give {DATASCHEMA}, or leave it out")


def _instant(record: Mapping[str, Any], name: str) -> datetime:
    try:
        return parse_instant(record.get(name))
    except ValueError as error:
        raise BadEvent("bad_field", name, str(error)) from None


def _one_line(record: Mapping[str, Any], name: str, remedy: str) -> str:
    text = record.get(name)
    if isinstance(text, str) and len(text) <= LONGEST_ID and _PLAIN.fullmatch(text):
        return text
    raise BadEvent("bad_field", name, f"{remedy}: 1 to {LONGEST_ID} characters of text on one line")
