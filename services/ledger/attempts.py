"""Attempts: each try to hand one message to one provider, and everything that follows from what became of it.

`move_attempts` is the one place where the outcome of a send, a receipt or a lost lease moves an attempt; its message, its
updates, its holds and its contact follow in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.ledger import cases, codes, confirming, vault
from services.ledger.alerts import raise_alert
from services.ledger.connection import Connection
from services.ledger.holding import ToHold, hold_updates
from services.ledger.journal import Journal
from services.ledger.states import ATTEMPT_MOVES, LIVE_ATTEMPT_STATES, AttemptState
from services.ledger.updates import UpdateMove, move_updates


@dataclass(frozen=True, slots=True)
class AttemptMove:
    """One attempt's move. `code` is `twilio:30003` or `smtp:550/5.1.1`; `reason` is our sentence, never the provider's text."""

    attempt: UUID
    to: AttemptState
    provider_id: str | None = None
    code: str | None = None
    reason: str | None = None
    again_at: datetime | None = None
    """Case time: the policy's decision to plan its message again then (`not_sent`, `undelivered`); None gives it to a person."""


@dataclass(frozen=True, slots=True)
class _Moved:
    """An attempt that moves, with its message."""

    move: AttemptMove
    start: AttemptState
    channel: str
    number: int
    message: UUID
    force: str
    case: str
    kind: str
    message_state: str
    detail: int | None
    due_at: datetime | None
    other_live: bool
    """Another attempt of the message is live: this one can only be noted."""


_TAKEN: Final[frozenset[AttemptState]] = frozenset({"accepted", "sent", "delivered"})
_NEVER_HEARD: Final[frozenset[AttemptState]] = frozenset({"intent", "unknown"})
_FAILED: Final[frozenset[AttemptState]] = frozenset({"refused", "not_sent", "undelivered", "unknown"})
_WAITING: Final = frozenset({"planned", "released"})

_LOCK: Final = """
select a.id, a.state, a.channel, a.number, m.id as message_id, m.force, m.case_id, m.kind, m.state as message_state,
    m.detail_id, m.due_at,
    exists (select from attempts o where o.message_id = a.message_id and o.id <> a.id and o.state = any($2::text[])) as other_live
from attempts a join messages m on m.id = a.message_id
where a.id = any($1::uuid[]) order by m.id, a.id for no key update of m, a
"""

_MOVE: Final = """
update attempts a set state = w.state, provider_id = coalesce(a.provider_id, w.provider_id), code = coalesce(w.code, a.code),
    reason = coalesce(w.reason, a.reason), ended_at = $6, ended_machine = clock_timestamp()
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) w (id, state, provider_id, code, reason)
where a.id = w.id
"""

_SETTLE: Final = """
update messages m set state = w.state, epoch = m.epoch + w.step, release = null, lease_until = null,
    not_before = coalesce(w.not_before, m.not_before), check_at = w.check_at, changed_at = $6
from unnest($1::uuid[], $2::text[], $3::int[], $4::timestamptz[], $5::timestamptz[]) w (id, state, step, not_before, check_at)
where m.id = w.id
"""

_CARRIED: Final = """
select mu.message_id, u.id, u.state, u.evidence, u.edition, u.update_point, u.cls,
    coalesce((u.explanation ->> 'enhanced')::boolean, true) as enhanced
from message_update mu join updates u on u.id = mu.update_id where mu.message_id = any($1::uuid[])
"""


