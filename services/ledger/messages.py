"""Messages on their way: which are due, who has which, for how long, and putting them back.

`planned -> released -> sending -> finished`, or `void`. Releasing gives a message an epoch, a release and a lease on the
database's clock; whoever holds an older epoch can do nothing with it any more. A partial unique index keeps one unfinished
message a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from services.ledger.brakes import NONE, Brakes
from services.ledger.connection import Connection


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the road sees it. Instants are case time."""

    id: UUID
    force: str
    case: str
    person: str
    kind: Literal["news", "prompt"]
    channel: str
    contact: str
    language: str
    style: str
    reference: str
    epoch: int
    tries: int
    detail: int | None
    message_id: str | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Carried:
    """An update that a message carries, as far as sending it depends on it."""

    id: UUID
    case: str
    update_point: str
    edition: str
    cls: str
    state: str
    kind: str | None
    correction: bool
    """It takes back something that the person heard: a correction, a move of what they knew, a stand-down."""
    contested: bool
    due_at: datetime | None
    enhanced: bool
    flagged: bool
    facts: Mapping[str, Any]
    for_whom: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a dispatcher was given, and must still have for its intent to be committed."""

    message: UUID
    release: UUID
    epoch: int


_COLUMNS: Final = (
    "m.id, m.force, m.case_id, m.person_id, m.kind, m.channel, m.contact_id, m.language, m.style, m.reference, m.epoch,"
    " m.tries, m.detail_id, m.message_id, m.due_at"
)
_DUE: Final = "greatest(m.send_at, coalesce(m.not_before, m.send_at))"


def _message(row: Any) -> Message:
    return Message(*row.values())


# Two scalar lookups by key, not `not exists`: the planner would join with everything unfinished, by nested loops while its
# statistics still say that nothing is.
_CLAIM: Final = f"""
select {_COLUMNS} from messages m
where m.state = 'planned' and {_DUE} <= $1
    and not m.channel = any($3::text[]) and not m.force = any($4::text[])
    and (select true from messages u where u.force = m.force and u.person_id = m.person_id
        and u.state in ('released', 'sending') limit 1) is null
    and (select true from messages e where e.force = m.force and e.person_id = m.person_id and e.state = 'planned'
        and e.id <> m.id and greatest(e.send_at, coalesce(e.not_before, e.send_at)) <= $1
        and (greatest(e.send_at, coalesce(e.not_before, e.send_at)), e.id) < ({_DUE}, m.id) limit 1) is null
order by {_DUE} limit $2 for update of m skip locked
"""  # noqa: S608  # constants


async def claim_due(connection: Connection, now: datetime, limit: int, brakes: Brakes = NONE) -> list[Message]:
    """Lock messages that are due by `now`, oldest first: the first of each person who has none unfinished."""
    rows = await connection.fetch(_CLAIM, now, limit, list(brakes.channels), list(brakes.forces))
    return [_message(row) for row in rows]


_TAKES_BACK: Final = (
    "(u.corrects is not null or u.facts ?| array['was_at', 'vacated']"
    " or u.update_point in ('r8-not-needed', 'w-stood-down'))"
)

_BRAKED: Final = f"""
select {_COLUMNS} from messages m
where m.state = 'planned' and m.kind = 'news' and {_DUE} <= $1
    and ($3 or m.channel = any($4::text[]) or m.force = any($5::text[]))
    and not exists (select from message_update mu join updates u on u.id = mu.update_id
        where mu.message_id = m.id and not {_TAKES_BACK})
order by {_DUE} limit $2 for update of m skip locked
"""  # noqa: S608  # constants


async def claim_braked(
    connection: Connection, now: datetime, limit: int, brakes: Brakes, *, stopped: bool
) -> list[Message]:
    """Lock news that is due, takes back something that somebody heard, and that a brake keeps from going."""
    channels, forces = list(brakes.channels), list(brakes.forces)
    rows = await connection.fetch(_BRAKED, now, limit, stopped or brakes.everything, channels, forces)
    return [_message(row) for row in rows]


async def unfinished(connection: Connection) -> int:
    """How many messages are released or being sent."""
    return int(await connection.fetchval("select count(*) from messages where state in ('released', 'sending')"))


async def next_due(connection: Connection, after: datetime) -> datetime | None:
    """When (case time) the next message becomes due after `after`."""
    found: datetime | None = await connection.fetchval(
        f"select {_DUE} from messages m where m.state = 'planned' and {_DUE} > $1 order by {_DUE} limit 1",  # noqa: S608  # a constant
        after,
    )
    return found


async def next_lease_end(connection: Connection) -> float | None:
    """Machine seconds until the first lease ends; None when nothing is leased."""
    found = await connection.fetchval(
        "select extract(epoch from lease_until - clock_timestamp()) from messages where state in ('released', 'sending')"
        " order by lease_until limit 1"
    )
    return None if found is None else max(0.0, float(found))


async def release(
    connection: Connection, claimed: Sequence[tuple[UUID, UUID]], lease_seconds: float, now: datetime
) -> dict[UUID, int]:
    """Release claimed messages as (message, release); returns each one's new epoch."""
    rows = await connection.fetch(
        "update messages m set state = 'released', epoch = m.epoch + 1, release = r.release,"
        " lease_until = clock_timestamp() + make_interval(secs => $3), changed_at = $4"
        " from unnest($1::uuid[], $2::uuid[]) r (id, release) where m.id = r.id returning m.id, m.epoch",
        [message for message, _ in claimed],
        [release_id for _, release_id in claimed],
        lease_seconds,
        now,
    )
    return {row["id"]: row["epoch"] for row in rows}


