"""`kept receipts`: callbacks over HTTP and bounces over SMTP, kept raw at once and applied in a loop of their own."""

from __future__ import annotations

from contextlib import AsyncExitStack
from functools import partial

from services import logs
from services.dispatcher.receipts.apply import Applier
from services.dispatcher.receipts.bounces import bounce_listener
from services.dispatcher.receipts.web import receipts_app
from services.ledger.connection import AWAY, answers, close_pool, open_pool
from services.ledger.signals import Wakeups
from services.loops import go_round
from services.ops import Progress
from services.runner import Stopping, bind, ops_pages, run_until_stopped, serving
from services.settings import ReceiptsSettings, SettingsWrong, host_and_port

log = logs.get(__name__)


async def _nothing_in_flight() -> None:
    """What was taken in is in the ledger: whoever starts next applies it."""


async def run(settings: ReceiptsSettings) -> None:
    """Run until asked to stop."""
    clock = settings.case_clock()
    progress, stopping = Progress(), Stopping()
    stopping.listen()
    url = settings.database_url.get_secret_value()
    if settings.receipts_smtp_listen and not settings.bounce_domain:
        raise SettingsWrong("KEPT_BOUNCE_DOMAIN is missing: the bounce listener takes mail for that domain only")
    async with AsyncExitStack() as stack:
        pool = await open_pool(url, name="kept-receipts", size=8)
        stack.push_async_callback(close_pool, pool)
        wakeups = await stack.enter_async_context(Wakeups(url))
        applier = Applier(pool, clock)

        async def apply() -> float | None:
            return 0 if await applier.once() else None

        await stack.enter_async_context(ops_pages(settings.ops_listen, progress, {"ledger": answers(pool)}))
        web = receipts_app(
            pool,
            clock,
            public_url=settings.receipts_public_url,
            account_sid=settings.twilio_account_sid,
            auth_tokens=[settings.twilio_auth_token.get_secret_value()],
        )
        on = bind(host_and_port(settings.receipts_listen), "KEPT_RECEIPTS_LISTEN")
        await stack.enter_async_context(serving(web, on))
        if settings.receipts_smtp_listen and settings.bounce_domain:
            mail = bind(host_and_port(settings.receipts_smtp_listen), "KEPT_RECEIPTS_SMTP_LISTEN")
            await stack.enter_async_context(bounce_listener(pool, clock, domain=settings.bounce_domain, on=mail))
        woken = wakeups.event("kept_receipts")
        log.info("started", clock=settings.clock)
        await run_until_stopped(
            {"apply": partial(go_round, "apply", apply, woken, progress, AWAY)},
            stopping,
            progress,
            _nothing_in_flight,
            settings.shutdown_seconds,
        )
    log.info("stopped")
