"""Messages that were handed over, as the dispatcher leaves them: what receipts are about."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.clock import Clock
from services.ledger.connection import Pool

MIDDAY = datetime(2026, 3, 9, 12, tzinfo=UTC)
FORCE = "staffs"
CLOCK = Clock(datetime.now(UTC), MIDDAY, 1)


@dataclass(frozen=True)
class Sent:
    """One message with one update and one attempt."""

    message: UUID
    update: UUID
    attempt: UUID
    token: str
    address: str
    provider_id: str | None
    message_id: str | None = None


@dataclass
class Ledger:
    """A ledger under test, with short ways to ask it things."""

    pool: Pool
    made: int = field(default=0)

    async def sent(
        self,
        state: str = "accepted",
        *,
        channel: str = "sms",
        provider_id: str | None = "new",
        update_state: str | None = None,
    ) -> Sent:
        """A person's message whose attempt is in `state`."""
        self.made += 1
        number = self.made
        address = f"+44770090{number:04d}" if channel == "sms" else f"person{number}@mail.example.org"
        mail = f"{uuid4().hex}@staffs.example" if channel == "email" else None
        if provider_id == "new":
            provider_id = (
                (mail or f"SM{uuid4().hex}") if state not in {"intent", "unknown", "absent", "refused"} else None
            )
        sent = Sent(uuid4(), uuid4(), uuid4(), uuid4().hex, address, provider_id, mail)
        who, case = f"p{number}", f"case-{number}"
        message_state = "sending" if state == "intent" else "finished"
        update_state = update_state or {"intent": "released", "unknown": "held", "refused": "held"}.get(state, "sent")
        async with self.pool.acquire() as connection, connection.transaction():
            detail = await connection.fetchval(
                "insert into contact_detail (force, medium, normal, address) values ($1, $2, $3, $3) returning id",
                FORCE,
                "phone" if channel == "sms" else "email",
                address,
            )
            await connection.execute("insert into person (force, person_id) values ($1, $2)", FORCE, who)
            await connection.execute("insert into case_file (force, case_id) values ($1, $2)", FORCE, case)
            await connection.execute("insert into case_person values ($1, $2, $3)", FORCE, case, who)
            await connection.execute(
                "insert into contact_point values ($1, $2, 'c1', '/force/staffs/rms', 'e1', $3)", FORCE, who, detail
            )
            await connection.execute(
                "insert into updates (id, force, case_id, person_id, update_point, source, event_id, edition, cls, state, kind,"
                " channel, contact_id, send_at, due_at, facts, facts_hash, reasons, explanation, plan_digest, created_at,"
                " changed_at) values ($1, $2, $3, $4, 'r6-arrest', '/force/staffs/rms', 'e2', 'vc-2020',"
                " 'routine', $5, 'news', $6, 'c1', $7, $8, '{}', 'h', '[]',"
                ' \'{"enhanced": false, "say": [], "never_say": []}\', \'\', $7, $7)',
                sent.update,
                FORCE,
                case,
                who,
                update_state,
                channel,
                MIDDAY,
                MIDDAY + timedelta(days=3),
            )
            await connection.execute(
                "insert into messages (id, force, case_id, person_id, kind, channel, contact_id, language, style, reference,"
                " state, send_at, due_at, detail_id, message_id, created_at, changed_at) values ($1, $2, $3, $4, 'news', $5,"
                " 'c1', 'en', 'plain', $6, $7, $8, $9, $10, $11, $8, $8)",
                sent.message,
                FORCE,
                case,
                who,
                channel,
                f"R{number:07d}",
                message_state,
                MIDDAY,
                MIDDAY + timedelta(days=3),
                detail,
                mail,
            )
            await connection.execute("insert into message_update values ($1, $2)", sent.message, sent.update)
            await connection.execute(
                "insert into attempts (id, message_id, number, channel, provider, token, state, provider_id, at)"
                " values ($1, $2, 1, $3, $4, $5, $6, $7, $8)",
                sent.attempt,
                sent.message,
                channel,
                "twilio" if channel == "sms" else "smtp",
                sent.token,
                state,
                provider_id,
                MIDDAY,
            )
        return sent

    async def value(self, query: str, *values: Any) -> Any:
        """One value."""
        async with self.pool.acquire() as connection:
            return await connection.fetchval(query, *values)

    async def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows as tuples."""
        async with self.pool.acquire() as connection:
            return [tuple(row.values()) for row in await connection.fetch(query, *values)]

    async def state(self, sent: Sent) -> tuple[str, str]:
        """The state of the attempt and of the update."""
        [(attempt, update)] = await self.rows(
            "select a.state, u.state from attempts a, updates u where a.id = $1 and u.id = $2",
            sent.attempt,
            sent.update,
        )
        return attempt, update

    async def outcomes(self) -> list[str | None]:
        """What became of each receipt, in the order in which they came."""
        return [row[0] for row in await self.rows("select outcome from receipts order by id")]

    async def alerts(self) -> dict[str, int]:
        """Open alerts by kind."""
        return dict(await self.rows("select kind, sum(count)::int from alerts where cleared_at is null group by kind"))
