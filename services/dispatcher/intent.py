"""The intent: the row that is committed before the first byte leaves.

In one transaction for a group of messages: are they still ours, does every gate stand open now, what are the words, to which
number; then the attempt is written. No row, no send.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from schemas.updates import UpdatesDue
from services import faults, logs
from services.clock import Clock
from services.dispatcher.gateways import Email, Sms
from services.dispatcher.writing import Origins, Written, put_into_words
from services.ledger import messages as road
from services.ledger import vault
from services.ledger.alerts import raise_alert
from services.ledger.connection import AWAY, Connection, Pool
from services.ledger.counting import count
from services.ledger.gate_views import Gatekeeping, load_views
from services.ledger.gates import Shut, first_shut
from services.ledger.journal import Journal
from services.ledger.messages import Carried, Claim, Message
from services.ledger.shutting import Stopped, stop_messages, void_overtaken
from services.ledger.vault import Address

log = logs.get(__name__)

SINK: Final = "sink"
"""The provider of messages to people who may not be written to outside production: recorded, and nothing leaves."""
PROVIDERS: Final[Mapping[str, str]] = {"sms": "twilio", "email": "smtp"}


@dataclass(frozen=True, slots=True)
class Send:
    """A committed intent: exactly one of these is made of each, and it is sent at most once."""

    attempt: UUID
    message: UUID
    force: str
    channel: str
    provider: str
    number: int
    first_at: datetime  # case time of the message's first attempt
    due_at: datetime | None
    sent_by: float  # monotonic seconds: the lease ends then, and the send may not begin any more
    sms: Sms | None = None
    email: Email | None = None


@dataclass(frozen=True, slots=True)
class _Before:
    """The message's earlier attempts: when the first was, and the failed one that this one makes good."""

    first_at: datetime
    resend_of: UUID | None


