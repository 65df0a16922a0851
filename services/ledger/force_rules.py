"""A force's own rules: hours, senders, cadence, queues, switches. Data of the force, kept with history, never environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.ledger.connection import Connection
from services.ledger.contact_hours import Window

Way = Literal["automated", "prompt", "person"]


@dataclass(frozen=True, slots=True)
class Senders:
    """Who messages are from, and the telephone number that every message gives."""

    plain: str | None
    cover: str | None
    email: str | None
    telephone: str


@dataclass(frozen=True, slots=True)
class Queue:
    """Where a hold waits for a person. `staffed` None means always."""

    name: str
    staffed: tuple[Window, ...] | None
    acknowledge_minutes: int
    next: str | None


@dataclass(frozen=True, slots=True)
class Switch:
    """How news of some update points (globs) goes, for some offence classes and kinds of people."""

    update_points: tuple[str, ...]
    offence_classes: tuple[str, ...]
    people: Literal["standard", "enhanced", "any"]
    way: Way


@dataclass(frozen=True, slots=True)
class ForceRules:
    """The rules of one force as they stand."""

    force: str
    name: str
    live_from: datetime | None
    senders: Senders
    send_hours: tuple[Window, ...]
    cadence_days: int
    reminder_days: tuple[int, ...]
    contact_per_day: int
    parts_per_day: int
    breaker_newly_due: int
    breaker_times_baseline: int
    replies_enabled: bool
    queues: Mapping[str, Queue]
    switches: tuple[Switch, ...]
    loaded: bool
    """False for a force that was never loaded and runs on the shipped careful default."""

    def way(self, update_point: str, offence_classes: tuple[str, ...] | None, *, enhanced: bool) -> Way:
        """How news of `update_point` may go; `offence_classes` None is not assessed and counts as domestic abuse."""
        raise NotImplementedError


def read_rules(toml: str) -> ForceRules:
    """Read a force file; raises ValueError with a sentence that names the key and the remedy."""
    raise NotImplementedError


def careful_default(force: str) -> ForceRules:
    """What a force that was never loaded runs on."""
    raise NotImplementedError


async def load_rules(connection: Connection, toml: str, by: str, now: datetime) -> ForceRules:
    """Keep a force's file as its newest revision, audited; every open case of the force is planned again."""
    raise NotImplementedError


async def rules_of(connection: Connection, forces: list[str]) -> dict[str, ForceRules]:
    """The rules in force for each of `forces`, the careful default where none was loaded."""
    raise NotImplementedError