async def move_attempts(connection: Connection, moves: Sequence[AttemptMove], journal: Journal) -> list[UUID]:
    """Move attempts as `states.ATTEMPT_MOVES` allows and all that follows; returns the ids of those that moved, in order.

    A move that the table does not hold from the attempt's present state (a receipt that would go backwards) does nothing. At
    most one move an attempt in one call. The caller owns the transaction and writes the journal last.
    """
    if not moves:
        return []
    wanted = {move.attempt: move for move in moves}
    if len(wanted) != len(moves):
        raise ValueError("an attempt is named twice in one set of moves")
    rows = await connection.fetch(_LOCK, list(wanted), list(LIVE_ATTEMPT_STATES))
    found = [item for item in (_moved(row, wanted) for row in rows) if item is not None]
    if not found:
        return []
    moved = [item for item in found if not _contradicts(item)]
    news = await _carried(connection, [item for item in found if item.kind == "news"])
    await _write(connection, moved, journal)
    await _settle_messages(connection, moved, news, journal)
    await _move_updates(connection, found, news, journal)
    await _mark_contacts(connection, moved, journal)
    for item in found:
        if _contradicts(item):
            journal.note(
                "attempt.contradicted", item.force, item.move.attempt, {"from": item.start, "says": item.move.to}
            )
    done = {item.move.attempt for item in moved}
    return [move.attempt for move in moves if move.attempt in done]


def _moved(row: Any, wanted: Mapping[UUID, AttemptMove]) -> _Moved | None:
    attempt, start, channel, *rest = row.values()
    move = wanted[attempt]
    if (start, move.to) not in ATTEMPT_MOVES:
        return None
    if (start, move.to) == ("delivered", "undelivered") and channel != "email":
        return None  # only a mail can bounce after it was taken; of a text, delivered stands
    return _Moved(move, start, channel, *rest)


def _contradicts(item: _Moved) -> bool:
    """A try that was given up turns out to have arrived while the next one is already on its way: both stand as they are."""
    return item.other_live and item.move.to in LIVE_ATTEMPT_STATES and item.start not in LIVE_ATTEMPT_STATES


async def _write(connection: Connection, moved: Sequence[_Moved], journal: Journal) -> None:
    if not moved:
        return
    await connection.execute(
        _MOVE,
        [item.move.attempt for item in moved],
        [item.move.to for item in moved],
        [item.move.provider_id for item in moved],
        [item.move.code for item in moved],
        [item.move.reason for item in moved],
        journal.now,
    )
    for item in moved:
        data: dict[str, Any] = {
            "from": item.start,
            "channel": item.channel,
            "message": str(item.message),
            "number": item.number,
        }
        if item.move.provider_id is not None:
            data["provider_id"] = item.move.provider_id
        if item.move.code is not None:
            data["code"] = item.move.code
        journal.note(f"attempt.{item.move.to}", item.force, item.move.attempt, data)


