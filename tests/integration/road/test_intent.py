"""No row, no send: the intent is committed first, by whoever still holds the release, with every gate read anew."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from services.dispatcher.gateways import Accepted, Outcome, Sms
from services.dispatcher.intent import SINK
from services.ledger.brakes import OutsideStop
from services.ledger.people import Person
from services.ledger.second_word import Contact
from tests.integration.road.world import KEEPING, MIDDAY, ORIGINS, Due, Road, clock_at, seed


async def seeded(road: Road, count: int = 1, **given: Any) -> list[Due]:
    async with road.pool.acquire() as connection:
        return await seed(connection, count, **given)


async def test_the_intent_freezes_what_is_said_and_to_whom(road: Road) -> None:
    """Words, digest, contact, deadline and token are on the row before anything is sent."""
    (due,) = await seeded(road)
    (send,) = await road.intend(await road.release())
    (message,) = await road.rows("select * from messages")
    assert message["state"] == "sending"
    assert message["reference"] in message["body"]
    assert message["body_digest"] == hashlib.sha256(f"\0{message['body']}".encode()).hexdigest()
    assert (message["tries"], message["due_at"], message["template"] is not None) == (
        1,
        MIDDAY + timedelta(days=3),
        True,
    )
    (attempt,) = await road.rows("select * from attempts")
    assert (attempt["state"], attempt["number"], attempt["provider"]) == ("intent", 1, "twilio")
    assert len(attempt["token"]) == 32  # 128 bits
    assert send.sms is not None
    assert send.sms.to == due.number
    assert send.sms.status_callback.endswith(f"/twilio/status?attempt={attempt['token']}")
    entry = await road.value("select data from audit_entry where action = 'attempt.intent'")
    assert due.number not in entry
    assert message["body"] not in entry


async def test_a_mail_keeps_its_message_id_and_gets_a_return_path_of_its_own(road: Road) -> None:
    """One Message-ID a message, one VERP address an attempt."""
    (due,) = await seeded(road, channel="email")
    (first,) = await road.intend(await road.release())
    await road.execute("update attempts set state = 'not_sent'")
    await road.execute("update messages set state = 'planned', release = null, lease_until = null")
    await road.execute("update updates set state = 'planned'")
    (second,) = await road.intend(await road.release())
    assert first.email is not None
    assert second.email is not None
    assert first.email.message_id == second.email.message_id == f"{due.message.hex}@bounces.example"
    assert first.email.return_path != second.email.return_path
    assert second.email.return_path == f"bounce+{second.email.envelope_id}@bounces.example"
    assert second.number == 2


async def test_an_old_release_never_sends(road: Road) -> None:
    """Epoch fencing: once the lease ran out and the message was released anew, the first holder's intent finds nothing."""
    (due,) = await seeded(road)
    (old,) = await road.release()
    await road.execute("update messages set lease_until = clock_timestamp() - interval '1 second'")
    (new,) = await road.release()
    assert new.message == old.message == due.message
    await road.dispatch([old])
    assert road.sms.sent == []
    assert (await road.states(due))[0] == "released"
    await road.dispatch([new])
    assert len(road.sms.sent) == 1


FENCED = {
    "another_epoch": {"epoch": 99},
    "another_release": {"release": uuid4()},
    "another_message": {"message": uuid4()},
}


@pytest.mark.parametrize("change", FENCED.values(), ids=FENCED.keys())
async def test_a_record_that_is_not_the_ledgers_sends_nothing(road: Road, change: dict[str, Any]) -> None:
    """The row outranks whatever the topic says."""
    await seeded(road)
    (record,) = await road.release()
    await road.dispatch([record.model_copy(update=change)])
    assert road.sms.sent == []
    assert await road.value("select count(*) from attempts") == 0


async def test_a_lease_that_is_over_before_the_intent_sends_nothing(road: Road) -> None:
    """A dispatcher that comes too late lets go, even before anybody has taken the message back."""
    await seeded(road)
    records = await road.release()
    await road.execute("update messages set lease_until = clock_timestamp() - interval '1 second'")
    await road.dispatch(records)
    assert road.sms.sent == []


async def test_the_same_record_twice_sends_once(road: Road) -> None:
    """A record that the broker delivers again finds its release used up."""
    await seeded(road)
    records = await road.release()
    await road.dispatch([*records, *records])
    await road.dispatch(records)
    assert len(road.sms.sent) == 1


async def test_two_dispatchers_with_one_record_send_once(road: Road) -> None:
    """The row lock decides between processes."""
    await seeded(road, 20)
    records = await road.release()
    await asyncio.gather(road.dispatch(records), road.dispatch(records))
    assert len({sms.body for sms in road.sms.sent}) == len(road.sms.sent) == 20


