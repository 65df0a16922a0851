"""Releasing is claiming: what is due and may go is given out once, bounded, one unfinished message a person."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from services.ledger.brakes import OutsideStop
from services.ledger.gate_views import Gatekeeping
from services.ledger.people import Person
from tests.integration.road.world import MIDDAY, Due, Road, clock_at, seed


async def seeded(road: Road, count: int = 1, **given: object) -> list[Due]:
    async with road.pool.acquire() as connection:
        return await seed(connection, count, **given)  # type: ignore[arg-type]  # passed on as given


async def test_what_is_due_is_released_and_published(road: Road) -> None:
    """The row says released, with a lease and an epoch; the record carries ids only."""
    (due,) = await seeded(road, per_message=2)
    (record,) = await road.release()
    assert (record.message, set(record.updates), record.person, record.action) == (
        due.message,
        set(due.updates),
        "p0",
        "send",
    )
    assert await road.states(due) == ("released", ["released", "released"], [])
    (row,) = await road.rows("select epoch, release, lease_until > clock_timestamp() as leased from messages")
    assert row == {"epoch": record.epoch, "release": record.release, "leased": True}
    assert due.number.encode() not in record.to_bytes()


async def test_what_is_due_later_waits_and_says_when(road: Road) -> None:
    """Nothing goes early; the round says when to look again."""
    later = MIDDAY + timedelta(hours=2)
    await seeded(road, send_at=later)
    released = await road.releaser().once()
    assert (released.count, released.next_at) == (0, later)


async def test_a_retry_waits_for_its_own_time(road: Road) -> None:
    """`not_before` outranks an earlier `send_at`."""
    (due,) = await seeded(road)
    again = MIDDAY + timedelta(minutes=5)
    await road.execute("update messages set not_before = $2 where id = $1", due.message, again)
    released = await road.releaser().once()
    assert (released.count, released.next_at) == (0, again)


async def test_no_more_than_the_bound_is_unfinished(road: Road) -> None:
    """A backlog waits in the ledger, so that no lease runs out by queueing."""
    await seeded(road, 12)
    assert len(await road.release(bound=5)) == 5
    assert await road.release(bound=5) == []
    assert await road.value("select count(*) from messages where state = 'planned'") == 7


async def test_one_unfinished_message_a_person_and_in_order(road: Road) -> None:
    """Two messages to one person go one after the other, the earlier first."""
    (second,) = await seeded(road, person="p0", send_at=MIDDAY - timedelta(minutes=1), first=1)
    (first,) = await seeded(road, person="p0", send_at=MIDDAY - timedelta(minutes=2), first=0)
    (record,) = await road.release()
    assert record.message == first.message
    assert await road.release() == []
    await road.dispatch([record])
    (record,) = await road.release()
    assert record.message == second.message


async def test_a_crowd_of_messages_to_one_person_does_not_hold_up_others(road: Road) -> None:
    """A person with many due messages takes one place in a batch, not all of them."""
    for number in range(20):
        await seeded(road, person="p0", send_at=MIDDAY - timedelta(hours=1), first=number)
    await seeded(road, person="p99", first=99)
    records = await road.release(batch=5)
    assert {record.person for record in records} == {"p0", "p99"}


async def test_the_index_refuses_a_second_unfinished_message_of_a_person(road: Road) -> None:
    """Not care but the database keeps it to one."""
    (one,) = await seeded(road, person="p0", first=0)
    (two,) = await seeded(road, person="p0", first=1)
    await road.execute("update messages set state = 'released' where id = $1", one.message)
    with pytest.raises(asyncpg.UniqueViolationError):
        await road.execute("update messages set state = 'sending' where id = $1", two.message)


async def test_two_releasers_share_the_work_and_give_nothing_out_twice(road: Road) -> None:
    """Claims skip what another process is claiming."""
    await seeded(road, 60)
    one, two = road.releaser(batch=10), road.releaser(batch=10)

    async def drain(releaser: object) -> None:
        while (await releaser.once()).count:  # type: ignore[attr-defined]  # a Releaser
            pass

    await asyncio.gather(drain(one), drain(two))
    messages = [record.message for record in road.published]
    assert len(messages) == len(set(messages)) == 60


async def test_a_shut_gate_holds_with_a_task_and_voids_the_message(road: Road) -> None:
    """Somebody who has died is a person's affair: the update is held, its hold open, nothing is published."""
    (due,) = await seeded(road, state=Person("staffs", "p0", died=True))
    assert await road.release() == []
    assert await road.states(due) == ("void", ["held"], [])
    (hold,) = await road.rows("select task, queue, reasons, closed_at from holds")
    assert (hold["task"], hold["closed_at"]) == ("ask_officer", None)
    assert hold["reasons"][-1]["code"] == "person_died"


async def test_a_shut_gate_declines_what_is_not_wanted(road: Road) -> None:
    """An opt-out that the plan has not seen yet is kept all the same."""
    (due,) = await seeded(road, state=Person("staffs", "p0", opt_out=("investigation",)))
    assert await road.release() == []
    assert await road.states(due) == ("void", ["declined"], [])


async def test_a_shut_gate_waits_for_its_hour(road: Road) -> None:
    """Quiet hours put the message off to their end, and the round says so."""
    quiet = ({"days": ["mon"], "from": "11:00", "to": "13:00"},)
    (due,) = await seeded(road, state=Person("staffs", "p0", quiet_hours=quiet))
    released = await road.releaser().once()
    assert released.next_at == MIDDAY.replace(hour=13)
    assert await road.states(due) == ("planned", ["planned"], [])


