"""What a transaction leaves behind besides rows: audit entries, status events going out, wake-ups; written last, together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from services.ledger import audit, outbox
from services.ledger.connection import Connection
from services.ledger.outbox import Status

Wakeup = Literal["kept_due", "kept_outbox", "kept_replan", "kept_receipts"]
WAKEUPS: Final[tuple[Wakeup, ...]] = ("kept_due", "kept_outbox", "kept_replan", "kept_receipts")
"""PostgreSQL notification channels: something became due or finished; statuses wait; cases wait; receipts wait."""


@dataclass(slots=True)
class Journal:
    """Collects as a transaction goes along; `write` puts it all down just before the commit (the audit's tail is locked last)."""

    stream: str  # one of audit.STREAMS
    actor: str  # who did it: scheduler, dispatcher, receipts, or a person's name
    now: datetime  # case time
    entries: list[audit.Entry] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    wakeups: set[Wakeup] = field(default_factory=set)

    def note(self, action: str, force: str, subject: str | UUID, data: Mapping[str, Any] | None = None) -> None:
        """Remember one audit entry about `subject` (an id)."""
        self.entries.append(audit.Entry(action, force, str(subject), self.actor, data or {}))

    def status(self, status: Status) -> None:
        """Remember one status event to go out."""
        self.statuses.append(status)

    def wake(self, channel: Wakeup) -> None:
        """Wake whoever listens on `channel` once this has committed."""
        self.wakeups.add(channel)

    async def write(self, connection: Connection) -> None:
        """Put everything down. Call it once, as the last thing before the commit."""
        if self.statuses:
            await outbox.put(connection, self.statuses, self.now)
            self.wakeups.add("kept_outbox")
        if self.wakeups:
            await connection.execute("select pg_notify(c, '') from unnest($1::text[]) c", sorted(self.wakeups))
        await audit.append(connection, self.stream, self.entries, self.now)
