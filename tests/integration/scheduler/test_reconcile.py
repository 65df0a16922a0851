"""The ledger after plan upon plan: each row of the table of reconciling, in a real database, by the code that intake runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from schemas.editions.model import Books
from services.ledger import audit, cases, holds
from services.ledger.alerts import list_alerts
from services.ledger.connection import Pool
from services.ledger.holds import HoldError
from services.ledger.journal import Journal
from services.ledger.messages import carried as carried_by
from services.ledger.updates import UpdateMove, move_updates
from services.scheduler.plan.types import Known, Plan, Planned, Reason
from services.scheduler.replan import Planner, plan_cases
from services.scheduler.working_days import WorkingDays, england_and_wales
from tests.unit.scheduler.plans import AT, DUE, held, message, plan_of, planned, update_id

CASE = ("staffs", "case-1")
MOVED = {"on": "2026-03-10"}
U1 = update_id("u1")


@dataclass
class Case:
    """One case whose plan is whatever the test says."""

    pool: Pool
    seen: list[Known] = field(default_factory=list)

    async def plan(self, *updates: Planned, whole: Plan | None = None) -> None:
        """Plan the case so, under its lock, in one transaction."""
        said = whole or plan_of(*updates)

        def plan(known: Known, books: Books, calendar: WorkingDays) -> Plan:
            self.seen.append(known)
            return said

        async with self.pool.acquire() as connection, connection.transaction():
            journal = Journal("intake", "scheduler", AT)
            await cases.lock_cases(connection, {CASE})
            await plan_cases(connection, Planner(Books(()), england_and_wales(), plan), [CASE], journal)
            await journal.write(connection)

    async def update(self, update: UUID = U1) -> Any:
        return await self.pool.fetchrow("select * from updates where id = $1", update)

    async def hold(self) -> Any:
        return await self.pool.fetchrow("select * from holds")

    async def messages(self, state: str | None = None) -> list[Any]:
        return list(
            await self.pool.fetch(
                "select m.*, array(select update_id from message_update where message_id = m.id) as updates from messages m"
                " where $1::text is null or state = $1 order by created_at, state desc",
                state,
            )
        )

    async def release(self) -> UUID:
        """What a release does to the one planned message and its news."""
        (row,) = await self.messages("planned")
        await self.pool.execute(
            "update messages set state = 'released', epoch = epoch + 1, release = $2, lease_until = now() where id = $1",
            row["id"],
            uuid4(),
        )
        if row["kind"] == "news":
            await self.pool.execute("update updates set state = 'released' where id = any($1)", row["updates"])
        found: UUID = row["id"]
        return found

    async def attempt(self, state: str, *, message: str = "finished", update: str = "sent") -> UUID:
        """What an intent and its outcome do: an attempt in `state`, its message and news as given."""
        found = await self.release()
        await self.pool.execute(
            "update messages set state = $2, tries = tries + 1, body = 'x' where id = $1", found, message
        )
        await self.pool.execute(
            "insert into attempts (id, message_id, number, channel, provider, token, state, at)"
            " values ($1, $2, 1, 'sms', 'twilio', $3, $4, $5)",
            uuid4(),
            found,
            uuid4().hex,
            state,
            AT,
        )
        await self.pool.execute(
            "update updates set state = $2 where id in"
            " (select update_id from message_update where message_id = $1) and state = 'released'",
            found,
            update,
        )
        return found

    async def tried(self) -> None:
        """What is left of a message that was given up after a try that failed."""
        found = await self.pool.fetchval("update messages set tries = 1 where state = 'void' returning id")
        await self.pool.execute(
            "insert into attempts (id, message_id, number, channel, provider, token, state, at)"
            " values ($1, $2, 1, 'sms', 'twilio', $3, 'not_sent', $4)",
            uuid4(),
            found,
            uuid4().hex,
            AT,
        )

    async def actions(self) -> list[str]:
        return [row["action"] for row in await self.pool.fetch("select action from audit_entry order by index")]

    async def alerts(self) -> list[tuple[str, str]]:
        async with self.pool.acquire() as connection:
            return [(alert["kind"], alert["owner"]) for alert in await list_alerts(connection)]

    async def act(self, what: Any, *given: Any) -> None:
        """One of the commands on a hold."""
        async with self.pool.acquire() as connection, connection.transaction():
            journal = Journal("people", str(given[1]), AT + timedelta(hours=1))
            await what(connection, *given, journal)
            await journal.write(connection)


@pytest.fixture
def case(pool: Pool) -> Case:
    """A case with nothing owed yet."""
    return Case(pool)


async def test_row_1_what_is_not_there_is_inserted(case: Case) -> None:
    """Nothing in the ledger: inserted, each in the plan's state, with its message or its hold."""
    told = planned("u3", state="told", evidence="conversation", told_at=AT, kind=None)
    await case.plan(planned("u1"), held("u2"), told, planned("u4", state="declined", kind=None))
    rows = await case.pool.fetch("select id, state, evidence, due_at from updates")
    assert {row["id"]: (row["state"], row["evidence"]) for row in rows} == {
        U1: ("planned", None),
        update_id("u2"): ("held", None),
        update_id("u3"): ("told", "conversation"),
        update_id("u4"): ("declined", None),
    }
    (message,) = await case.messages()
    assert (message["state"], message["updates"], message["due_at"]) == ("planned", [U1], DUE)
    (hold,) = await case.pool.fetch("select * from holds")
    assert (hold["update_id"], hold["task"], hold["queue"], hold["next_queue"]) == (
        update_id("u2"),
        "call",
        "victim_care",
        "control_room",
    )
    assert hold["acknowledge_by"] is not None
    assert sorted(await case.actions()) == [
        "hold.opened",
        "update.declined",
        "update.held",
        "update.planned",
        "update.told",
    ]