async def test_a_prompt_moves_no_update(road: Road) -> None:
    """PR01: releasing a prompt leaves its update held; a shut gate drops the prompt alone."""
    (prompt,) = await seeded(road, kind="prompt")
    assert len(await road.release()) == 1
    assert await road.states(prompt) == ("released", ["held"], [])
    (shut,) = await seeded(road, kind="prompt", first=1, state=Person("staffs", "p1", has_safety_profile=True))
    assert await road.release() == []
    assert await road.states(shut) == ("void", ["held"], [])


async def test_news_that_no_longer_fits_is_formed_afresh(road: Road) -> None:
    """One of two updates was told meanwhile: the message is void, and the case is planned again."""
    (due,) = await seeded(road, per_message=2)
    await road.execute("update updates set state = 'told', evidence = 'conversation' where id = $1", due.updates[0])
    assert await road.release() == []
    assert (await road.states(due))[0] == "void"
    assert await road.value("select why from replan where case_id = $1", due.case) == "overtaken"


async def test_contested_news_waits_for_its_plan(road: Road) -> None:
    """What was proven not sent and has changed since is not sent with the old facts."""
    (due,) = await seeded(road)
    await road.execute("update updates set contested = true")
    assert await road.release() == []
    assert (await road.states(due))[:2] == ("planned", ["planned"])


BRAKES = {"all": "", "channel": "sms", "force": "staffs"}


@pytest.mark.parametrize(("scope", "value"), BRAKES.items(), ids=BRAKES.keys())
async def test_a_brake_stops_the_releasing_and_lifting_resumes_it(road: Road, scope: str, value: str) -> None:
    """Nothing is given out while a brake is on, nothing is lost, and the next round after it goes on."""
    (due,) = await seeded(road)
    await road.execute("insert into brakes (scope, value, set_by, set_at) values ($1, $2, 'a', now())", scope, value)
    assert await road.release() == []
    assert (await road.states(due))[0] == "planned"
    await road.execute("update brakes set lifted_at = now()")
    assert len(await road.release()) == 1


async def test_the_kill_switch_from_outside_stops_everything(road: Road) -> None:
    """A setting is enough, and the round asks to look again soon by itself."""
    road.keeping = Gatekeeping(stop=OutsideStop(setting="yes"))
    await seeded(road)
    released = await road.releaser().once()
    assert (released.count, released.again_in) == (0, 1.0)


async def test_a_force_that_was_never_loaded_waits_in_production_and_somebody_is_told(road: Road) -> None:
    """In production the careful default sends nothing; outside it does."""
    road.keeping = Gatekeeping(production=True)
    (due,) = await seeded(road)
    assert await road.release() == []
    assert (await road.states(due))[0] == "planned"
    assert await road.value("select kind from alerts where about = 'staffs'") == "force_not_loaded"


async def test_the_daily_cap_of_a_contact_holds_nothing_back_for_ever(road: Road) -> None:
    """S17: the fourth message of a day to one number waits until the first is a day old; nothing is lost."""
    dues = [due for number in range(4) for due in await seeded(road, person="p0", first=number, due_at=None)]
    await road.execute("update contact_detail set normal = normal || '!'")
    await road.execute(
        "update person set state = jsonb_set(state, '{contacts,0,detail}', (select to_jsonb(min(id)) from contact_detail))"
    )
    for _ in range(3):
        await road.dispatch(await road.release())
    released = await road.releaser().once()
    assert released.count == 0
    assert released.next_at is not None
    assert timedelta(hours=23) < released.next_at - MIDDAY < timedelta(hours=25)
    states = [await road.states(due) for due in dues]
    assert sorted(state[0] for state in states) == ["finished", "finished", "finished", "planned"]


async def test_a_release_that_cannot_be_published_comes_back_by_its_lease(road: Road) -> None:
    """The broker is away after the commit: the lease runs out and the message is planned under a new epoch."""
    road.lease_seconds = 0.2
    (due,) = await seeded(road)

    async def away(_topic: str, _records: object) -> None:
        raise ConnectionError

    releaser = road.releaser()
    releaser._publish = away
    with pytest.raises(ConnectionError):
        await releaser.once()
    assert (await road.states(due))[0] == "released"
    await road.execute("update messages set lease_until = clock_timestamp() - interval '1 second'")
    (record,) = await road.release()
    assert record.message == due.message
    assert record.epoch == 3


async def test_rounds_on_an_empty_ledger_are_quiet(road: Road) -> None:
    """Nothing due: no count, no instant, nothing written."""
    released = await road.releaser().once()
    assert (released.count, released.next_at, released.again_in) == (0, None, None)
    assert await road.value("select count(*) from audit_entry") == 0


async def test_the_clock_decides_and_not_the_wall(road: Road) -> None:
    """Case time is handed in: the same message is due an hour later on its clock."""
    (due,) = await seeded(road, send_at=MIDDAY + timedelta(hours=1))
    assert await road.release() == []
    road.clock = clock_at(MIDDAY + timedelta(hours=1, seconds=1))
    (record,) = await road.release()
    assert record.message == due.message
    assert record.release != uuid4()
