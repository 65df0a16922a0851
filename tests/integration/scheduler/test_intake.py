"""Batches of records in the ledger: each event once, bad ones kept apart, people and details where they belong."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs

from schemas.editions.model import Books
from services.ledger import audit
from services.ledger.alerts import list_alerts
from services.ledger.connection import Pool
from services.scheduler import rejected
from services.scheduler.intake import Applied, Record
from services.scheduler.plan.types import Known, Plan
from services.scheduler.replan import replan_due
from services.scheduler.working_days import WorkingDays, england_and_wales
from tests.integration.scheduler.support import (
    AT,
    CLOCK,
    SOURCE,
    arrest,
    event,
    intake_on,
    recorded,
    records,
    simple_plan,
    stored,
    updates_in,
)


async def test_a_batch_becomes_events_updates_messages_and_offsets(pool: Pool) -> None:
    """Everything of a batch is there after one call, audited, with the offsets to go on from."""
    applied = await intake_on(pool).apply(records([arrest("e1"), arrest("e2", case="case-2")]))
    assert applied == Applied(events=2)
    assert await updates_in(pool) == 2
    assert await pool.fetchval("select count(*) from messages where state = 'planned'") == 2
    assert await stored(pool, "events") == {0: 2}
    kinds = await pool.fetch("select action, count(*) from audit_entry group by action")
    assert dict(map(tuple, kinds)) == {"update.planned": 2, "events.accepted": 1}
    assert await pool.fetchval("select sum(cardinality(records)) from outbox") == 2
    async with pool.acquire() as connection:
        assert (await audit.verify(connection)).ok


@pytest.mark.parametrize("rounds", [50], ids=["R04-applied-again-after-every-crash"])
async def test_the_same_records_again_do_nothing(pool: Pool, rounds: int) -> None:
    """What was committed and comes again because no offset was is counted and changes nothing."""
    intake = intake_on(pool)
    batch = records([arrest("e1")])
    assert await intake.apply(batch) == Applied(events=1)
    for _ in range(rounds):
        assert await intake.apply(batch) == Applied(duplicates=1)
    assert await updates_in(pool) == 1
    assert await pool.fetchval("select count(*) from audit_entry where action = 'update.planned'") == 1


async def test_the_same_event_twice_in_one_batch_is_one(pool: Pool) -> None:
    """A doubled record within a batch is one event."""
    assert await intake_on(pool).apply(records([arrest("e1"), arrest("e1")])) == Applied(events=1, duplicates=1)
    assert await updates_in(pool) == 1


@pytest.mark.parametrize("together", [True, False], ids=["R14-in-one-batch", "R14-later"])
async def test_the_same_id_with_other_bytes_is_refused_and_told(pool: Pool, together: bool) -> None:
    """The first one stands; the other is kept with its bytes, and somebody is told."""
    intake = intake_on(pool)
    first, other = arrest("e1"), event("e1", "suspect.arrested", {"suspect": "somebody else"})
    batch = records([first, other, arrest("e2")])
    if together:
        assert await intake.apply(batch) == Applied(events=2, rejected=("same_id_other_bytes",))
    else:
        await intake.apply(batch[:1])
        assert await intake.apply(batch[1:]) == Applied(events=1, rejected=("same_id_other_bytes",))
    assert await pool.fetchval("select data ->> 'suspect' from case_event where event_id = 'e1'") == "s1"
    assert await pool.fetchval("select bytes from rejected_event") == other
    async with pool.acquire() as connection:
        (alert,) = await list_alerts(connection)
    assert (alert["kind"], alert["about"]) == ("same_id_other_bytes", f"{SOURCE} e1")


BAD: dict[str, tuple[bytes | None, str]] = {
    "no-value": (None, "no_value"),
    "bad-json": (b'{"specversion": "1.0", ', "not_json"),
    "not-utf8": (b'{"a": "\xff"}', "not_utf8"),
    "binary-zeros": (bytes(64), "not_json"),
    "no-cloudevent": (b"{}", "not_cloudevent"),
    "unknown-type": (event("b", "suspect.vanished", {}), "unknown_type"),
    "unknown-schema": (
        event("b", "suspect.arrested", {"suspect": "s"}, dataschema="kept:case-event:9"),
        "unknown_version",
    ),
    "wrong-type": (event("b", "suspect.arrested", {"suspect": 7}), "bad_field"),
    "a-word-outside-its-list": (event("b", "suspect.arrested", {"suspect": "s", "where": "moon"}), "bad_field"),
    "a-date-without-offset": (
        event("b", "suspect.arrested", {"suspect": "s"}, time="2026-03-09T10:15:00"),
        "bad_field",
    ),
    "escaped-nul": (event("b", "suspect.arrested", {"suspect": "s", "x": "a\0b"}), "not_storable"),
    "over-1-MiB": (event("b", "suspect.arrested", {"suspect": "s", "x": "x" * (1024 * 1024)}), "too_large"),
}


@pytest.mark.parametrize("name", BAD, ids=[f"R08-{name}" for name in BAD])
async def test_bad_input_is_kept_and_spoils_nobody(pool: Pool, name: str) -> None:
    """A bad record is kept with its bytes and the reason; its neighbours are applied; the log says little."""
    value, reason = BAD[name]
    with capture_logs() as logs:
        applied = await intake_on(pool).apply(records([arrest("e1"), value, arrest("e2")]))
    assert applied == Applied(events=2, rejected=(reason,))
    (row,) = await pool.fetch("select * from rejected_event")
    assert (row["bytes"], row["reason"], row["record_offset"], row["size"]) == (value, reason, 1, len(value or b""))
    assert row["remedy"]
    assert await stored(pool, "events") == {0: 3}
    assert len(orjson.dumps(logs)) < 10_000
    async with pool.acquire() as connection:
        assert [(alert["kind"], alert["about"]) for alert in await list_alerts(connection)] == [
            ("event_rejected", reason)
        ]


async def test_what_only_the_database_refuses_is_found_by_halving(pool: Pool) -> None:
    """Of 33 events one makes a plan that cannot be stored: it alone is refused, and somebody is told."""

    def bad_for_one(known: Known, books: Books, calendar: WorkingDays) -> Plan:
        plan = simple_plan(known, books, calendar)
        if known.case != "case-20":
            return plan
        (update,) = plan.updates
        object.__setattr__(update, "cls", None)
        return plan

    intake = intake_on(pool, bad_for_one)
    applied = await intake.apply(records([arrest("e", case=f"case-{n}", source=f"{SOURCE}/{n}") for n in range(33)]))
    assert applied == Applied(events=32, rejected=("internal",))
    assert await updates_in(pool) == 32
    assert await pool.fetchval("select record_offset from rejected_event") == 20
    assert await stored(pool, "events") == {0: 33}


async def test_a_case_that_cannot_be_planned_keeps_its_events_and_is_tried_again(pool: Pool) -> None:
    """A fault in planning one case is told and costs no other case anything; mended, the case is planned by time alone."""
    faulty = True

    def plan(known: Known, books: Books, calendar: WorkingDays) -> Plan:
        if faulty and known.case == "case-2":
            raise ZeroDivisionError
        return simple_plan(known, books, calendar)

    await intake_on(pool, plan).apply(records([arrest("e1"), arrest("e2", case="case-2")]))
    assert await updates_in(pool) == 1
    async with pool.acquire() as connection:
        assert [alert["about"] for alert in await list_alerts(connection)] == ["staffs/case-2"]
    faulty = False
    books, calendar = Books(()), england_and_wales()
    assert await replan_due(pool, CLOCK, books, calendar, plan=plan) == 0
    await pool.execute("update case_file set again_at = $1 where case_id = 'case-2'", AT)
    assert await replan_due(pool, CLOCK, books, calendar, plan=plan) == 1
    assert await updates_in(pool) == 2
    async with pool.acquire() as connection:
        assert await list_alerts(connection) == []


async def test_a_rejected_record_is_replayed_through_the_same_code(pool: Pool) -> None:
    """Replayed, a record is applied, or rejected again with the reason; no offset moves; it is on the record who did it."""
    intake = intake_on(pool)
    await intake.apply(records([b"{}", arrest("e9")]))
    (row,) = await pool.fetch("select id from rejected_event")
    assert await rejected.replay(pool, intake, None, "Sam") == {row["id"]: "not_cloudevent"}
    await pool.execute("update rejected_event set bytes = $1", arrest("e1"))
    assert await rejected.replay(pool, intake, [row["id"]], "Sam") == {row["id"]: "applied"}
    assert await rejected.replay(pool, intake, None, "Sam") == {}
    assert await updates_in(pool) == 2
    assert await stored(pool, "events") == {0: 2}
    assert (
        await pool.fetchval("select count(*) from audit_entry where action = 'event.replayed' and actor = 'Sam'") == 2
    )
    async with pool.acquire() as connection:
        assert await rejected.list_rejected(connection) == []
        (shown,) = await rejected.list_rejected(connection, mended=True)
    assert shown["offset"] == 0


async def test_details_and_names_live_in_the_vault_alone(pool: Pool) -> None:
    """Numbers, addresses and names are in no other table; the person's state names them by id."""
    contacts = [
        {"id": "c1", "channel": "sms", "value": "07700 900123", "safe": True},
        {"id": "c2", "channel": "email", "value": "Ann@Example.org"},
        {"id": "c3", "channel": "sms", "value": ""},
        {"id": "c4", "channel": "sms", "value": "12"},
        {"id": "c5", "channel": "phone"},
    ]
    fixed = {"event": "case-1-p1", "data": {"person": "p1", "name": "Ann Two", "contacts": contacts[:1]}}
    batch = [recorded("p1", name="Ann Sample", contacts=contacts), event("f1", "event.corrected", fixed)]
    assert await intake_on(pool).apply(records(batch)) == Applied(events=2)
    everywhere = await pool.fetch("select data::text as text from case_event union all select state::text from person")
    for row in everywhere:
        assert not any(secret in row["text"] for secret in ("900123", "xample.org", "Ann"))
    names = await pool.fetch("select event_id, name from person_name order by name")
    assert [tuple(row) for row in names] == [("case-1-p1", "Ann Sample"), ("f1", "Ann Two")]
    assert {row["normal"] for row in await pool.fetch("select normal from contact_detail")} == {
        "+447700900123",
        "ann@example.org",
        "+4412",
    }
    state = await pool.fetchval("select state from person")
    found = {contact["id"]: contact for contact in state["contacts"]}
    assert found["c1"]["safe"] is True