async def test_row_2_the_same_plan_again_costs_nothing(case: Case) -> None:
    """A plan that says the same leaves every row as it is."""
    await case.plan(planned("u1"), held("u2"))
    before = await case.pool.fetch("select xmin::text, id from updates order by id")
    messages, actions = await case.messages(), await case.actions()
    await case.plan(planned("u1"), held("u2"))
    assert await case.pool.fetch("select xmin::text, id from updates order by id") == before
    assert (await case.messages(), await case.actions()) == (messages, actions)


async def test_row_2_planned_is_overwritten(case: Case) -> None:
    """New facts, another channel and instant: same update, its message formed afresh."""
    await case.plan(planned())
    later = planned(facts=MOVED, channel="email", contact="c2", send_at=AT + timedelta(hours=3))
    await case.plan(later)
    row = await case.update()
    assert (row["facts"], row["channel"], row["contact_id"], row["state"]) == (MOVED, "email", "c2", "planned")
    new, old = await case.messages("planned"), await case.messages("void")
    assert [(message["channel"], message["contact_id"]) for message in new] == [("email", "c2")]
    assert [message["channel"] for message in old] == ["sms"]


async def test_row_2_planned_becomes_held_and_planned_again(case: Case) -> None:
    """When a machine must not send it any more it is held; when the reason is gone and nobody has it, planned again."""
    await case.plan(planned())
    await case.plan(held())
    assert (await case.update())["state"] == "held"
    assert await case.messages("planned") == []
    await case.plan(planned())
    assert (await case.update())["state"] == "planned"
    assert len(await case.messages("planned")) == 1
    assert await case.pool.fetchval("select closed_how from holds") is not None


@pytest.mark.parametrize("now", [planned(), held()], ids=["planned", "held"])
async def test_row_2_what_is_no_longer_wanted_is_withdrawn(case: Case, now: Planned) -> None:
    """It is withdrawn, its message dropped, its hold closed."""
    await case.plan(now)
    await case.plan()
    assert (await case.update())["state"] == "withdrawn"
    assert await case.messages("planned") == []
    assert await case.pool.fetchval("select count(*) from holds where closed_at is null") == 0