async def test_the_index_allows_one_live_attempt_a_message(road: Road) -> None:
    """Not care but the database: a second attempt beside a live one is refused."""
    (due,) = await seeded(road)
    await road.intend(await road.release())
    insert = (
        "insert into attempts (id, message_id, number, channel, provider, token, state, at)"
        " values (gen_random_uuid(), $1, 2, 'sms', 'twilio', 'x', $2, now())"
    )
    for state in ("intent", "accepted", "sent", "delivered", "unknown"):
        with pytest.raises(asyncpg.UniqueViolationError):
            await road.execute(insert, due.message, state)
    await road.execute(insert, due.message, "not_sent")


CHANGES: dict[str, tuple[str, str, str]] = {
    "died": ("update person set state = state || '{\"died\": true}'", "person_died", "held"),
    "opted_out": ('update person set state = state || \'{"opt_out": ["all"]}\'', "opted_out", "declined"),
    "stopped": ("update contact_detail set suppressed_at = now()", "stopped", "held"),
    "wrong_number": ("update contact_detail set suspect_at = now()", "wrong_number", "held"),
    "contact_gone": ("update person set state = state || '{\"contacts\": []}'", "contact_gone", "held"),
}


@pytest.mark.parametrize(("change", "code", "state"), CHANGES.values(), ids=CHANGES.keys())
async def test_every_gate_is_read_again_at_the_intent(road: Road, change: str, code: str, state: str) -> None:
    """What changed between release and intent stops the send: no attempt, no byte."""
    (due,) = await seeded(road)
    records = await road.release()
    await road.execute(change)
    await road.dispatch(records)
    assert road.sms.sent == []
    assert await road.states(due) == ("void", [state], [])
    assert await road.value("select data::jsonb ->> 'why' from audit_entry where action = 'message.void'") == code


@pytest.mark.parametrize("scope", ["all", "channel", "force", "template"])
async def test_s16_a_brake_set_after_the_release_stops_the_intent(road: Road, scope: str) -> None:
    """S16: no intent after the brake; the message waits and goes once it is lifted."""
    value = {"all": "", "channel": "sms", "force": "staffs", "template": "arrest.sms.plain"}[scope]
    (due,) = await seeded(road)
    records = await road.release()
    await road.execute("insert into brakes (scope, value, set_by, set_at) values ($1, $2, 'a', now())", scope, value)
    await road.dispatch(records)
    assert road.sms.sent == []
    assert await road.states(due) == ("planned", ["planned"], [])
    await road.execute("update brakes set lifted_at = now()")
    road.clock = clock_at(MIDDAY + timedelta(minutes=11))
    await road.dispatch(await road.release())
    assert len(road.sms.sent) == 1


async def test_the_kill_switch_after_the_release_stops_the_intent(road: Road) -> None:
    """The file from outside is looked at in the intent, too."""
    (due,) = await seeded(road)
    records = await road.release()
    road.keeping = replace(KEEPING, stop=OutsideStop(setting="stop"))
    await road.dispatch(records)
    assert road.sms.sent == []
    assert (await road.states(due))[0] == "planned"


async def test_s18_brakes_that_cannot_be_read_stop_everything(road: Road, owner_url: str) -> None:
    """S18: fail closed. Nothing is sent while the brakes are out of reach."""
    await seeded(road)
    records = await road.release()
    owner = await asyncpg.connect(owner_url)
    await owner.execute("alter table brakes rename to brakes_away")
    try:
        with pytest.raises(asyncpg.UndefinedTableError):
            await road.intend(records)
        await road.dispatch(records)
    finally:
        await owner.execute("alter table brakes_away rename to brakes")
        await owner.close()
    assert road.sms.sent == []
    assert await road.value("select count(*) from attempts") == 0


async def test_r42_an_intent_that_did_not_commit_sends_nothing(road: Road) -> None:
    """R42: the transaction fails at its end; no byte leaves, and the message can go later."""
    (due,) = await seeded(road)
    records = await road.release()
    intents = road.intents()
    original = intents._write

    async def fail(*given: Any) -> Any:
        await original(*given)
        raise asyncpg.PostgresConnectionError

    intents._write = fail  # type: ignore[method-assign,assignment]  # the commit is what fails here
    with pytest.raises(asyncpg.PostgresConnectionError):
        await intents.commit(records)
    assert await road.states(due) == ("released", ["released"], [])
    await road.dispatch(records)
    assert len(road.sms.sent) == 1


async def test_one_message_that_cannot_be_written_does_not_hold_up_its_neighbours(road: Road) -> None:
    """A group that fails for a reason of its own is tried one by one."""
    good, bad = await seeded(road, 2)
    records = await road.release()
    # An attempt of this number is there already, though the message knows nothing of it.
    await road.execute(
        "insert into attempts (id, message_id, number, channel, provider, token, state, at)"
        " values (gen_random_uuid(), $1, 1, 'sms', 'twilio', 'x', 'not_sent', now())",
        bad.message,
    )
    await road.dispatch(records)
    assert [sms.to for sms in road.sms.sent] == [good.number]
    assert (await road.states(bad))[0] == "released"
    assert await road.rows("select kind, about from alerts") == [{"kind": "intent_failed", "about": str(bad.message)}]


