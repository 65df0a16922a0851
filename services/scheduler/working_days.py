"""Working days of England and Wales: Monday to Friday but for bank holidays, from a list with a horizon. Pure.

Event day is day 0 whatever its hour; day 1 is the next working day (victims' code note on counting; CPS counts sentence
referrals the same way). A deadline is the end of the day in Europe/London and never rolls back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


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

    def is_working(self, day: date) -> bool:
        """Whether `day` is a working day; raises BeyondHolidayList outside the list."""
        raise NotImplementedError

    def after(self, day: date, days: int) -> Count:
        """Working day `days` after `day` (day 0); raises BeyondHolidayList."""
        raise NotImplementedError

    def on_or_before(self, day: date) -> date:
        """`day` if it is a working day, else the last one before it (cadence and reminders roll back)."""
        raise NotImplementedError


def local_date(at: datetime) -> date:
    """The date of an instant in Europe/London."""
    raise NotImplementedError


def end_of(day: date) -> datetime:
    """23:59:59 of `day` in Europe/London, as UTC."""
    raise NotImplementedError


def england_and_wales() -> WorkingDays:
    """The calendar that ships with the project."""
    raise NotImplementedError