async def test_row_2_a_safety_hold_goes_back_only_by_hand(case: Case) -> None:
    """The plan alone never hands it to a machine; a person who hands it back does."""
    await case.plan(held(safety_hold=True))
    await case.plan(planned(facts=MOVED))
    row = await case.update()
    assert (row["state"], row["facts"], row["hold_safety"], row["kind"]) == ("held", MOVED, True, None)
    assert await case.messages() == []
    await case.act(holds.take, U1, "Sam")
    await case.act(holds.back, U1, "Sam")
    await case.plan(planned(facts=MOVED))
    assert (await case.update())["state"] == "planned"
    assert len(await case.messages("planned")) == 1


async def test_row_3_held_and_taken(case: Case) -> None:
    """New facts and dates reach it, the holder is told, and it is never reassigned or taken away."""
    await case.plan(held())
    await case.act(holds.take, U1, "Sam")
    await case.plan(held(facts=MOVED, queue="control_room", due_at=DUE - timedelta(days=1)))
    row, hold = await case.update(), await case.hold()
    assert (row["state"], row["facts"], row["due_at"]) == ("held", MOVED, DUE - timedelta(days=1))
    assert (hold["taken_by"], hold["due_at"], hold["closed_at"]) == ("Sam", DUE - timedelta(days=1), None)
    assert await case.alerts() == [("hold_changed", "Sam")]
    await case.plan()
    assert (await case.update())["state"] == "held"
    assert await case.pool.fetchval("select count from alerts") == 2
    await case.plan(planned(state="told", evidence="conversation", told_at=AT, kind=None))
    row, hold = await case.update(), await case.hold()
    assert (row["state"], row["evidence"], row["told_at"]) == ("told", "conversation", AT)
    assert hold["closed_at"] is not None


async def test_row_4_released_without_intent(case: Case) -> None:
    """Its epoch moves on, so the dispatcher that was given it lets go, and then it is as planned."""
    await case.plan(planned())
    released = await case.release()
    await case.plan(planned())
    assert [message["state"] for message in await case.messages()] == ["released"]
    await case.plan(planned(facts=MOVED))
    (old,) = await case.messages("void")
    assert old["id"] == released
    assert (old["state"], old["epoch"], old["lease_until"]) == ("void", 2, None)
    assert (await case.update())["state"] == "planned"
    assert len(await case.messages("planned")) == 1


async def test_row_4_one_of_two_in_a_released_message_changes(case: Case) -> None:
    """The other was given out with it and nothing left: it waits again, for a message that is formed afresh."""
    one, two = planned("u1"), planned("u2")
    await case.plan(whole=Plan((one, two), (message(one, two),), (), None))
    await case.release()
    await case.plan(whole=Plan((one, held("u2")), (message(one),), (), None))
    assert (await case.update())["state"] == "planned"
    assert (await case.update(update_id("u2")))["state"] == "held"
    assert [row["updates"] for row in await case.messages("planned")] == [[U1]]
    await case.plan(whole=Plan((one, held("u2")), (message(one),), (), None))
    assert len(await case.messages("planned")) == 1


@pytest.mark.parametrize(
    ("attempt", "message_state", "state"),
    [
        ("intent", "sending", "released"),
        ("unknown", "finished", "held"),
        ("accepted", "finished", "sent"),
        ("delivered", "finished", "unconfirmed"),
    ],
)
async def test_row_5_what_may_have_left_is_untouched_and_contested(
    case: Case, attempt: str, message_state: str, state: str
) -> None:
    """Neither facts nor deadline change; it is marked, and marked no longer when the plan agrees again."""
    await case.plan(planned())
    await case.attempt(attempt, message=message_state, update=state)
    await case.plan(planned(facts=MOVED, due_at=DUE + timedelta(days=3)))
    row = await case.update()
    assert (row["state"], row["facts"], row["due_at"], row["contested"]) == (state, {"on": "2026-03-09"}, DUE, True)
    assert len(await case.messages()) == 1
    assert case.seen[-1].ledger[0].live_attempt
    await case.plan(planned())
    assert not (await case.update())["contested"]


