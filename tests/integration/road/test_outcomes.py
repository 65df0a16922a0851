"""What became of a send is recorded once, whatever it was, and everything that follows from it follows in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.dispatcher.gateways import Accepted, Email, NotSent, Outcome, Refused, Sms, Unknown
from services.ledger import audit
from services.ledger.attempts import AttemptMove, move_attempts
from services.ledger.journal import Journal
from services.ledger.states import AttemptState
from tests.integration.road.world import MIDDAY, Due, Road, seed

HOUR = timedelta(hours=1)


async def seeded(road: Road, count: int = 1, **given: Any) -> list[Due]:
    async with road.pool.acquire() as connection:
        return await seed(connection, count, **given)


async def accepted(road: Road, **given: Any) -> tuple[Due, UUID]:
    """A message that the provider has accepted, and its attempt."""
    (due,) = await seeded(road, **given)
    await road.dispatch(await road.release())
    return due, await road.value("select id from attempts where message_id = $1", due.message)


async def move(road: Road, attempt: UUID, to: AttemptState, now: datetime = MIDDAY, **given: Any) -> list[UUID]:
    return await moves(road, [AttemptMove(attempt, to, **given)], now)


async def moves(road: Road, wanted: Sequence[AttemptMove], now: datetime = MIDDAY) -> list[UUID]:
    journal = Journal("receipts", "receipts", now)
    async with road.pool.acquire() as connection, connection.transaction():
        moved = await move_attempts(connection, wanted, journal)
        await journal.write(connection)
    return moved


ANSWERS: dict[str, tuple[Outcome, tuple[str, list[str], list[str]]]] = {
    "accepted": (Accepted("SM1"), ("finished", ["sent"], ["accepted"])),
    "refused": (Refused("twilio:21211", "no such number"), ("finished", ["held"], ["refused"])),
    "not_sent": (NotSent("twilio:429", "slow down", retry_after=7), ("planned", ["planned"], ["not_sent"])),
    "not_sent_account": (NotSent("twilio:20003", "no", provider_wide=True), ("planned", ["planned"], ["not_sent"])),
    "unknown": (Unknown("twilio:500", "no answer"), ("finished", ["held"], ["unknown"])),
}


@pytest.mark.parametrize(("answer", "expected"), ANSWERS.values(), ids=ANSWERS.keys())
async def test_every_answer_is_recorded(
    road: Road, answer: Outcome, expected: tuple[str, list[str], list[str]]
) -> None:
    """Message, update and attempt stand as the answer says, and the text was handed over once."""

    async def say(_sms: Sms) -> Outcome:
        return answer

    road.sms.answer = say
    (due,) = await seeded(road)
    await road.dispatch(await road.release())
    assert await road.states(due) == expected
    assert len(road.sms.sent) == 1
    assert await road.value("select count(*) from messages where lease_until is not null or release is not null") == 0


async def test_a_gateway_that_raises_leaves_an_unknown(road: Road) -> None:
    """What nobody foresaw may have left: never retried, a person asks."""

    async def fail(_sms: Sms) -> Outcome:
        raise RuntimeError("unforeseen")

    road.sms.answer = fail
    (due,) = await seeded(road)
    await road.dispatch(await road.release())
    assert await road.states(due) == ("finished", ["held"], ["unknown"])
    assert await road.value("select task from holds") == "check_whether_told"
    assert await road.release() == []


async def test_r23_the_next_try_is_no_earlier_than_the_provider_said(road: Road) -> None:
    """R23: Retry-After 7 is kept as the message's own time; then it goes once."""
    answers: list[Outcome] = [NotSent("twilio:429", "slow down", retry_after=7), Accepted("SM2")]

    async def say(_sms: Sms) -> Outcome:
        return answers.pop(0)

    road.sms.answer = say
    (due,) = await seeded(road)
    await road.dispatch(await road.release())
    not_before = await road.value("select not_before from messages")
    assert not_before - MIDDAY >= timedelta(seconds=7)
    assert await road.release() == []
    await road.execute("update messages set not_before = $1", MIDDAY)
    await road.dispatch(await road.release())
    assert await road.states(due) == ("finished", ["sent"], ["not_sent", "accepted"])


async def test_the_marker_is_durable_before_a_mail_is_handed_over(road: Road) -> None:
    """Email: the marker stands in the ledger by the time the relay has the first word."""
    seen: list[Any] = []

    async def say(email: Email) -> Outcome:
        seen.append(await road.value("select data_started_machine from attempts"))
        return Accepted(email.message_id)

    road.email.answer = say
    (due,) = await seeded(road, channel="email")
    await road.dispatch(await road.release())
    assert seen[0] is not None
    assert await road.states(due) == ("finished", ["sent"], ["accepted"])


