"""Working days of England and Wales: Monday to Friday but for bank holidays, from a list with a horizon. Pure.

Event day is day 0 whatever its hour; day 1 is the next working day (victims' code note on counting; CPS counts sentence
referrals the same way). A deadline is the end of the day in Europe/London and never rolls back.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")
WARN_DAYS: Final = 90
"""How long before the list runs out somebody is told, so that nobody meets a deadline that cannot be counted."""

_SHIPPED: Final = Path(__file__).parent / "data" / "bank_holidays.toml"
_LAST_SECOND: Final = time(23, 59, 59)


class BeyondHolidayList(ValueError):
    """Raised when a count would leave the list of bank holidays: no date is better than a wrong one."""


@dataclass(frozen=True, slots=True)
class Count:
    """A deadline and the working days that were counted to reach it."""

    due_on: date
    counted: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The calendar: holidays and the last day that the list covers."""

    holidays: frozenset[date]
    first: date
    last: date
    version: str
    _working: tuple[date, ...] = field(init=False, repr=False, compare=False)
    _up_to: tuple[int, ...] = field(init=False, repr=False, compare=False)
    """How many working days there are up to and including each day of the list: counting is then one look and one slice."""

    def __post_init__(self) -> None:
        """Lay the list out day by day; raises ValueError where it does not cover itself."""
        if self.last < self.first:
            raise ValueError("the list of bank holidays ends before it begins")
        if any(not self.first <= day <= self.last for day in self.holidays):
            raise ValueError("a bank holiday lies outside the days that its list says it covers")
        working: list[date] = []
        up_to: list[int] = []
        for step in range((self.last - self.first).days + 1):
            day = self.first + timedelta(step)
            if day.weekday() < 5 and day not in self.holidays:
                working.append(day)
            up_to.append(len(working))
        object.__setattr__(self, "_working", tuple(working))
        object.__setattr__(self, "_up_to", tuple(up_to))

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the days that it covers and those that are holidays: another digest counts otherwise."""
        days = (self.first, self.last, *sorted(self.holidays))
        return hashlib.sha256(" ".join(map(date.isoformat, days)).encode()).hexdigest()

    def is_working(self, day: date) -> bool:
        """Whether `day` is a working day; raises BeyondHolidayList outside the list."""
        self._position(day)
        return day.weekday() < 5 and day not in self.holidays

    def after(self, day: date, days: int) -> Count:
        """Working day `days` after `day` (day 0); raises BeyondHolidayList."""
        if days < 0:
            raise ValueError("a limit is counted forwards: give 0 or more working days")
        if days == 0:
            return Count(day, ())
        start = self._up_to[self._position(day)]
        counted = self._working[start : start + days]
        if len(counted) < days:
            raise BeyondHolidayList(self._beyond())
        return Count(counted[-1], counted)

    def between(self, day: date, other: date) -> int:
        """How many working days come after `day` up to `other` (0 where that is not later): the inverse of `after`."""
        return max(0, self._up_to[self._position(other)] - self._up_to[self._position(day)])

    def on_or_before(self, day: date) -> date:
        """`day` if it is a working day, else the last one before it (cadence and reminders roll back)."""
        count = self._up_to[self._position(day)]
        if count == 0:
            raise BeyondHolidayList(self._beyond())
        return self._working[count - 1]

    def runs_out_soon(self, today: date) -> bool:
        """Whether the list ends within `WARN_DAYS` days, so that somebody must be told to extend it."""
        return (self.last - today).days <= WARN_DAYS

    def _position(self, day: date) -> int:
        if not self.first <= day <= self.last:
            raise BeyondHolidayList(self._beyond())
        return (day - self.first).days

    def _beyond(self) -> str:
        return f"the list of bank holidays covers {self.first} to {self.last}: extend it before counting outside it"


@lru_cache(maxsize=8192)
def local_date(at: datetime) -> date:
    """The date of an instant in Europe/London."""
    _aware(at)
    return at.astimezone(LONDON).date()


@lru_cache(maxsize=4096)
def end_of(day: date) -> datetime:
    """23:59:59 of `day` in Europe/London, as UTC."""
    return datetime.combine(day, _LAST_SECOND, LONDON).astimezone(UTC)


@lru_cache(maxsize=1)
def england_and_wales() -> WorkingDays:
    """The calendar that ships with the project."""
    with _SHIPPED.open("rb") as file:
        shipped = tomllib.load(file)
    days = frozenset(date.fromisoformat(day) for day in shipped["days"])
    return WorkingDays(days, shipped["first"], shipped["last"], shipped["version"])


def _aware(at: datetime) -> None:
    if at.tzinfo is None:
        raise ValueError("give an aware instant: a time without an offset has no date in Europe/London")
