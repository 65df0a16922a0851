"""Applying receipts: forward or not at all, each kept with what became of it, in a transaction with all that follows."""

from __future__ import annotations

import asyncio
import random
from urllib.parse import urlencode

import pytest

from services.dispatcher.receipts.apply import Applier
from services.ledger import audit, receipts
from services.ledger.attempts import move_attempts
from services.ledger.connection import Pool
from services.ledger.receipts import Received
from tests.integration.dispatcher.rows import CLOCK, MIDDAY, Ledger, Sent

OTHER_SID = "SM" + "e" * 32


@pytest.fixture
def applier(pool: Pool) -> Applier:
    """An applier with small batches, so that several are needed."""
    return Applier(pool, CLOCK, batch=3)


async def said(
    ledger: Ledger,
    sent: Sent,
    status: str,
    *,
    code: str | None = None,
    token: str | None = None,
    sid: str | None = None,
    to: str | None = None,
) -> int:
    """Keep a status callback about `sent`, as the web application does."""
    sid = sid or sent.provider_id or "SM" + sent.attempt.hex
    raw = urlencode({"MessageSid": sid, "MessageStatus": status, "To": to or sent.address}).encode()
    async with ledger.pool.acquire() as connection:
        return await receipts.keep(
            connection,
            Received("twilio", "status", raw, token or sent.token, sid, status, code and f"twilio:{code}"),
            MIDDAY,
        )


async def reply(ledger: Ledger, sender: str, body: str, opt_out: str | None = None) -> int:
    """Keep a text that came in."""
    form = {"MessageSid": OTHER_SID, "From": sender, "Body": body, "AccountSid": "AC" + "0" * 32}
    if opt_out:
        form["OptOutType"] = opt_out
    async with ledger.pool.acquire() as connection:
        received = Received("twilio", "inbound", urlencode(form).encode(), provider_id=OTHER_SID)
        return await receipts.keep(connection, received, MIDDAY)


async def test_sent_then_delivered_is_told(ledger: Ledger, applier: Applier) -> None:
    """The attempt follows its receipts; delivery is the evidence that the update was told."""
    sent = await ledger.sent()
    await said(ledger, sent, "sent")
    assert await applier.once() == 1
    assert await ledger.state(sent) == ("sent", "sent")
    await said(ledger, sent, "delivered")
    assert await applier.once() == 1
    assert await ledger.state(sent) == ("delivered", "told")
    assert await ledger.value("select evidence from updates where id = $1", sent.update) == "delivered"
    assert await ledger.outcomes() == ["applied", "applied"]
    assert await ledger.value("select count(*) from receipts where attempt_id = $1", sent.attempt) == 2
    async with ledger.pool.acquire() as connection:
        assert (await audit.verify(connection)).ok
    assert await ledger.value("select count(*) from audit_entry where action = 'attempt.delivered'") == 1


async def test_r29_a_receipt_that_overtakes_the_answer(ledger: Ledger, applier: Applier) -> None:
    """Known only by its token, the attempt takes the provider's name for it from the receipt."""
    sent = await ledger.sent("intent")
    await said(ledger, sent, "sent", sid=OTHER_SID)
    await applier.once()
    assert await ledger.state(sent) == ("sent", "sent")
    assert await ledger.value("select provider_id from attempts where id = $1", sent.attempt) == OTHER_SID


async def test_r17_a_receipt_settles_what_was_unknown(ledger: Ledger, applier: Applier) -> None:
    """A delivered receipt for an attempt whose answer was lost tells the update that a person was asked to look at."""
    sent = await ledger.sent("unknown")
    await said(ledger, sent, "delivered")
    await applier.once()
    assert await ledger.state(sent) == ("delivered", "told")


async def test_undelivered_goes_to_a_person_or_round_again(ledger: Ledger, applier: Applier) -> None:
    """A handset out of reach is tried again later; a dead number is somebody's task and is not used again (R32)."""
    later, dead = await ledger.sent(), await ledger.sent()
    await said(ledger, later, "undelivered", code="30003")
    await said(ledger, dead, "undelivered", code="30006")
    await applier.once()
    assert await ledger.state(later) == ("undelivered", "planned")
    assert await ledger.value("select not_before > $2 from messages where id = $1", later.message, MIDDAY)
    assert await ledger.state(dead) == ("undelivered", "held")
    assert await ledger.value("select suspect_at is not null from contact_detail where address = $1", dead.address)
    assert await ledger.value("select code from attempts where id = $1", dead.attempt) == "twilio:30006"