async def test_a_mail_that_is_no_longer_ours_is_not_handed_over(road: Road) -> None:
    """The lease ran out before DATA: the marker is refused, nothing is handed over, and the mail goes by its next attempt."""
    (due,) = await seeded(road, channel="email")
    (send,) = await road.intend(await road.release())
    await road.execute("update messages set lease_until = clock_timestamp() - interval '1 second'")
    records = await road.release()
    assert await road.dispatcher()._hand_over(send) == NotSent(
        "kept:not_marked", "it could not be noted that the mail was about to be handed over"
    )
    assert road.email.sent == []
    await road.dispatch(records)
    assert len(road.email.sent) == 1
    assert await road.states(due) == ("finished", ["sent"], ["not_sent", "accepted"])


async def test_a_receipt_says_told_with_its_evidence(road: Road) -> None:
    """Delivered news is told as of now; the chain holds."""
    due, attempt = await accepted(road, per_message=2)
    assert await move(road, attempt, "sent") == [attempt]
    assert await move(road, attempt, "delivered", MIDDAY + HOUR) == [attempt]
    assert await road.states(due) == ("finished", ["told", "told"], ["delivered"])
    rows = await road.rows("select evidence, told_at from updates")
    assert all(row == {"evidence": "delivered", "told_at": MIDDAY + HOUR} for row in rows)
    assert await road.value("select check_at from messages") is None
    async with road.pool.acquire() as connection:
        assert (await audit.verify(connection)).ok


async def test_r30_receipts_reversed_and_repeated_never_go_backwards(road: Road) -> None:
    """R30: delivered first, then sent and accepted, twenty times: still delivered."""
    due, attempt = await accepted(road)
    assert await move(road, attempt, "delivered")
    for _ in range(20):
        for to in ("sent", "accepted", "delivered"):
            assert await move(road, attempt, to) == []
    assert await road.states(due) == ("finished", ["told"], ["delivered"])


async def test_r29_a_receipt_that_overtakes_the_answer(road: Road) -> None:
    """R29: delivered while the send is still in flight; the answer then changes nothing and is kept as evidence."""
    (due,) = await seeded(road)

    async def say(_sms: Sms) -> Outcome:
        attempt = await road.value("select id from attempts")
        await move(road, attempt, "delivered", provider_id="SM7")
        return Accepted("SM7")

    road.sms.answer = say
    await road.dispatch(await road.release())
    assert await road.states(due) == ("finished", ["told"], ["delivered"])
    assert await road.value("select count(*) from audit_entry where action = 'attempt.answer_late'") == 1


async def test_r17_evidence_moves_an_unknown_on_and_closes_the_task(road: Road) -> None:
    """R17: the answer was lost, a callback shows that it was taken: sent after all, and nobody need ask."""

    async def say(_sms: Sms) -> Outcome:
        return Unknown("twilio:timeout", "no answer")

    road.sms.answer = say
    due, attempt = await accepted(road)
    assert await road.value("select count(*) from holds where closed_at is null") == 1
    assert await move(road, attempt, "accepted", provider_id="SM9")
    assert await road.states(due) == ("finished", ["sent"], ["accepted"])
    assert await road.value("select count(*) from holds where closed_at is null") == 0
    assert await road.value("select check_at from messages") == MIDDAY + 4 * HOUR


async def test_r28_an_answer_after_the_lease_is_kept_as_evidence(road: Road) -> None:
    """R28: the lease ran out in the middle of a slow send: unknown and held, then the late answer says it was taken. Once."""
    began, gate = asyncio.Event(), asyncio.Event()
    (due,) = await seeded(road)

    async def slow(_sms: Sms) -> Outcome:
        began.set()
        await gate.wait()
        return Accepted("SM3")

    road.sms.answer = slow
    records = await road.release()
    sending = asyncio.create_task(road.dispatch(records))
    await began.wait()
    await road.execute("update messages set lease_until = clock_timestamp() - interval '1 second'")
    assert await road.release() == []
    assert await road.states(due) == ("finished", ["held"], ["unknown"])
    gate.set()
    await sending
    assert await road.states(due) == ("finished", ["sent"], ["accepted"])
    assert len(road.sms.sent) == 1


