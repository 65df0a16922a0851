"""Dates and times as people in England and Wales write them, in Europe/London; never the machine's own locale."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def local(instant: str) -> datetime | None:
    """An RFC 3339 instant as London local time; None if it is not one or says no offset."""
    try:
        parsed = datetime.fromisoformat(instant)
    except ValueError:
        return None
    return None if parsed.tzinfo is None else parsed.astimezone(LONDON)


def day(value: str) -> date | None:
    """An ISO date; None if it is not one."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def short_date(on: date) -> str:
    """`9 Mar`."""
    return f"{on.day} {_MONTHS[on.month - 1][:3]}"


def short_day(on: date, year_of: date | None = None) -> str:
    """`Tue 14 Apr`; with the year where it is another one than `year_of`."""
    text = f"{_DAYS[on.weekday()][:3]} {on.day} {_MONTHS[on.month - 1][:3]}"
    return text if year_of is None or year_of.year == on.year else f"{text} {on.year}"


def long_day(on: date) -> str:
    """`Tuesday 14 April 2026`."""
    return f"{_DAYS[on.weekday()]} {on.day} {_MONTHS[on.month - 1]} {on.year}"


def clock_time(at: datetime | time) -> str:
    """`9.30am`, `2pm`, `12 noon`, `midnight`."""
    if at.minute == 0 and at.hour in {0, 12}:
        return "12 noon" if at.hour else "midnight"
    minutes = f".{at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{'am' if at.hour < 12 else 'pm'}"


def clock_span(first: datetime | time, last: datetime | time) -> str:
    """`9.30am to 12 noon`, `8am to midnight`."""
    return f"{clock_time(first)} to {clock_time(last)}"


def short_window(first: date, last: date, year_of: date | None = None) -> str:
    """`between Mon 4 May and Fri 15 May`; `on Mon 4 May` where both are one."""
    if first == last:
        return f"on {short_day(first, year_of)}"
    return f"between {short_day(first, year_of)} and {short_day(last, year_of)}"


def long_window(first: date, last: date) -> str:
    """`between Monday 4 May 2026 and Friday 15 May 2026`."""
    return f"on {long_day(first)}" if first == last else f"between {long_day(first)} and {long_day(last)}"
