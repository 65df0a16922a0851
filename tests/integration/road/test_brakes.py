"""Brakes: set by one name, lifted by two, audited."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from services.ledger import brakes
from services.ledger.brakes import BrakeError, OutsideStop, Scope
from services.ledger.journal import Journal
from tests.integration.road.world import MIDDAY, Road, seed


async def put_on(road: Road, scope: Scope, value: str, by: str) -> UUID:
    journal = Journal("people", by, MIDDAY)
    async with road.pool.acquire() as connection, connection.transaction():
        found = await brakes.set_brake(connection, scope, value, by, journal)
        await journal.write(connection)
    return found


async def lift(road: Road, brake: UUID, by: str) -> bool:
    journal = Journal("people", by, MIDDAY)
    async with road.pool.acquire() as connection, connection.transaction():
        off = await brakes.lift_brake(connection, brake, by, journal)
        await journal.write(connection)
    return off


async def read(road: Road) -> brakes.Brakes:
    async with road.pool.acquire() as connection:
        return await brakes.read_brakes(connection)


async def test_one_name_sets_and_two_lift(road: Road) -> None:
    """The second name must be another; every step is in the audit."""
    brake = await put_on(road, "channel", "sms", "Jo")
    assert (await read(road)).channels == {"sms"}
    assert await lift(road, brake, "Jo") is False
    with pytest.raises(BrakeError, match="second person"):
        await lift(road, brake, " jo ")
    assert (await read(road)).channels == {"sms"}
    assert await lift(road, brake, "Sam") is True
    assert await read(road) == brakes.NONE
    actions = [row["action"] for row in await road.rows("select action from audit_entry order by index")]
    assert actions == ["brake.set", "brake.lift_asked", "brake.lifted"]


async def test_setting_it_again_takes_a_wish_to_lift_back(road: Road) -> None:
    """Whoever sets a brake that is on means it to stay on."""
    brake = await put_on(road, "all", "", "Jo")
    await lift(road, brake, "Jo")
    assert await put_on(road, "all", "", "Sam") == brake
    assert await lift(road, brake, "Ann") is False
    assert (await read(road)).everything


WRONG: dict[str, tuple[str, str, str, str]] = {
    "all_with_a_value": ("all", "x", "Jo", "no value"),
    "channel_without_one": ("channel", "", "Jo", "which channel"),
    "channel_unknown": ("channel", "fax", "Jo", "sms"),
    "nobody": ("force", "staffs", " ", "name"),
    "scope_unknown": ("world", "x", "Jo", "one of"),
}


@pytest.mark.parametrize(("scope", "value", "by", "text"), WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_command_is_a_sentence(road: Road, scope: Scope, value: str, by: str, text: str) -> None:
    """What makes no sense is refused and says what would."""
    with pytest.raises(BrakeError, match=text):
        await put_on(road, scope, value, by)


async def test_lifting_what_is_not_on_is_refused(road: Road) -> None:
    """An id that is unknown, or already lifted, is told so."""
    with pytest.raises(BrakeError, match="no brake"):
        await lift(road, uuid4(), "Jo")


def test_the_switch_from_outside(tmp_path: Path) -> None:
    """A setting, or a file that is there, or one that cannot be looked at, stops; nothing else does."""
    file = tmp_path / "stop"
    assert not OutsideStop().is_on()
    assert OutsideStop(setting="1").is_on()
    assert not OutsideStop(file=file).is_on()
    file.touch()
    assert OutsideStop(file=file).is_on()
    assert OutsideStop(file=file / "below-a-file").is_on()


@pytest.mark.parametrize(("scope", "value"), [("all", ""), ("channel", "sms"), ("force", "staffs")])
async def test_pr09_what_takes_back_what_they_heard_is_a_call_while_a_brake_is_on(
    road: Road, scope: Scope, value: str
) -> None:
    """PR09: the last thing they heard is true, or somebody is putting it right; other news waits for the brake."""
    async with road.pool.acquire() as connection:
        moved, news = await seed(connection, 2)
        await connection.execute(
            'update updates set facts = facts || \'{"was_at": "2026-04-14T08:30:00Z"}\' where id = $1', moved.updates[0]
        )
    await put_on(road, scope, value, "Jo")
    await road.releaser().once()
    rows = await road.pool.fetch("select id, state from updates")
    assert {row["id"]: row["state"] for row in rows} == {moved.updates[0]: "held", news.updates[0]: "planned"}
    (hold,) = await road.pool.fetch("select update_id, task from holds where closed_at is null")
    assert (hold["update_id"], hold["task"]) == (moved.updates[0], "call")
    assert road.published == []
