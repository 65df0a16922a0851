"""Bail and orders that come to their end with no word: the officer is asked at once (PR03). Pure.

Police bail ends on the day on which the suspect is to return, or on the last day of its conditions; an order on its own last day.
Nothing is owed while the day lasts. When it has passed and no event says what became of it, the protection may be gone, and a
person finds out before anybody is told anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from schemas.editions.model import UpdatePoint
from services.ledger.effective import Effective
from services.scheduler.plan.case import Case
from services.scheduler.plan.facts import CaseFile
from services.scheduler.plan.owed import Owed, start_of
from services.scheduler.plan.recipients import recipients
from services.scheduler.plan.timing import Timing
from services.scheduler.plan.types import Reason
from services.scheduler.working_days import BeyondHolidayList, WorkingDays, end_of

TARGET: Final = timedelta(hours=2)
"""The force's own target for what bears on safety (victims-code 2.6), from the moment at which the protection may be gone."""

_RELEASED: Final = "suspect.released"
_CONDITIONS: Final = "police_bail.conditions_changed"
_ENDS_BAIL: Final = frozenset(
    {
        "suspect.arrested",
        "suspect.charged",
        "requisition.issued",
        "police_bail.cancelled",
        "custody.changed",
        "decision.police_nfa",
        "decision.cps_no_charge",
        "disposal.out_of_court.given",
    }
)


@dataclass(frozen=True, slots=True)
class End:
    """A protection that ends on `on`. `item` is the last event that says what it is: whom it protects, on what conditions."""

    item: Effective
    on: date

    @property
    def at(self) -> datetime:
        """The first instant after it."""
        return start_of(self.on + timedelta(days=1))


def ends(file: CaseFile) -> tuple[End, ...]:
    """Every end of police bail or of an order that stands, by what was said last of each."""
    return (*_of_bail(file.events).values(), *_of_orders(file))


def lapses(case: Case, points: Sequence[UpdatePoint]) -> Iterator[Owed | datetime]:
    """What is owed for the ends that have passed; for those to come, the instant at which to look again."""
    known = case.known
    live_from = known.rules.live_from
    for end in ends(case.file):
        if live_from is not None and end.at < live_from:
            continue
        if known.now < end.at:
            yield end.at
            continue
        timing = _timing(end, case.calendar)
        for point in points:
            if all(trigger.event != end.item.type for trigger in point.triggers):
                continue
            for recipient in recipients(point, end.item, case.file, known.people, known.force, case.today):
                yield Owed(end.item, point, recipient, f"lapse:{end.on.isoformat()}", timing)


def _timing(end: End, calendar: WorkingDays) -> Timing:
    try:
        due_on: date | None = calendar.after(end.on, 1).due_on
    except BeyondHolidayList:
        due_on = None
    return Timing(
        clock_start=end.at,
        due_at=None if due_on is None else end_of(due_on),
        due_on=due_on,
        send_not_before=end.at,
        target_at=end.at + TARGET,
        reason=Reason("due_lapse", "1 working day from the day that passed, and two hours by the force's own target"),
        facts={"lapsed_on": end.on.isoformat()},
        holds=("lapsed",),
        told_from=end.at,
    )


def _of_bail(events: Iterable[Effective]) -> Mapping[str, End]:
    """By suspect: the end of the bail that stands. A change that is silent on the end leaves it as it was."""
    found: dict[str, End] = {}
    for item in events:
        if item.withdrawn:
            continue
        data = item.data
        if item.type == _RELEASED:
            found.pop(data.suspect, None)
            if data.return_on is not None and data.mode in {"bail", None}:
                found[data.suspect] = End(item, data.return_on)
        elif item.type == _CONDITIONS:
            on = data.ends_on if data.ends_on is not None or data.suspect not in found else found[data.suspect].on
            if on is not None:
                found[data.suspect] = End(item, on)
        elif item.type in _ENDS_BAIL:
            found.pop(data.suspect, None)
        elif item.type == "investigation.closed":
            found.clear()
    return found


def _of_orders(file: CaseFile) -> Iterator[End]:
    """The end of every order that stands."""
    for chain, items in file.chains.items():
        if chain[0] != "order":
            continue
        end: End | None = None
        for item in items:
            if item.type == "protective_order.ended":
                end = None
            elif item.data.ends_on is not None:
                end = End(item, item.data.ends_on)
            elif end is not None:
                end = End(item, end.on)
        if end is not None:
            yield end
