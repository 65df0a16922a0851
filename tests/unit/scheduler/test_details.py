"""Numbers, addresses and names are parted from an event before it is kept."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from schemas.envelope import read_event
from services.scheduler.details import split

CONTACTS = [
    {"id": "c1", "channel": "sms", "value": "07700 900123", "safe": True},
    {"id": "c2", "value": "ann@example.org"},
    {"id": "c3", "channel": "phone"},
]
PERSON = {"person": "p1", "name": "Ann Sample", "contacts": CONTACTS, "language": "en", "unlisted": 1}


def said(kind: str, data: dict[str, Any]) -> bytes:
    at = "2026-03-09T10:15:00Z"
    record = {"specversion": "1.0", "id": "e1", "source": "/force/staffs/rms", "type": kind, "subject": "case-1"}
    return orjson.dumps(record | {"time": at, "knownat": at, "data": data})


@pytest.mark.parametrize(
    ("kind", "data"),
    [("person.recorded", PERSON), ("event.corrected", {"event": "e0", "data": PERSON, "reason": "a slip"})],
)
def test_details_go_to_the_vault_and_the_rest_stays(kind: str, data: dict[str, Any]) -> None:
    """Values and names are out, also of a correction; everything else is kept, fields that are not listed too."""
    parted = split(read_event(said(kind, data)))
    kept = orjson.loads(parted.data)
    person = kept if kind == "person.recorded" else kept["data"]
    assert person == {
        "person": "p1",
        "contacts": [{"id": "c1", "channel": "sms", "safe": True}, {"id": "c2"}, {"id": "c3", "channel": "phone"}],
        "language": "en",
        "unlisted": 1,
    }
    assert [(seen.contact, seen.value.normal) for seen in parted.contacts] == [
        ("c1", "+447700900123"),
        ("c2", "ann@example.org"),
    ]
    assert parted.names == (("staffs", "p1", "/force/staffs/rms", "e1", "Ann Sample"),)


def test_an_event_about_nobody_is_kept_as_it_came() -> None:
    """An officer's or a court's name is not a person's detail."""
    data = {"reference": "R1", "officer": {"name": "Jo", "phone": "01632 960123"}}
    parted = split(read_event(said("crime.recorded", data)))
    assert (orjson.loads(parted.data), parted.contacts, parted.names) == (data, (), ())
