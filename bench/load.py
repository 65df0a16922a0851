"""Events for the measurements: invented people, each in a case of their own; and what all of them together are owed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from aiokafka import AIOKafkaProducer

from schemas.editions.load import load_books
from schemas.envelope import read_event
from services.ledger.force_rules import read_rules
from services.sandbox.story import force_file
from services.scheduler.explain import explain
from services.scheduler.working_days import england_and_wales

SOURCE = "/force/sample/bench"
_SECONDS: Final = 9000
"""Less than the part of the night before the measurements begin: all cases are of one day, and have the same deadlines."""
FORCE: Final = force_file()
"""The sample force as it ships: a machine says what it may, and asks people to ring for what it may not."""
ONE_TEXT: Final = f"""{FORCE}
[[switch]]
update_points = ["*"]
people = "any"
way = "person"

[[switch]]
update_points = ["r6-arrest"]
offence_classes = ["other"]
people = "standard"
way = "automated"
"""
"""A force in which a machine tells of an arrest, and says and asks nothing else: one text a case."""


def _event(case: int, number: int, kind: str, at: datetime, data: dict[str, Any]) -> tuple[bytes, bytes]:
    value = {
        "specversion": "1.0",
        "id": f"{case}-{number}",
        "source": SOURCE,
        "type": kind,
        "subject": f"case-{case}",
        "time": at.isoformat(),
        "knownat": at.isoformat(),
        "sequence": number,
        "data": data,
    }
    return f"sample/case-{case}".encode(), orjson.dumps(value)


def number_of(case: int) -> str:
    """A made-up number for each case; the measurements run where nothing real can be reached."""
    return f"+44770090{case:04d}" if case < 1000 else f"+447{400_000_000 + case}"


def a_case(case: int, at: datetime) -> Iterator[tuple[bytes, bytes]]:
    """Four events, as (key, value): what kind of case, who, how they were assessed, and an arrest that is owed to them.

    All the books make seven updates of them: the arrest, which a text tells; what is owed to everybody who reports a crime, of
    which one is done already and four wait for a person; and the next contact, which is planned for its day. Every case has an
    instant of its own shortly before `at`, so that nothing is reckoned once for all of them.
    """
    at -= timedelta(seconds=case % _SECONDS)
    person = f"p-{case}"
    yield _event(case, 1, "crime.recorded", at, {"reference": f"22/{case}/26", "offence_classes": ["other"]})
    contact = {"id": f"{person}-sms", "channel": "sms", "value": number_of(case), "safe": True}
    recorded = {"person": person, "roles": ["victim"], "contacts": [contact], "preference": {"plain_wording": True}}
    yield _event(case, 2, "person.recorded", at, recorded)
    assessed = {"person": person, "enhanced": False, "gateways": [], "assessed_by": "PC Sample"}
    yield _event(case, 3, "needs_assessment.completed", at, assessed)
    arrest = {"suspect": f"s-{case}", "where": "custody"}
    yield _event(case, 4, "suspect.arrested", at + timedelta(minutes=1), arrest)


def cases(count: int, at: datetime, interleave: int = 50) -> Iterator[tuple[bytes, bytes]]:
    """`count` cases, their events interleaved so that those of one case do not come in one go."""
    for start in range(0, count, interleave):
        group = [list(a_case(case, at)) for case in range(start, min(start + interleave, count))]
        for number in range(4):
            for events in group:
                yield events[number]


@dataclass(frozen=True, slots=True)
class Owed:
    """What stands in a ledger once it agrees with the plans: updates by state, and messages that wait by kind."""

    updates: Counter[str]
    messages: Counter[str]


def owed(count: int, at: datetime, force: str = FORCE) -> Owed:
    """What `count` cases come to under a force's file, by the plan of one of them."""
    rules = read_rules(force)
    reads = [read_event(value) for _, value in a_case(1, at)]
    (found,) = explain(reads, load_books(), england_and_wales(), rules_of=lambda _: rules)
    return Owed(
        Counter([str(update.state) for update in found.plan.updates for _ in range(count)]),
        Counter([str(message.kind) for message in found.plan.messages for _ in range(count)]),
    )


async def publish(bootstrap: str, topic: str, records: Iterable[tuple[bytes, bytes]]) -> int:
    """Publish (key, value) records and wait until the broker has them all; returns how many."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=5)
    await producer.start()
    waiting = []
    total = 0
    for key, value in records:
        waiting.append(await producer.send(topic, value, key=key))
        total += 1
        if len(waiting) >= 5000:
            await asyncio.gather(*waiting)
            waiting = []
    await asyncio.gather(*waiting)
    await producer.stop()
    return total