async def test_row_5_proven_not_sent_is_planned_again(case: Case) -> None:
    """When it turns out that nothing left, the case is planned again, with the deadline as it was at the intent."""
    await case.plan(planned())
    message = await case.attempt("intent", message="sending", update="released")
    await case.plan(planned(facts=MOVED, due_at=DUE + timedelta(days=3)))
    await case.pool.execute("update attempts set state = 'not_sent'")
    await case.pool.execute("update messages set state = 'planned', lease_until = null where id = $1", message)
    async with case.pool.acquire() as connection, connection.transaction():
        journal = Journal("dispatch", "dispatcher", AT)
        assert await move_updates(connection, [UpdateMove(U1, "planned", "not_sent")], journal) == [U1]
        await journal.write(connection)
    assert await case.pool.fetchval("select why from replan") == "contested"
    await case.plan(planned(facts=MOVED, due_at=DUE + timedelta(days=3)))
    row = await case.update()
    assert (row["state"], row["facts"], row["due_at"], row["contested"]) == ("planned", MOVED, DUE, False)
    assert [said["id"] for said in await case.messages("planned")] != [message]


async def test_row_5_a_correction_is_an_update_of_its_own(case: Case) -> None:
    """What was sent stands; the plan's correction is inserted beside it."""
    await case.plan(planned())
    await case.attempt("accepted")
    fix = planned("fix", facts=MOVED, part=f"correct:{U1}", corrects=U1)
    await case.plan(planned(facts=MOVED), fix)
    assert (await case.update())["state"] == "sent"
    row = await case.update(update_id("fix"))
    assert (row["state"], row["corrects"], row["part"]) == ("planned", U1, f"correct:{U1}")


async def test_row_5_what_failed_is_never_sent_again_by_the_plan(case: Case) -> None:
    """Held after a refusal it stays with people, with the facts kept up to date; a person may hand it back."""
    await case.plan(planned())
    await case.attempt("refused", update="held")
    await case.pool.execute(
        "insert into holds (update_id, force, case_id, person_id, task, queue, reasons, say, never_say, opened_at)"
        " values ($1, 'staffs', 'case-1', 'p1', 'find_safe_contact', 'victim_care', '[]', '[]', '[]', $2)",
        U1,
        AT,
    )
    await case.plan(planned(facts=MOVED, contact="c2"))
    row = await case.update()
    assert (row["state"], row["facts"]) == ("held", MOVED)
    assert await case.messages("planned") == []
    await case.act(holds.back, U1, "Sam")
    await case.plan(planned(facts=MOVED, contact="c2"))
    assert (await case.update())["state"] == "planned"
    assert [said["contact_id"] for said in await case.messages("planned")] == ["c2"]


async def test_row_6_told_is_untouched(case: Case) -> None:
    """History is never rewritten."""
    await case.plan(planned())
    await case.pool.execute("update updates set state = 'told', evidence = 'delivered', told_at = $1", AT)
    before = await case.update()
    await case.plan(planned(facts=MOVED))
    assert await case.update() == before
    await case.plan()
    assert await case.update() == before


async def test_row_7_declined_stays(case: Case) -> None:
    """What a person declined is revived by no plan."""
    await case.plan(held())
    await case.act(holds.decline, U1, "Sam", "VICTIM_DECLINED")
    await case.plan(planned())
    assert (await case.update())["state"] == "declined"
    assert await case.messages() == []


