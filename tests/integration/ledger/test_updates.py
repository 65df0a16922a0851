"""Moving updates by the table of moves, and how they are listed and told as a story."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.ledger import alerts
from services.ledger.connection import Connection, Pool
from services.ledger.holds import HoldNeeded, open_holds
from services.ledger.journal import Journal
from services.ledger.states import UPDATE_MOVES, UPDATE_STATES
from services.ledger.updates import Filters, UpdateMove, list_updates, move_updates, show_update

AT = datetime(2026, 3, 9, 10, 15, tzinfo=UTC)


@pytest.fixture
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    """A connection in a transaction that is thrown away."""
    async with pool.acquire() as opened:
        transaction = opened.transaction()
        await transaction.start()
        yield opened
        await transaction.rollback()


def journal() -> Journal:
    return Journal("dispatch", "dispatcher", AT)


async def an_update(connection: Connection, state: str = "planned", **given: Any) -> UUID:
    """An update in `state`."""
    found = uuid4()
    row = {"force": "staffs", "case_id": "case-1", "person_id": "p1", "due_at": AT + timedelta(days=5)} | given
    await connection.execute(
        "insert into updates (id, force, case_id, person_id, update_point, source, event_id, edition, cls, state, evidence,"
        " due_at, facts, facts_hash, reasons, explanation, plan_digest, created_at, changed_at)"
        " values ($1, $2, $3, $4, 'r6-arrest', '/force/staffs/rms', 'e1', 'vc-2020', 'routine', $5, $6, $7, '{}', '', '[]',"
        " '{}', '', $8, $8)",
        found,
        row["force"],
        row["case_id"],
        row["person_id"],
        state,
        "no_bounce" if state == "told" else None,
        row["due_at"],
        AT,
    )
    return found


@pytest.mark.parametrize("start", UPDATE_STATES)
async def test_an_update_moves_as_the_table_says_and_no_other_way(connection: Connection, start: str) -> None:
    """Every pair of states: the move is made exactly when the table holds it, with its audit entry and its status."""
    for end in UPDATE_STATES:
        update, notes = await an_update(connection, start), journal()
        move = UpdateMove(update, end, "test", "delivered" if end == "told" else None)
        moved = await move_updates(connection, [move], notes)
        allowed = (start, end) in UPDATE_MOVES
        assert moved == ([update] if allowed else [])
        row = await connection.fetchrow("select state, evidence, told_at from updates where id = $1", update)
        assert row is not None
        assert row["state"] == (end if allowed else start)
        assert (row["evidence"] is not None) == (row["state"] == "told")
        assert [entry.action for entry in notes.entries] == ([f"update.{end}"] if allowed else [])
        assert [status.kind for status in notes.statuses] == ([end] if allowed else [])


async def test_moves_of_many_come_back_in_order(connection: Connection) -> None:
    """Those that moved, in the order in which they were asked for."""
    wanted = [await an_update(connection) for _ in range(5)]
    told = await an_update(connection, "told")
    moves = [UpdateMove(update, "released", "due") for update in (*wanted, told)]
    assert await move_updates(connection, moves, journal()) == wanted


async def test_told_is_as_of_its_own_instant(connection: Connection) -> None:
    """Told as of the acceptance, not of now, where the evidence says so."""
    update = await an_update(connection, "sent")
    accepted = AT - timedelta(hours=30)
    await move_updates(connection, [UpdateMove(update, "told", "no_bounce", "no_bounce", accepted)], journal())
    assert await connection.fetchval("select told_at from updates where id = $1", update) == accepted


@pytest.mark.parametrize(
    "moves",
    [
        [UpdateMove(UUID(int=1), "told", "x")],
        [UpdateMove(UUID(int=1), "sent", "x", "delivered")],
        [UpdateMove(UUID(int=1), "sent", "x"), UpdateMove(UUID(int=1), "held", "x")],
    ],
    ids=["told-without-evidence", "evidence-without-told", "named-twice"],
)
async def test_moves_that_make_no_sense_are_refused(connection: Connection, moves: list[UpdateMove]) -> None:
    """Evidence goes with told and only with it; an update is named once."""
    with pytest.raises(ValueError, match=r"evidence|twice"):
        await move_updates(connection, moves, journal())


async def test_leaving_held_closes_the_task_and_says_why(connection: Connection) -> None:
    """Late evidence: the task closes; held again, the same task opens anew, with nobody on it."""
    update = await an_update(connection, "held")
    need = HoldNeeded(update, "staffs", "case-1", "p1", "call", "victim_care", None, None, None, None, [])
    await open_holds(connection, [need], journal())
    await connection.execute("update holds set taken_by = 'Sam'")
    await move_updates(connection, [UpdateMove(update, "sent", "late_evidence")], journal())
    assert await connection.fetchval("select closed_how from holds") == "late_evidence"
    notes = journal()
    await open_holds(connection, [need], notes)
    row = await connection.fetchrow("select taken_by, closed_at from holds")
    assert row is not None
    assert tuple(row) == (None, None)
    assert [entry.action for entry in notes.entries] == ["hold.opened"]


async def test_a_contested_update_that_settles_has_its_case_planned_again(connection: Connection) -> None:
    """What the plan could not touch is looked at again as soon as it moves."""
    update = await an_update(connection, "released")
    await connection.execute("update updates set contested = true")
    notes = journal()
    await move_updates(connection, [UpdateMove(update, "sent", "accepted")], notes)
    assert await connection.fetchval("select case_id from replan") == "case-1"
    assert notes.wakeups == {"kept_replan"}


async def test_updates_are_listed_as_the_outside_expects(connection: Connection) -> None:
    """Filters narrow; a message that serves two updates stands under each with one id; attempts are under their message."""
    one = await an_update(connection)
    two = await an_update(connection, "held", person_id="p2", due_at=AT + timedelta(days=1))
    message, attempt = uuid4(), uuid4()
    await connection.execute(
        "insert into messages (id, force, case_id, person_id, kind, channel, contact_id, language, style, reference, state,"
        " send_at, created_at, changed_at) values ($1, 'staffs', 'case-1', 'p1', 'news', 'sms', 'c1', 'en', 'plain', 'KF7Q2R8M',"
        " 'finished', $2, $2, $2)",
        message,
        AT,
    )
    await connection.executemany("insert into message_update values ($1, $2)", [(message, one), (message, two)])
    await connection.execute(
        "insert into attempts (id, message_id, number, channel, provider, token, state, provider_id, at)"
        " values ($1, $2, 1, 'sms', 'twilio', 'token', 'accepted', 'SM1', $3)",
        attempt,
        message,
        AT,
    )
    shown = await list_updates(connection)
    assert [row["id"] for row in shown] == [str(two), str(one)]
    assert [row["messages"][0]["id"] for row in shown] == [str(message)] * 2
    assert shown[0]["messages"][0]["updates"] == sorted([str(one), str(two)])
    assert shown[0]["messages"][0]["attempts"] == [
        {
            "number": 1,
            "state": "accepted",
            "provider_id": "SM1",
            "not_before": None,
            "at": "2026-03-09T10:15:00Z",
            "reason": None,
            "resend_of": None,
        }
    ]
    assert shown[0]["due_at"] == "2026-03-10T10:15:00Z"
    narrowed = [Filters(person="p2"), Filters(state="held"), Filters(due_before=AT + timedelta(days=2))]
    for filters in narrowed:
        assert [row["id"] for row in await list_updates(connection, filters)] == [str(two)]
    assert await list_updates(connection, Filters(force="elsewhere")) == []


async def test_an_update_is_told_as_a_story(connection: Connection) -> None:
    """What happened to it and to its message, in order, in sentences with times; None for an id that nobody has."""
    update, notes = await an_update(connection), journal()
    await move_updates(connection, [UpdateMove(update, "held", "no_contact")], notes)
    await notes.write(connection)
    shown = await show_update(connection, update)
    assert shown is not None
    assert shown["timeline"] == [
        {
            "at": "2026-03-09T10:15:00Z",
            "text": "It is held: a person must see to it (why: no contact), by dispatcher.",
        }
    ]
    assert await show_update(connection, uuid4()) is None


async def test_an_alert_is_one_row_with_a_count(connection: Connection) -> None:
    """Repeats are counted on the open row; cleared, it is over, and the next one is new."""
    for minute in range(3):
        now = AT + timedelta(minutes=minute)
        await alerts.raise_alert(
            connection, "event_rejected", "not_json", "Bad input.", "engineers", "it is mended", now
        )
    (shown,) = await alerts.list_alerts(connection)
    assert (shown["count"], shown["first_at"], shown["last_at"]) == (3, "2026-03-09T10:15:00Z", "2026-03-09T10:17:00Z")
    assert await alerts.open_alerts(connection) == {"event_rejected": 1}
    assert await alerts.clear_alert(connection, "event_rejected", "not_json", AT)
    assert not await alerts.clear_alert(connection, "event_rejected", "not_json", AT)
    assert await alerts.list_alerts(connection) == []
    await alerts.raise_alert(connection, "event_rejected", "not_json", "Bad input.", "engineers", "it is mended", AT)
    assert [alert["count"] for alert in await alerts.list_alerts(connection, cleared=True)] in ([1, 3], [3, 1])