async def test_r30_any_order_doubled_and_late_ends_alike(ledger: Ledger, applier: Applier) -> None:
    """Shuffled, twenty times each, in one go or by ones, with a `sent` afterwards: delivered, told once, all kept."""
    chance = random.Random(3)
    sents = [await ledger.sent("intent") for _ in range(3)]
    words = ["queued", "sent", "delivered"] * 20
    for sent in sents:
        chance.shuffle(words)
        for number, word in enumerate(words):
            await said(ledger, sent, word)
            if sent is sents[0] or (sent is sents[1] and number % 7 == 0):
                await applier.once()
    await applier.once()
    for sent in sents:
        await said(ledger, sent, "sent")
    await applier.once()
    assert [await ledger.state(sent) for sent in sents] == [("delivered", "told")] * 3
    outcomes = await ledger.outcomes()
    assert len(outcomes) == 183
    assert set(outcomes) == {"applied", "duplicate", "ignored"}
    assert await ledger.value("select count(*) from audit_entry where action = 'attempt.delivered'") == 3
    assert await ledger.value("select count(*) from audit_entry where action = 'update.told'") == 3


async def test_delivered_stands_against_a_later_undelivered(ledger: Ledger, applier: Applier) -> None:
    """Of a text both are kept, delivered is shown, and somebody is told; the other way round the delivery counts."""
    first, second = await ledger.sent(), await ledger.sent()
    await said(ledger, first, "delivered")
    await said(ledger, second, "undelivered", code="30008")
    await applier.once()
    await said(ledger, first, "undelivered", code="30008")
    await said(ledger, second, "delivered")
    await applier.once()
    assert (await ledger.state(first))[0] == "delivered"
    assert (await ledger.state(second))[0] == "delivered"
    assert (await ledger.alerts())["receipt_contradicts"] == 1


async def test_s11_replayed_a_thousand_times_changes_nothing(ledger: Ledger, applier: Applier) -> None:
    """The same genuine callback again and again leaves every row but its own receipts as it was."""
    sent = await ledger.sent()
    await said(ledger, sent, "delivered")
    await applier.once()
    query = (
        "select a::text, m::text, u::text from attempts a join messages m on m.id = a.message_id, updates u"
        " where a.id = $1 and u.id = $2"
    )
    before = await ledger.rows(query, sent.attempt, sent.update)
    entries = await ledger.value("select count(*) from audit_entry")
    async with ledger.pool.acquire() as connection:
        await connection.execute(
            "insert into receipts (provider, kind, token, provider_id, status, raw, received_at)"
            " select provider, kind, token, provider_id, status, raw, received_at + interval '1 day'"
            " from receipts cross join generate_series(1, 1000)"
        )
    assert await Applier(ledger.pool, CLOCK).once() == 1000
    assert await ledger.rows(query, sent.attempt, sent.update) == before
    assert await ledger.value("select count(*) from audit_entry") == entries
    assert set((await ledger.outcomes())[1:]) == {"duplicate"}


async def test_s13_a_receipt_that_does_not_fit_its_attempt(ledger: Ledger, applier: Applier) -> None:
    """Another name at the provider, another person's number, a name that belongs to another attempt: kept, told, no move."""
    one, two, fresh = await ledger.sent(), await ledger.sent(), await ledger.sent("intent")
    await said(ledger, one, "delivered", sid=OTHER_SID)
    await said(ledger, one, "delivered", to=two.address)
    await said(ledger, two, "delivered", token=one.token)
    await said(ledger, fresh, "delivered", sid=two.provider_id)
    await applier.once()
    assert await ledger.outcomes() == ["mismatch"] * 4
    assert [await ledger.state(sent) for sent in (one, two, fresh)] == [
        ("accepted", "sent"),
        ("accepted", "sent"),
        ("intent", "released"),
    ]
    assert (await ledger.alerts())["receipt_mismatch"] == 4


async def test_two_names_for_one_attempt_are_told(ledger: Ledger, applier: Applier) -> None:
    """If the provider made two messages of one attempt, the first counts and the second is told to somebody."""
    sent = await ledger.sent("unknown")
    await said(ledger, sent, "sent", sid="SM" + "a" * 32)
    await said(ledger, sent, "delivered", sid="SM" + "b" * 32)
    await applier.once()
    assert await ledger.outcomes() == ["applied", "mismatch"]
    assert (await ledger.state(sent))[0] == "sent"


async def test_a_token_of_nobody_is_kept_and_told(ledger: Ledger, applier: Applier) -> None:
    """Genuine, but of no attempt that this ledger knows: after a restore, for one."""
    sent = await ledger.sent()
    await said(ledger, sent, "delivered", token="0" * 32)
    await applier.once()
    assert await ledger.outcomes() == ["unmatched"]
    assert await ledger.alerts() == {"receipt_unmatched": 1}


