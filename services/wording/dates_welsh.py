"""Dates and times as people write them in Welsh: `Maw 14 Ebr, 9.30yb`, `ddydd Mawrth 14 Ebrill 2026 am 9.30yb`."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Final

_DAYS: Final = ("Llun", "Mawrth", "Mercher", "Iau", "Gwener", "Sadwrn", "Sul")
_SHORT_DAYS: Final = ("Llun", "Maw", "Mer", "Iau", "Gwe", "Sad", "Sul")
_MONTHS: Final = (
    "Ionawr", "Chwefror", "Mawrth", "Ebrill", "Mai", "Mehefin",
    "Gorffennaf", "Awst", "Medi", "Hydref", "Tachwedd", "Rhagfyr",
)  # fmt: skip
_SHORT_MONTHS: Final = ("Ion", "Chwe", "Maw", "Ebr", "Mai", "Meh", "Gor", "Awst", "Medi", "Hyd", "Tach", "Rhag")
_EVENING: Final = 18
"""From here on `yh` (yr hwyr), before it `yp` (y prynhawn)."""
_CLOCK: Final = r"(1[0-2]|[1-9])(?:[.:]([0-5][0-9]))?(am|pm)"
_HOURS: Final = re.compile(rf"{_CLOCK} to {_CLOCK}")


def short_date(on: date) -> str:
    """`9 Maw`."""
    return f"{on.day} {_SHORT_MONTHS[on.month - 1]}"


def short_day(on: date, year_of: date | None = None) -> str:
    """`Maw 14 Ebr`; with the year where it is another one than `year_of`. After `ddydd` it stands in a sentence."""
    text = f"{_SHORT_DAYS[on.weekday()]} {short_date(on)}"
    return text if year_of is None or year_of.year == on.year else f"{text} {on.year}"


def long_day(on: date) -> str:
    """`ddydd Mawrth 14 Ebrill 2026`: on that day, as an adverb, with its soft mutation."""
    return f"d{_base(on)}"


def headed_day(on: date) -> str:
    """`Dydd Mawrth 14 Ebrill 2026`: at the head of a letter."""
    return f"D{_base(on)[1:]}"


def clock_time(at: datetime | time) -> str:
    """`9.30yb`, `2yp`, `8yh`, `hanner dydd`, `hanner nos`."""
    if at.minute == 0 and at.hour in {0, 12}:
        return "hanner dydd" if at.hour else "hanner nos"
    minutes = f".{at.minute:02}" if at.minute else ""
    part = "yb" if at.hour < 12 else "yp" if at.hour < _EVENING else "yh"
    return f"{at.hour % 12 or 12}{minutes}{part}"


def short_window(first: date, last: date, year_of: date | None = None) -> str:
    """`rhwng Llun 4 Mai a Gwe 15 Mai`; `ddydd Llun 4 Mai` where both are one."""
    if first == last:
        return f"ddydd {short_day(first, year_of)}"
    and_ = "ac" if _SHORT_DAYS[last.weekday()] == "Iau" else "a"
    return f"rhwng {short_day(first, year_of)} {and_} {short_day(last, year_of)}"


def long_window(first: date, last: date) -> str:
    """`rhwng dydd Llun 4 Mai 2026 a dydd Gwener 15 Mai 2026`."""
    return long_day(first) if first == last else f"rhwng {_base(first)} a {_base(last)}"


def said_hours(hours: str) -> str | None:
    """`8yb i 8yh` for `8am to 8pm`; None for what is said in another way, which a Welsh text then leaves out."""
    found = _HOURS.fullmatch(hours)
    if found is None:
        return None
    first, last = (clock_time(_time(*found.groups()[start : start + 3])) for start in (0, 3))
    return f"{first} i {last}"


def _base(on: date) -> str:
    return f"dydd {_DAYS[on.weekday()]} {on.day} {_MONTHS[on.month - 1]} {on.year}"


def _time(hour: str, minute: str | None, half: str) -> time:
    return time(int(hour) % 12 + (12 if half == "pm" else 0), int(minute or 0))