async def test_a_person_is_the_sum_of_what_was_said_in_any_order(pool: Pool) -> None:
    """A preference that comes before its person, in another batch, is not lost; a silent feed wipes nothing."""
    intake = intake_on(pool)
    change = event("x1", "preference.changed", {"person": "p1", "preference": {"channel": "email"}}, minutes=5)
    await intake.apply(records([change]))
    await intake.apply(records([recorded("p1", language="en", roles=["victim"])], start=1))
    state = await pool.fetchval("select state from person")
    assert (state["channel"], state["language"]) == ("email", "en")
    assert await pool.fetchval("select count(*) from case_person") == 1


async def test_every_case_of_a_person_is_planned_when_the_person_changes(pool: Pool) -> None:
    """A person belongs to the force: what is said of them in one case counts in all of theirs."""
    seen: list[tuple[str, Any]] = []

    def plan(known: Known, books: Books, calendar: WorkingDays) -> Plan:
        seen.append((known.case, known.people["p1"].channel if "p1" in known.people else None))
        return simple_plan(known, books, calendar)

    intake = intake_on(pool, plan)
    await intake.apply(records([recorded("p1"), recorded("p1", case="case-2")]))
    seen.clear()
    change = event("x1", "preference.changed", {"person": "p1", "preference": {"channel": "email"}})
    await intake.apply(records([change], start=2))
    assert seen == [("case-1", "email"), ("case-2", "email")]


