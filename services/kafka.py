"""How every process reaches the broker: security, a FastStream broker, a producer that waits for all copies, and the topics."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError
from faststream.kafka import KafkaBroker
from faststream.security import BaseSecurity, SASLScram512
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from schemas.topics import TOPICS, Topic
from services.refusals import Refused
from services.settings import KafkaSettings

_PATIENCE: Final = 30
_LOOK_SECONDS: Final = 1.0
_LARGEST: Final = 9 * 1024 * 1024
_BATCH: Final = 256 * 1024


class ReadingEnded(RuntimeError):
    """Raised when the loop that reads a topic is over although nobody stopped it."""


class TopicsMissing(Refused):
    """Raised when the broker lacks topics that a service needs; the text names them and the command that makes them."""


def _tls(settings: KafkaSettings) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.kafka_ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def security(settings: KafkaSettings) -> BaseSecurity | None:
    """FastStream's security object for the settings; None in plain text."""
    if settings.kafka_security == "plaintext":
        return None
    if settings.kafka_security == "tls":
        return BaseSecurity(ssl_context=_tls(settings), use_ssl=True)
    username, password = settings.kafka_credentials()
    return SASLScram512(username=username, password=password, ssl_context=_tls(settings), use_ssl=True)


def _client(settings: KafkaSettings) -> dict[str, Any]:
    given: dict[str, Any] = {"bootstrap_servers": settings.kafka_bootstrap}
    if settings.kafka_security != "plaintext":
        given |= {"security_protocol": "SSL", "ssl_context": _tls(settings)}
    if settings.kafka_security == "sasl_tls":
        username, password = settings.kafka_credentials()
        given |= {
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": username,
            "sasl_plain_password": password,
        }
    return given


def broker(settings: KafkaSettings, graceful_seconds: float) -> KafkaBroker:
    """A broker that makes no topics, logs nothing of records, and lets handlers finish before it stops."""
    return KafkaBroker(
        settings.kafka_bootstrap,
        security=security(settings),
        allow_auto_create_topics=False,
        graceful_timeout=graceful_seconds,
        logger=None,
    )


def reading_tasks(subscriber: Any) -> Callable[[], list[asyncio.Task[Any]]]:
    """What gives the tasks in which a FastStream subscriber reads, none before it starts."""
    return lambda: list(getattr(subscriber, "tasks", ()))


async def while_somebody_reads(what: str, tasks: Callable[[], list[asyncio.Task[Any]]]) -> AsyncIterator[None]:
    """Come by every second for as long as somebody reads; raises ReadingEnded once all `tasks` are over.

    FastStream starts a reading task again that failed, not one that was cancelled: the process would live and read nothing.
    """
    seen = False
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        now = tasks()
        seen = seen or bool(now)
        if seen and all(task.done() for task in now):
            raise ReadingEnded(f"nobody reads {what} any more")
        yield


async def producer(settings: KafkaSettings) -> AIOKafkaProducer:
    """A started producer: acknowledged by all copies, idempotent, a little patience to fill batches."""
    made = AIOKafkaProducer(
        **_client(settings),
        acks="all",
        enable_idempotence=True,
        linger_ms=2,
        max_batch_size=_BATCH,
        max_request_size=_LARGEST,
    )
    async for attempt in AsyncRetrying(
        retry=retry_if_exception_type((KafkaError, OSError)),
        stop=stop_after_delay(_PATIENCE),
        wait=wait_random_exponential(multiplier=0.1, max=2),
        reraise=True,
    ):
        with attempt:
            await made.start()
    return made


def answers(made: KafkaBroker) -> Callable[[], Awaitable[str | None]]:
    """The readiness check of a broker: None while it answers."""

    async def check() -> str | None:
        return None if await made.ping(timeout=2) else "away"

    return check


async def _admin(settings: KafkaSettings) -> AIOKafkaAdminClient:
    admin = AIOKafkaAdminClient(**_client(settings))
    async for attempt in AsyncRetrying(
        retry=retry_if_exception_type((KafkaError, OSError)),
        stop=stop_after_delay(_PATIENCE),
        wait=wait_random_exponential(multiplier=0.1, max=2),
        reraise=True,
    ):
        with attempt:
            await admin.start()
    return admin


async def present_topics(settings: KafkaSettings) -> frozenset[str]:
    """The names of the topics on the broker."""
    admin = await _admin(settings)
    try:
        return frozenset(await admin.list_topics())
    finally:
        await admin.close()


async def create_topics(settings: KafkaSettings, topics: Sequence[Topic] = TOPICS, copies: int = 1) -> list[str]:
    """Make those topics that are not there; returns the names of the new ones."""
    there = await present_topics(settings)
    wanted = [topic for topic in topics if topic.full_name(settings.kafka_prefix) not in there]
    admin = await _admin(settings)
    try:
        await admin.create_topics(
            [
                NewTopic(
                    topic.full_name(settings.kafka_prefix),
                    topic.partitions,
                    copies,
                    topic_configs={"retention.ms": str(topic.retention_days * 86_400_000), **topic.config},
                )
                for topic in wanted
            ]
        )
    except TopicAlreadyExistsError:
        pass  # somebody else made them in between, which is what was wanted
    finally:
        await admin.close()
    return [topic.full_name(settings.kafka_prefix) for topic in wanted]


async def require_topics(settings: KafkaSettings, topics: Sequence[Topic]) -> None:
    """Services never create topics: raise TopicsMissing with the names of those that are not there."""
    there = await present_topics(settings)
    missing = [name for topic in topics if (name := topic.full_name(settings.kafka_prefix)) not in there]
    if missing:
        raise TopicsMissing(f"the broker has no topic {', '.join(missing)}: run `kept topics create`")
