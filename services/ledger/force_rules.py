"""A force's own rules: hours, senders, cadence, queues, switches, feeds. Data of the force, never environment.

`services.ledger.force_history` keeps them; `services.ledger.loosening` says what a change of them needs two people for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

from services.ledger import contact_hours
from services.ledger.contact_hours import Window
from services.ledger.force_file import EditionsBy, FeedsFile, ForceFile, QueueFile, SwitchFile, careful_file, read_file

if TYPE_CHECKING:
    from services.ledger.connection import Connection  # what reads rules from a file needs no database

Way = Literal["automated", "prompt", "person"]

_STRICTER: Final[Mapping[Way, int]] = {"automated": 0, "prompt": 1, "person": 2}
_NOT_ASSESSED: Final = ("domestic_abuse",)
_SAFETY_BY_PERSON: Final = frozenset({"domestic_abuse", "sexual", "child", "hate", "homicide"})
"""In a case of one of these only a person tells what bears on safety, whatever the force agreed to (PR03)."""


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
class Feed:
    """How often a source is heard (case time), and how soon after it knows something it says so."""

    silent: timedelta = timedelta(hours=24)
    lag: timedelta = timedelta(minutes=120)
    hours: tuple[Window, ...] | None = None
    """When it can be expected to speak; None is always."""

    def silent_at(self, heard_at: datetime) -> datetime | None:
        """From when its silence is too long, if nothing comes after `heard_at`."""
        if self.hours is None:
            return heard_at + self.silent
        return contact_hours.open_time_after(heard_at, self.hours, self.silent)


@dataclass(frozen=True, slots=True)
class Switch:
    """How news of some update points (globs) goes, for some offence classes and kinds of people.

    No offence classes means all of them. `off` is for a rule that nobody has verified: nobody is asked to tell it (PR04).
    """

    update_points: tuple[str, ...]
    offence_classes: tuple[str, ...]
    people: Literal["standard", "enhanced", "any"]
    way: Literal[Way, "off"]
    own: bool = True
    """The force's own, not one of the shipped careful ones."""

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
    edition_by: EditionsBy = "event_date"
    """Which date chooses the edition: the event's own, or that of the report of the crime."""
    settle_minutes: int = 45
    """How long a moved hearing settles before anybody is told (PR09)."""
    reminder_control_share: float = 0.0
    """Share of people who get no reminders, chosen at random, in a force's own trial; 0 is no trial."""
    cadence_enhanced_days: int | None = None
    """Days between two contacts for people with Enhanced Rights; None is as for everybody."""
    feed_silent_hours: int = 24
    feed_lag_minutes: int = 120
    feeds: Mapping[str, Feed] = field(default_factory=dict)
    """Sources whose rhythm is their own, by their name in events; `feed` gives every source's."""
    _decided: dict[tuple[str, str, bool], Switch | None] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    """By update point, class and whether enhanced: a few hundred, asked for each update of each plan."""

    def feed(self, source: str) -> Feed:
        """The rhythm that is expected of a source (PR23)."""
        return self.feeds.get(source) or _usual_feed(self.feed_silent_hours, self.feed_lag_minutes)

    def way(self, update_point: str, offence_classes: tuple[str, ...] | None, *, enhanced: bool) -> Way:
        """How news of `update_point` may go; `offence_classes` None is not assessed and counts as domestic abuse.

        For each class the last switch that fits decides, and where none does a person tells it; of the classes the strictest
        wins, so that loosening one class never loosens a case that is also of another. No classes at all is no assessment.
        """
        classes = offence_classes or _NOT_ASSESSED
        return max((self._way(update_point, each, enhanced) for each in classes), key=_STRICTER.__getitem__)

    def is_off(self, update_point: str, offence_classes: tuple[str, ...] | None, *, enhanced: bool) -> bool:
        """Whether the force has switched an unverified rule off by its name, for every class of the case (PR04)."""
        decided = (self._decides(update_point, each, enhanced) for each in offence_classes or _NOT_ASSESSED)
        return all(switch is not None and switch.way == "off" for switch in decided)

    def tells_safety(self, update_point: str, offence_classes: tuple[str, ...] | None, *, enhanced: bool) -> bool:
        """Whether the force agreed that a machine may tell news that bears on safety (PR03).

        Only by a switch of its own that names the classes and is for standard people, and never in a case of a grave class.
        """
        if enhanced or not offence_classes or not _SAFETY_BY_PERSON.isdisjoint(offence_classes):
            return False
        decided = (self._decides(update_point, each, enhanced) for each in offence_classes)
        return all(
            switch is not None
            and switch.own
            and switch.way == "automated"
            and switch.people == "standard"
            and bool(switch.offence_classes)
            for switch in decided
        )

    def _way(self, update_point: str, offence_class: str, enhanced: bool) -> Way:
        switch = self._decides(update_point, offence_class, enhanced)
        return "person" if switch is None or switch.way == "off" else switch.way

    def _decides(self, update_point: str, offence_class: str, enhanced: bool) -> Switch | None:
        """The last switch that fits."""
        asked = update_point, offence_class, enhanced
        if asked not in self._decided:
            fits = (
                each for each in reversed(self.switches) if each.fits(update_point, offence_class, enhanced=enhanced)
            )
            self._decided[asked] = next(fits, None)
        return self._decided[asked]


