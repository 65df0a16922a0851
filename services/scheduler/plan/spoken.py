"""Days, instants and spans of time as people say them, for the sentences that explain a date. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

from services.scheduler.working_days import LONDON


@lru_cache(maxsize=4096)
def on_day(day: date) -> str:
    """Such as Mon 9 Mar 2026."""
    return f"{day:%a} {day.day} {day:%b %Y}"


@lru_cache(maxsize=4096)
def hours_on(at: datetime) -> str:
    """Such as Mon 9 Mar 2026 10:15, in London."""
    local = at.astimezone(LONDON)
    return f"{on_day(local.date())} {local:%H:%M}"


def span(length: timedelta) -> str:
    """Such as 3 days 1 hour: the two largest units; under a minute is no time."""
    minutes = int(length.total_seconds()) // 60
    parts = ((minutes // 1440, "day"), (minutes // 60 % 24, "hour"), (minutes % 60, "minute"))
    said = [f"{count} {unit}" if count == 1 else f"{count} {unit}s" for count, unit in parts if count]
    return " ".join(said[:2]) or "no time"
