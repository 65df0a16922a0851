"""`kept scheduler`: intake, planning again, release, timers and the relay, each a loop of one process. Any number may run."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from functools import partial
from typing import Final

from aiokafka.errors import KafkaError

from schemas.editions.load import load_books
from schemas.topics import CASE_EVENTS, DELIVERY_STATUS, UPDATES_DUE
from services import kafka, logs, memory, metrics
from services.clock import Clock
from services.ledger import alerts, holds, messages
from services.ledger.brakes import OutsideStop
from services.ledger.connection import AWAY, Pool, answers, close_pool, open_pool
from services.ledger.gate_views import Gatekeeping
from services.ledger.signals import Wakeups
from services.loops import PATIENCE, go_round
from services.ops import Progress
from services.runner import Stopping, ops_pages, run_until_stopped
from services.scheduler.calendar import Holidays
from services.scheduler.escalation import Untaken
from services.scheduler.feeds import Feeds
from services.scheduler.intake import Intake, subscribe
from services.scheduler.relay import Publisher, Relay
from services.scheduler.release import Releaser
from services.scheduler.replan import next_replan, replan_due
from services.scheduler.timers import Overdue, Unanswered, Waiting
from services.scheduler.working_days import england_and_wales
from services.settings import SchedulerSettings

log = logs.get(__name__)

_GAUGE_SECONDS: Final = 5.0
_TIMER_SECONDS: Final = 1.0
"""Machine seconds between two looks at the timers, however often something changes."""
_GONE: Final = (*AWAY, KafkaError)


class Scheduler:
    """The loops of one scheduler over one pool."""

    def __init__(
        self, pool: Pool, clock: Clock, intake: Intake, releaser: Releaser, relay: Relay, waiting: Waiting
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._intake = intake
        self._releaser = releaser
        self._relay = relay
        self._overdue = Overdue(pool)
        self._unanswered = Unanswered(pool)
        self._waiting = waiting
        self._untaken = Untaken(pool)
        self._feeds = Feeds(pool)
        self._holidays = Holidays(pool, intake.calendar)

    async def replan(self) -> float | None:
        """Plan what asked for it; returns machine seconds until the next case's time comes."""
        intake = self._intake
        if await replan_due(
            self._pool, self._clock, intake.books, intake.calendar, wait_for_rules=intake.wait_for_rules
        ):
            return 0
        at = await next_replan(self._pool)
        return None if at is None else self._clock.machine_seconds_until(at)

    async def release(self) -> float | None:
        """Release one batch; returns machine seconds until the next message is due or the next lease ends."""
        done = await self._releaser.once()
        if done.count:
            return 0
        waits = [] if done.next_at is None else [self._clock.machine_seconds_until(done.next_at)]
        return min([*waits, *([] if done.again_in is None else [done.again_in])], default=None)

    async def time(self) -> float | None:
        """Do what time alone asks for; returns machine seconds until it asks again."""
        now = self._clock.now()
        timers = (self._overdue, self._unanswered, self._untaken, self._feeds, self._holidays)
        at = [await timer.once(now) for timer in timers]
        waiting = await self._waiting.once(now)
        waits = [self._clock.machine_seconds_until(instant) for instant in at if instant is not None]
        return min([*waits, *([] if waiting is None else [waiting])], default=None)

    async def relay(self) -> float | None:
        """Relay one batch of status events."""
        return 0 if await self._relay.once() else None

    async def gauge(self) -> float | None:
        """Look at what is counted by looking."""
        async with self._pool.acquire() as connection:
            held = await holds.open_by_queue(connection)
            open_alerts = await alerts.open_alerts(connection)
            oldest = await messages.oldest_due(connection, self._clock.now())
        metrics.HELD.clear()
        for queue, count in held.items():
            metrics.HELD.labels(queue).set(count)
        metrics.ALERTS_OPEN.clear()
        for kind, count in open_alerts.items():
            metrics.ALERTS_OPEN.labels(kind).set(count)
        metrics.DUE_OLDEST.set(oldest)
        return _GAUGE_SECONDS


async def run(settings: SchedulerSettings) -> None:
    """Run one scheduler until it is asked to stop."""
    clock = settings.case_clock()
    progress, stopping = Progress(), Stopping()
    stopping.listen()
    production = settings.environment == "production"
    url = settings.database_url.get_secret_value()
    async with AsyncExitStack() as stack:
        pool = await open_pool(url, name="kept-scheduler", size=8)
        stack.push_async_callback(close_pool, pool)
        await kafka.require_topics(settings, (CASE_EVENTS, UPDATES_DUE, DELIVERY_STATUS))
        wakeups = await stack.enter_async_context(Wakeups(url))
        sender = await kafka.producer(settings)
        stack.push_async_callback(sender.stop)
        publisher = Publisher(sender, settings.kafka_prefix)
        intake = Intake(pool, clock, load_books(), england_and_wales(), wait_for_rules=production)
        await Holidays(pool, intake.calendar).adopt(clock.now())
        scheduler = Scheduler(
            pool,
            clock,
            intake,
            Releaser(
                pool,
                clock,
                publisher.publish,
                Gatekeeping(production, OutsideStop(settings.stop, settings.stop_file)),
                bound=settings.released_bound,
                lease_seconds=settings.lease_seconds,
            ),
            Relay(pool, publisher),
            Waiting(pool, settings.waiting_alert_seconds),
        )
        # A batch that takes longer is cut off and rolled back; the rest of the time is for leaving the group.
        broker = kafka.broker(settings, settings.shutdown_seconds * 3 / 4)
        topic = CASE_EVENTS.full_name(settings.kafka_prefix)
        consuming = subscribe(
            broker,
            topic,
            f"{settings.kafka_prefix}scheduler",
            intake,
            partial(progress.beat, "intake"),
            session_seconds=settings.kafka_session_seconds,
        )

        ready = {"broker": kafka.answers(broker), "ledger": answers(pool)}
        await stack.enter_async_context(ops_pages(settings.ops_listen, progress, ready))
        progress.expect("intake", PATIENCE)
        await broker.start()
        go = partial(go_round, progress=progress, away=_GONE)
        due, outbox, replans = (wakeups.event(name) for name in ("kept_due", "kept_outbox", "kept_replan"))
        changed = wakeups.event("kept_outbox")
        memory.collect_seldom()
        log.info("started", clock=settings.clock)
        await run_until_stopped(
            {
                "replan": lambda: go("replan", scheduler.replan, replans),
                "release": lambda: go("release", scheduler.release, due),
                "timers": lambda: go("timers", scheduler.time, changed, least_seconds=_TIMER_SECONDS),
                "relay": lambda: go("relay", scheduler.relay, outbox),
                "gauges": lambda: go("gauges", scheduler.gauge, asyncio.Event()),
                "intake": consuming,
            },
            stopping,
            progress,
            broker.stop,
            settings.shutdown_seconds,
        )
    log.info("stopped")