async def test_undelivered_news_is_a_persons_task_and_a_bad_number_is_shut(road: Road) -> None:
    """S05: 30005 holds the update, marks the number and plans every case of everybody who has it again."""
    due, attempt = await accepted(road)
    await road.execute("insert into case_person values ('staffs', 'case-0', 'p0'), ('staffs', 'case-77', 'p0')")
    await road.execute("insert into contact_point select 'staffs', 'p0', 'c1', 's', 'e', id from contact_detail")
    assert await move(road, attempt, "undelivered", code="twilio:30005", reason="unknown handset")
    assert await road.states(due) == ("finished", ["held"], ["undelivered"])
    assert await road.value("select task from holds") == "find_safe_contact"
    assert await road.value("select suspect_why from contact_detail") == "twilio:30005"
    assert {row["case_id"] for row in await road.rows("select case_id from replan")} == {"case-0", "case-77"}


async def test_r33_a_number_that_stopped_is_suppressed_and_the_update_stays_open(road: Road) -> None:
    """R33: 21610 at create: suppression, a task, no retry."""

    async def say(_sms: Sms) -> Outcome:
        return Refused("twilio:21610", "the number asked for no more")

    road.sms.answer = say
    due, _ = await accepted(road)
    assert await road.states(due) == ("finished", ["held"], ["refused"])
    assert await road.value("select suppressed_why from contact_detail") == "twilio:21610"


async def test_what_failed_on_its_way_goes_round_again_when_the_policy_says_so(road: Road) -> None:
    """R32: undelivered with a time: planned again, and the next attempt says which one it makes good."""
    due, attempt = await accepted(road)
    again = MIDDAY + HOUR
    assert await move(road, attempt, "undelivered", code="twilio:30003", again_at=again)
    assert await road.states(due) == ("planned", ["planned"], ["undelivered"])
    assert await road.value("select not_before from messages") == again
    await road.execute("update messages set not_before = null")
    await road.dispatch(await road.release())
    assert await road.states(due) == ("finished", ["sent"], ["undelivered", "accepted"])
    assert await road.value("select resend_of from attempts where number = 2") == attempt


async def test_a_failed_try_that_arrived_after_all_cancels_the_next(road: Road) -> None:
    """Carriers contradict themselves: delivered after undelivered stops the resend that waits, and the update is told."""
    due, attempt = await accepted(road)
    await move(road, attempt, "undelivered", code="twilio:30003", again_at=MIDDAY)
    assert await move(road, attempt, "delivered") == [attempt]
    assert await road.states(due) == ("finished", ["told"], ["delivered"])
    assert await road.release() == []


async def test_a_failed_try_that_arrived_beside_the_next_is_noted(road: Road) -> None:
    """The resend is already on its way when the first turns out delivered: told; both attempts stand as they are."""
    due, attempt = await accepted(road)
    await move(road, attempt, "undelivered", code="twilio:30003", again_at=MIDDAY)
    await road.dispatch(await road.release())
    assert await move(road, attempt, "delivered") == []
    assert await road.states(due) == ("finished", ["told"], ["undelivered", "accepted"])
    assert await road.value("select count(*) from audit_entry where action = 'attempt.contradicted'") == 1


async def test_a_late_bounce_takes_told_back(road: Road) -> None:
    """A mail counted as told bounces: held, with its evidence gone. A text's delivered stands."""
    mail, attempt = await accepted(road, channel="email")
    await move(road, attempt, "delivered")
    assert await move(road, attempt, "undelivered", code="smtp:5.1.1")
    assert await road.states(mail) == ("finished", ["held"], ["undelivered"])
    text, attempt = await accepted(road, first=1)
    await move(road, attempt, "delivered")
    assert await move(road, attempt, "undelivered", code="twilio:30008") == []
    assert await road.states(text) == ("finished", ["told"], ["delivered"])


async def test_a_failure_takes_nothing_from_a_conversation(road: Road) -> None:
    """Somebody told the person meanwhile: that the message failed is noted, and the update stays told."""
    due, attempt = await accepted(road)
    await road.execute("update updates set state = 'told', evidence = 'conversation'")
    assert await move(road, attempt, "undelivered", code="twilio:30003")
    assert await road.states(due) == ("finished", ["told"], ["undelivered"])