async def test_what_is_early_waits_and_is_never_rejected(pool: Pool) -> None:
    """An event that names somebody who is not recorded is listed as waiting, until they are."""
    intake = intake_on(pool)
    early = event("e1", "suspect.arrested", {"suspect": "s1", "people": ["p1"]})
    assert await intake.apply(records([early])) == Applied(events=1, waiting=1)
    async with pool.acquire() as connection:
        (waits,) = await rejected.list_waiting(connection)
    assert (waits["case"], waits["event_id"], waits["waits_for"]) == ("case-1", "e1", ["p1"])
    assert await updates_in(pool) == 0
    await intake.apply(records([recorded("p1")], start=1))
    async with pool.acquire() as connection:
        assert await rejected.list_waiting(connection) == []
    assert await updates_in(pool) == 1


async def test_a_force_that_was_never_loaded_waits_in_production(pool: Pool) -> None:
    """Its events are kept, nothing is planned, and somebody is told; loaded, its cases are planned."""
    intake = intake_on(pool)
    intake.wait_for_rules = True
    intake.__post_init__()
    assert (await intake.apply(records([arrest("e1")]))).events == 1
    assert await updates_in(pool) == 0
    async with pool.acquire() as connection:
        (alert,) = await list_alerts(connection)
    assert (alert["kind"], alert["about"]) == ("force_not_loaded", "staffs")


async def test_many_cases_at_once_with_people_in_several(pool: Pool) -> None:
    """A larger batch, its events of one case far apart, comes to the same as event by event."""
    values = [recorded(f"p{n % 7}", case=f"case-{n}") for n in range(40)]
    values += [arrest(f"a{n}", case=f"case-{n}") for n in range(40)]
    values += [arrest(f"b{n}", case=f"case-{n % 5}") for n in range(10)]
    await intake_on(pool).apply(records(values))
    assert await updates_in(pool) == 50
    assert await pool.fetchval("select count(*) from case_person") == 40
    assert await pool.fetchval("select count(*) from person") == 7


def test_a_record_is_what_the_broker_client_gives() -> None:
    """Intake needs five things of a record."""
    assert Record("t", 1, 2, None, b"x").offset == 2
