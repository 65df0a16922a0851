"""A force's own rules: hours, senders, cadence, queues, switches. Data of the force, kept with history, never environment."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, Final, Literal

from services.ledger import contact_hours
from services.ledger.connection import Connection
from services.ledger.contact_hours import Window
from services.ledger.force_file import ForceFile, QueueFile, SwitchFile, careful_file, read_file
from services.ledger.journal import Journal

Way = Literal["automated", "prompt", "person"]

_STRICTER: Final[Mapping[Way, int]] = {"automated": 0, "prompt": 1, "person": 2}
_NOT_ASSESSED: Final = ("domestic_abuse",)


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
    """How news of some update points (globs) goes, for some offence classes and kinds of people.

    No offence classes means all of them.
    """

    update_points: tuple[str, ...]
    offence_classes: tuple[str, ...]
    people: Literal["standard", "enhanced", "any"]
    way: Way

    def fits(self, update_point: str, offence_class: str, *, enhanced: bool) -> bool:
        """Whether this switch speaks of that update point, class and person."""
        return (
            (not self.offence_classes or offence_class in self.offence_classes)
            and self.people in ("any", "enhanced" if enhanced else "standard")
            and any(fnmatchcase(update_point, glob) for glob in self.update_points)
        )


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
    """The shipped careful ones, then the force's own."""
    loaded: bool
    """False for a force that was never loaded and runs on the shipped careful default."""

    def way(self, update_point: str, offence_classes: tuple[str, ...] | None, *, enhanced: bool) -> Way:
        """How news of `update_point` may go; `offence_classes` None is not assessed and counts as domestic abuse.

        For each class the last switch that fits decides, and where none does a person tells it; of the classes the strictest
        wins, so that loosening one class never loosens a case that is also of another. No classes at all is no assessment.
        """
        classes = offence_classes or _NOT_ASSESSED
        return max((self._way(update_point, each, enhanced) for each in classes), key=_STRICTER.__getitem__)

    def _way(self, update_point: str, offence_class: str, enhanced: bool) -> Way:
        for switch in reversed(self.switches):
            if switch.fits(update_point, offence_class, enhanced=enhanced):
                return switch.way
        return "person"


def read_rules(toml: str) -> ForceRules:
    """Read a force file; raises ValueError with a sentence that names the key and the remedy."""
    return _rules(read_file(toml), loaded=True)


@lru_cache(maxsize=256)
def careful_default(force: str) -> ForceRules:
    """What a force that was never loaded runs on."""
    return replace(_rules(careful_file(), loaded=False), force=force)


def acknowledge_by(queue: Queue, now: datetime) -> datetime:
    """By when somebody on `queue` must have taken a hold that reaches it at `now`: its minutes, counted while it is staffed."""
    length = timedelta(minutes=queue.acknowledge_minutes)
    if queue.staffed is None:
        return now + length
    by = contact_hours.open_time_after(now, queue.staffed, length)
    if by is None:
        raise ValueError(f"queue {queue.name} is never staffed")
    return by


async def load_rules(connection: Connection, toml: str, by: str, now: datetime) -> ForceRules:
    """Keep a force's file as its newest revision, audited; every case of the force is planned again.

    One transaction of its own (a savepoint inside another), which ends with the audit; raises ValueError as `read_rules` does.
    """
    rules = read_rules(toml)
    journal = Journal("people", by, now)
    async with connection.transaction():
        # Two loads at once take their turn: a revision is a place in a history, never a race.
        await connection.execute(
            "select pg_advisory_xact_lock(hashtext('kept force rules'), hashtext($1))", rules.force
        )
        revision = await connection.fetchval(
            "insert into force_rules (force, revision, toml, loaded_at, loaded_by)"
            " select $1, coalesce(max(revision), 0) + 1, $2, $3, $4 from force_rules where force = $1 returning revision",
            rules.force,
            toml,
            now,
            by,
        )
        await connection.execute(
            "insert into replan (force, case_id, why)"
            " select force, case_id, 'force_rules' from case_file where force = $1 order by case_id",
            rules.force,
        )
        digest = hashlib.sha256(toml.encode()).hexdigest()
        journal.note("force.loaded", rules.force, rules.force, {"revision": revision, "sha256": digest})
        journal.wake("kept_replan")
        await journal.write(connection)
    return rules


async def rules_of(connection: Connection, forces: list[str]) -> dict[str, ForceRules]:
    """The rules in force for each of `forces`, the careful default where none was loaded."""
    rows = await connection.fetch(
        "select distinct on (force) force, toml from force_rules where force = any($1::text[]) order by force, revision desc",
        forces,
    )
    loaded = {row["force"]: _read_again(row["toml"]) for row in rows}
    return {force: loaded.get(force) or careful_default(force) for force in forces}


@lru_cache(maxsize=256)
def _read_again(toml: str) -> ForceRules:
    return read_rules(toml)


def _rules(file: ForceFile, *, loaded: bool) -> ForceRules:
    queues = {name: _queue(name, row) for name, row in file.queues.items()}
    for name in queues:
        _check_rota(name, queues)
    return ForceRules(
        force=file.force,
        name=file.name,
        live_from=file.live_from and file.live_from.astimezone(UTC),
        senders=Senders(file.senders.plain, file.senders.cover, file.senders.email, file.senders.telephone),
        send_hours=_send_hours(file.hours.send),
        cadence_days=file.cadence.days,
        reminder_days=tuple(sorted(set(file.reminders.days), reverse=True)),
        contact_per_day=file.caps.contact_per_day,
        parts_per_day=file.caps.parts_per_day,
        breaker_newly_due=file.breaker.newly_due,
        breaker_times_baseline=file.breaker.times_baseline,
        replies_enabled=file.replies.enabled,
        queues=queues,
        switches=tuple(_switch(row) for row in file.switch),
        loaded=loaded,
    )


def _queue(name: str, row: QueueFile) -> Queue:
    staffed = None if row.staffed == "always" else _windows(f"queues.{name}.staffed", row.staffed)
    return Queue(name, staffed, row.acknowledge_minutes, row.next)


def _send_hours(rows: list[dict[str, Any]]) -> tuple[Window, ...]:
    windows = _windows("hours.send", rows)
    if not any(window.days for window in windows):
        raise ValueError(
            "hours.send: no day is named, so nothing would ever be sent: stop a force with a brake instead"
        )
    return windows


def _switch(row: SwitchFile) -> Switch:
    return Switch(tuple(row.update_points), tuple(row.offence_classes or ()), row.people, row.way)


def _windows(key: str, rows: list[dict[str, Any]]) -> tuple[Window, ...]:
    try:
        return contact_hours.windows_from(rows)
    except ValueError as error:
        raise ValueError(f"{key}{error}") from None


def _check_rota(start: str, queues: Mapping[str, Queue]) -> None:
    """Refuse a chain of queues that does not end at a desk staffed day and night, and name the first gap (PR19)."""
    path = [start]
    while (after := queues[path[-1]].next) is not None:
        if after not in queues:
            raise ValueError(f"queues.{path[-1]}.next: there is no queue called {after}")
        if after in path:
            raise ValueError(
                f"queues.{path[-1]}.next: {after} comes round again: end the chain at a queue staffed always"
            )
        path.append(after)
    last = queues[path[-1]]
    gap = None if last.staffed is None else contact_hours.first_gap(last.staffed)
    if gap is not None:
        raise ValueError(
            f"queues.{last.name}.staffed: nobody is there {gap}, and no queue comes next:"
            ' give `next`, or `staffed = "always"`'
        )