async def _carried(connection: Connection, news: Sequence[_Moved]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {item.message: [] for item in news}
    if found:
        for row in await connection.fetch(_CARRIED, list(found)):
            found[row["message_id"]].append(row)
    return found


# ---------------------------------------------------------------- the message


async def _settle_messages(
    connection: Connection, moved: Sequence[_Moved], news: Mapping[UUID, Collection[Any]], journal: Journal
) -> None:
    """Whatever became of its attempt, a message is no longer being sent: some go round again, some are looked at later."""
    settled: list[tuple[UUID, str, int, datetime | None, datetime | None]] = []
    for item in moved:
        again = _again(item)
        if again is not None:
            settled.append((item.message, "planned", 1, again, None))
        elif item.move.to in _TAKEN:
            if (item.start, item.move.to) == ("accepted", "sent"):
                continue  # nothing new for the message: it is looked at when it would have been
            # What waits to be sent again must not go: the earlier try arrived after all.
            step = 1 if item.message_state in _WAITING else 0
            look_at = _look_at(item, news.get(item.message, ()), journal.now)
            settled.append((item.message, "finished", step, None, look_at))
        elif item.move.to in _FAILED:
            settled.append((item.message, "finished", 0, None, None))
    if settled:
        await connection.execute(_SETTLE, *(list(column) for column in zip(*settled, strict=True)), journal.now)
        journal.wake("kept_due")


def _again(item: _Moved) -> datetime | None:
    """When the message goes round again, if the policy says so. After an unknown outcome a person has it already."""
    if item.move.to == "not_sent" or (item.move.to == "undelivered" and item.start != "unknown"):
        return item.move.again_at if item.message_state in {"sending", "finished"} else None
    return None


def _look_at(item: _Moved, carried: Collection[Any], now: datetime) -> datetime | None:
    if item.kind != "news" or item.move.to == "delivered":
        return None
    receipt = item.channel == "sms" or not all(
        confirming.no_bounce_suffices(row["edition"], row["update_point"], row["cls"], enhanced=row["enhanced"])
        for row in carried
    )
    return confirming.look_at(now, item.due_at, receipt=receipt)


# ---------------------------------------------------------------- the updates


async def _move_updates(
    connection: Connection, found: Sequence[_Moved], news: Mapping[UUID, Collection[Any]], journal: Journal
) -> None:
    """Only news moves an update; a prompt never does."""
    sent: list[UpdateMove] = []
    told: list[UpdateMove] = []
    planned: list[UpdateMove] = []
    held: list[ToHold] = []
    for item in found:
        ids = [row["id"] for row in news.get(item.message, ())]
        to = item.move.to
        if to in _TAKEN and item.start in _NEVER_HEARD:
            sent += [UpdateMove(update, "sent", f"attempt_{to}") for update in ids]
        if to == "delivered":
            told += [UpdateMove(update, "told", "delivered", "delivered") for update in ids]
        elif to in _FAILED and _again(item) is not None:
            planned += [UpdateMove(update, "planned", f"attempt_{to}") for update in ids]
        elif to in _FAILED:
            held += [_to_hold(item, row["id"]) for row in news.get(item.message, ()) if not _told_otherwise(row)]
    for moves in (sent, told, planned):
        await move_updates(connection, moves, journal)
    await hold_updates(connection, held, journal)


def _told_otherwise(row: Any) -> bool:
    """Whether a person has told it meanwhile: that a message failed takes nothing from it."""
    return row["state"] == "told" and row["evidence"] not in {"delivered", "no_bounce"}


def _to_hold(item: _Moved, update: UUID) -> ToHold:
    meaning = codes.unsure() if item.move.to == "unknown" else codes.meaning(item.move.code)
    return ToHold(update, f"attempt_{item.move.to}", meaning.text, meaning.task)


# ---------------------------------------------------------------- the contact


async def _mark_contacts(connection: Connection, moved: Sequence[_Moved], journal: Journal) -> None:
    """A code that says that a number or address is wrong, or wants no more, shuts it for every message."""
    spoilt: list[int] = []
    alerts: dict[str, str] = {}
    for item in moved:
        if item.move.to not in {"refused", "undelivered", "not_sent"} or item.move.code is None:
            continue
        meaning = codes.meaning(item.move.code)
        if meaning.alert is not None:
            alerts[item.move.code] = meaning.alert
        if item.move.to == "not_sent" or item.detail is None or meaning.contact is None:
            continue
        spoilt.append(item.detail)
        await _shut(connection, item, meaning.contact, journal)
    for code, text in alerts.items():
        clears = "Cleared by hand once messages are taken again."
        await raise_alert(connection, "provider_refuses", code, f"{text} ({code}).", "engineers", clears, journal.now)
    if spoilt:
        people = await vault.people_with(connection, spoilt)
        await cases.plan_again(connection, await cases.cases_of(connection, people), "contact_shut")
        journal.wake("kept_replan")


async def _shut(connection: Connection, item: _Moved, why: codes.Contact, journal: Journal) -> None:
    detail, code = item.detail, item.move.code
    if detail is None or code is None:
        return
    if why == "suspect":
        await vault.mark_suspect(connection, [detail], code, journal.now)
    else:
        found = await vault.addresses(connection, [detail])
        await vault.suppress(connection, item.channel, found[detail].address, code, journal.now)
    journal.note(f"contact.{why}", item.force, str(detail), {"code": code, "attempt": str(item.move.attempt)})
