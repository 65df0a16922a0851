"""Receipts: what providers said after a message was handed over, kept raw before anybody looks at them, and never thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from services.ledger.connection import Connection
from services.ledger.states import AttemptState

Kind = Literal["status", "inbound", "bounce"]


@dataclass(frozen=True, slots=True)
class Received:
    """One thing that a provider said. `raw` is what came, byte for byte; the rest is what was read out of it."""

    provider: str  # twilio, smtp
    kind: Kind
    raw: bytes
    token: str | None = None
    provider_id: str | None = None
    status: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """A receipt that waits to be applied."""

    id: int
    provider: str
    kind: Kind
    token: str | None
    provider_id: str | None
    status: str | None
    code: str | None
    raw: bytes


@dataclass(frozen=True, slots=True)
class Target:
    """The attempt that a receipt is about, locked together with its message."""

    attempt: UUID
    state: AttemptState
    channel: str
    number: int
    provider_id: str | None
    force: str
    detail: int | None
    due_at: datetime | None
    first_at: datetime  # case time of the message's first try


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a receipt: one word, and the attempt that it was matched to."""

    receipt: int
    outcome: str
    attempt: UUID | None = None


_KEEP: Final = """
with kept as (
    insert into receipts (provider, kind, token, provider_id, status, code, raw, received_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8) returning id
)
select id, pg_notify('kept_receipts', '') from kept
"""

_LOCK: Final = """
select a.id, a.state, a.channel, a.number, a.provider_id, m.force, m.detail_id, m.due_at,
    (select min(f.at) from attempts f where f.message_id = m.id) as first_at
from attempts a join messages m on m.id = a.message_id
where a.id = any($1::uuid[]) order by m.id, a.id for no key update of m, a
"""


async def keep(connection: Connection, received: Received, now: datetime) -> int:
    """Keep one receipt and wake whoever applies them; returns its id. `now` is case time."""
    found: int = await connection.fetchval(
        _KEEP,
        received.provider,
        received.kind,
        received.token,
        received.provider_id,
        received.status,
        received.code,
        received.raw,
        now,
    )
    return found


async def waiting(connection: Connection, limit: int) -> list[int]:
    """The oldest receipts that are not applied yet."""
    rows = await connection.fetch("select id from receipts where applied_at is null order by id limit $1", limit)
    return [row["id"] for row in rows]


async def take(connection: Connection, ids: Sequence[int]) -> list[Stored]:
    """Lock those of `ids` that nobody has applied or is applying, oldest first."""
    rows = await connection.fetch(
        "select id, provider, kind, token, provider_id, status, code, raw from receipts"
        " where applied_at is null and id = any($1::bigint[]) order by id for update skip locked",
        ids,
    )
    return [Stored(*row.values()) for row in rows]


async def targets(connection: Connection, receipts: Sequence[Stored]) -> dict[int, Target]:
    """The attempt of each receipt: by its token, else (a bounce) by the Message-ID of the mail. Locked as for moving them."""
    tokens = {receipt.token for receipt in receipts if receipt.token is not None}
    mails = {r.provider_id for r in receipts if r.kind == "bounce" and r.provider_id is not None}
    by_token: dict[str, UUID] = {}
    by_mail: dict[str, UUID] = {}
    if tokens:
        rows = await connection.fetch("select token, id from attempts where token = any($1::text[])", list(tokens))
        by_token = {row["token"]: row["id"] for row in rows}
    if mails:
        rows = await connection.fetch(
            "select distinct on (m.message_id) m.message_id, a.id from messages m join attempts a on a.message_id = m.id"
            " where m.message_id = any($1::text[]) and a.state not in ('refused', 'not_sent')"
            " order by m.message_id, a.number desc",
            list(mails),
        )
        by_mail = {row["message_id"]: row["id"] for row in rows}
    matched: dict[int, UUID] = {}
    for receipt in receipts:
        attempt = by_token.get(receipt.token or "")
        if attempt is None and receipt.kind == "bounce":
            attempt = by_mail.get(receipt.provider_id or "")
        if attempt is not None:
            matched[receipt.id] = attempt
    locked = {row["id"]: Target(*row.values()) for row in await connection.fetch(_LOCK, list(set(matched.values())))}
    return {receipt: locked[attempt] for receipt, attempt in matched.items()}


async def owners_of(connection: Connection, provider: str, provider_ids: Sequence[str]) -> dict[str, UUID]:
    """Which attempt each of the provider's names is known to belong to."""
    rows = await connection.fetch(
        "select provider_id, id from attempts where provider = $1 and provider_id = any($2::text[])",
        provider,
        provider_ids,
    )
    return {row["provider_id"]: row["id"] for row in rows}


async def settle(connection: Connection, settled: Sequence[Settled], now: datetime) -> None:
    """Note what became of receipts, in the transaction that applied them. `now` is case time."""
    await connection.execute(
        "update receipts r set applied_at = $4, outcome = s.outcome, attempt_id = s.attempt"
        " from unnest($1::bigint[], $2::text[], $3::uuid[]) s (id, outcome, attempt) where r.id = s.id",
        [item.receipt for item in settled],
        [item.outcome for item in settled],
        [item.attempt for item in settled],
        now,
    )