class Intents:
    """Commits intents for what `updates-due` brings."""

    def __init__(
        self, pool: Pool, clock: Clock, keeping: Gatekeeping, origins: Origins, *, lease_seconds: float = 90
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._keeping = keeping
        self._origins = origins
        self._lease_seconds = lease_seconds

    async def commit(self, due: Sequence[UpdatesDue]) -> list[Send]:
        """Commit intents for those of `due` that are still ours and may go; raises what the database raises.

        A connection that is lost in the commit leaves open whether it holds. Nothing is sent then: the lease settles it.
        """
        claims = {record.message: Claim(record.message, record.release, record.epoch) for record in due}
        started = asyncio.get_running_loop().time()
        async with self._pool.acquire() as connection, connection.transaction():
            ours = await road.still_ours(connection, list(claims.values()))
            if not ours:
                return []
            journal = Journal("dispatch", "dispatcher", self._clock.now())
            written = await self._judge(connection, ours, journal)
            sends = await self._write(connection, written, started + self._lease_seconds, journal)
            await journal.write(connection)
            faults.point("dispatch.before_intent_commit")
        faults.point("dispatch.after_intent_commit")
        count(journal)
        return sends

    async def tell(self, due: UpdatesDue) -> None:
        """Tell somebody of a message whose intent cannot be committed: it goes round by its lease until the fault is found."""
        try:
            async with self._pool.acquire() as connection:
                await raise_alert(
                    connection,
                    "intent_failed",
                    due.message,
                    "A message cannot be sent because of a fault in the software; its updates wait.",
                    "engineers",
                    "Cleared by hand once the fault is found.",
                    self._clock.now(),
                )
        except AWAY:
            log.exception("alert_not_raised", message=str(due.message))

    # ------------------------------------------------------------ deciding

    async def _judge(self, connection: Connection, ours: Sequence[Message], journal: Journal) -> list[Written]:
        carried = await road.carried(connection, [message.id for message in ours], facts=True)
        addresses: dict[int, Address] = {}

        async def read_shut(connection: Connection, details: Sequence[int]) -> dict[int, str]:
            addresses.update(await vault.addresses(connection, details))
            return {
                detail: "stopped" if found.suppressed else "suspect"
                for detail, found in addresses.items()
                if found.suppressed or found.suspect
            }

        views = await load_views(connection, ours, carried, self._keeping, journal.now, read_shut)
        written: list[Written] = []
        stopped: list[Stopped] = []
        overtaken: list[tuple[Message, Sequence[Carried]]] = []
        for message in ours:
            updates, view = carried[message.id], views[message.id]
            if not _fits(message, updates):
                overtaken.append((message, updates))
                continue
            found = first_shut(view) or put_into_words(
                message, updates, view, addresses, self._origins, self._clock.rate
            )
            if isinstance(found, Shut):
                stopped.append((message, updates, found))
            else:
                written.append(found)
        await stop_messages(connection, stopped, journal)
        await void_overtaken(connection, overtaken, journal)
        return written

    # ------------------------------------------------------------ writing

    async def _write(
        self, connection: Connection, written: Sequence[Written], sent_by: float, journal: Journal
    ) -> list[Send]:
        if not written:
            return []
        before = await _before(connection, [item.message.id for item in written if item.message.tries])
        sends, attempts, messages = [], [], []
        for item in written:
            message, words, token = item.message, item.words, secrets.token_hex(16)
            earlier = before.get(message.id) or _Before(journal.now, None)
            allowed = self._origins.may_receive(item.to.address)
            provider = PROVIDERS[message.channel] if allowed else SINK
            message_id = message.message_id
            if message.channel == "email" and message_id is None:
                message_id = f"{message.id.hex}@{self._origins.bounce_domain}"
            due_at = min((at for update in item.updates if (at := update.due_at) is not None), default=None)
            send = Send(
                attempt=uuid4(),
                message=message.id,
                force=message.force,
                channel=message.channel,
                provider=provider,
                number=message.tries + 1,
                first_at=earlier.first_at,
                due_at=due_at,
                sent_by=sent_by,
                sms=self._sms(item, token) if message.channel == "sms" else None,
                email=self._email(item, token, message_id) if message_id is not None else None,
            )
            digest = hashlib.sha256(f"{words.subject or ''}\0{words.body}".encode()).hexdigest()
            attempts.append(
                (send.attempt, message.id, send.number, message.channel, provider, token, earlier.resend_of)
            )
            messages.append(
                (
                    message.id,
                    send.number,
                    item.to.detail,
                    words.template,
                    words.version,
                    words.subject,
                    words.body,
                    digest,
                    message_id,
                    due_at,
                )
            )
            journal.note("attempt.intent", message.force, send.attempt, _facts(item, send, digest))
            sends.append(send)
        await connection.execute(_ATTEMPTS, *_columns(attempts), journal.now)
        await connection.execute(_SENDING, *_columns(messages), self._lease_seconds, journal.now)
        return sends

    def _sms(self, item: Written, token: str) -> Sms:
        callback = f"{self._origins.receipts_url}/twilio/status?attempt={token}"
        return Sms(item.to.address, item.sender, item.words.body, callback, item.validity)

    def _email(self, item: Written, token: str, message_id: str) -> Email:
        return Email(
            to=item.to.address,
            sender=item.sender,
            sender_name=item.sender_name,
            return_path=f"bounce+{token}@{self._origins.bounce_domain}",
            message_id=message_id,
            envelope_id=token,
            subject=item.words.subject or "",
            body=item.words.body,
            language=item.message.language,
        )


_ATTEMPTS: Final = """
insert into attempts (id, message_id, number, channel, provider, token, state, resend_of, at)
select id, message_id, number, channel, provider, token, 'intent', resend_of, $8
from unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::text[], $6::text[], $7::uuid[])
    as w (id, message_id, number, channel, provider, token, resend_of)
"""

_SENDING: Final = """
update messages m set state = 'sending', lease_until = clock_timestamp() + make_interval(secs => $11), tries = w.tries,
    detail_id = w.detail_id, template = w.template, template_version = w.version, subject = w.subject, body = w.body,
    body_digest = w.digest, message_id = w.message_id, due_at = w.due_at, changed_at = $12
from unnest($1::uuid[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::timestamptz[]) w (id, tries, detail_id, template, version, subject, body, digest, message_id, due_at)
where m.id = w.id
"""

_BEFORE: Final = """
select message_id, min(at) as first_at,
    (array_agg(id order by number desc) filter (where state in ('undelivered', 'absent')))[1] as resend_of
from attempts where message_id = any($1::uuid[]) group by message_id
"""


async def _before(connection: Connection, tried: Sequence[UUID]) -> dict[UUID, _Before]:
    if not tried:
        return {}
    rows = await connection.fetch(_BEFORE, tried)
    return {row["message_id"]: _Before(row["first_at"], row["resend_of"]) for row in rows}


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _facts(item: Written, send: Send, digest: str) -> dict[str, Any]:
    """What the audit keeps of an intent: what was said to whom, by ids and digests."""
    return {
        "channel": send.channel,
        "provider": send.provider,
        "message": str(send.message),
        "number": send.number,
        "kind": item.message.kind,
        "contact": item.message.contact,
        "detail": item.to.detail,
        "template": item.words.template,
        "version": item.words.version,
        "body": digest,
        "updates": [str(update.id) for update in item.updates],
    }


def _fits(message: Message, updates: Sequence[Carried]) -> bool:
    """Whether what it carries was released with it, or for a prompt is still held."""
    wanted = "released" if message.kind == "news" else "held"
    return bool(updates) and all(update.state == wanted for update in updates)