@pytest.mark.parametrize("settled", ["declined", "told"])
async def test_what_a_plan_settled_is_settled_anew(case: Case, settled: str) -> None:
    """R13: the opt-out or the conversation that a plan stood on was taken back, and nothing had left: it never was."""
    evidence: dict[str, Any] = {"evidence": "conversation", "told_at": AT} if settled == "told" else {}
    await case.plan(planned(state=settled, kind=None, **evidence))
    assert (await case.update())["state"] == settled
    await case.plan(planned())
    row = await case.update()
    assert (row["state"], row["evidence"], row["told_at"]) == ("planned", None, None)
    assert len(await case.messages("planned")) == 1
    assert (await case.actions())[-1] == "update.planned"


async def test_an_incident_rings_until_somebody_put_it_right(case: Case) -> None:
    """PR10: what only a person may put right is an alert and a call, and the call ends both."""
    await case.plan(planned())
    await case.attempt("accepted")
    wrong = (Reason("due", "at once"), Reason("wrong_person", "it does not concern them"))
    fix = held("fix", part=f"correct:{U1}", corrects=U1, reasons=wrong)
    await case.plan(planned(), fix)
    assert await case.alerts() == [("told_wrong", "victim care")]
    await case.act(holds.told, fix.id, "Sam", "phone", AT)
    assert await case.alerts() == []


async def test_what_goes_in_one_message_is_told_in_its_order(case: Case) -> None:
    """PR17: the ids of updates are no order; the order in which the plan tells them is kept with the message."""
    updates = [planned(name) for name in ("u3", "u1", "u2")]
    await case.plan(whole=Plan(tuple(updates), (message(*updates),), (), None))
    (row,) = await case.messages("planned")
    async with case.pool.acquire() as connection:
        carried = (await carried_by(connection, [row["id"]]))[row["id"]]
    assert [item.id for item in carried] == [update.id for update in updates]
    await case.plan(whole=Plan(tuple(updates), (message(*updates),), (), None))
    assert [said["id"] for said in await case.messages("planned")] == [row["id"]]


async def test_row_8_withdrawn_and_wanted_again(case: Case) -> None:
    """The same update is planned again, with the same id; not so once anything left."""
    await case.plan(planned())
    await case.plan()
    await case.plan(planned())
    assert (await case.update())["state"] == "planned"
    assert len(await case.messages("planned")) == 1
    await case.plan()
    await case.tried()
    await case.plan(planned())
    assert (await case.update())["state"] == "withdrawn"


async def test_a_prompt_goes_once_whatever_is_planned(case: Case) -> None:
    """It leaves the update held; once it left, it is not formed again, and the hold goes on."""
    prompt = held(kind="prompt", channel="sms", contact="c1", send_at=AT)
    await case.plan(prompt)
    (said,) = await case.messages("planned")
    assert said["kind"] == "prompt"
    await case.attempt("accepted", update="held")
    await case.plan(held(kind="prompt", channel="sms", contact="c1", send_at=AT + timedelta(hours=1), facts=MOVED))
    row = await case.update()
    assert (row["state"], row["facts"], row["contested"]) == ("held", MOVED, False)
    assert await case.messages("planned") == []


async def test_a_plan_asks_to_be_made_again_but_not_in_circles(case: Case) -> None:
    """The case is planned again at the instant that the plan names, and never at once."""
    await case.plan(whole=plan_of(planned(), again_at=AT + timedelta(days=2)))
    assert await case.pool.fetchval("select again_at from case_file") == AT + timedelta(days=2)
    await case.plan(whole=plan_of(planned(), again_at=AT - timedelta(days=2)))
    assert await case.pool.fetchval("select again_at from case_file") > AT