@pytest.mark.parametrize("state", ["refused", "absent"])
async def test_evidence_for_what_was_given_up(ledger: Ledger, applier: Applier, state: str) -> None:
    """An absent attempt that turns up is a ghost; a refused one that is delivered is a contradiction. Both are told or shown."""
    sent = await ledger.sent(state)
    await said(ledger, sent, "delivered")
    await applier.once()
    attempt, _ = await ledger.state(sent)
    assert attempt == {"refused": "refused", "absent": "ghost"}[state]
    assert await ledger.outcomes() == [{"refused": "contradicts", "absent": "applied"}[state]]


async def test_several_appliers_at_once_apply_each_receipt_once(ledger: Ledger) -> None:
    """Four appliers over one backlog: nothing twice, nothing backwards, nothing left."""
    sents = [await ledger.sent() for _ in range(12)]
    for word in ("sent", "delivered", "sent"):
        for sent in sents:
            await said(ledger, sent, word)
    counts = await asyncio.gather(*(Applier(ledger.pool, CLOCK, batch=5).once() for _ in range(4)))
    assert await Applier(ledger.pool, CLOCK).once() + sum(counts) == 36
    assert {await ledger.state(sent) for sent in sents} == {("delivered", "told")}
    assert await ledger.value("select count(*) from audit_entry where action = 'attempt.delivered'") == 12


async def test_one_receipt_that_cannot_be_applied_keeps_nobody_waiting(
    ledger: Ledger, applier: Applier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It alone is put aside, kept, and told; its neighbours in the batch are applied."""
    good, bad, also = await ledger.sent(), await ledger.sent(), await ledger.sent()
    for sent in (good, bad, also):
        await said(ledger, sent, "delivered")

    async def breaks(connection: object, moves: object, journal: object) -> object:
        if any(move.attempt == bad.attempt for move in moves):  # type: ignore[attr-defined]  # the real one's parameters
            raise KeyError("a fault of ours")
        return await move_attempts(connection, moves, journal)  # type: ignore[arg-type]  # as above

    monkeypatch.setattr("services.dispatcher.receipts.apply.move_attempts", breaks)
    assert await applier.once() == 3
    assert [(await ledger.state(sent))[0] for sent in (good, bad, also)] == ["delivered", "accepted", "delivered"]
    assert await ledger.outcomes() == ["applied", "failed", "applied"]
    assert await ledger.alerts() == {"receipt_failed": 1}


# ---------------------------------------------------------------- answers


async def test_s07_stop_stops_the_number_at_once_and_plans_again(ledger: Ledger, applier: Applier) -> None:
    """The number is shut for every case of everybody who has it, the cases are planned again, and nothing owed is closed."""
    sent = await ledger.sent()
    await reply(ledger, sent.address, "Stop.")
    await applier.once()
    assert await ledger.outcomes() == ["stopped"]
    assert await ledger.rows("select suppressed_at is not null, suppressed_why from contact_detail") == [(True, "stop")]
    assert await ledger.rows("select force, case_id, why from replan") == [("staffs", "case-1", "stopped")]
    assert (await ledger.state(sent))[1] == "sent"
    entries = await ledger.rows("select action, force, subject, data from audit_entry")
    assert [entry[:3] for entry in entries] == [("contact.stopped", "staffs", "p1")]
    assert "7700" not in entries[0][3]


async def test_s08_start_never_lifts_a_stop(ledger: Ledger, applier: Applier) -> None:
    """It is told to a person, who asks in another way."""
    sent = await ledger.sent()
    await reply(ledger, sent.address, "STOP")
    await reply(ledger, sent.address, "START", "START")
    await applier.once()
    assert await ledger.outcomes() == ["stopped", "reply"]
    assert await ledger.value("select suppressed_at is not null from contact_detail")
    assert await ledger.alerts() == {"reply": 1}


async def test_anything_else_is_told_to_a_person_without_what_it_says(ledger: Ledger, applier: Applier) -> None:
    """The alert names the person by id and the receipt by number; a flood from one number is one alert."""
    sent = await ledger.sent()
    for _ in range(4):
        await reply(ledger, sent.address, "he is outside")
    await reply(ledger, "+447700900999", "who is this")
    await applier.once()
    rows = await ledger.rows("select about, count, owner, text from alerts order by about")
    assert [row[:3] for row in rows] == [("staffs/p1", 4, "victim_care"), ("unknown number", 1, "victim_care")]
    assert not any("outside" in row[3] or "7700" in row[3] for row in rows)


async def test_stop_from_a_number_nobody_knows(ledger: Ledger, applier: Applier) -> None:
    """It is kept, and there is nothing to stop."""
    await reply(ledger, "+447700900998", "STOP")
    await applier.once()
    assert await ledger.outcomes() == ["stopped_unknown"]
