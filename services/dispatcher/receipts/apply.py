"""Applies kept receipts: each moves its attempt forward or does nothing, and every one is kept with what became of it.

Receipts are hints that anybody who once saw one can repeat. Nothing here goes backwards, nothing is done twice, and a receipt
that does not fit its attempt in every point moves nothing and is told to somebody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from services import faults, logs
from services.clock import Clock
from services.dispatcher import retry
from services.dispatcher.receipts import rank, replies
from services.dispatcher.receipts.callbacks import Fields, Malformed, inbound_text, recipient
from services.dispatcher.receipts.reports import NOT_A_REPORT
from services.ledger import cases, receipts, vault
from services.ledger.alerts import raise_alert
from services.ledger.attempts import AttemptMove, move_attempts
from services.ledger.connection import AWAY, Connection, Pool
from services.ledger.counting import count as count_journal
from services.ledger.journal import Journal
from services.ledger.receipts import Settled, Stored, Target
from services.metrics import RECEIPTS

BATCH: Final = 200

log = logs.get(__name__)


class Applier:
    """Applies receipts that wait. Any number may run at once, in any number of processes."""

    def __init__(self, pool: Pool, clock: Clock, batch: int = BATCH) -> None:
        self._pool, self._clock, self._batch = pool, clock, batch

    async def once(self) -> int:
        """Apply everything that waits now, in transactions of `batch` receipts; returns how many were settled.

        Raises what says that the ledger is away; whoever calls comes again.
        """
        total = 0
        while True:
            async with self._pool.acquire() as connection:
                ids = await receipts.waiting(connection, self._batch)
            count = await self._some(ids)
            total += count
            if len(ids) < self._batch or not count:  # what is left is another applier's
                return total

    async def _some(self, ids: Sequence[int]) -> int:
        if not ids:
            return 0
        try:
            return await self._apply(ids)
        except AWAY:
            raise
        except Exception as error:  # noqa: BLE001 - one receipt that cannot be applied must not keep the others waiting
            log.warning("receipts_not_applied", error=type(error).__name__, count=len(ids))
        if len(ids) > 1:
            half = len(ids) // 2
            return await self._some(ids[:half]) + await self._some(ids[half:])
        return await self._put_aside(ids[0])

    async def _apply(self, ids: Sequence[int]) -> int:
        now = self._clock.now()
        journal = Journal("receipts", "receipts", now)
        async with self._pool.acquire() as connection, connection.transaction():
            taken = await receipts.take(connection, ids)
            if not taken:
                return 0
            settled = [await _reply(connection, receipt, journal) for receipt in taken if receipt.kind == "inbound"]
            about = [receipt for receipt in taken if receipt.kind != "inbound"]
            settled += await _apply_statuses(connection, about, journal)
            await receipts.settle(connection, settled, now)
            await journal.write(connection)
        faults.point("receipts.after_apply")
        count_journal(journal)
        for outcome, count in Counter(item.outcome for item in settled).items():
            RECEIPTS.labels(outcome).inc(count)
        return len(settled)

    async def _put_aside(self, receipt: int) -> int:
        """Keep a receipt that cannot be applied, and tell somebody."""
        now = self._clock.now()
        async with self._pool.acquire() as connection, connection.transaction():
            if not await receipts.take(connection, [receipt]):
                return 0
            await receipts.settle(connection, [Settled(receipt, "failed")], now)
            await raise_alert(
                connection,
                "receipt_failed",
                str(receipt),
                f"Receipt {receipt} could not be applied; it is kept.",
                "engineers",
                "Cleared by hand once the cause is found.",
                now,
            )
        RECEIPTS.labels("failed").inc()
        return 1


# ---------------------------------------------------------------- what became of our messages


async def _apply_statuses(connection: Connection, about: Sequence[Stored], journal: Journal) -> list[Settled]:
    found = await receipts.targets(connection, about)
    owners = await receipts.owners_of(
        connection, "twilio", [r.provider_id for r in about if r.kind == "status" and r.provider_id is not None]
    )
    details = await vault.addresses(
        connection, [target.detail for target in found.values() if target.detail is not None]
    )
    settled: list[Settled] = []
    fitting: dict[Target, list[Stored]] = {}
    names: dict[Target, str] = {}
    for receipt in about:
        target = found.get(receipt.id)
        if target is None:
            settled.append(Settled(receipt.id, "unmatched"))
            if receipt.kind == "status":
                await _tell(connection, journal, "receipt_unmatched", "twilio", "fits no attempt of ours")
        elif not _fits(receipt, target, owners, details, names):
            settled.append(Settled(receipt.id, "mismatch", target.attempt))
            journal.note("receipt.mismatch", target.force, target.attempt, {"receipt": receipt.id})
            await _tell(
                connection, journal, "receipt_mismatch", str(target.attempt), "does not fit the attempt it names"
            )
        else:
            fitting.setdefault(target, []).append(receipt)
    moves: list[AttemptMove] = []
    for target, group in fitting.items():
        settled += await _decide(connection, target, group, moves, journal)
    await move_attempts(connection, moves, journal)
    return settled


def _fits(
    receipt: Stored,
    target: Target,
    owners: Mapping[str, object],
    details: Mapping[int, vault.Address],
    names: dict[Target, str],
) -> bool:
    """Whether a receipt agrees with its attempt in all that both know: channel, the provider's name for it, the number."""
    if receipt.kind == "bounce":
        return target.channel == "email"
    if target.channel != "sms" or receipt.provider_id is None:
        return False
    expected = names.setdefault(target, target.provider_id or receipt.provider_id)
    if receipt.provider_id != expected or owners.get(receipt.provider_id, target.attempt) != target.attempt:
        return False
    to, detail = recipient(receipt.raw), details.get(target.detail or 0)
    return to is None or detail is None or to == detail.address