async def test_outside_production_others_get_nothing(road: Road) -> None:
    """Who is not on the list goes to the sink: recorded as accepted, and nothing leaves."""
    listed, other = await seeded(road, 2)
    road.origins = replace(ORIGINS, may_receive=lambda address: address == listed.number)
    await road.dispatch(await road.release())
    assert [sms.to for sms in road.sms.sent] == [listed.number]
    (attempt,) = await road.rows("select provider, state from attempts where message_id = $1", other.message)
    assert attempt == {"provider": SINK, "state": "accepted"}


async def test_a_prompt_leaves_its_update_held(road: Road) -> None:
    """A prompt is not news: nothing of the update has left."""
    (due,) = await seeded(road, kind="prompt")
    await road.dispatch(await road.release())
    assert await road.states(due) == ("finished", ["held"], ["accepted"])


@pytest.mark.parametrize("channel", ["sms", "email"])
async def test_a_cover_name_without_a_sender_for_it_is_a_persons_task(road: Road, channel: str) -> None:
    """The plain sender, or the force's own address, would give away what the cover name was agreed to hide."""
    (due,) = await seeded(road, channel=channel, state=Person("staffs", "p0", cover_name="Jo"))
    await road.dispatch(await road.release())
    assert (road.sms.sent, road.email.sent) == ([], [])
    assert await road.states(due) == ("void", ["held"], [])
    assert await road.value("select reasons -> -1 ->> 'code' from updates") == "no_cover_sender"


async def test_news_without_words_is_a_persons_task(road: Road) -> None:
    """What no template can say is held; the person is not left without it."""
    (due,) = await seeded(road)
    await road.execute("update updates set update_point = 'r6-bail'")
    await road.dispatch(await road.release())
    assert road.sms.sent == []
    assert await road.states(due) == ("void", ["held"], [])


async def test_a_text_is_valid_no_longer_than_its_deadline_and_hours(road: Road) -> None:
    """Half an hour; less when the deadline, or the end of the hours at which it may come in, is sooner."""
    ordinary, soon, safe = (
        await seeded(road, 1, first=0),
        await seeded(road, 1, first=1, due_at=MIDDAY + timedelta(minutes=10)),
        await seeded(
            road,
            1,
            first=2,
            state=Person("staffs", "p2", safe_hours=({"days": ["mon"], "from": "11:00", "to": "12:20"},)),
        ),
    )
    sends = {send.message: send for send in await road.intend(await road.release())}
    seconds = [sends[due.message].sms.validity_seconds for (due,) in (ordinary, soon, safe)]  # type: ignore[union-attr]  # texts
    assert seconds[0] == 1800
    assert 590 <= seconds[1] <= 600
    assert 1100 <= seconds[2] <= 1200


async def test_a_changed_number_stops_a_retry(road: Road) -> None:
    """The contact's number changed after a try: the new one is not texted without a look."""
    (due,) = await seeded(road)
    await road.intend(await road.release())
    await road.execute("update attempts set state = 'not_sent'")
    await road.execute("update messages set state = 'planned', release = null, lease_until = null")
    await road.execute("update updates set state = 'planned'")
    await road.execute(
        "insert into contact_detail (force, medium, normal, address) values ('staffs', 'phone', '+1', '+1')"
    )
    await road.execute(
        "update person set state = jsonb_set(state, '{contacts,0,detail}', (select to_jsonb(max(id)) from contact_detail))"
    )
    assert await road.release() == []
    assert (await road.states(due))[:2] == ("void", ["held"])


async def test_a_sender_that_stood_still_too_long_does_not_send(road: Road) -> None:
    """R28: whoever was paused past its lease after the intent proves by not sending that nothing left."""
    road.lease_seconds = 0.05
    (due,) = await seeded(road)

    async def answer(_sms: Sms) -> Outcome:
        return Accepted("SM1")

    road.sms.answer = answer
    (send,) = await road.intend(await road.release(lease_seconds=30))
    await asyncio.sleep(0.1)
    outcome = await road.dispatcher()._hand_over(send)
    assert road.sms.sent == []
    assert outcome.code == "kept:lease_over"  # type: ignore[union-attr]  # not Accepted
    assert (await road.states(due))[2] == ["intent"]


async def test_safe_contact_is_asked_again_for_a_flagged_person(road: Road) -> None:
    """A contact that is no longer known to be safe is not used for somebody with a safety profile."""
    (due,) = await seeded(road)
    records = await road.release()
    person = Person("staffs", "p0", has_safety_profile=True)
    detail = await road.value("select min(id) from contact_detail")
    async with road.pool.acquire() as connection:
        from services.ledger.cases import keep_people  # noqa: PLC0415  # only here

        await keep_people(connection, [replace(person, contacts=(Contact("c1", "sms", detail, safe=None),))])
    await road.dispatch(records)
    assert road.sms.sent == []
    assert await road.states(due) == ("void", ["held"], [])
