"""The records of our own topics: written and read again, and refused without a word of what they hold."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
import pytest

from schemas.updates import BadRecord, DeliveryStatus, UpdatesDue

DUE = UpdatesDue(
    release=UUID(int=1),
    force="staffs",
    person="p1",
    message=UUID(int=2),
    updates=(UUID(int=3), UUID(int=4)),
    epoch=7,
    action="send",
)
STATUS = {
    "specversion": "1.0",
    "id": "1",
    "source": "/force/staffs/kept-informed",
    "type": "update.told",
    "subject": "case-1",
    "time": "2026-03-09T10:15:00Z",
    "dataschema": "kept:delivery-status:1",
    "data": {
        "update": str(UUID(int=3)),
        "person": "p1",
        "update_point": "r6-arrest",
        "due_at": None,
        "channel": "sms",
        "evidence": "delivered",
    },
}


def test_updates_due_comes_back_as_it_was() -> None:
    """Bytes out, bytes in, the same value; keyed by person, so that what goes to one person keeps its order."""
    assert UpdatesDue.from_bytes(DUE.to_bytes()) == DUE
    assert DUE.key() == b"staffs/p1"


def test_a_newer_writer_is_understood() -> None:
    """A field that this version does not know is passed over."""
    newer = {**orjson.loads(DUE.to_bytes()), "added": 1}
    assert UpdatesDue.from_bytes(orjson.dumps(newer)) == DUE


def test_delivery_status_is_read() -> None:
    """A status event names its update, what became of it and the evidence."""
    status = DeliveryStatus.from_bytes(orjson.dumps(STATUS))
    assert (status.type, status.data.update, status.data.evidence) == ("update.told", UUID(int=3), "delivered")


@pytest.mark.parametrize(
    ("shape", "value", "where"),
    [
        (UpdatesDue, None, "the record"),
        (UpdatesDue, b"\xff\x00", "the record"),
        (UpdatesDue, b"[]", "the record"),
        (UpdatesDue, orjson.dumps({**orjson.loads(DUE.to_bytes()), "message": "07700900123"}), "message"),
        (UpdatesDue, orjson.dumps({**orjson.loads(DUE.to_bytes()), "action": "07700900123"}), "action"),
        (DeliveryStatus, orjson.dumps({**STATUS, "type": "update.07700900123"}), "type"),
        (DeliveryStatus, orjson.dumps({**STATUS, "data": {}}), "data.update"),
    ],
)
def test_bad_records(shape: Any, value: bytes | None, where: str) -> None:
    """What cannot be read is refused by the name of the field, never with its value."""
    with pytest.raises(BadRecord) as caught:
        shape.from_bytes(value)
    assert str(caught.value) == f"{shape.__name__}: {where} cannot be read"
    assert caught.value.__cause__ is caught.value.__context__ is None