@lru_cache(maxsize=256)
def _usual_feed(silent_hours: int, lag_minutes: int) -> Feed:
    return Feed(timedelta(hours=silent_hours), timedelta(minutes=lag_minutes))


def read_rules(toml: str) -> ForceRules:
    """Read a force file; raises ValueError with a sentence that names the key and the remedy."""
    return _rules(read_file(toml), loaded=True)


@lru_cache(maxsize=256)
def careful_default(force: str) -> ForceRules:
    """What a force that was never loaded runs on."""
    return replace(_rules(careful_file(), loaded=False), force=force)


def queue_after(rules: ForceRules, queue: str, stored: str | None) -> Queue | None:
    """Where a hold goes that nobody on `queue` took (PR19); None at the end of the chain.

    `stored` is where it was to go when it came, for a queue that the force has since removed.
    """
    here = rules.queues.get(queue)
    if here is not None:
        return None if here.next is None else rules.queues[here.next]
    always = (each for each in rules.queues.values() if each.staffed is None)
    return rules.queues.get(stored or "") or next(always, None)


def acknowledge_by(queue: Queue, now: datetime) -> datetime:
    """By when somebody on `queue` must have taken a hold that reaches it at `now`: its minutes, counted while it is staffed."""
    length = timedelta(minutes=queue.acknowledge_minutes)
    if queue.staffed is None:
        return now + length
    by = contact_hours.open_time_after(now, queue.staffed, length)
    if by is None:
        raise ValueError(f"queue {queue.name} is never staffed")
    return by


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
    careful = 0 if not loaded else len(careful_file().switch)
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
        switches=tuple(_switch(row, own=loaded and place >= careful) for place, row in enumerate(file.switch)),
        loaded=loaded,
        edition_by=file.editions.by,
        settle_minutes=file.moves.settle_minutes,
        reminder_control_share=file.reminders.control_share,
        cadence_enhanced_days=file.cadence.enhanced_days,
        feed_silent_hours=file.feeds.silent_hours,
        feed_lag_minutes=file.feeds.lag_minutes,
        feeds=_feeds(file.feeds),
    )


def _feeds(file: FeedsFile) -> dict[str, Feed]:
    return {
        source: Feed(
            timedelta(hours=own.silent_hours or file.silent_hours),
            timedelta(minutes=own.lag_minutes or file.lag_minutes),
            None if own.hours is None else _windows(f"feeds.source.{source}.hours", own.hours),
        )
        for source, own in file.source.items()
    }


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


def _switch(row: SwitchFile, *, own: bool) -> Switch:
    return Switch(tuple(row.update_points), tuple(row.offence_classes or ()), row.people, row.way, own)


def _windows(key: str, rows: list[dict[str, Any]]) -> tuple[Window, ...]:
    try:
        return contact_hours.windows_from(rows)
    except ValueError as error:
        raise ValueError(f"{key}{error}") from None


def _check_rota(start: str, queues: Mapping[str, Queue]) -> None:
    """Refuse a chain of queues that does not end at a desk staffed day and night, and name the first gap (PR19)."""
    path = [start]
    first = queues[start]
    if first.staffed is not None and not any(window.days for window in first.staffed):
        raise ValueError(f"queues.{start}.staffed: nobody is there at any time: name a day, or remove the queue")
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