_OURS: Final = f"""
select {_COLUMNS} from messages m join unnest($1::uuid[], $2::uuid[], $3::int[]) c (id, release, epoch) on m.id = c.id
where m.state = 'released' and m.epoch = c.epoch and m.release = c.release and m.lease_until > clock_timestamp()
order by m.id for no key update of m
"""  # noqa: S608  # constants


async def still_ours(connection: Connection, claims: Sequence[Claim]) -> list[Message]:
    """Lock those messages, by id, that are still as they were given and whose lease runs; the others are no longer ours."""
    rows = await connection.fetch(
        _OURS,
        [claim.message for claim in claims],
        [claim.release for claim in claims],
        [claim.epoch for claim in claims],
    )
    return [_message(row) for row in rows]


_CARRIED: Final = f"""
select mu.message_id, u.id, u.case_id, u.update_point, u.edition, u.cls, u.state, u.kind,
    {_TAKES_BACK} as correction, u.contested, u.due_at, coalesce((u.explanation ->> 'enhanced')::boolean, true) as enhanced,
    coalesce((u.explanation ->> 'flagged')::boolean, true) as flagged, case when $2 then u.facts else '{{}}'::jsonb end as facts,
    u.for_whom
from message_update mu join updates u on u.id = mu.update_id where mu.message_id = any($1::uuid[]) order by mu.position, u.id
"""  # noqa: S608  # constants


async def carried(
    connection: Connection, messages: Sequence[UUID], *, facts: bool = False
) -> dict[UUID, list[Carried]]:
    """The updates of each message, with what they state only if `facts`.

    What the plan did not say of a person counts as enhanced and flagged.
    """
    found: dict[UUID, list[Carried]] = {message: [] for message in messages}
    for row in await connection.fetch(_CARRIED, messages, facts):
        message, *rest = row.values()
        found[message].append(Carried(*rest))
    return found


async def put_back(connection: Connection, rows: Sequence[tuple[UUID, datetime | None]], now: datetime) -> None:
    """Plan messages again, as (message, not before; None keeps what was). The epoch moves on, so an old release is void."""
    if rows:
        await connection.execute(
            "update messages m set state = 'planned', epoch = m.epoch + 1, release = null, lease_until = null,"
            " not_before = coalesce(r.not_before, m.not_before), check_at = null, changed_at = $3"
            " from unnest($1::uuid[], $2::timestamptz[]) r (id, not_before) where m.id = r.id",
            [message for message, _ in rows],
            [not_before for _, not_before in rows],
            now,
        )


async def void(connection: Connection, ids: Sequence[UUID], now: datetime) -> None:
    """Give messages up before anything left: their updates are somebody else's affair now."""
    if ids:
        await connection.execute(
            "update messages set state = 'void', epoch = epoch + 1, release = null, lease_until = null, check_at = null,"
            " changed_at = $2 where id = any($1::uuid[])",
            ids,
            now,
        )


async def expired(connection: Connection, limit: int) -> tuple[list[Message], list[Message]]:
    """Lock messages whose lease has run out, as (released, sending)."""
    rows = await connection.fetch(
        f"select {_COLUMNS}, m.state from messages m where m.state in ('released', 'sending')"  # noqa: S608  # a constant
        " and m.lease_until < clock_timestamp() order by m.id limit $1 for update of m skip locked",
        limit,
    )
    found: dict[str, list[Message]] = {"released": [], "sending": []}
    for row in rows:
        *rest, state = row.values()
        found[state].append(Message(*rest))
    return found["released"], found["sending"]


_LATELY: Final = """
select m.detail_id, count(*) as n, min(a.at) as oldest
from messages m join attempts a on a.message_id = m.id
where m.detail_id = any($1::bigint[]) and a.at > $2 and a.state not in ('refused', 'not_sent', 'absent')
group by m.detail_id
"""


async def sent_since(
    connection: Connection, details: Sequence[int], since: datetime
) -> dict[int, tuple[int, datetime]]:
    """For each contact detail: how many attempts since then left, or may have, and when the first of them did."""
    rows = await connection.fetch(_LATELY, details, since)
    return {row["detail_id"]: (row["n"], row["oldest"]) for row in rows}


async def oldest_due(connection: Connection, now: datetime) -> float:
    """Case seconds by which the oldest message that is due waits for its release; 0 when none is due."""
    found = await connection.fetchval(
        f"select extract(epoch from $1 - min({_DUE})) from messages m where m.state = 'planned' and {_DUE} <= $1",  # noqa: S608  # a constant
        now,
    )
    return 0.0 if found is None else float(found)
