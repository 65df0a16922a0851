"""`kept dispatcher`: reads what was released, commits intents, sends, and records outcomes. Any number may run."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from functools import partial

from schemas.topics import UPDATES_DUE
from services import kafka, logs, memory
from services.dispatcher.dispatch import Dispatcher, subscribe
from services.dispatcher.email import SmtpEmail
from services.dispatcher.intent import Intents
from services.dispatcher.markers import Markers
from services.dispatcher.outcomes import Recorder
from services.dispatcher.sms import TwilioSms
from services.dispatcher.writing import Origins
from services.ledger.brakes import OutsideStop
from services.ledger.connection import answers, close_pool, open_pool
from services.ledger.gate_views import Gatekeeping
from services.ops import Progress
from services.runner import Stopping, ops_pages, run_until_stopped
from services.settings import DispatcherSettings
from services.wording.templates import library

log = logs.get(__name__)


def _sms(settings: DispatcherSettings) -> TwilioSms:
    return TwilioSms(
        account_sid=settings.twilio_account_sid,
        api_key=settings.twilio_api_key,
        api_secret=settings.twilio_api_secret.get_secret_value(),
        base_url=settings.twilio_base_url,
        connections=settings.sends_in_flight,
    )


def _email(settings: DispatcherSettings) -> SmtpEmail:
    return SmtpEmail(
        host=settings.smtp_host,
        port=settings.smtp_port,
        tls=settings.smtp_tls,
        username=settings.smtp_username,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        ca_file=settings.smtp_ca_file,
        hello_name=settings.bounce_domain,
    )


async def run(settings: DispatcherSettings) -> None:
    """Run one dispatcher until it is asked to stop."""
    clock = settings.case_clock()
    progress, stopping = Progress(), Stopping()
    stopping.listen()
    url = settings.database_url.get_secret_value()
    async with AsyncExitStack() as stack:
        pool = await open_pool(url, name="kept-dispatcher", size=6)
        stack.push_async_callback(close_pool, pool)
        await kafka.require_topics(settings, (UPDATES_DUE,))
        sms, email = _sms(settings), _email(settings)
        stack.push_async_callback(sms.close)
        stack.push_async_callback(email.close)
        keeping = Gatekeeping(settings.environment == "production", OutsideStop(settings.stop, settings.stop_file))
        origins = Origins(
            settings.twilio_from,
            settings.email_from,
            settings.bounce_domain,
            settings.receipts_public_url.rstrip("/"),
            settings.may_receive,
        )
        dispatcher = Dispatcher(
            Intents(pool, clock, keeping, origins, lease_seconds=settings.lease_seconds),
            Recorder(pool, clock),
            Markers(pool),
            sms=sms,
            email=email,
            sends_in_flight=settings.sends_in_flight,
        )
        broker = kafka.broker(settings, settings.shutdown_seconds)
        topic = UPDATES_DUE.full_name(settings.kafka_prefix)
        reading = subscribe(
            broker,
            topic,
            f"{settings.kafka_prefix}dispatcher",
            dispatcher,
            partial(progress.beat, "dispatch"),
            session_seconds=settings.kafka_session_seconds,
        )

        ready = {"broker": kafka.answers(broker), "ledger": answers(pool)}
        await stack.enter_async_context(ops_pages(settings.ops_listen, progress, ready))
        await broker.start()

        finished = asyncio.Event()

        async def dispatching() -> None:
            try:
                await dispatcher.run()
            finally:
                finished.set()

        async def stop() -> None:
            await broker.stop()
            await dispatcher.stop()
            await finished.wait()

        library("en")  # read before the first message asks for it
        memory.collect_seldom()
        log.info("started", clock=settings.clock)
        await run_until_stopped(
            {"dispatch": dispatching, "reading": reading}, stopping, progress, stop, settings.shutdown_seconds
        )
    log.info("stopped")