async def test_every_change_is_in_the_audit_and_goes_out(case: Case) -> None:
    """One audit entry and one status a change of state, and the chain holds."""
    steps: Sequence[tuple[Planned, ...]] = [(planned(),), (held(),), (planned(facts=MOVED),), ()]
    for step in steps:
        await case.plan(*step)
    moves = [action for action in await case.actions() if action.startswith("update.")]
    assert moves == ["update.planned", "update.held", "update.planned", "update.withdrawn"]
    assert await case.pool.fetchval("select count(*) from outbox") == 4
    async with case.pool.acquire() as connection:
        assert (await audit.verify(connection)).ok


class TestCommands:
    """What people do with a hold."""

    async def test_the_second_is_told_who_has_it(self, case: Case) -> None:
        """Two people on one hold: the second learns who took it; taking it again oneself does nothing."""
        await case.plan(held())
        await case.act(holds.take, U1, "Sam")
        await case.act(holds.take, U1, "Sam")
        with pytest.raises(HoldError, match=r"Sam has had this hold since 2026-03-09T11:15:00Z\."):
            await case.act(holds.take, U1, "Ada")
        with pytest.raises(HoldError, match="Sam has had"):
            await case.act(holds.decline, U1, "Ada", "SAFETY_RISK")

    @pytest.mark.parametrize(("how", "evidence"), [("phone", "conversation"), ("letter", "letter")])
    async def test_told_closes_it_with_its_evidence(self, case: Case, how: str, evidence: str) -> None:
        """The update is told as of when the person was, and the case is planned again."""
        await case.plan(held())
        await case.act(holds.told, U1, "Sam", how, AT + timedelta(minutes=10))
        row, hold = await case.update(), await case.hold()
        assert (row["state"], row["evidence"], row["told_at"]) == ("told", evidence, AT + timedelta(minutes=10))
        assert (hold["taken_by"], hold["closed_how"]) == ("Sam", f"told_by_{how}")
        assert await case.pool.fetchval("select count(*) from replan") == 1
        with pytest.raises(HoldError, match=r"nothing to do for this update: it is told\."):
            await case.act(holds.take, U1, "Ada")

    async def test_what_makes_no_sense_is_refused_with_a_sentence(self, case: Case) -> None:
        """A future instant, an unknown way, an unknown update, nobody's name."""
        await case.plan(held())
        for command, given, sentence in [
            (holds.told, (U1, "Sam", "phone", AT + timedelta(days=1)), "future"),
            (holds.told, (U1, "Sam", "carrier pigeon", AT), "phone, visit, video, letter"),
            (holds.take, (uuid4(), "Sam"), "no update of this id"),
            (holds.take, (U1, " "), "who you are"),
            (holds.decline, (U1, "Sam", "because I say so"), "code of a good reason"),
        ]:
            with pytest.raises(HoldError, match=sentence):
                await case.act(command, *given)

    async def test_declined_with_a_reason(self, case: Case) -> None:
        """Rightly not told: declined, closed, on record."""
        await case.plan(held())
        await case.act(holds.decline, U1, "Sam", "SAFETY_RISK")
        assert (await case.update())["state"] == "declined"
        assert await case.pool.fetchval("select data from audit_entry where action = 'hold.declined'") == (
            '{"reason":"SAFETY_RISK"}'
        )

    async def test_holds_are_listed_as_the_outside_expects(self, case: Case) -> None:
        """Open ones only, the most pressing first, with the keys of the published form."""
        await case.plan(
            held("u1"), held("u2", due_at=DUE - timedelta(days=1), say=("ring",), never_say=("the charge",))
        )
        async with case.pool.acquire() as connection:
            shown = await holds.list_holds(connection, force="staffs")
        assert [row["id"] for row in shown] == [str(update_id("u2")), str(U1)]
        assert (shown[0]["say"], shown[0]["never_say"]) == (["ring"], ["the charge"])
        assert shown[0]["reasons"] == [{"code": "due_standard", "text": "five working days"}]
        assert shown[0]["due_at"] == "2026-03-15T23:59:59Z"
