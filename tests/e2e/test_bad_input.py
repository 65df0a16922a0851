"""Bad input on the real road: kept with its bytes and a reason, told without a word of what it held, and no obstacle."""

from __future__ import annotations

import re
import time
from typing import Any, Final

import orjson
import pytest

from tests.conftest import eventually
from tests.road import Road

_LARGEST_LOG_GROWTH: Final = 10_000
"""Bytes of log a bad event (R08)."""
CANARY: Final = {"name": "Zebedee Canarybird", "value": "07700900987"}
"""A name and a number inside every bad record that can hold them."""


def _person(**more: Any) -> dict[str, Any]:
    contact = {"id": "c1", "channel": "sms", "value": CANARY["value"], "safe": True}
    return {"person": "p1", "roles": ["victim"], "name": CANARY["name"], "contacts": [contact]} | more


def _event(data: Any, **more: Any) -> bytes:
    record = {
        "specversion": "1.0",
        "id": f"bad-{time.monotonic_ns()}",
        "source": "/force/staffs/rms",
        "type": "person.recorded",
        "subject": "bad-case",
        "time": "2026-03-09T09:00:00+00:00",
        "knownat": "2026-03-09T09:00:00+00:00",
        "data": data,
    }
    return orjson.dumps({name: value for name, value in (record | more).items() if value is not None})


_WORDS: Final = f"{CANARY['name']} {CANARY['value']}"
BAD: Final[dict[str, bytes | None]] = {
    "no_value": None,
    "empty": b"",
    "zeros": bytes(64),
    "no_json": f"{{'name': '{_WORDS}'".encode(),
    "no_utf8": b"\xff\xfe" + _WORDS.encode(),
    "no_object": orjson.dumps([_WORDS]),
    "no_cloud_event": orjson.dumps(_person()),
    "unknown_type": _event(_person(), type="person.teleported"),
    "unknown_version": _event(_person(), dataschema="kept:case-event:99"),
    "old_spec": _event(_person(), specversion="0.3"),
    "missing_subject": _event(_person(), subject=None),
    "missing_person": _event({name: value for name, value in _person().items() if name != "person"}),
    "wrong_kind": _event(_person(contacts=_WORDS)),
    "unknown_word": _event(_person(roles=[CANARY["name"]])),
    "no_offset": _event(_person(), time="2026-03-09T09:00:00"),
    "born_no_date": _event(_person(born=CANARY["name"])),
    "no_force": _event(_person(), source=f"/{CANARY['name']}"),
    "five_megabytes": _event(_person(note=_WORDS * 200_000)),
    "escaped_nul": _event(_person(note=f"{CANARY['name']}\0")),
    "nul_in_a_key": _event(_person(**{f"{CANARY['name']}\0": 1})),
    "lone_surrogate": _event(_person(note="MARK")).replace(b"MARK", rb"\ud800"),
    "deep": _event(_person()).replace(b'"p1"', b"[" * 2000 + b"]" * 2000),
}


async def test_r08_bad_records_are_kept_and_the_next_event_is_applied_within_a_second(standing: Road) -> None:
    """R08: one partition, one bad record after another, then a good event."""
    partition = 3
    before = len(standing.log("scheduler"))
    for value in BAD.values():
        await standing.put(value, key=b"staffs/bad-case", partition=partition)
    good = standing.case("after-the-bad")
    await standing.put(*good.events, key=b"staffs/bad-case", partition=partition)
    published = await standing.value("select clock_timestamp()")

    async def there() -> bool:
        return bool(await standing.value("select count(*) = 4 from case_event where case_id = $1", good.id))

    await eventually(there)
    arrived = await standing.value("select max(arrived_machine) from case_event where case_id = $1", good.id)
    assert (arrived - published).total_seconds() < 1
    kept = await standing.rows(
        "select record_offset, reason, field, remedy, size, bytes from rejected_event order by record_offset"
    )
    assert [row["bytes"] for row in kept] == list(BAD.values())
    assert [row["size"] for row in kept] == [len(value or b"") for value in BAD.values()]
    assert all(row["reason"] and row["remedy"] and row["reason"] != "internal" for row in kept), kept
    await standing.quiet()
    assert await standing.told([good]) == 1
    grown = standing.log("scheduler")[before:]
    assert len(grown) < _LARGEST_LOG_GROWTH * len(BAD)
    _nothing_of_the_canary(grown)
    _nothing_of_the_canary(str([(row["reason"], row["field"], row["remedy"]) for row in kept]))
    _nothing_of_the_canary(str(await standing.rows("select kind, about, text, clears from alerts")))
    _nothing_of_the_canary(str(await standing.rows("select subject, actor, data from audit_entry")))


def _nothing_of_the_canary(text: str) -> None:
    assert not re.search(r"canary|zebedee|7700.?900.?987", text, re.IGNORECASE)


@pytest.mark.parametrize("service", ["scheduler", "dispatcher", "receipts"])
async def test_no_log_line_holds_what_was_said_to_whom(standing: Road, service: str) -> None:
    """A whole run's log, of every service: no number, no address, no words of a message."""
    await standing.publish(*standing.some(f"said-{service}", 4), standing.case("refused", "+447700900103"))
    await standing.quiet()
    log = standing.log(service)
    assert log.count('"event"') >= 1
    for case in standing.cases:
        assert case.address not in log
        assert case.address.removeprefix("+44") not in log
    for message in standing.twilio.accepted():
        assert message.body not in log
        assert message.body[:40] not in log