async def _decide(
    connection: Connection, target: Target, group: Sequence[Stored], moves: list[AttemptMove], journal: Journal
) -> list[Settled]:
    """Let the highest receipt of an attempt move it; the others are settled beside it."""
    said = [(receipt.id, state) for receipt in group if (state := rank.meaning(receipt)) is not None]
    first = rank.leading(target.channel, said) if said else None
    settled = []
    for receipt in group:
        decided = rank.decide(target.channel, target.state, rank.meaning(receipt))
        if decided.to is not None:
            if receipt.id == first:
                moves.append(_move(target, receipt, decided, journal))
            else:
                decided = rank.Decided("ignored")
        elif decided.outcome == "contradicts" or _undone(target, receipt):
            await _tell(connection, journal, "receipt_contradicts", str(target.attempt), "contradicts what is known")
        elif receipt.status == NOT_A_REPORT:
            # It may be a bounce in a form of its own, and silence would let the mail count as told.
            await _tell(
                connection, journal, "mail_unread", str(target.attempt), "is a mail that only a person can read"
            )
        settled.append(Settled(receipt.id, decided.outcome, target.attempt))
    return settled


def _undone(target: Target, receipt: Stored) -> bool:
    return target.channel == "sms" and target.state == "delivered" and rank.meaning(receipt) == "undelivered"


def _move(target: Target, receipt: Stored, decided: rank.Decided, journal: Journal) -> AttemptMove:
    assert decided.to is not None  # noqa: S101 - the caller asked
    provider_id = receipt.provider_id if target.channel == "sms" else None
    if decided.to != "undelivered":
        return AttemptMove(target.attempt, decided.to, provider_id)
    tried = retry.Tried(target.channel, target.number, journal.now, target.first_at, target.due_at)
    again = retry.after_undelivered(tried, receipt.code)
    return AttemptMove(
        target.attempt, "undelivered", provider_id, receipt.code, "The provider says it did not arrive.", again.again_at
    )


async def _tell(connection: Connection, journal: Journal, kind: str, about: str, what: str) -> None:
    await raise_alert(
        connection,
        kind,
        about,
        f"A receipt from the provider {what}; it is kept and changed nothing.",
        "engineers",
        "Cleared by hand once it is understood.",
        journal.now,
    )


# ---------------------------------------------------------------- what people answer


async def _reply(connection: Connection, receipt: Stored, journal: Journal) -> Settled:
    """STOP stops texts to the number at once; anything else is for a person to read. Nothing is ever answered."""
    try:
        text = inbound_text(Fields(receipt.raw))
    except Malformed:
        return Settled(receipt.id, "malformed")
    asked = replies.asks(text.body, text.opt_out)
    if asked != "stop":
        details = await vault.details_with(connection, "sms", text.sender)
        await _tell_of_reply(connection, receipt, asked, await vault.people_with(connection, details), journal)
        return Settled(receipt.id, "reply")
    details = await vault.suppress(connection, "sms", text.sender, "stop", journal.now)
    people = await vault.people_with(connection, details)
    for force, person in sorted(people):
        journal.note("contact.stopped", force, person, {"channel": "sms", "receipt": receipt.id})
    touched = await cases.cases_of(connection, people) if people else set()
    if touched:
        await cases.plan_again(connection, touched, "stopped")
        journal.wake("kept_replan")
    return Settled(receipt.id, "stopped" if details else "stopped_unknown")


async def _tell_of_reply(
    connection: Connection,
    receipt: Stored,
    asked: replies.Asks,
    people: Sequence[tuple[str, str]],
    journal: Journal,
) -> None:
    what = (
        "asks for texts again: confirm it with them in another way before anything is switched on"
        if asked == "start"
        else "answered a text: read it and see to it"
    )
    for about in sorted(f"{force}/{person}" for force, person in people) or ["unknown number"]:
        await raise_alert(
            connection,
            "reply",
            about,
            f"Somebody {what} (receipt {receipt.id}). Nothing was answered.",
            "victim_care",
            "Cleared once somebody has read it.",
            journal.now,
        )
