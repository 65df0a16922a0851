"""Where bounces come in: a small SMTP listener for the return path that stores every mail raw and passes nothing on."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiosmtpd.smtp import SMTP, Envelope, Session

from services import faults, logs
from services.clock import Clock
from services.dispatcher.receipts.reports import other_mail, read_report, verp_token
from services.ledger import receipts
from services.ledger.connection import Pool
from services.ledger.receipts import Received
from services.metrics import RECEIPTS

LARGEST_MAIL: Final = 512 * 1024
IDLE_SECONDS: Final = 60.0
STORE_SECONDS: Final = 20.0

log = logs.get(__name__)


class _Handler:
    """aiosmtpd's hooks; it calls them by these names."""

    def __init__(self, pool: Pool, clock: Clock, domain: str) -> None:
        self._pool, self._clock, self._domain = pool, clock, domain.casefold()

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take mail for the bounce domain only, and one recipient a mail: a report is about one attempt."""
        if address.rpartition("@")[2].casefold() != self._domain:
            return "550 5.7.1 this listener takes reports of our own mail only"
        if envelope.rcpt_tos:
            return "452 4.5.3 one recipient at a time"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        """Keep the mail, then say so; with the ledger away the sender keeps it and comes again."""
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode("utf-8", "surrogateescape")
        faults.point("receipts.before_store")
        try:
            async with asyncio.timeout(STORE_SECONDS), self._pool.acquire() as connection:
                await receipts.keep(connection, _received(raw, envelope.rcpt_tos), self._clock.now())
        except Exception as error:  # noqa: BLE001 - whatever ails the ledger, the sender keeps the mail and comes again
            RECEIPTS.labels("ledger_away").inc()
            log.warning("receipt_not_kept", error=type(error).__name__)
            return "451 4.3.0 try again later"
        faults.point("receipts.after_store")
        return "250 2.0.0 kept"

    async def handle_exception(self, error: Exception) -> str:
        """Answer trouble without quoting it: its text may hold an address."""
        log.warning("bounce_listener_trouble", error=type(error).__name__)
        return "451 4.3.0 try again later"


def _received(raw: bytes, recipients: list[str]) -> Received:
    report = read_report(raw)
    verp = verp_token(recipients[0]) if recipients else None
    if report is None:
        return Received("smtp", "bounce", raw, token=verp, status=other_mail(raw))
    token = report.envelope_id or verp
    return Received("smtp", "bounce", raw, token, report.message_id, report.action, report.code)


@asynccontextmanager
async def bounce_listener(
    pool: Pool, clock: Clock, *, domain: str, on: socket.socket, idle_seconds: float = IDLE_SECONDS
) -> AsyncIterator[None]:
    """Listen on a bound socket for as long as the block runs. `domain` is the return path's."""
    loop = asyncio.get_running_loop()
    handler = _Handler(pool, clock, domain)
    sessions: set[SMTP] = set()

    def session() -> SMTP:
        made = SMTP(
            handler,
            data_size_limit=LARGEST_MAIL,
            hostname=domain,
            ident="Kept Informed",
            timeout=idle_seconds,
            loop=loop,
        )
        sessions.add(made)
        return made

    server = await loop.create_server(session, sock=on)
    try:
        yield
    finally:
        server.close()
        for made in sessions:
            if made.transport is not None:
                made.transport.close()
        await server.wait_closed()