async def test_an_unknown_that_turns_out_failed_tells_whoever_has_the_task(road: Road) -> None:
    """The hold is not opened twice; its task changes from asking to telling, and it is not planned behind anybody's back."""

    async def say(_sms: Sms) -> Outcome:
        return Unknown("twilio:timeout", "no answer")

    road.sms.answer = say
    due, attempt = await accepted(road)
    assert await move(road, attempt, "undelivered", code="twilio:30003", again_at=MIDDAY)
    assert await road.states(due) == ("finished", ["held"], ["undelivered"])
    assert await road.value("select task from holds where closed_at is null") == "call"


async def test_a_prompt_that_fails_moves_no_update(road: Road) -> None:
    """PR01: whatever becomes of a prompt, its update stays held as it was."""
    due, attempt = await accepted(road, kind="prompt")
    assert await move(road, attempt, "delivered")
    assert await road.states(due) == ("finished", ["held"], ["delivered"])


async def test_one_answer_that_cannot_be_recorded_does_not_hold_up_the_others(road: Road) -> None:
    """Two texts get one name from the provider: one is recorded, the other is left to its lease, and somebody is told."""

    async def same(_sms: Sms) -> Outcome:
        return Accepted("SM-twice")

    road.sms.answer = same
    dues = await seeded(road, 2)
    await road.dispatch(await road.release())
    assert sorted([(await road.states(due))[2][0] for due in dues]) == ["accepted", "intent"]
    assert await road.value("select kind from alerts") == "outcome_not_recorded"
    await road.execute(
        "update messages set lease_until = clock_timestamp() - interval '1 second' where lease_until is not null"
    )
    await road.release()
    assert sorted([(await road.states(due))[2][0] for due in dues]) == ["accepted", "unknown"]


async def test_answers_wait_for_a_database_that_is_away(road: Road) -> None:
    """Every connection is cut in the middle of a send: the answer is recorded when the database is back."""
    (due,) = await seeded(road)

    async def cut(_sms: Sms) -> Outcome:
        await road.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        return Accepted("SM5")

    road.sms.answer = cut
    await road.dispatch(await road.release())
    assert await road.states(due) == ("finished", ["sent"], ["accepted"])
    assert len(road.sms.sent) == 1


async def test_an_attempt_is_named_once_in_a_call(road: Road) -> None:
    """Two moves of one attempt in one call are a mistake of the caller."""
    _, attempt = await accepted(road)
    with pytest.raises(ValueError, match="twice"):
        await moves(road, [AttemptMove(attempt, "sent"), AttemptMove(attempt, "delivered")])


async def test_an_attempt_that_nobody_knows_moves_nothing(road: Road) -> None:
    """A receipt for an id that is not there is no error."""
    assert await move(road, uuid4(), "delivered") == []


async def test_r49_moves_and_their_audit_are_one(road: Road) -> None:
    """R49: when the audit cannot be written, nothing moves."""
    due, attempt = await accepted(road)
    journal = Journal("nowhere", "receipts", MIDDAY)

    async def fail() -> None:
        async with road.pool.acquire() as connection, connection.transaction():
            await move_attempts(connection, [AttemptMove(attempt, "delivered")], journal)
            await journal.write(connection)

    with pytest.raises(KeyError):
        await fail()
    assert await road.states(due) == ("finished", ["sent"], ["accepted"])


async def test_i4_no_send_without_a_committed_intent(road: Road) -> None:
    """I4: at the moment of every send, its attempt can be read from another connection."""
    unseen: list[str] = []

    async def look(sms: Sms) -> Outcome:
        token = sms.status_callback.rpartition("=")[2]
        if await road.value("select state from attempts where token = $1", token) != "intent":
            unseen.append(token)
        return Accepted(f"SM{uuid4().hex}")

    road.sms.answer = look
    await seeded(road, 50)
    await road.dispatch(await road.release())
    assert unseen == []
    assert len(road.sms.sent) == 50


async def test_the_providers_name_is_one_attempts(road: Road) -> None:
    """A text's SID belongs to one attempt; a mail's Message-ID to all of its message's."""
    await accepted(road)
    with pytest.raises(asyncpg.UniqueViolationError):
        await road.execute(
            "insert into attempts (id, message_id, number, channel, provider, provider_id, token, state, at) select"
            " gen_random_uuid(), message_id, 2, 'sms', provider, provider_id, 'x', 'absent', now() from attempts"
        )
    await accepted(road, channel="email", first=1)
    await road.execute(
        "insert into attempts (id, message_id, number, channel, provider, provider_id, token, state, at) select"
        " gen_random_uuid(), message_id, 2, 'email', provider, provider_id, 'y', 'absent', now() from attempts"
        " where channel = 'email'"
    )
